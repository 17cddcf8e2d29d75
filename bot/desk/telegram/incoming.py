"""What the staff do in a topic: messages to the patient, notes, corrections, and presses of the card's buttons."""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import blake2s
from typing import Any, Final

from telegram import CallbackQuery, InlineKeyboardMarkup, Message, Update
from telegram.error import TelegramError

from bot.channels.channel import FileAway
from bot.channels.files import FROM_STAFF, kind_of
from bot.channels.telegram.client import FILES
from bot.channels.telegram.files import read
from bot.channels.telegram.updates import CHANNEL, media_of
from bot.conversations import Conversations, Move, NoSuchConversation
from bot.desk.audit import Audit, Entry
from bot.desk.telegram import card
from bot.desk.telegram.forum import Forum, MessageGone, TopicGone
from bot.desk.telegram.people import People
from bot.desk.telegram.showing import id_of
from bot.desk.telegram.words import told
from bot.dialogue import staffing
from bot.dialogue.conversation import Conversation, Turn
from bot.dialogue.script import Script
from bot.dialogue.staffing import NotAllowed, Person
from bot.dialogue.wording import say
from bot.logs import logger_of
from bot.store.media import Full, NotKept, keep, own_name
from bot.store.records import Address, Line
from bot.store.store import BrokenState, StoreAway
from bot.store.topics import Topic, Topics

log = logger_of(__name__)

NOTE: Final = "//"
"""What begins a message that is for the staff alone."""

COMMAND: Final = "/"
"""What begins a message that is for no patient: a command that was meant for some bot."""

Acting = Callable[[Conversation, Script], Turn]


@dataclass(frozen=True, slots=True)
class Place:
    """A topic and the conversation behind it."""

    thread: int
    id: str
    address: Address
    topic: Topic


