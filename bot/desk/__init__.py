"""The clinic desk: where staff see who waits, read what was said, and answer."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime

from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles

from bot.conversations import Conversations
from bot.desk.access import Access
from bot.desk.accounts import Accounts
from bot.desk.audit import Audit
from bot.desk.board import Board
from bot.desk.live import Live
from bot.desk.members import members
from bot.desk.passwords import Passwords
from bot.desk.reporting import Reports
from bot.desk.routes import working_routes
from bot.desk.security import Gate, utc_now
from bot.desk.sessions import Sessions
from bot.desk.templates import STATIC, Templates
from bot.store.records import Address
from bot.store.wake import Wakes

Fetch = Callable[[Address, str], Awaitable[tuple[str, bytes] | None]]
"""Asks a channel for something that a patient sent and that is not kept here: its content type and its bytes."""


async def _nothing(address: Address, attachment: str) -> None:
    return None


class Desk:
    """The desk's routes, and what works beside them as long as the program runs.

    ``gate.guarded(right, handler)`` makes every endpoint; ``now`` is the clock.
    """

    def __init__(
        self,
        conversations: Conversations,
        wakes: Wakes,
        *,
        public_url: str | None = None,
        now: Callable[[], datetime] = utc_now,
        passwords: Passwords | None = None,
        fetch: Fetch = _nothing,
    ) -> None:
        store = conversations.store
        self.conversations = conversations
        self.wakes = wakes
        self.accounts = Accounts(store, passwords)
        self.sessions = Sessions(store)
        self.audit = Audit(store)
        self.templates = Templates(lambda: conversations.content.script)
        self.gate = Gate(self.accounts, self.sessions, self.audit, self.templates, public_url, now)
        self.board = Board(store, wakes, lambda: conversations.content.script, self._names, now)
        self.live = Live(self.gate, conversations, wakes, self.board)
        self.fetch = fetch

    def routes(self) -> list[BaseRoute]:
        static = Mount("/static/desk", StaticFiles(directory=STATIC))
        return [
            *Access(self.gate, self.conversations.store).routes(),
            *working_routes(self),
            *Reports(self).routes(),
            static,
        ]

    async def run(self) -> None:
        """What works beside the requests, until cancelled."""
        try:
            await self.board.run()
        finally:
            await self.live.farewells()  # they need Redis, which is closed next

    async def _names(self) -> Mapping[str, str]:
        """What patients are told of everybody who may answer, by username."""
        accounts = {account.username: account.label for account in await self.accounts.list()}
        return {**await members(self.conversations.store), **accounts}
