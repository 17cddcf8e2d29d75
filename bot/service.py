"""A running program: its content, its store, its one path for messages and what works beside it, put together and
taken apart again."""

import asyncio
import contextlib
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from bot.content import Content, load_content
from bot.conversations import Conversations
from bot.delivery import Delivery, PushChannel
from bot.settings import Settings
from bot.store.connect import connect
from bot.store.embedded import embedded_redis, is_running, url_of
from bot.store.sealing import Sealer
from bot.store.store import Store
from bot.store.wake import Wakes
from bot.timers import Timers

STOPS_WITHIN = 5.0
"""Seconds in which sends that are under way may end when the program stops."""


@dataclass(frozen=True, slots=True)
class Service:
    """The parts of a running program."""

    store: Store
    conversations: Conversations
    delivery: Delivery
    timers: Timers
    wakes: Wakes

    @contextlib.asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """Deliver, fire timers and listen for wakes as long as this lasts."""
        works = [asyncio.create_task(work) for work in (self.delivery.run(), self.timers.run(), self.wakes.run())]
        try:
            yield
        finally:
            for work in works:
                work.cancel()
            await asyncio.gather(*works, return_exceptions=True)
            await self.delivery.finish(STOPS_WITHIN)


def content_of(settings: Settings) -> Content:
    """The content that the settings name. Raises ``ContentError``."""
    return load_content(settings.flows_dir, settings.knowledge_dir, settings.clinic)


@contextlib.asynccontextmanager
async def service_of(
    settings: Settings, redis_url: str, content: Content, channels: Mapping[str, PushChannel] | None = None
) -> AsyncIterator[Service]:
    """The program on the Redis at ``redis_url``, sending by ``channels``."""
    redis = connect(redis_url)
    store = Store(redis, Sealer(settings.secrets()), timedelta(days=settings.retention_days))
    delivery = Delivery(store, channels or {})
    conversations = Conversations(store, content, frozenset(delivery.channels), delivery.kick)
    try:
        yield Service(store, conversations, delivery, Timers(conversations), Wakes(redis))
    finally:
        await redis.aclose()


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
