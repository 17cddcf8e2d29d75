"""The board: what changes is on every screen at once, and nothing that happens is missed for long.

How large the crowd is stands in the environment: ``BOARD_CONVERSATIONS=1000 BOARD_STREAMS=50``.
"""

import asyncio
import contextlib
import json
import os
import time
import uuid
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from starlette.requests import Request

from bot.conversations import Conversations, Inbound
from bot.desk import Desk
from bot.desk.board import Board, reference
from bot.desk.security import COOKIE
from bot.dialogue import staffing
from bot.dialogue.staffing import Person
from bot.ontology import Level
from bot.store.listing import mark_read
from bot.store.notes import note
from bot.store.records import Address
from tests.desk.house import Clock, hire, working
from tests.pace import PATIENCE, slowness

CONVERSATIONS = int(os.environ.get("BOARD_CONVERSATIONS", "30"))
STREAMS = int(os.environ.get("BOARD_STREAMS", "8"))
WITHIN = 1.0
"""Seconds in which a message must be on every screen, where the machine has nothing else to do."""

RINA = Person("rina", "Rina, perawat")


@pytest.fixture
async def board(desk: Desk) -> AsyncIterator[Board]:
    """The board at work, with everything beside it that wakes it."""
    async with working(desk.wakes.run(), desk.run()):
        await asyncio.wait_for(desk.board.loaded.wait(), PATIENCE)
        await subscribed(desk)
        yield desk.board


async def subscribed(desk: Desk) -> None:
    """Wait until a wake arrives: from then on none is lost."""
    probe = uuid.uuid4().hex
    with desk.wakes.watching(probe) as woken:
        async with asyncio.timeout(PATIENCE):
            while not woken.is_set():
                await desk.conversations.store.redis.publish("tk:wake", probe)
                await asyncio.sleep(0.01)


class Patients:
    """People who write."""

    def __init__(self, conversations: Conversations, clock: Clock) -> None:
        self.conversations = conversations
        self.clock = clock
        self.count = 0

    async def writes(self, text: str, address: Address | None = None, channel: str = "web", name: str = "") -> Address:
        self.count += 1
        address = address or Address(channel=channel, id=uuid.uuid4().hex)
        await self.conversations.receive(Inbound(f"m-{self.count}", address, self.clock(), text, name=name))
        return address

    async def asks(self, **more: Any) -> Address:
        return await self.writes("petugas", **more)


@pytest.fixture
def patients(conversations: Conversations, clock: Clock) -> Patients:
    return Patients(conversations, clock)


async def until(board: Board, holds: Any) -> None:
    """Wait until the board is so; fails after some seconds."""
    with board.watching() as changed:
        async with asyncio.timeout(PATIENCE):
            while not holds():
                changed.clear()
                if not holds():
                    await changed.wait()


async def test_a_conversation_comes_and_goes(board: Board, patients: Patients, desk: Desk, clock: Clock) -> None:
    await hire(desk, "rina", "clinician", shown="Rina", title="perawat")
    await board.read_all()
    bot_only = await patients.writes("halo")
    address = await patients.asks(name="Ibu Sari")
    id = patients.conversations.store.id_of(address)
    await until(board, lambda: board.row(id))
    row = board.row(id)
    assert row is not None
    assert (row.name, row.why, row.owner, row.channel, row.unread) == ("Ibu Sari", "asked", "", "web", 1)
    assert row.reference == reference(id)
    assert board.row(patients.conversations.store.id_of(bot_only)) is None
    await patients.conversations.act(address, "claim-1", clock(), lambda c, s: staffing.claim(c, RINA, clock(), s))
    await until(board, lambda: (found := board.row(id)) and found.owner == "rina")
    assert board.rows()[0].owner_name == "Rina, perawat"
    await patients.conversations.act(
        address, "close-1", clock(), lambda c, s: staffing.close(c, RINA, clock(), s, "answered", None)
    )
    await until(board, lambda: board.row(id) is None)


async def test_the_order_is_alarm_level_waiting(board: Board, patients: Patients, clock: Clock) -> None:
    first = await patients.asks()
    clock.forward(minutes=5)
    second = await patients.asks()
    clock.forward(minutes=5)
    grave = await patients.writes("bapak saya tiba-tiba sesak napas dan nyeri dada")
    await until(board, lambda: len(board.rows()) == 3)
    id_of = patients.conversations.store.id_of
    rows = board.rows()
    assert [row.id for row in rows] == [id_of(grave), id_of(first), id_of(second)]
    assert rows[0].alarm
    assert rows[0].level is not None
    assert rows[0].level >= Level.emergency


async def test_what_is_read_is_not_unread(board: Board, patients: Patients, clock: Clock) -> None:
    address = await patients.asks()
    store = patients.conversations.store
    id = store.id_of(address)
    clock.forward(minutes=1)
    await patients.writes("halo?", address)
    await until(board, lambda: (row := board.row(id)) and row.unread == 2)
    await mark_read(store, address, len(await store.transcript(address)))
    await board.read({id})
    assert board.rows()[0].unread == 0


