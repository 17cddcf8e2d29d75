"""A stop signal: what was taken is finished, streams are closed, and the process is gone within ten seconds. Processes
that are restarted one after the other are missed by nobody."""

import asyncio
import contextlib
import itertools
import json
import os
import signal
import socket
import time
import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from bot.desk.accounts import Accounts
from bot.desk.security import COOKIE
from bot.desk.sessions import Sessions
from bot.store.records import Address
from bot.store.store import Store
from tests.channels.telegram.fake import TOKEN, FakeTelegram, telegram
from tests.channels.whatsapp import fake
from tests.channels.whatsapp.webhooks import Webhooks
from tests.faults.rig import SECRET, TEXTS, drained, store_of, tell
from tests.pace import PATIENCE, within
from tests.redis_servers import Server, durable, running
from tests.serving import Serving, await_ready, start

WITHIN = 10.0
PUBLIC = "https://chat.klinik.example"


@pytest.fixture
def redis_server(tmp_path: Path) -> Server:
    return durable(tmp_path / "redis")


@contextlib.asynccontextmanager
async def service(folder: Path, server: Server, *arguments: str, **settings: str) -> AsyncIterator[Serving]:
    """The service on this Redis, ready; killed at the end if it still runs."""
    process = start(folder, settings={"REDIS_URL": server.url, "SECRET_KEY": SECRET, **settings}, arguments=arguments)
    try:
        await asyncio.to_thread(await_ready, process)
        yield process
    finally:
        if process.process.poll() is None:
            process.kill()


@contextlib.asynccontextmanager
async def stored(server: Server) -> AsyncIterator[Store]:
    store = store_of(server.url)
    try:
        yield store
    finally:
        await store.redis.aclose()


class Browser:
    """A patient in the web chat, with the stream open, who writes without end."""

    def __init__(self, url: str) -> None:
        self.client = httpx.AsyncClient(base_url=url, timeout=20)
        self.acknowledged: list[str] = []
        self.streaming = asyncio.Event()

    async def enter(self) -> "Browser":
        """Open the page: that makes the session."""
        (await self.client.get("/")).raise_for_status()
        return self

    @property
    def address(self) -> Address:
        return Address(channel="web", id=self.client.cookies["tanyakaki_chat"])

    async def listen(self) -> None:
        """Read the stream to its end. Raises where it is torn and not ended."""
        async with self.client.stream("GET", "/chat/events") as stream:
            async for _ in stream.aiter_lines():
                self.streaming.set()

    async def write(self) -> None:
        """Write until the service is gone."""
        with contextlib.suppress(httpx.TransportError):
            for text in itertools.cycle(TEXTS):
                body = {"client_id": uuid.uuid4().hex, "text": text}
                answer = await self.client.post("/chat/messages", json=body)
                if answer.status_code == 202:
                    self.acknowledged.append(body["client_id"])
                await asyncio.sleep(0.02)


async def nurse(store: Store, url: str) -> httpx.AsyncClient:
    """A browser in which somebody of the staff is logged in."""
    accounts, now = Accounts(store), datetime.now(UTC)
    account, once = await accounts.add("rina", "clinician", now)
    account = await accounts.set_password(account.username, once, "kaki kram tengah malam")
    token = await Sessions(store).begin(account, now)
    return httpx.AsyncClient(base_url=url, timeout=20, cookies={COOKIE: token})


async def watch(client: httpx.AsyncClient, streaming: asyncio.Event) -> None:
    """Read the stream of the desk's queue to its end."""
    async with client, client.stream("GET", "/desk/events") as stream:
        assert stream.status_code == 200
        async for _ in stream.aiter_lines():
            streaming.set()


class HalfPost:
    """A message of which a part has arrived."""

    def __init__(self, url: str, cookie: str) -> None:
        self.id = uuid.uuid4().hex
        body = json.dumps({"client_id": self.id, "text": "betis kiri kram"}).encode()
        head = f"POST /chat/messages HTTP/1.1\r\nHost: x\r\nCookie: tanyakaki_chat={cookie}\r\n"
        self._rest = body[10:]
        self._socket = socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])), timeout=20)
        self._socket.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body[:10])

    def finish(self) -> bytes:
        """Send the rest; the answer's first line."""
        self._socket.sendall(self._rest)
        return self._socket.recv(4096).partition(b"\r\n")[0]

    def close(self) -> None:
        self._socket.close()


