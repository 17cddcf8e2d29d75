"""What became of a message, as Twilio tells it: only ever a step forward, and the reason where it failed."""

import asyncio
from collections.abc import Mapping
from typing import Final

from bot.channels.whatsapp.faults import MENU_REFUSED, OPTED_OUT, SLOW_SECONDS, TOO_FAST, WINDOW, refused
from bot.channels.whatsapp.inbound import CHANNEL, name_of
from bot.channels.whatsapp.sending import Sender, is_kept
from bot.conversations import Conversations
from bot.store.aliases import resolve
from bot.store.notes import note, noted
from bot.store.outbox import again, number_of, report
from bot.store.records import Address

STATES: Final = {
    "accepted": "queued",
    "scheduled": "queued",
    "queued": "queued",
    "sending": "queued",
    "sent": "sent",
    "delivered": "delivered",
    "read": "read",
    "failed": "failed",
    "undelivered": "failed",
    "canceled": "failed",
}
ARRIVED: Final = ("delivered", "read")
WAITS: Final = (0.1, 0.3, 0.6)
"""A status may come before the send that it tells of was noted: so long it is waited for."""


class Statuses:
    """Takes statuses for ``conversations``."""

    def __init__(self, conversations: Conversations, sender: Sender) -> None:
        self._conversations = conversations
        self._store = conversations.store
        self._sender = sender

    async def take(self, form: Mapping[str, str]) -> None:
        """Take one status. Raises ``StoreAway``."""
        sid, to = form.get("MessageSid") or form.get("SmsSid") or "", name_of(form.get("To", ""))
        state = STATES.get((form.get("MessageStatus") or form.get("SmsStatus") or "").lower())
        if not sid or not to or state is None or state == "queued":
            return
        address = await resolve(self._store, [Address(channel=CHANNEL, id=to)])
        number = await self._number(address, sid)
        if number is None:
            return
        if state != "failed":
            await report(self._store, address, sid, state)
        elif (await self._store.delivery_states(address)).get(number) not in ARRIVED:
            await self._failed(address, sid, number, form.get("ErrorCode", ""))

    async def _number(self, address: Address, sid: str) -> int | None:
        for seconds in (*WAITS, None):
            number = await number_of(self._store, address, sid)
            if number is not None or seconds is None:
                return number
            await asyncio.sleep(seconds)
        return None

    async def _failed(self, address: Address, sid: str, number: int, code: str) -> None:
        script = self._conversations.content.script
        reason = refused(code, script.whatsapp.errors).reason
        if not await report(self._store, address, sid, f"failed:{reason}"):
            return
        self._conversations.metrics.sends.labels(CHANNEL, "undelivered").inc()
        if code in OPTED_OUT:
            await note(self._store, address, out="blocked")
        elif code == WINDOW:
            await self._too_late(address, number)
        elif code in MENU_REFUSED:
            await self._once_more(address, number, "plain", 0.0)
        elif code in TOO_FAST:
            await self._once_more(address, number, "slow", SLOW_SECONDS)

    async def _too_late(self, address: Address, number: int) -> None:
        line = dict(await self._store.transcript(address)).get(number)
        heard = (await noted(self._store, address, "heard"))["heard"]
        if line is not None and is_kept(line, heard):
            await self._sender.ask_to_write(address, self._conversations.content.script)

    async def _once_more(self, address: Address, number: int, how: str, seconds: float) -> None:
        """Send a line again, one time: ``plain`` without its menu, ``slow`` after a while."""
        if (await noted(self._store, address, how))[how] == str(number):
            return
        await note(self._store, address, **{how: str(number)})
        if await again(self._store, address, [number], seconds):
            self._conversations.kick(self._store.id_of(address))
