"""One person, several names: a conversation goes on when a channel begins to call its patient otherwise.

A WhatsApp user is known by a phone number, by an id of the business's own, or by both. Each name that is not the
conversation's own leads to it. Names stand in Redis only as keyed hashes, what they lead to is sealed; all of it goes
when the patient is forgotten.
"""

import asyncio
from collections.abc import Sequence

from bot.store.records import Address, Loaded
from bot.store.sealing import SealError
from bot.store.store import ALSO, Store, answered


async def resolve(store: Store, names: Sequence[Address]) -> Address:
    """The conversation that one of ``names``, the preferred first, leads to; else the first name itself."""
    address, _ = await _found(store, names, ())
    return address


async def load(store: Store, names: Sequence[Address], notes: Sequence[str] = ()) -> Loaded:
    """The conversation at the address that ``names`` resolve to, with these ``notes``: one round trip, unless a name
    leads elsewhere. Raises ``BrokenState``."""
    address, stored = await _found(store, names, notes)
    return store.opened(address, notes, stored) if stored is not None else await store.load(address, notes)


async def _found(
    store: Store, names: Sequence[Address], notes: Sequence[str]
) -> tuple[Address, Sequence[bytes | None] | None]:
    """The address, and what is stored there as far as that was read with the names."""
    asked = [(store.redis.get(_key(store, name)), store.stored(name, notes)) for name in names]
    answers = await answered(asyncio.gather(*(call for calls in asked for call in calls)))
    there = dict(zip(names, answers[1::2], strict=True))
    for name, sealed in zip(names, answers[::2], strict=True):
        if sealed is not None and (address := _opened(store, sealed, _key(store, name))):
            return address, there.get(address)
        if there[name][0] is not None:
            return name, there[name]
    return names[0], there[names[0]]


async def link(store: Store, address: Address, names: Sequence[Address]) -> None:
    """Let every one of ``names`` lead to the conversation at ``address`` from now on, as long as that is kept."""
    others = [_key(store, name) for name in names if name != address]
    if not others:
        return
    state, redis = store.keys_of(address).state, store.redis
    version, forgotten, known = await answered(redis.hmget(state, ["v", "f", ALSO]))
    if version is None or forgotten is not None:
        return
    also = " ".join(dict.fromkeys([*(known or b"").decode().split(), *others]))
    if also.encode() != known:
        # Listed first, so that whoever forgets the patient finds every name that may lead there.
        await answered(redis.hset(state, ALSO, also))
    kept = (redis.set(key, store.sealer.seal(str(address).encode(), key), ex=store.retention) for key in others)
    await answered(asyncio.gather(*kept))


def _key(store: Store, name: Address) -> str:
    return f"tk:alias:{store.sealer.name('alias', str(name))}"


def _opened(store: Store, sealed: bytes, key: str) -> Address | None:
    try:
        return Address.parse(store.sealer.open(sealed, key).decode())
    except SealError:
        return None
