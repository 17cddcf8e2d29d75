"""The gate of the desk: who may come in, from where a post may come, and what a refusal looks like."""

import hmac
import ipaddress
import math
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal
from urllib.parse import quote, urlsplit

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import Message, Receive

from bot.desk.accounts import Account, Accounts
from bot.desk.audit import Audit
from bot.desk.roles import Right, Role, allows
from bot.desk.sessions import Session, Sessions
from bot.desk.templates import Templates
from bot.logs import logger_of
from bot.store.store import StoreAway

log = logger_of(__name__)

COOKIE: Final = "tanyakaki_desk"
ROOT: Final = "/desk"
LOGIN: Final = "/desk/login"
PASSWORD: Final = "/desk/password"  # noqa: S105
CSRF_FIELD: Final = "csrf"
CSRF_HEADER: Final = "X-CSRF-Token"
SAFE_METHODS: Final = ("GET", "HEAD", "OPTIONS")
FORMS: Final = ("application/x-www-form-urlencoded", "multipart/form-data")
LARGEST_FORM: Final = 64 * 1024
STORE_RETRY_SECONDS: Final = 2
LASTS_SECONDS: Final = 2.0
"""How long an open stream goes on unasked once its session has ended."""

HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
        "media-src 'self' blob:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    # Not "no-referrer": with that, browsers name "null" as the origin of a posted form, and nothing could be told from
    # it where Sec-Fetch-Site is missing (plain HTTP in a clinic's own network, old tablets).
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}

Handler = Callable[[Request, "Visitor"], Awaitable[Response]]
Open = Callable[[Request], Awaitable[Response]]
Reason = Literal["login", "password", "forbidden", "csrf", "gone", "large", "bad", "busy", "away", "fault"]

STATUSES: Final[dict[Reason, int]] = {
    "login": 401,
    "password": 403,
    "forbidden": 403,
    "csrf": 403,
    "gone": 404,
    "large": 413,
    "bad": 400,
    "busy": 429,
    "away": 503,
    "fault": 500,
}


