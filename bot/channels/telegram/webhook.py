"""The webhook: what Telegram posts, once its secret is proven."""

import asyncio
import hmac
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Final

from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.channels.telegram.receiving import Receiver
from bot.channels.telegram.updates import CHANNEL, chat_of
from bot.logs import logger_of
from bot.store.store import StoreAway

log = logger_of(__name__)

PATH: Final = "/webhooks/telegram"
HEADER: Final = "X-Telegram-Bot-Api-Secret-Token"
LARGEST_BODY: Final = 1024 * 1024


class Webhook:
    """Takes updates by HTTP. They are acknowledged once they had their effect, understood or not."""

    def __init__(self, secret: str, receiver: Callable[[], Receiver]) -> None:
        self._secret = secret.encode()
        self._receiver = receiver
        self._chats: dict[int, tuple[asyncio.Lock, int]] = {}

    def route(self) -> Route:
        return Route(PATH, self.post, methods=["POST"])

    async def post(self, request: Request) -> Response:
        shown = request.headers.get(HEADER, "").encode()
        if not hmac.compare_digest(shown, self._secret):
            log.warning("a webhook without Telegram's secret was refused")
            return self._refuse("wrong secret\n", 403)
        body = await _body(request)
        if body is None:
            return self._refuse("too large\n", 413)
        try:
            raw = json.loads(body)
        except (ValueError, RecursionError):
            return self._refuse("no JSON\n", 400)
        return await self._take(raw)

    def _refuse(self, problem: str, status: int) -> Response:
        self._receiver().conversations.metrics.webhooks_refused.labels(CHANNEL, status).inc()
        return PlainTextResponse(problem, status)

    async def _take(self, raw: Any) -> Response:
        try:
            async with self._in_order(chat_of(raw)):
                await self._receiver().take(raw)
        except StoreAway:
            return PlainTextResponse("the store is away\n", 503, {"Retry-After": "2"})
        except Exception as error:
            # Acknowledged all the same: what fails here would fail each time that it came again.
            log.error("an update could not be taken", error=type(error).__name__)
        return Response(status_code=200)

    @asynccontextmanager
    async def _in_order(self, chat: int | None) -> AsyncIterator[None]:
        """One update of a chat at a time, in the order in which they came."""
        if chat is None:
            yield
            return
        lock, users = self._chats.get(chat, (asyncio.Lock(), 0))
        self._chats[chat] = (lock, users + 1)
        try:
            async with lock:
                yield
        finally:
            _, users = self._chats[chat]
            if users == 1:
                del self._chats[chat]
            else:
                self._chats[chat] = (lock, users - 1)


async def _body(request: Request) -> bytes | None:
    """The body; None where it is larger than any update, or was cut off."""
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > LARGEST_BODY:
                return None
    except ClientDisconnect:
        return None
    return bytes(body)
