"""A real Chromium for the tests of the pages.

The fixtures are of module scope and synchronous: Playwright's own event loop must be gone before the asynchronous
tests of other modules start theirs.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.browser.fake import FakeChat, serve_fake

ARTIFACTS = Path(__file__).parents[2] / "artifacts"
FLAGS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
NOW = "2026-11-21T20:05:00+07:00"

expect.set_options(timeout=20_000)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        problem = "no Chromium on this machine: apt-get install chromium"
        if os.environ.get("CI"):
            pytest.fail(problem)
        pytest.skip(problem)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()


Visit = Callable[..., Page]


@pytest.fixture
def visit(browser: Browser) -> Iterator[Visit]:
    """Open a page as an Indonesian visitor. At the end: no script has failed, no policy was broken."""
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def open_page(url: str, width: int = 390, height: int = 844, phone: bool = False, **settings: Any) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            locale="id-ID",
            timezone_id="Asia/Jakarta",
            is_mobile=phone,
            has_touch=phone,
            **settings,
        )
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on(
            "console",
            lambda message: faults.append(message.text) if "Security Policy" in message.text else None,
        )
        page.goto(url)
        page.locator("body.ready").wait_for(timeout=20_000)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not faults


@pytest.fixture
def chat() -> Iterator[FakeChat]:
    with serve_fake() as fake:
        yield fake


@pytest.fixture
def keep_screenshot() -> Callable[[Page, str], None]:
    """Leave a picture of the page in ``artifacts/``."""

    def keep(page: Page, name: str) -> None:
        ARTIFACTS.mkdir(exist_ok=True)
        page.wait_for_timeout(400)
        page.screenshot(path=ARTIFACTS / f"{name}.png")

    return keep
