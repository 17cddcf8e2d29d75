"""The Lua scripts, each an atomic act on one shard. They run alike on one Redis, behind Sentinel and on a Cluster."""

from collections.abc import Sequence
from functools import cache
from hashlib import sha1
from importlib.resources import files
from typing import Any, Final

from redis.asyncio import RedisCluster
from redis.asyncio.cluster import PipelineCommand
from redis.exceptions import MovedError, NoScriptError, RedisError

from bot.store.connect import Client

Argument = str | bytes | int | float

COPIED_WITHIN: Final = 2000
"""Milliseconds in which the replicas that are wanted must have a write."""


class TooFewCopies(RedisError):
    """Fewer replicas than wanted have what was written. It is written all the same, and known when it comes again."""


@cache
def _source(name: str) -> tuple[str, str]:
    text = files("bot.store").joinpath("lua", f"{name}.lua").read_text(encoding="utf-8")
    return text, sha1(text.encode(), usedforsecurity=False).hexdigest()


async def run(redis: Client, name: str, keys: Sequence[str], arguments: Sequence[Argument], copies: int = 0) -> Any:
    """Run the script ``name``; a server that does not know it yet is given its text. With ``copies`` it returns only
    when so many replicas have what it wrote, and raises ``RedisError`` where they don't get it in time."""
    text, digest = _source(name)
    call = (len(keys), *keys, *arguments)
    try:
        return await _call(redis, ("EVALSHA", digest, *call), keys[0], copies)
    except NoScriptError:
        return await _call(redis, ("EVAL", text, *call), keys[0], copies)


async def _call(redis: Client, command: tuple[Argument, ...], key: str, copies: int) -> Any:
    if not copies:
        return await redis.execute_command(*command)
    # WAIT speaks of what its own connection wrote: both go down one, in one round trip.
    wait = ("WAIT", copies, COPIED_WITHIN)
    results = await (_in_cluster if isinstance(redis, RedisCluster) else _in_pipeline)(redis, key, command, wait)
    if isinstance(results[0], Exception):
        raise results[0]
    if isinstance(results[1], Exception) or results[1] < copies:
        raise TooFewCopies("too few replicas have what was written")
    return results[0]


async def _in_pipeline(redis: Any, key: str, *commands: tuple[Argument, ...]) -> list[Any]:
    pipeline = redis.pipeline(transaction=False)
    for command in commands:
        pipeline.execute_command(*command)
    return list(await pipeline.execute(raise_on_error=False))


async def _in_cluster(redis: Any, key: str, *commands: tuple[Argument, ...]) -> list[Any]:
    """The same on the node that has the key; a key that has moved is looked for once more."""
    for _ in range(2):
        await redis.initialize()
        sent = [PipelineCommand(place, *command) for place, command in enumerate(commands)]
        await redis.get_node_from_key(key).execute_pipeline(sent)
        if not isinstance(sent[0].result, MovedError):
            break
        await redis.exists(key)  # an ordinary command follows the move and notes it
    return [command.result for command in sent]
