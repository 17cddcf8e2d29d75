"""Who may send on a channel now: one after the other where the provider is quick, many at once where it is slow.

What is under way when the process dies may be sent twice, so few are. And as an event loop that is busy with what comes
in would send little, what comes in waits for a moment while more wait to be sent than is quickly done.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Final

WAITS_SECONDS: Final = 2.0
"""How long a claimed reply waits for its turn before others may claim it."""

AT_ONCE: Final = 16
"""Sends of one channel that run at the same time, slow ones counted: fewer than the connections that channels have."""

SLOW_SECONDS: Final = 1.5
"""A send that takes longer gives its place to another, so that those that hang hold up nobody else."""

NAPS: Final = 8
NAP_SECONDS: Final = 0.0025
"""A send begins when the one before it is noted, or is not after so many naps: with a quick provider one is under way;
with a slow one some 40 begin in a second all the same. Counted in naps, not by the clock, as in a crowd of messages a
quick provider's answer waits for its pass of the event loop, too."""

CROWD: Final = 8
"""More replies that wait for their turn are a crowd."""


class Places:
    """The places of one channel."""

    def __init__(self) -> None:
        self._places = asyncio.Semaphore(AT_ONCE)
        self._turn = asyncio.Semaphore(1)
        self._waiting = 0
        self._light = asyncio.Event()
        self._light.set()

    @contextlib.asynccontextmanager
    async def one(self) -> AsyncIterator[None]:
        """A place, and the turn to begin; both free again when this ends, or when others can't wait any longer. Raises
        ``TimeoutError`` where there is none for long."""
        async with contextlib.AsyncExitStack() as held:
            self._wait(1)
            try:
                async with asyncio.timeout(WAITS_SECONDS):
                    await held.enter_async_context(_lent(self._places, 1, SLOW_SECONDS))
                    await held.enter_async_context(_lent(self._turn, NAPS, NAP_SECONDS))
            finally:
                self._wait(-1)
            yield

    async def calm(self) -> None:
        """Wait as long as there is a crowd, but not for long."""
        if not self._light.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._light.wait(), WAITS_SECONDS)

    def _wait(self, more: int) -> None:
        self._waiting += more
        if self._waiting > CROWD:
            self._light.clear()
        else:
            self._light.set()


@contextlib.asynccontextmanager
async def _lent(permits: asyncio.Semaphore, naps: int, seconds: float) -> AsyncIterator[None]:
    """One of ``permits``, given back at the end, or after so many naps of so many ``seconds``."""
    await permits.acquire()
    left = [permits.release]
    _give_back(left, naps, seconds)
    try:
        yield
    finally:
        _give_back(left)


def _give_back(left: list[Callable[[], None]], naps: int = 0, seconds: float = 0.0) -> None:
    """Call what is ``left``, once, after so many naps."""
    if left and naps:
        asyncio.get_running_loop().call_later(seconds, _give_back, left, naps - 1, seconds)
    elif left:
        left.pop()()
