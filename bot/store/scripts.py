"""The Lua scripts, each an atomic act on one shard. They run alike on one Redis, behind Sentinel and on a Cluster."""

from collections.abc import Sequence
from functools import cache
from hashlib import sha1
from importlib.resources import files
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import NoScriptError

Argument = str | bytes | int | float


@cache
def _source(name: str) -> tuple[str, str]:
    text = files("bot.store").joinpath("lua", f"{name}.lua").read_text(encoding="utf-8")
    return text, sha1(text.encode(), usedforsecurity=False).hexdigest()


async def run(redis: Redis, name: str, keys: Sequence[str], arguments: Sequence[Argument]) -> Any:
    """Run the script ``name``; a server that does not know it yet is given its text."""
    text, digest = _source(name)
    try:
        return await redis.evalsha(digest, len(keys), *keys, *arguments)
    except NoScriptError:
        return await redis.eval(text, len(keys), *keys, *arguments)
