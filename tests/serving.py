"""A real ``tanyakaki serve`` for the tests: its own process, port and folder."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.pace import PATIENCE
from tests.redis_servers import free_port

STARTS_WITHIN = PATIENCE


@dataclass(frozen=True, slots=True)
class Serving:
    """A running service. ``output`` has what it prints, both streams."""

    process: subprocess.Popen[bytes]
    url: str
    output: Path

    def stop(self, seconds: float = PATIENCE) -> int:
        """End it as an operator would; its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(seconds)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


def start(
    folder: Path, port: int | None = None, settings: Mapping[str, str] | None = None, arguments: Sequence[str] = ()
) -> Serving:
    """Start a service that keeps its data in ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    port = port or free_port()
    output = folder / "output.txt"
    environment = {**os.environ, "DATA_DIR": str(folder / "data"), **(settings or {})}
    with output.open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "bot", "serve", "--port", str(port), *arguments],
            stdout=log,
            stderr=log,
            env=environment,
        )
    return Serving(process, f"http://127.0.0.1:{port}", output)


def await_ready(serving: Serving) -> None:
    """Wait until it says that it is ready. Raises with its output where it does not."""
    deadline = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < deadline and serving.process.poll() is None:
        with contextlib.suppress(httpx.TransportError):
            if httpx.get(f"{serving.url}/readyz", timeout=5).status_code == 200:
                return
        time.sleep(0.05)
    raise AssertionError(f"not ready:\n{serving.output.read_text(encoding='utf-8')}")


@contextlib.contextmanager
def serving(folder: Path, settings: Mapping[str, str] | None = None) -> Iterator[Serving]:
    """A service that is ready, stopped at the end."""
    service = start(folder, settings=settings)
    try:
        await_ready(service)
        yield service
    finally:
        if service.process.poll() is None:
            service.stop()
