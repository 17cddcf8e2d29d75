"""What the page shows of the conversation: history, breaks of the line, emergencies, people, strangers' text."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NOW, Visit
from tests.browser.fake import FakeChat

pytestmark = pytest.mark.browser

HOSTILE = "<img src=x onerror=alert(1)><script>alert(2)</script>"
SIGNS = [("swelling", "Bengkak"), ("redness", "Kemerahan"), ("persistent_pain", "Nyeri terus-menerus")]
NEITHER = [("none", "Tidak ada"), ("unsure", "Kurang tahu")]
MULTI = {"kind": "multi", "ids": [id_ for id_, _ in SIGNS]}


def tell_a_story(chat: FakeChat) -> None:
    """A conversation with everything in it."""
    chat.say("Halo, saya *Tanya Kaki*.\n\nApa yang Anda rasakan?", at="2026-11-20T19:58:00+07:00")
    chat.say("betis kiri sering kram malam2", "patient", at="2026-11-20T19:59:00+07:00")
    chat.say("Saat kram datang:\n1. Luruskan lutut.\n2. Pijat pelan-pelan.", at="2026-11-21T07:59:00+07:00")
    chat.say("Bengkak dan sesak", "patient", at="2026-11-21T08:02:00+07:00")
    chat.say("Panggil *119* (atau 112) sekarang, atau ke IGD terdekat.", emergency=True)
    chat.say("Rina, perawat, bergabung.", "note")
    chat.say("Selamat malam, saya Rina.", "staff", name="Rina, perawat")
    chat.say("Apa saja yang ada?", options=SIGNS + NEITHER, asks=MULTI)


def rows(page: Page) -> list[str]:
    numbers: list[str] = page.locator("#lines .row").evaluate_all("rows => rows.map(row => row.dataset.n)")
    return numbers


def test_history_is_told_once_in_order(chat: FakeChat, visit: Visit) -> None:
    for number in range(1, 61):
        chat.say(f"baris {number}", "patient" if number % 2 else "bot")
    page = visit(chat.url)
    expected = [str(number) for number in range(1, 61)]
    assert rows(page) == expected
    page.reload()
    page.locator("body.ready").wait_for()
    assert rows(page) == expected
    expect(page.get_by_text("baris 60")).to_be_in_viewport()


def test_a_broken_stream_is_resumed_without_loss_or_repetition(chat: FakeChat, visit: Visit) -> None:
    chat.say("satu")
    page = visit(chat.url)
    chat.streams_open = False
    chat.drop_streams()
    chat.say("dua")
    expect(page.locator("#banner")).to_contain_text("sedang menyambung lagi")
    chat.streams_open = True
    expect(page.get_by_text("dua")).to_be_visible(timeout=15_000)
    expect(page.locator("#banner")).to_be_empty()
    assert rows(page) == ["1", "2"]


def test_days_and_times(chat: FakeChat, visit: Visit) -> None:
    for at in ("2026-10-02T08:00:00", "2026-11-16T08:00:00", "2026-11-20T23:59:00", "2026-11-21T00:01:00"):
        chat.say("halo", at=f"{at}+07:00")
    chat.say("halo", at="2026-11-21T13:02:00+00:00")
    page = visit(chat.url)
    page.clock.set_fixed_time(NOW)
    page.reload()
    page.locator("body.ready").wait_for()
    assert page.locator(".day").all_text_contents() == ["2 Oktober 2026", "Senin", "Kemarin", "Hari ini"]
    assert page.locator(".row time").all_text_contents() == ["08.00", "08.00", "23.59", "00.01", "20.02"]


def test_an_emergency_stands_out_and_can_be_called(chat: FakeChat, visit: Visit) -> None:
    page = visit(chat.url)
    chat.say("Panggil ambulans *119* sekarang.", emergency=True)
    panel = page.get_by_role("region", name="Keadaan darurat")
    expect(panel).to_be_visible()
    expect(panel.get_by_role("link", name="Telepon 119")).to_have_attribute("href", "tel:119")
    expect(panel.get_by_role("link", name="Telepon 112")).to_have_attribute("href", "tel:112")
    expect(page.get_by_role("alert")).to_contain_text("Telepon 119 atau 112")
    expect(page.get_by_role("banner")).to_be_visible()
    expect(page.locator(".safety a").first).to_have_attribute("href", "tel:119")


def test_of_a_long_emergency_the_numbers_are_seen_first(chat: FakeChat, visit: Visit) -> None:
    chat.answer = lambda body: chat.say("\n\n".join(f"paragraf {n}" for n in range(60)), emergency=True)
    page = visit(chat.url)
    page.get_by_label("Tulis pesan", exact=True).fill("sesak napas dan nyeri dada, betis bengkak sebelah")
    page.get_by_label("Tulis pesan", exact=True).press("Enter")
    panel = page.get_by_role("region", name="Keadaan darurat")
    expect(panel).to_be_visible()
    page.wait_for_timeout(600)
    for text in ("Keadaan darurat", "Telepon 119", "Telepon 112", "paragraf 0"):
        expect(panel.get_by_text(text)).to_be_in_viewport()


@pytest.mark.parametrize("who", ["patient", "bot", "staff", "note"])
def test_text_of_others_is_text_only(chat: FakeChat, visit: Visit, who: str) -> None:
    options = [("x", HOSTILE)] if who == "bot" else []
    chat.say(HOSTILE, who, name=HOSTILE, options=options)
    page = visit(chat.url)
    page.on("dialog", lambda dialog: pytest.fail(f"a script ran: {dialog.message}"))
    expect(page.locator("#lines")).to_contain_text(HOSTILE)
    assert page.locator("#lines img, #lines script").count() == 0
    chat.state = {"mode": "staff", "typing": True}
    expect(page.locator("#subtitle")).to_contain_text("sedang mengetik")
    assert page.locator("#subtitle > *").count() == 0


def test_who_is_talking(chat: FakeChat, visit: Visit) -> None:
    page = visit(chat.url)
    subtitle = page.locator("#subtitle")
    expect(subtitle).to_contain_text("Asisten otomatis")
    chat.state = {"mode": "waiting", "typing": False}
    expect(subtitle).to_have_text("Menunggu petugas klinik")
    chat.say("Selamat malam", "staff", name="Rina, perawat")
    chat.state = {"mode": "staff", "typing": True}
    expect(subtitle).to_have_text("Rina, perawat sedang mengetik…")
    expect(page.locator("#typing")).to_be_visible()
    chat.state = {"mode": "staff", "typing": False}
    expect(subtitle).to_have_text("Anda berbicara dengan Rina, perawat")
    expect(page.locator("#typing")).to_be_hidden()
    expect(page.locator(".speaker")).to_have_text("Rina, perawat")
    chat.say("Rina sudah selesai.")
    expect(page.locator(".speaker").last).to_have_text("Tanya Kaki")


def test_the_reader_of_old_lines_is_left_alone(chat: FakeChat, visit: Visit) -> None:
    for number in range(40):
        chat.say(f"baris {number}")
    page = visit(chat.url)
    expect(page.locator("#newest")).to_be_hidden()
    page.locator("#log").hover()
    page.mouse.wheel(0, -1_500)
    expect(page.locator("#newest")).to_be_visible()
    before = page.locator("#log").evaluate("log => log.scrollTop")
    chat.say("yang baru")
    chat.say("yang lebih baru")
    pill = page.get_by_role("button", name="2 pesan baru")
    expect(pill).to_be_visible()
    assert page.locator("#log").evaluate("log => log.scrollTop") == before
    pill.click()
    expect(page.get_by_text("yang lebih baru")).to_be_in_viewport()
    expect(page.locator("#newest")).to_be_hidden()


def test_a_long_answer_is_shown_from_its_beginning(chat: FakeChat, visit: Visit) -> None:
    chat.answer = lambda body: chat.say("\n\n".join(f"paragraf {n}" for n in range(60)))
    for number in range(20):
        chat.say(f"baris {number}")
    page = visit(chat.url)
    page.get_by_label("Tulis pesan", exact=True).fill("pertanyaan saya")
    page.get_by_label("Tulis pesan", exact=True).press("Enter")
    expect(page.get_by_text("paragraf 0")).to_be_in_viewport()
    expect(page.locator("#newest")).to_be_visible()
    page.wait_for_timeout(600)
    expect(page.get_by_text("pertanyaan saya")).to_be_in_viewport()
    expect(page.get_by_text("paragraf 0")).to_be_in_viewport()


def test_a_screen_reader_hears_the_new_and_not_the_history(chat: FakeChat, visit: Visit) -> None:
    chat.say("lama")
    page = visit(chat.url)
    log = page.get_by_role("log", name="Percakapan")
    expect(log).to_have_attribute("aria-live", "polite")
    expect(log).to_have_attribute("aria-busy", "false")
    with page.expect_response("**/"):
        page.evaluate("fetch('/').then(answer => answer.text()).then(text => { window.served = text; })")
    page.wait_for_function("window.served")
    assert 'aria-live="off" aria-busy="true"' in page.evaluate("window.served")


def test_a_forgotten_patient_leaves_an_empty_page(chat: FakeChat, visit: Visit) -> None:
    chat.say("rahasia", "patient")
    chat.say("Hapus semua data Anda?")
    page = visit(chat.url)
    expect(page.get_by_text("rahasia")).to_be_visible()
    chat.forget("Data Anda sudah dihapus.")
    expect(page.get_by_text("Data Anda sudah dihapus.")).to_be_visible()
    expect(page.get_by_text("rahasia")).to_have_count(0)
    chat.say("Halo lagi")
    expect(page.get_by_text("Halo lagi")).to_be_visible()


@pytest.mark.parametrize("width", [320, 360, 390, 428])
def test_fits_a_phone(chat: FakeChat, visit: Visit, width: int) -> None:
    tell_a_story(chat)
    chat.say("x" * 300, "patient")
    chat.say("Apa saja yang ada?", options=SIGNS + NEITHER, asks=MULTI)
    page = visit(chat.url, width, 640, phone=True)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    overflowing = "log => log.scrollWidth > log.clientWidth"
    assert not page.locator("#log").evaluate(overflowing)
    for target in page.locator(".choice:visible, .call, #send").all():
        box = target.bounding_box()
        assert box
        assert box["height"] >= 43.5
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
    page.set_viewport_size({"width": width, "height": 340})
    expect(page.get_by_label("Tulis pesan", exact=True)).to_be_in_viewport()
    expect(page.get_by_role("button", name="Kurang tahu")).to_be_in_viewport()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("place", "width", "height"), [("phone", 390, 844), ("wide", 1280, 900)])
def test_pictures(
    chat: FakeChat,
    visit: Visit,
    keep_screenshot: Callable[[Page, str], None],
    scheme: str,
    place: str,
    width: int,
    height: int,
) -> None:
    tell_a_story(chat)
    page = visit(chat.url, width, height, phone=place == "phone", color_scheme=scheme, device_scale_factor=2)
    dark = page.evaluate("getComputedStyle(document.querySelector('.app')).backgroundColor") != "rgb(255, 255, 255)"
    assert dark == (scheme == "dark")
    keep_screenshot(page, f"chat-{place}-{scheme}")


def test_without_movement_for_those_who_ask(chat: FakeChat, visit: Visit) -> None:
    page = visit(chat.url, reduced_motion="reduce")
    chat.state = {"mode": "bot", "typing": True}
    expect(page.locator("#typing")).to_be_visible()
    chat.say("halo")
    expect(page.get_by_text("halo")).to_be_visible()
    assert page.evaluate("document.getAnimations().length") == 0
