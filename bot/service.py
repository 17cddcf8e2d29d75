"""A running program: its content, its store and its one path for messages, put together and taken apart again."""

import contextlib
import tempfile
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

from bot.content import Content, load_content
from bot.conversations import Conversations
from bot.settings import Settings
from bot.store.connect import connect
from bot.store.embedded import embedded_redis, is_running, url_of
from bot.store.sealing import Sealer
from bot.store.store import Store


def content_of(settings: Settings) -> Content:
    """The content that the settings name. Raises ``ContentError``."""
    return load_content(settings.flows_dir, settings.knowledge_dir, settings.clinic)


@contextlib.contextmanager
def redis_of(settings: Settings) -> Iterator[str]:
    """The URL of the Redis of these settings; where they name none, an embedded one that lives as long as this."""
    if settings.redis_url is not None:
        yield settings.redis_url
    else:
        with embedded_redis(settings.data_dir) as url:
            yield url


@contextlib.contextmanager
def shared_redis_of(settings: Settings) -> Iterator[str]:
    """As ``redis_of``, for commands that may run beside a ``serve``: its embedded server is joined, not refused."""
    if settings.redis_url is None and is_running(settings.data_dir):
        yield url_of(settings.data_dir)
    else:
        with redis_of(settings) as url:
            yield url


@contextlib.contextmanager
def private(settings: Settings) -> Iterator[Settings]:
    """Settings with a store of their own that is gone at the end, unless they name a Redis."""
    if settings.redis_url is not None:
        yield settings
        return
    with tempfile.TemporaryDirectory(prefix="tanyakaki-") as folder:
        yield settings.model_copy(update={"data_dir": Path(folder)})


@contextlib.asynccontextmanager
async def conversations_of(settings: Settings, redis_url: str, content: Content) -> AsyncIterator[Conversations]:
    """The path for messages on the Redis at ``redis_url``."""
    redis = connect(redis_url)
    try:
        retention = timedelta(days=settings.retention_days)
        yield Conversations(Store(redis, Sealer(settings.secrets()), retention), content)
    finally:
        await redis.aclose()
