"""The clinic desk: where staff see who waits, read what was said, and answer."""

from collections.abc import Callable
from datetime import datetime, tzinfo

from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles

from bot.conversations import Conversations
from bot.desk.access import Access
from bot.desk.accounts import Accounts
from bot.desk.audit import Audit
from bot.desk.security import Gate, utc_now
from bot.desk.sessions import Sessions
from bot.desk.templates import STATIC, WIB, Templates
from bot.store.wake import Wakes


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
        clinic: str = "Klinik",
        zone: tzinfo = WIB,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        store = conversations.store
        self.conversations = conversations
        self.wakes = wakes
        self.accounts = Accounts(store)
        self.sessions = Sessions(store)
        self.audit = Audit(store)
        self.templates = Templates(clinic, zone)
        self.gate = Gate(self.accounts, self.sessions, self.audit, self.templates, public_url, now)

    def routes(self) -> list[BaseRoute]:
        return [
            *Access(self.gate, self.conversations.store).routes(),
            Mount("/static/desk", StaticFiles(directory=STATIC)),
        ]

    async def run(self) -> None:
        """What works beside the requests, until cancelled."""
