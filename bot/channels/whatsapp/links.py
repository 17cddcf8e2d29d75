"""Addresses under which Twilio fetches what staff send: signed, for an hour, and without anybody's number."""

import hmac
import time
from collections.abc import Callable
from typing import Final

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.channels.files import file_name, told
from bot.channels.serving import file_answer
from bot.store.media import PREFIX, kept
from bot.store.records import Address
from bot.store.store import Store, StoreAway

PATH: Final = "/media"
LASTS: Final = 3600
"""Seconds in which an address is good: Twilio fetches within seconds, and once more where that failed."""


class Links:
    """Makes addresses and answers to them. ``public_url`` is what leads to this program from outside."""

    def __init__(self, store: Store, public_url: str, now: Callable[[], float] = time.time) -> None:
        self._store = store
        self._public_url = public_url
        self._now = now

    def route(self) -> Route:
        return Route(f"{PATH}/{{token}}/{{name}}", self.serve, methods=["GET"])

    async def url(self, address: Address, attachment: str) -> str | None:
        """Where a file of this conversation may be fetched for a while; None where it is not kept any more."""
        found = await kept(self._store, address, attachment)
        if found is None:
            return None
        type, _ = told(found[0])
        return f"{self._public_url}{PATH}/{self.token(address, attachment)}/{file_name(type, '')}"

    def token(self, address: Address, attachment: str) -> str:
        kind, _, place = attachment.partition(f":{PREFIX}")
        conversation, until = self._store.id_of(address), str(int(self._now()) + LASTS)
        return ".".join((conversation, kind, place, until, self._signature(conversation, kind, place, until)))

    async def serve(self, request: Request) -> Response:
        """The file of a token. Whatever is wrong with one, there is nothing."""
        try:
            found = await self._file(request.path_params["token"])
        except StoreAway:
            return PlainTextResponse("the store is away\n", 503, {"Retry-After": "2"})
        if found is None:
            return PlainTextResponse("there is nothing\n", 404)
        # The owner's name for the file stays here: it may be a patient's.
        return file_answer(request, *found, name="lampiran")

    async def _file(self, token: str) -> tuple[str, bytes] | None:
        parts = token.split(".")
        if len(parts) != 5:
            return None
        conversation, kind, place, until, signature = parts
        genuine = hmac.compare_digest(signature.encode(), self._signature(conversation, kind, place, until).encode())
        if not genuine or int(until) < self._now():
            return None
        address = await self._store.address_of(conversation)
        return await kept(self._store, address, f"{kind}:{PREFIX}{place}") if address else None

    def _signature(self, *parts: str) -> str:
        return self._store.sealer.name("media", *parts)
