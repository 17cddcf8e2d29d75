"""Nothing is lost and nothing has its effect twice, whoever dies; a chat's order is kept."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from redis.asyncio import Redis

from bot.channels.telegram.updates import address_of
from bot.store.reading import LEASE_SECONDS
from bot.store.store import Store
from tests.channels.telegram.conftest import Running, until
from tests.channels.telegram.fake import TOKEN, FakeTelegram
from tests.conftest import SECRET
from tests.monitors import parsed, value
from tests.pace import within
from tests.serving import Serving, await_ready, start

SECRET_TOKEN = "a-secret-of-the-tests"


async def said(store: Store, chat: int) -> list[str]:
    lines = await store.transcript(address_of(chat))
    return [line.text for _, line in lines if line.who == "patient"]


@pytest.mark.timeout(600)
async def test_a_burst_of_500_from_50_chats_is_taken_in_order(
    fake: FakeTelegram, running: Running, store: Store
) -> None:
    chats = range(100, 150)
    for number in range(10):
        for chat in chats:
            fake.say(chat, f"pesan {number}")
    async with running():
        await until(lambda: not fake.pending, 400)
    for chat in chats:
        assert await said(store, chat) == [f"pesan {number}" for number in range(10)]


async def test_two_processes_never_poll_at_once_and_one_takes_over(
    fake: FakeTelegram, running: Running, store: Store
) -> None:
    async with running() as first:
        await until(lambda: fake.calls["getUpdates"])
        async with running():
            for number in range(30):
                fake.say(100 + number % 5, f"pesan {number}")
                await asyncio.sleep(0.02)
            await until(lambda: not fake.pending, 90)
            assert fake.conflicts == 0
            lease = first.channels["telegram"].lease  # type: ignore[attr-defined]
            await lease.release()
            fake.say(100, "sesudah itu")
            await until(lambda: not fake.pending, 90)
    for chat in range(100, 105):
        assert len(await said(store, chat)) == 6 + (chat == 100)


@pytest.fixture
def settings(fake: FakeTelegram, redis: Redis, redis_url: str) -> dict[str, str]:
    return {
        "REDIS_URL": redis_url,
        "SECRET_KEY": SECRET,
        "TELEGRAM_TOKEN": TOKEN,
        "TELEGRAM_API_URL": fake.url,
        "TELEGRAM_RATE": "0",
    }


@pytest.fixture
def processes() -> Iterator[list[Serving]]:
    started: list[Serving] = []
    yield started
    for one in started:
        if one.process.poll() is None:
            one.kill()


async def test_kill_9_between_fetch_and_commit_loses_and_doubles_nothing(
    fake: FakeTelegram, settings: dict[str, str], store: Store, folder: Path, processes: list[Serving]
) -> None:
    chats, sent = range(100, 110), 0
    for turn in range(4):
        processes.append(start(folder / str(turn), settings=settings))
        await asyncio.to_thread(await_ready, processes[-1])
        await until(lambda: fake.calls["getUpdates"] > 0)
        for _ in range(20):
            for chat in chats:
                fake.say(chat, f"pesan {sent:03}")
                sent += 1
        before = len(fake.pending)
        await until(lambda before=before: len(fake.pending) < before or fake.chat(100).shown)
        await asyncio.sleep(0.05 * turn)
        processes[-1].kill()  # a batch was fetched, a part of it committed
        fake.calls["getUpdates"] = 0
    processes.append(start(folder / "last", settings=settings))
    await until(lambda: not fake.pending, 90)
    for chat in chats:
        assert await said(store, chat) == [f"pesan {n:03}" for n in range(chat - 100, sent, 10)]


async def test_a_killed_poller_is_followed_by_another_within_seconds(
    fake: FakeTelegram, settings: dict[str, str], store: Store, folder: Path, processes: list[Serving]
) -> None:
    processes.append(start(folder / "1", settings=settings))
    await asyncio.to_thread(await_ready, processes[0])
    await until(lambda: fake.calls["getUpdates"])
    processes.append(start(folder / "2", settings=settings))
    await asyncio.to_thread(await_ready, processes[1])
    processes[0].kill()
    with within(LEASE_SECONDS + 4):
        fake.say(100, "betis kiri kram")
        await until(lambda: fake.chat(100).shown)


async def test_the_webhook_is_registered_guarded_and_takes_a_redelivery_once(
    fake: FakeTelegram, settings: dict[str, str], store: Store, folder: Path, processes: list[Serving]
) -> None:
    public = {"PUBLIC_URL": "https://chat.klinik.example", "TELEGRAM_WEBHOOK_SECRET": SECRET_TOKEN}
    processes.append(start(folder, settings={**settings, **public}))
    await asyncio.to_thread(await_ready, processes[0])
    await until(lambda: fake.webhook["url"])
    assert fake.webhook == {"url": "https://chat.klinik.example/webhooks/telegram", "secret": SECRET_TOKEN}
    here = f"{processes[0].url}/webhooks/telegram"
    fake.say(100, "betis kiri kram")
    update = fake.pending[0]
    assert await asyncio.to_thread(fake.deliver, here) == [200]
    fake.pending.append(update)
    assert await asyncio.to_thread(fake.deliver, here) == [200]
    await until(lambda: len(fake.chat(100).shown) == 2)
    assert await said(store, 100) == ["betis kiri kram"]
    async with httpx.AsyncClient() as client:
        right, wrong = ({"X-Telegram-Bot-Api-Secret-Token": token} for token in (SECRET_TOKEN, "x"))
        assert (await client.post(here, json=update)).status_code == 403
        assert (await client.post(here, json=update, headers=wrong)).status_code == 403
        assert (await client.post(here, content=b"x" * 10_000_000, headers=right)).status_code == 413
        assert (await client.post(here, content=b"{", headers=right)).status_code == 400
        assert (await client.post(here, json={"update_id": 1, "message": 3}, headers=right)).status_code == 200
        await client.post(here, json=[], headers=right)
    assert (await asyncio.to_thread(httpx.get, f"{processes[0].url}/readyz")).status_code == 200
    numbers = parsed((await asyncio.to_thread(httpx.get, f"{processes[0].url}/metrics")).text)
    refused = [value(numbers, "webhooks_refused_total", channel="telegram", status=s) for s in ("403", "413", "400")]
    assert refused == [2, 1, 1]
