"""A client for the Redis that the settings name."""

from redis.asyncio import Redis


def connect(url: str) -> Redis:
    """A client of the Redis at ``url``. Nothing is sent yet."""
    return Redis.from_url(url, socket_timeout=5, socket_connect_timeout=5, health_check_interval=15)
