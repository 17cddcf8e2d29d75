"""What a monitor asks: whether the process lives, whether it can serve, and its numbers.

    GET /healthz    the event loop goes round
    GET /readyz     200 where a message could be taken now, else 503 with the reasons
    GET /metrics    for Prometheus

None of them tells anything of a patient.
"""

import asyncio
import contextlib
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Final

from prometheus_client import CONTENT_TYPE_LATEST
from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bind_contextvars

from bot import logs
from bot.metrics import UNKNOWN, Metrics
from bot.ontology import Level
from bot.service import Service
from bot.store.gauges import People, outbox, people
from bot.store.key_check import WrongKey
from bot.store.probe import probe
from bot.store.store import FAILURES, StoreAway

WITHIN: Final = 1.0
"""Seconds that Redis may take for an answer before the process counts as not ready."""

COUNTED_WITHIN: Final = 4.0
"""Seconds that counting what waits may take: Prometheus waits for ten."""

SILENT_AFTER: Final = 120.0
"""Seconds after which a loop that has not gone round hangs. The longest turn of one is a poll of Telegram."""

USUAL: Final = ("ConnectionError", "TimeoutError")
"""How Redis usually fails: told as never before they do."""


def routes() -> list[BaseRoute]:
    return [Route("/healthz", _alive), Route("/readyz", _ready), Route("/metrics", _metrics)]


async def not_ready(service: Service) -> list[str]:
    """Why the service can't take a message now; nothing where it can."""
    return [*_stopped(service), *await _store(service)]


def _stopped(service: Service) -> Iterable[str]:
    if service.wakes.closing:
        yield "the process is stopping"
    for name, work in service.works.items():
        if work.done():
            yield f"{name} has ended"
    for name, seconds in service.metrics.silent().items():
        if seconds > SILENT_AFTER:
            yield f"{name} hangs for {seconds:.0f} s"


async def _store(service: Service) -> Sequence[str]:
    try:
        async with asyncio.timeout(WITHIN):
            await probe(service.store)
    except StoreAway as away:
        return [f"Redis does not answer or takes nothing ({away})"]
    except TimeoutError:
        return [f"Redis does not answer within {WITHIN:.0f} s"]
    except WrongKey:
        return ["SECRET_KEY is not the one that Redis was written with"]
    return ()


async def _alive(request: Request) -> Response:
    return PlainTextResponse("alive\n")


async def _ready(request: Request) -> Response:
    service: Service = request.app.state.service
    reasons = await not_ready(service)
    content = service.conversations.content.script.version
    return JSONResponse({"ready": not reasons, "reasons": reasons, "content": content}, 503 if reasons else 200)


async def _metrics(request: Request) -> Response:
    service: Service = request.app.state.service
    await look(service)
    return Response(service.metrics.text(), media_type=CONTENT_TYPE_LATEST)


def watch(service: Service) -> None:
    """Make the numbers known that stand elsewhere, once for each service."""
    service.metrics.registry.register(StoreFailures())
    _begin_at_zero(service.metrics, service.channels)


def _begin_at_zero(metrics: Metrics, pushing: Iterable[str]) -> None:
    """A counter that appears with its first event would hide that one from ``increase``."""
    for level in Level:
        metrics.outcomes.labels(level.name)
    for result in ("taken", "refused"):
        metrics.reloads.labels(result)
    for channel in ("web", *pushing):
        metrics.turns.labels("inbound", channel)
    for channel in pushing:
        metrics.webhooks_refused.labels(channel, 403)
        for result in ("sent", "later", "refused"):
            metrics.sends.labels(channel, result)


async def look(service: Service) -> None:
    """Bring the gauges up to date."""
    metrics = service.metrics
    away = await _store(service)
    metrics.redis_up.set(not away)
    metrics.ready.set(not away and not list(_stopped(service)))
    metrics.loop_age.clear()
    for loop, seconds in metrics.silent().items():
        metrics.loop_age.labels(loop).set(seconds)
    metrics.build.clear()
    metrics.build.labels(_version(), service.conversations.content.script.version).set(1)
    if away or not await _look_at_store(service, metrics):
        _store_unknown(metrics)


async def _look_at_store(service: Service, metrics: Metrics) -> bool:
    """Count what waits. False where that could not be done."""
    try:
        async with asyncio.timeout(COUNTED_WITHIN):
            unsent, found = await outbox(service.store), await people(service.store)
    except (StoreAway, TimeoutError):
        return False
    metrics.outbox.set(unsent.conversations)
    metrics.outbox_age.set(_age(unsent.oldest))
    _show_people(metrics, found)
    return True


def _show_people(metrics: Metrics, found: People) -> None:
    levels = [None, *Level]
    for level in levels:
        since = [one.since for one in found.waiting if one.level is level]
        name = level.name if level is not None else "none"
        metrics.waiting.labels(name).set(len(since))
        metrics.waiting_age.labels(name).set(_age(min(since, default=None)))
    metrics.alarms_unseen.set(found.alarms)


def _store_unknown(metrics: Metrics) -> None:
    for gauge in (metrics.outbox, metrics.outbox_age, metrics.alarms_unseen):
        gauge.set(UNKNOWN)
    metrics.waiting.clear()
    metrics.waiting_age.clear()


def _age(moment: datetime | None) -> float:
    return max(0.0, (datetime.now(UTC) - moment).total_seconds()) if moment else 0.0


def _version() -> str:
    try:
        return version("tanyakaki")
    except PackageNotFoundError:
        return "unknown"


class StoreFailures(Collector):
    """How often Redis did not answer, as the store counts it."""

    def collect(self) -> Iterable[Metric]:
        family = CounterMetricFamily("tanyakaki_redis_errors", "How often Redis did not answer", labels=["error"])
        for error, count in {**dict.fromkeys(USUAL, 0), **FAILURES}.items():
            family.add_metric([error], count)
        yield family


class Referenced:
    """Gives each request a reference: by it the log knows the request, and who was answered can name it. Counts the
    streams that are open."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        reference = logs.new_request()
        # Not undone at the end: the server gives each request a task of its own, and logs there what nobody caught.
        bind_contextvars(request=reference)
        with contextlib.ExitStack() as until_answered:

            async def send_with_reference(message: Message) -> None:
                if message["type"] == "http.response.start":
                    headers = MutableHeaders(scope=message)
                    headers["X-Request-Id"] = reference
                    if headers.get("content-type", "").startswith("text/event-stream"):
                        until_answered.enter_context(_metrics_of(scope).streams.track_inprogress())
                await send(message)

            await self.app(scope, receive, send_with_reference)


def _metrics_of(scope: Scope) -> Metrics:
    service: Service = scope["app"].state.service
    return service.metrics
