"""The desk in a group of the staff at Telegram: it calls them there, and with the relay they answer there."""

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from starlette.routing import BaseRoute
from telegram import Update
from telegram.error import TelegramError

from bot.channels.channel import Channel, FileChannel
from bot.channels.telegram import STANDBY_SECONDS, Telegram, end
from bot.channels.telegram.errors import meaning
from bot.channels.telegram.rendering import as_html
from bot.conversations import Conversations
from bot.delivery import Refused
from bot.desk.telegram import ping
from bot.desk.telegram.forum import Forum
from bot.desk.telegram.incoming import Incoming
from bot.desk.telegram.mirror import Mirror
from bot.desk.telegram.people import People
from bot.logs import logger_of
from bot.settings import Settings
from bot.store.media import kept
from bot.store.reading import Lease
from bot.store.records import Address, DueTimer, Line
from bot.store.store import Store, StoreAway
from bot.store.topics import Topics
from bot.store.wake import Wakes

log = logger_of(__name__)

CHANNEL: Final = ping.CHANNEL
HTML: Final = "HTML"


class StaffGroup:
    """The group ``TELEGRAM_STAFF_CHAT``: a channel of its own, by which calls go out with retries like any reply."""

    def __init__(
        self, settings: Settings, store: Store, telegram: Telegram, wakes: Wakes, channels: Mapping[str, Channel]
    ) -> None:
        assert settings.telegram_staff_chat is not None
        self.chat = settings.telegram_staff_chat
        self.relay = settings.telegram_staff_relay
        self.public_url = settings.public_url or ""
        self.store = store
        self.telegram = telegram
        self.wakes = wakes
        self.channels = channels
        self.topics = Topics(store, self.chat)
        self.forum = Forum(telegram.client, telegram.sender, self.chat)
        self.people = People(telegram.client, store, self.chat)
        self.lease = Lease(store, f"topics:{store.sealer.name('topics', str(self.chat))}")
        self._incoming: Incoming | None = None

    def routes(self, conversations: Conversations) -> Sequence[BaseRoute]:
        return []

    async def call(self, conversations: Conversations, timer: DueTimer, now: datetime) -> None:
        """Call the staff to a conversation, once for each timer."""
        topic = await self.topics.of(timer.address) if self.relay else None
        links = [self.link(timer.conversation), self._topic_link(topic.thread) if topic and topic.thread else ""]
        await ping.call(conversations, timer, "\n".join(filter(None, links)), now)

    async def send(self, address: Address, line: Line) -> str:
        """Send a call. Raises ``Refused`` and ``TryLater``."""
        await self.telegram.sender.turn(self.chat)
        try:
            return f"{self.chat}:{await self.telegram.client.send_text(self.chat, as_html(line.text), HTML, None)}"
        except TelegramError as error:
            meant = meaning(error)
            if isinstance(meant, Refused):
                log.error("the staff can't be called; see `tanyakaki doctor`", reason=meant.reason)
            raise meant from None

    async def take(self, conversations: Conversations, update: Update, now: datetime) -> None:
        """Have the effect of something that happened in the group. Without the relay that is none."""
        if self.relay:
            await self._taking(conversations).take(update, now)

    async def run(self, conversations: Conversations) -> None:
        """Keep the topics, in one process at a time; another takes over when this one dies."""
        away = False
        try:
            while True:
                try:
                    await self._keep_topics(conversations)
                    away = False
                except StoreAway:
                    if not away:
                        log.warning("the store is away; the topics wait")
                    away = True
                except Exception:
                    log.exception("keeping the topics failed; it begins anew")
                await asyncio.sleep(STANDBY_SECONDS)
        finally:
            with contextlib.suppress(StoreAway):
                await self.lease.release()

    async def close(self) -> None:
        if self._incoming is not None:
            await self._incoming.finish()

    async def file(self, address: Address, attachment: str) -> tuple[str, bytes] | None:
        """A file of a line by its name. Raises ``FileAway``."""
        found, channel = await kept(self.store, address, attachment), self.channels.get(address.channel)
        if found is None and isinstance(channel, FileChannel):
            return await channel.media(address, attachment)
        return found

    def link(self, conversation: str) -> str:
        """A conversation's page at the desk."""
        return f"{self.public_url}/desk/c/{conversation}" if self.public_url else ""

    def _topic_link(self, thread: int) -> str:
        """A topic, for the members of the group."""
        return f"https://t.me/c/{str(self.chat).removeprefix('-100')}/{thread}"

    def _taking(self, conversations: Conversations) -> Incoming:
        if self._incoming is None:
            self._incoming = Incoming(conversations, self.forum, self.topics, self.people)
        return self._incoming

    async def _keep_topics(self, conversations: Conversations) -> None:
        if not await self.lease.hold():
            return
        parts = self.forum, self.topics, self.people
        mirror = Mirror(conversations, self.wakes, *parts, self.file, self.link, self.relay)
        keeping = asyncio.create_task(self.lease.keep())
        working = asyncio.create_task(mirror.run())
        try:
            await asyncio.wait([keeping, working], return_when=asyncio.FIRST_COMPLETED)
            if working.done():
                working.result()
        finally:
            await end(keeping, working)
