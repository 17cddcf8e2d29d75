"""Whole conversations over a real Bot API server: by typing, by buttons, by both."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest

from bot.channels.telegram.updates import COMMANDS, address_of
from bot.dialogue.conversation import Conversation
from bot.service import Service
from tests.channels.telegram.conftest import Running, until
from tests.channels.telegram.fake import FakeTelegram, labels, ticked

ANI = 7
RED_FLAGS_NONE = "Tidak ada"


async def state(service: Service, chat: int = ANI) -> Conversation:
    return (await service.store.load(address_of(chat))).conversation


async def answered(fake: FakeTelegram, act: Callable[[], object], chat: int = ANI) -> list[str]:
    """What the bot says to what a patient does."""
    before = len(fake.chat(chat).shown)
    act()
    await until(lambda: len(fake.chat(chat).shown) > before)
    count = 0
    while count != len(fake.chat(chat).shown) or (fake.unsent and await fake.unsent()):  # a second message may follow
        count = len(fake.chat(chat).shown)
        await asyncio.sleep(0.1)
    return fake.chat(chat).texts[before:]


def choose(fake: FakeTelegram, chat: int = ANI) -> str:
    """The answer of a patient who is well: nothing bad, and the first of whatever else is offered."""
    offered = labels(fake.chat(chat).shown[-1])
    return next((label for label in (RED_FLAGS_NONE, "Tidak") if label in offered), offered[0])


async def test_a_whole_conversation_by_buttons(fake: FakeTelegram, running: Running) -> None:
    async with running() as service:
        await answered(fake, lambda: fake.say(ANI, "/start"))
        await answered(fake, lambda: fake.say(ANI, "betis kiri kram tiap malam sejak 2 minggu, umur 40"))
        await answered(fake, lambda: fake.press(ANI, "Ya"))
        for _ in range(20):
            if (await state(service)).outcome is not None:
                break
            await answered(fake, lambda: fake.press(ANI, choose(fake)))
        outcome = (await state(service)).outcome
    assert outcome is not None
    assert outcome.level.name in ("self_care", "consultation")
    assert all(text is not None for text in fake.queries.values()), "every press was answered"


async def test_a_whole_conversation_by_typing_and_buttons_leads_to_the_same(
    fake: FakeTelegram, running: Running
) -> None:
    async def talk(chat: int, typed: bool) -> tuple[str, tuple[str, ...]]:
        await answered(fake, lambda: fake.say(chat, "kedutan betis kiri sudah 2 minggu, umur 40"), chat)
        await answered(fake, lambda: fake.say(chat, "ya"), chat)
        for turn in range(20):
            if (found := (await state(service, chat)).outcome) is not None:
                return found.level.name, found.rules
            label = choose(fake, chat)
            if typed or turn % 2:
                await answered(fake, lambda label=label: fake.say(chat, label.lower()), chat)
            else:
                await answered(fake, lambda label=label: fake.press(chat, label), chat)
        raise AssertionError("no outcome")

    async with running() as service:
        assert await talk(8, typed=True) == await talk(9, typed=False)


async def red_flags(fake: FakeTelegram) -> None:
    """Talk as far as the first question with several answers."""
    await answered(fake, lambda: fake.say(ANI, "betis kiri kram sejak 2 hari, umur 40"))
    await answered(fake, lambda: fake.press(ANI, "Ya"))
    for _ in range(10):
        if "Selesai" in labels(fake.chat(ANI).shown[-1]):
            return
        await answered(fake, lambda: fake.press(ANI, choose(fake)))
    raise AssertionError("no question with ticks")


async def test_ticks_are_set_and_taken_away_and_told_together(fake: FakeTelegram, running: Running) -> None:
    async with running() as service:
        await red_flags(fake)
        question = fake.chat(ANI).shown[-1]
        assert "Centang" in question["text"]
        asks = (await state(service)).pending
        assert asks is not None
        first, second, third = labels(question)[:3]
        for label in (first, second, third, second):
            fake.press(ANI, label)  # as fast as fingers can: none undoes another
        await until(lambda: ticked(question) == [first, third])
        assert (await state(service)).pending == asks, "ticks answer nothing yet"
        await answered(fake, lambda: fake.press(ANI, "Selesai"))
        signs = (await state(service)).facts.signs
    assert [signs.get(id) for id in asks.ids[:3]] == ["yes", "no", "yes"]


async def test_done_without_ticks_is_no_denial(fake: FakeTelegram, running: Running) -> None:
    async with running() as service:
        await red_flags(fake)
        before = await state(service)
        query = fake.press(ANI, "Selesai")
        await until(lambda: fake.queries[query])
        assert "Belum ada yang dicentang" in str(fake.queries[query])
        assert (await state(service)).facts == before.facts


async def test_none_beside_a_tick_denies_only_the_others(fake: FakeTelegram, running: Running) -> None:
    async with running() as service:
        await red_flags(fake)
        asks = (await state(service)).pending
        assert asks is not None
        question = fake.chat(ANI).shown[-1]
        first = labels(question)[0]
        fake.press(ANI, first)
        await until(lambda: ticked(question) == [first])
        await answered(fake, lambda: fake.press(ANI, "Tidak ada"))
        assert (await state(service)).facts.signs[asks.ids[0]] == "yes"


async def test_an_old_button_answers_no_other_question(
    fake: FakeTelegram, running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.channels.telegram.receiving.DOUBLE_PRESS", timedelta(0))
    async with running() as service:
        await answered(fake, lambda: fake.say(ANI, "betis kiri kram sejak 2 hari"))
        consent = fake.chat(ANI).shown[-1]
        await answered(fake, lambda: fake.press(ANI, "Ya"))
        await answered(fake, lambda: fake.say(ANI, "hapus data saya"))
        pending = (await state(service)).pending
        assert pending is not None
        assert pending.question == "forget"
        said = await answered(fake, lambda: fake.press(ANI, "Ya", consent))
        assert "sudah lewat" in said[0]
        assert (await state(service)).facts.complaint == "cramp", "nothing was deleted by the old button"


async def test_a_button_pressed_twice_has_one_effect(fake: FakeTelegram, running: Running) -> None:
    async with running() as service:
        await answered(fake, lambda: fake.say(ANI, "betis kiri kram sejak 2 hari"))

        def twice() -> None:
            fake.press(ANI, "Ya")
            fake.press(ANI, "Ya")

        said = await answered(fake, twice)
        await until(lambda: all(text is not None for text in fake.queries.values()))
        assert len(said) == 1
        assert (await state(service)).consent is not None


async def test_the_menu_is_set_and_each_command_answered(fake: FakeTelegram, running: Running) -> None:
    async with running() as service:
        await until(lambda: len(fake.commands) == 2)
        assert [one["command"] for one in fake.commands["id"]] == list(COMMANDS)
        assert fake.commands[""] == fake.commands["id"]
        assert "Halo" in (await answered(fake, lambda: fake.say(ANI, "/start")))[0]
        assert "Ceritakan" in (await answered(fake, lambda: fake.say(ANI, "/bantuan@kaki_bot")))[0]
        assert "Data Anda" in (await answered(fake, lambda: fake.say(ANI, "/privasi")))[0]
        await answered(fake, lambda: fake.say(ANI, "/ulang"))
        await answered(fake, lambda: fake.say(ANI, "/hapus"))
        assert "dihapus" in (await answered(fake, lambda: fake.press(ANI, "Ya")))[0]
        await answered(fake, lambda: fake.say(ANI, "/petugas"))
        assert (await state(service)).mode == "waiting"


async def test_a_deep_link_carries_the_complaint(fake: FakeTelegram, running: Running) -> None:
    async with running() as service:
        await answered(fake, lambda: fake.say(ANI, "/start kram-betis"))
        assert (await state(service)).facts.complaint == "cramp"
        await answered(fake, lambda: fake.say(8, "/start poster_1"), 8)
        assert "Halo" in fake.chat(8).texts[0]


async def test_an_emergency_is_told_at_once_in_bold(fake: FakeTelegram, running: Running) -> None:
    async with running():
        await answered(fake, lambda: fake.say(ANI, "sesak napas dan nyeri dada, betis bengkak"))
    first = fake.chat(ANI).shown[0]
    assert "119" in first["text"]
    assert "<b>" in first["html"]
    assert "*" not in first["text"]
