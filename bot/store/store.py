"""Load a conversation, commit a turn of it, read its transcript, forget it."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache, partial
from typing import Any, Final, Literal

from pydantic import BaseModel, ValidationError
from redis.exceptions import RedisClusterException, RedisError

from bot.dialogue.conversation import TIMERS, Conversation
from bot.store import scripts
from bot.store.connect import Client
from bot.store.keys import SHARDS, WAKE, Keys, Shard
from bot.store.records import Address, Commit, Committed, DueTimer, Line, Loaded
from bot.store.sealing import Sealer, SealError

SEEN_FOR: Final = timedelta(days=7)
"""How long a provider's message id is remembered; the longest redelivery known is a day."""

FORGOTTEN_AFTER: Final = timedelta(minutes=10)
"""How long the last word to a patient who asked to be forgotten waits to be delivered."""

ADDRESSES_KEPT: Final = 4_096
"""Addresses of which a process remembers the conversation's id, which a turn asks for several times, and how they are
stored, which is the same at every turn."""

ASIDE_FOR: Final = timedelta(days=1)
"""How long what the house says to itself is kept."""

AWAY: Final = (RedisError, RedisClusterException, OSError)
"""What redis-py raises where Redis does not answer."""

ANSWERS_WITHIN: Final = 5.0
"""Seconds after which Redis counts as away, whatever its client still tries."""


FAILURES: Final[Counter[str]] = Counter()
"""How often Redis did not answer this process, by what went wrong."""

ALSO: Final = "also"
"""The field of the state's hash that lists the keys of the person's other names."""


class StoreAway(Exception):
    """Redis does not answer. Whoever brought a message must bring it again."""


class BrokenState(Exception):
    """A stored conversation that can't be read. ``anew`` is the one to begin instead, whose commit replaces it."""

    def __init__(self, anew: Loaded) -> None:
        super().__init__("a stored conversation can't be read")
        self.anew = anew


