"""Delivery: takes what is due from the outbox and hands it to a channel, with retries.

The process that commits a turn tries at once; a sweep finds what others left. A conversation's replies go out one at a
time and in order. Nothing is lost; a reply is sent twice only if the process dies between the provider's yes and its
own note of it.
"""

import asyncio
import contextlib
import random
import time
from collections.abc import Coroutine, Mapping
from typing import Any, Final, Protocol

from bot import logs
from bot.metrics import Metrics
from bot.places import WAITS_SECONDS, Places
from bot.store.outbox import CLAIM_SECONDS, Claim, claim_due, claim_one
from bot.store.records import Address, Line, Parcel
from bot.store.store import Store, StoreAway

log = logs.logger_of(__name__)

SWEEP_SECONDS: Final = 1.0
SEND_SECONDS: Final = CLAIM_SECONDS - WAITS_SECONDS - 1
"""A send that takes longer has failed; it must end before the claim does."""

FILE_SECONDS: Final = 45.0
"""A send with a file may take so long; its claim is kept up meanwhile."""

FIRST_RETRY_SECONDS: Final = 1.0
LONGEST_RETRY_SECONDS: Final = 300.0
NOTE_SECONDS: Final = 60.0
NOTE_RETRY_SECONDS: Final = 0.2
"""How long, and how often, it is tried to note that a reply is out while the store is away."""

CLAIMED_AT_ONCE: Final = 128
"""Conversations that one process has in hand, so that its memory is bounded."""


class Refused(Exception):
    """The provider will never take this message; ``reason`` is what the desk shows."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class TryLater(Exception):
    """The provider asks to come again, after ``seconds`` where it says so."""

    def __init__(self, seconds: float | None = None) -> None:
        super().__init__("the provider asks to come again")
        self.seconds = seconds


class PushChannel(Protocol):
    """A channel to which replies are sent (the others read the transcript)."""

    async def send(self, address: Address, line: Line) -> str:
        """Send one line and give the provider's id of it. Raises ``Refused`` or ``TryLater``; anything else, a time-out
        too, is tried again."""
        ...


class Delivery:
    """Sends what is in the outbox by the ``channels``, named as in addresses."""

    def __init__(self, store: Store, channels: Mapping[str, PushChannel], metrics: Metrics | None = None) -> None:
        self.store = store
        self.channels = channels
        self.metrics = metrics or Metrics()
        self._tasks: set[asyncio.Task[None]] = set()
        self._places = {name: Places() for name in channels}

    def kick(self, conversation: str) -> None:
        """Try to send this conversation's replies now."""
        self._start(self._send_one(conversation))

    async def calm(self, channel: str) -> None:
        """Wait a moment while more replies wait to be sent on ``channel`` than is quickly done."""
        if channel in self._places:
            await self._places[channel].calm()

    async def run(self) -> None:
        """Sweep until cancelled: take what is due, whoever left it."""
        while True:
            self.metrics.beat("delivery")
            try:
                for claim in await claim_due(self.store, self._capacity()):
                    self._start(self._send_all(claim))
            except StoreAway:
                log.warning("the store is away; delivery waits")
            except Exception:
                log.exception("a sweep failed; the next one comes")
            await asyncio.sleep(SWEEP_SECONDS * random.uniform(0.8, 1.2))  # noqa: S311

    async def finish(self, seconds: float) -> None:
        """Let what is being sent end, for so long at the most; then cut it off, before Redis is closed under it."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self._tasks:
                    await asyncio.wait(self._tasks)
        while self._tasks:  # a cancel that comes while redis-py connects can be lost
            for task in self._tasks:
                task.cancel()
            await asyncio.wait(self._tasks, timeout=0.5)

    def _capacity(self) -> int:
        return max(0, CLAIMED_AT_ONCE - len(self._tasks))

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _send_one(self, conversation: str) -> None:
        with contextlib.suppress(StoreAway):
            claim = await claim_one(self.store, conversation)
            if claim is not None:
                await self._send_all(claim)

    async def _send_all(self, claim: Claim) -> None:
        """Send a conversation's replies until there are none, or one must wait."""
        with logs.conversation(claim.keys.conversation), contextlib.suppress(StoreAway):
            while (parcel := await claim.next()) is not None:
                if not await self._send(claim, parcel):
                    return

    async def _send(self, claim: Claim, parcel: Parcel) -> bool:
        """Send one reply. False where the rest must wait."""
        name = parcel.address.channel
        if name in self.channels:
            with contextlib.suppress(TimeoutError):
                async with self._places[name].one():
                    return await self._send_placed(claim, parcel)
        # Nobody waits here for long with a claim in hand: the channel is off, or has all that it can take.
        await claim.later(parcel.number, SWEEP_SECONDS, tried=False)
        return False

    async def _send_placed(self, claim: Claim, parcel: Parcel) -> bool:
        name = parcel.address.channel
        try:
            provider_id = await self._send_in_time(claim, parcel)
        except Refused as refused:
            self.metrics.sends.labels(name, "refused").inc()
            return await _note(claim, parcel.number, f"failed:{refused.reason}")
        except Exception as error:
            seconds = error.seconds if isinstance(error, TryLater) else None
            await claim.later(parcel.number, seconds if seconds is not None else backoff(parcel.tries))
            self.metrics.sends.labels(name, "later").inc()
            log.info("a reply waits", channel=name, tries=parcel.tries, error=type(error).__name__)
            return False
        self._measure(name, parcel)
        log.debug("a reply is out", channel=name, tries=parcel.tries)
        return await _note(claim, parcel.number, "sent", provider_id)

    async def _send_in_time(self, claim: Claim, parcel: Parcel) -> str:
        channel = self.channels[parcel.address.channel]
        if not parcel.line.attachments:
            async with asyncio.timeout(SEND_SECONDS):
                return await channel.send(parcel.address, parcel.line)
        done = asyncio.Event()
        holding = asyncio.create_task(_hold(claim, done))
        try:
            async with asyncio.timeout(FILE_SECONDS):
                return await channel.send(parcel.address, parcel.line)
        finally:
            done.set()
            await holding

    def _measure(self, name: str, parcel: Parcel) -> None:
        self.metrics.sends.labels(name, "sent").inc()
        self.metrics.delivery_seconds.labels(name).observe(max(0.0, time.time() - parcel.line.at.timestamp()))


async def _hold(claim: Claim, done: asyncio.Event) -> None:
    """Keep the claim up until ``done``."""
    while not done.is_set():
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(done.wait(), CLAIM_SECONDS / 4)
            return
        with contextlib.suppress(StoreAway):
            await claim.next()


async def _note(claim: Claim, number: int, state: str, provider_id: str = "") -> bool:
    """Note what became of a reply. With the store away, only this process knows that it is out: it goes on saying so,
    lest the reply be sent twice."""
    clock = asyncio.get_running_loop().time
    until = clock() + NOTE_SECONDS
    while True:
        try:
            return await claim.done(number, state, provider_id)
        except StoreAway:
            if clock() > until:
                raise
            await asyncio.sleep(NOTE_RETRY_SECONDS)


def backoff(tries: int) -> float:
    """Seconds before the next try: exponential with full jitter, so that many do not come again at once."""
    ceiling: float = min(LONGEST_RETRY_SECONDS, FIRST_RETRY_SECONDS * 2 ** min(tries, 20))
    return ceiling * random.uniform(0.5, 1.0)  # noqa: S311
