"""What a conversation costs in Redis, and whether load + step + commit stays as fast with many of them stored.

``STORED=1000000`` stores so many, ``STORED_MESSAGES=1`` of so many messages each; what is stored without them fits a
small machine.
"""

import asyncio
import os
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

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
FILLERS = 2
"""Batches under way at once: while Redis works on one, the next is made."""

LEFT = 2 * 1024**3
"""Bytes of memory that the machine keeps; before it has less, filling ends."""

PARTS = ("state", "transcript", "seen")


def _commits(conversations: Conversations, talk: Sequence[str]) -> list[Commit]:
    """The turns of a talk, each as it is written down."""
    loaded, made = Loaded(Conversation(channel="whatsapp"), 0), []
    for place, text in enumerate(talk):
        inbound = Inbound(f"m{place}", _address(), datetime.now(UTC) + timedelta(minutes=2 * place), text)
        turn = conversations._turn(loaded, inbound, None)
        made.append(conversations._commit(inbound, loaded, turn))
        loaded = Loaded(turn.conversation, place + 1)
    return made


def _address() -> Address:
    return Address(channel="whatsapp", id=f"+62{random.randrange(10**11):011}")


async def _fill(store: Store, count: int, model: Sequence[Commit]) -> None:
    """As many conversations more: each somebody else's, sealed for its own place and written by the real commit."""
    batches = iter([min(BATCH, count - begin) for begin in range(0, count, BATCH)])
    await asyncio.gather(*(_fill_batches(store, batches, model) for _ in range(FILLERS)))


async def _fill_batches(store: Store, batches: Iterator[int], model: Sequence[Commit]) -> None:
    assert isinstance(store.redis, Redis)
    _, script = scripts._source("commit")
    for size in batches:
        if _available() < LEFT:
            sys.exit("too little memory is left for so many: set STORED or STORED_MESSAGES lower")
        pipeline = store.redis.pipeline(transaction=False)
        for address in [_address() for _ in range(size)]:
            keys = store.keys_of(address)
            for commit in model:
                touched = (*keys.all(), *keys.shard.listed(), keys.shard.day(commit.day))
                arguments = store._arguments(replace(commit, address=address), keys)
                pipeline.evalsha(script, len(touched), *touched, *arguments)
        if any(answer[0] != b"done" for answer in await pipeline.execute()):
            sys.exit("a conversation was not stored")


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


async def _time(conversations: Conversations, said: Sequence[Sequence[str]]) -> tuple[float, float, float, float]:
    """Of a message's whole way, in milliseconds: median and 99th percentile by the clock, then the mean of the
    program's and of Redis' processor time, which others on the machine disturb less."""
    took, redis = [], conversations.store.redis
    began = time.process_time(), await _processor(redis)
    for talk in said:
        address = _address()
        took += await _talk(conversations, address, talk)
        await conversations.store.forget(address)
    ours, its = time.process_time() - began[0], await _processor(redis) - began[1]
    took.sort()
    return took[len(took) // 2], took[len(took) * 99 // 100], ours / len(took) * 1e3, its / len(took) * 1e3


async def _processor(redis: Client) -> float:
    """Seconds of the processor that Redis has used."""
    told = await redis.info("cpu")
    return float(told["used_cpu_user"] + told["used_cpu_sys"])


async def _sizes(store: Store, model: Sequence[Commit]) -> dict[str, int]:
    """What the keys of one conversation take, in bytes."""
    assert isinstance(store.redis, Redis)
    for commit in model:
        await store.commit(commit)
    keys = store.keys_of(model[0].address)
    return {name: await store.redis.memory_usage(getattr(keys, name), samples=0) or 0 for name in PARTS}


async def _measure(redis_url: str, content: Content) -> None:
    redis = connect(redis_url)
    assert isinstance(redis, Redis)
    # The append-only file costs a message the same whatever is stored, and a million of them would fill a disk.
    await redis.config_set("appendonly", "no")
    store = Store(redis, Sealer(["a secret for measuring"]), timedelta(days=30))
    conversations = Conversations(store, content)
    said = list(islice(talks(content, seed=3), TALKS))
    first = _address()
    model = [replace(commit, address=first) for commit in _commits(conversations, sorted(said, key=len)[TALKS // 2])][
        :MESSAGES
    ]
    each, rows, stored = await _sizes(store, model), [], 1
    await _time(conversations, said[: TALKS // 4])  # whoever comes first finds everything cold
    empty = (await redis.info("memory"))["used_memory"]
    for size in SIZES:
        await _fill(store, size - stored, model)
        stored = size
        took = await _time(conversations, said)
        used = (await redis.info("memory"))["used_memory"] - empty
        rows.append((f"{size:,}", *took, f"{used / size:,.0f}" if size > 1 else "-"))
    await redis.aclose()
    parts = ", ".join(f"{name} {value:,}" for name, value in each.items())
    print(f"stored conversations of {len(model)} messages: {sum(each.values()):,} bytes ({parts})")
    show(("conversations stored", "ms, median", "ms, 99 %", "program, ms", "Redis, ms", "bytes each, all told"), rows)


def main() -> None:
    content = load_content(shipped("flows"), shipped("knowledge"))
    with tempfile.TemporaryDirectory() as folder, embedded_redis(Path(folder)) as redis_url:
        asyncio.run(_measure(redis_url, content))
