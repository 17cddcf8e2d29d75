"""What patients send that is no plain text: edits, media, groups, blocking, what can't be parsed."""

import asyncio
from typing import Any

import pytest

from bot.channels.telegram.updates import address_of
from bot.dialogue.conversation import Conversation
from bot.service import Service
from tests.channels.telegram.conftest import Running, until
from tests.channels.telegram.fake import FakeTelegram
from tests.channels.telegram.test_journeys import answered

ANI = 7
FAMILY = -100200300


async def state(service: Service, chat: int = ANI) -> Conversation:
    return (await service.store.load(address_of(chat))).conversation


async def own_words(service: Service, chat: int = ANI) -> list[str]:
    lines = await service.store.transcript(address_of(chat))
    return [line.text for _, line in lines if line.who == "patient"]


async def test_an_edit_corrects_what_was_said_once(fake: FakeTelegram, running: Running) -> None:
    async with running() as service:
        await answered(fake, lambda: fake.say(ANI, "kram sejak 2 hari"))
        await answered(fake, lambda: fake.say(ANI, "ya"))
        part = (await state(service)).pending
        assert part is not None
        said = fake.say(ANI, "betis")
        await until(lambda: len(fake.chat(ANI).shown) >= 4)
        await asyncio.sleep(0.2)
        after = await state(service)
        assert after.facts.body_part == "calf"
        edited = fake.edit(said, "paha")
        fake.post("edited_message", edited)
        await until(lambda: not fake.pending)
        await asyncio.sleep(0.3)
        assert (await state(service)).facts.body_part == "thigh"
        assert (await own_words(service)).count("paha") == 1, "the same edit twice has one effect"


async def test_an_edited_answer_is_no_answer_to_a_later_question(fake: FakeTelegram, running: Running) -> None:
    async with running() as service:
        await answered(fake, lambda: fake.say(ANI, "betis kiri kram sejak 2 hari, umur 40"))
        said = fake.say(ANI, "ya")
        await until(lambda: len(fake.chat(ANI).shown) >= 3)
        await asyncio.sleep(0.2)
        before = await state(service)
        told = await answered(fake, lambda: fake.edit(said, "tidak"))
        after = await state(service)
    assert after.pending == before.pending
    assert after.facts == before.facts
    assert "tetap sama" in told[0]


async def test_an_edit_of_the_first_message_brings_its_facts(fake: FakeTelegram, running: Running) -> None:
    async with running() as service:
        said = fake.say(ANI, "kaki krm")
        await until(lambda: fake.chat(ANI).shown)
        await answered(fake, lambda: fake.edit(said, "sesak napas dan nyeri dada"))
        assert (await state(service)).outcome is not None
    assert "119" in fake.chat(ANI).texts[-1] + fake.chat(ANI).texts[-2]


FILE = {"file_id": "FILE", "file_unique_id": "u"}
MEDIA: list[tuple[dict[str, Any], str, str]] = [
    ({"photo": [{**FILE, "width": 1, "height": 1}]}, "foto", "photo:FILE"),
    ({"voice": {**FILE, "duration": 3}}, "pesan suara", "voice:FILE"),
    ({"video": {**FILE, "duration": 3, "width": 1, "height": 1}}, "video", "video:FILE"),
    ({"video_note": {**FILE, "duration": 3, "length": 1}}, "video", "video:FILE"),
    ({"document": FILE}, "dokumen", "document:FILE"),
    (
        {
            "sticker": {
                **FILE,
                "width": 1,
                "height": 1,
                "is_animated": False,
                "is_video": False,
                "type": "regular",
            }
        },
        "stiker",
        "sticker:FILE",
    ),
    ({"location": {"latitude": -6.2, "longitude": 106.8}}, "lokasi", "location:-6.2,106.8"),
    ({"contact": {"phone_number": "+62811", "first_name": "Budi"}}, "kontak", "contact:+62811"),
    ({"dice": {"emoji": "🎲", "value": 3}}, "kiriman itu", ""),
]


