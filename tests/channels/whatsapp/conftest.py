"""The program as it runs, on a real Redis and a fake Twilio; webhooks go through the ASGI application."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from redis.asyncio import Redis

from bot.channels.whatsapp import WhatsApp
from bot.content import Content
from bot.service import Service
from bot.settings import Settings, load_settings
from bot.web import create_app
from tests.channels.whatsapp.fake import ACCOUNT, SENDER, TOKEN, FakeTwilio, serving
from tests.channels.whatsapp.webhooks import Webhooks
from tests.conftest import SECRET
from tests.pace import PATIENCE

PUBLIC = "https://chat.klinik.example/wa"
"""Behind a proxy that takes the path ``/wa`` away: what Twilio signs is not what the program is asked for."""


@dataclass
class Running:
    """One process of the program."""

    service: Service
    webhooks: Webhooks

    @property
    def channel(self) -> WhatsApp:
        channel = self.service.channels["whatsapp"]
        assert isinstance(channel, WhatsApp)
        return channel


Start = Callable[..., AbstractAsyncContextManager[Running]]


@pytest.fixture
async def twilio() -> AsyncIterator[FakeTwilio]:
    async with serving(FakeTwilio()) as fake:
        yield fake


@pytest.fixture
def settings(redis_url: str, twilio: FakeTwilio, folder: Path) -> Settings:
    return load_settings(
        {
            "REDIS_URL": redis_url, "SECRET_KEY": SECRET, "DATA_DIR": str(folder), "PUBLIC_URL": PUBLIC,
            "TWILIO_ACCOUNT_SID": ACCOUNT, "TWILIO_AUTH_TOKEN": TOKEN, "TWILIO_WHATSAPP_FROM": SENDER,
            "TWILIO_API_URL": twilio.url,
        }
    )  # fmt: skip


@pytest.fixture
def start(settings: Settings, content: Content, redis: Redis, twilio: FakeTwilio) -> Start:
    """Starts a process of the program; several share the Redis."""

    @contextlib.asynccontextmanager
    async def run(**changes: object) -> AsyncIterator[Running]:
        services: list[Service] = []
        app = create_app(settings.model_copy(update=changes), content, services.append)
        async with app.router.lifespan_context(app):
            transport = httpx.ASGITransport(app)
            async with httpx.AsyncClient(transport=transport, base_url="http://inside:8000") as client:
                yield Running(services[0], Webhooks(twilio, client, PUBLIC))
                # Sends under way end first: one that is cut off leaves its connection to Redis open.
                await services[0].delivery.finish(2)
                await asyncio.sleep(0.1)

    return run


@pytest.fixture
async def running(start: Start) -> AsyncIterator[Running]:
    async with start() as one:
        yield one


async def eventually(holds: Callable[[], object], seconds: float = PATIENCE) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(seconds):
        while not holds():  # noqa: ASYNC110
            await asyncio.sleep(0.02)
