"""The programs that are compared over HTTP, for uvicorn: ``ours`` takes a message the whole way; ``bare`` does the same
two round trips to Redis, with the keys and arguments of a turn of ours, and nothing else."""

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
from bot.dialogue.conversation import Conversation
from bot.service import keep_still
from bot.settings import shipped
from bot.store import scripts
from bot.store.connect import connect
from bot.store.records import Address, Line, Loaded
from bot.store.sealing import Sealer
from bot.store.store import Store

CHANNEL = "whatsapp"


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
    conversations = Conversations(kept, content, frozenset({CHANNEL}), kick, calm=delivery.calm)

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
    expected, message, conversation = 0, 1, 8  # places of what a turn's arguments have of their own
    turn = _arguments_of_a_turn(kept)

    async def receive(request: Request) -> Response:
        body = await request.json()
        keys = kept.keys_of(Address(channel=CHANNEL, id=body["from"]))
        version, _ = await kept.redis.hmget(keys.state, ["v", "s"])
        arguments = list(turn)
        arguments[expected], arguments[message] = int(version or 0), body["id"]
        arguments[conversation] = keys.conversation
        touched = (*keys.all(), *keys.shard.listed(), keys.shard.day("2026-11-21"))
        await scripts.run(kept.redis, "commit", touched, arguments)
        return PlainTextResponse("taken")

    return _app(receive, kept)


def _arguments_of_a_turn(kept: Store) -> list[scripts.Argument]:
    """What is written for an ordinary message: the answer to a question with many options, and the next of them."""
    content = load_content(shipped("flows"), shipped("knowledge"))
    conversations = Conversations(kept, content, frozenset({CHANNEL}))
    loaded = Loaded(Conversation(channel=CHANNEL), 1)
    address = Address(channel=CHANNEL, id="somebody")
    for number, text in enumerate(("betis kiri saya kram sejak kemarin malam", "ya", "tidak ada")):
        inbound = Inbound(f"m{number}", address, datetime.now(UTC), text)
        turn = conversations._turn(loaded, inbound, None)
        commit = conversations._commit(inbound, loaded, turn)
        loaded = Loaded(turn.conversation, 1)
    return kept._arguments(commit, kept.keys_of(address))


def _app(receive: object, kept: Store) -> Starlette:
    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        keep_still()
        yield
        await kept.redis.aclose()

    return Starlette(routes=[Route("/in", receive, methods=["POST"])], lifespan=lifespan)  # type: ignore[arg-type]
