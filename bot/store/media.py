"""Files that a patient sent, as they were kept."""

from bot.store.records import Address
from bot.store.sealing import SealError
from bot.store.store import Store, answered


async def kept(store: Store, address: Address, name: str) -> tuple[str, bytes] | None:
    """A file that was kept, with its content type."""
    place = store.keys_of(address).media
    sealed = await answered(store.redis.hget(place, name))
    try:
        type, _, body = store.sealer.open(sealed, place).partition(b"\n") if sealed else (b"", b"", b"")
    except SealError:
        return None
    return (type.decode(), body) if sealed else None
