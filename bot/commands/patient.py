"""``tanyakaki export`` and ``tanyakaki forget``: a patient's data, all of it out or all of it gone."""

import argparse
import asyncio
import base64
import getpass
import json
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

from bot.service import shared_redis_of, store_of
from bot.settings import load_settings
from bot.store.aliases import resolve
from bot.store.media import all_kept
from bot.store.reads import Read, note_read, reads_of
from bot.store.records import Address
from bot.store.store import BrokenState, Store

T = TypeVar("T")


def add_commands(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    for name, run, text in (
        ("export", run_export, "print all that is stored of a patient, as JSON"),
        ("forget", run_forget, "remove all that is stored of a patient"),
    ):
        parser = subparsers.add_parser(name, help=text)
        parser.add_argument("id", help="the address: telegram:123, whatsapp:+6281..., web:...")
        parser.add_argument("--yes", action="store_true", help="ask nothing")
        parser.set_defaults(run=run)


def run_export(arguments: argparse.Namespace) -> int:
    address = _address(arguments.id)
    if address is None or not (arguments.yes or _agreed(f"Print all that {address} said?")):
        return 2 if address is None else 1
    data = _with_store(lambda store: export(store, address))
    print(json.dumps(data, ensure_ascii=False, indent=2))
    return 0 if data["transcript"] or data["state"] else _nothing(address)


def run_forget(arguments: argparse.Namespace) -> int:
    address = _address(arguments.id)
    if address is None or not (arguments.yes or _agreed(f"Remove all data of {address} for ever?")):
        return 2 if address is None else 1
    if not _with_store(lambda store: _forget(store, address)):
        return _nothing(address)
    print(f"everything of {address} is removed")
    return 0


async def export(store: Store, address: Address) -> dict[str, Any]:
    """All that is stored of a patient: state, transcript with delivery states, files, who read it."""
    address = await resolve(store, [address])
    try:
        loaded = await store.load(address)
        state = loaded.conversation.model_dump(mode="json") if loaded.version else None
    except BrokenState:
        state = {"error": "the stored state can't be read with this SECRET_KEY"}
    states = await store.delivery_states(address)
    await note_read(store, address, Read(at=datetime.now(UTC), who=f"operator {getpass.getuser()}", what="export"))
    return {
        "address": str(address),
        "state": state,
        "transcript": [
            {"n": number, **line.model_dump(mode="json"), "delivery": states.get(number)}
            for number, line in await store.transcript(address)
        ],
        "files": {
            name: {"type": type, "base64": base64.b64encode(body).decode()}
            for name, (type, body) in (await all_kept(store, address)).items()
        },
        "reads": [read.model_dump(mode="json") for read in await reads_of(store, address)],
    }


async def _forget(store: Store, address: Address) -> bool:
    """A patient is forgotten by any name that leads to the conversation."""
    return await store.forget(await resolve(store, [address]))


def _with_store(work: Callable[[Store], Awaitable[T]]) -> T:
    settings = load_settings()

    async def run(redis_url: str) -> T:
        async with store_of(settings, redis_url) as store:
            return await work(store)

    with shared_redis_of(settings) as redis_url:
        return asyncio.run(run(redis_url))


def _address(text: str) -> Address | None:
    try:
        return Address.parse(text)
    except ValueError as error:
        print(f"tanyakaki: {error}", file=sys.stderr)
        return None


def _agreed(question: str) -> bool:
    return input(f"{question} [y/N] ").strip().lower() in ("y", "ya", "yes")


def _nothing(address: Address) -> int:
    print(f"tanyakaki: nothing is stored of {address}", file=sys.stderr)
    return 1
