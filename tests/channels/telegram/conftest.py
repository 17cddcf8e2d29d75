"""A Telegram to talk to, and the program running on it inside the test."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Iterator
from functools import partial
from typing import Any

import pytest
from redis.asyncio import Redis

from bot.content import Content
from bot.service import Service, service_of
from bot.settings import Settings
from bot.store.outbox import depth
from tests.channels.telegram.fake import TOKEN, FakeTelegram, telegram
from tests.conftest import SECRET
from tests.pace import PATIENCE

Running = Callable[..., contextlib.AbstractAsyncContextManager[Service]]


@pytest.fixture
def fake() -> Iterator[FakeTelegram]:
    with telegram() as server:
        yield server


@pytest.fixture
def running(fake: FakeTelegram, redis: Redis, redis_url: str, content: Content) -> Running:
    """Runs the program, without its web server, on the fake; a process more for each time."""

    @contextlib.asynccontextmanager
    async def run(**settings: Any) -> AsyncIterator[Service]:
        given = {"telegram_token": TOKEN, "telegram_api_url": fake.url, "telegram_rate": 0, **settings}
        chosen = Settings(redis_url=redis_url, secret_key=SECRET, **given)
        async with service_of(chosen, redis_url, content) as service, service.working():
            fake.unsent = partial(depth, service.store)
            yield service

    return run


async def until(happened: Callable[[], Any], seconds: float = PATIENCE) -> Any:
    """Wait until something is so, and give it."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := happened():
            return found
        await asyncio.sleep(0.01)
    raise AssertionError("it did not happen")