async def test_the_window_of_whatsapp_is_counted_from_the_patient(
    board: Board, patients: Patients, clock: Clock
) -> None:
    address = await patients.asks(channel="whatsapp")
    await note(patients.conversations.store, address, heard=clock().isoformat())
    await board.read_all()
    assert board.rows()[0].closes == clock() + timedelta(hours=24)


async def test_a_lost_wake_is_made_good(desk: Desk, patients: Patients) -> None:
    """Nobody listens for wakes here: the board looks by itself."""
    await patients.asks()
    await desk.board.read_all()
    assert len(desk.board.rows()) == 1


async def test_a_forgotten_patient_is_gone(board: Board, patients: Patients) -> None:
    address = await patients.asks()
    await until(board, board.rows)
    await patients.conversations.store.forget(address)
    await board.read_all()
    assert board.rows() == []


async def test_only_what_is_new_is_told(board: Board, patients: Patients) -> None:
    await patients.asks()
    await until(board, board.rows)
    cursor = board.cursor
    assert board.changes(cursor).rows == []
    other = await patients.asks()
    await until(board, lambda: len(board.rows()) == 2)
    told = board.changes(cursor)
    assert [row.id for row in told.rows] == [patients.conversations.store.id_of(other)]
    assert not told.whole
    await patients.conversations.store.forget(other)
    await board.read_all()
    assert board.changes(told.cursor).gone == [patients.conversations.store.id_of(other)]


@pytest.mark.parametrize("cursor", ["", "another-3", "x", "-", "-1", "²"])
async def test_a_cursor_that_is_not_ours_gets_everything(board: Board, patients: Patients, cursor: str) -> None:
    await patients.asks()
    await until(board, board.rows)
    told = board.changes(cursor)
    assert told.whole
    assert len(told.rows) == 1


async def request_of(desk: Desk) -> Request:
    """The request of somebody who is logged in."""
    account = await desk.accounts.find("watcher") or await hire(desk, "watcher", "viewer")
    token = await desk.sessions.begin(account, desk.gate.now())
    headers = [(b"cookie", f"{COOKIE}={token}".encode())]
    return Request({"type": "http", "method": "GET", "path": "/desk/events", "headers": headers})


async def next_rows(stream: AsyncIterator[str]) -> dict[str, Any]:
    """The next event with rows."""
    async for text in stream:
        if "event: rows" in text:
            data: dict[str, Any] = json.loads(text.split("data: ", 1)[1])
            return data
    raise AssertionError("the stream has ended")


async def test_a_message_is_on_every_screen_within_a_second(
    board: Board, desk: Desk, patients: Patients, conversations: Conversations
) -> None:
    """A crowd waits; streams look at it, of which some never take what they are offered."""
    addresses = [await patients.asks() for _ in range(CONVERSATIONS)]
    await until(board, lambda: len(board.rows()) == CONVERSATIONS)
    streams = [desk.live.queue(await request_of(desk), board.cursor) for _ in range(STREAMS)]
    stuck = [desk.live.queue(await request_of(desk), "") for _ in range(3)]
    async with contextlib.AsyncExitStack() as stack:
        for stream in (*streams, *stuck):
            stack.push_async_callback(stream.aclose)  # type: ignore[attr-defined]
            await next_rows(stream)
        waits, before = [], slowness()
        for address in addresses[:: max(1, CONVERSATIONS // 20)]:
            id = conversations.store.id_of(address)
            begun = time.perf_counter()
            await patients.writes("masih di sana?", address)
            told = await asyncio.gather(*(asyncio.wait_for(next_rows(stream), PATIENCE) for stream in streams))
            waits.append(time.perf_counter() - begun)
            assert all([row["id"] for row in each["rows"]] == [id] for each in told)
    slowest = max(waits)
    print(f"\n{CONVERSATIONS} open, {STREAMS} streams: median {sorted(waits)[len(waits) // 2]:.3f} s, {slowest:.3f} s")
    assert slowest < WITHIN * max(before, slowness())


async def test_a_slow_stream_holds_up_nobody(board: Board, desk: Desk, patients: Patients) -> None:
    """It is told at last what there is then, once, however much went by."""
    slow = desk.live.queue(await request_of(desk), board.cursor)
    await next_rows(slow)
    address = await patients.asks()
    for _ in range(5):
        await patients.writes("halo?", address)
    id = patients.conversations.store.id_of(address)
    await until(board, lambda: (row := board.row(id)) and row.unread == 6)
    told = await asyncio.wait_for(next_rows(slow), PATIENCE)
    assert [row["id"] for row in told["rows"]] == [id]
    await slow.aclose()  # type: ignore[attr-defined]
