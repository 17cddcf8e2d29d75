"""Which contents Twilio keeps for us: menus and approved templates, by name. Their ids belong to one account."""

import json
import time
from collections.abc import Mapping
from typing import Final

from bot.channels.whatsapp.rendering import Menu
from bot.dialogue.conversation import Option
from bot.store.store import Store, answered

FRESH_SECONDS: Final = 15.0
MOST_WANTED: Final = 500


class Contents:
    """Ids of contents, kept in Redis by ``tanyakaki whatsapp``, with those menus that were wanted and had none."""

    def __init__(self, store: Store, account: str) -> None:
        self._store = store
        self._ids = f"tk:whatsapp:contents:{account}"
        self._approved = f"tk:whatsapp:approved:{account}"
        self._wanted = f"tk:whatsapp:wanted:{account}"
        self._known: dict[str, dict[str, str]] = {}
        self._until = 0.0

    async def id_of(self, name: str) -> str:
        """The id of a content; empty where there is none."""
        return (await self._fresh())[self._ids].get(name, "")

    async def approved(self, name: str) -> str:
        """The id of a template that WhatsApp has approved; empty where it has not."""
        return (await self._fresh())[self._approved].get(name, "")

    async def keep(self, ids: Mapping[str, str], approved: Mapping[str, str]) -> None:
        """These are all the contents that there are."""
        for key, values in ((self._ids, ids), (self._approved, approved)):
            await answered(self._store.redis.delete(key))
            if values:
                await answered(self._store.redis.hset(key, items=[part for pair in values.items() for part in pair]))
        self._until = 0.0

    async def want(self, name: str, menu: Menu) -> None:
        """Remember a menu that had no content, for the next ``tanyakaki whatsapp sync``. It holds the content's words
        only."""
        if await answered(self._store.redis.hlen(self._wanted)) < MOST_WANTED:
            options = [[option.id, option.label] for option in menu.options]
            await answered(self._store.redis.hsetnx(self._wanted, name, json.dumps([menu.kind, options])))

    async def wanted(self) -> list[Menu]:
        """The menus that were wanted."""
        found = await answered(self._store.redis.hvals(self._wanted))
        return [
            Menu(kind, tuple(Option(id=id, label=label) for id, label in options))
            for kind, options in (json.loads(text) for text in found)
        ]

    async def _fresh(self) -> dict[str, dict[str, str]]:
        if time.monotonic() >= self._until:
            for key in (self._ids, self._approved):
                found = await answered(self._store.redis.hgetall(key))
                self._known[key] = {name.decode(): id.decode() for name, id in found.items()}
            self._until = time.monotonic() + FRESH_SECONDS
        return self._known
