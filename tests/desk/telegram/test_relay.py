"""The staff answer in topics of their group; patients at Telegram do not see the difference."""

import asyncio
import time
from datetime import UTC, datetime, timedelta

import pytest

from bot.channels.files import described
from bot.channels.telegram.updates import address_of
from bot.conversations import Inbound
from bot.desk.accounts import Accounts
from bot.desk.audit import Audit
from bot.desk.members import members
from bot.dialogue import staffing
from bot.dialogue.conversation import Conversation
from bot.dialogue.staffing import Person
from bot.service import Service
from bot.store.media import keep, kept
from bot.store.reads import reads_of
from bot.store.records import Address, Line
from tests.channels.telegram.conftest import until
from tests.channels.telegram.fake import ApiError, labels
from tests.channels.test_files import JPEG, PNG
from tests.desk.house import quick_passwords
from tests.desk.telegram.conftest import Running
from tests.desk.telegram.forum import GROUP, FakeForum, Thread

ANI, RINA, BUDI, STRANGER = 7700123, 501, 502, 999
STORY = "betis kiri saya bengkak <b>dan</b> merah dari kemarin"
HUMAN = "mau bicara dengan petugas"


async def hears(fake: FakeForum, text: str, chat: int = ANI) -> str:
    """What a patient is told next that holds ``text``."""
    return str(await until(lambda: next((one for one in fake.chat(chat).texts if text in one), None)))


async def says(fake: FakeForum, text: str, chat: int = ANI) -> None:
    """A patient writes and is answered."""
    before = len(fake.chat(chat).shown)
    fake.say(chat, text)
    await until(lambda: len(fake.chat(chat).shown) > before)


async def shows(thread: Thread, text: str) -> str:
    """What the topic says that holds ``text``."""
    return str(await until(lambda: next((one for one in thread.texts if text in one), None)))


async def opened(fake: FakeForum) -> Thread:
    """The topic of a patient who waits."""
    await says(fake, STORY)
    await says(fake, HUMAN)
    await until(lambda: fake.threads and fake.thread.pinned)
    await shows(fake.thread, HUMAN)
    return fake.thread


async def offered(thread: Thread, label: str) -> None:
    await until(lambda: label in labels(thread.card))


async def state(service: Service) -> Conversation:
    return (await service.store.load(address_of(ANI))).conversation


async def lines(service: Service) -> list[Line]:
    return [line for _, line in await service.store.transcript(address_of(ANI))]


async def test_an_episode_gets_a_topic_with_its_card_and_all_that_was_said(fake: FakeForum, running: Running) -> None:
    async with running(relay=True) as service:
        thread = await opened(fake)
        id = service.store.id_of(address_of(ANI))
        reads = await reads_of(service.store, address_of(ANI))
    assert id[:6].upper() in thread.name
    assert "Ani" not in thread.name
    assert "Belum ada yang mengambil" in thread.card["text"]
    assert "Betis" in thread.card["text"] or "betis" in thread.card["text"]
    assert labels(thread.card) == ["Ambil"]
    said = "\n".join(thread.texts)
    assert STORY in said, "as it was written, whatever it looks like"
    assert said.index(STORY) < said.index("Bot") < said.rindex(HUMAN)
    assert [read.who for read in reads] == ["telegram-group"], "the group reads it, and the trail says so"


async def test_claimed_by_a_button_the_talk_goes_both_ways(fake: FakeForum, running: Running) -> None:
    async with running(relay=True) as service:
        thread = await opened(fake)
        query = fake.tap(RINA, "Ambil", thread)
        await hears(fake, "Anda sekarang berbicara dengan Rina, petugas")
        await offered(thread, "Tutup")
        assert labels(thread.card) == ["Tutup", "Kembalikan ke bot", "Lepas ke antrean"]
        await shows(thread, "Dilayani Rina, petugas")
        fake.write(RINA, "Sejak kapan *tepatnya* bengkaknya?", thread)
        answer = await hears(fake, "tepatnya")
        assert answer.startswith("Rina, petugas\n")
        fake.say(ANI, "sejak kemarin pagi, sus")
        await shows(thread, "sejak kemarin pagi, sus")
        assert sum("tepatnya" in text for text in thread.texts) == 1, "what is written in the topic is not shown again"
        handoff = (await state(service)).handoff
        entries = (await Audit(service.store).page()).entries
    assert fake.queries[query] == ""
    assert handoff is not None
    assert handoff.answered_at is not None
    assert {entry.what for entry in entries if entry.who == "tg:501"} == {"claim", "reply"}


