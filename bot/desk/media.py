"""Files at the desk: those that patients sent, and those that staff send."""

import re
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot.channels.channel import FileAway
from bot.channels.files import FROM_STAFF, LARGEST, described, kind_of, plain_name, sniff
from bot.channels.serving import file_answer
from bot.desk.security import Refused, Visitor
from bot.store.media import Full, NotKept, is_kept, keep, kept, own_name
from bot.store.records import Address
from bot.store.store import Store

LARGEST_UPLOAD: Final = LARGEST + 1024
MOST_ATTACHED: Final = 5
ATTACHED: Final = re.compile(r"(photo|voice|audio|video|document):kept/[0-9a-f]{32}")
FILE_NAME: Final = "X-File-Name"
AGAIN_SECONDS: Final = 5

Fetch = Callable[[Address, str], Awaitable[tuple[str, bytes] | None]]
AddressOf = Callable[[Request], Awaitable[Address]]
NoteOpening = Callable[[Visitor, Address], Awaitable[None]]


class Files:
    """Handlers. ``fetch`` asks a channel for what is not kept here; ``address_of`` finds the conversation of a request;
    ``note_opening`` says that somebody looks at it."""

    def __init__(self, store: Store, fetch: Fetch, address_of: AddressOf, note_opening: NoteOpening) -> None:
        self._store = store
        self._fetch = fetch
        self._address_of = address_of
        self._note_opening = note_opening

    async def show(self, request: Request, visitor: Visitor) -> Response:
        """A file of a line, by the line's number and its place: ``12-0``. It comes from a stranger: shown only where a
        browser can do it no harm."""
        address = await self._address_of(request)
        attachment = await self._attachment(address, request.path_params["name"])
        await self._note_opening(visitor, address)
        found = await kept(self._store, address, attachment) or await self._ask(address, attachment)
        if found is None:
            raise Refused("gone")
        return file_answer(request, *found)

    async def _ask(self, address: Address, attachment: str) -> tuple[str, bytes] | None:
        try:
            return await self._fetch(address, attachment)
        except FileAway:
            raise Refused("away", AGAIN_SECONDS) from None

    async def _attachment(self, address: Address, name: str) -> str:
        number, _, place = name.partition("-")
        if not re.fullmatch(r"[1-9][0-9]{0,8}-[0-9]{1,2}", name, re.ASCII):
            raise Refused("gone")
        lines = await self._store.transcript(address, int(number) - 1)
        line = next((line for found, line in lines if found == int(number)), None)
        if line is None or int(place) >= len(line.attachments):
            raise Refused("gone")
        return line.attachments[int(place)]

    async def upload(self, request: Request, visitor: Visitor) -> Response:
        """Keep a file that is to go with a reply; its name then stands in the reply's ``attachments``. The body is the
        file itself."""
        address = await self._address_of(request)
        body = await request.body()
        type = sniff(body)
        if type not in FROM_STAFF:
            return _problem("type", "Berkas ini tidak bisa dikirim. Pakai foto JPG atau PNG, PDF, atau audio.", 415)
        if len(body) > LARGEST:
            raise Refused("large")
        kind, title = kind_of(type), plain_name(request.headers.get(FILE_NAME, ""))
        name = own_name(kind)
        try:
            # Only a document is saved under its name; a photo's says nothing.
            await keep(self._store, address, name, described(type, title if kind == "document" else ""), body)
        except Full:
            return _problem("full", "Lampiran percakapan ini sudah terlalu banyak.", 413)
        except NotKept:
            raise Refused("gone") from None
        return JSONResponse({"name": name, "kind": kind, "title": title, "size": len(body)}, 201)

    async def attached(self, address: Address, form: FormData) -> tuple[str, ...]:
        """The files that go with a reply. Raises ``Refused`` for what was not uploaded to this conversation."""
        names = _names(form)
        if len(names) > MOST_ATTACHED:
            raise Refused("bad")
        for name in names:
            if not ATTACHED.fullmatch(name) or not await is_kept(self._store, address, name):
                raise Refused("bad")
        return names


def _names(form: FormData) -> tuple[str, ...]:
    given: Sequence[object] = form.getlist("attachments")
    return tuple(dict.fromkeys(name for name in given if isinstance(name, str) and name))


def _problem(error: str, words: str, status: int) -> Response:
    return JSONResponse({"error": error, "words": words}, status)
