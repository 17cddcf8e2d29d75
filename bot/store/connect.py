"""A client for the Redis that ``REDIS_URL`` names: one server (TCP, TLS or a socket), Sentinel, or a Cluster.

    redis://[user:password@]host:port/DB            rediss://... (TLS; ?ssl_ca_certs=FILE)
    unix:///path/of/the.sock                        redis+sentinel://[user:password@]h1:p1,h2:p2/SERVICE[/DB]
    redis+cluster://[user:password@]h1:p1,h2:p2     each with redis-py's options as a query

Three options are ours: ``wait=N`` lets a commit count only when N replicas have it; ``ssl=1`` speaks TLS to Sentinel or
a Cluster; ``sentinel_password=`` is the sentinels' own.
"""

import re
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from redis.asyncio import Redis, RedisCluster
from redis.asyncio.cluster import ClusterNode
from redis.asyncio.connection import parse_url
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import Sentinel
from redis.backoff import ExponentialBackoff, NoBackoff
from redis.exceptions import RedisError

from bot.settings import SettingsError
from bot.store.gathering import GatheringRedis

Client = Redis | RedisCluster

SENTINEL_PORT: Final = 26379
REDIS_PORT: Final = 6379
SENTINEL_SECONDS: Final = 0.5
"""How long one sentinel may take; with the next one asked after it, a dead one hides no outage."""

OURS: Final = ("wait", "ssl", "sentinel_password")
NODE_SECONDS: Final = 4.0
"""How long one of several servers may take before another is asked. Where there is only one, ``store.answered`` says
when it is away: a limit of redis-py's costs a task, a third of the processor's time and a pass of the event loop for
each command."""

DEFAULTS: Final = {
    "socket_connect_timeout": 2.0,
    "health_check_interval": 15,
    # redis-py's own 100 are fewer than the sends that may be under way; a Redis that is there would count as away.
    "max_connections": 1000,
}


@dataclass(frozen=True, slots=True)
class Target:
    """What a URL asks for. ``service`` names a Sentinel's master, ``copies`` is its ``wait``."""

    scheme: str
    hosts: tuple[tuple[str, int], ...]
    service: str
    options: dict[str, Any]
    copies: int
    ssl: bool
    sentinel_password: str | None


def connect(url: str) -> Client:
    """A client of the Redis at ``url``. Nothing is sent yet. Raises ``SettingsError`` for a URL that can't be used.

    A connection that had gone stale is tried once more at once; waiting is for the caller, who can tell its provider
    to come again. Only a Cluster is asked a few times, because its answer to "who has this key" may be old.
    """
    target = parse(url)
    if target.scheme == "redis+cluster":
        return _cluster(target)
    if target.scheme == "redis+sentinel":
        return _sentinel(target)
    options = {"socket_timeout": None, **_defaults(target), "retry": Retry(NoBackoff(), 1)}
    return GatheringRedis.from_url(_without_ours(url), **options)


def copies_of(url: str) -> int:
    """How many replicas must have a commit before it counts: the URL's ``wait``, else none."""
    return parse(url).copies


def parse(url: str) -> Target:
    """What ``url`` asks for. Raises ``SettingsError``."""
    try:
        return _parsed(url)
    except (ValueError, TypeError, AttributeError) as error:
        raise SettingsError(f"REDIS_URL {_plain(error)}; for example {_example(url)}") from None


def _parsed(url: str) -> Target:
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    ssl = query.get("ssl", "0").lower() in ("1", "true", "yes")
    hosts, path = _hosts(parts.netloc, parts.scheme), [part for part in parts.path.split("/") if part]
    service = ""
    if parts.scheme == "redis+sentinel":
        if not path:
            raise ValueError("must name the Sentinel's service after the hosts")
        service, *path = path
    if parts.scheme == "redis+cluster" and path:
        raise ValueError("must name no database: a Cluster has only one")
    if parts.scheme != "unix" and path and not path[0].isdecimal():
        raise ValueError(f"must end in the number of a database, not in {path[0]!r}")
    return Target(
        scheme=parts.scheme,
        hosts=hosts,
        service=service,
        options=_options(url, path, ssl),
        copies=_number(query.get("wait", "0"), "wait"),
        ssl=ssl,
        sentinel_password=query.get("sentinel_password"),
    )


