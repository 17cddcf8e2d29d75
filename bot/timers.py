"""The clock's side of conversations: timers whose time has come are received like any message.

Every process looks; the commit of the turn takes the timer away and remembers its id, so each fires once. What fell
due while nothing ran fires late.
"""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final, Protocol, runtime_checkable

from bot import logs
from bot.conversations import Conversations, Inbound
from bot.dialogue.conversation import CALL
from bot.store.records import DueTimer
from bot.store.store import StoreAway

log = logs.logger_of(__name__)

LOOK_SECONDS: Final = 5.0


@runtime_checkable
class Caller(Protocol):
    """Calls the staff to a conversation, once for each timer, however often it is told of it."""

    async def call(self, conversations: Conversations, timer: DueTimer, now: datetime) -> None:
        """Raises ``StoreAway``: then the timer fires again."""
        ...


class Timers:
    """Fires the timers of every conversation. Of those that call the staff the ``callers`` are told before."""

    def __init__(self, conversations: Conversations, callers: Sequence[Caller] = ()) -> None:
        self.conversations = conversations
        self.callers = callers

    async def run(self) -> None:
        """Look until cancelled."""
        metrics = self.conversations.metrics
        while True:
            metrics.beat("timers")
            try:
                await self.fire(datetime.now(UTC))
            except StoreAway:
                log.warning("the store is away; timers wait")
            except Exception:
                log.exception("timers failed; they are looked at again")
            await asyncio.sleep(LOOK_SECONDS)

    async def fire(self, now: datetime) -> int:
        """Fire what is due at ``now``; how many there were."""
        due = await self.conversations.store.due_timers(now)
        for timer in due:
            with logs.request(), logs.conversation(timer.conversation):
                await self._fire_or_tell(timer, now)
        return len(due)

    async def _fire_or_tell(self, timer: DueTimer, now: datetime) -> None:
        """Fire one. Where that fails it comes again, and holds up no other meanwhile."""
        try:
            await self._fire(timer, now)
        except StoreAway:
            await self.conversations.store.ping()  # away for all of them, or for this one alone?
            self._tell_failure(timer)
        except Exception:
            self._tell_failure(timer)

    async def _fire(self, timer: DueTimer, now: datetime) -> None:
        if timer.kind == CALL:
            await self._call(timer, now)
        received = await self.conversations.receive(_inbound(timer, now))
        if not received.seen:
            self.conversations.metrics.timers.labels(timer.kind).inc()

    def _tell_failure(self, timer: DueTimer) -> None:
        self.conversations.metrics.failed.inc()
        log.exception("a timer failed; it comes again", kind=timer.kind)

    async def _call(self, timer: DueTimer, now: datetime) -> None:
        for caller in self.callers:
            try:
                await caller.call(self.conversations, timer, now)
            except StoreAway:
                raise
            except Exception:
                log.exception("the staff could not be called")


def _inbound(timer: DueTimer, now: datetime) -> Inbound:
    id = f"timer:{timer.kind}:{timer.due.timestamp():.3f}"
    return Inbound(id, timer.address, now, kind="timer", detail=timer.kind)
