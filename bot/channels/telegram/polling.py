"""Long polling: fetch raw updates, take each, and only then move the offset. One process polls at a time."""

import asyncio
from collections import defaultdict
from typing import Any, Final

from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError

from bot import logs
from bot.channels.telegram import updates
from bot.channels.telegram.client import Client
from bot.channels.telegram.errors import seconds_of
from bot.channels.telegram.receiving import Receiver
from bot.store.reading import Reading
from bot.store.store import StoreAway

log = logs.logger_of(__name__)

POLL_SECONDS: Final = 20
RETRY_SECONDS: Final = 1.0
CONFLICT_SECONDS: Final = 5.0
REFUSED_SECONDS: Final = 30.0
TRIES: Final = 3
"""How often an update is tried that fails for a reason of our own, before it is passed by."""


class Polling:
    """Polls for one bot, as long as it runs."""

    def __init__(self, client: Client, receiver: Receiver, reading: Reading) -> None:
        self.client = client
        self.receiver = receiver
        self.reading = reading
        self._trouble = ""

    async def run(self) -> None:
        """Poll until cancelled. Every trouble is told once, and over once."""
        metrics = self.receiver.conversations.metrics
        try:
            while True:
                metrics.beat("telegram")
                await self._poll()
        finally:
            metrics.rest("telegram")

    async def _poll(self) -> None:
        try:
            position = await self.reading.position()
            found = await self.client.raw_updates(position, POLL_SECONDS, updates.ALLOWED)
            self._well()
            await self._take_all(found)
        except StoreAway:
            self._tell("the store is away; polling waits")
            await asyncio.sleep(RETRY_SECONDS)
        except TelegramError as error:
            await self._wait_after(error)

    async def _take_all(self, found: list[Any]) -> None:
        """Take updates, those of a chat in order, chats side by side; then all of them are done with."""
        if not found:
            return
        by_chat: defaultdict[int | None, list[Any]] = defaultdict(list)
        for raw in found:
            by_chat[updates.chat_of(raw)].append(raw)
        await asyncio.gather(*(self._take_in_order(waiting) for waiting in by_chat.values()))
        numbers = [raw["update_id"] for raw in found if isinstance(raw, dict) and isinstance(raw.get("update_id"), int)]
        if numbers:
            await self._patiently(lambda: self.reading.move(max(numbers) + 1))

    async def _take_in_order(self, waiting: list[Any]) -> None:
        for raw in waiting:
            with logs.request():
                await self._patiently(lambda raw=raw: self.receiver.take(raw))

    async def _patiently(self, act: Any) -> None:
        """Do it, waiting for the store as long as that is away."""
        failures = 0
        while failures < TRIES:
            try:
                await act()
                return
            except StoreAway:
                self._tell("the store is away; polling waits")
                await asyncio.sleep(RETRY_SECONDS)
            except Exception as error:
                failures += 1
                log.error("an update could not be taken", error=type(error).__name__, tries=failures)
                await asyncio.sleep(RETRY_SECONDS / 10)

    async def _wait_after(self, error: TelegramError) -> None:
        if isinstance(error, Conflict):
            self._tell(
                "another program polls Telegram with this TELEGRAM_TOKEN, or a webhook is set: stop the other one, or "
                "give each its own bot; trying again"
            )
            await self._remove_webhook()
            await asyncio.sleep(CONFLICT_SECONDS)
        elif isinstance(error, InvalidToken):
            self._tell("Telegram refuses TELEGRAM_TOKEN: copy it again from @BotFather; trying again")
            await asyncio.sleep(REFUSED_SECONDS)
        elif isinstance(error, RetryAfter):
            await asyncio.sleep(seconds_of(error))
        else:
            self._tell("Telegram can't be reached; trying again")
            await asyncio.sleep(RETRY_SECONDS)

    async def _remove_webhook(self) -> None:
        try:
            if (await self.client.get_webhook_info()).url:
                await self.client.delete_webhook(drop_pending_updates=False)
        except TelegramError as error:
            log.info("the webhook could not be looked at", error=type(error).__name__)

    def _tell(self, trouble: str) -> None:
        if trouble != self._trouble:
            log.error("Telegram polling is in trouble", trouble=trouble)
            self._trouble = trouble

    def _well(self) -> None:
        if self._trouble:
            log.info("Telegram polling goes on")
            self._trouble = ""
