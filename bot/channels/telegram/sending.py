"""Sends a reply: rendered, in pieces, within the limits, every error told as what it means."""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass
from hashlib import blake2s
from typing import Final

from telegram import InlineKeyboardMarkup, InputFile
from telegram.constants import ParseMode
from telegram.error import TelegramError

from bot.channels.files import file_name, told
from bot.channels.telegram.buttons import keyboard, tickable
from bot.channels.telegram.client import FILES, Client
from bot.channels.telegram.errors import is_keyboard, is_markup, meaning
from bot.channels.telegram.rendering import as_html, as_plain, pieces, units
from bot.channels.telegram.updates import CHANNEL
from bot.channels.telegram.words import Words
from bot.delivery import Refused, TryLater
from bot.dialogue.wording import paragraphs
from bot.store.limits import Limit, seconds_until_allowed
from bot.store.media import is_own, kept
from bot.store.records import Address, Line
from bot.store.store import Store

WAITS_AT_MOST: Final = 1.2
"""Seconds that a send waits for its turn itself; a longer wait is left to the outbox."""

ROOM_FOR_MARKUP: Final = 3900
"""Units of a piece: less than Telegram takes, since bullets and marks may change its length a little."""

LONGEST_CAPTION: Final = 1000
"""Units of the text under a file; Telegram takes 1,024."""

MOST_UNFINISHED: Final = 1000

AS_KIND: Final = {
    "photo": ("image/jpeg", "image/png", "image/webp"),
    "voice": ("audio/ogg",),
    "audio": ("audio/mpeg", "audio/mp4"),
    "video": ("video/mp4",),
}
"""The types that Telegram shows as what they are; all else is sent as a document."""


@dataclass(frozen=True, slots=True)
class Part:
    """One message of a line: text, or a file (``kind:Telegram's id of it``) with text under it."""

    text: str
    file: str = ""