async def test_any_answer_is_a_claim(fake: FakeForum, running: Running) -> None:
    async with running(relay=True) as service:
        thread = await opened(fake)
        fake.write(RINA, "Halo, saya Rina", thread)
        await hears(fake, "Anda sekarang berbicara dengan Rina, petugas")
        await hears(fake, "Halo, saya Rina")
        assert (await state(service)).owner == "staff:tg:501"
        assert await members(service.store) == {"tg:501": "Rina, petugas"}, "the desk names the person, too"


async def test_whom_another_serves_is_not_answered_and_the_person_is_told_who(
    fake: FakeForum, running: Running
) -> None:
    async with running(relay=True) as service:
        thread = await opened(fake)
        account, _ = await Accounts(service.store, quick_passwords()).add(
            "sari", "clinician", datetime.now(UTC), shown="Sari", title="bidan"
        )
        sari, now = Person(account.username, account.label), datetime.now(UTC)
        await service.conversations.act(address_of(ANI), "desk", now, lambda c, s: staffing.claim(c, sari, now, s))
        message = fake.write(RINA, "saya jawab ya", thread)
        await until(
            lambda: any(
                "Sari, bidan" in one["text"] and one.get("answers") == message["message_id"] for one in thread.shown
            )
        )
        await shows(thread, "Dilayani Sari, bidan")
        query = fake.tap(RINA, "Tutup", thread)
        await until(lambda: "Janji dibuat" in labels(thread.card))
        fake.tap(RINA, "Janji dibuat", thread)
        await until(lambda: "Sari, bidan" in "".join(text or "" for text in fake.queries.values()))
        assert fake.queries[query] == ""
        assert (await state(service)).owner == "staff:sari"
    assert not any("saya jawab ya" in text for text in fake.chat(ANI).texts)


async def test_two_presses_at_once_make_one_owner(fake: FakeForum, running: Running) -> None:
    async with running(relay=True) as service:
        thread = await opened(fake)
        presses = [fake.tap(user, "Ambil", thread) for user in (RINA, BUDI)]
        await until(lambda: all(fake.queries[press] is not None for press in presses))
        owner = (await state(service)).owner
    assert owner in ("staff:tg:501", "staff:tg:502")
    assert sorted(bool(fake.queries[press]) for press in presses) == [False, True]
    assert sum("Anda sekarang berbicara" in text for text in fake.chat(ANI).texts) == 1


async def test_a_note_is_for_the_staff_alone_and_so_is_its_correction(fake: FakeForum, running: Running) -> None:
    async with running(relay=True) as service:
        thread = await opened(fake)
        note = fake.write(RINA, "// riwayat DVT tahun lalu", thread)
        await until_lines(service, "note", 1)
        fake.rewrite(note, "riwayat DVT dua tahun lalu")
        await until_lines(service, "note", 2)
        written = await lines(service)
        assert (await state(service)).mode == "waiting", "a note claims nothing"
    assert [line.text for line in written if line.who == "note"] == [
        "riwayat DVT tahun lalu",
        "Ralat: riwayat DVT dua tahun lalu",
    ]
    assert not any("DVT" in text for text in fake.chat(ANI).texts)


async def test_a_changed_answer_reaches_the_patient_as_a_correction_once(fake: FakeForum, running: Running) -> None:
    async with running(relay=True) as service:
        thread = await opened(fake)
        answer = fake.write(RINA, "datang jam 8", thread)
        await hears(fake, "datang jam 8")
        fake.rewrite(answer, "datang jam 9")
        fake.rewrite(answer, "datang jam 9")
        await hears(fake, "Ralat: datang jam 9")
        fake.rewrite(answer, "// kurma internal")
        await until_lines(service, "note", 1)
    assert sum("jam 9" in text for text in fake.chat(ANI).texts) == 1
    assert not any("kurma" in text for text in fake.chat(ANI).texts)


async def test_what_the_patient_changes_is_shown(fake: FakeForum, running: Running) -> None:
    async with running(relay=True):
        thread = await opened(fake)
        fake.write(RINA, "Di mana?", thread)
        await hears(fake, "Di mana?")
        message = fake.say(ANI, "betis kanan")
        await shows(thread, "betis kanan")
        fake.edit(message, "betis kiri")
        assert "betis kiri" in await shows(thread, "Pasien mengubah pesannya")


def photo(name: str) -> list[dict[str, object]]:
    return [{"file_id": name, "file_unique_id": name, "width": 9, "height": 9}]


