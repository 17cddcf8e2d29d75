"""The lines of a conversation as messages of its topic. Pure."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final

from bot.channels.telegram.rendering import as_html, pieces
from bot.channels.telegram.updates import CHANNEL
from bot.desk.telegram.words import clock, plain, told
from bot.dialogue.script import Script
from bot.dialogue.wording import say
from bot.store.records import Address, Line

ROOM: Final = 3500
"""Characters of one message; Telegram takes 4,096."""

LONGEST_OF_BOT: Final = 280
"""What the bot says is known to the staff by its beginning; the whole stands at the desk."""

OURS: Final = "tg"
"""What begins the ids of lines that were written in a topic: ``tg:THREAD:MESSAGE``."""

CHANGED: Final = re.compile(r"e\d+:\d+")
"""The id of a patient's message that was changed (``updates.correction_of``)."""

HEADS: Final = {"patient": "group_patient", "bot": "group_bot", "staff": "group_staff", "note": "group_note"}
KINDS: Final = ("photo", "voice", "video", "document", "sticker", "location", "contact")


@dataclass(frozen=True, slots=True)
class Shown:
    """One message for the topic: HTML, a message of the patient that is copied, or a file of the line. With it all
    lines up to ``number`` are shown. ``html`` names what can't be copied or sent; ``at`` is when it was said."""

    number: int
    html: str
    copied: int = 0
    file: str = ""
    at: datetime | None = None


def id_of(thread: int, message: int) -> str:
    """The id of a line that was written by a message in a topic."""
    return f"{OURS}:{thread}:{message}"


def message_of(line: Line, thread: int) -> int | None:
    """The message of this topic by which a line was written."""
    mark, _, rest = (line.client_id or "").partition(":")
    there, _, message = rest.partition(":")
    return int(message.partition(":")[0]) if mark == OURS and there == str(thread) else None


def shown(lines: Iterable[tuple[int, Line]], thread: int, address: Address, script: Script) -> Iterator[Shown]:
    """The messages that show ``lines``, as few as they fit into. What was written in this topic stands there."""
    waiting, done = "", 0
    for number, line in lines:
        for html in () if message_of(line, thread) is not None else texts_of(line, address, script):
            if waiting and len(waiting) + len(html) > ROOM:
                yield Shown(done or number - 1, waiting)
                waiting = ""
            waiting = "\n\n".join(filter(None, [waiting, html]))
        if line.attachments and message_of(line, thread) is None:
            yield Shown(done or number - 1, waiting)
            yield from _attached(number, line, address, script)
            waiting = ""
        done = number
    if done:
        yield Shown(done, waiting)


def texts_of(line: Line, address: Address, script: Script) -> list[str]:
    """A line in pieces that fit: who said it and when, and the words."""
    head = told(script, _head(line, address), staff=line.name or "", time=clock(script, line.at))
    if _copied(line, address):
        return [head]  # its words stand under the copy
    said = line.text
    if line.who == "bot" and not line.emergency and len(said) > LONGEST_OF_BOT:
        said = f"{said[:LONGEST_OF_BOT]}…"
    bodies = [as_html(piece) if line.who == "bot" else plain(piece) for piece in pieces(said, ROOM)]
    first, *rest = bodies or [""]
    return ["\n".join(filter(None, [head, first])), *rest]


def _attached(number: int, line: Line, address: Address, script: Script) -> Iterator[Shown]:
    """What a line carries beside words."""
    if copied := _copied(line, address):
        yield Shown(number, "\n".join(map(partial(_named, script), line.attachments)), copied)
        return
    for place, file in enumerate(line.attachments, 1):
        done = number if place == len(line.attachments) else number - 1
        yield Shown(done, _named(script, file), file=file, at=line.at)


def _head(line: Line, address: Address) -> str:
    if line.who == "patient" and address.channel == CHANNEL and CHANGED.fullmatch(line.client_id or ""):
        return "group_edited"
    return HEADS[line.who]


def _copied(line: Line, address: Address) -> int:
    """The patient's message at Telegram that carries more than words; 0 where there is none to copy."""
    if line.who != "patient" or address.channel != CHANNEL or not line.attachments:
        return 0
    number = (line.client_id or "").removeprefix("m").partition(":")[0]
    return int(number) if number.isdecimal() else 0


def _named(script: Script, attachment: str) -> str:
    kind = attachment.partition(":")[0]
    return told(script, "group_file", file=say(script, f"media_{kind if kind in KINDS else 'other'}"))