async def until(happened: Callable[[], object], seconds: float = PATIENCE) -> None:
    async with asyncio.timeout(seconds):
        while not happened():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def stopped(process: Serving) -> float:
    """Wait until it has ended well and in time; how long that took."""
    began = time.monotonic()
    with within(WITHIN):
        assert await asyncio.to_thread(process.process.wait, 100) == 0
    return time.monotonic() - began


def is_refused(url: str) -> bool:
    """Whether nobody listens any more."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])), timeout=5):
        return False
    return True


@pytest.mark.parametrize("workers", [1, 2])
async def test_what_was_taken_is_finished(tmp_path: Path, redis_server: Server, workers: int) -> None:
    with running(redis_server), telegram() as api:
        settings = {"TELEGRAM_TOKEN": TOKEN, "TELEGRAM_API_URL": api.url, "TELEGRAM_RATE": "0"}
        async with (
            service(tmp_path, redis_server, "--workers", str(workers), **settings) as process,
            stored(redis_server) as store,
        ):
            browsers = [await Browser(process.url).enter() for _ in range(6)]
            desk = asyncio.Event()
            listening = [asyncio.create_task(browser.listen()) for browser in browsers]
            listening.append(asyncio.create_task(watch(await nurse(store, process.url), desk)))
            writing = [asyncio.create_task(browser.write()) for browser in browsers]
            half = HalfPost(process.url, browsers[0].address.id)
            api.say(1, "betis kiri kram")
            await until(lambda: desk.is_set() and api.chat(1).texts and not api.pending)
            await until(lambda: all(browser.acknowledged and browser.streaming.is_set() for browser in browsers))
            process.process.send_signal(signal.SIGTERM)
            await asyncio.gather(*listening)
            answer = await asyncio.to_thread(half.finish)
            seconds = await stopped(process)
            half.close()
            await asyncio.gather(*writing)
            assert b" 202 " in answer
            browsers[0].acknowledged.append(half.id)
            for browser in browsers:
                await assert_kept(store, browser)
            assert_polls_no_more(api)
    acknowledged = sum(len(browser.acknowledged) for browser in browsers)
    tell("SIGTERM amid work", workers=workers, acknowledged=acknowledged, ended_after=f"{seconds:.2f} s")
    assert "Traceback" not in process.output.read_text(encoding="utf-8")


async def assert_kept(store: Store, browser: Browser) -> None:
    """Every message that was acknowledged is there, once."""
    kept = [line.client_id for _, line in await store.transcript(browser.address)]
    assert [kept.count(id) for id in browser.acknowledged] == [1] * len(browser.acknowledged)
    await browser.client.aclose()


def assert_polls_no_more(api: FakeTelegram) -> None:
    """The process did not wait for the end of the poll that Telegram held open, and what comes now waits there."""
    polls = api.calls["getUpdates"]
    api.say(1, "bantuan")
    assert (len(api.pending), api.calls["getUpdates"]) == (1, polls)


async def test_nobody_holds_up_the_end(tmp_path: Path, redis_server: Server) -> None:
    """A message that never comes whole, and a provider that never answers."""
    with running(redis_server), socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        settings = {**twilio_settings(address), "TELEGRAM_TOKEN": "4242:abc", "TELEGRAM_API_URL": address}
        settings["TELEGRAM_WEBHOOK_SECRET"] = "abc"
        async with service(tmp_path, redis_server, **settings) as process:
            async with httpx.AsyncClient(base_url=process.url) as client:
                webhooks = Webhooks(fake.FakeTwilio(), client, PUBLIC)
                assert (await webhooks.write("whatsapp:+628123456789", "betis kiri kram")).status_code == 200
            half = HalfPost(process.url, "x" * 24)
            process.process.send_signal(signal.SIGTERM)
            seconds = await stopped(process)
            half.close()
    tell("SIGTERM amid what never ends", ended_after=f"{seconds:.2f} s")
    assert "Traceback" not in process.output.read_text(encoding="utf-8")


async def test_a_worker_that_is_killed_is_replaced_and_none_outlives_its_parent(
    tmp_path: Path, redis_server: Server
) -> None:
    with running(redis_server):
        async with service(tmp_path, redis_server, "--workers", "2") as process:
            await until(lambda: len(workers_of(process)) == 2)
            before = workers_of(process)
            os.kill(min(before), signal.SIGKILL)
            await until(lambda: len(workers_of(process) - before) == 1)
            await asyncio.to_thread(await_ready, process)
            process.kill()
            await until(lambda: is_refused(process.url))


def workers_of(process: Serving) -> set[int]:
    """The processes that serve: children of the first that are Python's and no tracker of its own."""
    parent = process.process.pid
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text(encoding="ascii").split()
    return {int(child) for child in children if b"spawn_main" in _command(child)}


