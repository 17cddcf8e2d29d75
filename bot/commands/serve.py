"""``tanyakaki serve``: the service."""

import argparse
import asyncio
import os
import signal
import sys
from types import FrameType
from typing import Any

import uvicorn

from bot import logs
from bot.service import Service, proven_content_of, redis_of, store_of
from bot.settings import Settings, load_settings
from bot.web import create_app

STOPS_WITHIN = 8
"""Seconds in which open requests are finished after a stop signal."""


def add_commands(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser("serve", help="the service: web chat, clinic desk, webhooks, delivery")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
    parser.add_argument("--port", type=int, default=8000, help="port to listen on (8000)")
    parser.add_argument("--workers", type=int, default=1, help="processes that serve (1)")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    settings = load_settings()
    logs.set_up(settings.log_level, settings.log_format)
    content = proven_content_of(settings)
    # The server hands a stop signal on once it has stopped itself; then the embedded Redis is to stop in order, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with redis_of(settings) as redis_url:
        running = settings.model_copy(update={"redis_url": redis_url, "secret_key": ",".join(settings.secrets())})
        asyncio.run(_try_key(running, redis_url))
        _announce(arguments)
        if arguments.workers == 1:
            stopping = _Stopping()
            app = create_app(running, content, stopping.watch)
            _Server(_config(app, arguments), stopping).run()
        else:
            _run_workers(running, arguments)
    return 0


async def _try_key(settings: Settings, redis_url: str) -> None:
    """A wrong key is told before anything starts."""
    async with store_of(settings, redis_url):
        pass


def _announce(arguments: argparse.Namespace) -> None:
    address = f"http://{arguments.host}:{arguments.port}"
    print(f"Chat pasien : {address}/\nMeja klinik : {address}/desk\nBerhenti    : Ctrl+C", flush=True)


def _config(app: object, arguments: argparse.Namespace) -> uvicorn.Config:
    return uvicorn.Config(app, **_options(arguments))  # type: ignore[arg-type]


def _run_workers(settings: Settings, arguments: argparse.Namespace) -> None:
    """Several processes on one Redis; they read their settings from the environment."""
    os.environ["REDIS_URL"], os.environ["SECRET_KEY"] = settings.redis_url or "", settings.secret_key or ""
    uvicorn.run("bot.web:create", factory=True, workers=arguments.workers, **_options(arguments))


def _options(arguments: argparse.Namespace) -> dict[str, Any]:
    return {
        "host": arguments.host,
        "port": arguments.port,
        "log_config": None,
        "log_level": "warning",
        "access_log": False,
        "server_header": False,
        "timeout_graceful_shutdown": STOPS_WITHIN,
    }


class _Stopping:
    """Ends the open streams at a stop signal, so that stopping waits for nobody's browser."""

    def __init__(self) -> None:
        self._service: Service | None = None

    def watch(self, service: Service) -> None:
        self._service = service

    def begin(self) -> None:
        if self._service is not None:
            self._service.wakes.close()


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, stopping: _Stopping) -> None:
        super().__init__(config)
        self._stopping = stopping

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._stopping.begin()
        super().handle_exit(sig, frame)
