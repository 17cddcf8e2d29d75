"""Whether Redis answers, can be written with our key, and keeps what it says yes to."""

import time
from collections.abc import Iterator, Mapping
from typing import Any, Final

from redis.asyncio import RedisCluster
from redis.exceptions import RedisError

from bot.commands.doctor.finding import Finding, fault, note, ok
from bot.service import shared_redis_of, store_of
from bot.settings import Settings, SettingsError
from bot.store.connect import parse
from bot.store.embedded import EmbeddedError
from bot.store.key_check import WrongKey, check_key
from bot.store.store import Store, StoreAway, answered

SKEW_SECONDS: Final = 5.0
"""Clocks further apart than this fire timers at wrong times."""

FULL: Final = 0.9
"""The share of its memory from which on a Redis is as good as full."""

MENDS: Final[Mapping[str, str]] = {
    "AuthenticationError": "the password of REDIS_URL is not this Redis's: redis://:PASSWORD@host:6379/0",
    "NoPermissionError": "its user may not do what is needed: give that user +@all ~tk:* &tk:*",
    "OutOfMemoryError": "its memory is full: raise maxmemory, or shorten RETENTION_DAYS",
    "ReadOnlyError": "it is a replica: name the master, or let Sentinel find it (redis+sentinel://)",
    "BusyLoadingError": "it is still reading its file: try again soon",
    "MasterNotFoundError": "the sentinels know no such master: the name stands after the hosts in REDIS_URL",
}
OTHERWISE: Final = "is REDIS_URL right, does it run, and is it reachable from here?"


async def check_redis(settings: Settings) -> list[Finding]:
    try:
        with shared_redis_of(settings) as url:
            async with store_of(settings, url) as store:
                await answered(store.redis.ping())
                await check_key(store)
                return [ok(f"Redis answers, and knows the key ({_where(settings)})"), *await _kept(settings, store)]
    except StoreAway as error:
        return [fault(f"Redis does not do its work ({error}): {MENDS.get(str(error), OTHERWISE)}")]
    except (EmbeddedError, WrongKey, SettingsError) as error:
        return [fault(str(error))]


def _where(settings: Settings) -> str:
    return "REDIS_URL" if settings.redis_url else f"the embedded one in {settings.data_dir}"


async def _kept(settings: Settings, store: Store) -> list[Finding]:
    """How it keeps things. A managed Redis may tell nothing of that; then nothing is told here."""
    try:
        nodes = [node async for node in _nodes(store)]
    except (StoreAway, RedisError):
        return [note("this Redis does not tell whether it keeps what it is told: see that it does (appendonly yes)")]
    found = [finding for node in nodes for finding in (*_persistence(node), *_memory(node))]
    return list(dict.fromkeys([*found, *await _clock(store), *_password(settings)]))


async def _nodes(store: Store) -> Any:
    """What INFO tells, of every node that is written to."""
    if isinstance(store.redis, RedisCluster):
        for node in store.redis.get_primaries():
            yield await answered(store.redis.info(target_nodes=node))
    else:
        yield await answered(store.redis.info())


def _persistence(node: Mapping[str, Any]) -> Iterator[Finding]:
    if not node.get("aof_enabled"):
        mend = "redis-cli CONFIG SET appendonly yes; CONFIG SET appendfsync always; CONFIG REWRITE"
        yield fault(f"this Redis loses what it was told when it ends ({mend})")
    elif node.get("aof_last_write_status", "ok") != "ok":
        yield fault("this Redis can't write its file: is its disk full? Make room, or it refuses every message")
    else:
        yield ok("Redis keeps what it is told in its file")


def _memory(node: Mapping[str, Any]) -> Iterator[Finding]:
    most, used = int(node.get("maxmemory", 0)), int(node.get("used_memory", 0))
    policy = str(node.get("maxmemory_policy", "noeviction"))
    if policy != "noeviction":
        mend = "redis-cli CONFIG SET maxmemory-policy noeviction; CONFIG REWRITE"
        yield fault(f"with its memory full this Redis throws conversations away ({policy}): {mend}")
    if most and used > FULL * most:
        mend = "raise maxmemory, or shorten RETENTION_DAYS"
        yield fault(f"Redis uses {used >> 20} of its {most >> 20} MB, and refuses to write when they are full: {mend}")


async def _clock(store: Store) -> list[Finding]:
    """Timers are set by this machine's clock and expire by Redis's."""
    if isinstance(store.redis, RedisCluster):
        return []
    before = time.time()
    seconds, microseconds = await answered(store.redis.time())
    skew = abs(int(seconds) + int(microseconds) / 1e6 - (before + time.time()) / 2)
    if skew > SKEW_SECONDS:
        mend = "set both by the net's time (timedatectl set-ntp true)"
        return [fault(f"the clocks of this machine and of Redis are {skew:.0f} seconds apart: {mend}")]
    return [ok("the clocks of this machine and of Redis agree")]


def _password(settings: Settings) -> Iterator[Finding]:
    target = parse(settings.redis_url) if settings.redis_url else None
    local = {"localhost", "127.0.0.1", "::1"}
    if target and target.hosts and not target.options.get("password") and not {h for h, _ in target.hosts} <= local:
        yield note("REDIS_URL has no password: whoever reaches that Redis can delete everything (requirepass)")
