"""One conversation as a request names it, and what is noted of who looks at it and what they do."""

import re
from datetime import timedelta
from typing import Final

from starlette.requests import Request

from bot.desk.audit import Entry
from bot.desk.security import Gate, Refused, Visitor
from bot.store.keys import WAKE
from bot.store.listing import mark_read
from bot.store.records import Address
from bot.store.store import Store, answered

OPENING: Final = timedelta(minutes=10)
"""Within so long, a person who comes back to a conversation reads on, and does not open it anew."""


class Cases:
    """Finds them, and keeps their trail."""

    def __init__(self, gate: Gate, store: Store) -> None:
        self._gate = gate
        self._store = store

    async def address_of(self, request: Request) -> Address:
        """Raises ``Refused`` where there is none."""
        id = request.path_params["id"]
        address = await self._store.address_of(id) if re.fullmatch(r"[0-9a-f]{32}", id) else None
        if address is None or self._store.id_of(address) != id:
            raise Refused("gone")
        return address

    async def mark_read(self, address: Address, number: int) -> None:
        """Somebody has seen the lines up to this one."""
        await mark_read(self._store, address, number)
        await answered(self._store.redis.publish(WAKE, self._store.id_of(address)))

    async def note_opening(self, visitor: Visitor, address: Address) -> None:
        """A reading is noted once for each opening, not for each look."""
        name = self._store.sealer.name("opened", visitor.username, self._store.id_of(address))
        key = f"tk:{{desk}}:opened:{name}"
        if await answered(self._store.redis.set(key, 1, ex=OPENING, nx=True)):
            await self._gate.audit.read(address, self._entry(visitor, address, "read"))

    async def note(self, visitor: Visitor, address: Address, what: str, detail: str = "") -> None:
        """Write into the trail what somebody did."""
        entry = self._entry(visitor, address, what, detail)
        await (self._gate.audit.read(address, entry) if what == "record" else self._gate.audit.note(entry))

    def _entry(self, visitor: Visitor, address: Address, what: str, detail: str = "") -> Entry:
        id = self._store.id_of(address)
        return Entry(at=self._gate.now(), who=visitor.username, what=what, conversation=id, detail=detail)


def draft_name(visitor: Visitor, kind: str) -> str:
    """The name of a draft. A note that was begun never turns up as an answer to the patient."""
    return f"{visitor.username}/{kind}"
