"""What a conversation costs in Redis, and whether load + step + commit stays as fast with many of them stored.

``STORED=1000000`` stores so many; what is stored without it fits a small machine.
"""

import asyncio
import os
import random
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

from redis.asyncio import Redis

from benchmarks.table import show
from benchmarks.talk import talks
from bot.content import Content, load_content
from bot.conversations import Conversations, Inbound
from bot.settings import shipped
from bot.store.connect import connect
from bot.store.embedded import embedded_redis
from bot.store.keys import Keys
from bot.store.records import Address
from bot.store.sealing import Sealer
from bot.store.store import Store

SIZES = (1, 1_000, int(os.environ.get("STORED", "100000")))
TALKS = 120
BATCH = 500
PARTS = ("state", "transcript", "seen")


async def _fill(redis: Redis, count: int, model: Keys) -> None:
    """As many conversations more, each a copy of a real one under a name of its own."""
    copies = {name: await redis.dump(getattr(model, name)) or b"" for name in PARTS}
    for begin in range(0, count, BATCH):
        pipeline = redis.pipeline(transaction=False)
        for _ in range(min(BATCH, count - begin)):
            keys = Keys(f"{random.getrandbits(128):032x}")
            for name, value in copies.items():
                pipeline.restore(getattr(keys, name), 2_592_000_000, value, replace=True)
            pipeline.zadd(keys.shard.timers, {f"{keys.conversation}|reminder": 4e12})
        await pipeline.execute()


async def _talk(conversations: Conversations, address: Address, talk: Sequence[str]) -> list[float]:
    """How long each message took, in milliseconds."""
    took = []
    for place, text in enumerate(talk):
        inbound = Inbound(f"m{place}", address, datetime.now(UTC) + timedelta(minutes=2 * place), text)
        began = time.perf_counter()
        await conversations.receive(inbound)
        took.append((time.perf_counter() - began) * 1e3)
    return took


async def _time(conversations: Conversations, said: Sequence[Sequence[str]]) -> tuple[float, float]:
    """Median and 99th percentile, in milliseconds, of a message's whole way."""
    took = []
    for number, talk in enumerate(said):
        address = Address(channel="whatsapp", id=f"{random.random()}-{number}")
        took += await _talk(conversations, address, talk)
        await conversations.store.forget(address)
    took.sort()
    return took[len(took) // 2], took[len(took) * 99 // 100]


async def _measure(redis_url: str, content: Content) -> None:
    redis = connect(redis_url)
    assert isinstance(redis, Redis)
    # The append-only file costs a message the same whatever is stored, and a million of them would fill a disk.
    await redis.config_set("appendonly", "no")
    store = Store(redis, Sealer(["a secret for measuring"]), timedelta(days=30))
    conversations = Conversations(store, content)
    said = list(islice(talks(content, seed=3), TALKS))
    middle = sorted(said, key=len)[TALKS // 2]
    first = Address(channel="whatsapp", id="first")
    await _talk(conversations, first, middle)
    keys, rows, stored = store.keys_of(first), [], 1
    each = {name: await redis.memory_usage(getattr(keys, name), samples=0) or 0 for name in PARTS}
    empty = (await redis.info("memory"))["used_memory"]
    for size in SIZES:
        await _fill(redis, size - stored, keys)
        stored = size
        median, slow = await _time(conversations, said)
        used = (await redis.info("memory"))["used_memory"] - empty
        rows.append((f"{size:,}", median, slow, f"{used / size:,.0f}" if size > 1 else "-"))
    await redis.aclose()
    parts = ", ".join(f"{name} {value:,}" for name, value in each.items())
    print(f"a conversation of {len(middle)} messages: {sum(each.values()):,} bytes ({parts})")
    show(("conversations stored", "ms, median", "ms, 99 %", "bytes each, all told"), rows)


def main() -> None:
    content = load_content(shipped("flows"), shipped("knowledge"))
    with tempfile.TemporaryDirectory() as folder, embedded_redis(Path(folder)) as redis_url:
        asyncio.run(_measure(redis_url, content))
