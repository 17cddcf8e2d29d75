"""Whether the SECRET_KEY is the one that this Redis was written with."""

from typing import Final

from bot.store.sealing import SealError
from bot.store.store import Store, answered

MARK: Final = "tk:key"
"""Holds, sealed, what the naming of conversations gives for a fixed word."""


class WrongKey(Exception):
    """What is stored was written with another SECRET_KEY; says what to do."""


async def check_key(store: Store) -> None:
    """Raises ``WrongKey`` where the keys can't read what is stored, or would look for it under other names."""
    name = store.sealer.name("key").encode()
    await answered(store.redis.set(MARK, store.sealer.seal(name, MARK), nx=True))
    mark = await answered(store.redis.get(MARK))
    try:
        written = store.sealer.open(mark, MARK)
    except SealError:
        raise WrongKey(
            "SECRET_KEY is not the one that this Redis was written with; set that one, "
            "or put it behind the new one after a comma: SECRET_KEY=NEW,OLD"
        ) from None
    if written != name:
        raise WrongKey("SECRET_KEY lacks its oldest key, by which conversations are named; keep it as the last one")
    await answered(store.redis.set(MARK, store.sealer.seal(name, MARK)))
