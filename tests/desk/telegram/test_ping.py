"""The staff are called in their group: once, again, everybody, and without a word of the patient."""

import asyncio
import re
from datetime import UTC, datetime, timedelta

import pytest

from bot.channels.telegram.updates import address_of
from bot.conversations import Inbound
from bot.desk.telegram import ping
from bot.dialogue import staffing
from bot.dialogue.staffing import Person
from bot.service import Service
from bot.store.listing import open_ids, recent_ids
from bot.store.records import Address
from tests.channels.telegram.conftest import until
from tests.channels.telegram.fake import ApiError, bad
from tests.desk.telegram.conftest import Running
from tests.desk.telegram.forum import GROUP, FakeForum

ANI = 7700123
STORY = "betis kiri saya bengkak dan merah dari kemarin, nama saya Ani Suryani"
HUMAN = "mau bicara dengan petugas"
TOMORROW = datetime.now(UTC) + timedelta(days=1)
"""A time at which no clock of the program fires by itself."""

ALARM = "tiba-tiba dada saya nyeri dan sesak napas"


async def waits(fake: FakeForum, text: str = HUMAN) -> None:
    """A patient waits for a person."""
    before = len(fake.chat(ANI).shown)
    fake.say(ANI, text)
    await until(lambda: len(fake.chat(ANI).shown) > before)


async def call(service: Service, later: timedelta = timedelta(0)) -> datetime:
    now = datetime.now(UTC) + later
    await service.timers.fire(now)
    return now


@pytest.mark.parametrize("story", [STORY, ALARM])
async def test_a_call_says_level_wait_reference_and_link_and_no_word_of_the_patient(
    fake: FakeForum, running: Running, story: str
) -> None:
    async with running(public_url="https://chat.klinik.example", telegram_webhook_secret="x") as service:
        await service.conversations.receive(_typed("m1", story, TOMORROW))
        await service.conversations.receive(_typed("m2", HUMAN, TOMORROW))
        for minutes in (0, 31, 32, 62, 63):
            await service.timers.fire(TOMORROW + timedelta(minutes=minutes))
        await until(lambda: len(fake.general) >= 3)
        id = service.store.id_of(address_of(ANI))
    said = {word.lower() for word in re.findall(r"\w+", f"{story} {HUMAN} Ani <b> {ANI}")} - {"dan", "petugas"}
    for text in fake.general:
        assert any(text.count(mark) == 1 for mark in "🔴🟠🟡🟢⚪")
        assert re.search(r"Menunggu .*\d+ menit, sejak pukul \d\d\.\d\d", text)
        assert id[:6].upper() in text
        assert text.endswith(f"https://chat.klinik.example/desk/c/{id}")
        assert said & {word.lower() for word in re.findall(r"\w+", text)} == set()


async def test_each_timer_calls_once_whoever_fires_it_however_often(fake: FakeForum, running: Running) -> None:
    async with running() as first, running() as second:
        await first.conversations.receive(_typed("m1", HUMAN, TOMORROW))
        (due,) = [timer for timer in await first.store.due_timers(TOMORROW) if timer.kind == "call"]
        for service in (first, second, first):
            await service.timers.callers[0].call(service.conversations, due, TOMORROW)
        await asyncio.gather(first.timers.fire(TOMORROW), second.timers.fire(TOMORROW))
        await until(lambda: fake.general)
        address = ping.address_of(first.store.id_of(address_of(ANI)))
        assert len(await first.store.transcript(address)) == 1
        await until_quiet(first, address)
    assert len(fake.general) == 1


async def test_nobody_comes_so_they_are_called_again_then_everybody_and_the_head(
    fake: FakeForum, running: Running
) -> None:
    async with running() as service:
        await waits(fake, ALARM)
        await waits(fake)
        await call(service)
        await until(lambda: fake.general)
        for minutes in (6, 7, 12, 13):
            await call(service, timedelta(minutes=minutes))
        await until(lambda: len(fake.general) >= 3)
    again, everybody = fake.general[-2:]
    assert "Panggilan ulang ke-1" in again
    assert "SEMUA PETUGAS DAN KEPALA" not in again
    assert everybody.startswith("‼️ UNTUK SEMUA PETUGAS DAN KEPALA KLINIK")
    assert re.search(r"Menunggu 1[23] menit", everybody)


async def test_a_claim_before_the_call_leaves_the_group_in_peace(fake: FakeForum, running: Running) -> None:
    async with running() as service:
        await service.conversations.receive(_typed("m1", HUMAN, TOMORROW))
        (due,) = [timer for timer in await service.store.due_timers(TOMORROW) if timer.kind == "call"]
        rina = Person("rina", "Rina, perawat")
        await service.conversations.act(due.address, "1", TOMORROW, lambda c, s: staffing.claim(c, rina, TOMORROW, s))
        await service.timers.callers[0].call(service.conversations, due, TOMORROW)
        assert not (await service.store.load(ping.address_of(due.conversation))).version


@pytest.mark.parametrize("code", [500, 429])
async def test_a_call_that_does_not_go_out_is_tried_again(
    fake: FakeForum, running: Running, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.delivery.backoff", lambda tries: 0.05)
    failures = iter([code, code])

    def fault(method: str, given: dict[str, str]) -> None:
        if method == "sendMessage" and int(given["chat_id"]) == GROUP and next(failures, None):
            raise ApiError(code, "trouble", **({"retry_after": 1} if code == 429 else {}))

    fake.fault = fault
    async with running() as service:
        await waits(fake)
        await call(service)
        await until(lambda: fake.general)
    assert len(fake.general) == 1


async def test_a_group_that_refuses_is_told_of_in_the_log(
    fake: FakeForum, running: Running, caplog: pytest.LogCaptureFixture
) -> None:
    def fault(method: str, given: dict[str, str]) -> None:
        if method == "sendMessage" and int(given["chat_id"]) == GROUP:
            raise bad("not enough rights to send text messages to the chat")

    fake.fault = fault
    async with running() as service:
        await waits(fake)
        await call(service)
        await until(lambda: any("the staff can't be called" in one.getMessage() for one in caplog.records))


async def test_calls_stand_in_no_list_and_are_no_patient(fake: FakeForum, running: Running) -> None:
    async with running() as service:
        await waits(fake)
        await call(service)
        await until(lambda: fake.general)
        patient = service.store.id_of(address_of(ANI))
        assert await open_ids(service.store) == [patient]
        assert await recent_ids(service.store, 10) == [patient]
        ttl = await service.store.redis.ttl(service.store.keys_of(ping.address_of(patient)).state)
        assert 0 < ttl <= 24 * 3600


async def test_what_the_group_talks_of_is_neither_answered_nor_kept(fake: FakeForum, running: Running) -> None:
    async with running() as service:
        fake.write(501, "selamat pagi semua, siapa jaga hari ini?")
        fake.write(501, "/start")
        fake.membership(GROUP, "left", "administrator")
        await until(lambda: not fake.pending)
        fake.say(ANI, "halo")
        await until(lambda: fake.chat(ANI).shown)
        assert not fake.general
        assert not (await service.store.load(address_of(GROUP))).version


async def until_quiet(service: Service, address: Address) -> None:
    for _ in range(200):
        if set((await service.store.delivery_states(address)).values()) == {"sent"}:
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it did not go out")


def _typed(id: str, text: str, at: datetime | None = None) -> Inbound:
    return Inbound(id, address_of(ANI), at or datetime.now(UTC), text, name="Ani <b>")
