"""``tanyakaki chat``: a conversation in the terminal. Options are chosen by number or by word."""

import re
import sys
import uuid
from collections.abc import Callable
from datetime import datetime
from typing import TextIO

from bot.conversations import Conversations, Inbound
from bot.dialogue.conversation import Reply
from bot.store.records import Address

BOLD, DIM, GREEN, RED, OFF = "\x1b[1m", "\x1b[2m", "\x1b[32m", "\x1b[31m", "\x1b[0m"


async def talk(conversations: Conversations, say: TextIO = sys.stdout, ask: Callable[[str], str] = input) -> None:
    """Talk until the end of input."""
    colours = say.isatty()
    address = Address(channel="terminal", id=uuid.uuid4().hex)
    while True:
        try:
            text = ask(_paint("> ", GREEN, colours))
        except (EOFError, KeyboardInterrupt):
            print(file=say)
            return
        inbound = Inbound(uuid.uuid4().hex, address, datetime.now().astimezone(), text=text)
        received = await conversations.receive(inbound)
        for reply in received.replies:
            print(render(reply, colours), end="\n\n", file=say)


def render(reply: Reply, colours: bool) -> str:
    """A reply for the terminal: markup as colours, options as a numbered list."""
    text = markup(reply.text, colours)
    head = _paint(text, RED, colours) if reply.emergency else text
    marks = [f"{number}." if reply.numbered else "-" for number in range(1, len(reply.options) + 1)]
    shown = [f"  {_paint(mark, BOLD, colours)} {o.label}" for mark, o in zip(marks, reply.options, strict=True)]
    hint = _paint(markup(reply.hint, colours), DIM, colours) if reply.hint and shown else ""
    return "\n".join(filter(None, [head, *shown, hint]))


def markup(text: str, colours: bool) -> str:
    """The content's markup as the terminal shows it."""
    text = re.sub(r"(?<!\w)\*([^*\n]+)\*(?!\w)", rf"{BOLD}\1{OFF}" if colours else r"\1", text)
    return re.sub(r"(?<!\w)_([^_\n]+)_(?!\w)", rf"{DIM}\1{OFF}" if colours else r"\1", text)


def _paint(text: str, colour: str, colours: bool) -> str:
    return f"{colour}{text}{OFF}" if colours else text
