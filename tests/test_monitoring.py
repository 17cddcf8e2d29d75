"""What a monitor is told: ready only where a message could be taken, and numbers that are right."""

import asyncio
import contextlib
import math
import signal
import time
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from redis.asyncio import Redis
from starlette.routing import BaseRoute

from bot.content import Content
from bot.conversations import Conversations, Inbound
from bot.dialogue.conversation import Conversation, Handoff, Outcome
from bot.metrics import Metrics
from bot.monitoring import SILENT_AFTER, not_ready
from bot.ontology import Level
from bot.service import Service, service_of
from bot.settings import Settings
from bot.store.gauges import outbox, people
from bot.store.key_check import MARK
from bot.store.keys import SHARDS, Keys
from bot.store.outbox import claim_one
from bot.store.records import Address, Commit, Line
from bot.store.sealing import Sealer
from bot.store.store import Store
from bot.timers import Timers
from bot.web import create_app
from tests.conftest import SECRET
from tests.monitors import scraped, value
from tests.pace import PATIENCE, within
from tests.redis_servers import Server, running

NOW = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)


@dataclass
class Program:
    """The program inside the test, and somebody who asks it."""

    service: Service
    client: httpx.AsyncClient

    async def ready(self) -> tuple[int, dict[str, Any]]:
        answer = await self.client.get("/readyz")
        return answer.status_code, answer.json()

    async def write(self, text: str, id: str = "") -> None:
        if not self.client.cookies:
            await self.client.get("/")
        answer = await self.client.post("/chat/messages", json={"client_id": id or uuid.uuid4().hex, "text": text})
        answer.raise_for_status()


Start = Callable[[str], AbstractAsyncContextManager[Program]]


@pytest.fixture
def start(content: Content) -> Start:
    @contextlib.asynccontextmanager
    async def run(url: str) -> AsyncIterator[Program]:
        services: list[Service] = []
        app = create_app(Settings(redis_url=url, secret_key=SECRET), content, services.append)
        transport = httpx.ASGITransport(app)
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=transport, base_url="http://inside") as client,
        ):
            yield Program(services[0], client)

    return run


@pytest.fixture
async def program(start: Start, redis: Redis, redis_url: str) -> AsyncIterator[Program]:
    async with start(redis_url) as one:
        yield one


async def until(holds: Callable[[], Any], seconds: float = PATIENCE) -> None:
    async with asyncio.timeout(seconds):
        while not await holds():  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def until_ended(work: asyncio.Task[None]) -> None:
    """A cancel that comes while redis-py connects can be lost."""
    while not work.done():
        work.cancel()
        await asyncio.wait([work], timeout=0.5)


async def test_a_well_program_is_ready(program: Program, content: Content) -> None:
    assert await program.ready() == (200, {"ready": True, "reasons": [], "content": content.script.version})
    assert (await program.client.get("/healthz")).status_code == 200


async def test_redis_that_goes_hangs_and_comes_back(start: Start, tmp_path: Path) -> None:
    server = Server(tmp_path / "redis")
    with running(server):
        async with start(server.url) as program:
            await program.write("betis kiri kram")
            server.signal(signal.SIGSTOP)
            await _not_ready(program, "does not answer within 1 s")
            server.signal(signal.SIGCONT)
            await until(lambda: _is_ready(program))
            server.kill()
            await _not_ready(program, "Redis does not answer")
            server.start()
            await until(lambda: _is_ready(program))
            numbers = await scraped(program.client)
            assert (value(numbers, "redis_up"), value(numbers, "ready")) == (1, 1)
            assert sum(n for (name, _), n in numbers.items() if name == "tanyakaki_redis_errors_total") >= 1


async def _is_ready(program: Program) -> bool:
    return (await program.ready())[0] == 200


async def _not_ready(program: Program, reason: str) -> None:
    """It says so soon, lives on, and its numbers say so, too."""
    with within(1.5):
        code, told = await program.ready()
    assert code == 503
    assert [reason in one for one in told["reasons"]] == [True]
    assert (await program.client.get("/healthz")).status_code == 200
    numbers = await scraped(program.client)
    assert (value(numbers, "redis_up"), value(numbers, "ready")) == (0, 0)
    depth = value(numbers, "outbox_conversations")
    assert depth is not None
    assert math.isnan(depth)
    assert value(numbers, "turns_total", came="inbound", channel="web") == 1