async def test_photos_go_both_ways(fake: FakeForum, running: Running) -> None:
    voice = {"file_id": "suara", "file_unique_id": "suara", "duration": 3}
    async with running(relay=True):
        thread = await opened(fake)
        sent = fake.say(ANI, None, photo=photo("betis"), caption="ini betisnya")
        await until(lambda: any(one.get("copied") == sent for one in thread.shown))
        fake.write(RINA, None, thread, photo=photo("latihan"), caption="begini caranya")
        fake.write(RINA, None, thread, voice=voice)
        await until(lambda: any(one.get("voice") == "suara" for one in fake.chat(ANI).shown))
        got = next(one for one in fake.chat(ANI).shown if one.get("photo") == "latihan")
        assert got["text"] == "Rina, petugas\nbegini caranya"
        fake.write(
            RINA,
            None,
            thread,
            sticker={
                "file_id": "s",
                "file_unique_id": "s",
                "width": 1,
                "height": 1,
                "is_animated": False,
                "is_video": False,
                "type": "regular",
            },
        )
        await shows(thread, "Tidak dikirim. Yang bisa diteruskan: foto")


async def test_photos_go_between_the_group_and_the_web_chat(fake: FakeForum, running: Running) -> None:
    fake.files["photos/latihan.jpg"] = JPEG
    fake.files["photos/program.jpg"] = b"MZ"
    async with running(relay=True) as service:
        web, now = Address(channel="web", id="a-visitor"), datetime.now(UTC)
        await service.conversations.receive(Inbound("m1", web, now, HUMAN))
        await keep(service.store, web, "photo:kept/1", described("image/png", "kaki saya"), PNG)
        await service.conversations.receive(
            Inbound("m2", web, now, kind="media", detail="photo", attachments=("photo:kept/1", "document:kept/gone"))
        )
        thread = await until(lambda: fake.threads and fake.thread)
        assert await until(lambda: next((one["photo"] for one in thread.shown if "photo" in one), None)) == (
            "kaki saya.png",
            PNG,
        )
        await shows(thread, "dokumen: buka di meja klinik")
        fake.write(RINA, None, thread, photo=photo("latihan"), caption="begini")
        for name, told in (("program", "Yang bisa diteruskan"), ("hilang", "Yang bisa diteruskan")):
            fake.write(RINA, None, thread, photo=photo(name))
            await shows(thread, told)
        (line,) = [line for _, line in await service.store.transcript(web) if line.who == "staff"]
        assert line.text == "begini"
        assert await kept(service.store, web, line.attachments[0]) == ("image/jpeg", JPEG)


async def test_closing_asks_how_it_ended_tells_the_patient_and_shuts_the_topic(
    fake: FakeForum, running: Running
) -> None:
    async with running(relay=True) as service:
        thread = await opened(fake)
        fake.tap(RINA, "Ambil", thread)
        await offered(thread, "Tutup")
        fake.tap(RINA, "Tutup", thread)
        await offered(thread, "Batal")
        fake.tap(RINA, "Batal", thread)
        await offered(thread, "Tutup")
        fake.tap(RINA, "Tutup", thread)
        await offered(thread, "Janji dibuat")
        fake.tap(RINA, "Janji dibuat", thread)
        await hears(fake, "Percakapan dengan Rina, petugas sudah selesai")
        await until(lambda: thread.closed)
        served = (await state(service)).served
        assert served is not None
        assert served.disposition == "booked"
        assert "reply_markup" not in thread.card
        fake.write(RINA, "masih di sana?", thread)
        await shows(thread, "Percakapan ini sudah selesai")
        await says(fake, HUMAN)
        await until(lambda: len(fake.threads) == 2)
        later = next(one for one in fake.threads.values() if one is not thread)
        await shows(later, HUMAN)
        assert STORY not in "\n".join(later.texts[1:]), "an episode is a topic; the earlier one keeps its own"
    assert not any("masih di sana" in text for text in fake.chat(ANI).texts)


async def test_back_to_the_bot_the_bot_goes_on(fake: FakeForum, running: Running) -> None:
    async with running(relay=True) as service:
        thread = await opened(fake)
        fake.tap(RINA, "Ambil", thread)
        await offered(thread, "Kembalikan ke bot")
        fake.tap(RINA, "Kembalikan ke bot", thread)
        await hears(fake, "Asisten otomatis melanjutkan")
        await until(lambda: thread.closed)
        assert (await state(service)).mode == "bot"


