"""Files of a conversation: sealed, within bounds, gone when the conversation is forgotten."""

import uuid
from datetime import timedelta
from typing import Final

from bot.store import scripts
from bot.store.records import Address
from bot.store.sealing import SealError
from bot.store.store import Store, answered

MOST: Final = 40 * 1024 * 1024
"""Bytes of all files of one conversation."""

UNCLAIMED: Final = timedelta(hours=1)
"""How long a file waits for the first message of a conversation."""

PREFIX: Final = "kept/"
"""How a file that lies here is named behind its kind, apart from what a provider keeps."""


class Full(Exception):
    """The conversation has no room for one more file."""


class NotKept(Exception):
    """There is no such conversation, or not any more."""


def own_name(kind: str, id: str = "") -> str:
    """A name for a file that lies here alone, as it stands in a line's attachments: ``photo:kept/3fa9…``. With an
    ``id`` it is the same each time."""
    return f"{kind}:{PREFIX}{id or uuid.uuid4().hex}"


def is_own(attachment: str) -> bool:
    return attachment.partition(":")[2].startswith(PREFIX)


async def keep(store: Store, address: Address, name: str, type: str, body: bytes, *, first: bool = False) -> None:
    """Keep a file under the name that a line's attachments have. With ``first`` the conversation may still be about to
    begin; each turn of it then prolongs what is kept. Raises ``Full``, ``NotKept``."""
    keys = store.keys_of(address)
    sealed = store.sealer.seal(f"{type}\n".encode() + body, keys.media)
    seconds, short = (int(time.total_seconds()) for time in (store.retention, UNCLAIMED))
    arguments = (name, sealed, MOST, seconds, short if first else 0)
    answer = await answered(scripts.run(store.redis, "keep", (keys.state, keys.media), arguments, store.copies))
    if answer == b"full":
        raise Full
    if answer == b"gone":
        raise NotKept


async def kept(store: Store, address: Address, name: str) -> tuple[str, bytes] | None:
    """A file that was kept, with its content type."""
    place = store.keys_of(address).media
    sealed = await answered(store.redis.hget(place, name))
    try:
        type, _, body = store.sealer.open(sealed, place).partition(b"\n") if sealed else (b"", b"", b"")
    except SealError:
        return None
    return (type.decode(), body) if sealed else None


async def is_kept(store: Store, address: Address, name: str) -> bool:
    return bool(await answered(store.redis.hexists(store.keys_of(address).media, name)))


async def all_kept(store: Store, address: Address) -> dict[str, tuple[str, bytes]]:
    """Every file of a conversation, by its name."""
    names = await answered(store.redis.hkeys(store.keys_of(address).media))
    found = {name.decode(): await kept(store, address, name.decode()) for name in names}
    return {name: file for name, file in found.items() if file is not None}
