# ruff: noqa: N802
"""A strict Bot API server over real HTTP on loopback, and the patients who write to it.

It refuses what Telegram refuses: texts over 4,096 units, HTML that does not parse, callback data over 64 bytes, chats
that never wrote, two pollers at once. Updates are confirmed by the offset alone.
"""

import asyncio
import contextlib
import itertools
import json
import threading
import time
import urllib.parse
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser
from typing import Any, TypeVar

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.redis_servers import free_port

Fake = TypeVar("Fake", bound="FakeTelegram")
TOKEN = "4242:a-token-of-the-tests"
SLOW_SECONDS = 2
TAGS = {"b", "strong", "i", "em", "u", "s", "code", "pre", "a", "blockquote", "tg-spoiler"}


class ApiError(Exception):
    """What Telegram answers instead of a result."""

    def __init__(self, code: int, description: str, **parameters: Any) -> None:
        super().__init__(description)
        self.code = code
        self.body = {"ok": False, "error_code": code, "description": description}
        if parameters:
            self.body["parameters"] = parameters


def bad(description: str) -> ApiError:
    return ApiError(400, f"Bad Request: {description}")


@dataclass
class Chat:
    """A chat as a patient sees it."""

    id: int
    kind: str = "private"
    shown: list[dict[str, Any]] = field(default_factory=list)
    blocked: bool = False
    is_slow: bool = False
    refused_slow: int = 0
    sent_at: list[float] = field(default_factory=list)
    actions: list[str] = field(default_factory=list)

    @property
    def texts(self) -> list[str]:
        return [message["text"] for message in self.shown]


