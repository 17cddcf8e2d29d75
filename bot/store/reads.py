"""Who read a patient's conversation: kept with it, told in its export, gone when it is forgotten."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from bot.store.records import Address
from bot.store.store import Store, answered


class Read(BaseModel):
    """One reading: by whom, when, and of what (``transcript``, ``export``)."""

    model_config = ConfigDict(frozen=True)

    at: datetime
    who: str
    what: str


async def note_read(store: Store, address: Address, read: Read) -> None:
    """Append to the trail. A conversation that does not exist has none."""
    keys = store.keys_of(address)
    left = await answered(store.redis.ttl(keys.state))
    if left < 0:
        return
    await answered(store.redis.rpush(keys.reads, store.sealer.seal(read.model_dump_json().encode(), keys.reads)))
    await answered(store.redis.expire(keys.reads, left))


async def reads_of(store: Store, address: Address) -> list[Read]:
    """The trail, the oldest first."""
    keys = store.keys_of(address)
    sealed = await answered(store.redis.lrange(keys.reads, 0, -1))
    return [Read.model_validate_json(store.sealer.open(line, keys.reads)) for line in sealed]
