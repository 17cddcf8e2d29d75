"""Pictures, voice notes and documents: fetched from Twilio, kept sealed for the clinic, then deleted at Twilio.

The address comes in with a message, so it is not believed: credentials go to Twilio's API alone, a redirect is followed
only to Twilio's own hosts and without them, and no more is read than fits.
"""

import asyncio
import contextlib
import json
import time
from collections.abc import Sequence
from typing import Final
from urllib.parse import urljoin, urlsplit

import aiohttp

from bot.channels.channel import FileAway
from bot.channels.whatsapp.client import Gateway, TooLarge, UnknownHost, basic, bounded, is_api, origin
from bot.logs import logger_of
from bot.store.media import Full, NotKept, keep
from bot.store.records import Address
from bot.store.sealing import SealError
from bot.store.store import Store, StoreAway, answered

log = logger_of(__name__)

LARGEST: Final = 16 * 1024 * 1024
"""Bytes of one file: WhatsApp sends no more through Twilio."""

REDIRECTS: Final = 3
FETCH_SECONDS: Final = 30.0
LEASE_SECONDS: Final = 60.0
TRIES: Final = 8
SWEEP_SECONDS: Final = 5.0
BUCKET: Final = ("s3-external-1.amazonaws.com", "/media.twiliocdn.com/")
"""Where Twilio keeps media at Amazon."""

QUEUE: Final = "tk:whatsapp:media:queue"
JOBS: Final = "tk:whatsapp:media:jobs"


class NotFound(Exception):
    """A file that Twilio does not give."""


class Attachments:
    """Fetches media. ``auth`` are account and token."""

    def __init__(self, store: Store, gateway: Gateway, auth: tuple[str, str]) -> None:
        self._store = store
        self._gateway = gateway
        self._auth = auth

    @staticmethod
    def names(sid: str, count: int, kinds: Sequence[str] = ()) -> tuple[str, ...]:
        """The names of a message's files, as the transcript's line has them."""
        known = [*kinds, *["other"] * count][:count]
        return tuple(f"{kind}:whatsapp/{sid}/{number}" for number, kind in enumerate(known))

    async def fetch_later(self, address: Address, sid: str, urls: Sequence[str], names: Sequence[str]) -> None:
        """Note what is to be fetched: it is, whoever dies meanwhile."""
        job = json.dumps({"address": str(address), "sid": sid, "urls": list(urls), "names": list(names)}).encode()
        await answered(self._store.redis.hset(JOBS, sid, self._store.sealer.seal(job, JOBS)))
        await answered(self._store.redis.zadd(QUEUE, {sid: time.time()}, nx=True))

    async def media(self, address: Address, attachment: str) -> tuple[str, bytes] | None:
        """A file that is not fetched yet. Raises ``FileAway`` while it is to be fetched."""
        sid = attachment.partition("/")[2].partition("/")[0]
        if sid and await answered(self._store.redis.hexists(JOBS, sid)):
            raise FileAway("it is still to be fetched")
        return None

    async def run(self) -> None:
        """Fetch what is noted until cancelled."""
        while True:
            try:
                await self.sweep()
            except StoreAway:
                pass
            except Exception as error:
                log.warning("fetching media failed", error=type(error).__name__)
            await asyncio.sleep(SWEEP_SECONDS)

    async def sweep(self) -> None:
        """Fetch what is due. Each job is taken for a while by putting it off."""
        now = time.time()
        for raw in await answered(self._store.redis.zrangebyscore(QUEUE, "-inf", now, 0, 20)):
            if await answered(self._store.redis.zadd(QUEUE, {raw: now + LEASE_SECONDS}, gt=True, ch=True)):
                await self._job(raw.decode())

    async def _job(self, sid: str) -> None:
        sealed = await answered(self._store.redis.hget(JOBS, sid))
        try:
            job = json.loads(self._store.sealer.open(sealed, JOBS)) if sealed else None
        except SealError:
            job = None
        if job is None:
            await self._finish(sid)
            return
        try:
            for name, url in zip(job.get("names") or self.names(sid, len(job["urls"])), job["urls"], strict=True):
                await self._one(Address.parse(job["address"]), name, url)
        except StoreAway:
            raise
        except (TooLarge, NotFound, UnknownHost, Full) as error:
            log.warning("media are not kept", message=sid, error=type(error).__name__)
        except Exception as error:
            if await answered(self._store.redis.hincrby(f"{JOBS}:tries", sid, 1)) < TRIES:
                log.info("media are fetched later", message=sid, error=type(error).__name__)
                return
            log.warning("media are given up", message=sid, error=type(error).__name__)
        await self._finish(sid)

    async def _one(self, address: Address, name: str, url: str) -> None:
        keys = self._store.keys_of(address)
        # Who was forgotten meanwhile leaves nothing here; at Twilio it is deleted all the same.
        if await answered(self._store.redis.hget(keys.state, "v")) is not None:
            type, body = await self.fetch(url)
            with contextlib.suppress(NotKept):
                await keep(self._store, address, name, type, body)
        await self._delete(url)

    async def _finish(self, sid: str) -> None:
        await answered(self._store.redis.zrem(QUEUE, sid))
        await answered(self._store.redis.hdel(JOBS, sid))
        await answered(self._store.redis.hdel(f"{JOBS}:tries", sid))

    async def fetch(self, url: str) -> tuple[str, bytes]:
        """Content type and bytes of a file. Raises ``UnknownHost``, ``TooLarge``, ``NotFound``."""
        address = self._gateway.address_of(url)
        timeout = aiohttp.ClientTimeout(total=FETCH_SECONDS)
        given = basic(*self._auth)
        for _ in range(REDIRECTS + 1):
            async with self._gateway.session.get(
                address, headers=given, timeout=timeout, allow_redirects=False
            ) as response:
                if response.status in (301, 302, 303, 307, 308):
                    address, given = self._next(address, response.headers.get("Location", "")), {}
                    continue
                if response.status in (404, 410):
                    raise NotFound
                response.raise_for_status()
                return response.headers.get("Content-Type", "application/octet-stream"), await bounded(
                    response, LARGEST
                )
        raise NotFound

    def _next(self, address: str, location: str) -> str:
        """Where a redirect leads, if that is Twilio's. Raises ``UnknownHost``."""
        url = urljoin(address, location)
        parts = urlsplit(url)
        host = parts.hostname or ""
        if self._gateway.api_url is not None and origin(url) == origin(self._gateway.api_url):
            return url
        plain = parts.scheme == "https" and parts.port in (None, 443) and parts.username is None
        cdn = host.endswith(".twiliocdn.com") or (host == BUCKET[0] and parts.path.startswith(BUCKET[1]))
        if not plain or not (cdn or is_api(host) or host.endswith(".twilio.com")):
            raise UnknownHost(host)
        return url

    async def _delete(self, url: str) -> None:
        # The file is at the bare address, the resource that can be deleted at the same with .json.
        resource = url if url.endswith(".json") else f"{url}.json"
        response = await self._gateway.request("DELETE", resource, auth=self._auth)
        if response.status_code not in (200, 202, 204, 404):
            raise OSError(f"deleting was answered with {response.status_code}")
