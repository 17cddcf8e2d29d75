"""Timers: they fire once, late if need be, and say only what still makes sense."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from redis.asyncio import Redis

from bot.conversations import Conversations, Inbound, Received
from bot.store.records import Address
from bot.store.store import Store
from bot.timers import Timers

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


class Patient:
    """Writes to the bot at given times."""

    def __init__(self, conversations: Conversations, address: Address) -> None:
        self.conversations = conversations
        self.address = address
        self.count = 0

    async def says(self, text: str = "", tap: str = "", at: datetime = NOW) -> Received:
        self.count += 1
        kind = "tap" if tap else "text"
        options: Sequence[str] = (tap,) if tap else ()
        inbound = Inbound(f"m{self.count}", self.address, at, text, tuple(options), kind=kind)  # type: ignore[arg-type]
        return await self.conversations.receive(inbound)

    async def reaches_outcome(self) -> Received:
        received = await self.says("betis kiri kram sejak kemarin, umur saya 30")
        while received.conversation.outcome is None:
            assert received.asks is not None
            received = await self.says(tap="yes" if received.asks.ids == ("consent",) else "none")
        return received

    async def lines(self) -> list[str]:
        return [line.text for _, line in await self.conversations.store.transcript(self.address)]


@pytest.fixture
def patient(conversations: Conversations, address: Address) -> Patient:
    return Patient(conversations, address)


async def test_an_open_question_is_reminded_of_once(conversations: Conversations, patient: Patient) -> None:
    await patient.says("betis kiri kram")
    timers = Timers(conversations)
    assert await timers.fire(NOW + timedelta(minutes=100)) == 0
    assert await timers.fire(NOW + timedelta(hours=3)) == 1
    said = await patient.lines()
    assert said[-1].startswith("Pertanyaan tadi masih menunggu")
    assert await timers.fire(NOW + timedelta(hours=30)) == 0
    assert await patient.lines() == said


async def test_an_answer_takes_the_reminder_away(conversations: Conversations, patient: Patient) -> None:
    await patient.reaches_outcome()
    assert await Timers(conversations).fire(NOW + timedelta(hours=3)) == 0


async def test_the_follow_up_asks_how_it_goes_even_late(conversations: Conversations, patient: Patient) -> None:
    await patient.reaches_outcome()
    await patient.says(tap="follow_up:1")
    timers = Timers(conversations)
    assert await timers.fire(NOW + timedelta(hours=23)) == 0
    late = NOW + timedelta(hours=50)
    assert await timers.fire(late) == 1
    assert "bagaimana kaki Anda" in (await patient.lines())[-1]
    better = await patient.says(tap="better", at=late)
    assert "Syukurlah" in better.replies[0].text


async def test_worse_is_asked_again_and_the_level_does_not_fall(conversations: Conversations, patient: Patient) -> None:
    before = await patient.reaches_outcome()
    assert before.conversation.outcome is not None
    await patient.says(tap="follow_up:1")
    late = NOW + timedelta(days=1, minutes=1)
    await Timers(conversations).fire(late)
    received = await patient.says("memburuk dok", at=late)
    assert received.asks is not None
    assert "dyspnea" in received.asks.ids, "the danger signs are asked anew"
    received = await patient.says("sekarang sesak napas", at=late)
    assert received.conversation.outcome is not None
    assert received.conversation.outcome.level.name == "emergency_ambulance"


async def test_two_processes_fire_a_timer_once(store: Store, conversations: Conversations, patient: Patient) -> None:
    await patient.says("betis kiri kram")
    due = await store.due_timers(NOW + timedelta(hours=3))
    assert len(due) == 1
    first, second = Timers(conversations), Timers(conversations)
    before = len(await patient.lines())
    await first.fire(NOW + timedelta(hours=3))
    await second.fire(NOW + timedelta(hours=3))
    assert len(await patient.lines()) == before + 1


async def test_a_stale_question_leads_to_a_clean_start(patient: Patient) -> None:
    await patient.says("betis kiri kram")
    await patient.says(tap="yes")
    received = await patient.says("kedutan lutut kanan", at=NOW + timedelta(days=3))
    assert received.conversation.facts.complaint == "twitch"
    assert received.replies[0].text.startswith("Percakapan kita yang terakhir sudah lama")
    assert received.conversation.consent is not None
    assert received.asks is not None
    assert received.asks.ids != ("consent",)


async def test_one_that_fails_holds_up_no_other_and_comes_again(
    conversations: Conversations, redis: Redis, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    patients = [Patient(conversations, Address(channel="terminal", id=f"p{number}")) for number in range(6)]
    for patient in patients:
        await patient.says("betis kiri kram")
    broken, buggy = patients[0].address, patients[1].address
    seen = conversations.store.keys_of(broken).seen
    await redis.delete(seen)
    await redis.set(seen, "of the wrong kind")
    receive = conversations.receive

    async def with_a_bug(inbound: Inbound) -> Received:
        if inbound.address == buggy:
            raise RuntimeError("rahasia")
        return await receive(inbound)

    monkeypatch.setattr(conversations, "receive", with_a_bug)
    timers = Timers(conversations)
    assert await timers.fire(NOW + timedelta(hours=3)) == 6
    for patient in patients[2:]:
        assert (await patient.lines())[-1].startswith("Pertanyaan tadi masih menunggu")
    assert caplog.text.count("a timer failed; it comes again") == 2
    assert "rahasia" not in caplog.text
    monkeypatch.undo()
    await redis.delete(seen)
    assert await timers.fire(NOW + timedelta(hours=3)) == 2
    for patient in patients:
        assert (await patient.lines())[-1].startswith("Pertanyaan tadi")
