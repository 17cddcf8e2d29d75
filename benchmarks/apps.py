"""The programs that are compared over HTTP, for uvicorn. ``ours`` takes what Twilio posts the whole way: signature,
reading, step, commit. ``bare`` is Starlette and redis-py as they are: it reads the same form and does the same two
round trips to Redis, with the keys and arguments of a turn of ours, and nothing else."""

import contextlib
import os
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from redis.asyncio import Redis
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from benchmarks import posts
from bot import monitoring
from bot.channels.whatsapp import WhatsApp
from bot.content import load_content
from bot.conversations import Conversations, Inbound
from bot.delivery import Delivery
from bot.dialogue.conversation import Conversation
from bot.service import keep_still
from bot.settings import Settings, load_settings, shipped
from bot.store import scripts
from bot.store.connect import Client, connect
from bot.store.records import Address, Line, Loaded
from bot.store.sealing import Sealer
from bot.store.store import Store
from bot.web import SecurityHeaders

CHANNEL = "whatsapp"


class Swallowing:
    """A provider that says yes at once."""

    async def send(self, address: Address, line: Line) -> str:
        return ""


def store(redis: Client) -> Store:
    return Store(redis, Sealer(["a secret for measuring"]), timedelta(days=30))


def program(delivering: bool) -> Starlette:
    kept = store(connect(os.environ["REDIS_URL"]))
    delivery = Delivery(kept, {CHANNEL: Swallowing()})
    content = load_content(shipped("flows"), shipped("knowledge"))
    kick = delivery.kick if delivering else lambda conversation: None
    conversations = Conversations(kept, content, frozenset({CHANNEL}), kick, calm=delivery.calm)
    return _app(kept, WhatsApp(_settings(), kept).routes(conversations), [SecurityHeaders, monitoring.Referenced])


def _settings() -> Settings:
    return load_settings(
        {
            "PUBLIC_URL": posts.PUBLIC_URL,
            "TWILIO_ACCOUNT_SID": posts.ACCOUNT,
            "TWILIO_AUTH_TOKEN": posts.TOKEN,
            "TWILIO_WHATSAPP_FROM": posts.SENDER,
        }
    )


def ours() -> Starlette:
    """Up to the outbox: what is done before the provider is answered."""
    return program(delivering=False)


def delivering() -> Starlette:
    """And the reply taken from the outbox, sent, and noted."""
    return program(delivering=True)


def bare() -> Starlette:
    kept = store(Redis.from_url(os.environ["REDIS_URL"]))
    expected, message, conversation = 0, 1, 8  # places of what a turn's arguments have of their own
    turn = _arguments_of_a_turn(kept)

    async def receive(request: Request) -> Response:
        form = await request.form()
        keys = kept.keys_of(Address(channel=CHANNEL, id=str(form["From"])))
        version, _ = await kept.redis.hmget(keys.state, ["v", "s"])
        arguments = list(turn)
        arguments[expected], arguments[message] = int(version or 0), str(form["MessageSid"])
        arguments[conversation] = keys.conversation
        touched = (*keys.all(), *keys.shard.listed(), keys.shard.day("2026-11-21"))
        await scripts.run(kept.redis, "commit", touched, arguments)
        return PlainTextResponse("taken")

    return _app(kept, [Route(posts.PATH, receive, methods=["POST"])], [])


def _arguments_of_a_turn(kept: Store) -> list[scripts.Argument]:
    """What is written for an ordinary message: the answer to a question with many options, and the next of them."""
    content = load_content(shipped("flows"), shipped("knowledge"))
    conversations = Conversations(kept, content, frozenset({CHANNEL}))
    address = Address(channel=CHANNEL, id="somebody")
    loaded = Loaded(Conversation(channel=CHANNEL), 1, address)
    for number, text in enumerate(("betis kiri saya kram sejak kemarin malam", "ya", "tidak ada")):
        inbound = Inbound(f"m{number}", address, datetime.now(UTC), text)
        turn = conversations._turn(loaded, inbound, None)
        commit = conversations._commit(inbound, loaded, turn)
        loaded = Loaded(turn.conversation, 1, address)
    return kept._arguments(commit, kept.keys_of(address))


def _app(kept: Store, routes: Sequence[BaseRoute], wrapped: Sequence[Any]) -> Starlette:
    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        keep_still()
        yield
        await kept.redis.aclose()

    return Starlette(routes=routes, lifespan=lifespan, middleware=[Middleware(one) for one in wrapped])
