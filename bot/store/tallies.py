"""What the reports count, day by day and over all shards, in few round trips."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Final

from bot.store.keys import SHARDS, Shard
from bot.store.store import Store, answered

AT_ONCE: Final = 640
"""Hashes that are asked for in one round trip: twenty days."""


async def tallies(store: Store, days: Sequence[date]) -> dict[date, Counter[str]]:
    """What was counted on each of these days; nothing for days of which nothing is kept."""
    found: dict[date, Counter[str]] = {day: Counter() for day in days}
    wanted = [(day, Shard(number).day(day.isoformat())) for day in days for number in range(SHARDS)]
    for at in range(0, len(wanted), AT_ONCE):
        some = wanted[at : at + AT_ONCE]
        pipeline = store.redis.pipeline(transaction=False)
        for _, key in some:
            pipeline.hgetall(key)
        for (day, _), counted in zip(some, await answered(pipeline.execute()), strict=True):
            _add(found[day], counted)
        await asyncio.sleep(0)
    return found


def _add(total: Counter[str], counted: dict[bytes, bytes]) -> None:
    for name, number in counted.items():
        total[name.decode()] += int(number)
