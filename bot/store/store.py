"""Load a conversation, commit a turn of it, read its transcript."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.resources import files
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, ValidationError
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisTimeoutError

from bot.dialogue.conversation import Asks, Conversation, Option
from bot.store.keys import WAKE, Keys
from bot.store.sealing import Sealer, SealError

SEEN_FOR: Final = timedelta(days=7)
"""How long a provider's message id is remembered; the longest redelivery known is a day."""

Who = Literal["patient", "bot", "staff", "note"]


class StoreAway(Exception):
    """Redis does not answer. Whoever brought a message must bring it again."""


class BrokenState(Exception):
    """A stored conversation that can't be read. ``version`` is what a commit over it must expect."""

    def __init__(self, version: int) -> None:
        super().__init__("a stored conversation can't be read")
        self.version = version


class Address(BaseModel):
    """Where a conversation takes place. ``id`` is the channel's own name of the person."""

    model_config = ConfigDict(frozen=True)

    channel: str
    id: str

    def __str__(self) -> str:
        return f"{self.channel}:{self.id}"


class Line(BaseModel):
    """One line of the transcript."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    who: Who
    text: str
    at: datetime
    name: str | None = None
    options: tuple[Option, ...] = ()
    asks: Asks | None = None
    emergency: bool = False
    client_id: str | None = None


@dataclass(frozen=True, slots=True)
class Loaded:
    """A conversation and the version that a commit must name."""

    conversation: Conversation
    version: int


@dataclass(frozen=True, slots=True)
class Commit:
    """One turn to be written down: computed from ``version``, caused by the provider's message ``message_id``."""

    address: Address
    version: int
    message_id: str
    conversation: Conversation
    lines: Sequence[Line]
    counts: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Committed:
    """``first_line`` is the number of the first line written."""

    first_line: int


class Store:
    """Conversations in Redis. Every method raises ``StoreAway`` where Redis does not answer."""

    def __init__(self, redis: Redis, sealer: Sealer, retention: timedelta) -> None:
        self.redis = redis
        self.sealer = sealer
        self.retention = retention
        script = files("bot.store").joinpath("commit.lua").read_text(encoding="utf-8")
        self._commit = redis.register_script(script)

    def id_of(self, address: Address) -> str:
        """The conversation's id: a keyed hash, so that no key in Redis leads to a person."""
        return self.sealer.name("conversation", str(address))

    async def load(self, address: Address) -> Loaded:
        """The conversation at ``address``, a new one where there is none. Raises ``BrokenState``."""
        keys = Keys(self.id_of(address))
        version, sealed = await _answered(self.redis.hmget(keys.state, ["v", "s"]))
        if sealed is None:
            return Loaded(Conversation(channel=address.channel), 0)
        try:
            state = self.sealer.open(sealed, keys.state)
            return Loaded(Conversation.model_validate_json(state), int(version))
        except (SealError, ValidationError):
            raise BrokenState(int(version)) from None

    async def commit(self, commit: Commit) -> Committed | Literal["seen", "lost"]:
        """Write the turn down, whole or not at all. ``seen``: this message has had its effect before. ``lost``:
        another turn came first; load and step again."""
        conversation = self.id_of(commit.address)
        keys = Keys(conversation)
        lines = [self.sealer.seal(line.model_dump_json().encode(), keys.transcript) for line in commit.lines]
        state = commit.conversation.model_dump_json().encode()
        seen = keys.message(self.sealer.name("message", str(commit.address), commit.message_id))
        arguments = [
            commit.version,
            self.sealer.seal(state, keys.state),
            self.sealer.seal(str(commit.address).encode(), keys.state),
            int(self.retention.total_seconds()),
            int(SEEN_FOR.total_seconds()),
            WAKE,
            conversation,
            len(lines),
            *lines,
            len(commit.counts),
            *commit.counts,
        ]
        day = keys.day(commit.lines[0].at.date().isoformat())
        answer = await _answered(self._commit(keys=[keys.state, keys.transcript, seen, day], args=arguments))
        if answer[0] == b"done":
            return Committed(first_line=int(answer[1]))
        return "seen" if answer[0] == b"seen" else "lost"

    async def transcript(self, address: Address, after: int = 0) -> list[tuple[int, Line]]:
        """The lines after number ``after``, with their numbers."""
        keys = Keys(self.id_of(address))
        sealed = await _answered(self.redis.lrange(keys.transcript, after, -1))
        opened = (self.sealer.open(line, keys.transcript) for line in sealed)
        return [(number, Line.model_validate_json(line)) for number, line in enumerate(opened, after + 1)]

    async def forget(self, address: Address) -> None:
        """Remove all that leads to this person."""
        keys = Keys(self.id_of(address))
        await _answered(self.redis.delete(keys.state, keys.transcript))

    async def ping(self) -> None:
        """Raises ``StoreAway`` unless Redis answers."""
        await _answered(self.redis.ping())


async def _answered(call: Any) -> Any:
    try:
        return await call
    except (RedisConnectionError, RedisTimeoutError, OSError) as error:
        raise StoreAway(type(error).__name__) from None
    except RedisError as error:
        raise StoreAway(str(error)) from None
