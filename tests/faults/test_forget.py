"""After ``forget`` nothing in Redis leads to the patient: every key and every value is looked at, opened too."""

from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from redis.asyncio import Redis

from bot.content import Content
from bot.conversations import Conversations, Inbound
from bot.delivery import Delivery
from bot.store.keys import SHARDS, Keys, Shard
from bot.store.records import Address, Line
from bot.store.sealing import SealError
from bot.store.store import Store
from tests.faults.rig import tell

PATIENT, OTHER = Address(channel="whatsapp", id="+6281200001111"), Address(channel="whatsapp", id="+6281200002222")
SAID = ("betis kiri kram sejak kemarin", "umur saya 47", "namaku Budi, kaki bengkak", "kurang tahu")
SECRETS = (PATIENT.id.encode(), b"Budi", b"betis kiri", b"umur saya 47", b"kurang tahu")
NOW = datetime.now(UTC)


class Swallow:
    async def send(self, address: Address, line: Line) -> str:
        return "sid"


@pytest.fixture
def whatsapp(store: Store, content: Content) -> Conversations:
    return Conversations(store, content, frozenset({"whatsapp"}))


async def talk(conversations: Conversations, address: Address, *texts: str, begin: int = 0) -> None:
    for number, text in enumerate(texts, begin):
        await conversations.receive(Inbound(f"SM{number}", address, NOW + timedelta(minutes=number), text))


async def deliver(store: Store) -> None:
    delivery = Delivery(store, {"whatsapp": Swallow()})
    for address in (PATIENT, OTHER):
        delivery.kick(store.id_of(address))
    await delivery.finish(10)


async def everything(redis: Redis, store: Store) -> list[tuple[bytes, bytes]]:
    """Each key with each of its values, as stored, as DUMP shows it, and opened where it is sealed."""
    found = []
    async for key in redis.scan_iter(count=1000):
        values = [await redis.dump(key) or b"", *[value async for value in values_of(redis, key)]]
        found += [(key, value) for value in values]
        found += [(key, plain) for value in values for plain in opened(store, key.decode(), value)]
    return found


async def values_of(redis: Redis, key: bytes):  # type: ignore[no-untyped-def]
    kind = (await redis.type(key)).decode()
    readers: dict[str, Callable[[], Awaitable[object]]] = {
        "string": lambda: redis.get(key),
        "list": lambda: redis.lrange(key, 0, -1),
        "hash": lambda: redis.hgetall(key),
        "zset": lambda: redis.zrange(key, 0, -1),
    }
    value = await readers[kind]()
    parts = [part for pair in value.items() for part in pair] if isinstance(value, dict) else value
    for part in parts if isinstance(parts, list) else [parts]:
        yield part


def opened(store: Store, key: str, value: bytes) -> Iterator[bytes]:
    try:
        yield store.sealer.open(value, key)
    except SealError:
        return


def traces(found: list[tuple[bytes, bytes]], *marks: bytes) -> list[tuple[bytes, bytes]]:
    return [(key, value) for key, value in found if any(mark in key or mark in value for mark in marks)]


async def test_the_scan_sees_what_is_there(whatsapp: Conversations, store: Store, redis: Redis) -> None:
    await talk(whatsapp, PATIENT, *SAID)
    found = await everything(redis, store)
    for mark in (*SECRETS, store.id_of(PATIENT).encode()):
        assert traces(found, mark), "a scan that finds nothing proves nothing"
    assert traces([(key, value) for key, value in found if key.endswith(b":timers")], store.id_of(PATIENT).encode())


@pytest.mark.parametrize("delivered", [True, False])
async def test_forget_leaves_no_trace(whatsapp: Conversations, store: Store, redis: Redis, delivered: bool) -> None:
    await talk(whatsapp, PATIENT, *SAID)
    await talk(whatsapp, OTHER, "kram")
    if delivered:
        await deliver(store)
    assert await store.forget(PATIENT)
    found = await everything(redis, store)
    tell("forget", values=len(found), traces=len(traces(found, *SECRETS, store.id_of(PATIENT).encode())))
    assert traces(found, *SECRETS, store.id_of(PATIENT).encode()) == []
    assert (await store.load(OTHER)).version == 1, "only the one is forgotten"


async def test_a_patient_who_asks_is_forgotten_at_once_and_wholly_after_the_last_word(
    whatsapp: Conversations, store: Store, redis: Redis
) -> None:
    await talk(whatsapp, PATIENT, *SAID)
    await deliver(store)
    await talk(whatsapp, PATIENT, "hapus data saya", "ya", begin=10)
    found = await everything(redis, store)
    left = traces(found, *SECRETS[1:])
    assert left == [], "what was said is gone at once"
    id = store.id_of(PATIENT).encode()
    assert not traces([(key, value) for key, value in found if key.endswith(b":timers")], id)
    await deliver(store)
    found = await everything(redis, store)
    tell("forgotten by one's own wish", values=len(found), traces=len(traces(found, *SECRETS, id)))
    assert traces(found, *SECRETS, id) == []


async def test_in_the_web_chat_the_last_word_alone_stays_for_minutes(
    conversations: Conversations, store: Store, redis: Redis
) -> None:
    visitor = Address(channel="web", id="x" * 32)
    await talk(conversations, visitor, *SAID, "hapus data saya", "ya")
    found = await everything(redis, store)
    assert traces(found, visitor.id.encode(), *SECRETS[1:]) == []
    keys = Keys(store.id_of(visitor))
    for key in [key for key in keys.all() if await redis.exists(key)]:
        assert 0 < await redis.ttl(key) <= 600
    for number in range(SHARDS):
        assert not traces(
            [(b"", m) for m in await redis.zrange(Shard(number).timers, 0, -1)], keys.conversation.encode()
        )
