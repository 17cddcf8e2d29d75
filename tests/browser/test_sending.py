"""What the patient does on the page, and what the server gets of it, on good lines and on bad ones."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Visit
from tests.browser.fake import FakeChat

pytestmark = pytest.mark.browser

SIGNS = [
    ("swelling", "Bengkak"),
    ("redness", "Kemerahan"),
    ("warmth", "Hangat"),
    ("none", "Tidak ada"),
    ("unsure", "Kurang tahu"),
]
SEVERAL = {"kind": "multi", "ids": ["swelling", "redness", "warmth"]}
RESEND = "Belum terkirim, ketuk untuk mengirim lagi"


def write(page: Page, text: str) -> None:
    page.get_by_label("Tulis pesan", exact=True).fill(text)
    page.get_by_role("button", name="Kirim", exact=True).click()


def own(page: Page, text: str) -> Locator:
    return page.locator(".row.patient", has_text=text)


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def test_a_conversation(chat: FakeChat, visit: Visit) -> None:
    chat.answer = lambda body: chat.say("Sejak kapan?")
    page = visit(chat.url)
    button(page, "Kaki saya sering kram").click()
    expect(page.get_by_text("Sejak kapan?")).to_be_visible()
    expect(page.locator("#welcome")).to_be_hidden()
    expect(own(page, "Kaki saya sering kram").get_by_label("Diterima")).to_be_visible()
    assert [body["text"] for body in chat.posted] == ["Kaki saya sering kram"]
    write(page, "  2 minggu\n")
    expect(own(page, "2 minggu").get_by_label("Diterima")).to_be_visible()
    assert chat.posted[1]["text"] == "2 minggu"
    assert re.fullmatch(r"[0-9a-f-]{36}", chat.posted[1]["client_id"])


def test_a_tap_answers_once_and_closes_the_question(chat: FakeChat, visit: Visit) -> None:
    chat.say("Apakah bengkak?", options=[("yes", "Ya"), ("no", "Tidak")])
    page = visit(chat.url)
    button(page, "Ya").click()
    expect(own(page, "Ya").get_by_label("Diterima")).to_be_visible()
    expect(page.locator(".choices")).to_have_count(0)
    assert [(body["option"], body["label"], body["under"]) for body in chat.posted] == [("yes", "Ya", 1)]


def test_the_second_of_two_quick_taps_does_not_answer_the_next_question(chat: FakeChat, visit: Visit) -> None:
    options = [("yes", "Ya"), ("no", "Tidak")]
    chat.say("Apakah bengkak?", options=options)
    chat.answer = lambda body: chat.say("Apakah merah?", options=options)
    page = visit(chat.url, reduced_motion="reduce")
    button(page, "Ya").click()
    expect(page.get_by_text("Apakah merah?")).to_be_visible()
    button(page, "Ya").hover()
    page.mouse.down(click_count=2)
    page.mouse.up(click_count=2)
    expect(button(page, "Ya")).to_be_visible()
    button(page, "Tidak").click()
    expect(own(page, "Tidak").get_by_label("Diterima")).to_be_visible()
    assert [(body["option"], body["under"]) for body in chat.posted] == [("yes", 1), ("no", 3)]


def test_only_the_newest_question_is_open(chat: FakeChat, visit: Visit) -> None:
    chat.say("Kram atau kedutan?", options=[("cramp", "Kram"), ("twitch", "Kedutan")])
    page = visit(chat.url)
    expect(button(page, "Kram")).to_be_visible()
    chat.say("Sisi mana?", options=[("left", "Kiri"), ("right", "Kanan")])
    expect(button(page, "Kiri")).to_be_visible()
    expect(button(page, "Kram")).to_have_count(0)
    chat.say("Rina bergabung", "note")
    expect(page.get_by_text("Rina bergabung")).to_be_visible()
    expect(button(page, "Kiri")).to_be_visible()
    chat.say("Saya Rina", "staff", name="Rina, perawat")
    expect(page.get_by_text("Saya Rina")).to_be_visible()
    expect(button(page, "Kiri")).to_have_count(0)


def test_several_signs_are_ticked_and_sent_as_a_set(chat: FakeChat, visit: Visit) -> None:
    chat.say("Apa saja yang ada?", options=SIGNS, asks=SEVERAL)
    page = visit(chat.url)
    expect(button(page, "Selesai")).to_be_disabled()
    for sign in ("Hangat", "Bengkak", "Kemerahan", "Kemerahan"):
        button(page, sign).click()
    expect(button(page, "Bengkak")).to_have_attribute("aria-pressed", "true")
    expect(button(page, "Kemerahan")).to_have_attribute("aria-pressed", "false")
    button(page, "Selesai (2)").click()
    expect(own(page, "Bengkak, Hangat").get_by_label("Diterima")).to_be_visible()
    assert chat.posted[0]["options"] == ["swelling", "warmth"]
    assert chat.posted[0]["label"] == "Bengkak, Hangat"
    assert "option" not in chat.posted[0]


def test_a_question_asked_once_more_keeps_what_was_ticked(chat: FakeChat, visit: Visit) -> None:
    chat.say("Apa saja yang ada?", options=SIGNS, asks=SEVERAL)
    page = visit(chat.url)
    button(page, "Hangat").click()
    chat.say("Masih di sana? Apa saja yang ada?", options=SIGNS, asks=SEVERAL)
    expect(page.get_by_text("Masih di sana?")).to_be_visible()
    expect(button(page, "Hangat")).to_have_count(1)
    expect(button(page, "Hangat")).to_be_focused()
    page.keyboard.press("Tab")
    button(page, "Bengkak").click()
    button(page, "Selesai (2)").click()
    expect(own(page, "Bengkak, Hangat").get_by_label("Diterima")).to_be_visible()
    assert chat.posted[0]["options"] == ["swelling", "warmth"]
    assert chat.posted[0]["under"] == 2


@pytest.mark.parametrize(("option", "label"), SIGNS[3:])
def test_none_and_unsure_are_single_taps(chat: FakeChat, visit: Visit, option: str, label: str) -> None:
    chat.say("Apa saja yang ada?", options=SIGNS, asks=SEVERAL)
    page = visit(chat.url)
    button(page, label).click()
    expect(own(page, label).get_by_label("Diterima")).to_be_visible()
    assert chat.posted[0]["option"] == option


def test_enter_sends_and_shift_enter_is_a_new_line(chat: FakeChat, visit: Visit) -> None:
    page = visit(chat.url)
    field = page.get_by_label("Tulis pesan", exact=True)
    low = field.bounding_box()
    field.press_sequentially("satu")
    field.press("Shift+Enter")
    field.press_sequentially("dua")
    high = field.bounding_box()
    assert low
    assert high
    assert high["height"] > low["height"] + 10
    field.press("Enter")
    expect(own(page, "satu").get_by_label("Diterima")).to_be_visible()
    assert chat.posted[0]["text"] == "satu\ndua"
    expect(field).to_have_value("")


def test_on_a_phone_enter_is_a_new_line(chat: FakeChat, visit: Visit) -> None:
    page = visit(chat.url, phone=True)
    field = page.get_by_label("Tulis pesan", exact=True)
    field.press_sequentially("satu")
    field.press("Enter")
    field.press_sequentially("dua")
    assert not chat.posted
    page.get_by_role("button", name="Kirim", exact=True).tap()
    expect(own(page, "satu").get_by_label("Diterima")).to_be_visible()
    assert chat.posted[0]["text"] == "satu\ndua"


def test_nothing_is_sent_of_blanks(chat: FakeChat, visit: Visit) -> None:
    page = visit(chat.url)
    page.get_by_label("Tulis pesan", exact=True).fill(" \n ")
    page.get_by_label("Tulis pesan", exact=True).press("Enter")
    expect(page.get_by_role("button", name="Kirim", exact=True)).to_be_disabled()
    assert not chat.posted


def test_the_limit_is_told_before_it_is_reached(chat: FakeChat, visit: Visit) -> None:
    page = visit(chat.url)
    field, send = page.get_by_label("Tulis pesan", exact=True), page.get_by_role("button", name="Kirim", exact=True)
    expect(page.locator("#limit")).to_be_hidden()
    field.fill("a" * 3_700)
    expect(page.locator("#limit")).to_have_text("3.700 dari 4.000 karakter")
    field.fill("😀" * 4_000)
    expect(send).to_be_enabled()
    field.fill("a" * 4_120)
    expect(page.locator("#limit")).to_contain_text("Terlalu panjang 120 karakter")
    expect(send).to_be_disabled()
    field.press("Enter")
    assert not chat.posted


def test_a_failed_message_can_be_sent_again_by_a_tap(chat: FakeChat, visit: Visit) -> None:
    page = visit(chat.url)
    for _ in range(2):  # a second message makes the first be tried again at once
        chat.refuse(503, **{"Retry-After": "60"})
    write(page, "pertama")
    expect(button(page, RESEND)).to_have_count(1)
    write(page, "kedua")
    expect(own(page, "kedua")).to_be_visible()
    expect(button(page, RESEND)).to_have_count(1)
    button(page, RESEND).click()
    expect(own(page, "kedua").get_by_label("Diterima")).to_be_visible()
    expect(button(page, RESEND)).to_have_count(0)
    assert [line["text"] for line in chat.lines] == ["pertama", "kedua"]
    assert page.locator(".row.patient").count() == 2


def test_a_failed_message_is_sent_again_by_itself(chat: FakeChat, visit: Visit) -> None:
    for status in (503, 429, 500):
        chat.refuse(status)
    page = visit(chat.url)
    write(page, "tolong")
    expect(own(page, "tolong").get_by_label("Diterima")).to_be_visible(timeout=15_000)
    assert len({body["client_id"] for body in chat.posted}) == 1
    assert len(chat.lines) == 1


def test_a_refused_message_comes_back_to_be_changed(chat: FakeChat, visit: Visit) -> None:
    chat.refuse(400, "bad")
    page = visit(chat.url)
    write(page, "salah")
    write(page, "berikutnya")
    expect(own(page, "berikutnya").get_by_label("Diterima")).to_be_visible()
    button(page, "Tidak dapat dikirim, ketuk untuk mengubah").click()
    expect(page.get_by_label("Tulis pesan", exact=True)).to_have_value("salah")
    expect(own(page, "salah")).to_have_count(0)


def test_a_refused_message_comes_back_before_what_was_written_since(chat: FakeChat, visit: Visit) -> None:
    chat.refuse(400, "bad")
    page = visit(chat.url)
    write(page, "salah")
    page.get_by_label("Tulis pesan", exact=True).fill("separuh kal")
    button(page, "Tidak dapat dikirim, ketuk untuk mengubah").click()
    page.keyboard.type("imat")
    expect(page.get_by_label("Tulis pesan", exact=True)).to_have_value("salah\nseparuh kalimat")


def test_without_internet_messages_wait(chat: FakeChat, visit: Visit) -> None:
    page = visit(chat.url)
    page.context.set_offline(True)
    expect(page.locator("#banner")).to_contain_text("Telepon 119 tetap bisa")
    write(page, "halo")
    expect(button(page, RESEND)).to_be_visible()
    page.context.set_offline(False)
    expect(own(page, "halo").get_by_label("Diterima")).to_be_visible()
    expect(page.locator("#banner")).to_be_empty()
    assert len(chat.lines) == 1


def test_a_reload_keeps_what_was_not_sent(chat: FakeChat, visit: Visit) -> None:
    chat.say("Halo")
    chat.refuse(503, **{"Retry-After": "60"})
    page = visit(chat.url)
    write(page, "belum sampai")
    expect(button(page, RESEND)).to_be_visible()
    page.get_by_label("Tulis pesan", exact=True).fill("separuh kalimat")
    page.reload()
    expect(own(page, "belum sampai").get_by_label("Diterima")).to_be_visible()
    expect(page.get_by_label("Tulis pesan", exact=True)).to_have_value("separuh kalimat")
    assert page.locator(".row.patient").count() == 1
    assert len({body["client_id"] for body in chat.posted}) == 1


def test_what_was_written_down_is_not_sent_again(chat: FakeChat, visit: Visit) -> None:
    page = visit(chat.url)
    write(page, "sekali saja")
    expect(own(page, "sekali saja").get_by_label("Diterima")).to_be_visible()
    page.reload()
    page.locator("body.ready").wait_for()
    expect(page.locator(".row.patient")).to_have_count(1)
    assert len(chat.posted) == 1


def test_by_keyboard_alone(chat: FakeChat, visit: Visit, keep_screenshot: Callable[[Page, str], None]) -> None:
    chat.say("Apa saja yang ada?", options=SIGNS, asks=SEVERAL)
    page = visit(chat.url, 1280, 860)
    keys = page.keyboard
    keys.press("Tab")
    expect(page.get_by_role("link", name="Langsung ke kotak pesan")).to_be_focused()
    keys.press("Enter")
    expect(page.get_by_label("Tulis pesan", exact=True)).to_be_focused()
    for _ in SIGNS:
        keys.press("Shift+Tab")
    expect(button(page, "Bengkak")).to_be_focused()
    keys.press("Space")
    keys.press("Tab")
    keys.press("Space")
    keep_screenshot(page, "chat-keyboard")
    keys.press("Tab")
    keys.press("Tab")
    expect(button(page, "Selesai (2)")).to_be_focused()
    keys.press("Enter")
    expect(own(page, "Bengkak, Kemerahan")).to_be_visible()
    expect(page.get_by_label("Tulis pesan", exact=True)).to_be_focused()
    keys.type("terima kasih")
    keys.press("Enter")
    expect(own(page, "terima kasih")).to_be_visible()
