"""The board: every conversation that people have, or that waits for them, as rows in memory. One a process.

Wakes keep it live. They may be lost, so everything is looked at anew every few seconds; what changed gets a revision.
A stream asks for what came after the revision that it knows: nothing is queued for it, so a slow one holds up nobody.
"""

import asyncio
import contextlib
import time
import uuid
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from bot.desk.card import complaint_of, level_of
from bot.desk.window import closes_at
from bot.dialogue.conversation import Why
from bot.dialogue.script import Script
from bot.dialogue.staffing import owner_of
from bot.logs import logger_of
from bot.ontology import Level
from bot.store.glances import Glance, are_open, glances, marks
from bot.store.listing import open_ids
from bot.store.store import Store, StoreAway
from bot.store.wake import Wakes

log = logger_of(__name__)

WHOLE_EVERY: Final = 15.0
TOGETHER_SECONDS: Final = 0.05
"""Wakes within so short a time are read together."""

RETRY_SECONDS: Final = 1.0
MOST_GONE: Final = 5_000
"""Rows that are gone and still remembered, for the streams to hear of."""

UNKNOWN_COUNTS_AS: Final = Level.consultation
"""Somebody of whom nothing is known stands before those who are known to be well."""

REFERENCE: Final = 6
"""Letters of a conversation's id that people say to each other; a search finds all that begin with them."""

Names = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Row:
    """A conversation in the queue. ``owner`` is a username, empty while it waits; ``closes`` is when WhatsApp lets
    nobody write freely any more."""

    id: str
    name: str
    level: Level | None
    complaint: str
    why: Why
    since: datetime
    channel: str
    owner: str
    owner_name: str
    unread: int
    alarm: bool
    stage: int
    closes: datetime | None

    @property
    def reference(self) -> str:
        return reference(self.id)

    @property
    def order(self) -> tuple[bool, int, int, str]:
        """A new red flag first, then the level, then who has waited longest: by milliseconds, as the page does it."""
        level = self.level if self.level is not None else UNKNOWN_COUNTS_AS
        return (not self.alarm, -level, milliseconds(self.since), self.id)


@dataclass(frozen=True, slots=True)
class Changes:
    """What is new since a cursor. ``whole``: the cursor is not known, these are all rows. ``cursor`` is the next."""

    cursor: str
    rows: Sequence[Row]
    gone: Sequence[str]
    whole: bool


def milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def reference(id: str) -> str:
    """What people call a conversation by: ``3FA91C``. It leads to nobody without the store."""
    return id[:REFERENCE].upper()


