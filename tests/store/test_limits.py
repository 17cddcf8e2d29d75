"""Rates kept by all processes together."""

from bot.store.limits import Limit, seconds_until_allowed
from bot.store.store import Store

SLOW = Limit("chat:7", per_second=0.5, burst=2)


async def test_a_burst_is_allowed_and_then_the_rate(store: Store) -> None:
    waits = [await seconds_until_allowed(store, "telegram", [SLOW]) for _ in range(3)]
    assert waits[:2] == [0, 0]
    assert 1 < waits[2] <= 2


async def test_all_or_none_is_taken(store: Store) -> None:
    wide = Limit("all", per_second=30, burst=2)
    assert await seconds_until_allowed(store, "telegram", [wide, Limit("chat:1", 0.1)]) == 0
    assert await seconds_until_allowed(store, "telegram", [wide, Limit("chat:1", 0.1)]) > 1
    assert await seconds_until_allowed(store, "telegram", [wide, Limit("chat:2", 0.1)]) == 0, "nothing was lost before"


async def test_channels_have_buckets_of_their_own(store: Store) -> None:
    one = Limit("all", per_second=0.1)
    assert await seconds_until_allowed(store, "telegram", [one]) == 0
    assert await seconds_until_allowed(store, "whatsapp", [one]) == 0
