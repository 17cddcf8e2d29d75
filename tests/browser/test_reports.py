# ruff: noqa: F401, F811
"""The reports in a real browser: every width, both schemes, keyboard, and an automatic check for accessibility."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from bot.dialogue import staffing
from bot.ontology import Level
from bot.store.records import Address
from tests.browser.clinic import Clinic
from tests.browser.test_desk import RINA, Sit, clinic, sit

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


@pytest.fixture
def worked(clinic: Clinic, sit: Sit) -> Clinic:
    """A clinic that has had a patient."""
    address = Address(channel="web", id="a-patient-of-the-reports")
    clinic.reaches_outcome(address, "betis kiri saya bengkak sejak kemarin")
    clinic.hears(address, "petugas")
    at = clinic.clock()
    clinic.do(
        clinic.conversations.act(address, "a1", at, lambda c, s: staffing.reply(c, RINA, "Selamat pagi", (), at, s))
    )
    clinic.do(
        clinic.conversations.act(
            address, "a2", at, lambda c, s: staffing.close(c, RINA, at, s, "referred", Level.emergency)
        )
    )
    lost = Address(channel="telegram", id="7")
    clinic.hears(lost, "<i>blorp</i> zixqu wakwak")
    return clinic


def open_reports(sit: Sit, width: int, **more: object) -> Page:
    page = sit("rina", "/desk/reports?kalimat=1", width=width, java_script_enabled=False, **more)
    expect(page.locator("h1")).to_have_text("Laporan")
    return page


@pytest.mark.parametrize("width", [360, 768, 1440])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_reports_fit_every_width_without_a_script(
    worked: Clinic, sit: Sit, width: int, scheme: str, keep_screenshot: Callable[[Page, str], None]
) -> None:
    page = open_reports(sit, width, color_scheme=scheme)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for column in page.locator(".chart .part").all():
        box = column.bounding_box()
        assert box is not None
        assert box["width"] > 0
        assert box["x"] + box["width"] <= width
    expect(page.locator(".phrases")).to_contain_text("<i>blorp</i> zixqu wakwak")
    keep_screenshot(page, f"reports-{width}-{scheme}")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_fault_of_accessibility_is_found(worked: Clinic, sit: Sit, scheme: str) -> None:
    page = sit("rina", color_scheme=scheme)
    page.goto(f"{worked.url}/desk/reports?kalimat=1")
    page.locator("details").evaluate_all("all => all.forEach(one => (one.open = true))")
    found = Axe().run(page)
    assert not found.response["violations"], found.generate_report()


def test_a_period_is_chosen_and_a_table_is_downloaded_by_keyboard(worked: Clinic, sit: Sit) -> None:
    page = open_reports(sit, 1440)
    page.get_by_role("link", name="7 hari").press("Enter")
    expect(page.get_by_role("link", name="7 hari")).to_have_attribute("aria-current", "true")
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV Hasil triase").press("Enter")
    assert download.value.suggested_filename.startswith("laporan-tingkat-")
    assert download.value.path().read_bytes().startswith(b"\xef\xbb\xbfTingkat;")
    summary = page.locator("summary", has_text="Lihat tabel").first
    summary.press("Enter")
    expect(page.get_by_role("region", name="Pesan dan hasil per hari")).to_be_visible()
