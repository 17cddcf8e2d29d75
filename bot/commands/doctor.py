"""``tanyakaki doctor``: tests the settings, and says of each fault how to mend it."""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Final

from bot.channels.telegram.health import examine
from bot.content import ContentError
from bot.service import content_of, shared_redis_of, store_of
from bot.settings import Settings, load_settings
from bot.store.embedded import EmbeddedError
from bot.store.store import StoreAway


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; of a fault ``text`` says how to mend it."""

    well: bool
    text: str


Check = Callable[[Settings], Awaitable[Iterable[Finding]]]


async def check_content(settings: Settings) -> Iterable[Finding]:
    try:
        content = await asyncio.to_thread(content_of, settings)
    except ContentError as error:
        return [*(Finding(False, str(fault)) for fault in error.faults), Finding(False, "mend it: `tanyakaki check`")]
    return [Finding(True, f"the content is sound (version {content.script.version})")]


async def check_redis(settings: Settings) -> Iterable[Finding]:
    try:
        with shared_redis_of(settings) as url:
            async with store_of(settings, url) as store:
                await store.ping()
    except (StoreAway, EmbeddedError) as error:
        mend = "is REDIS_URL right, does it run, and is it reachable from here?"
        return [Finding(False, f"Redis does not answer ({error}): {mend}")]
    where = "REDIS_URL" if settings.redis_url else f"the embedded one in {settings.data_dir}"
    return [Finding(True, f"Redis answers ({where})")]


async def check_telegram(settings: Settings) -> Iterable[Finding]:
    return [Finding(well, text) for well, text in await examine(settings)]


async def check_whatsapp(settings: Settings) -> Iterable[Finding]:
    if settings.twilio_account_sid is None:
        return []
    from bot.channels.whatsapp.health import examine as examine_whatsapp

    return [Finding(well, text) for well, text in await examine_whatsapp(settings)]


CHECKS: Final[tuple[Check, ...]] = (check_content, check_redis, check_telegram, check_whatsapp)


def add_commands(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser("doctor", help="test the settings; say how to mend each fault")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    settings = load_settings()
    findings = [Finding(True, "the settings can be read"), *asyncio.run(_findings(settings))]
    for finding in findings:
        print(f"{'ok   ' if finding.well else 'FAULT'} {finding.text}", file=sys.stdout)
    return int(not all(finding.well for finding in findings))


async def _findings(settings: Settings) -> list[Finding]:
    return [finding for check in CHECKS for finding in await check(settings)]
