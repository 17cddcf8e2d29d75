"""Messages whose webhook never reached us: read from the account's own list, at every start and then again and again.

Twilio gives a webhook up after 15 seconds in all. The mark, up to which all is taken, moves only when a reading
succeeded, never by a webhook: what lies between two that arrived is found, too.
"""

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from twilio.rest import Client

from bot import logs
from bot.channels.whatsapp.inbound import CHANNEL, Posted, by_content, clean, name_of
from bot.store.records import Address
from bot.store.store import Store, StoreAway, answered

log = logs.logger_of(__name__)

EVERY_SECONDS: Final = 60.0
RETRY_SECONDS: Final = 5.0
GRACE: Final = timedelta(seconds=20)
"""A message younger than this may still come by its webhook, which tells more of it."""

OVERLAP: Final = timedelta(minutes=10)
LONGEST: Final = timedelta(days=6)
"""Ids of messages are remembered for seven days: what is older might have an effect twice."""

FIRST: Final = timedelta(hours=1)
"""How far an installation that has never read looks back."""

PAGE: Final = 200
MOST: Final = 20_000

Take = Callable[[Posted, datetime], Awaitable[None]]


class CatchUp:
    """Reads the list of messages to ``sender``."""

    def __init__(self, store: Store, client: Callable[[], Client], sender: str, take: Take) -> None:
        self._store = store
        self._client = client
        self._sender = sender
        self._take = take
        self._mark = f"tk:whatsapp:read-up-to:{store.sealer.name('sender', sender)}"
        self._lock = f"{self._mark}:lock"
        self.wanted = asyncio.Event()

    async def run(self) -> None:
        """Read at the start, every minute, and soon after an outage, until cancelled."""
        started, first = datetime.now(UTC), True
        while True:
            pause = EVERY_SECONDS
            try:
                await self.read(started if first else datetime.now(UTC) - GRACE)
                pause = GRACE.total_seconds() + 5 if first else EVERY_SECONDS
                first = False
            except StoreAway:
                pause = RETRY_SECONDS
            except Exception as error:
                log.warning("messages that were missed could not be read", error=type(error).__name__)
                pause = RETRY_SECONDS
            await self._pause(pause)

    async def _pause(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self.wanted.wait(), seconds)
            await asyncio.sleep(GRACE.total_seconds() + 1)  # the outage is over; let the webhooks' retries end
        except TimeoutError:
            pass
        self.wanted.clear()

    async def read(self, until: datetime) -> int:
        """Take every message up to ``until`` that was missed; how many were looked at."""
        token = uuid.uuid4().hex
        if not await answered(self._store.redis.set(self._lock, token, nx=True, ex=30)):
            return 0
        try:
            since = await self._since()
            messages = [m for m in await self._listed(since) if (m.date_sent or m.date_created) <= until]
            for message in messages:
                with logs.request():
                    await self._one(message)
                await answered(self._store.redis.expire(self._lock, 30))
            await answered(self._store.redis.set(self._mark, until.isoformat()))
            return len(messages)
        finally:
            if await answered(self._store.redis.get(self._lock)) == token.encode():
                await answered(self._store.redis.delete(self._lock))

    async def _since(self) -> datetime:
        now = datetime.now(UTC)
        mark = await answered(self._store.redis.get(self._mark))
        since = datetime.fromisoformat(mark.decode()) - OVERLAP if mark else now - FIRST
        return max(since, now - LONGEST)

    async def _listed(self, since: datetime) -> list[Any]:
        """The inbound messages since then, the oldest first."""
        found = await self._client().messages.list_async(
            to=self._sender, date_sent_after=since, limit=MOST, page_size=PAGE
        )
        inbound = [m for m in found if m.direction == "inbound" and (m.date_sent or m.date_created)]
        inbound = [m for m in inbound if (m.date_sent or m.date_created) >= since]
        return sorted(inbound, key=lambda m: (m.date_sent or m.date_created, m.date_created or m.date_sent))

    async def _one(self, message: Any) -> None:
        name = name_of(message.from_ or "")
        if not name or not message.sid:
            return
        text, kind = clean(message.body or ""), ""
        urls: tuple[str, ...] = ()
        kinds: tuple[str, ...] = ()
        if str(message.num_media or "0") not in ("0", ""):
            urls, kinds = await self._media(message)
            kind = "" if text else kinds[0] if kinds else "other"
        names = (Address(channel=CHANNEL, id=name),)
        posted = Posted(message.sid, names, name, text, kind=kind, media=urls, media_kinds=kinds)
        await self._take(posted, message.date_sent or message.date_created)

    async def _media(self, message: Any) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Where the files of a message are and what each is, by its list of media."""
        found = [one for one in await self._client().messages(message.sid).media.list_async(limit=10) if one.uri]
        urls = tuple(f"https://api.twilio.com{one.uri.removesuffix('.json')}" for one in found)
        return urls, tuple(by_content(one.content_type or "") for one in found)
