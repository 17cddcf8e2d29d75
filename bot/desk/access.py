"""Coming in and going out, one's own password, the staff's accounts, the audit log."""

import math
import secrets
from typing import Final
from urllib.parse import urlencode

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from bot.desk.accounts import Account, AccountError, Problem, normal_username
from bot.desk.audit import Entry
from bot.desk.roles import ROLES, Role
from bot.desk.security import (
    COOKIE,
    LOGIN,
    PASSWORD,
    ROOT,
    Gate,
    Refused,
    Visitor,
    check_csrf,
    client_of,
    is_inside,
)
from bot.store.limits import Limit, seconds_until_allowed
from bot.store.store import Store

DOOR_COOKIE: Final = "tanyakaki_desk_door"
NOBODY: Final = "?"
"""Who failed to log in with a name that no account has: it may have been a password in the wrong field."""


class Access:
    """The routes by which people get in."""

    def __init__(self, gate: Gate, store: Store) -> None:
        self._gate = gate
        self._store = store

    def routes(self) -> list[BaseRoute]:
        gate = self._gate
        return [
            Route("/desk/login", gate.open(self.login_page), methods=["GET"]),
            Route("/desk/login", gate.open(self.login), methods=["POST"]),
            Route("/desk/logout", gate.guarded(None, self.logout), methods=["POST"]),
            Route("/desk/session", gate.guarded(None, self.session, passive=True), methods=["GET"]),
            Route("/desk/password", gate.guarded(None, self.password_page), methods=["GET"]),
            Route("/desk/password", gate.guarded(None, self.password), methods=["POST"]),
            Route("/desk/staff", gate.guarded("staff", self.staff_page), methods=["GET"]),
            Route("/desk/staff", gate.guarded("staff", self.add), methods=["POST"]),
            Route("/desk/staff/{username}/reset", gate.guarded("staff", self.reset), methods=["POST"]),
            Route("/desk/staff/{username}/disable", gate.guarded("staff", self.disable), methods=["POST"]),
            Route("/desk/staff/{username}/enable", gate.guarded("staff", self.enable), methods=["POST"]),
            Route("/desk/staff/{username}/edit", gate.guarded("staff", self.edit), methods=["POST"]),
            Route("/desk/audit", gate.guarded("audit", self.audit_page), methods=["GET"]),
        ]

    # Coming in and going out

    async def login_page(self, request: Request) -> Response:
        back = _back(request.query_params.get("next", ""))
        if await self._gate.visitor(request) is not None:
            return RedirectResponse(back, 303)
        return self._login_form(request, back)

    async def login(self, request: Request) -> Response:
        """Answers 401 for a wrong pair, 429 for too many, 503 where the limits can't be asked."""
        gate = self._gate
        gate.check_origin(request)
        await check_csrf(request, self._door_token(request.cookies.get(DOOR_COOKIE, "")))
        form = await request.form()
        username, password = normal_username(_text(form, "username")), _text(form, "password")
        back = _back(_text(form, "next"))
        wait = await self._wait(request, username)
        if wait:
            return self._login_form(request, back, username, "busy", wait)
        account = await gate.accounts.verify(username, password)
        if account is None:
            await self._note_failure(request, username)
            return self._login_form(request, back, username, "wrong")
        return await self._enter(request, account, password, back)

    async def _enter(self, request: Request, account: Account, password: str, back: str) -> Response:
        gate, now = self._gate, self._gate.now()
        await gate.accounts.note_login(account, password, now)
        await gate.audit.note(Entry(at=now, who=account.username, what="login"))
        if COOKIE in request.cookies:
            await gate.sessions.end(request.cookies[COOKIE])
        response = RedirectResponse(PASSWORD if account.must_change else back, 303)
        gate.let_in(response, await gate.sessions.begin(account, now))
        response.delete_cookie(DOOR_COOKIE, path=ROOT, httponly=True, samesite="strict", secure=gate.secure)
        return response

    async def _note_failure(self, request: Request, username: str) -> None:
        known = await self._gate.accounts.find(username) is not None
        who = username if known else NOBODY
        await self._gate.audit.note(Entry(at=self._gate.now(), who=who, what="login_failed", detail=client_of(request)))

    async def _wait(self, request: Request, username: str) -> int:
        """Seconds until this name and this client may try again. Raises ``StoreAway``: without limits nobody tries."""
        name = self._store.sealer.name("login", username)
        client = self._store.sealer.name("client", client_of(request))
        limits = [
            Limit(f"name:{name}", per_second=1 / 60, burst=8),
            Limit(f"client:{client}", per_second=1 / 10, burst=30),
        ]
        return math.ceil(await seconds_until_allowed(self._store, "desk", limits))

    def _login_form(
        self, request: Request, back: str, username: str = "", problem: str = "", wait: int = 0
    ) -> Response:
        gate = self._gate
        door = request.cookies.get(DOOR_COOKIE, "")
        door = door if len(door) == 43 else secrets.token_urlsafe(32)
        response = gate.templates.page(
            "login.html",
            {"": 200, "busy": 429}.get(problem, 401),
            csrf=self._door_token(door),
            back=back,
            username=username,
            problem=problem,
            wait=wait,
        )
        response.set_cookie(DOOR_COOKIE, door, path=ROOT, httponly=True, samesite="strict", secure=gate.secure)
        if wait:
            response.headers["Retry-After"] = str(wait)
        return response

    def _door_token(self, door: str) -> str:
        """The CSRF token of somebody who has no session yet: follows from a cookie and from our key."""
        return self._store.sealer.name("door", door)

    async def logout(self, request: Request, visitor: Visitor) -> Response:
        await self._gate.sessions.end(request.cookies[COOKIE])
        await self._note(visitor, "logout")
        response = RedirectResponse(LOGIN, 303)
        self._gate.let_out(response)
        return response

    async def session(self, request: Request, visitor: Visitor) -> Response:
        """Who is logged in and how long yet, for pages whose stream has ended: that can't tell them why."""
        left = int((visitor.session.ends - self._gate.now()).total_seconds())
        return JSONResponse({"username": visitor.username, "role": visitor.role, "seconds_left": left})

    # One's own password

    async def password_page(self, request: Request, visitor: Visitor) -> Response:
        return self._password_form(visitor, saved="saved" in request.query_params)

    async def password(self, request: Request, visitor: Visitor) -> Response:
        """Every other session of the person is over; this one gets a new token."""
        form = await request.form()
        old, new, again = (_text(form, field) for field in ("old", "new", "again"))
        wait = await self._wait(request, visitor.username)
        if wait:
            raise Refused("busy", wait)
        if new != again:
            return self._password_form(visitor, "differ")
        try:
            account = await self._gate.accounts.set_password(visitor.username, old, new)
        except AccountError as error:
            return self._password_form(visitor, error.problem)
        await self._note(visitor, "password")
        await self._gate.sessions.end(request.cookies[COOKIE])
        response = RedirectResponse(ROOT if visitor.account.must_change else f"{PASSWORD}?saved", 303)
        self._gate.let_in(response, await self._gate.sessions.begin(account, self._gate.now()))
        return response

    def _password_form(self, visitor: Visitor, problem: str = "", *, saved: bool = False) -> Response:
        return self._gate.templates.page(
            "password.html",
            422 if problem else 200,
            visitor=visitor,
            csrf=visitor.csrf,
            problem=problem,
            saved=saved,
        )

    # The staff's accounts

    async def staff_page(self, request: Request, visitor: Visitor) -> Response:
        return await self._staff(visitor)

    async def add(self, request: Request, visitor: Visitor) -> Response:
        form = await request.form()
        username, role = normal_username(_text(form, "username")), _role(form)
        shown, title = _text(form, "shown"), _text(form, "title")
        try:
            account, password = await self._gate.accounts.add(
                username, role, self._gate.now(), shown=shown, title=title
            )
        except AccountError as error:
            return await self._staff(visitor, error.problem)
        await self._note(visitor, "staff_add", account.username)
        return await self._staff(visitor, account=account, password=password)

    async def reset(self, request: Request, visitor: Visitor) -> Response:
        account = await self._other(request, visitor)
        password = await self._gate.accounts.reset(account.username)
        await self._note(visitor, "staff_reset", account.username)
        return await self._staff(visitor, account=account, password=password)

    async def disable(self, request: Request, visitor: Visitor) -> Response:
        account = await self._other(request, visitor)
        await self._gate.accounts.set_disabled(account.username, True)
        await self._note(visitor, "staff_disable", account.username)
        return RedirectResponse("/desk/staff", 303)

    async def enable(self, request: Request, visitor: Visitor) -> Response:
        account = await self._other(request, visitor)
        await self._gate.accounts.set_disabled(account.username, False)
        await self._note(visitor, "staff_enable", account.username)
        return RedirectResponse("/desk/staff", 303)

    async def edit(self, request: Request, visitor: Visitor) -> Response:
        """Role, name and title. One's own role stays: somebody must be left who can give it back."""
        account = await self._named(request)
        form = await request.form()
        role = _role(form)
        if account.username == visitor.username and role != account.role:
            return await self._staff(visitor, "own")
        try:
            await self._gate.accounts.set_shown(account.username, _text(form, "shown"), _text(form, "title"))
        except AccountError as error:
            return await self._staff(visitor, error.problem)
        await self._gate.accounts.set_role(account.username, role)
        await self._note(visitor, "staff_edit", account.username)
        return RedirectResponse("/desk/staff", 303)

    async def _named(self, request: Request) -> Account:
        account = await self._gate.accounts.find(request.path_params["username"])
        if account is None:
            raise Refused("gone")
        return account

    async def _other(self, request: Request, visitor: Visitor) -> Account:
        account = await self._named(request)
        if account.username == visitor.username:
            raise Refused("bad")
        return account

    async def _staff(
        self, visitor: Visitor, problem: Problem | None = None, account: Account | None = None, password: str = ""
    ) -> Response:
        return self._gate.templates.page(
            "staff.html",
            422 if problem else 200,
            visitor=visitor,
            csrf=visitor.csrf,
            problem=problem,
            account=account,
            password=password,
            staff=await self._gate.accounts.list(),
            roles=tuple(reversed(ROLES)),
        )

    # The audit log

    async def audit_page(self, request: Request, visitor: Visitor) -> Response:
        asked = request.query_params
        who, reference = normal_username(asked.get("who", ""))[:32], asked.get("ref", "").strip().lower()[:32]
        page = await self._gate.audit.page(_cursor(asked.get("older", "")), who, reference)
        older = urlencode({"who": who, "ref": reference, "older": page.older}) if page.older else ""
        return self._gate.templates.page(
            "audit.html",
            visitor=visitor,
            csrf=visitor.csrf,
            entries=page.entries,
            older=older,
            who=who,
            reference=reference,
        )

    async def _note(self, visitor: Visitor, what: str, detail: str = "") -> None:
        await self._gate.audit.note(Entry(at=self._gate.now(), who=visitor.username, what=what, detail=detail))


def _text(form: FormData, name: str) -> str:
    value = form.get(name)
    return value if isinstance(value, str) else ""


def _role(form: FormData) -> Role:
    """Raises ``Refused`` for a role that there is not."""
    role = next((role for role in ROLES if role == _text(form, "role")), None)
    if role is None:
        raise Refused("bad")
    return role


def _back(path: str) -> str:
    return path if is_inside(path) and path != LOGIN else ROOT


def _cursor(text: str) -> str:
    """A stream's id, or nothing."""
    first, _, second = text.partition("-")
    return text if first.isdecimal() and second.isdecimal() and text.isascii() and len(text) <= 40 else ""
