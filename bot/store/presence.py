"""Who of the staff has a conversation before their eyes, and who is writing. Known for some seconds; holds no word of
a patient."""

from datetime import datetime, timedelta
from typing import Final

from bot.store.keys import WAKE, Keys
from bot.store.store import Store, answered

VIEWS_FOR: Final = timedelta(seconds=40)
"""How long a person counts as there without a sign of life; streams give one more often."""

WRITES_FOR: Final = timedelta(seconds=8)


async def note_presence(
    store: Store, conversation: str, who: str, at: datetime, *, writing: bool | None = None
) -> None:
    """``who`` is there now; ``writing`` where they begin or end to write. All who watch are woken by what is new."""
    key = _key(conversation)
    known = await answered(store.redis.hget(key, who))
    before = _parsed(known, at)
    until = int(known.split()[1]) if known else 0
    if writing is not None:
        until = int((at + WRITES_FOR).timestamp() * 1000) if writing else 0
    await answered(store.redis.hset(key, who, f"{int((at + VIEWS_FOR).timestamp() * 1000)} {until}"))
    await answered(store.redis.expire(key, VIEWS_FOR))
    if before is None or (writing is not None and before != writing):
        await answered(store.redis.publish(WAKE, conversation))


async def note_absence(store: Store, conversation: str, who: str) -> None:
    """``who`` has gone."""
    if await answered(store.redis.hdel(_key(conversation), who)):
        await answered(store.redis.publish(WAKE, conversation))


async def present(store: Store, conversation: str, at: datetime) -> dict[str, bool]:
    """Who is there, each with whether they write."""
    found = await answered(store.redis.hgetall(_key(conversation)))
    states = {who.decode(): _parsed(value, at) for who, value in found.items()}
    return {who: writes for who, writes in sorted(states.items()) if writes is not None}


def _key(conversation: str) -> str:
    """Hash: until when (ms) each is there, and until when they write."""
    return f"tk:{{{Keys(conversation).shard.number}}}:here:{conversation}"


def _parsed(value: bytes | None, at: datetime) -> bool | None:
    """Whether the person writes; None where they are not there."""
    if value is None:
        return None
    here, writes = (int(part) for part in value.split())
    now = at.timestamp() * 1000
    return writes > now if here > now else None
