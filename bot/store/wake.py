"""What processes tell each other: that a conversation has new lines, and that the content is to be read anew.

One subscription a process, told on to whoever waits.
"""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Callable, Coroutine, Iterator
from typing import Final

from redis.exceptions import RedisClusterException, RedisError

from bot.store.connect import Client
from bot.store.keys import RELOAD, WAKE

RETRY_SECONDS: Final = 1.0


class Wakes:
    """Wakes waiters when their conversation has new lines.

    A wake may be lost while Redis is away, so a waiter also looks by itself now and then; the transcript's numbers,
    not the wakes, say what is new.
    """

    def __init__(self, redis: Client) -> None:
        self._redis = redis
        self._waiters: defaultdict[str, set[asyncio.Event]] = defaultdict(set)
        self._reloads: set[asyncio.Task[None]] = set()
        self.closing = False
        self.on_reload: Callable[[], Coroutine[None, None, None]] | None = None

    def reload(self) -> None:
        """Have the content read anew, beside everything else."""
        if self.on_reload is not None:
            task = asyncio.get_running_loop().create_task(self.on_reload())
            self._reloads.add(task)
            task.add_done_callback(self._reloads.discard)

    async def run(self) -> None:
        """Listen until cancelled; after a lost connection wake everybody and listen anew."""
        while True:
            try:
                await self._listen()
            except (RedisError, RedisClusterException, OSError, AttributeError):
                self._wake_all()
                await asyncio.sleep(RETRY_SECONDS)

    def close(self) -> None:
        """End every wait, so that streams close and the process can stop."""
        self.closing = True
        self._wake_all()

    @contextlib.contextmanager
    def watching(self, conversation: str) -> Iterator[asyncio.Event]:
        """An event that is set whenever the conversation has new lines, or when the process stops."""
        event = asyncio.Event()
        self._waiters[conversation].add(event)
        try:
            yield event
        finally:
            self._waiters[conversation].discard(event)
            if not self._waiters[conversation]:
                del self._waiters[conversation]

    async def _listen(self) -> None:
        await self._redis.initialize()  # a Cluster must know its nodes before one of them is listened to
        async with self._redis.pubsub(ignore_subscribe_messages=True) as pubsub:
            await pubsub.subscribe(WAKE, RELOAD)
            while True:
                message = await pubsub.get_message(timeout=10)
                if message is None:
                    continue
                if message["channel"] == RELOAD.encode():
                    self.reload()
                else:
                    self._wake(message["data"].decode())

    def _wake(self, conversation: str) -> None:
        for event in self._waiters.get(conversation, ()):
            event.set()

    def _wake_all(self) -> None:
        for events in self._waiters.values():
            for event in events:
                event.set()
