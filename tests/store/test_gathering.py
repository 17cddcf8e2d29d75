"""What is asked at once goes to Redis together, and everybody gets an answer of their own."""

import asyncio

import pytest
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as AwayError
from redis.exceptions import ResponseError

from bot.store.connect import connect
from tests.redis_servers import reads


async def test_what_is_asked_at_once_is_one_pipeline(redis: Redis) -> None:
    before = await reads(redis)
    await asyncio.gather(*(redis.set(f"k{number}", number) for number in range(50)))
    assert await asyncio.gather(*(redis.get(f"k{number}") for number in range(50))) == [b"%d" % n for n in range(50)]
    assert await reads(redis) - before == 2


async def test_a_pipeline_keeps_the_order_in_which_it_was_asked(redis: Redis) -> None:
    lengths = await asyncio.gather(*(redis.rpush("list", letter) for letter in "kaki kram"))
    assert lengths == list(range(1, 10))
    assert b"".join(await redis.lrange("list", 0, -1)) == b"kaki kram"


async def test_an_error_is_told_to_who_caused_it(redis: Redis) -> None:
    await redis.set("text", "kram")
    found = await asyncio.gather(
        redis.get("text"), redis.lpush("text", "x"), redis.hgetall("none"), return_exceptions=True
    )
    assert found[0] == b"kram"
    assert isinstance(found[1], ResponseError)
    assert found[2] == {}


async def test_who_gives_up_disturbs_nobody(redis: Redis) -> None:
    await redis.set("text", "kram")
    impatient = asyncio.ensure_future(redis.blpop("nothing", 0.3))
    patient = asyncio.ensure_future(redis.get("text"))
    await asyncio.sleep(0.1)  # both are under way, in one pipeline
    impatient.cancel()
    assert await patient == b"kram"
    assert impatient.cancelled()


async def test_what_nobody_waits_for_any_more_holds_no_connection(redis: Redis) -> None:
    await redis.set("text", "kram")
    for _ in range(3):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await asyncio.gather(redis.blpop("nothing", 5), redis.blpop("nothing either", 5))
        assert await redis.get("text") == b"kram"
    async with asyncio.timeout(2):
        while (await redis.info("clients"))["blocked_clients"]:  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_where_nobody_answers_everybody_is_told() -> None:
    away = connect("redis://127.0.0.1:1/0")
    found = await asyncio.gather(away.get("a"), away.get("b"), return_exceptions=True)
    assert [type(error) for error in found] == [AwayError, AwayError]
    await away.aclose()


async def test_what_is_under_way_ends_with_the_client(redis_url: str) -> None:
    client = connect(redis_url)
    waiting = asyncio.ensure_future(client.blpop("nothing", 5))
    await asyncio.sleep(0.1)  # it is under way
    await client.aclose()
    with pytest.raises(asyncio.CancelledError):
        await waiting
