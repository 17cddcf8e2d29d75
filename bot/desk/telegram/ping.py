"""The call to the staff in their group: how urgent, how long somebody waits, a reference and a link. No name, no
complaint, no word of the patient."""

from datetime import datetime
from typing import Final

from bot.conversations import Conversations
from bot.desk.board import reference
from bot.desk.card import level_of
from bot.desk.telegram.words import clock, level_told, wait_told
from bot.dialogue.conversation import Conversation
from bot.dialogue.script import Script
from bot.dialogue.wording import paragraphs, say
from bot.store.records import Address, Commit, Committed, DueTimer, Line
from bot.store.store import BrokenState, Store

CHANNEL: Final = "staff"
"""The channel by which calls go out. Its conversations are the house's own: one for each patient's conversation, so
that calls to one keep their order and hold up no other."""

EVERYBODY: Final = 2
"""From this stage on, everybody and the head are called."""


def address_of(conversation: str) -> Address:
    """Where the calls to a conversation are kept until they are out."""
    return Address(channel=CHANNEL, id=conversation)


def is_called_for(conversation: Conversation) -> bool:
    """Whether anybody still has to come."""
    return conversation.mode == "waiting" or conversation.alarm


def text_of(id: str, conversation: Conversation, link: str, at: datetime, script: Script) -> str:
    """The call, in the content's markup."""
    handoff = conversation.handoff
    level, stage = level_told(script, level_of(conversation, script)), handoff.stage if handoff else 0
    waits = ""
    if handoff is not None and conversation.mode == "waiting":
        since = handoff.since
        waits = say(script, "group_waits", wait=wait_told(script, at - since), since=clock(script, since))
    marks = [
        say(script, "group_everybody") if stage >= EVERYBODY else "",
        say(script, "group_again", count=str(stage)) if 0 < stage < EVERYBODY else "",
        say(script, "group_alarm") if conversation.alarm else "",
    ]
    facts = say(script, "group_call", level=level, reference=reference(id))
    return paragraphs("\n".join(filter(None, marks)), "\n".join(filter(None, [facts, waits])), link)


async def call(conversations: Conversations, timer: DueTimer, link: str, now: datetime) -> None:
    """Put the call into the outbox, once for each timer: when this returns it will be sent, whoever dies."""
    store = conversations.store
    try:
        conversation = (await store.load(timer.address)).conversation
    except BrokenState:
        return
    if not is_called_for(conversation):
        return
    text = text_of(timer.conversation, conversation, link, now, conversations.content.script)
    await _put(store, timer, Line(who="bot", text=text, at=now))
    conversations.kick(store.id_of(address_of(timer.conversation)))


async def _put(store: Store, timer: DueTimer, line: Line) -> None:
    address = address_of(timer.conversation)
    id = f"call:{timer.due.timestamp():.3f}"
    while True:
        try:
            version = (await store.load(address)).version
        except BrokenState as broken:
            version = broken.anew.version
        house = Conversation(channel=CHANNEL)
        written = await store.commit(Commit(address, version, id, line.at, house, [line], push=True, aside=True))
        if isinstance(written, Committed) or written == "seen":
            return
