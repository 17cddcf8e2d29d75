"""A post has its effect only when it comes from our own page, in the session of the person."""

import pytest
from starlette.applications import Starlette

from bot.desk import Desk
from bot.desk.access import DOOR_COOKIE
from tests.desk.house import ORIGIN, PASSWORD, Browser, hire, seat, token_in

NEW = {"username": "budi", "role": "viewer", "shown": "Budi"}


@pytest.fixture
async def csrf(desk: Desk, browser: Browser) -> str:
    """The token of an admin who is logged in."""
    return await seat(desk, browser, await hire(desk, "boss", "admin"))


async def made(desk: Desk) -> bool:
    return await desk.accounts.find("budi") is not None


async def test_the_right_token_in_the_form_or_in_the_header(desk: Desk, browser: Browser, csrf: str) -> None:
    assert (await browser.post("/desk/staff", data={**NEW, "csrf": csrf})).status_code == 200
    again = {**NEW, "username": "sari"}
    assert (await browser.post("/desk/staff", data=again, headers={"X-CSRF-Token": csrf})).status_code == 200


@pytest.mark.parametrize("token", [None, "", "wrong", "\u00e9", "A" * 43])
async def test_without_the_token_nothing_happens(desk: Desk, browser: Browser, csrf: str, token: str | None) -> None:
    fields = {**NEW} if token is None else {**NEW, "csrf": token}
    assert (await browser.post("/desk/staff", data=fields)).status_code == 403
    assert not await made(desk)


async def test_a_wrong_header_is_not_mended_by_the_form(desk: Desk, browser: Browser, csrf: str) -> None:
    answer = await browser.post("/desk/staff", data={**NEW, "csrf": csrf}, headers={"X-CSRF-Token": "wrong"})
    assert answer.status_code == 403
    assert not await made(desk)


async def test_the_token_of_another_session_is_wrong(desk: Desk, browser: Browser, other: Browser, csrf: str) -> None:
    theirs = await seat(desk, other, await hire(desk, "mallory", "admin"))
    assert (await browser.post("/desk/staff", data={**NEW, "csrf": theirs})).status_code == 403
    assert (await other.post("/desk/staff", data={**NEW, "csrf": csrf})).status_code == 403
    assert not await made(desk)


async def test_the_token_is_of_the_session_and_not_of_the_person(desk: Desk, browser: Browser, csrf: str) -> None:
    boss = await desk.accounts.find("boss")
    assert boss is not None
    later = await seat(desk, browser, boss)
    assert later != csrf
    assert (await browser.post("/desk/staff", data={**NEW, "csrf": csrf})).status_code == 403


async def test_the_token_in_the_address_is_no_token(desk: Desk, browser: Browser, csrf: str) -> None:
    assert (await browser.post("/desk/staff", params={"csrf": csrf}, data=NEW)).status_code == 403
    assert not await made(desk)


async def test_the_token_in_json_is_no_token(desk: Desk, browser: Browser, csrf: str) -> None:
    """What a page elsewhere can post as text/plain must not pass as a form."""
    assert (await browser.post("/desk/staff", json={**NEW, "csrf": csrf})).status_code == 403
    headers = {"Content-Type": "text/plain"}
    assert (await browser.post("/desk/staff", content=f"csrf={csrf}", headers=headers)).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.test"},
        {"Origin": "null"},
        {"Origin": "http://desk.test.evil.test"},
        {"Origin": "http://desk.test:8080"},
        {"Origin": ""},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": ORIGIN, "Sec-Fetch-Site": "cross-site"},
        {"Origin": "https://evil.test", "Sec-Fetch-Site": "same-origin"},
    ],
)
async def test_a_post_from_elsewhere_is_refused_even_with_the_token(
    desk: Desk, browser: Browser, csrf: str, headers: dict[str, str]
) -> None:
    answer = await browser.post("/desk/staff", data={**NEW, "csrf": csrf}, headers=headers)
    assert answer.status_code == 403
    assert not await made(desk)


@pytest.mark.parametrize(
    "headers", [{"Origin": ORIGIN}, {"Origin": "https://desk.test", "Sec-Fetch-Site": "same-origin"}]
)
async def test_a_post_from_our_own_page_is_taken(
    desk: Desk, browser: Browser, csrf: str, headers: dict[str, str]
) -> None:
    assert (await browser.post("/desk/staff", data={**NEW, "csrf": csrf}, headers=headers)).status_code == 200


async def test_the_login_itself_is_guarded(desk: Desk, browser: Browser, other: Browser) -> None:
    """Else somebody could be logged in as another without knowing, and write what that one then reads."""
    await hire(desk, "rina", "viewer")
    fields = {"username": "rina", "password": PASSWORD}
    assert (await browser.post("/desk/login", data=fields)).status_code == 403
    theirs = token_in(await other.get("/desk/login"))
    assert (await browser.post("/desk/login", data={**fields, "csrf": theirs})).status_code == 403
    await browser.get("/desk/login")
    assert (await browser.post("/desk/login", data={**fields, "csrf": theirs})).status_code == 403
    own = token_in(await browser.get("/desk/login"))
    evil = {"Origin": "https://evil.test"}
    assert (await browser.post("/desk/login", data={**fields, "csrf": own}, headers=evil)).status_code == 403
    assert browser.token == ""


async def test_the_token_of_no_door_is_no_token(desk: Desk, app: Starlette) -> None:
    """The token follows from a cookie; an empty cookie must not have one that anybody could know."""
    await hire(desk, "rina", "viewer")
    async with Browser(app) as first, Browser(app) as second:
        shown = token_in(await first.get("/desk/login"))
        second.cookies.set(DOOR_COOKIE, "", domain="desk.test", path="/desk")
        fields = {"username": "rina", "password": PASSWORD, "csrf": shown}
        assert (await second.post("/desk/login", data=fields)).status_code == 403


async def test_a_refusal_of_a_script_is_json(desk: Desk, browser: Browser, csrf: str) -> None:
    answer = await browser.post("/desk/staff", data=NEW, headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json()["error"]) == (403, "csrf")


async def test_a_body_without_end_is_cut(desk: Desk, browser: Browser, csrf: str) -> None:
    fields = {**NEW, "shown": "x" * 200_000}
    assert (await browser.post("/desk/staff", data={**fields, "csrf": csrf})).status_code == 413
    header = {"X-CSRF-Token": csrf}
    assert (await browser.post("/desk/staff", data=fields, headers=header)).status_code == 413


@pytest.mark.parametrize(
    "body",
    [b"--x\r\n", b"", b'--x\r\nContent-Disposition: form-data; name="csrf"\r\n\r\n\xff\xfe\r\n--x--\r\n'],
)
async def test_a_broken_multipart_body_is_refused(desk: Desk, browser: Browser, csrf: str, body: bytes) -> None:
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    assert (await browser.post("/desk/staff", content=body, headers=headers)).status_code in (400, 403)
    headers = {"Content-Type": "multipart/form-data"}
    assert (await browser.post("/desk/staff", content=body, headers=headers)).status_code in (400, 403)