class Incoming:
    """Takes what happens in the group, for ``conversations``."""

    def __init__(self, conversations: Conversations, forum: Forum, topics: Topics, people: People) -> None:
        self.conversations = conversations
        self.forum = forum
        self.topics = topics
        self.people = people
        self.audit = Audit(conversations.store)
        self._beside: set[asyncio.Task[None]] = set()

    @property
    def script(self) -> Script:
        return self.conversations.content.script

    async def take(self, update: Update, now: datetime) -> None:
        """Have the effect of an update of the group, once. Raises ``StoreAway``."""
        if update.callback_query is not None:
            await self._press(update.callback_query, now)
        elif update.message is not None:
            await self._message(update.message, now)
        elif update.edited_message is not None:
            await self._edit(update.edited_message, now)

    async def finish(self) -> None:
        """Let what goes on beside end."""
        for task in self._beside:
            task.cancel()
        await asyncio.gather(*self._beside, return_exceptions=True)

    # Messages

    async def _message(self, message: Message, now: datetime) -> None:
        """A message in a topic goes to the patient, or is a note. Whatever else the group talks of is its own."""
        thread = message.message_thread_id if message.is_topic_message else None
        id = await self.topics.conversation_of(thread) if thread else None
        if thread is None or id is None or _is_ours(message) or not (_text(message) or media_of(message)):
            return
        user = message.from_user
        if message.sender_chat is not None or user is None:
            self._refuse(message, thread, "group_anonymous")
        elif (place := await self._place(thread, id)) is None:
            self._refuse(message, thread, "group_over")
        elif (person := await self.people.person(user, self.script)) is None:
            self._refuse(message, thread, "group_not_allowed")
        else:
            await self._said(message, person, place, now)

    async def _place(self, thread: int, id: str) -> Place | None:
        """A topic whose episode goes on."""
        address = await self.conversations.store.address_of(id)
        topic = await self.topics.of(address) if address else None
        if address is None or topic is None or topic.thread != thread or topic.closed:
            return None
        return Place(thread, id, address, topic)

    async def _said(self, message: Message, person: Person, place: Place, now: datetime) -> None:
        text, file = _text(message), _file(message)
        if text.startswith(NOTE):
            await self._act(message, person, place, "note", _note(person, text), now)
        elif text.startswith(COMMAND):
            self._refuse(message, place.thread, "group_no_command")
        elif media_of(message) and not file:
            self._refuse(message, place.thread, "group_no_file")
        elif (attachments := await self._attachments(message, place, file)) is not None:
            await self._act(message, person, place, "reply", _reply(person, text, attachments, now), now)

    async def _attachments(self, message: Message, place: Place, file: str) -> tuple[str, ...] | None:
        """What a line carries for this file: Telegram's own word where the patient is there; elsewhere it is fetched
        and kept. None where that can't be, of which the person is told."""
        if not file or place.address.channel == CHANNEL:
            return (file,) if file else ()
        try:
            type, body = await read(self.forum.client, file) or ("", b"")
            if type in FROM_STAFF:
                name = own_name(kind_of(type), f"tg{place.thread}-{message.message_id}")
                await keep(self.conversations.store, place.address, name, type, body)
                return (name,)
            key = "group_no_file"
        except (FileAway, Full):
            key = "group_file_away"
        except NotKept:
            key = "group_over"
        self._refuse(message, place.thread, key)
        return None

    async def _edit(self, message: Message, now: datetime) -> None:
        """A message was changed after it was sent. A note stays a note; the patient is told a correction."""
        thread = message.message_thread_id if message.is_topic_message else None
        id = await self.topics.conversation_of(thread) if thread else None
        place = await self._place(thread, id) if thread and id else None
        text = _text(message)
        if place is None or message.from_user is None or not text:
            return
        written = await self._written(place, message.message_id)
        person = await self.people.person(message.from_user, self.script)
        said = text.removeprefix(NOTE).strip()
        corrected = say(self.script, "staff_corrected", said=said)
        if not written or person is None or written[-1].text in (said, corrected):
            return
        if written[0].who == "note" or text.startswith(NOTE):
            await self._act(message, person, place, "note", _note(person, corrected), now)
        else:
            await self._act(message, person, place, "reply", _reply(person, corrected, (), now), now)

    async def _written(self, place: Place, message: int) -> list[Line]:
        """The lines that a message of the topic has led to, each correction one."""
        own = id_of(place.thread, message)
        lines = await self.conversations.store.transcript(place.address)
        return [line for _, line in lines if f"{line.client_id}:".startswith(f"{own}:")]

    async def _act(
        self, message: Message, person: Person, place: Place, what: str, move: Acting, now: datetime
    ) -> None:
        """Do it, once for this message; whoever may not is told."""
        line_id = id_of(place.thread, message.message_id)
        if message.edit_date:  # it tells seconds, in which a message may be changed twice
            digest = blake2s(_text(message).encode(), digest_size=4).hexdigest()
            line_id = f"{line_id}:{int(message.edit_date.timestamp())}-{digest}"
        try:
            await self._done(place, person, what, line_id, _marked(move, line_id), now)
        except NotAllowed as error:
            owner = await self.people.name_of(error.owner)
            self._refuse(message, place.thread, "group_owned", staff=owner)
        except (NoSuchConversation, BrokenState):
            self._refuse(message, place.thread, "group_over")

    async def _done(self, place: Place, person: Person, what: str, id: str, move: Move, now: datetime) -> None:
        received = await self.conversations.act(place.address, f"staff:{id}", now, move)
        if not received.seen:
            await self.audit.note(
                Entry(at=now, who=person.username, what=what, conversation=place.id, detail="telegram")
            )

    def _refuse(self, message: Message, thread: int, key: str, **values: str) -> None:
        """Tell, under the message, why it did not go out."""
        html = told(self.script, key, **values)

        async def tell() -> None:
            with contextlib.suppress(TelegramError, StoreAway, TopicGone, MessageGone):
                await self.forum.send(thread, html, reply_to=message.message_id)

        self._start(tell())

    # Presses

    async def _press(self, query: CallbackQuery, now: datetime) -> None:
        """A button of a card was pressed. Each press is answered."""
        meant = card.parse(query.data or "")
        person = await self.people.person(query.from_user, self.script)
        address = await self.conversations.store.address_of(meant[1]) if meant else None
        topic = await self.topics.of(address) if address else None
        if person is None:
            self._answer(query, "group_not_allowed")
        elif meant is None or address is None or topic is None:
            self._answer(query, "group_over")
        else:
            await self._pressed(query, meant[0], meant[2], person, Place(topic.thread, meant[1], address, topic), now)

    async def _pressed(
        self, query: CallbackQuery, act: str, detail: str, person: Person, place: Place, now: datetime
    ) -> None:
        if act == "close":
            self._answer(query)
            await self._show(query, card.endings(place.id, self.script))
            return
        try:
            if act == "back":
                loaded = await self.conversations.store.load(place.address)
                await self._show(query, card.keyboard(loaded.conversation, place.id, self.script))
            elif (move := _moves(person, detail, now).get(act)) is not None:
                await self._done(place, person, "close" if act == "end" else act, f"press:{query.id}", move, now)
        except NotAllowed as error:
            owner = await self.people.name_of(error.owner) if error.owner else ""
            self._answer(query, "group_owned" if owner else "group_not_yours", staff=owner)
        except (NoSuchConversation, BrokenState):
            self._answer(query, "group_over")
        else:
            self._answer(query)

    def _answer(self, query: CallbackQuery, key: str = "", **values: str) -> None:
        """Answer a press; with words where it had no effect."""
        text = say(self.script, key, **values).replace("*", "")[:200] if key else None

        async def answer() -> None:
            with contextlib.suppress(TelegramError):
                await query.answer(text, show_alert=bool(text))

        self._start(answer())

    async def _show(self, query: CallbackQuery, buttons: InlineKeyboardMarkup | None) -> None:
        with contextlib.suppress(TelegramError):
            await query.edit_message_reply_markup(buttons)

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._beside.add(task)
        task.add_done_callback(self._beside.discard)


