"""Rates that all processes keep together: token buckets in Redis."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from bot.store import scripts
from bot.store.store import Store, answered


@dataclass(frozen=True, slots=True)
class Limit:
    """So many a second on average, ``burst`` of them at once. ``name`` tells the buckets of one channel apart."""

    name: str
    per_second: float
    burst: float = 1.0


async def seconds_until_allowed(store: Store, channel: str, limits: Sequence[Limit]) -> float:
    """Take one from every bucket and give 0, or take none and give the seconds until all would give."""
    if not limits:
        return 0.0
    keys = [f"tk:{{limit:{channel}}}:{limit.name}" for limit in limits]
    rates = [part for limit in limits for part in (limit.per_second, limit.burst)]
    wait = await answered(scripts.run(store.redis, "take", keys, [int(time.time() * 1000), *rates]))
    return int(wait) / 1000