async def test_a_redis_that_takes_nothing_is_no_good(start: Start, tmp_path: Path) -> None:
    server = Server(tmp_path / "redis")
    with running(server):
        async with start(server.url) as program:
            server.client().execute_command("CONFIG SET min-replicas-to-write 1")
            assert await program.ready() == (503, {**(await program.ready())[1], "ready": False})
            server.client().execute_command("CONFIG SET min-replicas-to-write 0")
            assert await _is_ready(program)
        async with start(f"{server.url}?wait=1") as program:
            assert not await _is_ready(program), "the replica that a commit waits for is not there"


async def test_another_key_is_told_without_a_secret(program: Program, redis: Redis) -> None:
    await redis.set(MARK, Sealer(["another secret altogether"]).seal(b"name", MARK))
    code, told = await program.ready()
    assert code == 503
    assert told["reasons"] == ["SECRET_KEY is not the one that Redis was written with"]
    assert SECRET not in str(told)


async def test_a_dead_or_hanging_loop_is_told(program: Program) -> None:
    service = program.service
    service.metrics._beats["delivery"] = time.monotonic() - SILENT_AFTER - 1
    assert (await program.ready())[1]["reasons"] == [f"delivery hangs for {SILENT_AFTER + 1:.0f} s"]
    service.metrics.beat("delivery")
    await until_ended(service.works["timers"])
    assert (await program.ready())[1]["reasons"] == ["timers has ended"]


class Broken:
    """A channel with a bug."""

    def routes(self, conversations: Conversations) -> list[BaseRoute]:
        return []

    async def send(self, address: Address, line: Line) -> str:
        return ""

    async def run(self, conversations: Conversations) -> None:
        raise RuntimeError("rahasia")

    async def close(self) -> None:
        """Nothing is open."""


async def test_a_channel_that_ends_is_told_and_logged(
    redis: Redis, redis_url: str, content: Content, caplog: pytest.LogCaptureFixture
) -> None:
    settings = Settings(redis_url=redis_url, secret_key=SECRET)
    async with service_of(settings, redis_url, content, {"broken": Broken()}) as service, service.working():
        await asyncio.wait([service.works["broken"]])
        assert await not_ready(service) == ["broken has ended"]
    assert "a work that must not end has ended" in caplog.text
    assert "rahasia" not in caplog.text


async def test_a_stopping_process_takes_no_more(program: Program) -> None:
    program.service.wakes.close()
    assert (await program.ready())[1]["reasons"] == ["the process is stopping"]


async def test_turns_are_counted_once_with_what_came_of_them(program: Program) -> None:
    await program.write("betis kiri kram", "the-same-id")
    await program.write("betis kiri kram", "the-same-id")
    await program.write("tolong bapak saya tiba2 sesak napas dan nyeri dada")
    numbers = await scraped(program.client)
    assert value(numbers, "turns_total", came="inbound", channel="web") == 2
    assert value(numbers, "messages_again_total", channel="web") == 1
    assert value(numbers, "turn_seconds_count", channel="web") == 2
    assert value(numbers, "outcomes_total", level="self_care") == 0
    urgent = [value(numbers, "outcomes_total", level=level.name) for level in Level if level >= Level.emergency]
    assert sum(filter(None, urgent)) == 1
    assert value(numbers, "alarms_total") == 1
    assert value(numbers, "alarms_unseen") == 1


async def test_what_is_not_understood_and_what_fails_is_counted(program: Program) -> None:
    await program.write("qwrtp zxcvb")
    conversations = program.service.conversations
    conversations._hear = None  # type: ignore[assignment, method-assign]
    await program.write("betis kiri kram")
    numbers = await scraped(program.client)
    assert value(numbers, "not_understood_total") == 1
    assert value(numbers, "turns_failed_total") == 1


async def test_open_streams_are_counted(program: Program) -> None:
    await program.write("betis kiri kram")
    streaming = asyncio.create_task(program.client.get("/chat/events"))
    await until(lambda: _streams(program, 1))
    program.service.wakes.close()
    assert (await streaming).headers["x-request-id"]
    assert await _streams(program, 0)


async def _streams(program: Program, count: int) -> bool:
    return value(await scraped(program.client), "streams_open") == count


