"""Coming in and going out: log-in, its limits, cookies, sessions, one's own password."""

import logging

import httpx
import pytest
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from starlette.applications import Starlette

from bot.conversations import Conversations
from bot.desk import Desk
from bot.desk.security import COOKIE
from bot.store.store import StoreAway
from bot.store.wake import Wakes
from tests.desk.house import PASSWORD, Browser, Clock, app_of, hire, quick_passwords, seat, token_in


async def whats(desk: Desk) -> list[tuple[str, str, str]]:
    """The audit log, the oldest first."""
    return [(entry.who, entry.what, entry.detail) for entry in reversed((await desk.audit.page()).entries)]


def said_cookies(answer: httpx.Response) -> list[str]:
    return answer.headers.get_list("set-cookie")


# Log-in


async def test_who_knows_the_password_comes_in(desk: Desk, browser: Browser) -> None:
    await hire(desk, "rina", "clinician")
    answer = await browser.log_in("rina")
    assert (answer.status_code, answer.headers["location"]) == (303, "/desk")
    assert (await browser.get("/desk/session")).json() == {
        "username": "rina",
        "role": "clinician",
        "seconds_left": 1800,
    }
    assert await whats(desk) == [("rina", "login", "")]


async def test_a_phone_writes_the_name_with_a_capital_and_a_space(desk: Desk, browser: Browser) -> None:
    await hire(desk, "rina", "clinician")
    assert (await browser.log_in("Rina ")).status_code == 303


async def test_a_wrong_pair_is_refused_alike_for_known_unknown_and_disabled(desk: Desk, browser: Browser) -> None:
    await hire(desk, "rina", "clinician")
    await hire(desk, "budi", "clinician")
    await desk.accounts.set_disabled("budi", True)
    answers = [
        await browser.log_in("rina", "salah salah salah"),
        await browser.log_in("nobody"),
        await browser.log_in("budi"),
    ]
    assert [answer.status_code for answer in answers] == [401, 401, 401]
    texts = {
        answer.text.replace(name, "NAME") for answer, name in zip(answers, ("rina", "nobody", "budi"), strict=True)
    }
    assert len(texts) == 1
    assert browser.token == ""
    assert await whats(desk) == [
        ("rina", "login_failed", "203.0.113.7"),
        ("?", "login_failed", "203.0.113.7"),
        ("budi", "login_failed", "203.0.113.7"),
    ]


