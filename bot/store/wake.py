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
from bot.store.store import ANSWERS_WITHIN

RETRY_SECONDS: Final = 1.0
LISTENS_SECONDS: Final = 10.0
"""How long it is waited for a wake before redis-py may look whether the connection lives."""

MOST_KEPT: Final = 10_000


class Woken:
    """The conversations that were woken since they were last taken, each once. ``missed``: there may be others, too."""

    def __init__(self) -> None:
        self.ids: set[str] = set()
        self.missed = False
        self._event = asyncio.Event()

    def add(self, conversation: str) -> None:
        """Who takes too slowly is told that something was missed, and reads everything anew."""
        if len(self.ids) >= MOST_KEPT:
            self.miss()
        else:
            self.ids.add(conversation)
            self._event.set()

    def miss(self) -> None:
        self.ids.clear()
        self.missed = True
        self._event.set()

    async def take(self, seconds: float) -> tuple[set[str], bool]:
        """What was woken, and whether something was missed; nothing after so many ``seconds``."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._event.wait(), seconds)
        self._event.clear()
        taken = self.ids, self.missed
        self.ids, self.missed = set(), False
        return taken


class Wakes:
    """Wakes waiters when their conversation has new lines.

    A wake may be lost while Redis is away, so a waiter also looks by itself now and then; the transcript's numbers,
    not the wakes, say what is new.
    """

    def __init__(self, redis: Client) -> None:
        self._redis = redis
        self._waiters: defaultdict[str, set[asyncio.Event]] = defaultdict(set)
        self._everything: set[Woken] = set()
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

    @contextlib.contextmanager
    def everything(self) -> Iterator[Woken]:
        """The conversations that are woken, whichever they are."""
        woken = Woken()
        self._everything.add(woken)
        try:
            yield woken
        finally:
            self._everything.discard(woken)

    async def _listen(self) -> None:
        await self._redis.initialize()  # a Cluster must know its nodes before one of them is listened to
        async with self._redis.pubsub(ignore_subscribe_messages=True) as pubsub:
            async with asyncio.timeout(ANSWERS_WITHIN):
                await pubsub.subscribe(WAKE, RELOAD)
            while True:
                async with asyncio.timeout(LISTENS_SECONDS + ANSWERS_WITHIN):
                    message = await pubsub.get_message(timeout=LISTENS_SECONDS)
                if message is None:
                    continue
                if message["channel"] == RELOAD.encode():
                    self.reload()
                else:
                    self._wake(message["data"].decode())

    def _wake(self, conversation: str) -> None:
        for event in self._waiters.get(conversation, ()):
            event.set()
        for woken in self._everything:
            woken.add(conversation)

    def _wake_all(self) -> None:
        for events in self._waiters.values():
            for event in events:
                event.set()
        for woken in self._everything:
            woken.miss()