async def test_reloads_are_counted(program: Program, tmp_path: Path) -> None:
    await program.service.reload()
    broken = program.service.settings.model_copy(update={"flows_dir": tmp_path})
    object.__setattr__(program.service, "settings", broken)
    await program.service.reload()
    numbers = await scraped(program.client)
    assert value(numbers, "reloads_total", result="taken") == 1
    assert value(numbers, "reloads_total", result="refused") == 1


async def test_timers_that_fire_are_counted(conversations: Conversations, address: Address) -> None:
    await conversations.receive(Inbound("m1", address, NOW, text="betis kiri kram"))
    fired = await Timers(conversations).fire(NOW + timedelta(days=2))
    text = conversations.metrics.text().decode()
    assert fired == 1
    assert 'tanyakaki_timers_fired_total{kind="reminder"} 1.0' in text


def test_each_has_its_own_numbers() -> None:
    one, other = Metrics(), Metrics()
    one.count(["inbound:web", "outcome:consultation", "not_understood", "handoff:asked", "asked:cramp:swelling"])
    assert 'tanyakaki_turns_total{came="inbound",channel="web"} 1.0' in one.text().decode()
    assert "tanyakaki_turns_total{" not in other.text().decode()
    assert "_created" not in one.text().decode()
    assert "asked:cramp" not in one.text().decode()


def reply(address: Address, at: datetime) -> Commit:
    line = Line(who="bot", text="Sejak kapan?", at=at)
    return Commit(address, 0, uuid.uuid4().hex, at, Conversation(), [line], push=True)


async def test_the_outbox_tells_its_depth_and_the_age_of_the_oldest(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.store.gauges.LOOKED_AT", 2)
    assert (await outbox(store)).oldest is None
    crowd = 6 * SHARDS
    addresses = [Address(channel="telegram", id=str(number)) for number in range(crowd)]
    for number, address in enumerate(addresses):
        await store.commit(reply(address, NOW - timedelta(seconds=number)))
    claim = await claim_one(store, store.id_of(addresses[-1]))
    assert claim is not None
    assert await claim.next() is not None
    await claim.later(1, 300)
    found = await outbox(store)
    assert (found.conversations, found.oldest) == (crowd, NOW - timedelta(seconds=crowd - 1))


async def test_a_reply_that_cannot_be_read_harms_no_number(store: Store, redis: Redis, address: Address) -> None:
    await store.commit(reply(address, NOW))
    await redis.lset(Keys(store.id_of(address)).transcript, 0, b"garbage")
    found = await outbox(store)
    assert (found.conversations, found.oldest) == (1, None)


def told(level: Level) -> Outcome:
    return Outcome(level=level, rules=(), reasons=(), doubts=(), see=(), causes=(), content="", at=NOW)


async def test_who_waits_for_people_is_told_by_level(start: Start, redis: Redis, redis_url: str, store: Store) -> None:
    now = datetime.now(UTC)
    asked = Handoff(since=now - timedelta(minutes=20), why="asked")
    urgent = Handoff(since=now - timedelta(minutes=6), why="urgent")
    for number, state in enumerate(
        (
            Conversation(owner="waiting", handoff=asked),
            Conversation(owner="waiting", handoff=urgent, outcome=told(Level.emergency), alarm=True),
            Conversation(owner="staff:ani", handoff=urgent, outcome=told(Level.emergency)),
            Conversation(alarm=True),
            Conversation(),
        )
    ):
        address = Address(channel="telegram", id=str(number))
        await store.commit(Commit(address, 0, "m1", now, state, [Line(who="patient", text="x", at=now)]))
    found = await people(store)
    assert (len(found.waiting), found.alarms) == (2, 2)
    async with start(redis_url) as program:
        numbers = await scraped(program.client)
    assert value(numbers, "handoffs_waiting", level="none") == 1
    assert value(numbers, "handoffs_waiting", level="emergency") == 1
    assert value(numbers, "handoffs_waiting", level="consultation") == 0
    assert value(numbers, "handoffs_oldest_seconds", level="emergency") == pytest.approx(360, abs=30)
    assert value(numbers, "handoffs_oldest_seconds", level="consultation") == 0
    assert value(numbers, "alarms_unseen") == 2
