"""What an open page is told: rows of the queue, and of one conversation its lines and whatever changes around them.

One stream a page: browsers open no more than six to one server. What is sent are the same fragments of which the page
was made, so that one template says how a thing looks.
"""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Mapping
from datetime import date, datetime
from typing import Any, Final

from markupsafe import Markup
from starlette.requests import Request

from bot.conversations import Conversations
from bot.desk.board import Board, Changes, Row
from bot.desk.security import Gate, Visitor
from bot.desk.thread import Gone, View, day_of, first_words_of, said, view_of
from bot.store.presence import WRITES_FOR, note_absence, note_presence
from bot.store.records import Address
from bot.store.store import StoreAway
from bot.store.wake import Wakes

HEARTBEAT_SECONDS: Final = 15.0
MOST_DRAWN: Final = 5_000
"""Rows of which the drawing is remembered; then it begins anew."""


class Live:
    """Makes the streams."""

    def __init__(self, gate: Gate, conversations: Conversations, wakes: Wakes, board: Board) -> None:
        self.gate = gate
        self.conversations = conversations
        self.wakes = wakes
        self.board = board
        self._encoded: tuple[Changes, str] | None = None
        self._drawn: dict[str, tuple[Row, datetime, Markup]] = {}
        self._farewells: set[asyncio.Task[None]] = set()

    async def queue(self, request: Request, cursor: str) -> AsyncIterator[str]:
        """The rows after ``cursor``, as long as the person may see them."""
        goes_on = self.gate.lasting(request, "queue")
        yield "retry: 2000\n\n"
        with self.board.watching() as changed:
            while not self.wakes.closing:
                changed.clear()
                if not await goes_on():
                    yield event("ended", {})
                    return
                text, cursor = self.rows(cursor)
                yield text
                await first_of(HEARTBEAT_SECONDS, changed)

    async def conversation(
        self, request: Request, visitor: Visitor, address: Address, after: int, cursor: str
    ) -> AsyncIterator[str]:
        """The same, and one conversation after its line ``after``."""
        id = self.conversations.store.id_of(address)
        thread = _Thread(self, visitor, address, after)
        goes_on = self.gate.lasting(request, "read")
        yield "retry: 2000\n\n"
        try:
            with self.board.watching() as changed, self.wakes.watching(id) as woken:
                woken.set()
                while not self.wakes.closing:
                    if not await goes_on():
                        yield event("ended", {})
                        return
                    if woken.is_set():
                        woken.clear()
                        async for text in thread.news():
                            yield text
                    changed.clear()
                    text, cursor = self.rows(cursor, thread.after)
                    yield text
                    if not await first_of(thread.patience, changed, woken):
                        woken.set()
        finally:
            # A stream ends by being cancelled: whatever it would wait for now is cancelled, too.
            self._later(note_absence(self.conversations.store, id, visitor.username))

    def rows(self, cursor: str, after: int | None = None) -> tuple[str, str]:
        """The rows that changed since ``cursor``, as an event, and the next cursor: what changes while it is sent comes
        after it. Encoded once for all streams that stand there."""
        changes = self.board.changes(cursor)
        if self._encoded is None or self._encoded[0] is not changes:
            self._encoded = (changes, json.dumps(self._shown(changes), ensure_ascii=False))
        id = changes.cursor if after is None else f"{changes.cursor}~{after}"
        return f"id: {id}\nevent: rows\ndata: {self._encoded[1]}\n\n", changes.cursor

    def _shown(self, changes: Changes) -> Mapping[str, Any]:
        now = self.gate.now()
        return {
            "whole": changes.whole,
            "away": self.board.away,
            "gone": list(changes.gone),
            "rows": [{"id": row.id, "html": self.row(row, now)} for row in changes.rows],
        }

    def row(self, row: Row, now: datetime) -> Markup:
        """A row of the queue. It is drawn once a minute: for so long its times are right."""
        minute = now.replace(second=0, microsecond=0)
        known = self._drawn.get(row.id)
        if known is None or known[:2] != (row, minute):
            html = Markup(self.fragment("_row.html", row=row, now=now))  # noqa: S704 - a template's own, and escaped
            known = self._drawn[row.id] = (row, minute, html)
        if len(self._drawn) > MOST_DRAWN:
            self._drawn.clear()
        return known[2]

    def fragment(self, name: str, **context: Any) -> str:
        return self.gate.templates.text(name, context)

    async def farewells(self) -> None:
        """Wait until it is noted of every stream that ended that its person has gone."""
        await asyncio.gather(*self._farewells)

    def _later(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(_quietly(work))
        self._farewells.add(task)
        task.add_done_callback(self._farewells.discard)


class _Thread:
    """One conversation as one page knows it: what was sent is not sent again."""

    def __init__(self, live: Live, visitor: Visitor, address: Address, after: int) -> None:
        self._live = live
        self._visitor = visitor
        self._address = address
        self.after = after
        self._day: date | None = None
        self._words: str | None = None
        self._states: dict[int, str] | None = None
        self._sent: dict[str, str] = {}
        self.patience = HEARTBEAT_SECONDS
        """How long it may go without a look: nobody is told that a person stopped writing."""

    async def news(self) -> AsyncIterator[str]:
        """Events for all that is new."""
        store, now = self._live.conversations.store, self._live.gate.now()
        try:
            await note_presence(store, store.id_of(self._address), self._visitor.username, now)
            async for text in self._lines():
                yield text
            script = self._live.conversations.content.script
            view = await view_of(store, self._address, self._words or "", script, now)
            self.patience = WRITES_FOR.total_seconds() if any(view.here.values()) else HEARTBEAT_SECONDS
            for text in self._around(view):
                yield text
        except Gone:
            yield event("gone", {})
        except StoreAway:
            yield ": the store is away\n\n"

    async def _lines(self) -> AsyncIterator[str]:
        store, zone = self._live.conversations.store, self._live.conversations.content.script.hours.zone
        if self._words is None:
            known = await store.transcript(self._address)
            self._words = first_words_of(known)
            self._day = day_of(known[: self.after], zone)
        lines = await store.transcript(self._address, self.after)
        states = await store.delivery_states(self._address)
        if lines and lines[0][0] <= self.after:
            # The patient was forgotten and has begun anew: what stood here is nobody's any more.
            yield event("gone", {})
            return
        for each in said(lines, states, zone, self._day):
            html = self._fragment("_line.html", said=each)
            self.after = each.number
            yield event("line", {"n": each.number, "who": each.line.who, "html": html})
        self._day = day_of(lines, zone) or self._day
        async for text in self._deliveries(states):
            yield text

    async def _deliveries(self, states: dict[int, str]) -> AsyncIterator[str]:
        """What became of lines that the page has. At first nobody knows which it has seen, so all are told."""
        before, self._states = self._states, states
        changed = sorted(n for n, state in states.items() if n <= self.after and (before or {}).get(n) != state)
        if not changed:
            return
        lines = await self._live.conversations.store.transcript(self._address, changed[0] - 1)
        for each in said(lines, states, self._live.conversations.content.script.hours.zone, None):
            if each.number in changed:
                yield event("delivery", {"n": each.number, "html": self._fragment("_delivery.html", said=each)})

    def _around(self, view: View) -> list[str]:
        """Head, card and the state of the composer, each where it changed."""
        names, now = self._live.board.names, self._live.gate.now()
        context = {
            "view": view,
            "now": now,
            "people": people(view, names, self._visitor),
            "owner_name": names.get(view.owner, view.owner),
        }
        told = [self._changed(part, {"html": self._fragment(f"_{part}.html", **context)}) for part in ("head", "card")]
        state = {
            "mine": view.owner == self._visitor.username,
            "owner": names.get(view.owner, view.owner),
            "blocked": is_blocked(view, self._visitor),
            "closed": view.closed,
            "hurry": view.hurry,
            "window": self._fragment("_window.html", **context),
        }
        return [text for text in (*told, self._changed("state", state)) if text]

    def _changed(self, kind: str, data: dict[str, Any]) -> str:
        text = event(kind, data)
        if self._sent.get(kind) == text:
            return ""
        self._sent[kind] = text
        return text

    def _fragment(self, name: str, **context: Any) -> str:
        id = self._live.conversations.store.id_of(self._address)
        return self._live.fragment(name, visitor=self._visitor, csrf=self._visitor.csrf, id=id, **context)


def people(view: View, names: Mapping[str, str], visitor: Visitor) -> list[tuple[str, bool]]:
    """The others who look at it, and whether they write."""
    return [(names.get(who, who), writes) for who, writes in view.here.items() if who != visitor.username]


def is_blocked(view: View, visitor: Visitor) -> bool:
    """Whether a colleague has it, so that only notes can be written."""
    return bool(view.owner) and view.owner != visitor.username


def event(kind: str, data: Mapping[str, Any]) -> str:
    return f"event: {kind}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"


async def first_of(seconds: float, *events: asyncio.Event) -> bool:
    """Wait until one is set. False where none is after so many seconds."""
    waits = [asyncio.ensure_future(each.wait()) for each in events]
    try:
        done, _ = await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        return bool(done)
    finally:
        for wait in waits:
            wait.cancel()


async def _quietly(work: Any) -> None:
    with contextlib.suppress(StoreAway):  # then it is forgotten by itself soon
        await work
