"""The audit log: who did or read what, and when. Entries are only ever added, sealed, and go after two years."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from pydantic import BaseModel, ConfigDict

from bot.store.reads import Read, note_read
from bot.store.records import Address
from bot.store.sealing import SealError
from bot.store.store import Store, answered

AUDIT: Final = "tk:{desk}:audit"
KEPT: Final = timedelta(days=2 * 365)
LONGEST_DETAIL: Final = 100
UNREADABLE: Final = "unreadable"
PAGE: Final = 50
CHUNK: Final = 500
MOST_LOOKED_AT: Final = 10_000
"""Entries that one page looks through; what is older is a further page."""


class Entry(BaseModel):
    """``who`` is a username, ``what`` a short word (``login``, ``claim``, ``read``), ``conversation`` a conversation's
    id (its keyed hash). ``detail`` never has words or the number of a patient."""

    model_config = ConfigDict(frozen=True)

    at: datetime
    who: str
    what: str
    conversation: str = ""
    detail: str = ""

    def is_of(self, who: str, reference: str) -> bool:
        """Whether it is about this person (who did it, or to whom) and this beginning of a conversation's id."""
        return (not who or who in (self.who, self.detail)) and self.conversation.startswith(reference)


@dataclass(frozen=True, slots=True)
class Page:
    """Entries, the newest first. ``older`` continues where they end; empty at the end."""

    entries: Sequence[Entry]
    older: str


class Audit:
    """The log in a Redis stream."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def note(self, entry: Entry) -> None:
        short = entry.model_copy(update={"detail": entry.detail[:LONGEST_DETAIL]})
        sealed = self._store.sealer.seal(short.model_dump_json().encode(), AUDIT)
        oldest = int((entry.at - KEPT).timestamp() * 1000)
        await answered(self._store.redis.xadd(AUDIT, {"e": sealed}, minid=oldest, approximate=True))

    async def read(self, address: Address, entry: Entry) -> None:
        """A reading of a conversation: also kept with the conversation, for the patient to ask for."""
        await self.note(entry)
        await note_read(self._store, address, Read(at=entry.at, who=entry.who, what=entry.what))

    async def page(self, older: str = "", who: str = "", reference: str = "") -> Page:
        """A page of entries older than the cursor ``older``."""
        entries: list[Entry] = []
        for _ in range(MOST_LOOKED_AT // CHUNK):
            found = await self._chunk(older, CHUNK)
            for id, entry in found:
                older = id
                if entry.is_of(who, reference):
                    entries.append(entry)
                if len(entries) == PAGE:
                    return Page(entries, older if await self._chunk(older, 1) else "")
            if len(found) < CHUNK:
                return Page(entries, "")
        return Page(entries, older)

    async def _chunk(self, older: str, most: int) -> list[tuple[str, Entry]]:
        newest = f"({older}" if older else "+"
        found: Any = await answered(self._store.redis.xrevrange(AUDIT, newest, "-", count=most))
        return [(id.decode(), self._open(id.decode(), fields[b"e"])) for id, fields in found]

    def _open(self, id: str, sealed: bytes) -> Entry:
        try:
            return Entry.model_validate_json(self._store.sealer.open(sealed, AUDIT))
        except SealError:  # written with a key that is gone; that there was something is told all the same
            written = datetime.fromtimestamp(int(id.partition("-")[0]) / 1000, UTC)
            return Entry(at=written, who=UNREADABLE, what=UNREADABLE)
