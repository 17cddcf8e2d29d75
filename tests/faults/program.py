"""A program to kill: the service with a channel that pushes to a sink, and a route where its provider posts.

Run by uvicorn in a process of its own; it takes its settings and ``SINK_URL`` from the environment.
"""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Sequence
from datetime import datetime

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from bot.conversations import Conversations, Inbound
from bot.service import content_of, service_of
from bot.settings import load_settings
from bot.store.records import Address, Line
from bot.store.store import StoreAway

CHANNEL = "whatsapp"


class Posting:
    """A channel like a provider's: each line is posted to the sink."""

    def __init__(self, sink_url: str) -> None:
        self.client = httpx.AsyncClient(base_url=sink_url, timeout=5)

    async def send(self, address: Address, line: Line) -> str:
        body = {"to": address.id, "text": line.text, "at": line.at.isoformat()}
        (await self.client.post("/", json=body)).raise_for_status()
        return ""

    def routes(self, conversations: Conversations) -> Sequence[BaseRoute]:
        async def receive(request: Request) -> Response:
            body = await request.json()
            address = Address(channel=CHANNEL, id=body["from"])
            inbound = Inbound(body["id"], address, datetime.fromisoformat(body["at"]), body["text"])
            try:
                received = await conversations.receive(inbound)
            except StoreAway:
                return PlainTextResponse("away", 503)
            return PlainTextResponse("seen" if received.seen else "taken")

        return [Route("/in", receive, methods=["POST"])]

    async def run(self, conversations: Conversations) -> None:
        await asyncio.Event().wait()

    async def close(self) -> None:
        await self.client.aclose()


@contextlib.asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    settings = load_settings()
    assert settings.redis_url is not None
    posting = Posting(os.environ["SINK_URL"])
    async with (
        service_of(settings, settings.redis_url, content_of(settings), {CHANNEL: posting}) as service,
        service.working(),
    ):
        app.router.routes.extend(posting.routes(service.conversations))
        yield


async def ready(request: Request) -> Response:
    return PlainTextResponse("ready")


app = Starlette(routes=[Route("/readyz", ready)], lifespan=lifespan)
