"""How much waits, asked of Redis by whoever watches over the program: few round trips, however much it is."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pydantic import ValidationError

from bot.dialogue.conversation import Conversation
from bot.ontology import Level
from bot.store.keys import SHARDS, Keys, Shard
from bot.store.records import Line
from bot.store.sealing import SealError
from bot.store.store import Store, answered

LOOKED_AT: Final = 5
"""Conversations at each end of a shard's line whose first reply is looked at: those that never were tried, and those
that were tried most often."""

WITH_PEOPLE: Final = 512
"""Conversations with people, or calling for them, that are looked at: those that began first."""

OPENED_AT_ONCE: Final = 32
"""How many are opened before others have their turn."""


@dataclass(frozen=True, slots=True)
class Outbox:
    """``conversations`` have replies to send; the ``oldest`` of the replies looked at."""

    conversations: int
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """A conversation that waits for a person ``since`` then. ``level`` is what its patient was told, if anything."""

    since: datetime
    level: Level | None


@dataclass(frozen=True, slots=True)
class People:
    """Who waits for the staff, and in how many conversations a red flag was told that nobody of them has seen."""

    waiting: tuple[Waiting, ...]
    alarms: int


async def outbox(store: Store) -> Outbox:
    """What is still to be sent. Where a great many wait, the oldest is one of a sample: at least as old as told."""
    pipeline: Any = store.redis.pipeline(transaction=False)
    for number in range(SHARDS):
        due = Shard(number).due
        pipeline.zcard(due).zrange(due, 0, LOOKED_AT - 1).zrange(due, -LOOKED_AT, -1)
    found = await answered(pipeline.execute())
    waiting = {id.decode() for ends in (found[1::3], found[2::3]) for shard in ends for id in shard}
    return Outbox(sum(found[::3]), await _oldest(store, [Keys(id) for id in waiting]))


async def people(store: Store) -> People:
    """What waits for the staff. Of a great many, those that began first."""
    pipeline: Any = store.redis.pipeline(transaction=False)
    for number in range(SHARDS):
        pipeline.zrange(Shard(number).desk, 0, WITH_PEOPLE // SHARDS - 1)
    ids = [Keys(id.decode()) for shard in await answered(pipeline.execute()) for id in shard]
    sealed = await _each(store, ids, lambda pipe, keys: pipe.hget(keys.state, "s"))
    found = []
    for place, (keys, state) in enumerate(zip(ids, sealed, strict=True), 1):
        found.append(_state(store, keys, state))
        if place % OPENED_AT_ONCE == 0:
            await asyncio.sleep(0)
    states = [state for state in found if state is not None]
    return People(
        tuple(
            Waiting(state.handoff.since, state.outcome.level if state.outcome else None)
            for state in states
            if state.mode == "waiting" and state.handoff is not None
        ),
        sum(state.alarm for state in states),
    )


async def _oldest(store: Store, waiting: list[Keys]) -> datetime | None:
    numbers = await _each(store, waiting, lambda pipe, keys: pipe.lindex(keys.outbox, 0))
    numbered = [(keys, int(number)) for keys, number in zip(waiting, numbers, strict=True) if number is not None]
    sealed = await _each(store, numbered, lambda pipe, one: pipe.lindex(one[0].transcript, one[1] - 1))
    moments = [_said(store, keys, line) for (keys, _), line in zip(numbered, sealed, strict=True)]
    return min((moment for moment in moments if moment is not None), default=None)


async def _each(store: Store, of: list[Any], ask: Any) -> list[Any]:
    """Ask the same of each in one round trip."""
    if not of:
        return []
    pipeline: Any = store.redis.pipeline(transaction=False)
    for one in of:
        ask(pipeline, one)
    return list(await answered(pipeline.execute()))


def _said(store: Store, keys: Keys, sealed: bytes | None) -> datetime | None:
    try:
        return Line.model_validate_json(store.sealer.open(sealed, keys.transcript)).at if sealed else None
    except (SealError, ValidationError):
        return None


def _state(store: Store, keys: Keys, sealed: bytes | None) -> Conversation | None:
    try:
        return Conversation.model_validate_json(store.sealer.open(sealed, keys.state)) if sealed else None
    except (SealError, ValidationError):
        return None
