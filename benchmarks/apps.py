"""The two programs that are compared over HTTP, for uvicorn: ``ours`` takes a message the whole way; ``bare`` does the
same two round trips to Redis, with values of the same size, and nothing else."""

import contextlib
import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.content import load_content
from bot.conversations import Conversations, Inbound
from bot.delivery import Delivery
from bot.settings import shipped
from bot.store import scripts
from bot.store.connect import connect
from bot.store.keys import WAKE
from bot.store.records import Address, Line
from bot.store.sealing import Sealer
from bot.store.store import Store

CHANNEL = "whatsapp"
SEALED_STATE, SEALED_LINE, SEALED_ADDRESS = os.urandom(900), os.urandom(350), os.urandom(60)


class Swallowing:
    """A provider that says yes at once."""

    async def send(self, address: Address, line: Line) -> str:
        return ""


def store() -> Store:
    return Store(connect(os.environ["REDIS_URL"]), Sealer(["a secret for measuring"]), timedelta(days=30))


def program(delivering: bool) -> Starlette:
    kept = store()
    delivery = Delivery(kept, {CHANNEL: Swallowing()})
    content = load_content(shipped("flows"), shipped("knowledge"))
    kick = delivery.kick if delivering else lambda conversation: None
    conversations = Conversations(kept, content, frozenset({CHANNEL}), kick)

    async def receive(request: Request) -> Response:
        body = await request.json()
        address = Address(channel=CHANNEL, id=body["from"])
        await conversations.receive(Inbound(body["id"], address, datetime.now(UTC), body["text"]))
        return PlainTextResponse("taken")

    return _app(receive, kept)


def ours() -> Starlette:
    """Up to the outbox: what is done before the provider is answered."""
    return program(delivering=False)


def delivering() -> Starlette:
    """And the reply taken from the outbox, sent, and noted."""
    return program(delivering=True)


def bare() -> Starlette:
    kept = store()

    async def receive(request: Request) -> Response:
        body = await request.json()
        keys = kept.keys_of(Address(channel=CHANNEL, id=body["from"]))
        version, _ = await kept.redis.hmget(keys.state, ["v", "s"])
        touched = (*keys.all(), *keys.shard.listed(), keys.shard.day("2026-11-21"))
        head = (int(version or 0), body["id"], 1, SEALED_STATE, SEALED_ADDRESS, 2_592_000, 604_800_000, WAKE)
        lists = (2, SEALED_LINE, SEALED_LINE, 0, 0, 1, "inbound:whatsapp", 0)
        await scripts.run(kept.redis, "commit", touched, (*head, keys.conversation, 2, 0, 0, 0, *lists))
        return PlainTextResponse("taken")

    return _app(receive, kept)


def _app(receive: object, kept: Store) -> Starlette:
    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        yield
        await kept.redis.aclose()

    return Starlette(routes=[Route("/in", receive, methods=["POST"])], lifespan=lifespan)  # type: ignore[arg-type]
