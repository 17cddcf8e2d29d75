"""Messages a second over HTTP: webhook, understand, step, commit, outbox; against a bare handler that does the same two
round trips to Redis.

A machine has other things to do, so what counts is messages per second of the serving process's own processor time.
"""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.table import show
from benchmarks.talk import TEXTS
from bot.store.embedded import embedded_redis

CONNECTIONS = 32
MESSAGES = 12_000 if os.environ.get("FAULTS") == "large" else 4_000
PORT = 18_731
PROGRAMS = {"bare": "bare handler", "ours": "to the outbox", "delivering": "and delivered"}


class Serving:
    """So many processes of one program, on ports of their own."""

    def __init__(self, name: str, processes: int, redis_url: str) -> None:
        self.ports = [PORT + number for number in range(processes)]
        command = [sys.executable, "-m", "uvicorn", f"benchmarks.apps:{name}", "--factory", "--log-level", "error"]
        self.processes = [
            subprocess.Popen([*command, "--port", str(port)], env={**os.environ, "REDIS_URL": redis_url})
            for port in self.ports
        ]

    def seconds(self) -> float:
        """Processor time of all of them so far."""
        return sum(_processor_seconds(process.pid) for process in self.processes)

    def stop(self) -> None:
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.wait()


def _processor_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def _connect(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    for _ in range(400):
        try:
            return await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.05)
    raise RuntimeError("the program did not start")


async def _patient(port: int, name: str, messages: int) -> None:
    """One connection, kept open, with one message after the other."""
    reader, writer = await _connect(port)
    for number in range(messages):
        # A new person after each eight messages, as conversations go.
        person, text = f"{name}-{number // len(TEXTS)}", TEXTS[number % len(TEXTS)]
        body = json.dumps({"id": f"m{number}", "from": person, "text": text}).encode()
        writer.write(b"POST /in HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(head.decode())
        await reader.readexactly(int(head.lower().partition(b"content-length: ")[2].split(b"\r")[0]))
    writer.close()


async def _load(ports: Sequence[int], messages: int, name: str) -> None:
    each = messages // CONNECTIONS
    await asyncio.gather(
        *(_patient(ports[number % len(ports)], f"{name}{number}", each) for number in range(CONNECTIONS))
    )


def measure(name: str, processes: int, redis_url: str) -> tuple[float, float]:
    """Messages a second by the clock, and by the program's processor time."""
    serving = Serving(name, processes, redis_url)
    try:
        asyncio.run(_load(serving.ports, CONNECTIONS * 8, f"{name}{processes}warm"))
        used, began = serving.seconds(), time.perf_counter()
        asyncio.run(_load(serving.ports, MESSAGES, f"{name}{processes}"))
        return MESSAGES / (time.perf_counter() - began), MESSAGES / (serving.seconds() - used)
    finally:
        serving.stop()


def main() -> None:
    rows = []
    with tempfile.TemporaryDirectory() as folder, embedded_redis(Path(folder)) as redis_url:
        base = measure("bare", 1, redis_url)
        for name, title in PROGRAMS.items():
            by_clock, by_core = base if name == "bare" else measure(name, 1, redis_url)
            rows.append((f"{title}, one process", by_clock, by_core, f"{by_core / base[1]:.2f}"))
        by_clock, by_core = measure("ours", 2, redis_url)
        rows.append(("to the outbox, two processes", by_clock, by_core, f"{by_core / base[1]:.2f}"))
    print(f"{MESSAGES} messages over {CONNECTIONS} connections; {os.cpu_count()} cores, shared with load and Redis")
    show(("program", "messages/s by the clock", "messages/s and core", "of the bare one's"), rows)
