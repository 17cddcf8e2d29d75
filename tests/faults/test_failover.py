"""A Sentinel's master and a Cluster's master die just after their replicas stopped following: the worst moment.

Replication is asynchronous: what a master acknowledged and its replica had not got is gone with the master. With
``wait=1`` in ``REDIS_URL`` a message is acknowledged only when a replica has it; then nothing that was acknowledged is
lost, and the provider brings the rest again. The price: with no replica left, nothing is acknowledged. So the lost
master comes back here after a while, as it would under any supervisor; then it is a replica.
"""

import asyncio
import random
import signal
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.faults.rig import Judgement, Patients, Program, Sink, drained, judge, sized, store_of, tell
from tests.redis_servers import Cluster, ReplicaSet, Server

CONVERSATIONS, MESSAGES = sized((40, 6), (200, 10))
OUT_OF_TOUCH = 0.3
"""Seconds in which the master goes on without its replicas before it dies."""

BACK_AFTER = 4.0
"""Seconds after which the lost master is started again; by then another has its place."""

FORMS: dict[str, tuple[type[ReplicaSet] | type[Cluster], tuple[str, ...]]] = {
    "sentinel": (ReplicaSet, ()),
    "sentinel, min-replicas-to-write": (ReplicaSet, ("--min-replicas-to-write", "1")),
    "cluster": (Cluster, ()),
}


@asynccontextmanager
async def program(folder: Path, url: str, sink: Sink) -> AsyncIterator[Program]:
    process = Program(folder, url, sink)
    try:
        yield await process.start()
    finally:
        process.kill()


async def lose(form: ReplicaSet | Cluster, master: Server) -> None:
    """The replicas stop following, and a moment later the master dies. Then they are there again."""
    with stopped(form.replicas):
        master.client().execute_command("CLIENT", "KILL", "TYPE", "replica")
        await asyncio.sleep(OUT_OF_TOUCH)
        master.kill()


@contextmanager
def stopped(servers: Sequence[Server]) -> Iterator[None]:
    """As if the network to them was cut: they see and say nothing."""
    for server in servers:
        server.signal(signal.SIGSTOP)
    try:
        yield
    finally:
        for server in servers:
            server.signal(signal.SIGCONT)


async def experience(folder: Path, form: Any, url: str) -> tuple[Judgement, Patients]:
    """Patients write; half-way the master is lost; everything is acknowledged in the end."""
    with Sink() as sink:
        async with program(folder, url, sink) as process:
            patients = Patients(CONVERSATIONS, MESSAGES, [process.url])
            patients.release(patients.total // 3)
            writing = asyncio.create_task(patients.write())
            await asyncio.sleep(0.3)
            patients.release(patients.total // 3)
            master = random.choice(form.masters)
            await lose(form, master)
            patients.release(patients.total)
            await asyncio.sleep(BACK_AFTER)
            await asyncio.to_thread(master.start)
            await writing
            store = store_of(url)
            try:
                await drained(store)
                return await judge(store, patients, sink), patients
            finally:
                await store.redis.aclose()


@pytest.mark.timeout(180)
@pytest.mark.parametrize("wait", [0, 1])
@pytest.mark.parametrize("name", FORMS)
async def test_a_master_is_lost(tmp_path: Path, name: str, wait: int) -> None:
    make, arguments = FORMS[name]
    form = make(tmp_path, "--appendonly", "yes", *arguments)
    running: AbstractContextManager[Any] = form.running()
    with running:
        found, patients = await experience(tmp_path, form, f"{form.url}?wait={wait}")
    tell(f"master lost: {name}, wait={wait}", of=patients.total, tries=patients.tries, **vars(found))
    assert patients.acknowledged == patients.total
    assert found.twice == 0
    if wait:
        assert (found.lost, found.out_of_order) == (0, 0)
        assert (found.replies_lost, found.replies_out_of_order) == (0, 0)
