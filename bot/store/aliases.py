"""One person, several names: a conversation goes on when a channel begins to call its patient otherwise.

A WhatsApp user is known by a phone number, by an id of the business's own, or by both. Each name that is not the
conversation's own leads to it. Names stand in Redis only as keyed hashes, what they lead to is sealed; all of it goes
when the patient is forgotten.
"""

from collections.abc import Sequence

from bot.store.records import Address
from bot.store.sealing import SealError
from bot.store.store import ALSO, Store, aliases_of, answered


async def resolve(store: Store, names: Sequence[Address]) -> Address:
    """The conversation that one of ``names``, the preferred first, leads to; else the first name itself."""
    for name in names:
        key = _key(store, name)
        sealed = await answered(store.redis.get(key))
        if sealed is not None and (address := _opened(store, sealed, key)):
            return address
        if await answered(store.redis.hexists(store.keys_of(name).state, "v")):
            return name
    return names[0]


async def link(store: Store, address: Address, names: Sequence[Address]) -> None:
    """Let every one of ``names`` lead to the conversation at ``address`` from now on, as long as that is kept."""
    keys = store.keys_of(address)
    others = [_key(store, name) for name in names if name != address]
    version, forgotten = await answered(store.redis.hmget(keys.state, ["v", "f"]))
    if not others or version is None or forgotten is not None:
        return
    known = await aliases_of(store.redis, keys)
    await answered(store.redis.hset(keys.state, ALSO, " ".join(dict.fromkeys([*known, *others]))))
    for key in others:
        await answered(store.redis.set(key, store.sealer.seal(str(address).encode(), key), ex=store.retention))


def _key(store: Store, name: Address) -> str:
    return f"tk:alias:{store.sealer.name('alias', str(name))}"


def _opened(store: Store, sealed: bytes, key: str) -> Address | None:
    try:
        return Address.parse(store.sealer.open(sealed, key).decode())
    except SealError:
        return None
