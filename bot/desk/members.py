"""Who answers from the staff's group at Telegram without an account of the desk: what patients and colleagues read."""

from collections.abc import Mapping
from typing import Final

from bot.store.sealing import SealError
from bot.store.store import Store, answered

PREFIX: Final = "tg:"
"""What begins the usernames of such members."""

MEMBERS: Final = "tk:{desk}:members"
"""Hash: username and name, sealed, by the username's keyed hash."""


async def remember(store: Store, username: str, shown: str) -> None:
    """Keep what a member is called."""
    sealed = store.sealer.seal(f"{username}\n{shown}".encode(), MEMBERS)
    await answered(store.redis.hset(MEMBERS, store.sealer.name("member", username), sealed))


async def members(store: Store) -> Mapping[str, str]:
    """What each member is called, by username."""
    found = await answered(store.redis.hgetall(MEMBERS))
    return dict(_opened(store, sealed) for sealed in found.values())


def _opened(store: Store, sealed: bytes) -> tuple[str, str]:
    try:
        username, _, shown = store.sealer.open(sealed, MEMBERS).decode().partition("\n")
    except SealError:
        return "", ""
    return username, shown
