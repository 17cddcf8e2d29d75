"""Telegram: patients write to a bot. By long polling, or by webhook where the settings name a public address."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from starlette.routing import BaseRoute
from telegram import BotCommand
from telegram.error import BadRequest, Forbidden, InvalidToken, RetryAfter, TelegramError

from bot.channels.telegram import updates
from bot.channels.telegram.client import client_of
from bot.channels.telegram.errors import seconds_of
from bot.channels.telegram.files import fetch
from bot.channels.telegram.polling import Polling
from bot.channels.telegram.receiving import Receiver, StaffChat
from bot.channels.telegram.sending import Sender
from bot.channels.telegram.webhook import PATH, Webhook
from bot.channels.telegram.words import Words
from bot.conversations import Conversations
from bot.delivery import TryLater
from bot.logs import logger_of
from bot.settings import Settings
from bot.store.reading import Lease, Reading
from bot.store.records import Address, Line
from bot.store.store import Store, StoreAway

log = logger_of(__name__)

STANDBY_SECONDS: Final = 1.0
"""How often a process that does not read looks whether it may."""

RETRY_SECONDS: Final = 2.0
UNREACHABLE_SECONDS: Final = 5.0
LONGEST_RETRY_SECONDS: Final = 60.0


class Telegram:
    """The channel ``telegram``. ``settings`` must name a token."""

    def __init__(self, settings: Settings, store: Store) -> None:
        assert settings.telegram_token is not None
        self.settings = settings
        self.client = client_of(settings.telegram_token, settings.telegram_api_url)
        # Two bots on one Redis read side by side: the number before the colon is the bot's own.
        name = f"telegram:{settings.telegram_token.partition(':')[0]}"
        self.reading = Reading(store, name)
        self.lease = Lease(store, name)
        self.sender = Sender(self.client, store, settings.telegram_rate)
        self.staff: StaffChat | None = None
        self._receiver: Receiver | None = None

    @property
    def by_webhook(self) -> bool:
        return self.settings.public_url is not None

    def routes(self, conversations: Conversations) -> Sequence[BaseRoute]:
        if not self.by_webhook:
            return []
        receiver = self._receive_for(conversations)
        return [Webhook(self.settings.telegram_webhook_secret or "", lambda: receiver).route()]

    async def send(self, address: Address, line: Line) -> str:
        if self._receiver is None:
            raise TryLater(1)
        return await self.sender.send(address, line, self._receiver.words)

    async def media(self, address: Address, attachment: str) -> tuple[str, bytes] | None:
        """A file that a patient sent. Raises ``FileAway``."""
        return await fetch(self.client, self.sender.store, address, attachment)

    async def run(self, conversations: Conversations) -> None:
        """Read, in one process at a time; with a webhook, see that it is registered. Another takes over when this one
        dies."""
        receiver = self._receive_for(conversations)
        away = False
        try:
            while True:
                try:
                    await self._read_while_held(receiver)
                    away = False
                except StoreAway:
                    if not away:
                        log.warning("the store is away; Telegram waits")
                    away = True
                except Exception:
                    log.exception("reading from Telegram failed; it begins anew")
                await asyncio.sleep(STANDBY_SECONDS)
        finally:
            await receiver.finish()
            await self._release()

    async def close(self) -> None:
        await self.client.close_connections()

    def _receive_for(self, conversations: Conversations) -> Receiver:
        if self._receiver is None or self._receiver.conversations is not conversations:
            self._receiver = Receiver(conversations, self.sender, self.reading, self.staff)
        return self._receiver

    async def _read_while_held(self, receiver: Receiver) -> None:
        if not await self.lease.hold():
            return
        keeping = asyncio.create_task(self.lease.keep())
        reading = asyncio.create_task(self._read(receiver))
        try:
            await asyncio.wait([keeping, reading], return_when=asyncio.FIRST_COMPLETED)
            if reading.done():
                reading.result()
        finally:
            await end(keeping, reading)

    async def _read(self, receiver: Receiver) -> None:
        if self.by_webhook:
            await insist(self._set_webhook, "the webhook can't be registered", forever=True)
        else:
            await insist(self._remove_webhook, "polling can't begin", forever=False)
        menu = asyncio.create_task(self._menu(receiver.words))
        try:
            await (self._wait() if self.by_webhook else Polling(self.client, receiver, self.reading).run())
        finally:
            await end(menu)

    async def _menu(self, words: Words) -> None:
        await insist(lambda: self._set_commands(words), "the menu of commands can't be set", forever=False)

    async def _wait(self) -> None:
        """With a webhook the reading is done by what Telegram posts; the lease is kept so that one registers it."""
        await asyncio.Event().wait()

    async def _set_commands(self, words: Words) -> None:
        """The menu beside the text field, in Indonesian for everybody."""
        menu = [BotCommand(name, description) for name, description in words.commands()]
        await self.client.set_my_commands(menu, language_code="id")
        await self.client.set_my_commands(menu)

    async def _set_webhook(self) -> None:
        await self.client.set_webhook(
            f"{self.settings.public_url}{PATH}",
            allowed_updates=list(updates.ALLOWED),
            secret_token=self.settings.telegram_webhook_secret,
            drop_pending_updates=False,
        )
        log.info("Telegram posts to the webhook")

    async def _remove_webhook(self) -> None:
        """Polling and a webhook exclude each other. What waits for the webhook is kept for us."""
        if (await self.client.get_webhook_info()).url:
            await self.client.delete_webhook(drop_pending_updates=False)
            log.info("the webhook was removed; Telegram is polled")

    async def _release(self) -> None:
        try:
            await self.lease.release()
        except StoreAway:
            log.info("the lease runs out by itself")


async def end(*tasks: asyncio.Task[None]) -> None:
    """Cancel tasks until they have ended: a client in between may swallow the first cancellation."""
    while running := [task for task in tasks if not task.done()]:
        for task in running:
            task.cancel()
        await asyncio.wait(running, timeout=0.5)


async def insist(act: Callable[[], Awaitable[None]], trouble: str, *, forever: bool) -> None:
    """Do ``act`` until Telegram has it. What Telegram refuses is given up, or with ``forever`` tried now and then. Told
    once."""
    wait, told = RETRY_SECONDS, False
    while True:
        try:
            return await act()
        except TelegramError as error:
            refused = isinstance(error, BadRequest | InvalidToken | Forbidden)
            if not told:
                log.error("Telegram does not take it", trouble=trouble, reason=_plain(error))
                told = True
            if refused and not forever:
                return None
            pause = seconds_of(error) if isinstance(error, RetryAfter) else LONGEST_RETRY_SECONDS if refused else wait
            wait = min(wait * 2, UNREACHABLE_SECONDS)
        await asyncio.sleep(pause)


def _plain(error: TelegramError) -> str:
    """An error in words for the person who set this up; these calls carry nothing of a patient."""
    if isinstance(error, InvalidToken):
        return "Telegram refuses TELEGRAM_TOKEN; copy it again from @BotFather"
    if isinstance(error, BadRequest):
        return f"Telegram refuses it ({error})"
    return "Telegram can't be reached; trying again"
