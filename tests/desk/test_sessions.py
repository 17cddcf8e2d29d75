"""Sessions end in time, and Redis can't be used to log in."""

import pytest

from bot.desk import Desk
from bot.desk.accounts import Account
from bot.store.store import Store
from tests.desk.house import Clock, hire


@pytest.fixture
async def account(desk: Desk) -> Account:
    return await hire(desk, "rina", "clinician")


async def test_a_session_that_is_not_used_ends_after_half_an_hour(desk: Desk, clock: Clock, account: Account) -> None:
    token = await desk.sessions.begin(account, clock())
    clock.forward(minutes=29, seconds=59)
    assert await desk.sessions.find(token, clock()) is not None
    clock.forward(seconds=1)
    assert await desk.sessions.find(token, clock()) is None


async def test_a_session_that_is_used_ends_after_twelve_hours(desk: Desk, clock: Clock, account: Account) -> None:
    token = await desk.sessions.begin(account, clock())
    for _ in range(35):
        clock.forward(minutes=20)
        session = await desk.sessions.find(token, clock())
        assert session is not None
        await desk.sessions.touch(token, session, clock())
    clock.forward(minutes=20)
    assert await desk.sessions.find(token, clock()) is None


async def test_a_touch_does_not_bring_back_an_ended_session(desk: Desk, clock: Clock, account: Account) -> None:
    token = await desk.sessions.begin(account, clock())
    session = await desk.sessions.find(token, clock())
    assert session is not None
    await desk.sessions.end(token)
    clock.forward(minutes=5)
    await desk.sessions.touch(token, session, clock())
    assert await desk.sessions.find(token, clock()) is None


async def test_activity_is_written_once_a_minute(desk: Desk, clock: Clock, account: Account, store: Store) -> None:
    token = await desk.sessions.begin(account, clock())
    session = await desk.sessions.find(token, clock())
    assert session is not None
    (key,) = await store.redis.keys("*session*")
    before = await store.redis.get(key)
    clock.forward(seconds=59)
    await desk.sessions.touch(token, session, clock())
    assert await store.redis.get(key) == before
    clock.forward(seconds=1)
    await desk.sessions.touch(token, session, clock())
    assert await store.redis.get(key) != before


async def test_redis_cleans_up_by_itself(desk: Desk, clock: Clock, account: Account, store: Store) -> None:
    token = await desk.sessions.begin(account, clock())
    (key,) = await store.redis.keys("*session*")
    clock.forward(minutes=5)
    session = await desk.sessions.find(token, clock())
    assert session is not None
    await desk.sessions.touch(token, session, clock())
    assert 0 < await store.redis.ttl(key) <= 12 * 3600


async def test_what_redis_holds_is_no_token_and_names_nobody(
    desk: Desk, clock: Clock, account: Account, store: Store
) -> None:
    token = await desk.sessions.begin(account, clock())
    session = await desk.sessions.find(token, clock())
    assert session is not None
    everything = b"".join([key + await store.redis.get(key) for key in await store.redis.keys("*session*")])
    assert token.encode() not in everything
    assert session.csrf.encode() not in everything
    assert b"rina" not in everything


async def test_a_session_that_can_not_be_read_has_ended(
    desk: Desk, clock: Clock, account: Account, store: Store
) -> None:
    token = await desk.sessions.begin(account, clock())
    (key,) = await store.redis.keys("*session*")
    await store.redis.set(key, b"broken")
    assert await desk.sessions.find(token, clock()) is None


async def test_every_token_is_new_and_long(desk: Desk, clock: Clock, account: Account) -> None:
    tokens = {await desk.sessions.begin(account, clock()) for _ in range(20)}
    assert len(tokens) == 20
    assert all(len(token) == 43 for token in tokens)
