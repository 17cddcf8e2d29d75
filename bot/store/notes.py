"""Small things that a channel notes of a person beside the state: sealed, and gone with the conversation."""

from bot.store.records import Address
from bot.store.store import Store, answered, note_field


async def note(store: Store, address: Address, **values: str) -> None:
    """Keep ``values``, as long as the conversation is kept; an empty one is removed."""
    keys = store.keys_of(address)
    kept = {note_field(name): store.sealer.seal(value.encode(), keys.state) for name, value in values.items() if value}
    gone = [note_field(name) for name, value in values.items() if not value]
    if kept:
        await answered(store.redis.hset(keys.state, items=[part for pair in kept.items() for part in pair]))
        if await answered(store.redis.ttl(keys.state)) < 0:
            await answered(store.redis.expire(keys.state, store.retention))
    if gone:
        await answered(store.redis.hdel(keys.state, *gone))


async def noted(store: Store, address: Address, *names: str) -> dict[str, str]:
    """What was noted under ``names``; empty where nothing was."""
    keys = store.keys_of(address)
    found = await answered(store.redis.hmget(keys.state, list(map(note_field, names))))
    return {name: store.opened_note(sealed, keys.state) for name, sealed in zip(names, found, strict=True)}
