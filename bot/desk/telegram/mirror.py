"""Brings the topics of the group up to date: each open conversation has one, with its card and all that is said in it.

One process does it at a time. What is shown is noted after it was sent, so whoever goes on after a crash shows one
message twice at the most, and none is lost.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from hashlib import blake2s
from typing import Final

from telegram import InputFile
from telegram.error import BadRequest, ChatMigrated, Forbidden, RetryAfter, TelegramError

from bot import logs
from bot.channels import files
from bot.channels.channel import FileAway
from bot.channels.telegram.errors import is_markup, meaning, seconds_of
from bot.channels.telegram.sending import sendable
from bot.conversations import Conversations
from bot.desk import card as sbar
from bot.desk.audit import Audit, Entry
from bot.desk.telegram import card
from bot.desk.telegram.forum import Forum, MessageGone, TopicGone
from bot.desk.telegram.people import People
from bot.desk.telegram.showing import Shown, message_of, shown
from bot.desk.telegram.words import told
from bot.desk.thread import state_of
from bot.dialogue.conversation import Conversation
from bot.dialogue.staffing import owner_of
from bot.store.glances import are_open
from bot.store.listing import open_ids
from bot.store.records import Address, Line
from bot.store.store import BrokenState, StoreAway, answered
from bot.store.topics import Topic, Topics
from bot.store.wake import Wakes, Woken

log = logs.logger_of(__name__)

SWEEP_SECONDS: Final = 20.0
TOGETHER_SECONDS: Final = 0.1
"""What is said within so short a time is shown together."""

RETRY_SECONDS: Final = 1.0
LONGEST_RETRY_SECONDS: Final = 30.0
REFUSED_SECONDS: Final = 60.0
"""How long is waited where the group refuses us: somebody must mend it first."""

READER: Final = "telegram-group"
"""Who read a conversation that is shown in the group, in its trail."""


FILE_WITHIN: Final = timedelta(seconds=20)
"""How long a topic waits for a file that its provider has not handed over yet; then it is named only."""

Files = Callable[[Address, str], Awaitable[tuple[str, bytes] | None]]
"""Gives a file of a line by its name, as the desk does. Raises ``FileAway``."""


class Gone(Exception):
    """The conversation is forgotten, or its time is over."""


class Mirror:
    """Keeps the topics. ``link`` gives a conversation's page at the desk. Without ``relay`` nothing is shown any more;
    topics of those who are forgotten go all the same."""

    def __init__(
        self,
        conversations: Conversations,
        wakes: Wakes,
        forum: Forum,
        topics: Topics,
        people: People,
        files: Files,
        link: Callable[[str], str],
        relay: bool = True,
    ) -> None:
        self.conversations = conversations
        self.store = conversations.store
        self.wakes = wakes
        self.forum = forum
        self.topics = topics
        self.people = people
        self.files = files
        self.link = link
        self.relay = relay
        self._dirty: dict[str, None] = {}
        self._known: dict[int, str] = {}
        self._failures = 0
        self._life: bytes | None = None
        """The beginning of the conversation in work: who is forgotten and writes again has the same id."""

    async def run(self) -> None:
        """Work until cancelled."""
        with self.wakes.everything() as woken:
            woken.miss()
            due = 0.0
            while True:
                wait = 0.0 if self._dirty else max(0.0, due - time.monotonic())
                ids, missed = await woken.take(wait)
                if missed or time.monotonic() >= due:
                    await self._look_at_all(everything=missed)
                    due = time.monotonic() + SWEEP_SECONDS
                await self._note(ids)
                await asyncio.sleep(TOGETHER_SECONDS)
                await self._round(woken)

    async def _look_at_all(self, *, everything: bool) -> None:
        """Find what may have to be brought up to date, whether or not anybody told of it."""
        self._known = await self.topics.register()
        ours = list(self._known.values())
        gone = ours if everything else await self.topics.without_note(ours)
        self._dirty |= dict.fromkeys([*await open_ids(self.store), *gone])

    async def _note(self, ids: set[str]) -> None:
        """Of the conversations where something happened, those that have a topic or are to have one."""
        ours = ids & set(self._known.values())
        self._dirty |= dict.fromkeys([*ours, *await are_open(self.store, ids - ours)])

    async def _round(self, woken: Woken) -> None:
        """Bring each conversation one step further, those first that nobody sees yet; until something new happens."""
        known = set(self._known.values())
        for id in sorted(self._dirty, key=known.__contains__):
            del self._dirty[id]
            try:
                if await self._step(id):
                    self._dirty[id] = None
            except TelegramError as error:
                await self._wait_after(error, id)
                return
            if woken.ids or woken.missed:
                return

    async def _step(self, id: str) -> bool:
        """True where more is to do. What fails for a reason of our own is left to the next sweep, so that it holds up
        no other."""
        try:
            more = await self.update(id)
        except (TelegramError, StoreAway):
            self._dirty[id] = None
            raise
        except Exception:
            log.exception("a topic could not be brought up to date")
            return False
        self._failures = 0
        return more

    async def _wait_after(self, error: TelegramError, id: str) -> None:
        self._failures += 1
        if isinstance(error, RetryAfter):
            await asyncio.sleep(seconds_of(error))
        elif isinstance(error, BadRequest | Forbidden | ChatMigrated):
            with logs.conversation(id):  # what Telegram says may quote what was to be shown
                log.error("the group refuses; see `tanyakaki doctor`", reason=str(meaning(error)))
            del self._dirty[id]  # the next sweep tries again, others first
            if not isinstance(error, BadRequest):
                await asyncio.sleep(REFUSED_SECONDS)
        else:
            await asyncio.sleep(min(LONGEST_RETRY_SECONDS, RETRY_SECONDS * 2 ** min(self._failures, 10)))

    async def update(self, id: str) -> bool:
        """Bring the topic of a conversation further. True where more is to do. Raises ``TelegramError``."""
        self._life = None
        try:
            address, conversation = await self._load(id)
            topic = await self.topics.of(address)
            await self._drop_strays(id, topic)
            if not self.relay:
                return False
            if topic is None or topic.closed or not topic.thread:
                if not is_open(conversation) and (topic is None or topic.closed):
                    return False
                topic = await self._begin(id, address, conversation, topic or Topic())
            return await self._bring(id, address, conversation, topic)
        except Gone:
            await self._drop_strays(id, None)
            return await self._has_begun_anew(id)

    async def _has_begun_anew(self, id: str) -> bool:
        address = await self.store.address_of(id)
        beginning = await self._beginning(address) if address else None
        return self._life is not None and beginning not in (None, self._life)

    async def _load(self, id: str) -> tuple[Address, Conversation]:
        address = await self.store.address_of(id)
        if address is None:
            raise Gone
        self._life = await self._beginning(address)
        try:
            loaded = await self.store.load(address)
        except BrokenState:
            raise Gone from None
        if not loaded.version:
            raise Gone
        return address, loaded.conversation

    async def _drop_strays(self, id: str, topic: Topic | None) -> None:
        """Delete the topics of this conversation of which its own note does not speak: the patient was forgotten."""
        wanted = (topic.thread, *topic.old) if topic else ()
        for thread in [thread for thread, known in self._known.items() if known == id and thread not in wanted]:
            try:
                await self.forum.delete(thread)
                log.info("a topic was deleted with its conversation")
            except TopicGone:
                pass
            await self.topics.drop(thread)
            del self._known[thread]

    async def _begin(self, id: str, address: Address, conversation: Conversation, before: Topic) -> Topic:
        """Make a topic for a new episode, or in place of one that was deleted by hand."""
        name = card.name_of(await self._card(address, conversation), id, self.conversations.content.script)
        thread = await self.forum.create(name)
        await self.topics.put(thread, id)
        self._known[thread] = id
        first = before.line if before.closed else before.first
        old = (*before.old, before.thread) if before.closed and before.thread else before.old
        topic = await self._keep(address, Topic(thread=thread, first=first, line=first, name=name, old=old))
        read = Entry(at=datetime.now(UTC), who=READER, what="read", conversation=id)
        await Audit(self.store).read(address, read)
        return topic

    async def _keep(self, address: Address, topic: Topic) -> Topic:
        """Note it, unless the patient was forgotten while Telegram was asked: the next life has nothing of this one."""
        if await self._beginning(address) != self._life or not await self.topics.keep(address, topic):
            raise Gone
        return topic

    async def _beginning(self, address: Address) -> bytes | None:
        """The first line as it lies sealed, which no other conversation has."""
        found: bytes | None = await answered(self.store.redis.lindex(self.store.keys_of(address).transcript, 0))
        return found

    async def _bring(self, id: str, address: Address, conversation: Conversation, topic: Topic) -> bool:
        try:
            topic = await self._show_card(id, address, conversation, topic)
            topic, more = await self._show_lines(address, topic)
            topic = await self._tell_failures(address, topic)
            if not more and not is_open(conversation):
                await self.forum.close(topic.thread)
                await self._keep(address, topic.model_copy(update={"closed": True}))
            return more
        except TopicGone:
            log.info("a topic was deleted by hand and is made anew")
            await self.topics.drop(topic.thread)
            self._known.pop(topic.thread, None)
            closed = not is_open(conversation)
            update = {"thread": 0, "card": 0, "shown": "", "line": topic.line if closed else topic.first}
            await self._keep(address, topic.model_copy(update={**update, "closed": closed}))
            return not closed

    async def _show_card(self, id: str, address: Address, conversation: Conversation, topic: Topic) -> Topic:
        """Send and pin the card, or change it where it says what is no longer so."""
        script = self.conversations.content.script
        facts = await self._card(address, conversation)
        owner = owner_of(conversation)
        status = card.status_of(conversation, await self.people.name_of(owner) if owner else "", script)
        html = card.text_of(facts, id, status, self.link(id), script)
        buttons, name = card.keyboard(conversation, id, script), card.name_of(facts, id, script)
        digest = blake2s(f"{html}\x00{buttons.to_json() if buttons else ''}".encode(), digest_size=8).hexdigest()
        if topic.card and topic.shown != digest:
            try:
                await self.forum.edit(topic.card, html, buttons)
            except MessageGone:
                topic = topic.model_copy(update={"card": 0})
        if not topic.card:
            sent = await self.forum.send(topic.thread, html, buttons)
            topic = await self._keep(address, topic.model_copy(update={"card": sent, "shown": digest}))
            await self._pin(sent)
        if topic.name != name:
            await self.forum.rename(topic.thread, name)
        if (topic.name, topic.shown) != (name, digest):
            topic = await self._keep(address, topic.model_copy(update={"shown": digest, "name": name}))
        return topic

    async def _card(self, address: Address, conversation: Conversation) -> sbar.Card:
        lines = [line for _, line in await self.store.transcript(address)]
        return sbar.card_of(conversation, sbar.first_words(lines), self.conversations.content.script)

    async def _pin(self, message: int) -> None:
        try:
            await self.forum.pin(message)
        except (BadRequest, MessageGone) as error:
            log.warning("a card can't be pinned; may the bot pin messages?", reason=type(error).__name__)

    async def _show_lines(self, address: Address, topic: Topic) -> tuple[Topic, bool]:
        """Show what was said since. True where there was anything: more may have come meanwhile."""
        lines = await self.store.transcript(address, topic.line)
        for each in shown(lines, topic.thread, address, self.conversations.content.script):
            try:
                await self._send(address, topic, each)
            except FileAway:
                return topic, True
            topic = await self._keep(address, topic.model_copy(update={"line": each.number}))
        return topic, bool(lines)

    async def _send(self, address: Address, topic: Topic, each: Shown) -> None:
        """Raises ``FileAway`` for a file that is new and not there yet."""
        try:
            if each.copied:
                await self.forum.copy(topic.thread, int(address.id), each.copied)
                return
            if each.file and await self._upload(address, topic, each):
                return
        except BadRequest:
            log.info("what a message carries can't be shown; it is named")
        if each.html:
            await self._say(topic, each.html)

    async def _upload(self, address: Address, topic: Topic, each: Shown) -> bool:
        """Send a file of a line. False where it can't be had."""
        try:
            found = await self.files(address, each.file)
        except FileAway:
            if each.at is not None and datetime.now(UTC) - each.at < FILE_WITHIN:
                raise
            return False
        if found is None:
            return False
        type, name = files.told(found[0])
        kind = sendable(each.file.partition(":")[0], type)
        await self.forum.upload(topic.thread, kind, InputFile(found[1], filename=files.file_name(type, name)))
        return True

    async def _say(self, topic: Topic, html: str) -> None:
        """Send a message; where Telegram can't take it, say so: what comes after it must not wait for ever."""
        try:
            await self.forum.send(topic.thread, html)
        except BadRequest as error:
            if not (is_markup(error) or "too long" in str(error).lower()):
                raise
            await self.forum.send(topic.thread, told(self.conversations.content.script, "group_not_shown"))

    async def _tell_failures(self, address: Address, topic: Topic) -> Topic:
        """Tell of messages of the staff that did not go out."""
        states = await self.store.delivery_states(address)
        failed = [n for n, state in states.items() if state.startswith("failed") and n not in topic.failed]
        late = [number for number in failed if number > topic.first]
        lines = dict(await self.store.transcript(address, min(late) - 1)) if late else {}
        for number in late:
            if (line := lines.get(number)) is not None and line.who == "staff":
                await self._tell_failure(topic, line, states[number])
                topic = await self._keep(address, topic.model_copy(update={"failed": (*topic.failed, number)}))
        return topic

    async def _tell_failure(self, topic: Topic, line: Line, told_state: str) -> None:
        state, reason = state_of(line, told_state)
        key = "group_kept" if state == "kept" else "group_failed"
        html = told(self.conversations.content.script, key, reason=reason)
        await self.forum.send(topic.thread, html, reply_to=message_of(line, topic.thread))


def is_open(conversation: Conversation) -> bool:
    """Whether people have it, or should look at it."""
    return conversation.handoff is not None or conversation.alarm
