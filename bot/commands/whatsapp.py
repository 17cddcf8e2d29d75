"""``tanyakaki whatsapp``: what Twilio keeps for us, menus and templates."""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable

from bot.service import content_of, shared_redis_of, store_of
from bot.settings import Settings, SettingsError, load_settings


def add_commands(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser("whatsapp", help="menus and templates that Twilio keeps for us")
    parts = parser.add_subparsers(required=True, metavar="WHAT")
    sync = parts.add_parser("sync", help="make the menus at Twilio match the content")
    sync.set_defaults(run=run_sync)
    templates = parts.add_parser("templates", help="submit the templates for approval, and list them")
    templates.add_argument("--list", action="store_true", dest="only_list", help="submit nothing")
    templates.set_defaults(run=run_templates)


def run_sync(arguments: argparse.Namespace) -> int:
    from bot.channels.whatsapp.templates import sync

    script = content_of(load_settings()).script

    async def work(client: "object", contents: "object") -> int:
        synced = await sync(client, contents, script)  # type: ignore[arg-type]
        print(f"{synced.made} made, {synced.removed} removed, {synced.kept} as they were")
        return 0

    return _with_twilio(work)


def run_templates(arguments: argparse.Namespace) -> int:
    from bot.channels.whatsapp.templates import listed, submit

    script = content_of(load_settings()).script

    async def work(client: "object", contents: "object") -> int:
        if arguments.only_list:
            found = await listed(client, script)
        else:
            found = await submit(client, contents, script)  # type: ignore[arg-type]
        for template in found:
            print(f"{template.name:<16} {template.status:<12} {template.content or '-':<36} {template.text}")
        return 0

    return _with_twilio(work)


def _with_twilio(work: Callable[[object, object], Awaitable[int]]) -> int:
    settings = load_settings()
    if settings.twilio_account_sid is None:
        raise SettingsError("TWILIO_ACCOUNT_SID is not set: there is no WhatsApp to set up")

    async def run(redis_url: str) -> int:
        return await _run(settings, redis_url, work)

    with shared_redis_of(settings) as redis_url:
        return asyncio.run(run(redis_url))


async def _run(settings: Settings, redis_url: str, work: Callable[[object, object], Awaitable[int]]) -> int:
    from twilio.base.exceptions import TwilioException

    from bot.channels.whatsapp import tokens_of
    from bot.channels.whatsapp.client import Gateway, client_of
    from bot.channels.whatsapp.contents import Contents
    from bot.delivery import TryLater

    account = settings.twilio_account_sid or ""
    gateway = Gateway(settings.twilio_api_url, seconds=30)
    try:
        async with store_of(settings, redis_url) as store:
            return await work(client_of(account, tokens_of(settings)[0], gateway), Contents(store, account))
    except TwilioException as error:
        problem = f"Twilio answers {getattr(error, 'status', '')}: {getattr(error, 'msg', error)}"
    except (OSError, TryLater) as error:
        problem = f"Twilio can't be reached ({type(error).__name__}); try again"
    finally:
        await gateway.close()
    print(f"tanyakaki: {problem}", file=sys.stderr)
    return 1
