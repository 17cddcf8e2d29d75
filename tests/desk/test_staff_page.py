"""The admin's pages: accounts, and the audit log."""

import pytest

from bot.desk import Desk
from bot.desk.audit import Entry
from tests.desk.house import PASSWORD, Browser, hire, seat

EVIL = "<script>alert(1)</script>"


@pytest.fixture
async def admin(desk: Desk, browser: Browser) -> Browser:
    await seat(desk, browser, await hire(desk, "boss", "admin"))
    return browser


async def deeds(desk: Desk) -> list[tuple[str, str, str]]:
    return [(entry.who, entry.what, entry.detail) for entry in reversed((await desk.audit.page()).entries)]


def once_in(text: str) -> str:
    return text.split('class="secret-words">')[1].split("<", maxsplit=1)[0]


async def test_an_account_is_made_and_its_password_shown_once(desk: Desk, admin: Browser, other: Browser) -> None:
    fields = {"username": "Rina.P", "shown": "Rina", "title": "perawat", "role": "clinician"}
    answer = await admin.submit("/desk/staff", **fields)
    assert answer.status_code == 200
    once = once_in(answer.text)
    assert (await other.log_in("rina.p", once)).headers["location"] == "/desk/password"
    page = await admin.get("/desk/staff")
    assert "Rina, perawat" in page.text
    assert once not in page.text
    assert ("boss", "staff_add", "rina.p") in await deeds(desk)
    assert once not in str(await deeds(desk))


async def test_a_reset_gives_a_new_one_time_password(desk: Desk, admin: Browser) -> None:
    await hire(desk, "rina", "clinician")
    once = once_in((await admin.submit("/desk/staff/rina/reset")).text)
    assert await desk.accounts.verify("rina", PASSWORD) is None
    account = await desk.accounts.verify("rina", once)
    assert account is not None
    assert account.must_change
    assert ("boss", "staff_reset", "rina") in await deeds(desk)


async def test_disable_enable_and_edit(desk: Desk, admin: Browser) -> None:
    await hire(desk, "rina", "clinician")
    await admin.submit("/desk/staff/rina/disable")
    assert await desk.accounts.verify("rina", PASSWORD) is None
    await admin.submit("/desk/staff/rina/enable")
    assert await desk.accounts.verify("rina", PASSWORD) is not None
    await admin.submit("/desk/staff/rina/edit", shown="Rina Sari", title="bidan", role="viewer")
    account = await desk.accounts.find("rina")
    assert account is not None
    assert (account.label, account.role) == ("Rina Sari, bidan", "viewer")
    assert [deed[1] for deed in await deeds(desk)] == ["staff_disable", "staff_enable", "staff_edit"]


async def test_admins_can_not_lock_themselves_out(desk: Desk, admin: Browser) -> None:
    for act in ("disable", "reset", "enable"):
        assert (await admin.submit(f"/desk/staff/boss/{act}")).status_code == 400
    answer = await admin.submit("/desk/staff/boss/edit", shown="Boss", role="viewer")
    assert (answer.status_code, "oleh admin lain" in answer.text) == (422, True)
    boss = await desk.accounts.find("boss")
    assert boss is not None
    assert (boss.role, boss.disabled) == ("admin", False)
    assert (await admin.submit("/desk/staff/boss/edit", shown="Ibu Boss", role="admin")).status_code == 303


@pytest.mark.parametrize(
    ("fields", "status", "words"),
    [
        ({"username": "boss", "role": "viewer"}, 422, "sudah ada"),
        ({"username": "a b", "role": "viewer"}, 422, "huruf kecil"),
        ({"username": "", "role": "viewer"}, 422, "huruf kecil"),
        ({"username": "rina", "role": "viewer", "shown": "x" * 61}, 422, "60 huruf"),
        ({"username": "rina", "role": "root"}, 400, "tidak lengkap"),
        ({"username": "rina"}, 400, "tidak lengkap"),
    ],
)
async def test_a_refused_account_says_why(admin: Browser, fields: dict[str, str], status: int, words: str) -> None:
    answer = await admin.submit("/desk/staff", **fields)
    assert answer.status_code == status
    assert words in answer.text


@pytest.mark.parametrize("path", ["reset", "disable", "enable", "edit"])
async def test_nobody_by_that_name(admin: Browser, path: str) -> None:
    assert (await admin.submit(f"/desk/staff/nobody/{path}", role="viewer")).status_code == 404


async def test_names_are_shown_as_text_only(desk: Desk, browser: Browser) -> None:
    account = await hire(desk, "boss", "admin", shown=EVIL, title='"><img src=x>')
    await seat(desk, browser, account)
    for path in ("/desk/staff", "/desk/password", "/desk/audit"):
        text = (await browser.get(path)).text
        assert EVIL not in text
        assert "<img src=x" not in text
    assert "&lt;script&gt;" in (await browser.get("/desk/staff")).text


async def test_what_was_typed_is_shown_as_text_only(desk: Desk, admin: Browser, other: Browser) -> None:
    answer = await other.log_in(f'"><{EVIL[1:]}', "x")
    assert EVIL not in answer.text
    assert "&#34;&gt;&lt;script&gt;" in answer.text
    page = await admin.get("/desk/audit", params={"who": f'">{EVIL}', "ref": f'">{EVIL}', "older": EVIL})
    assert page.status_code == 200
    assert EVIL not in page.text


async def test_the_audit_page_shows_filters_and_pages(desk: Desk, admin: Browser) -> None:
    at = desk.gate.now()
    for number in range(60):
        await desk.audit.note(Entry(at=at, who="rina", what="read", conversation=f"{number:032x}"))
    await desk.audit.note(Entry(at=at, who="budi", what="claim", conversation="f" * 32))
    first = await admin.get("/desk/audit")
    assert first.text.index("Mengambil") < first.text.index("Membaca percakapan"), "the newest first"
    assert f'href="/desk/c/{"f" * 32}"' in first.text
    older = first.text.split('class="button quiet" href="')[1].split('"')[0].replace("&amp;", "&")
    second = await admin.get(older)
    assert first.text.count("Membaca percakapan") + second.text.count("Membaca percakapan") == 60
    assert "Lebih lama" not in second.text
    assert "Membaca percakapan" not in (await admin.get("/desk/audit", params={"who": "Budi"})).text
    by_reference = await admin.get("/desk/audit", params={"ref": f"{7:032x}"})
    assert by_reference.text.count("Membaca percakapan") == 1


@pytest.mark.parametrize("older", ["x", "1-", "1-x", "-", "9" * 50 + "-1", "+", "(1-1", "²-1"])
async def test_a_cursor_that_is_none_begins_anew(admin: Browser, older: str) -> None:
    assert (await admin.get("/desk/audit", params={"older": older})).status_code == 200
