"""The ASGI application: it mounts what speaks HTTP."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import timedelta

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.channels.web import WebChat
from bot.content import Content
from bot.conversations import Conversations
from bot.service import content_of
from bot.settings import Settings, load_settings
from bot.store.connect import connect
from bot.store.sealing import Sealer
from bot.store.store import Store, StoreAway
from bot.store.wake import Wakes

SECURITY_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; frame-ancestors 'self'; base-uri 'none'; form-action 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


def create() -> Starlette:
    """The application as the environment sets it, for worker processes."""
    settings = load_settings()
    return create_app(settings, content_of(settings))


def create_app(settings: Settings, content: Content) -> Starlette:
    """The application on the Redis of ``settings.redis_url``."""
    assert settings.redis_url is not None
    redis = connect(settings.redis_url)
    store = Store(redis, Sealer(settings.secrets()), timedelta(days=settings.retention_days))
    wakes = Wakes(redis)
    chat = WebChat(Conversations(store, content), wakes, secure=(settings.public_url or "").startswith("https://"))

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        listening = asyncio.create_task(wakes.run())
        try:
            yield
        finally:
            listening.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await listening
            await redis.aclose()

    async def ready(request: Request) -> Response:
        try:
            await store.ping()
        except StoreAway:
            return PlainTextResponse("the store is away\n", 503)
        return PlainTextResponse("ready\n")

    routes = [*chat.routes(), Route("/healthz", _alive), Route("/readyz", ready)]
    app = Starlette(routes=routes, lifespan=lifespan)
    app.add_middleware(SecurityHeaders)
    app.state.wakes = wakes
    return app


async def _alive(request: Request) -> Response:
    return PlainTextResponse("alive\n")


class SecurityHeaders:
    """Puts the security headers on every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(SECURITY_HEADERS)
            await send(message)

        await self.app(scope, receive, send_with_headers if scope["type"] == "http" else send)
