"""What one process counts and measures, for Prometheus. Never a patient's words, name or number, and no conversation.

Each process has its own numbers, in a registry of its own; what all processes share, Redis knows, and is read when
somebody asks (``bot/monitoring.py``). Names and meanings are part of the outer face: the dashboard and the alerts in
``docs/monitoring/`` rest on them.
"""

import time
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

import prometheus_client
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest

TURN_SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
DELIVERY_SECONDS: Final = (0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 1800.0, 7200.0)
UNKNOWN: Final = float("nan")
"""What a gauge shows that could not be read: it is less and more than nothing."""

CAME: Final = ("inbound", "timer", "staff")

NAMES_KEPT: Final = 1_024
"""Names of which it is remembered what counts them; there are a few hundred."""

prometheus_client.disable_created_metrics()  # type: ignore[no-untyped-call]


class Metrics:
    """The numbers of one process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self.turns = self._counter("turns", "Turns written down, by what caused them", "came", "channel")
        self.again = self._counter("messages_again", "Messages that had come before and changed nothing", "channel")
        self.races = self._counter("races", "Turns taken anew because another came first")
        self.failed = self._counter("turns_failed", "Turns that failed in the program: the patient got the safe answer")
        self.outcomes = self._counter("outcomes", "Outcomes told, by level of care", "level")
        self.not_understood = self._counter("not_understood", "Messages that were not understood")
        self.handoffs = self._counter("handoffs", "Conversations handed to people, by why", "why")
        self.alarms = self._counter("alarms", "Red flags, and faults of ours, that the desk was alarmed for")
        self.timers = self._counter("timers_fired", "Timers that fired", "kind")
        self.sends = self._counter("sends", "Tries to send a reply, by what became of them", "channel", "result")
        self.webhooks_refused = self._counter("webhooks_refused", "Webhooks not taken", "channel", "status")
        self.reloads = self._counter("reloads", "Reloads of content", "result")
        self.turn_seconds = self._histogram("turn_seconds", "From received to written down", TURN_SECONDS)
        self.delivery_seconds = self._histogram(
            "delivery_seconds", "From a patient's message to the provider's yes to its answer", DELIVERY_SECONDS
        )
        self.streams = self._gauge("streams_open", "Open streams of events: web chats and desks")
        self.loop_age = self._gauge("loop_age_seconds", "Since a loop last went round", "loop")
        self.build = self._gauge("build_info", "The program's version and the content's", "version", "content")
        self.ready = self._gauge("ready", "1 where this process can serve, as /readyz says")
        self.redis_up = self._gauge("redis_up", "1 where Redis answers this process and takes what it writes")
        self.outbox = self._gauge("outbox_conversations", "Conversations with replies that are still to be sent")
        self.outbox_age = self._gauge("outbox_oldest_seconds", "Age of the oldest reply still to be sent")
        self.waiting = self._gauge(
            "handoffs_waiting", "Conversations that wait for a person, by the level told", "level"
        )
        self.waiting_age = self._gauge("handoffs_oldest_seconds", "How long the first of them has waited", "level")
        self.alarms_unseen = self._gauge(
            "alarms_unseen", "Conversations with an alarm that nobody of the staff has seen"
        )
        self._beats: dict[str, float] = {}
        # The client's own way from a name to its counter takes longer than to count.
        self._counter_of = lru_cache(NAMES_KEPT)(self._find_counter)
        self._turn_seconds_of = lru_cache(NAMES_KEPT)(self.turn_seconds.labels)

    def count(self, names: Iterable[str]) -> None:
        """Count a turn by what the reports count of it (``Commit.counts``)."""
        for name in names:
            counter = self._counter_of(name)
            if counter is not None:
                counter.inc()

    def turn(self, channel: str, seconds: float) -> None:
        """Note how long a turn took."""
        self._turn_seconds_of(channel).observe(seconds)

    def _find_counter(self, name: str) -> Counter | None:
        what, _, detail = name.partition(":")
        if what in CAME:
            return self.turns.labels(what, detail)
        labelled = {"outcome": self.outcomes, "handoff": self.handoffs}
        if what in labelled:
            return labelled[what].labels(detail)
        return {"not_understood": self.not_understood, "alarm": self.alarms}.get(what)

    def beat(self, loop: str) -> None:
        """A loop that must not stop went round."""
        self._beats[loop] = time.monotonic()

    def rest(self, loop: str) -> None:
        """A loop ended in order: nothing is expected of it."""
        self._beats.pop(loop, None)

    def silent(self) -> dict[str, float]:
        """For how many seconds each loop has not gone round."""
        now = time.monotonic()
        return {loop: now - at for loop, at in self._beats.items()}

    def text(self) -> bytes:
        """All numbers as Prometheus reads them."""
        return generate_latest(self.registry)

    def _counter(self, name: str, help: str, *labels: str) -> Counter:
        return Counter(f"tanyakaki_{name}", help, labels, registry=self.registry)

    def _gauge(self, name: str, help: str, *labels: str) -> Gauge:
        return Gauge(f"tanyakaki_{name}", help, labels, registry=self.registry)

    def _histogram(self, name: str, help: str, buckets: tuple[float, ...]) -> Histogram:
        return Histogram(f"tanyakaki_{name}", help, ("channel",), registry=self.registry, buckets=buckets)
