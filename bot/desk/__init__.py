"""The clinic desk: where staff see who waits, read what was said, and answer."""

from collections.abc import Callable
from datetime import datetime, tzinfo
from importlib import import_module
from importlib.util import find_spec

from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles

from bot.conversations import Conversations
from bot.desk.access import Access
from bot.desk.accounts import Accounts
from bot.desk.audit import Audit
from bot.desk.passwords import Passwords
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
        passwords: Passwords | None = None,
    ) -> None:
        store = conversations.store
        self.conversations = conversations
        self.wakes = wakes
        self.accounts = Accounts(store, passwords)
        self.sessions = Sessions(store)
        self.audit = Audit(store)
        self.templates = Templates(clinic, zone)
        self.gate = Gate(self.accounts, self.sessions, self.audit, self.templates, public_url, now)

    def routes(self) -> list[BaseRoute]:
        static = Mount("/static/desk", StaticFiles(directory=STATIC))
        return [*Access(self.gate, self.conversations.store).routes(), *_work_routes(self), static]

    async def run(self) -> None:
        """What works beside the requests, until cancelled."""


def _work_routes(desk: Desk) -> list[BaseRoute]:
    """Queue and conversations: ``routes_of(desk)`` of ``routes.py``, as soon as there is one."""
    if find_spec("bot.desk.routes") is None:
        return []
    found: list[BaseRoute] = import_module("bot.desk.routes").routes_of(desk)
    return found
