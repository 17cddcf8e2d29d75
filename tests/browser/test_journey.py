"""Patients at the real service, through a real browser."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.served import Served

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

OPENING = "betis kiri saya sering kram kalau malam, udah 2 minggu"
AGE = "34"


@pytest.fixture(scope="module")
def service(browser: object, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    served = Served(tmp_path_factory.mktemp("served"))
    try:
        served.start()
        yield served
    finally:
        served.stop()


def newest_line(page: Page) -> dict[str, Any]:
    line: dict[str, Any] = page.evaluate("document.getElementById('lines').lastElementChild.row.line")
    return line


def told(page: Page) -> list[str]:
    """Every line as it stands on the page, without its options."""
    lines: list[str] = page.locator("#lines .bubble, #lines .panel").all_inner_texts()
    return lines


def say(page: Page, text: str) -> None:
    """Write, and wait until the bot has said all it has to say."""
    page.get_by_label("Tulis pesan", exact=True).fill(text)
    page.get_by_role("button", name="Kirim", exact=True).click()
    settle(page)


def tap(page: Page, label: str) -> None:
    page.get_by_role("button", name=label, exact=True).click()
    settle(page)


def settle(page: Page) -> None:
    page.wait_for_function(
        """() => {
            const last = document.getElementById("lines").lastElementChild;
            return last && last.row.line.who !== "patient" && document.getElementById("typing").hidden;
        }"""
    )


def answer(page: Page) -> None:
    """Answer the open question as somebody would who has nothing but the complaint."""
    question = newest_line(page)
    labels = [option["label"] for option in question["options"]]
    if "consent" in question["asks"]["ids"]:
        tap(page, "Ya")
    elif question["asks"]["kind"] == "number":
        say(page, AGE)
    else:
        tap(page, next(label for label in ("Tidak ada", "Tidak", *labels) if label in labels))


def is_asking(page: Page) -> bool:
    return newest_line(page)["asks"] is not None


def test_a_patient_is_served(service: Served, visit: Visit, keep_screenshot: Callable[[Page, str], None]) -> None:
    """To the outcome, with a reload in the middle of it."""
    page = visit(service.url, phone=True, device_scale_factor=2)
    say(page, OPENING)
    keep_screenshot(page, "journey-1-opening")
    for number in range(25):
        if not is_asking(page):
            break
        answer(page)
        if number == 2:
            before = told(page)
            keep_screenshot(page, "journey-2-question")
            page.reload()
            page.locator("body.ready").wait_for()
            assert told(page) == before
            assert is_asking(page)
    keep_screenshot(page, "journey-3-outcome")
    expect(page.locator("#lines")).to_contain_text("bisa dirawat di rumah")
    questions = "\n".join(told(page)).lower()
    assert "sudah berapa lama" not in questions
    page.set_viewport_size({"width": 1280, "height": 900})
    keep_screenshot(page, "journey-4-wide")


def test_an_emergency_comes_before_everything(
    service: Served, visit: Visit, keep_screenshot: Callable[[Page, str], None]
) -> None:
    page = visit(service.url)
    say(page, "tolong, bapak saya sesak napas dan nyeri dada, betisnya bengkak")
    panel = page.get_by_role("region", name="Keadaan darurat").first
    expect(panel.get_by_role("link", name="Telepon 119")).to_have_attribute("href", "tel:119")
    keep_screenshot(page, "journey-emergency")
    expect(panel.get_by_role("link", name="Telepon 119")).to_be_in_viewport()


def test_patients_do_not_see_each_other(service: Served, visit: Visit) -> None:
    one, other = visit(service.url), visit(service.url)
    say(one, "kaki saya kedutan, rahasia")
    other.reload()
    other.locator("body.ready").wait_for()
    expect(other.locator("#lines .row")).to_have_count(0)


def test_what_a_stranger_writes_is_text(service: Served, visit: Visit) -> None:
    page = visit(service.url)
    page.on("dialog", lambda dialog: pytest.fail(f"a script ran: {dialog.message}"))
    say(page, "<img src=x onerror=alert(1)>")
    page.reload()
    page.locator("body.ready").wait_for()
    expect(page.locator(".row.patient")).to_contain_text("<img src=x onerror=alert(1)>")
    assert page.locator("#lines img").count() == 0


def test_a_patient_is_forgotten(service: Served, visit: Visit) -> None:
    page = visit(service.url)
    say(page, "kaki saya kram, rahasia")
    say(page, "hapus data saya")
    page.get_by_label("Tulis pesan", exact=True).fill("ya")
    page.get_by_role("button", name="Kirim", exact=True).click()
    expect(page.get_by_text("rahasia")).to_have_count(0)
    expect(page.locator("#lines")).to_contain_text("sudah dihapus")
    page.reload()
    page.locator("body.ready").wait_for()
    expect(page.get_by_text("rahasia")).to_have_count(0)
    say(page, "halo")
    expect(page.locator(".row.patient")).to_have_text(re.compile("halo"))


def test_the_service_goes_and_comes_back(service: Served, visit: Visit) -> None:
    """What was written meanwhile arrives, once, and the conversation goes on."""
    page = visit(service.url)
    say(page, "kaki sering kram")
    before = told(page)
    service.stop()
    expect(page.locator("#banner")).to_contain_text("menyambung lagi")
    page.get_by_label("Tulis pesan", exact=True).fill("ya")
    page.get_by_role("button", name="Kirim", exact=True).click()
    expect(page.get_by_role("button", name="Belum terkirim, ketuk untuk mengirim lagi")).to_be_visible()
    service.start()
    expect(page.locator(".row.patient").last.get_by_label("Diterima")).to_be_visible(timeout=40_000)
    settle(page)
    expect(page.locator(".row.patient")).to_have_count(2)
    assert told(page)[: len(before)] == before
    expect(page.locator("#banner")).to_be_empty(timeout=30_000)