class Board:
    """The rows. ``script`` gives the content as it is now, ``names`` what patients call the accounts."""

    def __init__(
        self,
        store: Store,
        wakes: Wakes,
        script: Callable[[], Script],
        names: Callable[[], Awaitable[Names]],
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._store = store
        self._wakes = wakes
        self._script = script
        self._find_names = names
        self._clock = clock
        self._process = uuid.uuid4().hex[:8]
        self._revision = 0
        self._forgotten = 0
        self._marks: dict[str, tuple[bytes | None, ...]] = {}
        self._rows: dict[str, tuple[int, Row]] = {}
        self._gone: OrderedDict[str, int] = OrderedDict()
        self._watchers: set[asyncio.Event] = set()
        self.names: Names = {}
        """The accounts' names, as patients are told them."""

        self._last: tuple[str, Changes] | None = None
        self.away = False
        """Redis does not answer: the rows may be old."""

        self.loaded = asyncio.Event()

    async def run(self) -> None:
        """Follow the conversations until cancelled."""
        with self._wakes.everything() as woken:
            woken.miss()
            due = 0.0
            while True:
                ids, missed = await woken.take(max(0.0, due - time.monotonic()))
                whole = missed or time.monotonic() >= due
                if await self._follow(None if whole else ids) and whole:
                    due = time.monotonic() + WHOLE_EVERY
                if self._wakes.closing:
                    self._ring()
                await asyncio.sleep(TOGETHER_SECONDS)

    async def _follow(self, ids: set[str] | None) -> bool:
        """Read these conversations, or everything. False where that must be done again."""
        was_away, self.away = self.away, False
        try:
            await (self.read_all() if ids is None else self.read(ids))
            return True
        except StoreAway:
            self.away = True
            await asyncio.sleep(RETRY_SECONDS)
        except Exception:
            log.exception("the board could not be read; it is tried again")
            await asyncio.sleep(RETRY_SECONDS)
        finally:
            if self.away != was_away:
                self._ring()
        return False

    async def read_all(self) -> None:
        """Look at every open conversation; open those that changed."""
        names = dict(await self._find_names())
        renamed, self.names = names != self.names, names
        found = await marks(self._store, await open_ids(self._store))
        for id in self._rows.keys() - found.keys():
            self._remove(id)
        await self._open([id for id, mark in found.items() if renamed or self._marks.get(id) != mark])
        self.loaded.set()

    async def read(self, ids: set[str]) -> None:
        """Look at those conversations; they may be open, or not be any more."""
        still = await are_open(self._store, ids)
        for id in ids - still:
            self._remove(id)
        await self._open(sorted(still))

    async def _open(self, ids: Sequence[str]) -> None:
        seen = set()
        script = self._script()
        async for glance in glances(self._store, ids):
            seen.add(glance.id)
            self._marks[glance.id] = glance.mark
            self._put(self._row(glance, script))
        for id in set(ids) - seen:
            self._remove(id)

    def _row(self, glance: Glance, script: Script) -> Row:
        conversation, handoff = glance.conversation, glance.conversation.handoff
        since = handoff.since if handoff else conversation.last_at or self._clock()
        owner = owner_of(conversation)
        return Row(
            id=glance.id,
            name=conversation.name,
            level=level_of(conversation, script),
            complaint=complaint_of(conversation, script),
            why=handoff.why if handoff else "emergency",
            since=since,
            channel=glance.address.channel,
            owner=owner,
            owner_name=self.names.get(owner, owner),
            unread=glance.unread(since - timedelta(seconds=1)),
            alarm=conversation.alarm,
            stage=handoff.stage if handoff else 0,
            closes=closes_at(glance.address, glance.heard),
        )

    def _put(self, row: Row) -> None:
        known = self._rows.get(row.id)
        if known is None or known[1] != row:
            self._revision += 1
            self._rows[row.id] = (self._revision, row)
            self._gone.pop(row.id, None)
            self._ring()

    def _remove(self, id: str) -> None:
        self._marks.pop(id, None)
        if self._rows.pop(id, None) is None:
            return
        self._revision += 1
        self._gone[id] = self._revision
        if len(self._gone) > MOST_GONE:
            self._forgotten = self._gone.popitem(last=False)[1]
        self._ring()

    def _ring(self) -> None:
        for event in self._watchers:
            event.set()

    @contextlib.contextmanager
    def watching(self) -> Iterator[asyncio.Event]:
        """An event that is set whenever a row changes."""
        event = asyncio.Event()
        self._watchers.add(event)
        try:
            yield event
        finally:
            self._watchers.discard(event)

    @property
    def cursor(self) -> str:
        """Where the board is now."""
        return f"{self._process}-{self._revision}"

    def rows(self) -> list[Row]:
        """Every row, in order."""
        return sorted((row for _, row in self._rows.values()), key=lambda row: row.order)

    def row(self, id: str) -> Row | None:
        found = self._rows.get(id)
        return found[1] if found else None

    def changes(self, cursor: str) -> Changes:
        """What came after ``cursor``. Streams that stand at the same place are given the same object."""
        if self._last is None or self._last[0] != cursor or self._last[1].cursor != self.cursor:
            self._last = (cursor, self._changes(cursor))
        return self._last[1]

    def _changes(self, cursor: str) -> Changes:
        process, _, number = cursor.partition("-")
        after = int(number) if number.isdecimal() else -1
        if process != self._process or not self._forgotten <= after <= self._revision:
            return Changes(self.cursor, self.rows(), (), whole=True)
        rows = [row for revision, row in self._rows.values() if revision > after]
        gone = [id for id, revision in reversed(self._gone.items()) if revision > after]
        return Changes(self.cursor, rows, gone, whole=False)
