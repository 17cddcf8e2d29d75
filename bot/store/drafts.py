"""What members of the staff began to write to a patient: sealed, by their name, and gone with the conversation."""

from bot.store.records import Address
from bot.store.sealing import SealError
from bot.store.store import Store, answered


async def keep_draft(store: Store, address: Address, who: str, text: str) -> None:
    """Keep ``text``; an empty one is removed. A conversation that does not exist keeps nothing."""
    keys = store.keys_of(address)
    left = await answered(store.redis.ttl(keys.state))
    if not text or left < 0:
        await answered(store.redis.hdel(keys.drafts, who))
        return
    await answered(store.redis.hset(keys.drafts, who, store.sealer.seal(text.encode(), keys.drafts)))
    await answered(store.redis.expire(keys.drafts, left))


async def draft_of(store: Store, address: Address, who: str) -> str:
    """What was kept; empty where nothing was."""
    keys = store.keys_of(address)
    sealed = await answered(store.redis.hget(keys.drafts, who))
    try:
        return store.sealer.open(sealed, keys.drafts).decode() if sealed else ""
    except SealError:
        return ""
