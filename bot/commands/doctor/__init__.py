"""``tanyakaki doctor``: tests the settings, and says of each fault how to mend it."""

import argparse
import asyncio
from collections.abc import Iterable

from bot.channels.telegram.health import examine
from bot.commands.doctor.finding import Finding, ok
from bot.commands.doctor.machine import (
    check_content,
    check_folder,
    check_key,
    check_port,
    check_public_url,
    check_reached,
)
from bot.commands.doctor.redis import check_redis
from bot.settings import Settings, load_settings


def add_commands(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser("doctor", help="test the settings; say how to mend each fault")
    parser.add_argument("--host", default="127.0.0.1", help="address that `serve` listens on (127.0.0.1)")
    parser.add_argument("--port", type=int, default=8000, help="port that `serve` listens on (8000)")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    settings = load_settings()
    findings = [ok("the settings can be read"), *asyncio.run(findings_of(settings, arguments.host, arguments.port))]
    faults = sum(not finding.well for finding in findings)
    print(*findings, f"{faults} fault(s) to mend" if faults else "no fault found", sep="\n")
    return int(faults > 0)


async def findings_of(settings: Settings, host: str, port: int) -> list[Finding]:
    """What every check finds, in order and once; those that wait for others wait side by side."""
    checks = (
        check_content(settings),
        check_key(settings),
        check_folder(settings),
        check_redis(settings),
        check_public_url(settings),
        check_port(host, port),
        check_reached(settings, host, port),
        check_telegram(settings),
        check_whatsapp(settings),
    )
    return list(dict.fromkeys(finding for found in await asyncio.gather(*checks) for finding in found))


async def check_telegram(settings: Settings) -> Iterable[Finding]:
    return [Finding(well, text) for well, text in await examine(settings)]


async def check_whatsapp(settings: Settings) -> Iterable[Finding]:
    if settings.twilio_account_sid is None:
        return [ok("WhatsApp is off (TWILIO_ACCOUNT_SID is not set)")]
    from bot.channels.whatsapp.health import examine as examine_whatsapp

    return [Finding(well, text) for well, text in await examine_whatsapp(settings)]
