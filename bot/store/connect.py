"""A client for the Redis that the settings name."""

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff


def connect(url: str) -> Redis:
    """A client of the Redis at ``url``. Nothing is sent yet.

    A connection that had gone stale is tried once more at once; waiting is for the caller, who can tell its provider
    to come again.
    """
    return Redis.from_url(
        url, socket_timeout=5, socket_connect_timeout=5, health_check_interval=15, retry=Retry(NoBackoff(), 1)
    )
