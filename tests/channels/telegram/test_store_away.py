"""While Redis is away nothing is acknowledged: polling waits, a webhook is told to come again."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from bot.channels.telegram.updates import address_of
from bot.store.records import Line
from bot.store.store import StoreAway
from tests.channels.telegram.conftest import Running, until
from tests.channels.telegram.fake import ApiError, FakeTelegram

PUBLIC = {"public_url": "https://chat.klinik.example", "telegram_webhook_secret": "right"}


async def test_polling_waits_and_the_offset_stays(
    fake: FakeTelegram, running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running() as service:
        receive, tried, away = service.conversations.receive, [], True

        async def receiving(inbound: Any) -> Any:
            tried.append(inbound.id)
            if away:
                raise StoreAway("gone")
            return await receive(inbound)

        monkeypatch.setattr(service.conversations, "receive", receiving)
        fake.say(7, "betis kiri kram")
        await until(lambda: len(tried) >= 2)
        assert fake.pending, "not confirmed"
        away = False
        await until(lambda: len(fake.chat(7).shown) == 2)
        await until(lambda: not fake.pending)
    assert len(set(tried)) == 1


async def test_a_webhook_gets_503_and_its_redelivery_has_the_effect(
    fake: FakeTelegram, running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(**PUBLIC) as service:
        app = Starlette(routes=list(service.channels["telegram"].routes(service.conversations)))
        receive, away = service.conversations.receive, True

        async def receiving(inbound: Any) -> Any:
            if away:
                raise StoreAway("gone")
            return await receive(inbound)

        monkeypatch.setattr(service.conversations, "receive", receiving)
        fake.say(7, "betis kiri kram")
        update, headers = fake.pending.pop(), {"X-Telegram-Bot-Api-Secret-Token": "right"}
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://here") as client:
            assert (await client.post("/webhooks/telegram", json=update, headers=headers)).status_code == 503
            away = False
            assert (await client.post("/webhooks/telegram", json=update, headers=headers)).status_code == 200
        await until(lambda: len(fake.chat(7).shown) == 2)


async def test_a_webhook_keeps_the_order_of_a_chat(fake: FakeTelegram, running: Running) -> None:
    async with running(**PUBLIC) as service:
        app = Starlette(routes=list(service.channels["telegram"].routes(service.conversations)))
        for number in range(10):
            fake.say(7, f"pesan {number}")
        headers = {"X-Telegram-Bot-Api-Secret-Token": "right"}
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://here") as client:
            posts = [client.post("/webhooks/telegram", json=update, headers=headers) for update in fake.pending]
            answers = await asyncio.gather(*posts)
        assert {answer.status_code for answer in answers} == {200}
        lines = await service.store.transcript(address_of(7))
        said = [line.text for _, line in lines if line.who == "patient"]
    assert said == [f"pesan {number}" for number in range(10)]


async def test_a_long_answer_comes_in_pieces_and_none_twice(
    fake: FakeTelegram, running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    failures = iter([False, True])

    def fault(method: str, given: dict[str, str]) -> None:
        if method == "sendMessage" and next(failures, False):
            raise ApiError(502, "Bad Gateway")

    async with running() as service:
        await until(lambda: fake.calls["getUpdates"])
        fake.chat(7)
        fake.fault = fault
        channel, line = (
            service.channels["telegram"],
            Line(who="staff", text="kata *tebal*. " * 700, at=datetime.now(UTC)),
        )
        with pytest.raises(Exception, match="Bad Gateway"):
            await channel.send(address_of(7), line)
        await channel.send(address_of(7), line)
    assert "".join("".join(fake.chat(7).texts).split()) == "katatebal." * 700
