"""The web chat: a page, a stream of the transcript, and places to post messages and files.

The transcript is the outbox: the page reads it by line number and resumes where it was, so a reload or a lost
connection loses nothing.
"""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from bot.channels.taps import STALE, asked, is_past, stands_alone
from bot.channels.web.files import Files
from bot.channels.web.pace import Pace
from bot.conversations import Conversations, Inbound, Settle
from bot.store.presence import WRITES_FOR, present
from bot.store.records import Address, Line, Loaded
from bot.store.store import BrokenState, StoreAway
from bot.store.wake import Wakes

PAGE: Final = Path(__file__).parent / "page"
COOKIE: Final = "tanyakaki_chat"
LARGEST_BODY: Final = 64 * 1024
HEARTBEAT_SECONDS: Final = 15.0


class BadPost(Exception):
    """A posted message that can't be taken."""

    def __init__(self, status: int, problem: str) -> None:
        super().__init__(problem)
        self.status = status


class WebChat:
    """The routes of the web chat."""

    def __init__(self, conversations: Conversations, wakes: Wakes, *, secure: bool) -> None:
        self.conversations = conversations
        self.wakes = wakes
        self.secure = secure
        self.pace = Pace()

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/", self.page),
            Route("/chat/events", self.events),
            Route("/chat/messages", self.post, methods=["POST"]),
            *Files(self.conversations, _session).routes(),
            Mount("/static/chat", StaticFiles(directory=PAGE)),
        ]

    async def page(self, request: Request) -> Response:
        """The page; a visitor without a session gets one."""
        response = FileResponse(PAGE / "index.html", headers={"Cache-Control": "no-cache"})
        if _session(request) is None:
            age = int(self.conversations.store.retention.total_seconds())
            response.set_cookie(
                COOKIE, secrets.token_urlsafe(24), age, httponly=True, samesite="lax", secure=self.secure
            )
        return response

    async def events(self, request: Request) -> Response:
        """Server-sent events: each line of the transcript with its number as id, and the mode."""
        address = _session(request)
        if address is None:
            return JSONResponse({"error": "open / first: there is no session"}, 401)
        cursor = request.headers.get("last-event-id", "") or request.query_params.get("after", "")
        after = int(cursor) if cursor.isdecimal() else 0
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(self._stream(address, after), media_type="text/event-stream", headers=headers)

    async def _stream(self, address: Address, after: int) -> AsyncIterator[str]:
        store = self.conversations.store
        typing = False
        with self.wakes.watching(store.id_of(address)) as woken:
            while not self.wakes.closing:
                woken.clear()
                try:
                    for number, line in await store.transcript(address, after):
                        if line.who != "note":  # what the staff write for each other
                            yield _event("line", _shown(number, line), number)
                        after = number
                    mode = await self._mode(address)
                    typing = mode == "staff" and await self._is_written_to(address)
                    yield _event("state", {"mode": mode, "typing": typing})
                except StoreAway:
                    yield ": store away\n\n"
                try:
                    # Nobody tells that a person has stopped writing.
                    patience = WRITES_FOR.total_seconds() if typing else HEARTBEAT_SECONDS
                    await asyncio.wait_for(woken.wait(), patience)
                except TimeoutError:
                    yield ": still here\n\n"

    async def _is_written_to(self, address: Address) -> bool:
        """Whether a person of the clinic is writing an answer."""
        store = self.conversations.store
        return any((await present(store, store.id_of(address), datetime.now().astimezone())).values())

    async def _mode(self, address: Address) -> str:
        try:
            return (await self.conversations.store.load(address)).conversation.mode
        except BrokenState:
            return "bot"

    async def post(self, request: Request) -> Response:
        """Take one message. Answered only once it has had its effect."""
        address = _session(request)
        if address is None:
            return JSONResponse({"error": "open / first: there is no session"}, 401)
        if not self.pace.allows(address.id):
            return JSONResponse({"error": "too many messages at once; send it again"}, 429, {"Retry-After": "1"})
        try:
            data = await _body(request)
            inbound, under = _inbound(data, address), _under(data)
            received = await self.conversations.receive(inbound, self._settle(under) if under else None)
        except BadPost as error:
            return JSONResponse({"error": str(error)}, error.status)
        except StoreAway:
            return JSONResponse({"error": "the store is away; send it again"}, 503, {"Retry-After": "2"})
        return JSONResponse({"seen": received.seen}, 202)

    def _settle(self, under: int) -> Settle:
        """What was tapped ``under`` this line, in a window that may not have heard yet what came after it."""

        async def settle(inbound: Inbound, loaded: Loaded) -> Inbound:
            return tapped(inbound, await self.conversations.store.transcript(inbound.address), under)

        return settle


def tapped(inbound: Inbound, lines: Sequence[tuple[int, Line]], under: int) -> Inbound:
    """What a tap means. Signs ticked under a question that is past are told all the same; one option answers nothing
    then, unless it says by itself what it wants."""
    ours = asked(lines)
    line = dict(ours).get(under)
    if line is not None and not is_past(line, ours[-1][1]):
        return inbound
    if len(inbound.options) != 1:
        return replace(inbound, kind="text", options=())
    return inbound if stands_alone(inbound.options[0]) else replace(inbound, options=(STALE,))


def _session(request: Request) -> Address | None:
    token = request.cookies.get(COOKIE, "")
    return Address(channel="web", id=token) if 20 <= len(token) <= 64 else None


async def _body(request: Request) -> dict[str, Any]:
    """The posted object, read no further than is allowed. Raises ``BadPost``."""
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > LARGEST_BODY:
                raise BadPost(413, "the message is too large")
    except ClientDisconnect:
        raise BadPost(400, "the message was cut off") from None
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        raise BadPost(400, "the body is not JSON") from None
    if not isinstance(data, dict):
        raise BadPost(400, "the body is no JSON object")
    return data


def _inbound(data: dict[str, Any], address: Address) -> Inbound:
    client_id, text, label = data.get("client_id"), data.get("text", ""), data.get("label", "")
    option, options = data.get("option"), data.get("options")
    if not isinstance(client_id, str) or not 8 <= len(client_id) <= 64:
        raise BadPost(400, "client_id must be a string of 8 to 64 characters, the same when sent again")
    if not isinstance(text, str) or not isinstance(label, str):
        raise BadPost(400, "text and label must be strings")
    picked = options if options is not None else [option] if option is not None else []
    if not isinstance(picked, list) or not all(isinstance(id, str) for id in picked):
        raise BadPost(400, "option must be a string, options a list of strings")
    at = datetime.now().astimezone()
    if picked:
        # What was tapped is kept in the patient's transcript by its words, and understood by its ids.
        shown = _clean(label or ", ".join(picked))
        return Inbound(client_id, address, at, shown, tuple(picked), complete=True, kind="tap")
    return Inbound(client_id, address, at, _clean(text))


def _under(data: dict[str, Any]) -> int:
    """The line under which something was tapped; 0 where nothing was, or nobody says."""
    under = data.get("under", 0)
    is_tap = data.get("option") is not None or data.get("options") is not None
    if not isinstance(under, int) or under < 0:
        raise BadPost(400, "under must be the number of a line")
    return under if is_tap else 0


def _clean(text: str) -> str:
    """JSON may hold half a surrogate pair, which no store can write."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _shown(number: int, line: Line) -> dict[str, Any]:
    return {"n": number, **line.model_dump(mode="json")}


def _event(kind: str, data: dict[str, Any], number: int | None = None) -> str:
    head = f"id: {number}\n" if number is not None else ""
    return f"{head}event: {kind}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"
