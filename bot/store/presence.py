"""Who of the staff has a conversation before their eyes, and who is writing. Known for some seconds; holds no word of
a patient."""

from datetime import datetime, timedelta
from typing import Final

from bot.store.keys import WAKE, Keys
from bot.store.store import Store, answered

VIEWS_FOR: Final = timedelta(seconds=40)
"""How long a person counts as there without a sign of life; streams give one more often."""

WRITES_FOR: Final = timedelta(seconds=8)

_HERE: Final = "here:"
_WRITES: Final = "writes:"


async def note_presence(
    store: Store, conversation: str, who: str, at: datetime, *, writing: bool | None = None
) -> None:
    """``who`` is there now; ``writing`` where they begin or end to write. All who watch are woken by what is new."""
    key = _key(conversation)
    here, writes = _fields(who)
    until_here, until_writes = await answered(store.redis.hmget(key, [here, writes]))
    before = _state(until_here, until_writes, at)
    # Each has a field of its own: a sign of life that comes at the same time must not take back that somebody writes.
    until: list[str | int] = [here, _milliseconds(at + VIEWS_FOR)]
    if writing is not None:
        until += [writes, _milliseconds(at + WRITES_FOR) if writing else 0]
    await answered(store.redis.hset(key, items=until))
    await answered(store.redis.expire(key, VIEWS_FOR))
    if before is None or (writing is not None and before != writing):
        await answered(store.redis.publish(WAKE, conversation))


async def note_absence(store: Store, conversation: str, who: str) -> None:
    """``who`` has gone."""
    if await answered(store.redis.hdel(_key(conversation), *_fields(who))):
        await answered(store.redis.publish(WAKE, conversation))


async def present(store: Store, conversation: str, at: datetime) -> dict[str, bool]:
    """Who is there, each with whether they write."""
    found = await answered(store.redis.hgetall(_key(conversation)))
    people = sorted({field.decode()[len(_HERE) :] for field in found if field.startswith(_HERE.encode())})
    states = {}
    for who in people:
        here, writes = (found.get(field.encode()) for field in _fields(who))
        states[who] = _state(here, writes, at)
    return {who: writes for who, writes in states.items() if writes is not None}


def _key(conversation: str) -> str:
    """Hash: until when (ms) each is there, and until when they write."""
    return f"tk:{{{Keys(conversation).shard.number}}}:here:{conversation}"


def _fields(who: str) -> tuple[str, str]:
    return f"{_HERE}{who}", f"{_WRITES}{who}"


def _milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def _state(here: bytes | None, writes: bytes | None, at: datetime) -> bool | None:
    """Whether the person writes; None where they are not there."""
    now = _milliseconds(at)
    return int(writes or 0) > now if int(here or 0) > now else None
