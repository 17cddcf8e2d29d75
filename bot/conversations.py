"""The one path that every message takes: load, understand, step, commit.

Who reads this file has seen the whole program once. A message becomes facts, facts move a conversation, the move is
written down once. The step is pure, so on a lost race it is simply taken again.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final, Literal

from bot import logs
from bot.content import Content
from bot.dialogue.conversation import Asks, Conversation, Heard, Reply, Turn
from bot.dialogue.counts import counts
from bot.dialogue.script import Script
from bot.dialogue.situation import NEVER_MEDICAL
from bot.dialogue.step import expecting, step
from bot.dialogue.wording import fill, say
from bot.metrics import Metrics
from bot.store import aliases
from bot.store.records import Address, Commit, Committed, Line, Loaded
from bot.store.store import BrokenState, Store

log = logs.logger_of(__name__)

LONGEST_TEXT: Final = 4_000
"""Characters of a message that are read; the patient is told when there were more."""

LONGEST_NAME: Final = 80
"""Characters of what a channel calls a person."""

MOST_BUBBLES: Final = 2

TURNS_A_PASS: Final = 4
"""Turns that are taken in one pass of the event loop."""


@dataclass(frozen=True, slots=True)
class Inbound:
    """A message as a channel hands it over. ``id`` is the provider's own, by which a second delivery is known.

    ``options`` are the ids of options tapped instead of typed; ``complete`` whether they are the whole answer.
    ``kind`` and ``detail`` tell of what is no text: a voice note, a picture, a timer of our own; ``attachments`` is
    what the clinic may fetch of it. ``corrects`` is the id of an earlier message that this one replaces. ``name`` is
    what the channel calls the person. ``names`` are all under which the channel knows them, the one to keep the
    conversation under first: it takes place at ``address`` unless another one leads elsewhere. ``notes`` are what the
    channel notes of the person with this message, an empty one removed.
    """

    id: str
    address: Address
    at: datetime
    text: str = ""
    options: tuple[str, ...] = ()
    complete: bool = True
    kind: Literal["text", "tap", "media", "timer"] = "text"
    detail: str = ""
    attachments: tuple[str, ...] = ()
    corrects: str = ""
    name: str = ""
    names: tuple[Address, ...] = ()
    notes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Received:
    """What a message led to, and where. ``seen``: it had come before and changed nothing now."""

    address: Address
    conversation: Conversation
    replies: tuple[Reply, ...] = ()
    asks: Asks | None = None
    seen: bool = False


Settle = Callable[[Inbound, Loaded], Awaitable[Inbound]]
"""Says, by what was loaded, and the transcript where need be, what a message means. Asked anew where another turn came
before the commit: what it found still holds when the message has its effect."""


Move = Callable[[Conversation, Script], Turn]
"""What a member of the staff does to a conversation. Pure: on a lost race it is done again on what is there then."""


class NoSuchConversation(Exception):
    """There is no conversation at this address, or not any more."""


class Conversations:
    """Receives messages for every channel.

    Channels in ``push`` are sent their replies: their conversations are told to ``kick`` after each commit, and
    ``calm`` lets a message wait while many replies of its channel do. The others read the transcript.
    """

    def __init__(
        self,
        store: Store,
        content: Content,
        push: frozenset[str] = frozenset(),
        kick: Callable[[str], None] = lambda conversation: None,
        metrics: Metrics | None = None,
        calm: Callable[[str], Awaitable[None]] | None = None,
    ) -> None:
        self.store = store
        self.content = content
        self.push = push
        self.kick = kick
        self.calm = calm
        self.metrics = metrics or Metrics()
        self._thinking = asyncio.Semaphore(TURNS_A_PASS)

    async def receive(self, inbound: Inbound, settle: Settle | None = None, notes: Sequence[str] = ()) -> Received:
        """Take one message: when this returns, it has had its effect, once. ``settle`` is told these ``notes``. Raises
        ``StoreAway``."""
        begun = time.perf_counter()
        if self.calm is not None:
            await self.calm(inbound.address.channel)
        while True:
            loaded = await self._load(inbound, notes)
            with logs.conversation(self.store.id_of(loaded.address)):
                received = await self._take(inbound, settle, loaded, begun)
            if received is not None:
                return received
            self.metrics.races.inc()

    async def _take(self, given: Inbound, settle: Settle | None, loaded: Loaded, begun: float) -> Received | None:
        """Let a message move what was loaded; None where another turn came first."""
        address = loaded.address
        inbound = given if given.address == address else replace(given, address=address)
        corrected = await self._corrected(inbound) if inbound.corrects else None
        inbound = await settle(inbound, loaded) if settle else inbound
        await self._room_to_think()
        turn = self._turn(loaded, inbound, corrected)
        commit = self._commit(inbound, loaded, turn)
        written = await self.store.commit(commit)
        if isinstance(written, Committed):
            self._measure(commit, time.perf_counter() - begun)
            log.debug("a turn is written down", channel=address.channel, kind=inbound.kind)
            if address.channel in self.push:
                self.kick(self.store.id_of(address))
            return Received(address, turn.conversation, turn.replies, turn.asks)
        if written == "seen":
            self.metrics.again.labels(address.channel).inc()
            return Received(address, loaded.conversation, seen=True)
        return None

    def _measure(self, commit: Commit, seconds: float) -> None:
        self.metrics.count(commit.counts)
        self.metrics.turn(commit.address.channel, seconds)

    async def act(self, address: Address, id: str, at: datetime, move: Move) -> Received:
        """Let a member of the staff do something, once for each ``id``. Raises what ``move`` raises, ``StoreAway``,
        ``BrokenState``, ``NoSuchConversation``."""
        with logs.conversation(self.store.id_of(address)):
            while True:
                loaded = await self.store.load(address)
                if not loaded.version:
                    raise NoSuchConversation
                turn = move(loaded.conversation, self.content.script)
                cancel = await self._unsaid(address) if "cancel" in turn.effects else ()
                commit = self._act(address, id, at, loaded, turn, cancel)
                written = await self.store.commit(commit)
                if isinstance(written, Committed):
                    self.metrics.count(commit.counts)
                    if address.channel in self.push:
                        self.kick(self.store.id_of(address))
                    return Received(address, turn.conversation, turn.replies, turn.asks)
                if written == "seen":
                    return Received(address, loaded.conversation, seen=True)

    async def _unsaid(self, address: Address) -> list[int]:
        """The lines of the bot that are not yet out. What it says in an emergency goes out, whoever speaks then."""
        states = await self.store.delivery_states(address)
        waiting = {number for number, state in states.items() if state == "queued"}
        if not waiting:
            return []
        lines = await self.store.transcript(address, min(waiting) - 1)
        return [n for n, line in lines if n in waiting and line.who == "bot" and not line.emergency]

    def _act(
        self, address: Address, id: str, at: datetime, loaded: Loaded, turn: Turn, cancel: Sequence[int]
    ) -> Commit:
        return Commit(
            address,
            loaded.version,
            id,
            at,
            turn.conversation,
            _lines(turn, at),
            push=address.channel in self.push,
            timers={kind: at + delay if delay is not None else None for kind, delay in turn.timers.items()},
            counts=list(counts(loaded.conversation, turn, "staff", at, self.content.script.hours)),
            cancel=cancel,
            day=self.day(at),
        )

    def day(self, at: datetime) -> str:
        """The date on the clinic's clock, for the reports."""
        return self.content.script.hours.local(at).date().isoformat()

    async def _room_to_think(self) -> None:
        """A few turns in each pass of the event loop. In a crowd of messages everything else would wait for all of
        them: the note that a reply is out, above all, without which it is sent twice if the process dies."""
        await self._thinking.acquire()
        asyncio.get_running_loop().call_soon(self._thinking.release)

    async def _load(self, inbound: Inbound, notes: Sequence[str]) -> Loaded:
        try:
            if inbound.names:
                return await aliases.load(self.store, inbound.names, notes)
            return await self.store.load(inbound.address, notes)
        except BrokenState as broken:
            with logs.conversation(self.store.id_of(broken.anew.address)):
                log.error("a stored state is broken and is begun anew")
            return broken.anew

    async def _corrected(self, inbound: Inbound) -> "Corrected | None":
        """What the message that ``inbound`` corrects had answered; None where it is not known."""
        lines = [line for _, line in await self.store.transcript(inbound.address)]
        ids = [line.client_id for line in lines]
        if inbound.corrects not in ids:
            return None
        before = [line for line in lines[: ids.index(inbound.corrects)] if line.who == "bot"]
        return Corrected(before[-1] if before else None)

    def _turn(self, loaded: Loaded, inbound: Inbound, corrected: "Corrected | None") -> Turn:
        """The turn for a message. Whatever goes wrong in the program, the patient gets a safe answer."""
        try:
            if corrected is not None and not corrected.still_open(loaded.conversation):
                return self._correct(loaded.conversation, inbound, corrected)
            return step(loaded.conversation, self._hear(loaded.conversation, inbound), self.content.script)
        except Exception:
            log.exception("a turn failed")
            self.metrics.failed.inc()
            return Turn(loaded.conversation.but(alarm=True), (self._safe_answer(),))

    def _correct(self, conversation: Conversation, inbound: Inbound, corrected: "Corrected") -> Turn:
        """The answer to an earlier question given anew. What is asked next follows from the facts, as ever; a change
        that says nothing leaves the open question open."""
        script = self.content.script
        earlier = corrected.conversation(conversation)
        turn = step(earlier, self._hear(earlier, inbound), script)
        if turn.conversation.misses <= conversation.misses:
            return turn
        return Turn(conversation.but(last_at=inbound.at), (Reply(text=say(script, "nothing_changed")),))

    def _hear(self, conversation: Conversation, inbound: Inbound) -> Heard:
        text = inbound.text[:LONGEST_TEXT]
        reading = self.content.reader.read(text, expecting(conversation, self.content.script))
        heard = Heard(reading, inbound.at, inbound.options, inbound.complete, inbound.kind, inbound.detail)
        if len(inbound.text) > LONGEST_TEXT:
            return replace(heard, cut=True)
        if inbound.kind == "text" and not _is_said(text):
            return replace(heard, kind="empty")
        return heard

    def _commit(self, inbound: Inbound, loaded: Loaded, turn: Turn) -> Commit:
        forget = "forget" in turn.effects
        missed = turn.conversation.misses > loaded.conversation.misses
        said = [] if forget or inbound.kind == "timer" else [_patient_line(inbound, missed)]
        came = "timer" if inbound.kind == "timer" else "inbound"
        conversation = turn.conversation
        if inbound.name and not forget:
            conversation = conversation.but(name=inbound.name[:LONGEST_NAME])
        return Commit(
            inbound.address,
            loaded.version,
            inbound.id,
            inbound.at,
            conversation,
            [*said, *_lines(turn, inbound.at)],
            push=inbound.address.channel in self.push,
            timers={kind: inbound.at + delay if delay is not None else None for kind, delay in turn.timers.items()},
            counts=list(counts(loaded.conversation, turn, came, inbound.at, self.content.script.hours)),
            day=self.day(inbound.at),
            notes=inbound.notes,
            forget=forget,
        )

    def _safe_answer(self) -> Reply:
        script = self.content.script
        return Reply(text=fill(script, script.messages["failed"]), emergency=True)


