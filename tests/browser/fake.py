"""The server's side of the web chat in a few lines, so that a test can make it say, refuse and fail as it likes."""

import asyncio
import contextlib
import json
import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

PAGE = Path(__file__).parents[2] / "bot" / "channels" / "web" / "page"
POLICY = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'; object-src 'none'"


@dataclass
class FakeChat:
    """One conversation, shared by every browser that connects."""

    url: str = ""
    lines: list[dict[str, Any]] = field(default_factory=list)
    state: dict[str, Any] = field(default_factory=lambda: {"mode": "bot", "typing": False})
    posted: list[dict[str, Any]] = field(default_factory=list)
    accepted: set[str] = field(default_factory=set)
    refusals: list[tuple[int, dict[str, str], dict[str, str]]] = field(default_factory=list)
    answer: Callable[[dict[str, Any]], object] = lambda body: None
    streams_open: bool = True
    generation: int = 0

    def say(self, text: str, who: str = "bot", **more: Any) -> None:
        line: dict[str, Any] = {
            "n": len(self.lines) + 1,
            "who": who,
            "name": None,
            "text": text,
            "options": [],
            "asks": None,
            "emergency": False,
            "at": "2026-11-21T20:00:00+07:00",
            "client_id": None,
        } | more
        line["options"] = [{"id": id_, "label": label} for id_, label in line["options"]]
        self.lines.append(line)

    def refuse(self, status: int, error: str = "", **headers: str) -> None:
        """Refuse the next post."""
        self.refusals.append((status, {"error": error}, headers))

    def forget(self, farewell: str) -> None:
        """Begin anew, as after "hapus data saya": nothing is left but a farewell."""
        self.accepted.clear()
        self.lines = []
        self.say(farewell, at="2026-11-21T20:04:00+07:00")

    def drop_streams(self) -> None:
        self.generation += 1


def fake_app(chat: FakeChat) -> ASGIApp:
    async def index(request: Request) -> Response:
        response = FileResponse(PAGE / "index.html")
        response.set_cookie("session", "fake", httponly=True, samesite="lax")
        return response

    async def post(request: Request) -> Response:
        body = await request.json()
        chat.posted.append(body)
        if chat.refusals:
            status, error, headers = chat.refusals.pop(0)
            return JSONResponse(error, status, headers)
        if body["client_id"] not in chat.accepted:
            chat.accepted.add(body["client_id"])
            chat.say(body.get("text") or body["label"], "patient", client_id=body["client_id"])
            chat.answer(body)
        return Response(status_code=202)

    async def events(request: Request) -> Response:
        if not chat.streams_open:
            return Response(status_code=503)
        return StreamingResponse(stream(int(request.headers.get("last-event-id", 0))), media_type="text/event-stream")

    async def stream(cursor: int) -> AsyncIterator[str]:
        generation, told = chat.generation, None
        yield "retry: 200\n\n"
        while generation == chat.generation:
            if len(chat.lines) < cursor:
                cursor = 0
            for line in chat.lines[cursor:]:
                cursor += 1
                yield f"id: {cursor}\nevent: line\ndata: {json.dumps(line)}\n\n"
            if chat.state != told:
                told = dict(chat.state)
                yield f"event: state\ndata: {json.dumps(told)}\n\n"
            await asyncio.sleep(0.03)

    return Starlette(
        routes=[
            Route("/", index),
            Route("/chat/events", events),
            Route("/chat/messages", post, methods=["POST"]),
            Mount("/static/chat", StaticFiles(directory=PAGE)),
        ],
        middleware=[Middleware(StrictPolicy)],
    )


class StrictPolicy:
    """The content security policy under which the page must live."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_policy(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"].append((b"content-security-policy", POLICY.encode()))
                message["headers"].append((b"cache-control", b"no-store"))
            await send(message)

        await self.app(scope, receive, with_policy)


@contextlib.contextmanager
def serve_fake(port: int = 0) -> Iterator[FakeChat]:
    chat = FakeChat()
    listener = socket.create_server(("127.0.0.1", port))
    chat.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    config = uvicorn.Config(fake_app(chat), log_level="warning", ws="none", lifespan="off", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield chat
    finally:
        chat.drop_streams()
        server.should_exit = True
        thread.join(10)
        listener.close()