@pytest.mark.parametrize(("sent", "word", "kept"), MEDIA, ids=lambda value: str(value)[:20])
async def test_media_are_acknowledged_and_kept(
    fake: FakeTelegram, running: Running, sent: dict[str, Any], word: str, kept: str
) -> None:
    async with running() as service:
        said = await answered(fake, lambda: fake.say(ANI, **sent))
        lines = await service.store.transcript(address_of(ANI))
    assert f"belum bisa membaca {word}" in said[0]
    assert [line.attachments for _, line in lines if line.who == "patient"] == [(kept,) if kept else ()]


async def test_a_caption_is_text(fake: FakeTelegram, running: Running) -> None:
    async with running() as service:
        photo = {"photo": [{**FILE, "width": 1, "height": 1}], "caption": "betis kiri bengkak dan kram"}
        await answered(fake, lambda: fake.say(ANI, **photo))
        assert (await state(service)).facts.side == "left"
        lines = await service.store.transcript(address_of(ANI))
        assert lines[0][1].attachments == ("photo:FILE",)


async def test_a_group_is_told_once_and_asked_nothing(fake: FakeTelegram, running: Running) -> None:
    async with running() as service:
        fake.membership(FAMILY, "left", "member")
        fake.say(FAMILY, "kaki saya kram")
        fake.say(FAMILY, "bengkak juga")
        await until(lambda: fake.chat(FAMILY).shown)
        await until(lambda: not fake.pending)
        await asyncio.sleep(0.3)
        assert len(fake.chat(FAMILY).shown) == 1
        assert "obrolan pribadi" in fake.chat(FAMILY).texts[0]
        fake.say(FAMILY, "/start")
        await until(lambda: len(fake.chat(FAMILY).shown) == 2)
        assert (await service.store.load(address_of(FAMILY))).version == 0


async def test_who_blocks_the_bot_is_noted_and_the_reply_refused(fake: FakeTelegram, running: Running) -> None:
    async with running() as service:
        await answered(fake, lambda: fake.say(ANI, "betis kiri kram"))
        fake.chat(ANI).blocked = True
        fake.say(ANI, "sejak 2 hari")
        fake.membership(ANI, "member", "kicked")
        store, address = service.store, address_of(ANI)
        for _ in range(100):
            states = await store.delivery_states(address)
            if "failed:blocked" in states.values():
                break
            await asyncio.sleep(0.05)
        assert "failed:blocked" in states.values()
        notes = [line.text for _, line in await store.transcript(address) if line.who == "note"]
        assert len(notes) == 1
        fake.chat(ANI).blocked = False
        fake.membership(ANI, "kicked", "member")
        await answered(fake, lambda: fake.say(ANI, "/start"))


async def test_what_can_not_be_parsed_is_counted_and_passed_by(fake: FakeTelegram, running: Running) -> None:
    async with running() as service:
        fake.chat(8)
        fake.pending.append({"update_id": 998, "message": {"message_id": "?", "chat": 7}})
        fake.pending.append({"update_id": 999, "callback_query": {"id": 3}})
        broken = {"message_id": 5, "date": "yesterday", "chat": {"id": 8, "type": "private"}, "text": "betis kram"}
        fake.post("message", broken)
        await answered(fake, lambda: fake.say(ANI, "betis kiri kram"))
        await until(lambda: fake.chat(8).shown)
        assert (await state(service, 8)).facts.complaint == "cramp", "words are heard even so"
        unread = await service.channels["telegram"].reading.unread()  # type: ignore[attr-defined]
    assert sum(unread.values()) == 3
    assert not any("betis" in shape for shape in unread)


async def test_unknown_kinds_of_updates_are_passed_by(fake: FakeTelegram, running: Running) -> None:
    async with running():
        fake.post("poll_answer", {"poll_id": "1", "option_ids": []})
        fake.post("something_new", {"a": 1})
        await answered(fake, lambda: fake.say(ANI, "betis kiri kram"))


async def test_typing_is_shown_where_it_takes_a_moment(
    fake: FakeTelegram, running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.channels.telegram.receiving.TYPING_AFTER", 0.05)
    async with running() as service:
        receive = service.conversations.receive

        async def slowly(inbound: Any) -> Any:
            await asyncio.sleep(0.4)
            return await receive(inbound)

        monkeypatch.setattr(service.conversations, "receive", slowly)
        await answered(fake, lambda: fake.say(ANI, "betis kiri kram"))
    assert fake.chat(ANI).actions[:1] == ["typing"]
