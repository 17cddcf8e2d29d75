"""What the tests of faults share: programs to kill, the sink that replies reach, patients who never give up, and the
judgement of what arrived."""

import asyncio
import os
import random
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from bot.store.connect import connect, copies_of
from bot.store.outbox import depth
from bot.store.records import Address
from bot.store.sealing import Sealer
from bot.store.store import Store, StoreAway
from tests.faults.program import CHANNEL
from tests.pace import PATIENCE
from tests.redis_servers import free_port

LARGE = os.environ.get("FAULTS", "small") == "large"
SECRET = "a secret that only these tests know"
TEXTS = (
    "betis kiri kram",
    "ya",
    "sejak kemarin malam",
    "tidak ada",
    "umur saya 40",
    "apa itu kram?",
    "kedutan di lutut juga",
    "makasih",
    "ga bengkak kok",
    "kurang tahu",
)


def sized(small: Any, large: Any) -> Any:
    return large if LARGE else small


def tell(name: str, **figures: Any) -> None:
    """Print the figures of a test."""
    print(f"\n[{name}] " + ", ".join(f"{key.replace('_', ' ')}: {value}" for key, value in figures.items()))


class Sink:
    """What the provider got, in a process of its own: it answers at once, whatever the tests do."""

    def __init__(self) -> None:
        self.port = free_port()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def got(self) -> dict[str, list[tuple[str, str]]]:
        """What each person was sent: when it was said, and the text."""
        found = httpx.get(self.url, timeout=10).json()
        return {person: [(at, text) for at, text in replies] for person, replies in found.items()}

    def __enter__(self) -> "Sink":
        command = [sys.executable, "-m", "uvicorn", "tests.faults.sink:app", "--port", str(self.port)]
        self._process = subprocess.Popen([*command, "--log-level", "error"])
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                self.got()
                return self
            except httpx.TransportError:
                time.sleep(0.03)
        raise AssertionError("the sink did not start")

    def __exit__(self, *error: object) -> None:
        self._process.kill()
        self._process.wait()


class Program:
    """The program as a process of its own. It can be killed and started again."""

    def __init__(self, folder: Path, redis_url: str, sink: Sink) -> None:
        self.port = free_port()
        self.log = folder / f"program-{self.port}.log"
        self.settings = {"REDIS_URL": redis_url, "SECRET_KEY": SECRET, "SINK_URL": sink.url, "LOG_LEVEL": "error"}
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def launch(self) -> None:
        command = [sys.executable, "-m", "uvicorn", "tests.faults.program:app", "--port", str(self.port)]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*command, "--log-level", "error"], stdout=log, stderr=log, env={**os.environ, **self.settings}
            )

    async def await_ready(self, seconds: float = PATIENCE) -> None:
        deadline = time.monotonic() + seconds
        async with httpx.AsyncClient(base_url=self.url) as client:
            while time.monotonic() < deadline:
                try:
                    if (await client.get("/readyz")).status_code == 200:
                        return
                except httpx.TransportError:
                    await asyncio.sleep(0.03)
        raise AssertionError(f"not ready:\n{self.log.read_text()}")

    async def start(self) -> "Program":
        self.launch()
        await self.await_ready()
        return self

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


@dataclass
class Patients:
    """So many conversations with so many messages each, sent by a provider that tries until it hears 2xx.

    A conversation's next message is sent when the last was acknowledged. ``tokens`` is how many messages may be sent
    by now; ``release`` gives more, so that there is work under way at every fault.
    """

    conversations: int
    messages: int
    urls: list[str]
    tokens: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(0))
    lines: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(40))
    acknowledged: int = 0
    tries: int = 0
    in_flight: int = 0
    began: datetime = field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0))

    @property
    def total(self) -> int:
        return self.conversations * self.messages

    def release(self, number: int) -> None:
        for _ in range(number):
            self.tokens.release()

    async def write(self) -> None:
        """Every patient writes everything."""
        # No limit of the client's own: places of connections that were killed while they were made may never come back.
        async with httpx.AsyncClient(timeout=15, limits=httpx.Limits(max_connections=None)) as client:
            await asyncio.gather(*(self._patient(client, number) for number in range(self.conversations)))

    async def _patient(self, client: httpx.AsyncClient, number: int) -> None:
        for place in range(self.messages):
            await self.tokens.acquire()
            await self._deliver(client, self._message(number, place))

    def _message(self, number: int, place: int) -> dict[str, str]:
        at = self.began + timedelta(minutes=2 * place, milliseconds=number)
        text = TEXTS[(number + place) % len(TEXTS)]
        return {"id": f"m{number}-{place}", "from": f"+62{number:04}", "at": at.isoformat(), "text": text}

    async def _deliver(self, client: httpx.AsyncClient, message: dict[str, str]) -> None:
        while True:
            self.tries += 1
            self.in_flight += 1
            try:
                async with self.lines:
                    answer = await client.post(f"{random.choice(self.urls)}/in", json=message)
                if answer.is_success:
                    self.acknowledged += 1
                    return
            except httpx.TransportError:
                pass
            finally:
                self.in_flight -= 1
            await asyncio.sleep(random.uniform(0.1, 0.3))


@dataclass
class Judgement:
    """What became of messages and replies."""

    lost: int = 0
    twice: int = 0
    out_of_order: int = 0
    replies: int = 0
    replies_lost: int = 0
    replies_twice: int = 0
    replies_out_of_order: int = 0
    strange: int = 0


def store_of(url: str) -> Store:
    return Store(connect(url), Sealer([SECRET]), timedelta(days=30), copies_of(url))


async def drained(store: Store, seconds: float = PATIENCE) -> None:
    """Wait until the outbox is empty."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if await depth(store) == 0:
                return
        except StoreAway:
            pass
        await asyncio.sleep(0.02)
    raise AssertionError("the outbox never emptied")


async def judge(store: Store, patients: Patients, sink: Sink) -> Judgement:
    """Compare what was acknowledged with what is stored, and what is stored with what the sink got."""
    found, got = Judgement(), sink.got()
    for number in range(patients.conversations):
        address = Address(channel=CHANNEL, id=f"+62{number:04}")
        lines = [line for _, line in await store.transcript(address)]
        sent = [f"m{number}-{place}" for place in range(patients.messages)]
        _judge_messages(found, sent, [line.client_id for line in lines if line.who == "patient"])
        said = [(line.at.isoformat(), line.text) for line in lines if line.who == "bot"]
        _judge_replies(found, said, got.get(address.id, []))
        if (await store.load(address)).version != len([line for line in lines if line.who == "patient"]):
            found.strange += 1
    return found


def _judge_messages(found: Judgement, sent: list[str], kept: list[str | None]) -> None:
    counts = Counter(kept)
    found.lost += sum(counts[id] == 0 for id in sent)
    found.twice += sum(counts[id] > 1 for id in sent)
    first = list(dict.fromkeys(kept))
    found.out_of_order += first != [id for id in sent if counts[id]]


def _judge_replies(found: Judgement, said: list[tuple[str, str]], got: list[tuple[str, str]]) -> None:
    found.replies += len(said)
    found.replies_lost += len(set(said) - set(got))
    found.strange += len(set(got) - set(said))
    found.replies_twice += len(got) - len(set(got))
    runs = [reply for place, reply in enumerate(got) if place == 0 or got[place - 1] != reply]
    found.replies_out_of_order += [reply for reply in runs if reply in set(said)] != said
