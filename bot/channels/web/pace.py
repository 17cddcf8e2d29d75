"""How fast one browser may post. Only this browser is slowed; what it holds back, it sends again."""

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

BURST: Final = 12
"""Posts at once; people send a few short messages in a row."""

PER_SECOND: Final = 2.0
MOST_SESSIONS: Final = 10_000


class Pace:
    """A token bucket for each session, forgetting those that were quiet longest."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def allows(self, session: str) -> bool:
        """Whether one more post may be taken now."""
        now = self._clock()
        tokens, at = self._buckets.pop(session, (float(BURST), now))
        tokens = min(BURST, tokens + (now - at) * PER_SECOND)
        allowed = tokens >= 1
        self._buckets[session] = (tokens - allowed, now)
        if len(self._buckets) > MOST_SESSIONS:
            self._buckets.popitem(last=False)
        return allowed