class FakeTelegram:
    """The server. Tests act as patients by ``say``, ``press`` and the like, and look at ``chats``."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.chats: dict[int, Chat] = {}
        self.pending: list[dict[str, Any]] = []
        self.queries: dict[str, str | None] = {}
        self.commands: dict[str, list[dict[str, str]]] = {}
        self.webhook: dict[str, Any] = {"url": ""}
        self.calls: defaultdict[str, int] = defaultdict(int)
        self.fault: Callable[[str, dict[str, Any]], None] = lambda method, given: None
        self.files: dict[str, bytes] = {}
        self.tells_sizes = True
        self.unsent: Callable[[], Awaitable[int]] | None = None
        self.conflicts = 0
        self._updates = itertools.count(1000)
        self._messages = itertools.count(1)
        self._poller = 0

    # --- what patients do

    def chat(self, id: int, kind: str = "private") -> Chat:
        return self.chats.setdefault(id, Chat(id, kind))

    def say(self, chat: int, text: str | None = None, **more: Any) -> dict[str, Any]:
        """A patient sends a message; gives it, so that it can be edited."""
        message = self._message(chat, **({"text": text} if text is not None else {}), **more)
        self.post("message", message)
        return message

    def edit(self, message: dict[str, Any], text: str) -> dict[str, Any]:
        edited = {**message, "text": text, "edit_date": int(time.time())}
        self.post("edited_message", edited)
        return edited

    def press(self, chat: int, label: str, message: dict[str, Any] | None = None) -> str:
        """A patient presses the button with this label, on the last message that has it."""
        shown = message or next(one for one in reversed(self.chats[chat].shown) if label in labels(one))
        query = str(next(self._messages))
        data = next(button["callback_data"] for button in buttons(shown) if bare(button["text"]) == label)
        self.queries[query] = None
        seen = {**shown, "chat": self._about(chat), "date": int(time.time())}
        body = {"id": query, "from": person(chat), "chat_instance": "1", "message": seen, "data": data}
        self.post("callback_query", body)
        return query

    def membership(self, chat: int, old: str, new: str) -> None:
        bot = {"id": 4242, "is_bot": True, "first_name": "Bot"}
        states = {"old_chat_member": _member(bot, old), "new_chat_member": _member(bot, new)}
        about = {"chat": self._about(chat), "from": person(abs(chat)), "date": int(time.time())}
        self.post("my_chat_member", {**about, **states})

    def post(self, kind: str, body: Any) -> dict[str, Any]:
        """Put an update where the bot finds it."""
        update = {"update_id": next(self._updates), kind: body}
        self.pending.append(update)
        return update

    def _message(self, chat: int, **content: Any) -> dict[str, Any]:
        return {
            "message_id": next(self._messages),
            "date": int(time.time()),
            "chat": self._about(chat),
            "from": person(abs(chat)),
            **content,
        }

    def _about(self, id: int) -> dict[str, Any]:
        chat = self.chat(id, "private" if id > 0 else "supergroup")
        return {"id": id, "type": chat.kind, **({"title": "Ibu-ibu"} if id < 0 else {"first_name": "Ani <b>"})}

    # --- what the bot asks

    async def serve(self, request: Request) -> Response:
        method = request.path_params["method"]
        self.calls[method] += 1
        try:
            if request.path_params["token"] != TOKEN:
                raise ApiError(401, "Unauthorized")
            act = getattr(self, f"_on_{method}", None)
            if act is None:
                raise ApiError(404, "Not Found: method not found")
            given = await given_in(request)
            self.fault(method, given)
            result = await act(given)
        except ApiError as error:
            return JSONResponse(error.body, error.code)
        return JSONResponse({"ok": True, "result": result})

    async def file(self, request: Request) -> Response:
        """A file that a patient sent, under the path that ``getFile`` told."""
        found = self.files.get(request.path_params["path"])
        known = request.path_params["token"] == TOKEN and found is not None
        return Response(found, media_type="application/octet-stream") if known else Response(status_code=404)

    async def _on_getFile(self, given: dict[str, Any]) -> Any:
        path = f"photos/{given['file_id']}.jpg"
        if path not in self.files:
            raise bad("wrong file_id or the file is temporarily unavailable")
        size = {"file_size": len(self.files[path])} if self.tells_sizes else {}
        return {"file_id": given["file_id"], "file_unique_id": "u", "file_path": path, **size}

    async def _on_getMe(self, given: dict[str, Any]) -> Any:
        return {"id": 4242, "is_bot": True, "first_name": "Bot", "username": "kaki_bot"}

    async def _on_getUpdates(self, given: dict[str, Any]) -> Any:
        if self.webhook["url"]:
            raise ApiError(409, "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook")
        self._poller += 1
        mine, deadline = self._poller, time.monotonic() + int(given.get("timeout", 0))
        if "offset" in given:
            self.pending = [update for update in self.pending if update["update_id"] >= int(given["offset"])]
        while not self.pending and time.monotonic() < deadline:
            await asyncio.sleep(0.005)
            if self._poller != mine:
                self.conflicts += 1
                raise ApiError(409, "Conflict: terminated by other getUpdates request; make sure only one runs")
        return self.pending[: int(given.get("limit", 100))]

    async def _on_setWebhook(self, given: dict[str, Any]) -> Any:
        self.webhook = {"url": given["url"], "secret": given.get("secret_token", "")}
        return True

    async def _on_deleteWebhook(self, given: dict[str, Any]) -> Any:
        if given.get("drop_pending_updates") in (True, "true"):
            self.pending.clear()
        self.webhook = {"url": ""}
        return True

    async def _on_getWebhookInfo(self, given: dict[str, Any]) -> Any:
        return {
            "url": self.webhook["url"],
            "has_custom_certificate": False,
            "pending_update_count": len(self.pending),
            **{key: value for key, value in self.webhook.items() if key.startswith("last_error")},
        }

    async def _on_setMyCommands(self, given: dict[str, Any]) -> Any:
        for command in given["commands"]:
            if not (command["command"].isidentifier() and command["command"].islower()):
                raise bad("BOT_COMMAND_INVALID")
            if not 1 <= len(command["description"]) <= 256:
                raise bad("BOT_COMMAND_DESCRIPTION_INVALID")
        self.commands[given.get("language_code", "")] = given["commands"]
        return True

    async def _on_sendMessage(self, given: dict[str, Any]) -> Any:
        chat = self._writable(given)
        text = visible(given.get("text", ""), given.get("parse_mode"))
        if not text.strip():
            raise bad("message text is empty")
        if len(text.encode("utf-16-le")) // 2 > 4096:
            raise bad("message is too long")
        message = self._shown(chat, text, given)
        chat.shown.append(message)
        chat.sent_at.append(time.monotonic())
        return {**message, "chat": self._about(chat.id)}

    async def _on_editMessageReplyMarkup(self, given: dict[str, Any]) -> Any:
        chat = self._writable(given)
        found = next((one for one in chat.shown if one["message_id"] == int(given["message_id"])), None)
        if found is None:
            raise bad("message to edit not found")
        markup = checked(given.get("reply_markup"))
        if markup == found.get("reply_markup"):
            raise bad("message is not modified")
        found["reply_markup"] = markup
        return {**found, "chat": self._about(chat.id)}

    async def _on_answerCallbackQuery(self, given: dict[str, Any]) -> Any:
        query, text = given["callback_query_id"], given.get("text", "")
        if len(text) > 200:
            raise bad("MESSAGE_TOO_LONG")
        if query not in self.queries or self.queries[query] is not None:
            raise bad("query is too old and response timeout expired or query ID is invalid")
        self.queries[query] = text
        return True

    async def _on_sendChatAction(self, given: dict[str, Any]) -> Any:
        self._writable(given).actions.append(given["action"])
        return True

    def _writable(self, given: dict[str, Any]) -> Chat:
        chat = self.chats.get(int(given["chat_id"]))
        if chat is None:
            raise bad("chat not found")
        if chat.blocked:
            raise ApiError(403, "Forbidden: bot was blocked by the user")
        if chat.is_slow:
            chat.refused_slow += 1
            raise ApiError(429, f"Too Many Requests: retry after {SLOW_SECONDS}", retry_after=SLOW_SECONDS)
        return chat

    def _shown(self, chat: Chat, text: str, given: dict[str, Any]) -> dict[str, Any]:
        markup = checked(given.get("reply_markup"))
        sender = {"id": 4242, "is_bot": True, "first_name": "Bot"}
        message = {"message_id": next(self._messages), "date": int(time.time()), "from": sender, "text": text}
        message["html"] = given.get("text") if given.get("parse_mode") == "HTML" else None
        return {**message, **({"reply_markup": markup} if markup else {})}

    # --- posting to a webhook

    def deliver(self, address: str | None = None) -> list[int]:
        """Post everything that waits to the webhook, in order, again until it is acknowledged; the codes answered."""
        codes = []
        headers = {"X-Telegram-Bot-Api-Secret-Token": self.webhook["secret"]}
        while self.pending:
            code = httpx.post(address or self.webhook["url"], json=self.pending[0], headers=headers).status_code
            codes.append(code)
            if 200 <= code < 300:
                self.pending.pop(0)
            else:
                time.sleep(0.2)
        return codes


class Tags(HTMLParser):
    """Telegram's HTML: few tags, properly closed."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag not in TAGS:
            raise bad(f'can\'t parse entities: Unsupported start tag "{tag}" at byte offset 1')
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            raise bad("can't parse entities: Unmatched end tag at byte offset 1")


