"""``tanyakaki serve``: the service."""

import argparse
import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, Final

import uvicorn
from uvicorn.supervisors import Multiprocess

from bot import logs
from bot.desk.accounts import FIRST, Accounts
from bot.logs import logger_of
from bot.service import keep_still, proven_content_of, redis_of, store_of
from bot.settings import Settings, SettingsError, load_settings
from bot.store.store import StoreAway
from bot.web import create_app

log = logger_of(__name__)

STOPS_WITHIN: Final = 3
"""Seconds in which open requests may end after a stop signal. Sends under way have ``service.STOPS_WITHIN`` after that:
together less than the 10 in which a process must be gone."""

WORKER_ANSWERS_WITHIN: Final = 30
"""Seconds in which a worker must answer its parent, or is replaced; a busy machine takes some to start one."""


def add_commands(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser("serve", help="the service: web chat, clinic desk, webhooks, delivery")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
    parser.add_argument("--port", type=_number(1, 65_535), default=8000, help="port to listen on (8000)")
    parser.add_argument("--workers", type=_number(1, 64), default=1, help="processes that serve (1)")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    settings = load_settings()
    logs.set_up(settings.log_level, settings.log_format)
    content = proven_content_of(settings)
    # The server hands a stop signal on once it has stopped itself; then the embedded Redis is to stop in order, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with _listening(arguments.host, arguments.port) as listener, redis_of(settings) as redis_url:
        running = settings.model_copy(update={"redis_url": redis_url, "secret_key": ",".join(settings.secrets())})
        _announce(arguments, asyncio.run(_prepare(running, redis_url)))
        if arguments.workers == 1:
            keep_still()
            uvicorn.Server(uvicorn.Config(create_app(running, content), **_OPTIONS)).run([listener])
        else:
            _run_workers(running, arguments.workers, listener)
    return 0


@contextlib.contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    """The socket that the service will listen on. That a port is taken is told before anything starts."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError as error:
            raise SettingsError(
                f"{host} port {port} can't be listened on ({error.strerror}); end what listens there, or choose "
                f"another: tanyakaki serve --port {port + 1 if port < 65_535 else 8000}"
            ) from None
        listener.set_inheritable(True)
        yield listener


async def _prepare(settings: Settings, redis_url: str) -> str | None:
    """A wrong key is told before anything starts. Gives the one-time password of the desk's first account, to the one
    process that made it."""
    async with store_of(settings, redis_url) as store:
        try:
            return await Accounts(store).ensure_admin(datetime.now(UTC))
        except StoreAway:
            log.warning("the store is away: whether the desk has an admin is not known; see `tanyakaki staff list`")
            return None


def _announce(arguments: argparse.Namespace, password: str | None) -> None:
    address = f"http://{arguments.host}:{arguments.port}"
    admin = f"  ({FIRST}, kata sandi sekali pakai: {password})" if password else ""
    print(f"Chat pasien : {address}/\nMeja klinik : {address}/desk{admin}\nBerhenti    : Ctrl+C", flush=True)


def _run_workers(settings: Settings, number: int, listener: socket.socket) -> None:
    """Several processes on one Redis; they read their settings from the environment."""
    os.environ["REDIS_URL"], os.environ["SECRET_KEY"] = settings.redis_url or "", settings.secret_key or ""
    config = uvicorn.Config("bot.web:create", factory=True, workers=number, **_OPTIONS)
    Multiprocess(config, [listener]).run()


def _number(least: int, most: int) -> Callable[[str], int]:
    """Reads a number of the command line."""

    def read(text: str) -> int:
        if not text.isdecimal() or not least <= int(text) <= most:
            raise argparse.ArgumentTypeError(f"must be a number from {least} to {most}, not {text!r}")
        return int(text)

    return read


_OPTIONS: Final[dict[str, Any]] = {
    "log_config": None,
    "log_level": "warning",
    "access_log": False,
    "server_header": False,
    "timeout_graceful_shutdown": STOPS_WITHIN,
    "timeout_worker_healthcheck": WORKER_ANSWERS_WITHIN,
}