class Store:
    """Conversations in Redis. Every method raises ``StoreAway`` where Redis does not answer.

    A commit counts once ``copies`` replicas have it, so that a failover loses nothing that was acknowledged.
    """

    def __init__(self, redis: Client, sealer: Sealer, retention: timedelta, copies: int = 0) -> None:
        self.redis = redis
        self.sealer = sealer
        self.retention = retention
        self.copies = copies
        self._id_of = lru_cache(ADDRESSES_KEPT)(partial(sealer.name, "conversation"))
        self._sealed_address = lru_cache(ADDRESSES_KEPT)(lambda address, name: sealer.seal(address.encode(), name))
        self.today: Callable[[], str] = lambda: datetime.now(UTC).date().isoformat()
        """The date on the clinic's clock, once somebody who knows that clock has set it."""

    def id_of(self, address: Address) -> str:
        """The conversation's id: a keyed hash, so that no key in Redis leads to a person."""
        return self._id_of(str(address))

    def keys_of(self, address: Address) -> Keys:
        return Keys(self.id_of(address))

    async def load(self, address: Address, notes: Sequence[str] = ()) -> Loaded:
        """The conversation at ``address``, a new one where there is none, with these ``notes``. Raises
        ``BrokenState``."""
        return self.opened(address, notes, await answered(self.stored(address, notes)))

    def stored(self, address: Address, notes: Sequence[str]) -> Awaitable[list[Any]]:
        """What ``opened`` makes a conversation of, as Redis has it; the version is the first."""
        return self.redis.hmget(self.keys_of(address).state, ["v", "s", "failed", *map(note_field, notes)])

    def opened(self, address: Address, notes: Sequence[str], stored: Sequence[bytes | None]) -> Loaded:
        """The conversation at ``address``, of what is ``stored`` of it. Raises ``BrokenState``."""
        key = self.keys_of(address).state
        version, sealed, failed, *noted = stored
        known = {name: self.opened_note(value, key) for name, value in zip(notes, noted, strict=True)}
        told = (int(version or 0), address, known, failed is not None)
        new = Conversation(channel=address.channel)
        try:
            conversation = Conversation.model_validate_json(self.sealer.open(sealed, key)) if sealed else new
        except (SealError, ValidationError):
            raise BrokenState(Loaded(new, *told)) from None
        return Loaded(conversation, *told)

    def opened_note(self, sealed: bytes | None, key: str) -> str:
        """A note of the state at ``key``; empty where there is none that can be read."""
        try:
            return self.sealer.open(sealed, key).decode() if sealed else ""
        except SealError:
            return ""

    async def commit(self, commit: Commit) -> Committed | Literal["seen", "lost"]:
        """Write the turn down, whole or not at all. ``seen``: this message has had its effect before. ``lost``:
        another turn came first; load and step again."""
        keys = self.keys_of(commit.address)
        day = keys.shard.day(commit.day or commit.at.date().isoformat())
        touched = (*keys.all(), *keys.shard.listed(), day)
        arguments = self._arguments(commit, keys)
        aliases = await aliases_of(self.redis, keys) if commit.forget else []
        answer = await answered(scripts.run(self.redis, "commit", touched, arguments, copies=self.copies))
        if answer[0] == b"done":
            await drop(self.redis, aliases)
            return Committed(first_line=int(answer[1]))
        return "seen" if answer[0] == b"seen" else "lost"

    def _arguments(self, commit: Commit, keys: Keys) -> list[scripts.Argument]:
        seal, state, transcript = self.sealer.seal, keys.state, keys.transcript
        replies = [place for place, line in enumerate(commit.lines, 1) if line.who in ("bot", "staff")]
        kept = FORGOTTEN_AFTER if commit.forget else ASIDE_FOR if commit.aside else self.retention
        kept_notes = [(name, value) for name, value in commit.notes.items() if value]
        timers = [part for kind, due in commit.timers.items() if due for part in (kind, _milliseconds(due))]
        return [
            commit.version,
            self.sealer.name("message", str(commit.address), commit.message_id),
            _milliseconds(commit.at),
            seal(_json(commit.conversation), state),
            self._sealed_address(str(commit.address), state),
            int(kept.total_seconds()),
            int(SEEN_FOR.total_seconds() * 1000),
            WAKE,
            keys.conversation,
            replies[0] if commit.push and replies else 0,
            int(commit.forget),
            -1 if commit.aside else _desk_since(commit),
            int(any(line.missed for line in commit.lines)),
            *_list([seal(_json(line), transcript) for line in commit.lines]),
            *_list(timers),
            *_list(_cleared(commit)),
            *_list(commit.counts),
            *_list(commit.cancel),
            *_list([part for name, value in kept_notes for part in (note_field(name), seal(value.encode(), state))]),
            *_list([note_field(name) for name, value in commit.notes.items() if not value]),
        ]

    async def transcript(self, address: Address, after: int = 0) -> list[tuple[int, Line]]:
        """The lines after number ``after``, with their numbers; all of them where the conversation began anew and is
        shorter than that."""
        keys = self.keys_of(address)
        sealed = await answered(self.redis.lrange(keys.transcript, after, -1))
        if not sealed and after and await answered(self.redis.llen(keys.transcript)) < after:
            after = 0
            sealed = await answered(self.redis.lrange(keys.transcript, 0, -1))
        return [
            (number, Line.model_validate_json(self.sealer.open(line, keys.transcript)))
            for number, line in enumerate(sealed, after + 1)
        ]

    async def delivery_states(self, address: Address) -> dict[int, str]:
        """What became of each line that was sent: its number to ``queued``, ``sent``, ``delivered``, ``read`` or
        ``failed:REASON``."""
        found = await answered(self.redis.hgetall(self.keys_of(address).delivery))
        return {int(key): value.decode() for key, value in found.items() if not key.startswith(b"id:")}

    async def due_timers(self, now: datetime, most: int = 100) -> list[DueTimer]:
        """Timers whose time has come, on every shard. Each stays until the turn that it causes is committed."""
        due = []
        for number in range(SHARDS):
            shard = Shard(number)
            found = await answered(
                self.redis.zrangebyscore(shard.timers, "-inf", _milliseconds(now), 0, most, withscores=True)
            )
            for member, score in found:
                timer = await self._timer(member.decode(), datetime.fromtimestamp(score / 1000, now.tzinfo))
                if timer is None:
                    await answered(self.redis.zrem(shard.timers, member))
                else:
                    due.append(timer)
        return due

    async def _timer(self, member: str, due: datetime) -> DueTimer | None:
        """The timer of a conversation that still exists and can be read."""
        conversation, _, kind = member.partition("|")
        address = await self.address_of(conversation)
        return DueTimer(conversation, kind, due, address) if address else None

    async def address_of(self, conversation: str) -> Address | None:
        """Where a conversation takes place, by its id."""
        keys = Keys(conversation)
        sealed = await answered(self.redis.hget(keys.state, "a"))
        try:
            return Address.parse(self.sealer.open(sealed, keys.state).decode()) if sealed else None
        except SealError:
            return None

    async def forget(self, address: Address) -> bool:
        """Remove all that leads to this person, at once. Tells whether there was anything."""
        keys = self.keys_of(address)
        touched = (*keys.all(), *keys.shard.listed())
        aliases = await aliases_of(self.redis, keys)
        forgotten = await answered(
            scripts.run(self.redis, "forget", touched, (keys.conversation, *TIMERS), copies=self.copies)
        )
        await drop(self.redis, aliases)
        return bool(forgotten)

    async def ping(self) -> None:
        """Raises ``StoreAway`` unless Redis answers."""
        await answered(self.redis.ping())


