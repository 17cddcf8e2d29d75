"""A strict Twilio over real HTTP on loopback: it holds state, counts characters, keeps the 24-hour window, and refuses
what Twilio refuses. Its webhooks are signed by Twilio's own ``RequestValidator``."""

import asyncio
import base64
import contextlib
import itertools
import json
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qs, urlencode

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.pace import PATIENCE

ACCOUNT = "AC" + "0123456789abcdef" * 2
TOKEN = "the auth token of the tests"
SENDER = "whatsapp:+14155238886"
API = f"/2010-04-01/Accounts/{ACCOUNT}"


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


@dataclass
class Message:
    """A message, in or out."""

    sid: str
    to: str
    sender: str
    body: str
    direction: str
    at: datetime
    content: str = ""
    status: str = "queued"
    callback: str = ""
    media: list[str] = field(default_factory=list)

    def shown(self) -> dict[str, Any]:
        at = format_datetime(self.at)
        return {
            "sid": self.sid,
            "account_sid": ACCOUNT,
            "to": self.to,
            "from": self.sender,
            "body": self.body,
            "direction": self.direction,
            "status": self.status,
            "date_sent": at,
            "date_created": at,
            "date_updated": at,
            "num_media": str(len(self.media)),
            "num_segments": "1",
            "price": None,
            "price_unit": None,
            "error_code": None,
            "error_message": None,
            "api_version": "2010-04-01",
            "messaging_service_sid": None,
            "subresource_uris": {},
            "uri": f"{API}/Messages/{self.sid}.json",
        }


class Refusal(Exception):
    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status, self.code = status, code


