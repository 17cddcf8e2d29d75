"""What a list shows of many conversations, read in few round trips."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, Final

from pydantic import ValidationError

from bot.dialogue.conversation import Conversation
from bot.store.keys import Keys
from bot.store.records import Address, Line
from bot.store.sealing import SealError
from bot.store.store import Store, answered

AT_ONCE: Final = 100
"""Conversations that are asked for in one round trip, and opened before others have their turn."""

LINES_COUNTED: Final = 40
"""The newest lines among which those are counted that nobody has read; more than those are "many"."""

HEARD, READ = "n:heard", "read"
"""Fields of the state: when the patient was heard on WhatsApp (sealed); the number of the last line that the staff has
read."""


@dataclass(frozen=True, slots=True)
class Glance:
    """One conversation in a list. ``mark`` changes when anything of it does; ``last`` are its newest lines."""

    id: str
    mark: tuple[bytes | None, ...]
    conversation: Conversation
    address: Address
    heard: datetime | None
    read: int
    length: int
    last: tuple[Line, ...]

    def unread(self, since: datetime) -> int:
        """How many of the patient's lines came after the newest that a person saw, and not before ``since``."""
        first = self.length - len(self.last) + 1
        return sum(
            line.who == "patient" and number > self.read and line.at >= since
            for number, line in enumerate(self.last, first)
        )


async def are_open(store: Store, ids: Iterable[str]) -> set[str]:
    """Those of the conversations that people have, or should look at."""
    known = list(ids)
    answers = await _pipeline(store, [("ZSCORE", Keys(id).shard.desk, id) for id in known])
    return {id for id, since in zip(known, answers, strict=True) if since is not None}


async def marks(store: Store, ids: Iterable[str]) -> dict[str, tuple[bytes | None, ...]]:
    """The marks of those that exist: what is compared to know whether a glance is still right."""
    found: dict[str, tuple[bytes | None, ...]] = {}
    for some in _parts(ids, AT_ONCE * 5):
        answers = await _pipeline(store, [("HMGET", Keys(id).state, "v", HEARD, READ) for id in some])
        found |= {id: tuple(mark) for id, mark in zip(some, answers, strict=True) if mark[0] is not None}
    return found


async def glances(store: Store, ids: Iterable[str]) -> AsyncIterator[Glance]:
    """The conversations with these ids, as far as they exist and can be read."""
    for some in _parts(ids, AT_ONCE):
        commands: list[tuple[Any, ...]] = []
        for id in some:
            keys = Keys(id)
            commands.append(("HMGET", keys.state, "v", HEARD, READ, "s", "a"))
            commands.append(("LLEN", keys.transcript))
            commands.append(("LRANGE", keys.transcript, -LINES_COUNTED, -1))
        answers = await _pipeline(store, commands)
        for place, id in enumerate(some):
            glance = _glance(store, id, *answers[place * 3 : place * 3 + 3])
            if glance is not None:
                yield glance
        await asyncio.sleep(0)


def _glance(store: Store, id: str, state: Sequence[bytes | None], length: int, last: Sequence[bytes]) -> Glance | None:
    keys = Keys(id)
    version, heard, read, sealed, address = state
    if version is None or sealed is None or address is None:
        return None
    try:
        return Glance(
            id=id,
            mark=(version, heard, read),
            conversation=Conversation.model_validate_json(store.sealer.open(sealed, keys.state)),
            address=Address.parse(store.sealer.open(address, keys.state).decode()),
            heard=datetime.fromisoformat(store.sealer.open(heard, keys.state).decode()) if heard else None,
            read=int(read or 0),
            length=length,
            last=tuple(Line.model_validate_json(store.sealer.open(line, keys.transcript)) for line in last),
        )
    except (SealError, ValidationError, ValueError):
        return None


async def _pipeline(store: Store, commands: Sequence[tuple[Any, ...]]) -> list[Any]:
    """The answers to many commands, on any form of Redis. Raises ``StoreAway``."""
    pipeline = store.redis.pipeline(transaction=False) if commands else None
    if pipeline is None:
        return []
    for command in commands:
        pipeline.execute_command(*command)
    return list(await answered(pipeline.execute()))


def _parts(ids: Iterable[str], size: int) -> Iterator[list[str]]:
    left = iter(ids)
    while part := list(islice(left, size)):
        yield part
