"""Files in the web chat: taken from a patient's browser, shown to that browser alone."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from bot.channels.files import FROM_PATIENTS, LARGEST, described, kind_of, plain_name, sniff
from bot.channels.serving import file_answer
from bot.conversations import Conversations, Inbound
from bot.store.limits import Limit, seconds_until_allowed
from bot.store.media import PREFIX, Full, NotKept, keep, kept
from bot.store.records import Address
from bot.store.store import Store, StoreAway, answered

CLIENT_ID: Final = re.compile(r"[\w-]{8,64}", re.ASCII)
FILE_NAME: Final = "X-File-Name"
LINE_PLACE: Final = re.compile(r"[1-9][0-9]{0,8}-[0-9]{1,2}", re.ASCII)
DETAILS: Final = {"photo": "photo", "voice": "voice", "audio": "voice", "document": "document"}
"""As what the dialogue speaks of each kind."""

BURST, PER_MINUTE = 10, 3
BURST_OF_ALL, PER_MINUTE_OF_ALL = 30, 30
"""Files at once and in the long run: of one client, so that nobody fills the store by taking session after session, and
of everybody."""


MOST_A_DAY: Final = 512 * 1024 * 1024
"""Bytes of all files of a day from everybody: about a thousand photos as the page sends them. Whoever floods the chat
stops files for that day, and not the chat."""

DAY: Final = timedelta(days=1)


class BadFile(Exception):
    """A file that can't be taken. ``error`` is a short word for the page."""

    def __init__(self, status: int, error: str, wait: float = 0.0) -> None:
        super().__init__(error)
        self.status = status
        self.error = error
        self.wait = wait


@dataclass(frozen=True, slots=True)
class Files:
    """The routes of files. ``session`` tells whose browser it is."""

    conversations: Conversations
    session: Callable[[Request], Address | None]

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/chat/files", self.take, methods=["POST"]),
            Route("/chat/media/{name}", self.show, methods=["GET"]),
        ]

    async def take(self, request: Request) -> Response:
        """Take a file as a message of the patient's. Its bytes are the body; ``client_id`` is as for messages."""
        address = self.session(request)
        if address is None:
            return JSONResponse({"error": "session"}, 401)
        try:
            return JSONResponse({"seen": await self._take(request, address)}, 202)
        except BadFile as bad:
            headers = {"Retry-After": str(max(1, round(bad.wait)))} if bad.wait else {}
            return JSONResponse({"error": bad.error}, bad.status, headers)
        except StoreAway:
            return JSONResponse({"error": "away"}, 503, {"Retry-After": "2"})

    async def _take(self, request: Request, address: Address) -> bool:
        store, client_id = self.conversations.store, request.query_params.get("client_id", "")
        if not CLIENT_ID.fullmatch(client_id):
            raise BadFile(400, "client_id")
        await _keep_pace(store, request)
        body = await _body(request)
        type = sniff(body)
        if type not in FROM_PATIENTS:
            raise BadFile(415, "type")
        await _keep_room(store, len(body))
        # The same message sent again has the same file: it takes its place.
        name = f"{kind_of(type)}:{PREFIX}{store.sealer.name('file', str(address), client_id)}"
        # Only a document is saved under its name; a photo's says nothing.
        title = plain_name(request.headers.get(FILE_NAME, "")) if kind_of(type) == "document" else ""
        try:
            await keep(store, address, name, described(type, title), body, first=True)
        except (Full, NotKept):
            raise BadFile(413, "full") from None
        at, detail = datetime.now().astimezone(), DETAILS[kind_of(type)]
        inbound = Inbound(client_id, address, at, kind="media", detail=detail, attachments=(name,))
        return (await self.conversations.receive(inbound)).seen

    async def show(self, request: Request) -> Response:
        """A file of a line of this browser's own conversation, by the line's number and its place: ``12-0``."""
        address, name = self.session(request), request.path_params["name"]
        if address is None or not LINE_PLACE.fullmatch(name):
            return Response(status_code=404)
        try:
            found = await self._file(address, *map(int, name.split("-")))
        except StoreAway:
            return Response(status_code=503, headers={"Retry-After": "2"})
        if found is None:
            return Response(status_code=404)
        return file_answer(request, *found)

    async def _file(self, address: Address, number: int, place: int) -> tuple[str, bytes] | None:
        store = self.conversations.store
        line = dict(await store.transcript(address, number - 1)).get(number)
        if line is None or line.who == "note" or place >= len(line.attachments):
            return None
        return await kept(store, address, line.attachments[place])


async def _keep_pace(store: Store, request: Request) -> None:
    """Raises ``BadFile`` for a client that sends too many, and ``StoreAway``: without limits nothing is taken."""
    client = store.sealer.name("client", request.client.host if request.client else "")
    limits = [
        Limit(f"files:{client}", PER_MINUTE / 60, BURST),
        Limit("files", PER_MINUTE_OF_ALL / 60, BURST_OF_ALL),
    ]
    wait = await seconds_until_allowed(store, "web", limits)
    if wait:
        raise BadFile(429, "busy", wait)


async def _keep_room(store: Store, size: int) -> None:
    """Raises ``BadFile`` once there were too many bytes today."""
    key = f"tk:{{files}}:{store.today()}"
    total = await answered(store.redis.incrby(key, size))
    await answered(store.redis.expire(key, DAY))
    if total > MOST_A_DAY:
        raise BadFile(429, "busy", DAY.total_seconds() / 24)


async def _body(request: Request) -> bytes:
    """The file, read no further than is allowed."""
    declared = request.headers.get("content-length", "0")
    if declared.isdecimal() and int(declared) > LARGEST:
        raise BadFile(413, "large")
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > LARGEST:
                raise BadFile(413, "large")
    except ClientDisconnect:
        raise BadFile(400, "cut off") from None
    return bytes(body)