async def aliases_of(redis: Client, keys: Keys) -> list[str]:
    """The keys of the other names under which this person is known (``aliases.py``)."""
    return str((await answered(redis.hget(keys.state, ALSO)) or b"").decode()).split()


async def drop(redis: Client, names: list[str]) -> None:
    """Remove keys that lie anywhere, one by one."""
    for name in names:
        await answered(redis.delete(name))


async def answered(call: Any) -> Any:
    """What Redis answers. Raises ``StoreAway`` for whatever keeps it from answering, and soon enough for a provider
    that waits to be told."""
    try:
        async with asyncio.timeout(ANSWERS_WITHIN):
            return await call
    except (*AWAY, AttributeError) as error:
        # An AttributeError: while a Cluster fails over, its client closes connections that other calls just open.
        FAILURES[type(error).__name__] += 1
        raise StoreAway(type(error).__name__) from None


def note_field(name: str) -> str:
    """The field of the state's hash that has a channel's note."""
    return f"n:{name}"


def _desk_since(commit: Commit) -> int:
    """Since when people have this conversation, or should look at it; 0 where they need not."""
    conversation = commit.conversation
    if conversation.handoff is not None:
        return _milliseconds(conversation.handoff.since)
    return _milliseconds(commit.at) if conversation.alarm else 0


def _cleared(commit: Commit) -> list[str]:
    """The kinds of timers that end with the turn. Who is forgotten keeps none."""
    return [kind for kind in (TIMERS if commit.forget else commit.timers) if commit.timers.get(kind) is None]


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def _json(kept: BaseModel) -> bytes:
    """As it is stored: what is left out is the default, and a fifth of it all. This is pydantic's ``model_dump_json``
    without what that does around it, for each line of a turn."""
    return type(kept).__pydantic_serializer__.to_json(kept, exclude_defaults=True)


def _list(items: Any) -> list[scripts.Argument]:
    """A list as the scripts read it: its length, then its items."""
    return [len(items), *items]
