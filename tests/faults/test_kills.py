"""The program, or its Redis, is killed again and again while patients write: nothing is lost, nothing happens twice."""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from tests.faults.rig import Judgement, Patients, Program, Sink, drained, judge, sized, store_of, tell
from tests.redis_servers import Server, durable, running

KILLS = sized(8, 100)
REDIS_KILLS = sized(8, 40)
CONVERSATIONS, MESSAGES = sized((40, 5), (200, 10))


@pytest.fixture
def redis_server(tmp_path: Path) -> Server:
    return durable(tmp_path / "redis")


@contextlib.asynccontextmanager
async def program(folder: Path, server: Server, sink: Sink) -> AsyncIterator[Program]:
    process = Program(folder, server.url, sink)
    try:
        yield await process.start()
    finally:
        process.kill()


async def stream(patients: Patients, kills: int, kill: Callable[[], Awaitable[None]]) -> int:
    """Let the patients write while ``kill`` is called so many times; in how many of them messages were under way."""
    writing = asyncio.create_task(patients.write())
    share = -(-patients.total // (kills + 1))
    amid = 0
    for _ in range(kills):
        patients.release(share)
        await asyncio.sleep(random.uniform(0.0, 0.1))
        amid += patients.in_flight > 0
        await kill()
    patients.release(patients.total)
    await writing
    return amid


async def verdict(server: Server, patients: Patients, sink: Sink) -> Judgement:
    store = store_of(server.url)
    try:
        await drained(store)
        return await judge(store, patients, sink)
    finally:
        await store.redis.aclose()


def assert_exact(found: Judgement, kills: int) -> None:
    assert (found.lost, found.twice, found.out_of_order) == (0, 0, 0)
    assert (found.replies_lost, found.replies_out_of_order, found.strange) == (0, 0, 0)
    assert found.replies_twice <= kills


@pytest.mark.timeout(sized(300, 1800))
async def test_the_program_is_killed(tmp_path: Path, redis_server: Server) -> None:
    with running(redis_server), Sink() as sink:
        async with program(tmp_path, redis_server, sink) as process:
            patients = Patients(CONVERSATIONS, MESSAGES, [process.url])

            async def kill() -> None:
                process.kill()
                await process.start()

            amid = await stream(patients, KILLS, kill)
            found = await verdict(redis_server, patients, sink)
        tell("kill -9 of the program", kills=KILLS, amid_work=amid, tries=patients.tries, **vars(found))
        assert patients.acknowledged == patients.total
        assert_exact(found, KILLS)


@pytest.mark.timeout(sized(300, 1800))
async def test_redis_is_killed_and_comes_back_with_its_file(tmp_path: Path, redis_server: Server) -> None:
    with running(redis_server), Sink() as sink:
        async with program(tmp_path, redis_server, sink) as process:
            patients = Patients(CONVERSATIONS, MESSAGES, [process.url])

            async def kill() -> None:
                redis_server.kill()
                await asyncio.sleep(random.uniform(0, 0.3))
                await asyncio.to_thread(redis_server.start)

            amid = await stream(patients, REDIS_KILLS, kill)
            found = await verdict(redis_server, patients, sink)
        tell("kill -9 of Redis", kills=REDIS_KILLS, amid_work=amid, tries=patients.tries, **vars(found))
        assert patients.acknowledged == patients.total
        assert_exact(found, REDIS_KILLS)