def _command(process: str) -> bytes:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{process}/cmdline").read_bytes()
    return b""


def twilio_settings(url: str) -> dict[str, str]:
    return {
        "PUBLIC_URL": PUBLIC,
        "TWILIO_ACCOUNT_SID": fake.ACCOUNT,
        "TWILIO_AUTH_TOKEN": fake.TOKEN,
        "TWILIO_WHATSAPP_FROM": fake.SENDER,
        "TWILIO_API_URL": url,
        "TWILIO_RATE": "0",
    }


@dataclass
class Balancer:
    """Takes turns between processes, and tries the next as a provider tries again: after no answer, or a 503."""

    clients: Sequence[httpx.AsyncClient]
    tried_again: int = 0
    strange: list[int] = field(default_factory=list)
    _turn: int = 0

    async def post(self, path: str, content: str, headers: dict[str, str]) -> httpx.Response:
        while True:
            self._turn += 1
            with contextlib.suppress(httpx.TransportError):
                answer = await self.clients[self._turn % len(self.clients)].post(path, content=content, headers=headers)
                if answer.is_success:
                    return answer
                if answer.status_code != 503:
                    self.strange.append(answer.status_code)
            self.tried_again += 1
            await asyncio.sleep(0.05)


async def restart(process: Serving, folder: Path, settings: dict[str, str]) -> Serving:
    process.process.send_signal(signal.SIGTERM)
    await stopped(process)
    again = start(folder, int(process.url.rpartition(":")[2]), settings)
    await asyncio.to_thread(await_ready, again)
    return again


async def test_a_restart_of_one_after_the_other_is_missed_by_nobody(tmp_path: Path, redis_server: Server) -> None:
    folders = [tmp_path / "one", tmp_path / "two"]
    async with contextlib.AsyncExitStack() as stack:
        stack.enter_context(running(redis_server))
        twilio = await stack.enter_async_context(fake.serving(fake.FakeTwilio()))
        settings = {"REDIS_URL": redis_server.url, "SECRET_KEY": SECRET, **twilio_settings(twilio.url)}
        fleet = [start(folder, settings=settings) for folder in folders]
        try:
            for process in fleet:
                await asyncio.to_thread(await_ready, process)
            clients = [httpx.AsyncClient(base_url=process.url, timeout=20) for process in fleet]
            balancer = Balancer([await stack.enter_async_context(client) for client in clients])
            acknowledged = await write_through_restarts(twilio, balancer, fleet, folders, settings)
            async with stored(redis_server) as store:
                await drained(store)
                replies = await assert_exactly_once(store, twilio, acknowledged)
        finally:
            for process in fleet:
                process.kill()
    messages = sum(map(len, acknowledged.values()))
    tell("restart of two", messages=messages, replies=replies, tried_again=balancer.tried_again)
    assert balancer.strange == []
    assert messages > 50


async def write_through_restarts(
    twilio: fake.FakeTwilio, balancer: Balancer, fleet: list[Serving], folders: list[Path], settings: dict[str, str]
) -> dict[str, list[str]]:
    """Patients write while each process is restarted; the ids of what was acknowledged, by patient."""
    webhooks = Webhooks(twilio, balancer, PUBLIC)  # type: ignore[arg-type]
    acknowledged: dict[str, list[str]] = {f"whatsapp:+6281200000{number:02}": [] for number in range(10)}
    over = asyncio.Event()

    async def patient(sender: str) -> None:
        for text in itertools.cycle(TEXTS):
            message = twilio.arrive(sender, text)
            await webhooks.post(webhooks.form(message))
            acknowledged[sender].append(message.sid)
            if over.is_set():
                return
            await asyncio.sleep(0.1)

    writing = [asyncio.create_task(patient(sender)) for sender in acknowledged]
    for number in range(len(fleet)):
        fleet[number] = await restart(fleet[number], folders[number], settings)
    over.set()
    await asyncio.gather(*writing)
    return acknowledged


async def assert_exactly_once(store: Store, twilio: fake.FakeTwilio, acknowledged: dict[str, list[str]]) -> int:
    """Every message that was acknowledged is there once, in order, and every reply went out once."""
    replies = 0
    for sender, ids in acknowledged.items():
        lines = [line for _, line in await store.transcript(Address.parse(sender))]
        assert [line.client_id for line in lines if line.who == "patient"] == ids
        said = [line.text for line in lines if line.who == "bot"]
        sent = [message.body for message in twilio.sent(sender)]
        assert len(sent) == len(said)
        replies += len(sent)
    return replies
