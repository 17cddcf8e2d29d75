"""A clinic for the tests of the desk: the real program in a thread of its own, with a clock that is moved, staff, and a
WhatsApp that takes or refuses what it is told."""

import asyncio
import contextlib
import socket
import threading
from collections.abc import AsyncIterator, Coroutine, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.types import ASGIApp

from bot.channels.web import WebChat
from bot.content import Content
from bot.conversations import Conversations, Inbound, Received
from bot.delivery import Delivery, Refused
from bot.desk import Desk
from bot.desk.roles import Role
from bot.desk.security import COOKIE
from bot.store.connect import connect
from bot.store.keys import WAKE
from bot.store.notes import note
from bot.store.records import Address, Line
from bot.store.sealing import Sealer
from bot.store.store import Store
from bot.store.wake import Wakes
from bot.web import SecurityHeaders
from tests.conftest import SECRET
from tests.desk.house import PASSWORD, quick_passwords, working

T = TypeVar("T")
STARTS_WITHIN = 20.0


@dataclass
class Clock:
    """The time, moved by what was asked for, or stopped."""

    moved: timedelta = timedelta()
    stopped: datetime | None = None

    def __call__(self) -> datetime:
        return (self.stopped or datetime.now(UTC)) + self.moved

    def forward(self, **time: float) -> None:
        self.moved += timedelta(**time)

    def stop(self) -> None:
        self.stopped = datetime.now(UTC)

    def reset(self) -> None:
        self.moved, self.stopped = timedelta(), None


@dataclass
class FakeWhatsApp:
    """Keeps what it is told to send; refuses it with ``refuses``."""

    sent: list[tuple[Address, Line]] = field(default_factory=list)
    refuses: str = ""

    async def send(self, address: Address, line: Line) -> str:
        if self.refuses:
            raise Refused(self.refuses)
        self.sent.append((address, line))
        return f"SM{len(self.sent)}"


class Clinic:
    """What a test asks of the clinic; each call is done in the clinic's own thread."""

    def __init__(self, redis_url: str, content: Content) -> None:
        self.redis_url = redis_url
        self.content = content
        self.clock = Clock()
        self.whatsapp = FakeWhatsApp()
        self.url = ""
        self.count = 0
        self.loop: asyncio.AbstractEventLoop
        self.conversations: Conversations
        self.desk: Desk

    @property
    def store(self) -> Store:
        return self.conversations.store

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(20)

    def hire(self, username: str, role: Role = "clinician", shown: str = "", title: str = "perawat") -> str:
        """Somebody who works here; the token of a session of theirs."""
        return self.do(self._hire(username, role, shown or username.capitalize(), title))

    async def _hire(self, username: str, role: Role, shown: str, title: str) -> str:
        _, once = await self.desk.accounts.add(username, role, self.clock(), shown=shown, title=title)
        await self.desk.accounts.set_password(username, once, PASSWORD)
        return await self._seat(username)

    def seat(self, username: str) -> str:
        """The token of a new session."""
        return self.do(self._seat(username))

    async def _seat(self, username: str) -> str:
        account = await self.desk.accounts.find(username)
        assert account is not None
        return await self.desk.sessions.begin(account, self.clock())

    def cookie(self, token: str) -> dict[str, Any]:
        return {"name": COOKIE, "value": token, "url": f"{self.url}/desk", "httpOnly": True, "sameSite": "Strict"}

    def hears(self, address: Address, text: str, name: str = "", **more: Any) -> Received:
        """A patient writes."""
        self.count += 1
        inbound = Inbound(f"message-{self.count}", address, self.clock(), text, name=name, **more)
        received = self.do(self.conversations.receive(inbound))
        if address.channel == "whatsapp":
            self.do(note(self.store, address, heard=self.clock().isoformat()))
        return received

    def reaches_outcome(self, address: Address, text: str, name: str = "", age: str = "47") -> Received:
        """A patient tells something and denies all else."""
        received = self.hears(address, text, name)
        for _ in range(25):
            if received.conversation.outcome is not None or received.asks is None:
                return received
            agreed = received.asks.ids == ("consent",)
            self.clock.forward(seconds=20)
            tap = "yes" if agreed else {"multi": "none", "yes_no": "no", "choice": "left"}.get(received.asks.kind, "")
            received = self.hears(address, age, name, options=(tap,) if tap else (), kind="tap" if tap else "text")
        return received

    async def empty(self) -> None:
        """Nobody waits any more, and nobody has written yet."""
        for key in await self.store.redis.keys("tk:{[0-9]*"):
            await self.store.redis.delete(key)
        await self.desk.board.read_all()

    def wake(self, address: Address) -> None:
        """Tell every page that something of this conversation has changed."""
        self.do(self.store.redis.publish(WAKE, self.id_of(address)))

    def id_of(self, address: Address) -> str:
        return self.store.id_of(address)

    def lines(self, address: Address) -> list[Line]:
        return [line for _, line in self.do(self.store.transcript(address))]

    @contextlib.asynccontextmanager
    async def working(self, app: ASGIApp) -> AsyncIterator[None]:
        self.loop = asyncio.get_running_loop()
        redis = connect(self.redis_url)
        await redis.flushall()
        store = Store(redis, Sealer([SECRET]), timedelta(days=30))
        delivery = Delivery(store, {"whatsapp": self.whatsapp})
        self.conversations = Conversations(store, self.content, frozenset({"whatsapp"}), delivery.kick)
        wakes = Wakes(redis)
        self.desk = Desk(
            self.conversations,
            wakes,
            now=self.clock,
            passwords=quick_passwords(),
        )
        assert isinstance(app, Starlette)
        app.router.routes.extend([*self.desk.routes(), *WebChat(self.conversations, wakes, secure=False).routes()])
        try:
            async with working(wakes.run(), delivery.run(), self.desk.run()):
                yield
                wakes.close()
        finally:
            await delivery.finish(2)
            await redis.aclose()


@contextlib.contextmanager
def open_clinic(redis_url: str, content: Content) -> Iterator[Clinic]:
    clinic = Clinic(redis_url, content)
    app = Starlette(routes=[Mount("/nothing", Starlette())], lifespan=clinic.working)
    app.add_middleware(SecurityHeaders)
    listener = socket.create_server(("127.0.0.1", 0))
    clinic.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", ws="none", timeout_graceful_shutdown=2))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        begun = threading.Event()
        for _ in range(int(STARTS_WITHIN / 0.05)):
            if server.started or begun.wait(0.05):
                break
        assert server.started, "the clinic does not open"
        yield clinic
    finally:
        server.should_exit = True
        thread.join(10)
        listener.close()
