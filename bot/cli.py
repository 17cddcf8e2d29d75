"""The command ``tanyakaki``: which commands there are. What they do stands in ``bot.commands``.

Exit codes: 0 good, 1 a fault found, 2 wrong usage.
"""

import argparse
import sys
from collections.abc import Sequence

from bot.commands import (
    chat,
    check,
    doctor,
    graph,
    init,
    language,
    learn,
    patient,
    reload,
    schema,
    serve,
    simulate,
    staff,
    whatsapp,
)
from bot.content import ContentError
from bot.settings import SettingsError
from bot.store.embedded import EmbeddedError
from bot.store.key_check import WrongKey
from bot.store.store import StoreAway

COMMANDS = (
    init,
    serve,
    chat,
    language,
    learn,
    check,
    simulate,
    graph,
    schema,
    reload,
    patient,
    staff,
    whatsapp,
    doctor,
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; every foreseen error is a clear line on standard error."""
    parsed = _parser().parse_args(arguments)
    try:
        return int(parsed.run(parsed))
    except ContentError as error:
        return _fail(*map(str, error.faults), f"{len(error.faults)} fault(s) in the content; nothing was started")
    except (SettingsError, EmbeddedError, WrongKey) as error:
        return _fail(f"tanyakaki: {error}")
    except StoreAway as error:
        return _fail(f"tanyakaki: Redis does not answer ({error}); is REDIS_URL right, and does it run?")
    except BrokenPipeError:
        return 0
    except KeyboardInterrupt:
        return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="tanyakaki", description="A chatbot that Indonesian patients ask about the leg."
    )
    subparsers = parser.add_subparsers(required=True, metavar="COMMAND")
    for module in COMMANDS:
        module.add_commands(subparsers)
    return parser


def _fail(*lines: str) -> int:
    print(*lines, sep="\n", file=sys.stderr)
    return 1
