"""Which conversations there are: those that people have or should look at, and those of late."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from bot.dialogue.conversation import Conversation
from bot.store.keys import SHARDS, Keys, Shard
from bot.store.records import Address
from bot.store.sealing import SealError
from bot.store.store import Store, answered

AT_ONCE = 64
"""Conversations that are read at the same time."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A conversation as a list shows it: its id, where it takes place, its state, how many lines it has and up to which
    the staff have read them."""

    id: str
    address: Address
    conversation: Conversation
    lines: int
    read: int


async def open_ids(store: Store) -> list[str]:
    """The conversations that people have or should look at."""
    return [id.decode() for id in await _of_shards(store, lambda pipeline, shard: pipeline.zrange(shard.desk, 0, -1))]


async def recent_ids(store: Store, most: int) -> list[str]:
    """The conversations of the last week, the latest first, ``most`` of them."""

    def ask(pipeline: Any, shard: Shard) -> None:
        pipeline.zrange(shard.active, 0, most - 1, desc=True, withscores=True)

    found = await _of_shards(store, ask)
    return [id.decode() for id, _ in sorted(found, key=lambda pair: -pair[1])[:most]]


async def open_conversations(store: Store) -> list[Listed]:
    """The conversations that people have or should look at."""
    return await listed(store, await open_ids(store))


async def recent_conversations(store: Store, most: int) -> list[Listed]:
    """The conversations of the last week, the latest first, ``most`` of them."""
    return await listed(store, await recent_ids(store, most))


async def missed_ids(store: Store, since: int) -> list[str]:
    """The conversations in which a message was not understood since then (ms)."""

    def ask(pipeline: Any, shard: Shard) -> None:
        pipeline.zrangebyscore(shard.missed, since, "+inf")

    return [id.decode() for id in await _of_shards(store, ask)]


async def listed(store: Store, ids: Iterable[str]) -> list[Listed]:
    """These conversations, but for those that are gone or can't be read."""
    found: list[Listed | None] = []
    wanted = list(ids)
    for at in range(0, len(wanted), AT_ONCE):
        found += await asyncio.gather(*(_listed(store, id) for id in wanted[at : at + AT_ONCE]))
    return [each for each in found if each is not None]


async def mark_read(store: Store, address: Address, number: int) -> None:
    """The staff have read up to this line. A conversation that is gone stays gone."""
    keys = store.keys_of(address)
    if await answered(store.redis.hexists(keys.state, "v")):
        await answered(store.redis.hset(keys.state, "read", number))


async def _listed(store: Store, id: str) -> Listed | None:
    keys = Keys(id)
    state, address, read = await answered(store.redis.hmget(keys.state, ["s", "a", "read"]))
    if state is None or address is None:
        # Its time is over, or the patient is forgotten: no list leads to it any more.
        await answered(store.redis.zrem(keys.shard.desk, id))
        return None
    try:
        conversation = Conversation.model_validate_json(store.sealer.open(state, keys.state))
        where = Address.parse(store.sealer.open(address, keys.state).decode())
    except (SealError, ValidationError, ValueError):
        return None
    lines = await answered(store.redis.llen(keys.transcript))
    return Listed(id, where, conversation, int(lines), int(read or 0))


async def _of_shards(store: Store, ask: Callable[[Any, Shard], object]) -> list[Any]:
    """What is asked of every shard, in one round trip. Calls of their own, each begun before it is waited for, would be
    left unasked where the program stops meanwhile."""
    pipeline = store.redis.pipeline(transaction=False)
    for shard in map(Shard, range(SHARDS)):
        ask(pipeline, shard)
    return [item for items in await answered(pipeline.execute()) for item in items]