class Sender:
    """Sends lines. ``rate`` is how many a second go out in all, from every process; 0 lifts every limit."""

    def __init__(self, client: Client, store: Store, rate: float) -> None:
        self.client = client
        self.store = store
        self.rate = rate
        self._unfinished: OrderedDict[str, int] = OrderedDict()

    async def send(self, address: Address, line: Line, words: Words) -> str:
        """Send one line and give the id of its last message. Raises ``Refused`` and ``TryLater``."""
        chat = chat_id(address)
        parts = _parts(line, words)
        if not parts:
            raise Refused("empty")
        name = blake2s(f"{address}\x00{line.model_dump_json()}".encode()).hexdigest()
        sent = ""
        for number in range(self._unfinished.pop(name, 0), len(parts)):
            try:
                await self.turn(chat)
                buttons = keyboard(line, words("tick_done")) if number == len(parts) - 1 else None
                part = parts[number]
                sent = await (
                    self._send_part(address, part) if part.file else self._send(chat, part.text, buttons, line)
                )
            except BaseException:
                self._remember(name, number)  # what was sent of a long text is not sent again
                raise
        return sent

    async def say(self, chat: int, text: str) -> None:
        """Send a sentence of the channel's own, once its turn comes."""
        while True:
            try:
                await self.turn(chat)
                break
            except TryLater as later:
                await asyncio.sleep(later.seconds or 1)
        await self._send_html(chat, text, None)

    async def turn(self, chat: int, *also: Limit) -> None:
        """Wait until this chat may be written to, within limits of the caller's own, too. Raises ``TryLater`` where
        that takes long."""
        limits = [*self._limits(chat), *(also if self.rate else ())]
        wait = await seconds_until_allowed(self.store, CHANNEL, limits)
        while wait > 0:
            if wait > WAITS_AT_MOST:
                raise TryLater(wait)
            await asyncio.sleep(wait)
            wait = await seconds_until_allowed(self.store, CHANNEL, limits)

    def _limits(self, chat: int) -> list[Limit]:
        """One a second into a chat, twenty a minute into a group, and the rate in all."""
        if self.rate == 0:
            return []
        name = self.store.sealer.name("limit", CHANNEL, str(chat))
        group = [Limit(f"group:{name}", 15 / 60, 5)] if chat < 0 else []
        return [Limit("all", self.rate, max(1.0, self.rate)), Limit(f"chat:{name}", 1), *group]

    async def _send(self, chat: int, text: str, buttons: InlineKeyboardMarkup | None, line: Line) -> str:
        try:
            return await self._send_html(chat, text, buttons)
        except TelegramError as error:
            if buttons is None or not is_keyboard(error):
                raise meaning(error) from None
        # Without its buttons a question can still be answered by number.
        return await self._or_meaning(chat, paragraphs(text, _numbered(line), line.hint))

    async def _or_meaning(self, chat: int, text: str) -> str:
        try:
            return await self._send_html(chat, text, None)
        except TelegramError as error:
            raise meaning(error) from None

    async def _send_part(self, address: Address, part: "Part") -> str:
        kind, _, file = part.file.partition(":")
        if not is_own(part.file):
            return await self._send_file(chat_id(address), kind, file, part.text)
        found = await kept(self.store, address, part.file)
        if found is None:
            raise Refused("file is gone")
        type, name = told(found[0])
        sent_as = sendable(kind, type)
        file_sent = InputFile(found[1], filename=file_name(type, name))
        try:
            return await self._send_file(chat_id(address), sent_as, file_sent, part.text)
        except Refused:
            # Very long or very large pictures are none to Telegram, but files they are.
            if sent_as == "document":
                raise
        return await self._send_file(chat_id(address), "document", file_sent, part.text)

    async def _send_file(self, chat: int, kind: str, file: str | InputFile, text: str) -> str:
        try:
            return f"{chat}:{await self.client.send_file(chat, kind, file, as_html(text), ParseMode.HTML)}"
        except TelegramError as error:
            raise meaning(error) from None

    async def _send_html(self, chat: int, text: str, buttons: InlineKeyboardMarkup | None) -> str:
        """Send as HTML; where Telegram can't read that, plain."""
        try:
            return await self._post(chat, as_html(text), ParseMode.HTML, buttons)
        except TelegramError as error:
            if not is_markup(error):
                raise
        return await self._post(chat, as_plain(text), None, buttons)

    async def _post(self, chat: int, text: str, mode: str | None, buttons: InlineKeyboardMarkup | None) -> str:
        return f"{chat}:{await self.client.send_text(chat, text, mode, buttons)}"

    def _remember(self, name: str, number: int) -> None:
        if number:
            self._unfinished[name] = number
            if len(self._unfinished) > MOST_UNFINISHED:
                self._unfinished.popitem(last=False)


def sendable(kind: str, type: str) -> str:
    """As what a file is sent, so that Telegram shows it as what it is."""
    return kind if type in AS_KIND.get(kind, ()) else "document"


def chat_id(address: Address) -> int:
    try:
        return int(address.id)
    except ValueError:
        raise Refused("chat not found") from None


def _parts(line: Line, words: Words) -> list[Part]:
    """The messages of a line. A short text stands under the first of its files."""
    texts = pieces(_text(line, words), ROOM_FOR_MARKUP)
    files = [one for one in line.attachments if one.partition(":")[0] in FILES] if line.who == "staff" else []
    if files and len(texts) == 1 and units(texts[0]) <= LONGEST_CAPTION:
        return [Part(texts[0], files[0]), *(Part("", file) for file in files[1:])]
    return [*map(Part, texts), *(Part("", file) for file in files)]


def _text(line: Line, words: Words) -> str:
    speaker = f"*{line.name.replace('*', '')}*\n" if line.who == "staff" and line.name else ""
    return paragraphs(f"{speaker}{line.text}", f"_{words('tick_hint')}_" if tickable(line) else "")


def _numbered(line: Line) -> str:
    return "\n".join(f"{number}. {option.label}" for number, option in enumerate(line.options, 1))
