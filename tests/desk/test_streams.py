"""A stream ends with the session of its person, however much there is to tell."""

import asyncio
from collections.abc import AsyncIterator
from itertools import count

import pytest
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from starlette.requests import Request

from bot.desk import Desk
from tests.desk.house import Browser, Clock, hire, seat


@pytest.fixture
async def stream(desk: Desk, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[str]:
    """The queue of Rina, who is logged in, while something changes all the time."""

    async def always(seconds: float, *events: asyncio.Event) -> bool:
        await asyncio.sleep(0)
        return True

    monkeypatch.setattr("bot.desk.live.first_of", always)
    monkeypatch.setattr("bot.desk.security.LASTS_SECONDS", 0)
    await seat(desk, browser, await hire(desk, "rina", "viewer"))
    cookie = (b"cookie", f"tanyakaki_desk={browser.token}".encode())
    request = Request({"type": "http", "method": "GET", "path": "/desk/events", "headers": [cookie]})
    return desk.live.queue(request, "")


async def read(stream: AsyncIterator[str], most: int = 10) -> list[str]:
    """What comes next, at most so many."""
    found = []
    for _ in range(most):
        try:
            found.append(await anext(stream))
        except StopAsyncIteration:
            break
    return found


async def test_it_goes_on_as_long_as_the_session(stream: AsyncIterator[str]) -> None:
    assert len(await read(stream)) == 10


@pytest.mark.parametrize("act", ["disable", "reset", "log out", "idle"])
async def test_it_ends_with_the_session(
    desk: Desk, browser: Browser, clock: Clock, stream: AsyncIterator[str], act: str
) -> None:
    await read(stream, 3)
    if act == "disable":
        await desk.accounts.set_disabled("rina", True)
    elif act == "reset":
        await desk.accounts.reset("rina")
    elif act == "log out":
        await browser.submit("/desk/logout")
    else:
        clock.forward(minutes=30)
    rest = await read(stream)
    assert len(rest) == 1
    assert rest[0].startswith("event: ended")


async def test_it_goes_on_while_redis_is_away(
    desk: Desk, stream: AsyncIterator[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    await read(stream, 3)
    monkeypatch.setattr(desk.conversations.store, "redis", Redis(host="127.0.0.1", port=1, retry=Retry(NoBackoff(), 0)))
    assert len(await read(stream, 3)) == 3


async def test_redis_is_not_asked_before_each_event(
    desk: Desk, stream: AsyncIterator[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = count()
    find = desk.accounts.find
    monkeypatch.setattr("bot.desk.security.LASTS_SECONDS", 60)
    monkeypatch.setattr(type(desk.accounts), "find", lambda self, name: (next(asked), find(name))[1])
    await read(stream)
    assert next(asked) == 1