def _hosts(netloc: str, scheme: str) -> tuple[tuple[str, int], ...]:
    if scheme == "unix":
        return ()
    port = SENTINEL_PORT if scheme == "redis+sentinel" else REDIS_PORT
    named = netloc.rpartition("@")[2].split(",")
    if len(named) > 1 and scheme in ("redis", "rediss"):
        raise ValueError("names several hosts: that is for redis+sentinel:// and redis+cluster://")
    return tuple(_host(text, port) for text in named)


def _host(text: str, port: int) -> tuple[str, int]:
    found = re.fullmatch(r"(\[[0-9a-fA-F:.]+\]|[^:\[\]]+)(?::(\d+))?", text)
    if found is None or not 0 < int(found[2] or port) < 65536:
        raise ValueError(f"has a host that can't be read: {text!r}" if text else "names no host")
    return found[1].strip("[]"), int(found[2] or port)


def _options(url: str, path: list[str], ssl: bool) -> dict[str, Any]:
    """The client's keyword arguments, as redis-py reads them from a URL of one server; wrong ones are found here, not
    at the first message."""
    parts = urlsplit(_without_ours(url))
    if parts.scheme in ("unix", "redis", "rediss"):
        plain = parts.geturl()
    else:
        user = f"{parts.netloc.rpartition('@')[0]}@" if "@" in parts.netloc else ""
        plain = f"{'rediss' if ssl else 'redis'}://{user}host/{path[0] if path else ''}?{parts.query}"
    options: dict[str, Any] = dict(parse_url(plain))
    try:
        Redis.from_url(plain).connection_pool.make_connection()  # type: ignore[no-untyped-call]
    except (TypeError, RedisError) as error:
        unknown = re.search(r"unexpected keyword argument '(\w+)'", str(error))
        raise ValueError(f"has an unknown option {unknown[1]!r}" if unknown else str(error)) from None
    for own in ("host", "port", "connection_class"):
        options.pop(own, None)
    return options


def _without_ours(url: str) -> str:
    parts = urlsplit(url)
    query = [(name, value) for name, value in parse_qsl(parts.query) if name not in OURS]
    return parts._replace(query=urlencode(query)).geturl()


def _defaults(target: Target) -> dict[str, Any]:
    return {name: value for name, value in DEFAULTS.items() if name not in target.options}


def _arguments(target: Target) -> dict[str, Any]:
    arguments = {"socket_timeout": NODE_SECONDS, **_defaults(target), **target.options}
    return {**arguments, "ssl": True} if target.ssl else arguments


def _cluster(target: Target) -> RedisCluster:
    return RedisCluster(
        startup_nodes=[ClusterNode(host, port) for host, port in target.hosts],
        retry=Retry(ExponentialBackoff(cap=0.5, base=0.05), 5),
        **{name: value for name, value in _arguments(target).items() if name != "db"},
    )


def _sentinel(target: Target) -> Redis:
    security = {name: value for name, value in _arguments(target).items() if name.startswith("ssl")}
    sentinels = Sentinel(  # type: ignore[no-untyped-call]
        list(target.hosts),
        sentinel_kwargs={
            "socket_timeout": SENTINEL_SECONDS,
            "socket_connect_timeout": SENTINEL_SECONDS,
            "retry": Retry(NoBackoff(), 0),
            "password": target.sentinel_password,
            **security,
        },
    )
    found = sentinels.master_for(
        target.service, redis_class=_FoundBySentinels, retry=Retry(NoBackoff(), 1), **_arguments(target)
    )
    assert isinstance(found, Redis)
    return found


class _FoundBySentinels(GatheringRedis):
    """The master's client. It ends its sentinels' connections with its own, which redis-py leaves open."""

    async def aclose(self, close_connection_pool: bool | None = None) -> None:
        await super().aclose(close_connection_pool)
        pool: Any = self.connection_pool
        for sentinel in pool.sentinel_manager.sentinels:
            await sentinel.aclose()


def _number(text: str, name: str) -> int:
    if not text.isdecimal():
        raise ValueError(f"has {name}={text}, which is no number")
    return int(text)


def _plain(error: Exception) -> str:
    text = str(error)
    return text if text.startswith(("must", "has", "names")) else f"can't be read: {text}"


def _example(url: str) -> str:
    if url.startswith("redis+sentinel"):
        return "REDIS_URL=redis+sentinel://:password@host1:26379,host2:26379/mymaster/0"
    if url.startswith("redis+cluster"):
        return "REDIS_URL=redis+cluster://:password@host1:6379,host2:6379"
    return "REDIS_URL=redis://:password@localhost:6379/0"
