"""The working pages over HTTP: what is shown, what may be done, by whom, and what the patient gets of it."""

import asyncio
import re
import uuid
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta, timezone

import httpx
import pytest
from starlette.requests import Request

from bot.conversations import Conversations, Inbound
from bot.desk import Desk
from bot.desk.audit import Entry
from bot.desk.looking import groups
from bot.desk.security import COOKIE, Visitor
from bot.ontology import Level
from bot.store.drafts import draft_of
from bot.store.notes import note
from bot.store.reads import reads_of
from bot.store.records import Address, Line
from tests.desk.house import Browser, Clock, hire, seat, working

SCRIPT = "<script>alert(1)</script>"
JSON = {"Accept": "application/json"}


class Ward:
    """Staff with browsers, patients who write, and the desk between them."""

    def __init__(self, desk: Desk, browser: Browser, other: Browser, clock: Clock) -> None:
        self.desk = desk
        self.rina = browser
        self.budi = other
        self.clock = clock
        self.tokens: dict[Browser, str] = {}
        self.count = 0

    @property
    def conversations(self) -> Conversations:
        return self.desk.conversations

    async def open(self) -> None:
        rina = await hire(self.desk, "rina", "clinician", shown="Rina", title="perawat")
        budi = await hire(self.desk, "budi", "front_desk", shown="Budi", title="pendaftaran")
        self.tokens = {
            self.rina: await seat(self.desk, self.rina, rina),
            self.budi: await seat(self.desk, self.budi, budi),
        }
        await self.desk.board.read_all()

    async def hears(
        self, text: str = "petugas", address: Address | None = None, channel: str = "web", **more: object
    ) -> Address:
        self.count += 1
        address = address or Address(channel=channel, id=uuid.uuid4().hex)
        inbound = Inbound(f"m-{self.count}", address, self.clock(), text, **more)  # type: ignore[arg-type]
        await self.conversations.receive(inbound)
        if channel == "whatsapp":
            await note(self.conversations.store, address, heard=self.clock().isoformat())
        return address

    def path(self, address: Address, what: str = "") -> str:
        id = self.conversations.store.id_of(address)
        return f"/desk/c/{id}/{what}" if what else f"/desk/c/{id}"

    async def post(
        self, browser: Browser, address: Address, what: str, as_json: bool = True, **fields: str
    ) -> httpx.Response:
        if what in ("reply", "note"):
            fields = {"id": uuid.uuid4().hex, **fields}
        data = {"csrf": self.tokens[browser], **fields}
        return await browser.post(self.path(address, what), data=data, headers=JSON if as_json else {})

    async def lines(self, address: Address) -> list[Line]:
        return [line for _, line in await self.conversations.store.transcript(address)]

    async def owner(self, address: Address) -> str:
        return (await self.conversations.store.load(address)).conversation.owner

    async def audited(self, what: str) -> list[Entry]:
        return [entry for entry in (await self.desk.audit.page()).entries if entry.what == what]


@pytest.fixture
async def ward(desk: Desk, browser: Browser, other: Browser, clock: Clock) -> Ward:
    ward = Ward(desk, browser, other, clock)
    await ward.open()
    return ward


# Looking


async def test_the_queue_shows_who_waits(ward: Ward) -> None:
    address = await ward.hears(name="Ibu Sari")
    await ward.desk.board.read_all()
    page = (await ward.rina.get("/desk")).text
    assert "Ibu Sari" in page
    assert ward.path(address) in page
    assert "Pasien meminta petugas" in page


async def test_an_empty_queue_is_calm(ward: Ward) -> None:
    assert "Tidak ada yang menunggu" in (await ward.rina.get("/desk")).text


async def test_rows_stand_under_their_headings(ward: Ward) -> None:
    mine, waiting, grave = await ward.hears(), await ward.hears(), await ward.hears("tolong saya sesak napas berat")
    await ward.post(ward.rina, mine, "claim")
    await ward.desk.board.read_all()
    id_of = ward.conversations.store.id_of
    stand = {key: [row.id for row in rows] for key, _, rows in groups(ward.desk.board.rows(), "rina")}
    assert stand == {"alarm": [id_of(grave)], "waiting": [id_of(waiting)], "mine": [id_of(mine)], "others": []}


