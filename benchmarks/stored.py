"""What a conversation costs in Redis, and whether load + step + commit stays as fast with many of them stored.

``STORED=1000000`` stores so many, ``STORED_MESSAGES=1`` of so many messages each; what is stored without them fits a
small machine.
"""

import asyncio
import contextlib
import os
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from redis.asyncio import Redis

from benchmarks.table import show
from benchmarks.talk import talks
from bot.content import Content, load_content
from bot.conversations import Conversations, Inbound
from bot.dialogue.conversation import Conversation
from bot.settings import shipped
from bot.store import scripts
from bot.store.connect import Client, connect
from bot.store.embedded import embedded_redis
from bot.store.records import Address, Commit, Loaded
from bot.store.sealing import Sealer
from bot.store.store import Store

SIZES = (1, 1_000, int(os.environ.get("STORED", "100000")))
MESSAGES = int(os.environ.get("STORED_MESSAGES", "1000"))
"""Messages of a stored conversation, as far as its talk has so many."""

TALKS = 120
BATCH = 200
FILLERS = 3
"""Processes that fill at once."""

FIRST, MEASURED = 10**9, 10**10
"""Numbers of the patients that are not among those filled in."""

LEFT = 2 * 1024**3
"""Bytes of memory that the machine keeps; before it has less, filling ends."""

PARTS = ("state", "transcript", "seen")


def _commits(conversations: Conversations, talk: Sequence[str]) -> list[Commit]:
    """The turns of a talk, each as it is written down."""
    address = _address(FIRST)
    loaded, made = Loaded(Conversation(channel="whatsapp"), 0, address), []
    for place, text in enumerate(talk):
        inbound = Inbound(f"m{place}", address, datetime.now(UTC) + timedelta(minutes=2 * place), text)
        turn = conversations._turn(loaded, inbound, None)
        made.append(conversations._commit(inbound, loaded, turn))
        loaded = Loaded(turn.conversation, place + 1, address)
    return made


def _letters(commits: Sequence[Commit]) -> int:
    """What the transcript of a talk takes, before it is sealed: the one in the middle stands for all."""
    return sum(len(line.model_dump_json(exclude_defaults=True)) for commit in commits for line in commit.lines)


def _address(number: int) -> Address:
    return Address(channel="whatsapp", id=f"+62{number:011}")


async def _fill(redis_url: str, count: int, model: Sequence[Commit]) -> None:
    """So many conversations: each somebody else's, sealed for its own place and written by the real commit."""
    shares = [range(number, count, FILLERS) for number in range(FILLERS)]
    loop = asyncio.get_running_loop()
    with ProcessPoolExecutor(FILLERS, get_context("spawn")) as pool:
        await asyncio.gather(*(loop.run_in_executor(pool, _fill_part, redis_url, share, model) for share in shares))


def _fill_part(redis_url: str, numbers: range, model: Sequence[Commit]) -> None:
    """One process's share."""
    asyncio.run(_fill_batches(_store(redis_url), numbers, model))


async def _fill_batches(store: Store, numbers: range, model: Sequence[Commit]) -> None:
    for begin in range(0, len(numbers), BATCH):
        if _available() < LEFT:
            raise MemoryError("too little memory is left: set STORED or STORED_MESSAGES lower")
        pipeline = _pipeline(store, [_address(number) for number in numbers[begin : begin + BATCH]], model)
        if any(answer[0] != b"done" for answer in await pipeline.execute()):
            raise RuntimeError("a conversation was not stored")
    await store.redis.aclose()


def _pipeline(store: Store, addresses: Sequence[Address], model: Sequence[Commit]) -> Any:
    """The commits of so many conversations."""
    assert isinstance(store.redis, Redis)
    pipeline = store.redis.pipeline(transaction=False)
    for address in addresses:
        keys = store.keys_of(address)
        for commit in model:
            touched = (*keys.all(), *keys.shard.listed(), keys.shard.day(commit.day))
            arguments = store._arguments(replace(commit, address=address), keys)
            pipeline.evalsha(scripts._source("commit")[1], len(touched), *touched, *arguments)
    return pipeline


def _available() -> int:
    """Bytes of memory that the machine has left."""
    lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable"))


