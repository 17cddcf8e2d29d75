"""A Telegram with a group of the staff, and the program running on it, in a clinic that never closes."""

import contextlib
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from redis.asyncio import Redis

from bot.content import Content
from bot.dialogue.hours import Hours
from bot.service import Service, service_of
from bot.settings import Settings
from tests.channels.telegram.fake import TOKEN, served
from tests.conftest import SECRET
from tests.desk.telegram.forum import GROUP, FakeForum

PUBLIC = "https://chat.klinik.example"
Running = Callable[..., contextlib.AbstractAsyncContextManager[Service]]


@pytest.fixture
def fake() -> Iterator[FakeForum]:
    with served(FakeForum()) as server:
        yield server


@pytest.fixture(scope="session")
def always_open(content: Content) -> Content:
    hours = Hours(content.script.hours.zone, (((0, 24 * 60),),) * 7, national_holidays=False)
    return replace(content, script=replace(content.script, hours=hours))


@pytest.fixture
def running(fake: FakeForum, redis: Redis, redis_url: str, always_open: Content) -> Running:
    """Runs the program, without its web server, on the fake; a process more for each time."""

    @contextlib.asynccontextmanager
    async def run(*, relay: bool = False, **settings: Any) -> AsyncIterator[Service]:
        given = {"telegram_token": TOKEN, "telegram_api_url": fake.url, "telegram_rate": 0, **settings}
        group = {"telegram_staff_chat": GROUP, "telegram_staff_relay": relay}
        chosen = Settings(redis_url=redis_url, secret_key=SECRET, **given, **group)
        async with service_of(chosen, redis_url, always_open) as service, service.working():
            yield service

    return run
