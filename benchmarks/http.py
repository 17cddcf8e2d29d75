"""Messages a second over HTTP: Twilio's webhook, understand, step, commit, outbox; against a bare handler that does the
same two round trips to Redis.

A machine has other things to do, so what counts is messages per second of the serving process's own processor time.
Bare and ours take turns, and the middle one of their rounds counts. What is measured was not said while warming up.
"""

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from itertools import count, islice
from pathlib import Path
from statistics import median

from benchmarks.posts import post
from benchmarks.table import show
from benchmarks.talk import talks
from bot.content import load_content
from bot.settings import shipped
from bot.store.embedded import embedded_redis

CONNECTIONS = 32
TALKS = 300
WARMING = 60
ROUNDS = 3
PORT = 18_731
SERIES = count(1)
"""Each series of talks has patients of its own, whom the store does not know."""
PROGRAMS = {"bare": "bare handler", "ours": "to the outbox", "delivering": "and delivered"}

Talks = Sequence[Sequence[str]]


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


async def _patients(port: int, series: int, waiting: Iterator[tuple[int, Sequence[str]]]) -> None:
    """One connection, kept open, with one message after the other and one patient after the other."""
    reader, writer = await _connect(port)
    for number, talk in waiting:
        for place, text in enumerate(talk):
            writer.write(post(f"+62{series:06}{number:06}", f"SM{series:016x}{number:08x}{place:08x}", text))
            head = await reader.readuntil(b"\r\n\r\n")
            if not head.startswith(b"HTTP/1.1 200"):
                raise RuntimeError(head.decode())
            await reader.readexactly(int(head.lower().partition(b"content-length: ")[2].split(b"\r")[0]))
    writer.close()


async def _load(ports: Sequence[int], said: Talks, series: int) -> None:
    waiting = iter(enumerate(said))
    await asyncio.gather(*(_patients(ports[number % len(ports)], series, waiting) for number in range(CONNECTIONS)))


def measure(name: str, processes: int, redis_url: str, warming: Talks, said: Talks) -> tuple[float, float]:
    """Messages a second by the clock, and by the program's processor time."""
    serving = Serving(name, processes, redis_url)
    try:
        asyncio.run(_load(serving.ports, warming, next(SERIES)))
        used, began = serving.seconds(), time.perf_counter()
        asyncio.run(_load(serving.ports, said, next(SERIES)))
        messages = sum(map(len, said))
        return messages / (time.perf_counter() - began), messages / (serving.seconds() - used)
    finally:
        serving.stop()


def main() -> None:
    made = talks(load_content(shipped("flows"), shipped("knowledge")), seed=1)
    warming, said = list(islice(made, WARMING)), list(islice(made, TALKS))
    rates: dict[tuple[str, int], list[tuple[float, float]]] = {}
    with tempfile.TemporaryDirectory() as folder, embedded_redis(Path(folder)) as redis_url:
        for _ in range(ROUNDS):
            for name, processes in (*((name, 1) for name in PROGRAMS), ("ours", 2)):
                rates.setdefault((name, processes), []).append(measure(name, processes, redis_url, warming, said))
    bare = [by_core for _, by_core in rates["bare", 1]]
    rows = []
    for (name, processes), measured in rates.items():
        shares = [by_core / base for (_, by_core), base in zip(measured, bare, strict=True)]
        title = f"{PROGRAMS[name]}, {processes} process{'es' if processes > 1 else ''}"
        clock, core = (median(column) for column in zip(*measured, strict=True))
        rows.append((title, clock, core, f"{median(shares):.2f}"))
    messages = sum(map(len, said))
    print(
        f"{messages:,} messages ({len(set().union(*said)):,} different ones) of {len(said):,} patients over "
        f"{CONNECTIONS} connections, {ROUNDS} rounds; {os.cpu_count()} cores, shared with load and Redis"
    )
    show(("program", "messages/s by the clock", "messages/s and core", "of the bare one's"), rows)
