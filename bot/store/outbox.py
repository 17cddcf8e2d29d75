"""The outbox: replies that are still to be sent, in order within each conversation, whoever dies meanwhile."""

import time
import uuid
from collections.abc import Sequence
from typing import Final

from bot.store import scripts
from bot.store.keys import SHARDS, WAKE, Keys, Shard
from bot.store.records import DELIVERY_RANKS, Address, Line, Parcel
from bot.store.sealing import SealError
from bot.store.store import Store, answered

CLAIM_SECONDS: Final = 8.0
"""How long a claim lasts without a sign of life. A send must time out earlier."""


class Claim:
    """The right to send one conversation's replies, for a while. Lost to another, it sends and notes nothing more."""

    def __init__(self, store: Store, conversation: str) -> None:
        self.store = store
        self.keys = Keys(conversation)
        self.token = uuid.uuid4().hex
        self._begun = False
        self._channel = ""

    async def next(self) -> Parcel | None:
        """The next reply to send; None when all is sent or another has the claim. It is given only when as many
        replicas as the store wants have it, and that those before it are out: a failover sends nothing anew but the
        last."""
        keys = self.keys
        touched = (keys.state, keys.outbox, keys.shard.due, keys.transcript, keys.seen, keys.delivery)
        arguments = (self.token, _now(CLAIM_SECONDS), keys.conversation, "keep" if self._begun else "take")
        answer = await answered(scripts.run(self.store.redis, "hold", touched, arguments, self.store.copies))
        self._begun = True
        if answer[0] in (b"lost", b"empty"):
            return None
        number, line, address, tries = answer
        try:
            opened = Line.model_validate_json(self.store.sealer.open(line, keys.transcript))
            to = Address.parse(self.store.sealer.open(address, keys.state).decode())
            self._channel = to.channel
        except (SealError, ValueError):
            await self.done(int(number), "failed:unreadable")
            return await self.next()
        return Parcel(keys.conversation, int(number), opened, to, int(tries))

    async def done(self, number: int, state: str, provider_id: str = "") -> bool:
        """Note that line ``number`` reached ``state``; the next may go. False where the claim was lost meanwhile."""
        return await self._settle(number, "done", state, provider_id)

    async def later(self, number: int, seconds: float, *, tried: bool = True) -> bool:
        """Let line ``number``, and all behind it, wait for ``seconds``; ``tried`` counts this as a try that failed."""
        return await self._settle(number, "later" if tried else "wait", _now(seconds), "")

    async def _settle(self, number: int, how: str, what: str | int, provider_id: str) -> bool:
        keys = self.keys
        touched = (keys.state, keys.outbox, keys.shard.due, keys.delivery, keys.shard.day(self.store.today()))
        counter = _counter(self._channel, str(what))
        arguments = (self.token, number, keys.conversation, how, what, provider_id, WAKE, counter)
        answer = await answered(scripts.run(self.store.redis, "settle", touched, arguments))
        return bool(answer[0] == b"noted")


async def claim_one(store: Store, conversation: str) -> Claim | None:
    """The claim on one conversation, if its replies are due and nobody has it."""
    return next(iter(await _claim(store, Shard(Keys(conversation).shard.number), 1, conversation)), None)


async def claim_due(store: Store, most: int) -> list[Claim]:
    """Claims on conversations whose replies are due, on every shard, ``most`` in all."""
    claims: list[Claim] = []
    for number in range(SHARDS):
        if len(claims) < most:
            claims += await _claim(store, Shard(number), most - len(claims))
    return claims


async def report(store: Store, address: Address, provider_id: str, state: str) -> bool:
    """A provider tells what became of a message. False where that is nothing new, or the message is not known."""
    keys = store.keys_of(address)
    ranks = [part for name, rank in DELIVERY_RANKS.items() for part in (name, rank)]
    rank = DELIVERY_RANKS[state.partition(":")[0]]
    counter = _counter(address.channel, state) if state.startswith("failed") else ""
    arguments: list[scripts.Argument] = [provider_id, state, rank, WAKE, keys.conversation, counter, *ranks]
    touched = (keys.delivery, keys.shard.day(store.today()), keys.state)
    return bool(await answered(scripts.run(store.redis, "report", touched, arguments)))


async def again(store: Store, address: Address, numbers: Sequence[int], seconds: float = 0.0) -> int:
    """Send those of these lines once more that were refused, after all that waits already and after ``seconds``; how
    many they are."""
    keys = store.keys_of(address)
    touched = (keys.outbox, keys.delivery, keys.shard.due, keys.state)
    when = _now(seconds) if seconds else 0
    arguments: list[scripts.Argument] = [WAKE, keys.conversation, when, *numbers]
    return int(await answered(scripts.run(store.redis, "again", touched, arguments)))


async def number_of(store: Store, address: Address, provider_id: str) -> int | None:
    """The number of the line that the provider knows by this id."""
    found = await answered(store.redis.hget(store.keys_of(address).delivery, f"id:{provider_id}"))
    return int(found) if found is not None else None


async def depth(store: Store) -> int:
    """How many conversations have replies to send."""
    return sum([await answered(store.redis.zcard(Shard(number).due)) for number in range(SHARDS)])


async def _claim(store: Store, shard: Shard, most: int, *wanted: str) -> list[Claim]:
    arguments: list[scripts.Argument] = [_now(), _now(CLAIM_SECONDS), most, *wanted]
    found = await answered(scripts.run(store.redis, "claim", (shard.due,), arguments))
    return [Claim(store, conversation.decode()) for conversation in found]


def _counter(channel: str, state: str) -> str:
    """What the reports count: ``sent:CHANNEL``, or ``failed:CHANNEL:REASON`` by the reason's code."""
    word, _, reason = state.partition(":")
    return ":".join(part for part in (word, channel or "?", reason.partition(": ")[0]) if part)


def _now(plus: float = 0.0) -> int:
    """Milliseconds since the epoch, ``plus`` seconds from now."""
    return int((time.time() + plus) * 1000)