class FakeTwilio:
    """Twilio's API. ``faults`` are answers to give before any other: (status, code)."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.contents: dict[str, dict[str, Any]] = {}
        self.approved: dict[str, str] = {}
        self.media: dict[str, tuple[str, bytes]] = {}
        self.deleted: list[str] = []
        self.seen_authorization: list[str | None] = []
        self.faults: list[tuple[int, int]] = []
        self.opted_out: set[str] = set()
        self.last_inbound: dict[str, datetime] = {}
        self.redirect = ""
        self.requests: list[tuple[str, str]] = []
        self.senders: list[dict[str, Any]] = []
        self.status = "active"
        self.slow = 0.0
        self._numbers = itertools.count(1)
        self.url = ""

    # --- what tests look at

    def sent(self, to: str = "") -> list[Message]:
        """What was accepted from us, in order."""
        return [m for m in self.messages if m.direction == "outbound-api" and (not to or m.to == to)]

    async def wait_for(self, count: int, to: str = "", seconds: float = PATIENCE) -> list[Message]:
        """The messages once there are so many."""
        async with asyncio.timeout(seconds):
            while len(self.sent(to)) < count:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        return self.sent(to)

    def arrive(self, sender: str, body: str, at: datetime | None = None, media: list[str] | None = None) -> Message:
        """A patient's message reaches Twilio."""
        kind = "MM" if media else "SM"
        at = at or datetime.now(UTC)
        message = Message(self._sid(kind), SENDER, sender, body, "inbound", at, media=media or [])
        self.messages.append(message)
        self.last_inbound[sender] = at
        return message

    # --- the API

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route(f"{API}/Messages.json", self._guarded(self.create), methods=["POST"]),
                Route(f"{API}/Messages.json", self._guarded(self.list_messages), methods=["GET"]),
                Route(f"{API}/Messages/{{sid}}/Media.json", self._guarded(self.list_media), methods=["GET"]),
                Route(f"{API}/Messages/{{sid}}/Media/{{media}}", self._guarded(self.one_media), methods=["GET"]),
                Route(
                    f"{API}/Messages/{{sid}}/Media/{{media}}.json", self._guarded(self.drop_media), methods=["DELETE"]
                ),
                Route(f"{API}.json", self._guarded(self.account), methods=["GET"]),
                Route("/cdn/{media}", self.cdn, methods=["GET"]),
                Route("/v1/Content", self._guarded(self.create_content), methods=["POST"]),
                Route("/v1/Content", self._guarded(self.list_contents), methods=["GET"]),
                Route("/v1/ContentAndApprovals", self._guarded(self.list_approvals), methods=["GET"]),
                Route("/v1/Content/{sid}", self._guarded(self.drop_content), methods=["DELETE"]),
                Route("/v2/Channels/Senders", self._guarded(self.list_senders), methods=["GET"]),
                Route("/v1/Content/{sid}/ApprovalRequests/whatsapp", self._guarded(self.approve), methods=["POST"]),
            ]
        )

    def _guarded(self, handler: Any) -> Any:
        async def guarded(request: Request) -> Response:
            self.requests.append((request.method, request.url.path))
            wanted = "Basic " + base64.b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()
            if request.headers.get("authorization") != wanted:
                return JSONResponse({"code": 20003, "message": "Authenticate", "status": 401}, 401)
            if self.slow:
                await asyncio.sleep(self.slow)
            try:
                if self.faults and request.method == "POST":
                    status, code = self.faults.pop(0)
                    raise Refusal(status, code, "as the test wants it")
                return await handler(request)  # type: ignore[no-any-return]
            except Refusal as no:
                return JSONResponse({"code": no.code, "message": str(no), "status": no.status}, no.status)

        return guarded

    async def create(self, request: Request) -> Response:
        if request.headers.get("content-type") != "application/x-www-form-urlencoded":
            raise Refusal(400, 20001, "no form")
        form = {name: values[-1] for name, values in parse_qs((await request.body()).decode()).items()}
        to, body, content = form.get("To", ""), form.get("Body", ""), form.get("ContentSid", "")
        if form.get("From") != SENDER:
            raise Refusal(400, 63007, "no such sender")
        if not to.startswith("whatsapp:") or to == "whatsapp:":
            raise Refusal(400, 21211, "To is not valid")
        if to in self.opted_out:
            raise Refusal(400, 21610, "unsubscribed")
        shown = self._rendered(content, form.get("ContentVariables", "{}")) if content else body
        files = parse_qs((await request.body()).decode()).get("MediaUrl", [])
        if not shown and not files:
            raise Refusal(400, 21602, "a body is required")
        if len(files) > 1:
            raise Refusal(400, 21623, "WhatsApp takes one file a message")
        heard = self.last_inbound.get(to)
        if content not in self.approved and (heard is None or datetime.now(UTC) - heard > timedelta(hours=24)):
            raise Refusal(400, 63016, "outside the window")
        message = Message(
            self._sid("SM"),
            to,
            SENDER,
            shown,
            "outbound-api",
            datetime.now(UTC),
            content,
            callback=form.get("StatusCallback", ""),
            media=files,
        )
        self.messages.append(message)
        return JSONResponse(message.shown(), 201)

    def _rendered(self, content: str, variables: str) -> str:
        kept = self.contents.get(content)
        if kept is None:
            raise Refusal(400, 21655, "no such content")
        values = json.loads(variables)
        if not all(isinstance(value, str) and value for value in values.values()):
            raise Refusal(400, 21656, "empty variables")
        (kind, type), *_ = kept["types"].items()
        text = str(type["body"]).replace("{{1}}", values.get("1", "{{1}}"))
        if units(text) > (1024 if kind != "twilio/text" else 1600):
            raise Refusal(400, 63013, "the body is too long")
        return text

    async def list_messages(self, request: Request) -> Response:
        """Strict as to names: To, DateSent>; pages of PageSize."""
        query = request.query_params
        since = datetime.fromisoformat(query.get("DateSent>", "2000-01-01").replace("Z", "+00:00"))
        since = since if since.tzinfo else since.replace(tzinfo=UTC)
        found = [m for m in self.messages if m.to == query.get("To") and m.at >= since]
        found.sort(key=lambda m: m.at, reverse=True)
        size, page = int(query.get("PageSize", "50")), int(query.get("Page", "0"))
        more = len(found) > size * (page + 1)
        others = [(name, value) for name, value in query.multi_items() if name not in ("Page", "PageToken")]
        uri = f"{API}/Messages.json?{urlencode([*others, ('Page', page + 1), ('PageToken', 'x')])}"
        return JSONResponse(
            {
                "messages": [m.shown() for m in found[size * page : size * (page + 1)]],
                "page": page,
                "page_size": size,
                "next_page_uri": uri if more else None,
                "uri": f"{API}/Messages.json",
                "first_page_uri": "",
                "previous_page_uri": None,
                "start": 0,
                "end": 0,
            }
        )

    async def list_media(self, request: Request) -> Response:
        sid = request.path_params["sid"]
        message = next(m for m in self.messages if m.sid == sid)
        shown = [
            {
                "sid": media,
                "account_sid": ACCOUNT,
                "parent_sid": sid,
                "content_type": self.media[media][0],
                "date_created": format_datetime(message.at),
                "date_updated": format_datetime(message.at),
                "uri": f"{API}/Messages/{sid}/Media/{media}.json",
            }
            for media in message.media
        ]
        return JSONResponse({"media_list": shown, "page": 0, "page_size": 50, "next_page_uri": None, "uri": ""})

    async def one_media(self, request: Request) -> Response:
        media = request.path_params["media"]
        if media not in self.media:
            raise Refusal(404, 20404, "not found")
        return RedirectResponse(self.redirect or f"/cdn/{media}", 307)

    async def cdn(self, request: Request) -> Response:
        self.seen_authorization.append(request.headers.get("authorization"))
        type, body = self.media[request.path_params["media"]]
        return Response(body, media_type=type)

    async def drop_media(self, request: Request) -> Response:
        self.media.pop(request.path_params["media"], None)
        self.deleted.append(request.path_params["media"])
        return Response(status_code=204)

    async def account(self, request: Request) -> Response:
        return JSONResponse({"sid": ACCOUNT, "status": self.status, "friendly_name": "test", "type": "Full"})

    async def list_senders(self, request: Request) -> Response:
        return self._page("senders", self.senders)

    async def create_content(self, request: Request) -> Response:
        """Strict as to JSON, names of types, three buttons of 20 characters, ten rows of 24, ids of 200."""
        if request.headers.get("content-type") != "application/json":
            raise Refusal(400, 20001, "no JSON")
        wanted = json.loads(await request.body())
        if set(wanted) - {"friendly_name", "variables", "language", "types"} or not wanted.get("language"):
            raise Refusal(400, 20001, "unknown or missing fields")
        for kind, type in wanted["types"].items():
            self._check(kind, type)
        sid = self._sid("HX")
        self.contents[sid] = wanted
        return JSONResponse(self._content(sid), 201)

    def _check(self, kind: str, type: dict[str, Any]) -> None:
        actions, items = type.get("actions", []), type.get("items", [])
        right = {
            "twilio/quick-reply": 1 <= len(actions) <= 3
            and all(a["type"] == "QUICK_REPLY" and 1 <= units(a["title"]) <= 20 and a["id"] for a in actions),
            "twilio/list-picker": 1 <= len(items) <= 10
            and 1 <= units(type.get("button", "")) <= 20
            and all(1 <= units(i["item"]) <= 24 and 1 <= len(i["id"]) <= 200 for i in items),
            "twilio/text": bool(type.get("body")),
        }
        if not right.get(kind):
            raise Refusal(400, 20001, f"{kind} is not right")

    def _content(self, sid: str) -> dict[str, Any]:
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return {
            "sid": sid,
            "account_sid": ACCOUNT,
            "date_created": now,
            "date_updated": now,
            "url": "",
            "links": {},
            **self.contents[sid],
        }

    async def list_contents(self, request: Request) -> Response:
        return self._page("contents", [self._content(sid) for sid in self.contents])

    async def list_approvals(self, request: Request) -> Response:
        shown = [
            {**self._content(sid), "approval_requests": {"status": self.approved.get(sid, "unsubmitted")}}
            for sid in self.contents
        ]
        return self._page("contents", shown)

    def _page(self, key: str, shown: list[dict[str, Any]]) -> Response:
        meta = {
            "page": 0,
            "page_size": 500,
            "first_page_url": "",
            "previous_page_url": None,
            "next_page_url": None,
            "url": "",
            "key": key,
        }
        return JSONResponse({key: shown, "meta": meta})

    async def drop_content(self, request: Request) -> Response:
        if self.contents.pop(request.path_params["sid"], None) is None:
            raise Refusal(404, 20404, "not found")
        return Response(status_code=204)

    async def approve(self, request: Request) -> Response:
        sid, wanted = request.path_params["sid"], json.loads(await request.body())
        if set(wanted) - {"name", "category"} or not wanted["name"].replace("_", "").isalnum():
            raise Refusal(400, 20001, "name or category is not right")
        self.approved[sid] = "approved"
        return JSONResponse(
            {
                "name": wanted["name"],
                "category": wanted["category"],
                "status": "received",
                "content_type": "twilio/text",
                "rejection_reason": "",
                "allow_category_change": True,
            },
            201,
        )

    def _sid(self, kind: str) -> str:
        return f"{kind}{next(self._numbers):032x}"


@contextlib.asynccontextmanager
async def serving(twilio: FakeTwilio) -> AsyncIterator[FakeTwilio]:
    """The fake on a port of its own."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        twilio.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        config = uvicorn.Config(twilio.app(), log_level="error", lifespan="off", log_config=None)
        server = uvicorn.Server(config)
        task = asyncio.create_task(server.serve([listening]))
        while not server.started:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        try:
            yield twilio
        finally:
            server.should_exit = server.force_exit = True
            await task
