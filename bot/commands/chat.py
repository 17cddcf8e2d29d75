"""``tanyakaki chat``."""

import argparse
import asyncio
import sys

from bot import logs
from bot.channels.jsonlines import answer_lines
from bot.channels.terminal import talk
from bot.service import content_of, private, redis_of, service_of
from bot.settings import load_settings


def add_commands(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser("chat", help="talk to the bot in the terminal")
    parser.add_argument("--json", action="store_true", help="JSON lines on standard input and output")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    chosen = load_settings()
    logs.set_up(chosen.log_level, chosen.log_format)
    with private(chosen) as settings, redis_of(settings) as redis_url:
        content = content_of(settings)

        async def chat() -> None:
            async with service_of(settings, redis_url, content) as service:
                if not arguments.json:
                    await talk(service.conversations)
                    return
                async for line in answer_lines(service.conversations, sys.stdin.buffer):
                    print(line, flush=True)

        asyncio.run(chat())
    return 0