@dataclass(frozen=True, slots=True)
class Corrected:
    """What a message that was changed later had answered: the last line of ours before it."""

    line: Line | None

    def still_open(self, conversation: Conversation) -> bool:
        """Whether the question that it answered is still the one that waits."""
        question, pending = self.line.question if self.line else None, conversation.pending
        if question is None or pending is None:
            return False
        return (question.question, question.ids, question.about) == (pending.question, pending.ids, pending.about)

    def conversation(self, now: Conversation) -> Conversation:
        """The conversation as it stands, but with that question open. Consent, forgetting and the like are not put
        again by a change of an old message."""
        question = self.line.question if self.line else None
        if question is None or question.question in NEVER_MEDICAL:
            return now.but(pending=None, offered=())
        return now.but(pending=question, offered=self.line.options if self.line else ())


def _is_said(text: str) -> bool:
    """Whether anything at all was typed: control characters and blanks say nothing."""
    return any(character.isprintable() and not character.isspace() for character in text)


_NOTHING: Final = Line(who="bot", text="", at=datetime.min)


def _line(**said: Any) -> Line:
    """A line of parts that are checked already: a copy of one is made in a third of the time."""
    return _NOTHING.model_copy(update=said)


def _patient_line(inbound: Inbound, missed: bool) -> Line:
    said = {"text": inbound.text, "at": inbound.at, "client_id": inbound.id, "attachments": inbound.attachments}
    return _line(who="patient", missed=missed, **said)


def _lines(turn: Turn, at: datetime) -> Sequence[Line]:
    """What is said in a turn, as it stands in the transcript."""
    if not turn.replies:
        return []
    *before, last = few(turn.replies)
    asked = {"asks": turn.asks, "question": turn.conversation.pending} if last.who == "bot" else {}
    return [*(_line(at=at, **reply.__dict__) for reply in before), _line(at=at, **last.__dict__, **asked)]


def few(replies: Sequence[Reply]) -> list[Reply]:
    """At most ``MOST_BUBBLES`` replies: a channel may send one patient no more at once. Later ones are joined as long
    as nothing to tap is lost and they fit one message."""
    kept = list(replies)
    if len(kept) <= MOST_BUBBLES:
        return kept
    for place in range(len(kept) - 2, -1, -1):
        first, second = kept[place], kept[place + 1]
        text = f"{first.text}\n\n{second.text}"
        ours = first.who == second.who == "bot"
        if ours and len(kept) > MOST_BUBBLES and not first.options and len(text) <= (900 if second.options else 1_500):
            emergency = first.emergency or second.emergency
            kept[place : place + 2] = [second.model_copy(update={"text": text, "emergency": emergency})]
    return kept