async def test_who_is_no_member_or_hides_or_calls_a_command_sends_nothing(fake: FakeForum, running: Running) -> None:
    async with running(relay=True) as service:
        thread = await opened(fake)
        query = fake.tap(STRANGER, "Ambil", thread)
        await until(lambda: fake.queries[query])
        fake.write(STRANGER, "saya orang luar", thread)
        await shows(thread, "Anda belum boleh")
        fake.write(RINA, "/ambil", thread)
        await shows(thread, "berawalan garis miring")
        fake.write(RINA, "dari admin", thread, sender_chat={"id": GROUP, "type": "supergroup", "title": "Petugas"})
        await shows(thread, "tetap anonim")
        fake.write(RINA, "obrolan di luar topik pasien")
        fake.write(RINA, "topik lain", Thread(424242, "Makan siang"))
        await until(lambda: not fake.pending)
        assert (await state(service)).mode == "waiting"
        assert all(line.who in ("patient", "bot") for line in await lines(service))
        assert not fake.general


async def test_an_account_of_the_desk_is_the_same_person_in_the_group(fake: FakeForum, running: Running) -> None:
    async with running(relay=True) as service:
        accounts = Accounts(service.store, quick_passwords())
        await accounts.add("rina", "clinician", datetime.now(UTC), shown="Rina W.", title="perawat")
        await accounts.add("tamu", "viewer", datetime.now(UTC))
        await accounts.set_telegram("rina", RINA)
        await accounts.set_telegram("tamu", BUDI)
        thread = await opened(fake)
        fake.write(BUDI, "saya hanya melihat", thread)
        await shows(thread, "Anda belum boleh")
        fake.write(RINA, "Halo", thread)
        await hears(fake, "Anda sekarang berbicara dengan Rina W., perawat")
        assert (await state(service)).owner == "staff:rina"


async def test_an_answer_that_does_not_arrive_is_told_under_it(fake: FakeForum, running: Running) -> None:
    async with running(relay=True):
        thread = await opened(fake)
        fake.chat(ANI).blocked = True
        message = fake.write(RINA, "Halo?", thread)
        await until(
            lambda: any(
                "tidak sampai" in one["text"] and one["answers"] == message["message_id"]
                for one in thread.shown
                if one.get("answers")
            )
        )


async def test_a_new_red_flag_is_told_of_in_the_topics_name_and_may_be_seen(fake: FakeForum, running: Running) -> None:
    async with running(relay=True) as service:
        thread = await opened(fake)
        fake.write(RINA, "Halo", thread)
        await hears(fake, "Halo")
        before = thread.name
        await says(fake, "tiba-tiba dada saya nyeri dan sesak napas")
        await until(lambda: thread.name != before)
        assert thread.name.startswith("🔴")
        assert (await state(service)).alarm


async def test_the_groups_limit_is_kept(fake: FakeForum, running: Running) -> None:
    asked: list[float] = []

    def note(method: str, given: dict[str, str]) -> None:
        if given.get("chat_id") == str(GROUP) and (method != "sendMessage" or "message_thread_id" in given):
            asked.append(time.monotonic())

    fake.fault = note
    async with running(relay=True, telegram_rate=30):
        for chat in range(100, 106):
            fake.say(chat, HUMAN)
        await until(lambda: len(asked) >= 4)
        await asyncio.sleep(2)
    assert sum(at - asked[0] < 4 for at in asked) <= 4, "four, then one in five seconds"


async def test_a_call_leads_to_the_topic(fake: FakeForum, running: Running) -> None:
    async with running(relay=True) as service:
        thread = await opened(fake)
        await service.timers.fire(datetime.now(UTC) + timedelta(minutes=31))
        await service.timers.fire(datetime.now(UTC) + timedelta(minutes=32))
        await until(lambda: any(text.endswith(f"https://t.me/c/1234567890/{thread.id}") for text in fake.general))


@pytest.mark.parametrize("code", [500, 429])
async def test_a_group_that_stumbles_holds_up_no_answer(fake: FakeForum, running: Running, code: int) -> None:
    async with running(relay=True):
        thread = await opened(fake)
        failures = iter([code] * 3)

        def fault(method: str, given: dict[str, str]) -> None:
            if int(given.get("chat_id", 0)) == GROUP and next(failures, None):
                raise ApiError(code, "trouble", **({"retry_after": 1} if code == 429 else {}))

        fake.fault = fault
        fake.write(RINA, "Halo", thread)
        await hears(fake, "Halo")
        fake.fault = lambda method, given: None
        fake.say(ANI, "saya di sini")
        await shows(thread, "saya di sini")


async def until_lines(service: Service, who: str, count: int) -> None:
    for _ in range(500):
        if sum(line.who == who for line in await lines(service)) >= count:
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it was not written")