def visible(text: str, mode: str | None) -> str:
    """The text that a patient sees; HTML that does not parse is refused."""
    if mode is None:
        return text
    if mode != "HTML":
        raise bad("unsupported parse_mode")
    tags = Tags()
    tags.feed(text)
    tags.close()
    if tags.open:
        raise bad("can't parse entities: Can't find end tag")
    for part in text.split("&")[1:]:
        if part.partition(";")[0] not in ("lt", "gt", "amp", "quot"):
            raise bad("can't parse entities: unknown entity")
    stripped: list[str] = []
    tags.handle_data = stripped.append  # type: ignore[method-assign]
    plain = Plain()
    plain.feed(text)
    plain.close()
    return unescape("".join(plain.parts))


class Plain(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.parts: list[str] = []

    def handle_data(self, data: str) -> None:
        if "<" in data:
            raise bad("can't parse entities: a lone <")
        self.parts.append(data)

    def handle_entityref(self, name: str) -> None:
        self.parts.append(f"&{name};")


def checked(markup: Any) -> Any:
    """A keyboard as Telegram takes it."""
    if markup is None:
        return None
    count = 0
    for row in markup["inline_keyboard"]:
        if not 1 <= len(row) <= 8:
            raise bad("BUTTON_INVALID")
        for button in row:
            count += 1
            if not 1 <= len(button.get("callback_data", "").encode()) <= 64:
                raise bad("BUTTON_DATA_INVALID")
            if not button["text"].strip():
                raise bad("BUTTON_TEXT_INVALID")
    if count > 100:
        raise bad("reply markup is too long")
    return markup


async def given_in(request: Request) -> dict[str, Any]:
    """What a call brings; files, which come in a form of several parts, as their names and bytes."""
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        return parsed(await request.body())
    async with request.form(max_part_size=32 * 1024 * 1024) as form:
        fields = [(key, value) for key, value in form.multi_items() if isinstance(value, str)]
        files = {key: value for key, value in form.multi_items() if not isinstance(value, str)}
        given = parsed(urllib.parse.urlencode(fields).encode())
        return given | {key: (file.filename, await file.read()) for key, file in files.items()}


def parsed(body: bytes) -> dict[str, Any]:
    """A form whose lists and objects are JSON, as the Bot API takes them."""
    given: dict[str, Any] = dict(urllib.parse.parse_qsl(body.decode(), keep_blank_values=True))
    for key in ("commands", "reply_markup", "allowed_updates", "link_preview_options", "reply_parameters"):
        if key in given:
            given[key] = json.loads(given[key])
    return given


def person(id: int) -> dict[str, Any]:
    return {"id": id, "is_bot": False, "first_name": "Ani <b>", "language_code": "id"}


def _member(bot: dict[str, Any], status: str) -> dict[str, Any]:
    return {"user": bot, "status": status, **({"until_date": 0} if status == "kicked" else {})}


def buttons(message: dict[str, Any]) -> list[dict[str, Any]]:
    return [button for row in message.get("reply_markup", {}).get("inline_keyboard", []) for button in row]


def labels(message: dict[str, Any]) -> list[str]:
    return [bare(button["text"]) for button in buttons(message)]


def bare(text: str) -> str:
    return text.removeprefix("✅ ").removeprefix("⬜ ")


def ticked(message: dict[str, Any]) -> list[str]:
    return [bare(button["text"]) for button in buttons(message) if button["text"].startswith("✅ ")]


@contextlib.contextmanager
def telegram() -> Iterator[FakeTelegram]:
    """A running server."""
    with served(FakeTelegram()) as fake:
        yield fake


@contextlib.contextmanager
def served(fake: Fake) -> Iterator[Fake]:
    """Let a fake be reached as long as this lasts."""
    calls = Route("/bot{token}/{method}", fake.serve, methods=["POST", "GET"])
    app = Starlette(routes=[calls, Route("/file/bot{token}/{path:path}", fake.file)])
    server = uvicorn.Server(
        uvicorn.Config(app, port=fake.port, log_level="critical", lifespan="off", timeout_graceful_shutdown=1)
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.005)
    try:
        yield fake
    finally:
        server.force_exit = server.should_exit = True
        thread.join(5)
