"""The ASGI application: it mounts what speaks HTTP."""

import asyncio
import contextlib
import multiprocessing
import os
import re
import signal
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from types import FrameType

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot import logs, monitoring
from bot.channels.web import WebChat
from bot.content import Content
from bot.desk import Desk
from bot.desk.security import HEADERS as DESK_HEADERS
from bot.service import Service, content_of, keep_still, service_of
from bot.settings import Settings, load_settings

SECURITY_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; frame-ancestors 'self'; base-uri 'none'; form-action 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


def create() -> Starlette:
    """The application as the environment sets it, for worker processes."""
    settings = load_settings()
    logs.set_up(settings.log_level, settings.log_format)
    content = content_of(settings)
    keep_still()
    return create_app(settings, content)


def create_app(settings: Settings, content: Content, on_service: Callable[[Service], None] | None = None) -> Starlette:
    """The application on the Redis of ``settings.redis_url``. ``on_service`` is told of the parts once they run."""
    assert settings.redis_url is not None
    redis_url = settings.redis_url
    secure = (settings.public_url or "").startswith("https://")

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with service_of(settings, redis_url, content) as service, service.working():
            app.state.service = service
            monitoring.watch(service)
            chat, desk = WebChat(service.conversations, service.wakes, secure=secure), _desk(service)
            # Routes are tried in their order: patients before the desk with its many.
            for channel in service.channels.values():
                app.router.routes.extend(channel.routes(service.conversations))
            app.router.routes.extend([*chat.routes(), *desk.routes()])
            if on_service is not None:
                on_service(service)
            with _at_stop(service.wakes.close), _stopping_with_parent():
                async with service.beside({"desk": desk.run()}):
                    yield

    app = Starlette(routes=monitoring.routes(), lifespan=lifespan)
    app.add_middleware(SecurityHeaders)
    app.add_middleware(monitoring.Referenced)
    return app


def _desk(service: Service) -> Desk:
    public_url = service.settings.public_url
    return Desk(service.conversations, service.wakes, public_url=public_url, fetch=service.file)


@contextlib.contextmanager
def _at_stop(act: Callable[[], None]) -> Iterator[None]:
    """Call ``act`` as soon as a stop signal comes. The server's own answer to it is to wait for open requests, and a
    stream is one that never ends."""
    if threading.current_thread() is not threading.main_thread():
        yield  # signals are for the main thread
        return
    loop = asyncio.get_running_loop()
    servers: dict[int, Callable[[int, FrameType | None], object]] = {}

    def stop(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(act)
        servers[number](number, frame)

    for number in (int(signal.SIGINT), int(signal.SIGTERM)):
        handler = signal.getsignal(number)
        if callable(handler):
            servers[number] = handler
            signal.signal(number, stop)
    try:
        yield
    finally:
        for number, handler in servers.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def _stopping_with_parent() -> Iterator[None]:
    """A worker whose parent was killed stops, lest it keep the port and serve on unseen."""
    parent = multiprocessing.parent_process()
    if parent is None:
        yield
        return
    loop = asyncio.get_running_loop()

    def stop() -> None:
        loop.remove_reader(parent.sentinel)
        os.kill(os.getpid(), signal.SIGTERM)

    loop.add_reader(parent.sentinel, stop)
    try:
        yield
    finally:
        loop.remove_reader(parent.sentinel)


class SecurityHeaders:
    """Puts the security headers on every answer that has none of its own: a stranger's file is shut in further."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        of_desk = re.match(r"/desk(/|$)", scope.get("path", "")) is not None
        headers = DESK_HEADERS if of_desk else SECURITY_HEADERS

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer = MutableHeaders(scope=message)
                for name, value in headers.items():
                    answer.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, send_with_headers if scope["type"] == "http" else send)