def _note(person: Person, text: str) -> Acting:
    return lambda conversation, script: staffing.note(conversation, person, text.removeprefix(NOTE).strip())


def _reply(person: Person, text: str, attachments: tuple[str, ...], at: datetime) -> Acting:
    return lambda conversation, script: staffing.reply(conversation, person, text, attachments, at, script)


def _marked(move: Acting, id: str) -> Move:
    """The move with the person's own lines marked as those of a message in the topic: it need not be shown there."""

    def marked(conversation: Conversation, script: Script) -> Turn:
        turn = move(conversation, script)
        own = tuple(
            reply if reply.who == "bot" else reply.model_copy(update={"client_id": id}) for reply in turn.replies
        )
        return replace(turn, replies=own)

    return marked


def _moves(person: Person, detail: str, at: datetime) -> dict[str, Move]:
    """What the buttons do."""
    disposition = detail if detail in card.DISPOSITIONS else "other"
    return {
        "claim": lambda conversation, script: staffing.claim(conversation, person, at, script),
        "seen": lambda conversation, script: staffing.seen(conversation),
        "release": lambda conversation, script: staffing.release(conversation, person, at, script),
        "bot": lambda conversation, script: staffing.back_to_bot(conversation, person, script),
        "end": lambda conversation, script: staffing.close(conversation, person, at, script, disposition, None),
    }


def _text(message: Message) -> str:
    return (message.text or message.caption or "").strip()


def _file(message: Message) -> str:
    """What goes on to a patient beside words, as an attachment of a line."""
    if message.photo:
        return f"photo:{message.photo[-1].file_id}"
    # An animation comes as a document, too.
    files = ((kind, getattr(message, kind)) for kind in sorted(FILES, key="document".__eq__))
    return next((f"{kind}:{file.file_id}" for kind, file in files if file), "")


def _is_ours(message: Message) -> bool:
    """Whether a bot wrote it. An administrator who hides behind the group looks like one."""
    return bool(message.from_user and message.from_user.is_bot and message.sender_chat is None)
