"""Each role on each route, by real HTTP. A route that this table does not know fails the test: what it takes to be
served is written down here first."""

from collections.abc import Iterator

import pytest
from starlette.routing import Mount, Route

from bot.desk import Desk
from bot.desk.roles import MATRIX, RIGHTS, ROLES, Right, Role, allows
from tests.desk.house import Browser, app_of, hire, seat, status_of

RIGHTS_OF_ROLES = {
    "queue": ("viewer", "front_desk", "clinician", "admin"),
    "read": ("viewer", "front_desk", "clinician", "admin"),
    "reports": ("viewer", "front_desk", "clinician", "admin"),
    "act": ("front_desk", "clinician", "admin"),
    "level": ("clinician", "admin"),
    "record": ("clinician", "admin"),
    "staff": ("admin",),
    "audit": ("admin",),
    "forget": ("admin",),
}

CONVERSATION = "0123456789abcdef0123456789abcdef"

ROUTES: dict[tuple[str, str], Right | None] = {
    ("GET", "/desk"): "queue",
    ("GET", "/desk/events"): "queue",
    ("POST", "/desk/awake"): "queue",
    ("GET", "/desk/recent"): "read",
    ("GET", "/desk/search"): "read",
    ("GET", "/desk/c/{id}"): "read",
    ("GET", "/desk/c/{id}/events"): "read",
    ("GET", "/desk/c/{id}/media/{name}"): "read",
    ("GET", "/desk/c/{id}/record"): "record",
    **{
        ("POST", f"/desk/c/{{id}}/{act}"): "act"
        for act in ["claim", "release", "transfer", "reply", "note", "close", "bot", "seen", "again"]
    },
    **{("POST", f"/desk/c/{{id}}/{act}"): "act" for act in ("draft", "typing", "read", "upload")},
    ("POST", "/desk/c/{id}/forget"): "forget",
    ("GET", "/desk/reports"): "reports",
    ("GET", "/desk/reports.csv"): "reports",
    ("POST", "/desk/logout"): None,
    ("GET", "/desk/session"): None,
    ("GET", "/desk/password"): None,
    ("POST", "/desk/password"): None,
    ("GET", "/desk/staff"): "staff",
    ("POST", "/desk/staff"): "staff",
    **{("POST", f"/desk/staff/{{username}}/{act}"): "staff" for act in ("reset", "disable", "enable", "edit")},
    ("GET", "/desk/audit"): "audit",
}
"""Each route to the right that it takes; None: everybody who is logged in."""

OPEN = {("GET", "/desk/login"), ("POST", "/desk/login")}


def routes_of(desk: Desk) -> Iterator[tuple[str, str]]:
    for route in desk.routes():
        if isinstance(route, Route):
            yield from ((method, route.path) for method in (route.methods or {"GET"}) if method != "HEAD")
        else:
            assert isinstance(route, Mount)
            assert route.path == "/static/desk"


def address(path: str) -> str:
    return path.format(id=CONVERSATION, name="1", username="nobody")


@pytest.fixture
async def routes(desk: Desk) -> list[tuple[str, str]]:
    return [route for route in routes_of(desk) if route not in OPEN]


def test_the_rights_are_those_that_were_drawn() -> None:
    assert set(RIGHTS_OF_ROLES) == set(RIGHTS)
    assert {role: {right for right, roles in RIGHTS_OF_ROLES.items() if role in roles} for role in ROLES} == MATRIX


def test_every_route_is_in_the_table(desk: Desk) -> None:
    assert set(routes_of(desk)) - OPEN <= set(ROUTES)


@pytest.mark.parametrize("role", ROLES)
async def test_a_role_is_served_what_it_may_and_nothing_else(
    desk: Desk, browser: Browser, routes: list[tuple[str, str]], role: Role
) -> None:
    app, account = app_of(desk), await hire(desk, "rina", role)
    wrong = []
    for method, path in routes:
        csrf = await seat(desk, browser, account)
        headers = {"Host": "desk.test", "Cookie": f"tanyakaki_desk={browser.token}", "X-CSRF-Token": csrf}
        status = await status_of(app, method, address(path), headers)
        right = ROUTES[method, path]
        served = status not in (401, 403, 500, 503)
        if served != (right is None or allows(role, right)):
            wrong.append(f"{method} {path}: {status}")
    assert not wrong


async def test_nobody_is_served_nothing(desk: Desk, routes: list[tuple[str, str]]) -> None:
    app = app_of(desk)
    for method, path in routes:
        headers = {"Host": "desk.test", "Accept": "application/json"}
        assert await status_of(app, method, address(path), headers) == 401, path
        assert await status_of(app, method, address(path), {"Host": "desk.test"}) == 303, path


async def test_a_one_time_password_opens_nothing(desk: Desk, browser: Browser, routes: list[tuple[str, str]]) -> None:
    app = app_of(desk)
    account, _ = await desk.accounts.add("rina", "admin", desk.gate.now())
    csrf = await seat(desk, browser, account)
    headers = {"Host": "desk.test", "Cookie": f"tanyakaki_desk={browser.token}", "X-CSRF-Token": csrf}
    for method, path in routes:
        if ROUTES[method, path] is not None:
            assert await status_of(app, method, address(path), headers) == 403, path


async def test_every_post_takes_the_token(desk: Desk, browser: Browser, routes: list[tuple[str, str]]) -> None:
    app = app_of(desk)
    await seat(desk, browser, await hire(desk, "rina", "admin"))
    cookie = {"Host": "desk.test", "Cookie": f"tanyakaki_desk={browser.token}"}
    posts = [path for method, path in routes if method == "POST"]
    assert posts
    for path in posts:
        for token in ({}, {"X-CSRF-Token": "wrong"}):
            assert await status_of(app, "POST", address(path), {**cookie, **token}) == 403, path
