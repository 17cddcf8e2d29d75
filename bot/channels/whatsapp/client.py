"""Twilio's own client, on a connection of ours.

The package's asynchronous connection has two faults (twilio-python issues 925 and 932): it ignores the time-out that it
was made with, and it sends as a form what should be JSON. ``Gateway`` takes its place; it also keeps the credentials
at home: they go to Twilio's API, or to the one server that stands in for it, and nowhere else.
"""

from base64 import b64encode
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

import aiohttp
from twilio.http import AsyncHttpClient
from twilio.http.response import Response
from twilio.rest import Client

from bot.delivery import TryLater

SECONDS: Final = 5.0
"""A call that takes longer has failed; it must end before delivery gives the send up."""

CONNECTIONS: Final = 64
LARGEST_ANSWER: Final = 32 * 1024 * 1024
APIS: Final = ("api", "content", "messaging")


class UnknownHost(Exception):
    """A call to a host that is not Twilio's: nothing was sent there."""


class TooLarge(Exception):
    """An answer larger than is read."""


class Gateway(AsyncHttpClient):  # type: ignore[misc]
    """Carries the client's calls. ``api_url`` replaces scheme and host of every API."""

    def __init__(self, api_url: str | None = None, seconds: float = SECONDS) -> None:
        super().__init__(None, True, seconds)
        self.api_url = api_url
        self.seconds = seconds
        self._session: aiohttp.ClientSession | None = None

    @property
    def session(self) -> aiohttp.ClientSession:
        """The connections, made in the running loop at the first call."""
        if self._session is None or self._session.closed:
            connector = aiohttp.TCPConnector(limit=CONNECTIONS)
            self._session = aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())
        return self._session

    async def request(
        self,
        method: str,
        url: str,
        params: dict[str, object] | None = None,
        data: dict[str, object] | None = None,
        headers: dict[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,  # noqa: ASYNC109
        allow_redirects: bool = False,
    ) -> Response:
        """One call. Raises ``TryLater`` where Twilio asks to come again, ``OSError``, ``TimeoutError`` or
        ``aiohttp.ClientError`` where it can't be reached, ``UnknownHost``."""
        as_json = (headers or {}).get("Content-Type") == "application/json"
        async with self.session.request(
            method.upper(),
            self.address_of(url),
            params={name: str(value) for name, value in (params or {}).items() if value is not None},
            json=without_none(data) if as_json and data is not None else None,
            data=None if as_json else _pairs(data or {}),
            headers={**(headers or {}), **(basic(*auth) if auth else {})},
            timeout=aiohttp.ClientTimeout(total=timeout or self.seconds),
            allow_redirects=False,
        ) as response:
            if response.status == 429 or response.status >= 500:
                raise TryLater(_seconds(response.headers.get("Retry-After", "")))
            body = await bounded(response, LARGEST_ANSWER)
            return Response(response.status, body.decode("utf-8", "replace"), response.headers)

    def address_of(self, url: str) -> str:
        """Where a call to ``url`` goes. Raises ``UnknownHost``."""
        parts = urlsplit(url)
        host = parts.hostname or ""
        if self.api_url is not None and origin(url) == origin(self.api_url):
            return url
        if parts.scheme != "https" or parts.port not in (None, 443) or parts.username or not is_api(host):
            raise UnknownHost(host)
        if self.api_url is None:
            return url
        base = urlsplit(self.api_url)
        return urlunsplit((base.scheme, base.netloc, base.path.rstrip("/") + parts.path, parts.query, ""))

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()


async def bounded(response: aiohttp.ClientResponse, largest: int) -> bytes:
    """The whole body. Raises ``TooLarge``."""
    declared = response.headers.get("Content-Length", "")
    if declared.isdecimal() and int(declared) > largest:
        raise TooLarge
    body = bytearray()
    async for chunk in response.content.iter_chunked(64 * 1024):
        body += chunk
        if len(body) > largest:
            raise TooLarge
    return bytes(body)


def basic(account: str, token: str) -> dict[str, str]:
    """The header with the credentials."""
    return {"Authorization": "Basic " + b64encode(f"{account}:{token}".encode()).decode()}


def client_of(account: str, token: str, gateway: Gateway) -> Client:
    """The client of an account."""
    return Client(account, token, http_client=gateway, environment={"-": "-"})


def is_api(host: str) -> bool:
    """Whether a host is one of Twilio's APIs, of any region."""
    return host.endswith(".twilio.com") and host.partition(".")[0] in APIS


def origin(url: str) -> tuple[str, str, int | None]:
    """Scheme, host and port. An address with a name and password in it has none: it equals no other."""
    parts = urlsplit(url)
    if parts.username is not None or parts.password is not None:
        return ("", "", None)
    return (parts.scheme, parts.hostname or "", parts.port or {"http": 80, "https": 443}.get(parts.scheme))


def without_none(value: Any) -> Any:
    """``value`` as JSON without what was not said; the package's records say None of everything else."""
    if hasattr(value, "to_dict"):
        value = value.to_dict()
    if isinstance(value, dict):
        return {name: without_none(part) for name, part in value.items() if part is not None}
    if isinstance(value, list):
        return [without_none(part) for part in value]
    return value


def _pairs(data: dict[str, object]) -> list[tuple[str, str]]:
    """Form fields; a list is the same field several times."""
    several = {name: value if isinstance(value, (list, tuple)) else [value] for name, value in data.items()}
    return [(name, str(one)) for name, values in several.items() for one in values if one is not None]


def _seconds(retry_after: str) -> float | None:
    return min(300.0, float(retry_after)) if retry_after.strip().isdecimal() else None
