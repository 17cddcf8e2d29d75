"""Files at the desk over HTTP: who uploads what, what goes out with a reply, and what is shown."""

import uuid

import pytest

from bot.channels.channel import FileAway
from bot.channels.files import LARGEST
from bot.desk import Desk
from bot.store.media import keep, kept, own_name
from bot.store.reads import reads_of
from bot.store.records import Address
from tests.channels.test_files import JPEG, PNG
from tests.desk.house import Browser, Clock, app_of, hire, seat
from tests.desk.test_pages import JSON, Ward

OGG = b"OggS\x00\x02OpusHead sound"


@pytest.fixture
async def ward(desk: Desk, browser: Browser, other: Browser, clock: Clock) -> Ward:
    ward = Ward(desk, browser, other, clock)
    await ward.open()
    return ward


async def upload(ward: Ward, address: Address, body: bytes, name: str = "", **headers: str) -> tuple[int, str]:
    """Status and name of what Rina uploads."""
    headers = {**JSON, "X-CSRF-Token": ward.tokens[ward.rina], "X-File-Name": name, **headers}
    answer = await ward.rina.post(ward.path(address, "upload"), content=body, headers=headers)
    return answer.status_code, answer.json().get("name", "")


async def reply(ward: Ward, address: Address, text: str, *names: str) -> int:
    fields = {"csrf": ward.tokens[ward.rina], "id": uuid.uuid4().hex, "text": text, "attachments": list(names)}
    return (await ward.rina.post(ward.path(address, "reply"), data=fields, headers=JSON)).status_code


@pytest.mark.parametrize(
    ("body", "kind", "type"),
    [(PNG, "photo", "image/png"), (OGG, "voice", "audio/ogg"), (b"%PDF-1.7", "document", "application/pdf")],
)
async def test_a_file_goes_out_with_a_reply(ward: Ward, body: bytes, kind: str, type: str) -> None:
    address = await ward.hears()
    status, name = await upload(ward, address, body, "Hasil%20lab.png")
    assert status == 201
    assert name.startswith(f"{kind}:kept/")
    assert await reply(ward, address, "", name) == 200
    line = (await ward.lines(address))[-1]
    assert (line.who, line.text, line.attachments) == ("staff", "", (name,))
    number = len(await ward.lines(address))
    file = await ward.budi.get(ward.path(address, f"media/{number}-0"))
    assert (file.content, file.headers["content-type"]) == (body, type)
    assert "no-store" in file.headers["cache-control"]
    assert "sandbox" in file.headers["content-security-policy"]


@pytest.mark.parametrize("body", [b"<html><script>", b"<svg onload=x>", b"MZ", b"", b"GIF89a", b"RIFF....WEBP"])
async def test_what_no_channel_carries_is_refused(ward: Ward, body: bytes) -> None:
    address = await ward.hears()
    assert (await upload(ward, address, body, "foto.jpg"))[0] == 415
    assert not await ward.conversations.store.redis.exists(ward.conversations.store.keys_of(address).media)


async def test_a_large_file_is_refused(ward: Ward) -> None:
    address = await ward.hears()
    assert (await upload(ward, address, JPEG + b"\x00" * LARGEST))[0] == 413


async def test_a_full_conversation_says_so(ward: Ward) -> None:
    address = await ward.hears()
    for _ in range(4):
        await keep(
            ward.conversations.store, address, own_name("photo"), "image/jpeg", JPEG + b"\x00" * (LARGEST - 2048)
        )
    headers = {**JSON, "X-CSRF-Token": ward.tokens[ward.rina]}
    answer = await ward.rina.post(ward.path(address, "upload"), content=JPEG + b"\x00" * 10_000, headers=headers)
    assert answer.status_code == 413
    assert "sudah terlalu banyak" in answer.json()["words"]


async def test_an_upload_needs_the_token_and_the_right(ward: Ward, desk: Desk) -> None:
    address = await ward.hears()
    assert (await upload(ward, address, PNG, **{"X-CSRF-Token": "x"}))[0] == 403
    assert (await upload(ward, address, PNG, Origin="https://evil.example"))[0] == 403
    token = await seat(desk, ward.budi, await hire(desk, "dewi", "viewer"))
    answer = await ward.budi.post(ward.path(address, "upload"), content=PNG, headers={**JSON, "X-CSRF-Token": token})
    assert answer.status_code == 403


async def test_only_what_was_uploaded_here_goes_out(ward: Ward) -> None:
    address, elsewhere = await ward.hears(), await ward.hears()
    _, name = await upload(ward, elsewhere, PNG)
    for wrong in (name, "photo:kept/" + "0" * 32, "photo:AgACAgIAAx", "../x", "document:" + name):
        assert await reply(ward, address, "x", wrong) == 400
    _, mine = await upload(ward, address, PNG)
    many = [(await upload(ward, address, PNG))[1] for _ in range(6)]
    assert await reply(ward, address, "x", *many) == 400
    assert await reply(ward, address, "") == 400
    assert await reply(ward, address, "x", mine, mine) == 200
    assert (await ward.lines(address))[-1].attachments == (mine,)


async def test_forgetting_removes_what_staff_sent(ward: Ward) -> None:
    address = await ward.hears()
    _, name = await upload(ward, address, PNG)
    await ward.conversations.store.forget(address)
    assert await kept(ward.conversations.store, address, name) is None
    assert (await upload(ward, address, PNG))[0] == 404


async def test_a_file_of_the_provider_is_asked_for_and_the_reading_is_noted(ward: Ward, desk: Desk) -> None:
    address = await ward.hears(attachments=("photo:F1", "document:F2", "location:1,2"))
    asked: list[str] = []

    async def fetch(where: Address, attachment: str) -> tuple[str, bytes] | None:
        asked.append(attachment)
        if attachment == "document:F2":
            raise FileAway
        return ("image/jpeg", JPEG) if attachment == "photo:F1" else None

    ward.desk.fetch = fetch
    browser = Browser(app_of(ward.desk))
    async with browser:
        await seat(desk, browser, await hire(desk, "dewi", "viewer"))
        assert (await browser.get(ward.path(address, "media/1-0"))).content == JPEG
        away = await browser.get(ward.path(address, "media/1-1"), headers=JSON)
        assert (away.status_code, away.headers["retry-after"]) == (503, "5")
        assert (await browser.get(ward.path(address, "media/1-2"))).status_code == 404
    assert asked == ["photo:F1", "document:F2", "location:1,2"]
    assert [(read.who, read.what) for read in await reads_of(ward.conversations.store, address)] == [("dewi", "read")]


async def test_the_page_shows_files_of_both_and_tells_of_places(ward: Ward) -> None:
    address = await ward.hears("<b>lihat", attachments=("photo:F1", "voice:F2", "location:-6.2,<106.8>"))
    _, name = await upload(ward, address, PNG)
    await reply(ward, address, "ini", name)
    page = (await ward.rina.get(ward.path(address))).text
    assert 'alt="Foto dari pasien"' in page
    assert 'aria-label="Pesan suara dari pasien"' in page
    assert "-6.2,&lt;106.8&gt;" in page
    assert 'alt="Foto dari petugas"' in page


async def test_parts_of_a_sound_are_given(ward: Ward) -> None:
    address = await ward.hears()
    _, name = await upload(ward, address, OGG)
    await reply(ward, address, "dengar", name)
    number = len(await ward.lines(address))
    part = await ward.rina.get(ward.path(address, f"media/{number}-0"), headers={"Range": "bytes=0-3"})
    assert (part.status_code, part.content) == (206, b"OggS")
    assert part.headers["content-range"] == f"bytes 0-3/{len(OGG)}"