async def test_a_conversation_is_shown_with_its_card(ward: Ward) -> None:
    address = await ward.hears("betis kiri saya bengkak sejak kemarin")
    await ward.hears(address=address)
    page = (await ward.rina.get(ward.path(address))).text
    for words in (
        "betis kiri saya bengkak sejak kemarin",
        "Situasi",
        "Latar belakang",
        "Penilaian",
        "Belum ditanyakan",
    ):
        assert words in page


async def test_what_a_stranger_wrote_is_text(ward: Ward) -> None:
    address = await ward.hears(f"petugas {SCRIPT}", name=f"Sari {SCRIPT}", attachments=(f"photo:{SCRIPT}",))
    await ward.post(ward.rina, address, "note", text=SCRIPT)
    await ward.desk.board.read_all()
    for path in ("/desk", ward.path(address), "/desk/recent", ward.path(address, "record")):
        page = (await ward.rina.get(path)).text
        assert SCRIPT not in page, path
        assert "&lt;script&gt;" in page, path


async def test_no_page_has_inline_script_or_style(ward: Ward) -> None:
    address = await ward.hears()
    for path in ("/desk", ward.path(address), "/desk/recent"):
        page = (await ward.rina.get(path)).text
        assert not re.search(r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son[a-z]+=", page), path


@pytest.mark.parametrize("id", ["0" * 32, "x", "0" * 31 + "G"])
async def test_a_conversation_that_is_not_there(ward: Ward, id: str) -> None:
    for what in ("", "/record", "/events", "/media/1-0"):
        assert (await ward.rina.get(f"/desk/c/{id}{what}")).status_code == 404
    posted = await ward.rina.post(f"/desk/c/{id}/claim", data={"csrf": ward.tokens[ward.rina]})
    assert posted.status_code == 404


async def test_a_reading_is_noted_once_for_each_opening(ward: Ward) -> None:
    address = await ward.hears()
    for _ in range(3):
        await ward.rina.get(ward.path(address))
    assert len(await ward.audited("read")) == 1
    await ward.budi.get(ward.path(address))
    assert [entry.who for entry in await ward.audited("read")] == ["budi", "rina"]
    assert [read.who for read in await reads_of(ward.conversations.store, address)] == ["rina", "budi"]


async def test_opening_a_conversation_reads_it(ward: Ward) -> None:
    address = await ward.hears()
    await ward.desk.board.read_all()
    assert ward.desk.board.rows()[0].unread == 1
    await ward.rina.get(ward.path(address))
    await ward.desk.board.read_all()
    assert ward.desk.board.rows()[0].unread == 0


async def test_search_by_reference(ward: Ward) -> None:
    address = await ward.hears(name="Ibu Sari")
    id = ward.conversations.store.id_of(address)
    found = await ward.rina.get("/desk/search", params={"ref": f" {id[:6].upper()} "})
    assert found.headers["location"] == f"/desk/c/{id}"
    assert "Ibu Sari" in (await ward.rina.get("/desk/search", params={"ref": id[:3]})).text
    for nothing in ("fffffff0", "zz", "", SCRIPT):
        assert "Tidak ada percakapan" in (await ward.rina.get("/desk/search", params={"ref": nothing})).text


async def test_all_conversations_of_the_week_are_listed(ward: Ward) -> None:
    await ward.hears("halo", name="Pak Joko")
    assert "Pak Joko" in (await ward.rina.get("/desk/recent")).text


# Who has it


async def test_the_second_claim_is_told_who_was_first(ward: Ward) -> None:
    address = await ward.hears()
    answers = await asyncio.gather(ward.post(ward.rina, address, "claim"), ward.post(ward.budi, address, "claim"))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    lost = next(answer for answer in answers if answer.status_code == 409).json()
    owner = (await ward.owner(address)).removeprefix("staff:")
    assert lost["owner"] == {"rina": "Rina, perawat", "budi": "Budi, pendaftaran"}[owner]
    joined = [line for line in await ward.lines(address) if "sekarang berbicara dengan" in line.text]
    assert len(joined) == 1


async def test_without_scripts_a_lost_claim_is_a_page(ward: Ward) -> None:
    address = await ward.hears()
    first = await ward.post(ward.rina, address, "claim", as_json=False)
    assert first.headers["location"] == ward.path(address)
    second = await ward.post(ward.budi, address, "claim", as_json=False)
    assert second.status_code == 409
    assert "Rina, perawat sudah menangani percakapan ini" in second.text


async def test_release_transfer_and_back_to_the_bot(ward: Ward) -> None:
    address = await ward.hears()
    await ward.post(ward.rina, address, "claim")
    assert (await ward.post(ward.budi, address, "release")).status_code == 409
    assert (await ward.post(ward.rina, address, "transfer", to="budi")).status_code == 200
    assert await ward.owner(address) == "staff:budi"
    assert (await ward.post(ward.budi, address, "release")).status_code == 200
    assert await ward.owner(address) == "waiting"
    refused = await ward.post(ward.rina, address, "bot")
    assert (refused.status_code, refused.json()["error"]) == (409, "not_yours")
    await ward.post(ward.rina, address, "claim")
    assert (await ward.post(ward.rina, address, "bot")).status_code == 200
    assert await ward.owner(address) == "bot"


@pytest.mark.parametrize("to", ["", "nobody", "rina", "viewer"])
async def test_nobody_can_be_given_a_patient_who_may_not_answer(ward: Ward, to: str) -> None:
    await hire(ward.desk, "viewer", "viewer")
    address = await ward.hears()
    await ward.post(ward.rina, address, "claim")
    assert (await ward.post(ward.rina, address, "transfer", to=to)).status_code == 400


async def test_a_patient_of_a_colleague_who_went_home_can_be_taken_over(ward: Ward) -> None:
    address = await ward.hears()
    await ward.post(ward.budi, address, "claim")
    assert (await ward.post(ward.rina, address, "claim", over="somebody")).status_code == 409
    assert (await ward.post(ward.rina, address, "claim", over="budi")).status_code == 200
    assert await ward.owner(address) == "staff:rina"
    assert "Rina, perawat" in (await ward.lines(address))[-1].text


# Writing


async def test_a_reply_reaches_the_patient_by_name_and_is_a_claim(ward: Ward) -> None:
    address = await ward.hears()
    assert (await ward.post(ward.rina, address, "reply", text=" Selamat siang, Bu. \r\nSaya Rina.")).status_code == 200
    line = (await ward.lines(address))[-1]
    assert (line.who, line.name, line.text) == ("staff", "Rina, perawat", "Selamat siang, Bu. \nSaya Rina.")
    assert await ward.owner(address) == "staff:rina"
    assert [entry.what for entry in await ward.audited("reply")] == ["reply"]


async def test_a_double_click_sends_once(ward: Ward) -> None:
    address = await ward.hears()
    id = uuid.uuid4().hex
    answers = await asyncio.gather(*(ward.post(ward.rina, address, "reply", text="Halo", id=id) for _ in range(3)))
    assert {answer.status_code for answer in answers} == {200}
    assert [line.text for line in await ward.lines(address) if line.who == "staff"] == ["Halo"]
    assert len(await ward.audited("reply")) == 1


@pytest.mark.parametrize(
    "fields", [{"text": "  "}, {"text": "x" * 4001}, {"text": "x", "id": "short"}, {"text": "x", "id": "<>" * 9}, {}]
)
async def test_what_is_no_message_is_refused(ward: Ward, fields: dict[str, str]) -> None:
    address = await ward.hears()
    assert (await ward.post(ward.rina, address, "reply", **fields)).status_code == 400


async def test_nobody_writes_to_the_patient_of_a_colleague_and_nothing_typed_is_lost(ward: Ward) -> None:
    address = await ward.hears()
    await ward.post(ward.rina, address, "claim")
    refused = await ward.post(ward.budi, address, "reply", as_json=False, text="Saya juga di sini")
    assert refused.status_code == 409
    assert "Saya juga di sini</textarea>" in refused.text
    assert not [line for line in await ward.lines(address) if line.who == "staff"]


async def test_a_note_is_for_the_staff_alone(ward: Ward) -> None:
    address = await ward.hears()
    await ward.post(ward.rina, address, "claim")
    assert (await ward.post(ward.budi, address, "note", text="Curiga DVT")).status_code == 200
    assert (await ward.lines(address))[-1].who == "note"
    assert await ward.owner(address) == "staff:rina"


async def test_drafts_are_kept_for_each_until_they_are_sent(ward: Ward) -> None:
    address = await ward.hears()
    await ward.post(ward.rina, address, "draft", text="Selamat")
    await ward.post(ward.budi, address, "draft", text="Halo")
    await ward.post(ward.rina, address, "draft", text="Jangan lupa USG", kind="note")
    assert ">Selamat</textarea>" in (await ward.rina.get(ward.path(address))).text
    assert ">Halo</textarea>" in (await ward.budi.get(ward.path(address))).text
    await ward.post(ward.rina, address, "reply", text="Selamat siang")
    assert await draft_of(ward.conversations.store, address, "rina/note") == "Jangan lupa USG"
    assert await draft_of(ward.conversations.store, address, "rina/reply") == ""
    await ward.conversations.store.forget(address)
    assert await draft_of(ward.conversations.store, address, "budi/reply") == ""


async def test_canned_replies_have_their_names_filled_in(ward: Ward) -> None:
    address = await ward.hears()
    page = (await ward.rina.get(ward.path(address))).text
    assert "saya Rina, perawat dari Klinik Contoh Sehat" in page
    assert "{staff}" not in page


# WhatsApp's window


async def test_a_reply_after_24_hours_is_refused_unless_it_is_meant_to_be_kept(ward: Ward) -> None:
    address = await ward.hears(channel="whatsapp")
    ward.clock.forward(hours=19)
    assert "Jendela WhatsApp tertutup dalam" not in (await hurry(ward, address))
    ward.clock.forward(hours=2)
    assert "Jendela WhatsApp tertutup dalam" in (await hurry(ward, address))
    ward.clock.forward(hours=3)
    await hurry(ward, address)
    refused = await ward.post(ward.rina, address, "reply", text="Halo")
    assert (refused.status_code, refused.json()["error"]) == (409, "window")
    assert not [line for line in await ward.lines(address) if line.who == "staff"]
    assert "sudah tertutup" in await hurry(ward, address)
    assert (await ward.post(ward.rina, address, "reply", text="Halo", keep="1")).status_code == 200
    assert (await ward.lines(address))[-1].text == "Halo"


async def hurry(ward: Ward, address: Address) -> str:
    """The composer as it stands now; the session would be over by then."""
    account = await ward.desk.accounts.find("rina")
    assert account is not None
    ward.tokens[ward.rina] = await seat(ward.desk, ward.rina, account)
    return (await ward.rina.get(ward.path(address))).text.partition('id="window"')[2].partition("</p>")[0]


async def test_own_messages_do_not_extend_the_window(ward: Ward) -> None:
    address = await ward.hears(channel="whatsapp")
    await ward.post(ward.rina, address, "reply", text="Halo")
    ward.clock.forward(hours=24)
    await hurry(ward, address)
    assert (await ward.post(ward.rina, address, "reply", text="Masih di sana?")).status_code == 409


# Ends


async def test_closing_keeps_what_became_of_it(ward: Ward) -> None:
    address = await ward.hears("betis kiri saya bengkak sejak kemarin")
    await ward.post(ward.rina, address, "claim")
    closed = await ward.post(ward.rina, address, "close", disposition="referred", level="3")
    assert closed.json()["to"] == "/desk"
    served = (await ward.conversations.store.load(address)).conversation.served
    assert served is not None
    assert (served.by, served.disposition, served.level) == ("Rina, perawat", "referred", Level.emergency)


async def test_only_a_clinician_gives_a_level(ward: Ward) -> None:
    address = await ward.hears()
    await ward.post(ward.budi, address, "claim")
    assert (await ward.post(ward.budi, address, "close", disposition="answered", level="0")).status_code == 403
    assert 'name="level"' not in (await ward.budi.get(ward.path(address))).text
    assert (await ward.post(ward.budi, address, "close", disposition="nonsense")).status_code == 400
    assert (await ward.post(ward.budi, address, "close", disposition="answered")).status_code == 200


async def test_a_red_flag_that_was_seen_is_no_alarm(ward: Ward) -> None:
    address = await ward.hears("bapak saya tiba-tiba sesak napas dan nyeri dada")
    await ward.desk.board.read_all()
    assert ward.desk.board.rows()[0].alarm
    assert "Tanda bahaya baru." in (await ward.rina.get(ward.path(address))).text
    await ward.post(ward.rina, address, "seen")
    await ward.desk.board.read_all()
    assert not any(row.alarm for row in ward.desk.board.rows())


async def test_the_record_is_one_file_for_clinicians(ward: Ward) -> None:
    address = await ward.hears("betis kiri saya bengkak sejak kemarin", name="Ibu Sari")
    await ward.post(ward.rina, address, "note", text="Curiga DVT")
    record = await ward.rina.get(ward.path(address, "record"))
    assert record.headers["content-disposition"].startswith("attachment")
    for words in ("betis kiri saya bengkak sejak kemarin", "Ibu Sari", "Curiga DVT", "Bengkak"):
        assert words in record.text
    assert not re.search(r"(src|href)=\"(?!data:)", record.text)
    assert (await ward.budi.get(ward.path(address, "record"))).status_code == 403
    assert [entry.what for entry in await ward.audited("record")] == ["record"]


async def test_forgetting_asks_for_the_reference(ward: Ward) -> None:
    admin = await hire(ward.desk, "sari", "admin")
    ward.tokens[ward.budi] = await seat(ward.desk, ward.budi, admin)
    address = await ward.hears()
    assert (await ward.post(ward.rina, address, "forget", ref="x")).status_code == 403
    assert (await ward.post(ward.budi, address, "forget", ref="nope")).status_code == 422
    assert await ward.lines(address)
    reference = ward.conversations.store.id_of(address)[:6]
    assert (await ward.post(ward.budi, address, "forget", ref=reference)).status_code == 200
    assert await ward.lines(address) == []
    assert (await ward.budi.get(ward.path(address))).status_code == 404


# Files


@pytest.mark.parametrize(
    ("type", "shown"), [("image/jpeg", True), ("audio/ogg", True), ("image/svg+xml", False), ("text/html", False)]
)
async def test_files_of_strangers_can_do_no_harm(ward: Ward, type: str, shown: bool) -> None:
    store = ward.conversations.store
    address = await ward.hears(attachments=("whatsapp:SM1:0",))
    place = store.keys_of(address).media
    await store.redis.hset(place, "whatsapp:SM1:0", store.sealer.seal(f"{type}\n".encode() + SCRIPT.encode(), place))
    file = await ward.rina.get(ward.path(address, "media/1-0"))
    assert file.content == SCRIPT.encode()
    assert ("attachment" in file.headers.get("content-disposition", "")) is not shown
    assert file.headers["content-type"] == (type if shown else "application/octet-stream")
    assert "sandbox" in file.headers["content-security-policy"]
    for name in ("1-1", "2-0", "9-0", "x", "1-x", "-1-0", "²-0"):
        assert (await ward.rina.get(ward.path(address, f"media/{name}"))).status_code == 404


# The stream of a conversation


async def events_of(ward: Ward, address: Address, after: int) -> AsyncIterator[str]:
    """What Rina's page is told of a conversation after a line."""
    account = await ward.desk.accounts.find("rina")
    session = await ward.desk.sessions.find(ward.rina.token, ward.clock())
    assert account is not None
    assert session is not None
    headers = [(b"cookie", f"{COOKIE}={ward.rina.token}".encode())]
    request = Request({"type": "http", "method": "GET", "path": "/desk", "headers": headers})
    return ward.desk.live.conversation(request, Visitor(account, session), address, after, "")


async def test_the_stream_tells_lines_states_and_the_end(ward: Ward) -> None:
    address = await ward.hears()
    id = ward.conversations.store.id_of(address)
    async with working(ward.desk.wakes.run()):
        stream = await events_of(ward, address, 2)
        told = await until_event(stream, "rows")
        assert "event: line" not in told
        assert "event: head" in told
        assert "event: card" in told
        await ward.hears(f"halo {SCRIPT}", address)
        ward.desk.wakes._wake(id)
        told = await until_event(stream, "line")
        assert "halo" in told
        assert SCRIPT not in told
        await ward.conversations.store.forget(address)
        ward.desk.wakes._wake(id)
        await until_event(stream, "gone")
        await stream.aclose()  # type: ignore[attr-defined]


async def until_event(stream: AsyncIterator[str], kind: str) -> str:
    """All that is told up to the first event of a kind."""
    told = ""
    while f"event: {kind}\n" not in told:
        told += await asyncio.wait_for(anext(stream), 30)  # type: ignore[arg-type]
    return told


async def test_colleagues_see_who_is_there_and_who_writes(ward: Ward) -> None:
    address = await ward.hears()
    await ward.budi.get(ward.path(address))
    assert "Budi, pendaftaran</bdi> juga melihat" in (await ward.rina.get(ward.path(address))).text
    await ward.post(ward.budi, address, "typing")
    assert "Budi, pendaftaran</bdi> sedang menulis" in (await ward.rina.get(ward.path(address))).text
    ward.clock.forward(minutes=2)
    page = (await ward.rina.get(ward.path(address))).text
    assert "Budi, pendaftaran</bdi>" not in page.partition('id="people"')[2].partition("</p>")[0]


async def test_a_new_version_of_the_content_changes_the_name_and_the_clock_at_once(ward: Ward) -> None:
    address = await ward.hears()
    said = (await ward.lines(address))[0].at
    content = ward.conversations.content
    page = (await ward.rina.get(ward.path(address))).text
    assert f"<small>{content.script.clinic['clinic']}</small>" in page
    assert f"{said.astimezone(content.script.hours.zone):%H.%M}</time>" in page
    moved = timezone(timedelta(hours=9), "WIT")
    script = replace(
        content.script,
        clinic={**content.script.clinic, "clinic": "Klinik Timur"},
        hours=replace(content.script.hours, zone=moved),
    )
    ward.conversations.content = replace(content, script=script)
    page = (await ward.rina.get(ward.path(address))).text
    assert "<small>Klinik Timur</small>" in page
    assert f"{said.astimezone(moved):%H.%M}</time>" in page


async def test_a_line_carries_the_id_of_its_message(ward: Ward) -> None:
    """By which the page that sent it knows that it arrived; lines of others carry none."""
    address = await ward.hears()
    await ward.rina.post(
        ward.path(address, "reply"), data={"csrf": ward.tokens[ward.rina], "id": "of-the-reply", "text": "Halo"}
    )
    page = (await ward.rina.get(ward.path(address))).text
    assert re.findall(r'data-said="([^"]*)"', page) == ["of-the-reply"]


async def test_a_failed_line_says_why_and_can_be_sent_again(ward: Ward) -> None:
    store = ward.conversations.store
    ward.conversations.push = frozenset({"whatsapp"})
    address = await ward.hears(channel="whatsapp")
    await ward.post(ward.rina, address, "reply", text="Halo")
    number = len(await ward.lines(address))
    keys = store.keys_of(address)
    await store.redis.hset(keys.delivery, str(number), "failed:63024: Nomor ini tidak bisa menerima pesan.")
    await store.redis.delete(keys.outbox)
    page = (await ward.rina.get(ward.path(address))).text
    assert "Gagal: Nomor ini tidak bisa menerima pesan." in page
    assert (await ward.post(ward.rina, address, "again", number=str(number))).status_code == 200
    assert (await store.delivery_states(address))[number] == "queued"
    assert await store.redis.lrange(keys.outbox, 0, -1) == [str(number).encode()]
    assert (await ward.post(ward.rina, address, "again", number="x")).status_code == 400
