"""Real parts for the tests: a Redis server started as the program starts it, and the content that ships."""

import uuid
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from redis.asyncio import Redis

from bot.content import Content, load_content
from bot.conversations import Conversations
from bot.settings import shipped
from bot.store.connect import connect
from bot.store.embedded import embedded_redis
from bot.store.records import Address
from bot.store.sealing import Sealer
from bot.store.store import Store

SECRET = "a secret that only the tests know"


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with embedded_redis(tmp_path_factory.mktemp("redis")) as url:
        yield url


@pytest.fixture(scope="session")
def content() -> Content:
    return load_content(shipped("flows"), shipped("knowledge"))


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    client = connect(redis_url)
    await client.flushall()
    yield client
    await client.aclose()


@pytest.fixture
def store(redis: Redis) -> Store:
    return Store(redis, Sealer([SECRET]), timedelta(days=30))


@pytest.fixture
def conversations(store: Store, content: Content) -> Conversations:
    return Conversations(store, content)


@pytest.fixture
def address() -> Address:
    return Address(channel="terminal", id=uuid.uuid4().hex)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path