async def _talk(conversations: Conversations, address: Address, talk: Sequence[str]) -> list[float]:
    """How long each message took, in milliseconds."""
    took = []
    for place, text in enumerate(talk):
        inbound = Inbound(f"m{place}", address, datetime.now(UTC) + timedelta(minutes=2 * place), text)
        began = time.perf_counter()
        await conversations.receive(inbound)
        took.append((time.perf_counter() - began) * 1e3)
    return took


@dataclass
class Stored:
    """A Redis with so many conversations, and what messages took on it: milliseconds by the clock, seconds of the
    program's and of Redis' processor time."""

    size: int
    conversations: Conversations
    empty: int = 0
    took: list[float] = field(default_factory=list)
    program: float = 0.0
    redis: float = 0.0

    async def bytes(self) -> int:
        return int((await self.conversations.store.redis.info("memory"))["used_memory"]) - self.empty

    async def time(self, number: int, talk: Sequence[str]) -> None:
        """Let one more patient have this talk, who is forgotten after it."""
        address, redis = _address(MEASURED + number), self.conversations.store.redis
        began = time.process_time(), await _processor(redis)
        self.took += await _talk(self.conversations, address, talk)
        self.program += time.process_time() - began[0]
        self.redis += await _processor(redis) - began[1]
        await self.conversations.store.forget(address)

    def row(self, size: int) -> tuple[object, ...]:
        took = sorted(self.took)
        spent = [seconds / len(took) * 1e3 for seconds in (self.program, self.redis)]
        each = f"{size / self.size:,.0f}" if self.size > 1 else "-"
        return f"{self.size:,}", took[len(took) // 2], took[len(took) * 99 // 100], *spent, each


async def _processor(redis: Client) -> float:
    """Seconds of the processor that Redis has used."""
    told = await redis.info("cpu")
    return float(told["used_cpu_user"] + told["used_cpu_sys"])


async def _sizes(store: Store, model: Sequence[Commit]) -> dict[str, int]:
    """What the keys of one conversation take, in bytes."""
    assert isinstance(store.redis, Redis)
    for commit in model:
        await store.commit(replace(commit, address=_address(FIRST)))
    keys = store.keys_of(_address(FIRST))
    return {name: await store.redis.memory_usage(getattr(keys, name), samples=0) or 0 for name in PARTS}


def _store(redis_url: str) -> Store:
    return Store(connect(redis_url), Sealer(["a secret for measuring"]), timedelta(days=30))


async def _stored(redis_url: str, size: int, model: Sequence[Commit], content: Content) -> Stored:
    store = _store(redis_url)
    # The append-only file costs a message the same whatever is stored, and a million of them would fill a disk.
    await store.redis.config_set("appendonly", "no")
    stored = Stored(size, Conversations(store, content))
    await store.commit(replace(model[0], address=_address(FIRST)))  # the script is known from then on
    await store.forget(_address(FIRST))
    stored.empty = await stored.bytes()
    await _fill(redis_url, size, model)
    return stored


async def _measure(redis_urls: Sequence[str], content: Content) -> None:
    said = list(islice(talks(content, seed=3), TALKS))
    conversations = Conversations(_store(redis_urls[0]), content)
    model = sorted((_commits(conversations, talk) for talk in said), key=_letters)[TALKS // 2][:MESSAGES]
    filled = [await _stored(url, size, model, content) for url, size in zip(redis_urls, SIZES, strict=True)]
    sizes = [await stored.bytes() for stored in filled]
    each = await _sizes(filled[0].conversations.store, model)
    for number, talk in enumerate(said):  # in turns, so that whatever else the machine does disturbs all alike
        for stored in filled:
            await stored.time(number, talk)
    parts = ", ".join(f"{name} {value:,}" for name, value in each.items())
    print(f"stored conversations of {len(model)} messages: {sum(each.values()):,} bytes ({parts})")
    heads = ("conversations stored", "ms, median", "ms, 99 %", "program, ms", "Redis, ms", "bytes each, all told")
    show(heads, [stored.row(size) for stored, size in zip(filled, sizes, strict=True)])
    for stored in filled:
        await stored.conversations.store.redis.aclose()


def main() -> None:
    content = load_content(shipped("flows"), shipped("knowledge"))
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as servers:
        urls = [servers.enter_context(embedded_redis(Path(folder) / str(number))) for number in range(len(SIZES))]
        asyncio.run(_measure(urls, content))
