"""A wrong SECRET_KEY is one clear line, and a rotation goes through."""

from datetime import timedelta

import pytest
from redis.asyncio import Redis

from bot.store.key_check import WrongKey, check_key
from bot.store.sealing import Sealer
from bot.store.store import Store

OLD, NEW = "the secret of last year", "the secret of this year"


def store_with(redis: Redis, *secrets: str) -> Store:
    return Store(redis, Sealer(secrets), timedelta(days=30))


async def test_the_same_key_is_right_every_time(redis: Redis) -> None:
    for _ in range(2):
        await check_key(store_with(redis, OLD))


async def test_another_key_is_wrong(redis: Redis) -> None:
    await check_key(store_with(redis, OLD))
    with pytest.raises(WrongKey, match="not the one that this Redis was written with"):
        await check_key(store_with(redis, NEW))


async def test_a_rotation_goes_through_and_the_oldest_key_must_stay(redis: Redis) -> None:
    await check_key(store_with(redis, OLD))
    await check_key(store_with(redis, NEW, OLD))
    with pytest.raises(WrongKey, match="lacks its oldest key"):
        await check_key(store_with(redis, NEW))
