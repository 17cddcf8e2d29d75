"""A desk of one's own for each test."""

from collections.abc import AsyncIterator

import pytest
from starlette.applications import Starlette

from bot.conversations import Conversations
from bot.desk import Desk
from bot.store.wake import Wakes
from tests.desk.house import Browser, Clock, app_of, quick_passwords


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def desk(conversations: Conversations, clock: Clock) -> AsyncIterator[Desk]:
    wakes = Wakes(conversations.store.redis)
    desk = Desk(conversations, wakes, now=clock, passwords=quick_passwords())
    yield desk
    await desk.live.farewells()


@pytest.fixture
def app(desk: Desk) -> Starlette:
    return app_of(desk)


@pytest.fixture
async def browser(app: Starlette) -> AsyncIterator[Browser]:
    async with Browser(app) as browser:
        yield browser


@pytest.fixture
async def other(app: Starlette) -> AsyncIterator[Browser]:
    """A second browser."""
    async with Browser(app) as browser:
        yield browser