async def test_a_password_typed_as_a_name_is_kept_nowhere(
    desk: Desk, browser: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        answer = await browser.log_in("sandi-rahasia-saya", "sandi-rahasia-saya")
    assert "sandi-rahasia-saya" not in str([entry.model_dump() for entry in (await desk.audit.page()).entries])
    assert "sandi-rahasia-saya" not in caplog.text
    assert "sandi-rahasia-saya" not in str(answer.url) + str(answer.headers)


async def test_after_the_login_one_is_where_one_wanted_to_be(desk: Desk, browser: Browser) -> None:
    await hire(desk, "rina", "admin")
    wanted = await browser.get("/desk/staff")
    assert wanted.headers["location"] == "/desk/login?next=/desk/staff"
    door = await browser.get(wanted.headers["location"])
    assert 'name="next" value="/desk/staff"' in door.text
    assert (await browser.log_in("rina", back="/desk/staff")).headers["location"] == "/desk/staff"


@pytest.mark.parametrize(
    "back",
    [
        "https://evil.test/",
        "//evil.test/desk",
        "/desk/../evil",
        "/desk//evil.test",
        "/deskevil",
        "/desk/\nx",
        "/desk\\@evil.test",
        "/desk/login",
        "javascript:alert(1)",
    ],
)
async def test_nobody_is_sent_on_to_another_place(desk: Desk, browser: Browser, back: str) -> None:
    await hire(desk, "rina", "admin")
    assert (await browser.log_in("rina", back=back)).headers["location"] == "/desk"
    assert (await browser.get("/desk/login", params={"next": back})).headers["location"] == "/desk"


async def test_a_session_known_before_the_login_is_worth_nothing(desk: Desk, browser: Browser) -> None:
    """Session fixation: a token that somebody planted is not taken over."""
    await hire(desk, "rina", "clinician")
    planted = "A" * 43
    browser.cookies.set(COOKIE, planted, domain="desk.test", path="/desk")
    await browser.log_in("rina")
    assert browser.token != planted
    assert await desk.sessions.find(planted, desk.gate.now()) is None


async def test_a_new_login_ends_the_session_that_the_browser_had(desk: Desk, browser: Browser) -> None:
    account = await hire(desk, "rina", "clinician")
    page = await browser.get("/desk/login")
    await seat(desk, browser, account)  # by a log-in in another tab
    before = browser.token
    fields = {"csrf": token_in(page), "username": "rina", "password": PASSWORD}
    answer = await browser.post("/desk/login", data=fields)
    assert answer.status_code == 303
    assert browser.token != before
    assert await desk.sessions.find(before, desk.gate.now()) is None


async def test_cookies_are_for_the_desk_alone_and_not_for_scripts(desk: Desk, browser: Browser) -> None:
    await hire(desk, "rina", "clinician")
    page = await browser.get("/desk/login")
    answer = await browser.log_in("rina")
    cookies = said_cookies(page) + said_cookies(answer)
    assert any(cookie.startswith(f"{COOKIE}=") for cookie in cookies)
    for cookie in cookies:
        assert "HttpOnly" in cookie
        assert "SameSite=strict" in cookie
        assert "Path=/desk" in cookie
        assert "Secure" not in cookie, "over plain HTTP it would never come back"


async def test_cookies_are_secure_where_the_public_address_is(conversations: Conversations) -> None:
    wakes = Wakes(conversations.store.redis)
    desk = Desk(conversations, wakes, public_url="https://desk.test", passwords=quick_passwords())
    await hire(desk, "rina", "clinician")
    async with Browser(app_of(desk), headers={"Origin": "https://desk.test"}) as browser:
        browser.base_url = httpx.URL("https://desk.test")
        page = await browser.get("/desk/login")
        answer = await browser.log_in("rina")
        assert answer.status_code == 303
        assert all("Secure" in cookie for cookie in said_cookies(page) + said_cookies(answer))


# Limits


async def test_a_name_can_be_tried_a_few_times_only(desk: Desk, browser: Browser) -> None:
    await hire(desk, "rina", "clinician")
    answers = [await browser.log_in("rina", "salah salah salah") for _ in range(9)]
    assert [answer.status_code for answer in answers] == [401] * 8 + [429]
    assert 0 < int(answers[-1].headers["retry-after"]) <= 60
    assert "Terlalu banyak percobaan" in answers[-1].text
    assert (await browser.log_in("rina")).status_code == 429, "the right password does not help either"
    assert (await browser.log_in("budi")).status_code == 401, "others are not kept out"


async def test_a_client_can_try_few_names_only(desk: Desk, app: Starlette, browser: Browser) -> None:
    answers = [await browser.log_in(f"name{number}") for number in range(31)]
    assert [answer.status_code for answer in answers] == [401] * 30 + [429]
    async with Browser(app, client=("198.51.100.9", 1)) as elsewhere:
        assert (await elsewhere.log_in("rina")).status_code == 401, "others are not kept out"


async def test_who_has_a_network_of_ipv6_is_one_client(app: Starlette) -> None:
    for number in range(31):
        async with Browser(app, client=(f"2001:db8:1:1::{number:x}", 1)) as browser:
            status = (await browser.log_in(f"name{number}")).status_code
    assert status == 429


async def test_a_forwarded_address_that_nobody_vouches_for_does_not_count(app: Starlette) -> None:
    for number in range(31):
        async with Browser(app, headers={"X-Forwarded-For": f"10.0.0.{number}"}) as browser:
            status = (await browser.log_in(f"name{number}")).status_code
    assert status == 429


async def test_the_limit_also_guards_the_change_of_a_password(desk: Desk, browser: Browser) -> None:
    await seat(desk, browser, await hire(desk, "rina", "clinician"))
    fields = {"old": "salah salah salah", "new": "ikan paus biru", "again": "ikan paus biru"}
    statuses = [(await browser.submit("/desk/password", **fields)).status_code for _ in range(9)]
    assert statuses == [422] * 8 + [429]


@pytest.fixture
def away(conversations: Conversations, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """The desk, its Redis gone."""
    gone = Redis(host="127.0.0.1", port=1, retry=Retry(NoBackoff(), 0))
    monkeypatch.setattr(conversations.store, "redis", gone)
    return desk


async def test_without_the_limits_nobody_tries(desk: Desk, browser: Browser, away: Desk) -> None:
    answer = await browser.log_in("rina")
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0
    assert browser.token == ""


async def test_where_only_the_limits_are_away_nobody_tries_either(
    desk: Desk, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    await hire(desk, "rina", "clinician")

    async def gone(*_: object) -> float:
        raise StoreAway("ConnectionError")

    monkeypatch.setattr("bot.desk.access.seconds_until_allowed", gone)
    assert (await browser.log_in("rina")).status_code == 503
    assert browser.token == ""


async def test_without_redis_nobody_is_let_on(desk: Desk, app: Starlette, browser: Browser, away: Desk) -> None:
    browser.cookies.set(COOKIE, "A" * 43, domain="desk.test", path="/desk")
    for path in ("/desk/staff", "/desk/audit", "/desk/password"):
        answer = await browser.get(path)
        assert answer.status_code == 503
        assert "sedang tidak menjawab" in answer.text
    answer = await browser.get("/desk/session", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json()["error"]) == (503, "away")


# The end of a session


async def test_logging_out_ends_the_session_and_not_only_the_cookie(desk: Desk, browser: Browser) -> None:
    await seat(desk, browser, await hire(desk, "rina", "clinician"))
    token = browser.token
    answer = await browser.submit("/desk/logout")
    assert (answer.status_code, answer.headers["location"]) == (303, "/desk/login")
    assert browser.token == ""
    browser.cookies.set(COOKIE, token, domain="desk.test", path="/desk")
    assert (await browser.get("/desk/password")).status_code == 303
    assert await whats(desk) == [("rina", "logout", "")]


async def test_one_is_out_after_half_an_hour_without_an_act(desk: Desk, browser: Browser, clock: Clock) -> None:
    await seat(desk, browser, await hire(desk, "rina", "admin"))
    for _ in range(3):
        clock.forward(minutes=29)
        assert (await browser.get("/desk/staff")).status_code == 200
    clock.forward(minutes=30)
    assert (await browser.get("/desk/staff")).status_code == 303


async def test_what_a_page_asks_by_itself_keeps_nobody_in(desk: Desk, browser: Browser, clock: Clock) -> None:
    await seat(desk, browser, await hire(desk, "rina", "admin"))
    clock.forward(minutes=20)
    assert (await browser.get("/desk/session")).json()["seconds_left"] == 600
    clock.forward(minutes=10)
    answer = await browser.get("/desk/session", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json()) == (401, {"error": "login", "to": "/desk/login"})


async def test_one_is_out_after_twelve_hours_whatever_one_does(desk: Desk, browser: Browser, clock: Clock) -> None:
    await seat(desk, browser, await hire(desk, "rina", "admin"))
    statuses = []
    for _ in range(36):
        clock.forward(minutes=20)
        statuses.append((await browser.get("/desk/staff")).status_code)
    assert statuses == [200] * 35 + [303]


@pytest.mark.parametrize("act", ["disable", "reset"])
async def test_an_admin_ends_all_sessions_of_somebody_at_once(
    desk: Desk, browser: Browser, other: Browser, act: str
) -> None:
    await seat(desk, browser, await hire(desk, "boss", "admin"))
    await seat(desk, other, await hire(desk, "rina", "admin"))
    assert (await other.get("/desk/staff")).status_code == 200
    await browser.submit(f"/desk/staff/rina/{act}")
    assert (await other.get("/desk/staff")).status_code == 303
    csrf = await browser.csrf()
    assert (await other.post("/desk/staff/boss/disable", data={"csrf": csrf})).status_code == 303
    boss = await desk.accounts.find("boss")
    assert boss is not None
    assert not boss.disabled


async def test_a_session_of_a_disabled_account_is_none(desk: Desk, browser: Browser) -> None:
    """Not even one that began with the account as it is since: as by a log-in that raced with the disabling."""
    await hire(desk, "rina", "admin")
    await seat(desk, browser, await desk.accounts.set_disabled("rina", True))
    assert (await browser.get("/desk/staff")).status_code == 303


async def test_a_lost_role_is_lost_at_once(desk: Desk, browser: Browser) -> None:
    await seat(desk, browser, await hire(desk, "rina", "admin"))
    await desk.accounts.set_role("rina", "viewer")
    assert (await browser.get("/desk/staff")).status_code == 403


# One's own password


async def test_a_one_time_password_opens_only_the_page_that_changes_it(desk: Desk, browser: Browser) -> None:
    _, once = await desk.accounts.add("rina", "admin", desk.gate.now())
    assert (await browser.log_in("rina", once)).headers["location"] == "/desk/password"
    for path in ("/desk/staff", "/desk/audit"):
        answer = await browser.get(path)
        assert (answer.status_code, answer.headers["location"]) == (303, "/desk/password")
    csrf = await browser.csrf()
    answer = await browser.post("/desk/staff", data={"username": "x", "role": "admin"}, headers={"X-CSRF-Token": csrf})
    assert (answer.status_code, answer.json()["to"]) == (403, "/desk/password")
    answer = await browser.submit("/desk/password", old=once, new=PASSWORD, again=PASSWORD)
    assert answer.headers["location"] == "/desk"
    assert (await browser.get("/desk/staff")).status_code == 200
    assert await desk.accounts.verify("rina", once) is None


async def test_a_new_password_ends_the_other_sessions_and_renews_ones_own(
    desk: Desk, browser: Browser, other: Browser
) -> None:
    account = await hire(desk, "rina", "admin")
    await seat(desk, browser, account)
    await seat(desk, other, account)
    before = browser.token
    answer = await browser.submit("/desk/password", old=PASSWORD, new="ikan paus biru", again="ikan paus biru")
    assert answer.status_code == 303
    assert browser.token != before
    assert (await browser.get("/desk/staff")).status_code == 200
    assert (await other.get("/desk/staff")).status_code == 303
    assert await desk.sessions.find(before, desk.gate.now()) is None
    assert ("rina", "password", "") in await whats(desk)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"old": "salah", "new": "ikan paus biru", "again": "ikan paus biru"}, "sekarang tidak cocok"),
        ({"old": PASSWORD, "new": "ikan paus biru", "again": "ikan paus biruu"}, "tidak sama"),
        ({"old": PASSWORD, "new": "pendek", "again": "pendek"}, "terlalu mudah"),
        ({"old": PASSWORD, "new": PASSWORD, "again": PASSWORD}, "masih sama"),
        ({}, "sekarang tidak cocok"),
    ],
)
async def test_a_refused_change_says_why_and_changes_nothing(
    desk: Desk, browser: Browser, fields: dict[str, str], words: str
) -> None:
    await seat(desk, browser, await hire(desk, "rina", "admin"))
    answer = await browser.submit("/desk/password", **fields)
    assert answer.status_code == 422
    assert words in answer.text
    assert await desk.accounts.verify("rina", PASSWORD) is not None
    assert not any(value in answer.text for value in fields.values() if value), "what was typed is not shown again"


