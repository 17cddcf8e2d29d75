"""Files that patients sent: fetched from Telegram when somebody wants to see them, and kept sealed from then on."""

import contextlib
from typing import Final

from telegram.error import BadRequest, Forbidden, InvalidToken, TelegramError

from bot.channels.channel import FileAway
from bot.channels.files import sniff
from bot.channels.telegram.client import Client
from bot.logs import logger_of
from bot.store.media import Full, NotKept, is_own, keep
from bot.store.records import Address
from bot.store.store import Store

log = logger_of(__name__)

LARGEST: Final = 20 * 1024 * 1024
"""Bytes of the largest file that Telegram gives to a bot."""

FETCH_SECONDS: Final = 20.0
KINDS: Final = ("photo", "voice", "audio", "video", "animation", "document", "sticker")


async def fetch(client: Client, store: Store, address: Address, attachment: str) -> tuple[str, bytes] | None:
    """A file by its name in a line's attachments, ``kind:Telegram's id of it``. Raises ``FileAway``."""
    found = await read(client, attachment)
    if found is not None:
        with contextlib.suppress(Full, NotKept):
            await keep(store, address, attachment, *found)
    return found


async def read(client: Client, attachment: str) -> tuple[str, bytes] | None:
    """A file by its name, which is kept nowhere. Raises ``FileAway``."""
    kind, _, id = attachment.partition(":")
    if kind not in KINDS or is_own(attachment):
        return None
    try:
        body = await _body(client, id)
    except (BadRequest, Forbidden, InvalidToken) as error:
        log.info("a file can't be had", kind=kind, error=type(error).__name__)
        return None
    except TelegramError as error:
        raise FileAway(type(error).__name__) from None
    return (sniff(body), body) if body is not None else None


async def _body(client: Client, id: str) -> bytes | None:
    """None for what is too large, or does not say how large it is."""
    file = await client.get_file(id)
    if not file.file_size or file.file_size > LARGEST:
        return None
    body = bytes(await file.download_as_bytearray(read_timeout=FETCH_SECONDS))
    return body if len(body) <= LARGEST else None
