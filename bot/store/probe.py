"""Whether this process could take a message now: Redis answers, runs scripts, takes what is written, and is ours."""

import uuid
from typing import Final

from bot.store import scripts
from bot.store.key_check import check_key
from bot.store.keys import Reader
from bot.store.store import Store, answered

LASTS: Final = 1000
"""Milliseconds for which what a probe writes is kept."""


async def probe(store: Store) -> None:
    """Write as a commit does: by a script, to as many copies. Raises ``StoreAway`` and ``WrongKey``."""
    place = Reader(f"probe:{uuid.uuid4().hex}").lease
    await answered(scripts.run(store.redis, "lease", (place,), ("probe", LASTS), store.copies))
    await check_key(store)
