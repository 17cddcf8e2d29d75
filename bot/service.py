"""A running program: its content, its store, its one path for messages and what works beside it, put together and
taken apart again."""

import asyncio
import contextlib
import gc
import os
import signal
import tempfile
from collections.abc import AsyncIterator, Coroutine, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from bot.channels.channel import Channel, FileChannel
from bot.channels.registry import channels_of
from bot.content import Content, ContentError, load_content, load_proven
from bot.conversations import Conversations
from bot.delivery import Delivery
from bot.logs import logger_of
from bot.metrics import Metrics
from bot.settings import Settings
from bot.store.connect import connect, copies_of, parse
from bot.store.embedded import embedded_redis, is_running, url_of
from bot.store.key_check import check_key
from bot.store.records import Address
from bot.store.sealing import Sealer
from bot.store.store import Store, StoreAway
from bot.store.wake import Wakes
from bot.timers import Caller, Timers

log = logger_of(__name__)

STOPS_WITHIN = 5.0
"""Seconds in which sends that are under way may end when the program stops."""


@dataclass(frozen=True, slots=True)
class Service:
    """The parts of a running program."""

    settings: Settings
    store: Store
    conversations: Conversations
    delivery: Delivery
    timers: Timers
    wakes: Wakes
    channels: Mapping[str, Channel]
    works: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    """What runs beside everything else, by name; none of it ends before the program does."""

    @property
    def metrics(self) -> Metrics:
        return self.conversations.metrics

    async def file(self, address: Address, attachment: str) -> tuple[str, bytes] | None:
        """A file that a patient sent and that only the channel's provider has. Raises ``FileAway``."""
        channel = self.channels.get(address.channel)
        return await channel.media(address, attachment) if isinstance(channel, FileChannel) else None

    async def reload(self) -> None:
        """Read the content anew and swap it whole; faulty, it is refused whole and the old goes on. Conversations in
        flight go on too: their next question is derived from facts."""
        try:
            content = await asyncio.to_thread(proven_content_of, self.settings)
        except ContentError as error:
            self.metrics.reloads.labels("refused").inc()
            log.error("content refused", faults=[str(fault) for fault in error.faults])
        else:
            self.conversations.content = content
            keep_still()
            self.metrics.reloads.labels("taken").inc()
            log.info("content reloaded", version=content.script.version)

    @contextlib.asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """Deliver, fire timers, listen for wakes and for the wish to reload, as long as this lasts."""
        self.wakes.on_reload = self.reload
        with contextlib.suppress(ValueError, RuntimeError):  # signals are for the main thread
            asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, self.wakes.reload)
        running = {name: channel.run(self.conversations) for name, channel in self.channels.items()}
        running |= {"delivery": self.delivery.run(), "timers": self.timers.run(), "wakes": self.wakes.run()}
        log.info(
            "the program serves", content=self.conversations.content.script.version, channels=sorted(self.channels)
        )
        try:
            async with self.beside(running):
                yield
                log.info("the program stops")
        finally:
            await self.delivery.finish(STOPS_WITHIN)

    @contextlib.asynccontextmanager
    async def beside(self, works: Mapping[str, Coroutine[None, None, None]]) -> AsyncIterator[None]:
        """Have these done as long as this lasts. One that ends by itself is told, and /readyz says so from then on."""
        begun = {name: asyncio.create_task(work) for name, work in works.items()}
        self.works.update(begun)
        for name, task in begun.items():
            task.add_done_callback(partial(_tell_end, name))
        try:
            yield
        finally:
            await _end(list(begun.values()))


def _tell_end(name: str, work: asyncio.Task[None]) -> None:
    if not work.cancelled():
        log.critical("a work that must not end has ended", work=name, exc_info=work.exception())


async def _end(works: list[asyncio.Task[None]]) -> None:
    """Cancel until all have ended: a cancel that comes while redis-py connects can be lost."""
    left = set(works)
    while left:
        for work in left:
            work.cancel()
        _, left = await asyncio.wait(left, timeout=0.5)
    await asyncio.gather(*works, return_exceptions=True)


def keep_still() -> None:
    """What is loaded stays: the collector of garbage need not walk over all content again and again, which took a tenth
    of every message's time. What was loaded before and is not used any more is collected now."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()


def content_of(settings: Settings) -> Content:
    """The content that the settings name. Raises ``ContentError``."""
    return load_content(settings.flows_dir, settings.knowledge_dir, settings.clinic)


def proven_content_of(settings: Settings) -> Content:
    """The content that the settings name, for patients: proven to miss no red flag. That takes some seconds for a new
    version and is remembered for this user of the machine. Raises ``ContentError``."""
    return load_proven(settings.flows_dir, settings.knowledge_dir, settings.clinic, proofs=_cache(settings))


def _cache(settings: Settings) -> Path:
    try:
        return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "tanyakaki"
    except RuntimeError:  # a user without a home
        return settings.data_dir / "cache"


@contextlib.asynccontextmanager
async def store_of(settings: Settings, redis_url: str) -> AsyncIterator[Store]:
    """The store on the Redis at ``redis_url``. Raises ``WrongKey`` where that was written with another key."""
    redis = connect(redis_url)
    store = Store(redis, Sealer(settings.secrets()), timedelta(days=settings.retention_days), copies_of(redis_url))
    try:
        with contextlib.suppress(StoreAway):  # it may come; until then every message is told to come again
            await check_key(store)
        yield store
    finally:
        await redis.aclose()


@contextlib.asynccontextmanager
async def service_of(
    settings: Settings, redis_url: str, content: Content, channels: Mapping[str, Channel] | None = None
) -> AsyncIterator[Service]:
    """The program on the Redis at ``redis_url``, with the channels of the settings, or those that are given."""
    async with store_of(settings, redis_url) as store:
        wakes = Wakes(store.redis)
        used = channels_of(settings, store, wakes) if channels is None else channels
        metrics = Metrics()
        delivery = Delivery(store, used, metrics)
        conversations = Conversations(store, content, frozenset(used), delivery.kick, metrics, delivery.calm)
        store.today = lambda: conversations.day(datetime.now(UTC))
        try:
            timers = Timers(conversations, [channel for channel in used.values() if isinstance(channel, Caller)])
            yield Service(settings, store, conversations, delivery, timers, wakes, used)
        finally:
            for channel in used.values():
                await channel.close()


@contextlib.contextmanager
def redis_of(settings: Settings) -> Iterator[str]:
    """The URL of the Redis of these settings; where they name none, an embedded one that lives as long as this."""
    if settings.redis_url is not None:
        parse(settings.redis_url)  # a wrong one is told of now, not by every process that starts
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
