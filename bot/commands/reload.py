"""``tanyakaki reload``: have every running process read its content anew."""

import argparse
import asyncio
import sys

from bot.service import proven_content_of, shared_redis_of, store_of
from bot.settings import load_settings
from bot.store.keys import RELOAD
from bot.store.store import answered


def add_commands(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser("reload", help="check the content and have every running process take it over")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    settings = load_settings()
    version = proven_content_of(settings).script.version

    async def ask(redis_url: str) -> int:
        async with store_of(settings, redis_url) as store:
            return int(await answered(store.redis.publish(RELOAD, version)))

    with shared_redis_of(settings) as redis_url:
        processes = asyncio.run(ask(redis_url))
    if not processes:
        print("tanyakaki: no service runs on this Redis; nothing to reload", file=sys.stderr)
        return 1
    print(f"the content is sound ({version}); {processes} process(es) were asked to take it over")
    return 0