# From a link in another program


async def test_a_link_from_elsewhere_takes_one_step_on_our_own_page(desk: Desk, browser: Browser) -> None:
    """The browser brings no strict cookie along from there; from our page it does."""
    wanted = "/desk/c/0123456789abcdef0123456789abcdef"
    arrived = await browser.get("/desk/staff", headers={"Sec-Fetch-Site": "cross-site"})
    assert arrived.status_code == 200
    assert 'content="0; url=/desk/login?next=/desk/staff"' in arrived.text
    await seat(desk, browser, await hire(desk, "rina", "admin"))
    sent_on = await browser.get("/desk/login", params={"next": wanted})
    assert (sent_on.status_code, sent_on.headers["location"]) == (303, wanted)


# What every answer has


async def test_every_answer_of_the_desk_has_the_strict_headers(desk: Desk, browser: Browser) -> None:
    await seat(desk, browser, await hire(desk, "rina", "viewer"))
    answers = [
        await browser.get("/desk/login"),
        await browser.get("/desk/password"),
        await browser.get("/desk/staff"),
        await browser.get("/desk/nowhere"),
        await browser.put("/desk/password"),
        await browser.post("/desk/logout"),
        await browser.get("/desk/session", headers={"Accept": "application/json"}),
    ]
    assert {answer.status_code for answer in answers} >= {200, 403, 404, 405}
    for answer in answers:
        policy = answer.headers["content-security-policy"]
        assert "default-src 'self'; script-src 'self'; style-src 'self';" in policy
        assert "frame-ancestors 'none'; base-uri 'none'; form-action 'self'" in policy
        assert "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "same-origin"
        assert answer.headers["cache-control"] == "no-store"


async def test_pages_have_no_inline_script_or_style(desk: Desk, browser: Browser) -> None:
    await seat(desk, browser, await hire(desk, "rina", "admin"))
    for path in ("/desk/password", "/desk/staff", "/desk/audit"):
        text = (await browser.get(path)).text
        assert "<script" not in text or 'src="' in text
        assert "style=" not in text
        assert " on" not in "".join(part.split(">")[0] for part in text.split("<")).replace(" one", "")


async def test_a_fault_of_ours_is_told_without_its_words(
    desk: Desk, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    await seat(desk, browser, await hire(desk, "rina", "admin"))

    async def broken() -> None:
        raise ValueError("betis saya kram")

    monkeypatch.setattr(desk.accounts, "list", broken)
    answer = await browser.get("/desk/staff")
    assert answer.status_code == 500
    assert "betis" not in answer.text
    assert "content-security-policy" in answer.headers


async def test_styles_are_served(browser: Browser) -> None:
    answer = await browser.get("/static/desk/desk.css")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/css")
