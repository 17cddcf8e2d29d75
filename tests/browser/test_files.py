# ruff: noqa: F401, F811
"""Photos and documents between a patient's web chat and the desk, in a real browser."""

import struct
import zlib

import pytest
from playwright.sync_api import FilePayload, Page, expect

from bot.store.records import Address
from tests.browser.clinic import Clinic
from tests.browser.test_desk import Sit, at, chat, clinic, patient, sit

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


def png(width: int = 40, height: int = 30) -> bytes:
    """A red picture."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\x00" + b"\xd0\x20\x20" * width for _ in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def picture(name: str = "luka.png") -> FilePayload:
    return {"name": name, "mimeType": "image/png", "buffer": png()}


PDF: FilePayload = {"name": "surat <b>rujukan.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4 surat"}


def is_drawn(page: Page, selector: str) -> None:
    """The picture is there and has been decoded."""
    shown = page.locator(selector).last
    expect(shown).to_be_visible()
    shown.scroll_into_view_if_needed()
    page.wait_for_function("image => image.complete && image.naturalWidth > 0", arg=shown.element_handle())


def test_a_patients_photo_reaches_the_desk_and_an_answer_with_files_comes_back(clinic: Clinic, sit: Sit) -> None:
    web = sit(path="/", width=390, height=844)
    chat(web, "petugas")
    expect(web.locator("#lines .row.bot")).to_have_count(1)
    web.locator("#file").set_input_files(picture())
    is_drawn(web, ".row.patient img")
    token = next(cookie for cookie in web.context.cookies() if cookie["name"] == "tanyakaki_chat")["value"]
    address = Address(channel="web", id=token)
    rina = sit("rina", at(clinic, address))
    is_drawn(rina, ".said.patient img")
    rina.locator("#file").set_input_files([picture("hasil.png"), PDF])
    expect(rina.locator("#attached li")).to_have_count(2)
    expect(rina.locator("#attached")).to_contain_text("surat <b>rujukan.pdf")
    expect(rina.locator("#send")).to_be_enabled()
    rina.locator("#text").fill("Ini hasilnya")
    rina.locator("#text").press("Enter")
    expect(rina.locator("#attached li")).to_have_count(0)
    is_drawn(rina, ".said.staff img")
    is_drawn(web, ".row.staff img")
    expect(web.locator(".row.staff").last).to_contain_text("Ini hasilnya")
    with web.expect_download() as download:
        web.locator(".row.staff a.file").evaluate("link => { link.target = ''; link.click(); }")
    assert download.value.suggested_filename == "surat b rujukan.pdf"


def test_what_is_no_picture_is_refused_in_words(clinic: Clinic, sit: Sit) -> None:
    web = sit(path="/", width=390, height=844)
    web.locator("#file").set_input_files({"name": "x.png", "mimeType": "image/png", "buffer": b"<svg onload=alert(1)>"})
    expect(web.locator("#limit")).to_contain_text("tidak bisa dikirim")
    web.get_by_role("button", name="Tidak dapat dikirim, ketuk untuk menghapus").click()
    expect(web.locator(".row.patient")).to_have_count(0)


def test_an_attachment_can_be_taken_back_and_a_note_has_none(clinic: Clinic, sit: Sit) -> None:
    address = patient(clinic)
    rina = sit("rina", at(clinic, address))
    rina.locator("#file").set_input_files(picture())
    expect(rina.locator("#attached li")).to_have_count(1)
    expect(rina.locator("#send")).to_be_enabled()
    rina.locator("#kind-note").click()
    expect(rina.locator("#attach")).to_be_hidden()
    expect(rina.locator("#attached")).to_be_hidden()
    rina.locator("#kind-reply").click()
    rina.get_by_role("button", name="Buang lampiran luka.png").click()
    expect(rina.locator("#attached li")).to_have_count(0)
    expect(rina.locator("#send")).to_be_disabled()


def test_a_large_photo_is_made_smaller_before_it_is_sent(clinic: Clinic, sit: Sit) -> None:
    web = sit(path="/", width=390, height=844)
    web.locator("#file").set_input_files({"name": "besar.png", "mimeType": "image/png", "buffer": png(3200, 2400)})
    is_drawn(web, ".row.patient img")
    size = web.locator(".row.patient img").last.evaluate("image => [image.naturalWidth, image.naturalHeight]")
    assert size == [1600, 1200]
