"""The desk of a real service: the first start's account, and the accounts from the command line beside it."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from bot.cli import main
from tests.commands.test_commands import assert_clear, run
from tests.desk.house import PASSWORD
from tests.serving import Serving, serving


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("desk")


@pytest.fixture(scope="module")
def service(folder: Path) -> Iterator[Serving]:
    with serving(folder) as running:
        yield running


@pytest.fixture
def browser(service: Serving) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=service.url, timeout=30, headers={"Origin": service.url}) as client:
        yield client


def submit(browser: httpx.Client, path: str, page: str, **fields: str) -> httpx.Response:
    found = re.search(r'name="csrf" value="([^"]+)"', browser.get(page).text)
    assert found
    return browser.post(path, data={"csrf": found[1], **fields})


def log_in(browser: httpx.Client, username: str, password: str) -> httpx.Response:
    return submit(browser, "/desk/login", "/desk/login", username=username, password=password)


def once_in(text: str) -> str:
    found = re.findall(r"(?:sekali pakai|one-time password): ([a-z2-9-]{19})", text)
    assert len(found) == 1, text
    return str(found[0])


def test_from_the_first_start_to_a_member_of_staff_who_is_logged_in(
    service: Serving, browser: httpx.Client, folder: Path
) -> None:
    printed = service.output.read_text(encoding="utf-8")
    assert re.search(r"^Meja klinik : http://127\.0\.0\.1:\d+/desk  \(admin, kata sandi sekali pakai: ", printed, re.M)
    assert browser.get("/desk").headers["location"] == "/desk/login"
    assert log_in(browser, "admin", once_in(printed)).headers["location"] == "/desk/password"
    changed = submit(browser, "/desk/password", "/desk/password", old=once_in(printed), new=PASSWORD, again=PASSWORD)
    assert changed.headers["location"] == "/desk"

    with httpx.Client(base_url=service.url, timeout=30, headers={"X-Forwarded-For": "198.51.100.20"}) as proxied:
        assert log_in(proxied, "admin", "salah").status_code == 401
    assert "198.51.100.20" in browser.get("/desk/audit").text, "a proxy on this machine is believed"

    added = run(folder, "staff", "add", "Rina", "--shown", "Rina Sari", "--title", "perawat")
    assert added.returncode == 0, added.stderr.decode()
    assert "Rina Sari, perawat" in browser.get("/desk/staff").text
    assert "operator" in browser.get("/desk/audit").text

    with httpx.Client(base_url=service.url, timeout=30) as other:
        once = once_in(added.stdout.decode())
        assert log_in(other, "rina", once).headers["location"] == "/desk/password"
        assert other.get("/desk/password").status_code == 200
        assert run(folder, "staff", "disable", "rina").returncode == 0
        assert other.get("/desk/password").status_code == 303, "out at once"
        assert log_in(other, "rina", once).status_code == 401
        assert run(folder, "staff", "enable", "rina").returncode == 0
        assert b"rina is 501 at Telegram" in run(folder, "staff", "telegram", "rina", "501").stdout
        renewed = once_in(run(folder, "staff", "reset", "rina").stdout.decode())
        assert log_in(other, "rina", renewed).status_code == 303

    told = run(folder, "staff", "list").stdout.decode()
    assert re.search(r"^admin +Admin, petugas klinik  \(admin; last log-in ", told, re.M)
    assert re.search(r"^rina +Rina Sari, perawat  \(clinician, one-time password; last log-in ", told, re.M)

    written = service.output.read_text(encoding="utf-8")
    assert not any(secret in written for secret in (PASSWORD, once, renewed))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("add", "a b"), "NAME must be 1 to 32 of"),
        (("add", "sari", "--shown", "x" * 61), "at most 60 characters"),
        (("disable", "nobody"), "no account of that name"),
        (("telegram", "nobody", "501"), "no account of that name"),
    ],
)
def test_a_fault_is_one_clear_line(service: Serving, folder: Path, arguments: tuple[str, ...], words: str) -> None:
    done = run(folder, "staff", *arguments)
    assert_clear(done, words)
    assert len(done.stderr.decode().splitlines()) == 1


@pytest.mark.parametrize("arguments", [[], ["add"], ["dance", "x"], ["add", "x", "--role", "root"]])
def test_wrong_usage_exits_with_two(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["staff", *arguments])
    assert ended.value.code == 2


def test_the_chat_keeps_its_own_headers(service: Serving, browser: httpx.Client) -> None:
    assert "frame-ancestors 'self'" in browser.get("/").headers["content-security-policy"]
    assert browser.get("/desk/login").headers["content-security-policy"].count("frame-ancestors 'none'") == 1
    assert browser.get("/desk").headers["cache-control"] == "no-store"
