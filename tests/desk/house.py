"""The desk for the tests: its ASGI application on a real Redis, a clock that is moved, and staff with browsers."""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Coroutine
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from argon2 import PasswordHasher
from starlette.applications import Starlette

from bot.desk import Desk
from bot.desk.accounts import Account
from bot.desk.passwords import Passwords
from bot.desk.roles import Role
from bot.desk.security import COOKIE
from bot.web import SecurityHeaders

ORIGIN = "http://desk.test"
PASSWORD = "kuda laut makan bintang"


@dataclass
class Clock:
    at: datetime = field(default_factory=lambda: datetime(2026, 11, 21, 8, 0, tzinfo=UTC))

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **time: float) -> None:
        self.at += timedelta(**time)


def quick_passwords() -> Passwords:
    """Real argon2id at the least cost that there is."""
    return Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


def app_of(desk: Desk) -> Starlette:
    app = Starlette(routes=desk.routes())
    app.add_middleware(SecurityHeaders)
    return app


class Browser(httpx.AsyncClient):
    """A browser of somebody: keeps cookies, follows nothing, and posts forms with the token of the page before."""

    def __init__(self, app: Any, **settings: Any) -> None:
        client = settings.pop("client", ("203.0.113.7", 5000))
        super().__init__(transport=httpx.ASGITransport(app, client=client), base_url=ORIGIN, **settings)

    @property
    def token(self) -> str:
        return self.cookies.get(COOKIE, "")

    async def csrf(self, page: str = "/desk/password") -> str:
        return token_in(await self.get(page))

    async def submit(self, path: str, page: str = "/desk/password", **fields: str) -> httpx.Response:
        return await self.post(path, data={"csrf": await self.csrf(page), **fields})

    async def log_in(self, username: str, password: str = PASSWORD, back: str = "") -> httpx.Response:
        return await self.submit("/desk/login", "/desk/login", username=username, password=password, next=back)


def token_in(page: httpx.Response) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', page.text)
    assert found, page.text
    return found[1]


async def hire(desk: Desk, username: str, role: Role, **more: str) -> Account:
    """An account whose one-time password has been changed to ``PASSWORD``."""
    account, once = await desk.accounts.add(username, role, desk.gate.now(), **more)
    return await desk.accounts.set_password(account.username, once, PASSWORD)


async def seat(desk: Desk, browser: Browser, account: Account) -> str:
    """Have somebody logged in, without the door; the session's CSRF token."""
    token = await desk.sessions.begin(account, desk.gate.now())
    browser.cookies.set(COOKIE, token, domain="desk.test", path="/desk")
    session = await desk.sessions.find(token, desk.gate.now())
    assert session is not None
    return session.csrf


async def status_of(app: Any, method: str, path: str, headers: dict[str, str]) -> int:
    """The status of an answer that may never end."""
    begun: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    requests = [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive() -> dict[str, Any]:
        return requests.pop() if requests else await asyncio.Future()

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start" and not begun.done():
            begun.set_result(message["status"])

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": b"",
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
        "client": ("203.0.113.7", 5000),
        "server": ("desk.test", 80),
    }
    answering = asyncio.create_task(app(scope, receive, send))
    await asyncio.wait([answering, begun], return_when=asyncio.FIRST_COMPLETED)
    answering.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await answering
    return begun.result()


@contextlib.asynccontextmanager
async def working(*works: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Have these done as long as this lasts. A cancel can be lost while redis-py connects: it comes again."""
    left = {asyncio.create_task(work) for work in works}
    try:
        yield
    finally:
        while left:
            for task in left:
                task.cancel()
            _, left = await asyncio.wait(left, timeout=0.2)