class Refused(Exception):
    """A request that is not served. ``reason`` names the sentences of ``pages/error.html``; ``wait`` the seconds after
    which it may come again."""

    def __init__(self, reason: Reason, wait: int = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.wait = wait


@dataclass(frozen=True, slots=True)
class Visitor:
    """A logged-in person of the staff, in one browser."""

    account: Account
    session: Session

    @property
    def username(self) -> str:
        return self.account.username

    @property
    def label(self) -> str:
        """As a patient reads it: "Rina, perawat"."""
        return self.account.label

    @property
    def role(self) -> Role:
        return self.account.role

    @property
    def csrf(self) -> str:
        return self.session.csrf

    def may(self, right: Right) -> bool:
        return allows(self.account.role, right)


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Gate:
    """What every route of the desk passes. ``public_url`` is the origin that browsers see, where it is known."""

    accounts: Accounts
    sessions: Sessions
    audit: Audit
    templates: Templates
    public_url: str | None = None
    now: Callable[[], datetime] = utc_now

    @property
    def secure(self) -> bool:
        return (self.public_url or "").startswith("https://")

    def guarded(
        self, right: Right | None, handler: Handler, *, passive: bool = False, largest: int = LARGEST_FORM
    ) -> Open:
        """An endpoint for those who have the right; without one, for everybody who is logged in, even before the
        one-time password was changed.

        ``passive`` is for what a page asks by itself (streams): it does not keep a session from ending. ``largest``
        is the most bytes that a body may have. The handler may raise ``Refused``.
        """

        async def admitted(request: Request) -> Response:
            return await handler(request, await self.admit(request, right, passive=passive))

        return self.open(admitted, largest=largest)

    def open(self, handler: Open, *, largest: int = LARGEST_FORM) -> Open:
        """An endpoint for everybody. Whatever goes wrong becomes an answer that the browser understands."""

        async def endpoint(request: Request) -> Response:
            try:
                return await handler(Request(request.scope, _limited(request.receive, largest)))
            except Refused as refused:
                return self._refuse(request, refused)
            except HTTPException as error:
                return self._refuse(request, Refused("gone" if error.status_code == 404 else "bad"))
            except StoreAway:
                return self._refuse(request, Refused("away", STORE_RETRY_SECONDS))
            except ClientDisconnect:
                return Response(status_code=400)
            except Exception:
                log.exception("a request to the desk failed")
                return self._refuse(request, Refused("fault"))

        return endpoint

    async def admit(self, request: Request, right: Right | None, *, passive: bool = False) -> Visitor:
        """Who this is. Raises ``Refused``: not logged in, a post from elsewhere, or not this person's right."""
        self.check_origin(request)
        visitor = await self.visitor(request)
        if visitor is None:
            raise Refused("login")
        if request.method not in SAFE_METHODS:
            await check_csrf(request, visitor.csrf)
        if right is not None and visitor.account.must_change:
            raise Refused("password")
        if right is not None and not visitor.may(right):
            raise Refused("forbidden")
        if not passive:
            await self.sessions.touch(_token(request), visitor.session, self.now())
        return visitor

    async def visitor(self, request: Request) -> Visitor | None:
        """Who this is, where the session has not ended."""
        token = _token(request)
        session = await self.sessions.find(token, self.now()) if token else None
        account = await self.accounts.find(session.username) if session else None
        if session is None or account is None or account.disabled or account.epoch != session.epoch:
            return None
        return Visitor(account, session)

    def lasting(self, request: Request, right: Right) -> Callable[[], Awaitable[bool]]:
        """Tells an open stream whether its person may go on to see it: to be asked before all that is sent. Redis is
        asked now and then. While it is away the stream goes on: it has nothing new to show then."""
        asked = -math.inf

        async def lasts() -> bool:
            nonlocal asked
            if time.monotonic() - asked < LASTS_SECONDS:
                return True
            try:
                visitor = await self.visitor(request)
            except StoreAway:
                return True
            asked = time.monotonic()
            return visitor is not None and visitor.may(right) and not visitor.account.must_change

        return lasts

    def check_origin(self, request: Request) -> None:
        """A post must come from our own pages, as the browser tells. Raises ``Refused``."""
        if request.method in SAFE_METHODS:
            return
        site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
        if (site is not None and site != "same-origin") or (origin is not None and not self._is_own(origin, request)):
            raise Refused("csrf")

    def _is_own(self, origin: str, request: Request) -> bool:
        # A proxy that ends TLS may not tell us so: the scheme is compared only where PUBLIC_URL says it.
        public = urlsplit(self.public_url or "")
        own = f"{public.scheme}://{public.netloc}" if public.netloc else None
        return origin == own or urlsplit(origin).netloc == request.headers.get("host", "")

    def let_in(self, response: Response, token: str) -> None:
        response.set_cookie(COOKIE, token, path=ROOT, httponly=True, samesite="strict", secure=self.secure)

    def let_out(self, response: Response) -> None:
        response.delete_cookie(COOKIE, path=ROOT, httponly=True, samesite="strict", secure=self.secure)

    def _refuse(self, request: Request, refused: Refused) -> Response:
        headers = {"Retry-After": str(refused.wait)} if refused.wait else {}
        if _wants_json(request):
            to = {"login": LOGIN, "password": PASSWORD}.get(refused.reason)
            return JSONResponse({"error": refused.reason, "to": to}, STATUSES[refused.reason], headers)
        if refused.reason == "password":
            return RedirectResponse(PASSWORD, 303)
        if refused.reason == "login":
            return self._to_login(request)
        context = {"reason": refused.reason, "wait": refused.wait}
        response = self.templates.page("error.html", STATUSES[refused.reason], **context)
        response.headers.update(headers)
        return response

    def _to_login(self, request: Request) -> Response:
        back = request.url.path if request.method == "GET" and is_inside(request.url.path) else ROOT
        to = LOGIN if back == ROOT else f"{LOGIN}?next={quote(back)}"
        if request.method == "GET" and request.headers.get("sec-fetch-site") == "cross-site":
            # From a link in Telegram the browser brings no SameSite=Strict cookie. A step on our own page brings it,
            # and the log-in sends on who is logged in.
            return self.templates.page("arrive.html", to=to)
        return RedirectResponse(to, 303)


async def check_csrf(request: Request, expected: str) -> None:
    """The token of the session in the form or in the header, compared in constant time. Raises ``Refused``."""
    shown = request.headers.get(CSRF_HEADER)
    if shown is None and request.headers.get("content-type", "").partition(";")[0].strip().lower() in FORMS:
        field = (await request.form(max_files=10, max_fields=50, max_part_size=LARGEST_FORM)).get(CSRF_FIELD)
        shown = field if isinstance(field, str) else None
    if not hmac.compare_digest((shown or "").encode("utf-8", "replace"), expected.encode()):
        raise Refused("csrf")


def is_inside(path: str) -> bool:
    """Whether a path is a page of the desk, so that nobody is sent on to another place."""
    return re.fullmatch(r"/desk(/[\w-][\w.-]*)*", path, re.ASCII) is not None


def client_of(request: Request) -> str:
    """Where the request comes from, for the limits: the peer, or whom a trusted proxy names (uvicorn reads
    ``X-Forwarded-For`` from the peers in FORWARDED_ALLOW_IPS alone). Of IPv6 the network, as one person has 2**64."""
    host = request.client.host if request.client else ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address):
        mapped = address.ipv4_mapped
        return str(mapped or ipaddress.ip_network((int(address) >> 64 << 64, 64)))
    return str(address)


def _token(request: Request) -> str:
    token = request.cookies.get(COOKIE, "")
    return token if len(token) <= 64 else ""


def _wants_json(request: Request) -> bool:
    accepted = request.headers.get("accept", "")
    return "application/json" in accepted or "text/event-stream" in accepted or CSRF_HEADER in request.headers


def _limited(receive: Receive, most: int) -> Receive:
    """A body no longer than this. Raises ``Refused``."""
    taken = 0

    async def limited() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > most:
            raise Refused("large")
        return message

    return limited
