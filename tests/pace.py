"""Limits in seconds that hold on any machine: how much slower one is now than the one on which they were set."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

PATIENCE: Final = 120.0
"""How long a test waits for what must come, where it is not the time that is looked at."""

ROUNDS: Final = 5_000_000
QUIET_SECONDS: Final = 0.16
"""What so many rounds take on a quiet core of a small server."""


def slowness() -> float:
    """How many times longer than on a quiet small server things take here and now; never less than once."""
    began, total = time.perf_counter(), 0
    for number in range(ROUNDS):
        total += number
    return max(1.0, (time.perf_counter() - began) / QUIET_SECONDS)


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """What is done in it takes no longer than ``seconds``; so many times longer where everything does."""
    before, began = slowness(), time.monotonic()
    yield
    took = time.monotonic() - began
    allowed = seconds * max(before, slowness())
    assert took < allowed, f"it took {took:.2f} s, and {allowed:.2f} s are allowed"
