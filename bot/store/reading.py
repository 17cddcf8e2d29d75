"""What processes share that read one provider's messages: who reads, how far, and what could not be read."""

import asyncio
import uuid
from datetime import timedelta
from typing import Final

from bot.store import scripts
from bot.store.keys import Reader
from bot.store.store import Store, StoreAway, answered

LEASE_SECONDS: Final = 5.0
"""How long a lease lasts without a sign of life: so soon another process takes over."""

RENEW_SECONDS: Final = 1.5
POSITION_FOR: Final = timedelta(days=2)
"""A position is forgotten after a silence: Telegram begins its numbers anew after a week without messages."""

MOST_SHAPES: Final = 100


class Lease:
    """The right to read, held by one process at a time."""

    def __init__(self, store: Store, name: str) -> None:
        self.store = store
        self.key = Reader(name).lease
        self.token = uuid.uuid4().hex

    async def hold(self) -> bool:
        """Take the lease, or keep it. False where another process has it."""
        return await self._set(LEASE_SECONDS)

    async def keep(self) -> None:
        """Keep the lease; returns only once it may be lost."""
        loop = asyncio.get_running_loop()
        held = loop.time()
        while loop.time() - held < LEASE_SECONDS:
            await asyncio.sleep(RENEW_SECONDS)
            asked = loop.time()
            try:
                if not await self.hold():
                    return
                held = asked
            except StoreAway:
                continue

    async def release(self) -> None:
        """Let another process have it at once."""
        await self._set(0.001)

    async def _set(self, seconds: float) -> bool:
        arguments = (self.token, max(1, int(seconds * 1000)))
        return bool(await answered(scripts.run(self.store.redis, "lease", (self.key,), arguments)))


class Reading:
    """How far one provider's messages were read."""

    def __init__(self, store: Store, name: str) -> None:
        self.store = store
        self.keys = Reader(name)

    async def position(self) -> int | None:
        """The number up to which all is committed; None where that is not known, or too long ago."""
        found = await answered(self.store.redis.get(self.keys.position))
        return int(found) if found is not None else None

    async def move(self, position: int) -> None:
        await answered(self.store.redis.set(self.keys.position, position, ex=POSITION_FOR))

    async def note_unread(self, shape: str) -> None:
        """Count a message that could not be read, by its shape: never what it says."""
        known = await answered(self.store.redis.hlen(self.keys.unread))
        await answered(self.store.redis.hincrby(self.keys.unread, shape if known < MOST_SHAPES else "other", 1))

    async def unread(self) -> dict[str, int]:
        """How many messages of each shape could not be read."""
        found = await answered(self.store.redis.hgetall(self.keys.unread))
        return {shape.decode(): int(count) for shape, count in found.items()}

    async def first(self, what: str, within: timedelta) -> bool:
        """Whether ``what`` happens for the first time ``within`` a time."""
        key = self.keys.brief(self._hidden(what))
        return bool(await answered(self.store.redis.set(key, 1, ex=within, nx=True)))

    async def overlay(self, what: str, name: str, value: str, within: timedelta) -> dict[str, str]:
        """Put ``name`` to ``value`` and give all that was put so of late, by every process."""
        key = self.keys.brief(self._hidden(what))
        await answered(self.store.redis.hset(key, name, value))
        await answered(self.store.redis.expire(key, within))
        return await self.overlaid(what)

    async def overlaid(self, what: str) -> dict[str, str]:
        """What was put of late."""
        found = await answered(self.store.redis.hgetall(self.keys.brief(self._hidden(what))))
        return {name.decode(): value.decode() for name, value in found.items()}

    def _hidden(self, what: str) -> str:
        return self.store.sealer.name("brief", what)
