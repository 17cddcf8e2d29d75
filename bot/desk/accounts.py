"""The accounts of the staff: one Redis hash, a field each, sealed."""

import re
import secrets
import unicodedata
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict

from bot.desk.passwords import Passwords, is_weak, one_time
from bot.desk.roles import Role
from bot.store import scripts
from bot.store.sealing import SealError
from bot.store.store import Store, answered

ACCOUNTS: Final = "tk:{desk}:accounts"
FIRST: Final = "admin"
USERNAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,31}")
LONGEST_SHOWN: Final = 60
TITLE: Final = "petugas klinik"
"""What a patient reads behind the name of a person without a title: "Rina, petugas klinik"."""

Problem = Literal["name", "taken", "unknown", "shown", "weak", "wrong", "same", "own"]


class AccountError(Exception):
    """An account can't be made or changed so; ``problem`` says why.

    ``name``: no username. ``taken``: it exists. ``unknown``: it does not. ``shown``: no name or title to show.
    ``weak``, ``wrong``, ``same``: of a password. ``own``: not to one's own account.
    """

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem = problem


class Account(BaseModel):
    """A person of the staff. ``epoch`` changes with password and state: a session of another epoch is over.
    ``telegram`` is the person's number there, by which the staff's group knows them."""

    model_config = ConfigDict(frozen=True)

    username: str
    shown: str
    title: str
    role: Role
    hash: str
    epoch: str
    created: datetime
    must_change: bool = True
    disabled: bool = False
    last_login: datetime | None = None
    telegram: int | None = None

    @property
    def label(self) -> str:
        """As a patient reads it: "Rina, perawat"."""
        return f"{self.shown}, {self.title}"


Change = Callable[[Account], dict[str, Any]]


class Accounts:
    """The staff's accounts. Every method raises ``StoreAway`` where Redis does not answer."""

    def __init__(self, store: Store, passwords: Passwords | None = None) -> None:
        self._store = store
        self._passwords = passwords or Passwords()

    async def find(self, username: str) -> Account | None:
        sealed = await answered(self._store.redis.hget(ACCOUNTS, self._field(username)))
        return self._open(sealed)

    async def list(self) -> list[Account]:
        """Everybody, by name."""
        found = await answered(self._store.redis.hgetall(ACCOUNTS))
        accounts = filter(None, map(self._open, found.values()))
        return sorted(accounts, key=lambda account: account.username)

    async def add(
        self, username: str, role: Role, at: datetime, *, shown: str = "", title: str = ""
    ) -> tuple[Account, str]:
        """A new account and its one-time password. Raises ``AccountError``."""
        if not USERNAME.fullmatch(username):
            raise AccountError("name")
        password = one_time()
        account = Account(
            username=username,
            shown=_shown(shown or username.capitalize()),
            title=_shown(title or TITLE),
            role=role,
            hash=await self._passwords.hash(password),
            epoch=_epoch(),
            created=at,
        )
        if not await self._write(account, b""):
            raise AccountError("taken")
        return account, password

    async def ensure_admin(self, at: datetime) -> str | None:
        """The one-time password of the first admin, for the one caller that made it; None where there is an admin.

        All that there are are sealed anew, so that they outlive the key that they were sealed with.
        """
        found = await self.list()
        for account in found:
            await self._change(account.username, lambda _: {})
        if any(account.role == "admin" for account in found):
            return None
        try:
            return (await self.add(FIRST, "admin", at))[1]
        except AccountError:  # another process came first
            return None

    async def verify(self, username: str, password: str) -> Account | None:
        """The account that may log in so. Unknown and disabled ones cost the same time as a wrong password."""
        account = await self.find(username)
        usable = account if account and not account.disabled else None
        return usable if await self._passwords.fits(usable.hash if usable else None, password) else None

    async def note_login(self, account: Account, password: str, at: datetime) -> None:
        """Remember the log-in; a hash of former cost is made anew, now that the password is at hand."""
        renewed = {"hash": await self._passwords.hash(password)} if self._passwords.outdated(account.hash) else {}

        def change(now: Account) -> dict[str, Any]:
            # The password may have been reset meanwhile; then the old one must not come back.
            return {"last_login": at, **(renewed if now.hash == account.hash else {})}

        await self._change(account.username, change)

    async def set_password(self, username: str, old: str, new: str) -> Account:
        """The person's own choice; every session is over. Raises ``AccountError``: ``wrong``, ``weak``, ``same``."""
        account = await self.verify(username, old)
        if account is None:
            raise AccountError("wrong")
        if is_weak(new, username):
            raise AccountError("weak")
        if await self._passwords.fits(account.hash, new):
            raise AccountError("same")
        hash = await self._passwords.hash(new)

        def change(now: Account) -> dict[str, Any]:
            if now.epoch != account.epoch:  # reset or disabled meanwhile
                raise AccountError("wrong")
            return {"hash": hash, "must_change": False, "epoch": _epoch()}

        return await self._change(username, change)

    async def reset(self, username: str) -> str:
        """A new one-time password; every session is over."""
        password = one_time()
        hash = await self._passwords.hash(password)
        await self._change(username, lambda _: {"hash": hash, "must_change": True, "epoch": _epoch()})
        return password

    async def set_disabled(self, username: str, disabled: bool) -> Account:
        """A disabled account can't log in, and every session is over."""
        return await self._change(username, lambda _: {"disabled": disabled, "epoch": _epoch()})

    async def set_role(self, username: str, role: Role) -> Account:
        return await self._change(username, lambda _: {"role": role})

    async def set_telegram(self, username: str, user: int | None) -> Account:
        """Who this is at Telegram; no other account is any more."""
        account = await self._change(username, lambda _: {"telegram": user})
        for other in await self.list():
            if user is not None and other.telegram == user and other.username != account.username:
                await self._change(other.username, lambda _: {"telegram": None})
        return account

    async def set_shown(self, username: str, shown: str, title: str) -> Account:
        """What patients read."""
        new = {"shown": _shown(shown), "title": _shown(title or TITLE)}
        return await self._change(username, lambda _: new)

    async def _change(self, username: str, change: Change) -> Account:
        """Read, change, and write if nobody wrote meanwhile; else again. Raises ``AccountError``."""
        while True:
            sealed = await answered(self._store.redis.hget(ACCOUNTS, self._field(username)))
            account = self._open(sealed)
            if account is None:
                raise AccountError("unknown")
            changed = account.model_copy(update=change(account))
            if await self._write(changed, sealed):
                return changed

    async def _write(self, account: Account, read: bytes) -> bool:
        sealed = self._store.sealer.seal(account.model_dump_json().encode(), ACCOUNTS)
        arguments = (self._field(account.username), read, sealed)
        store = self._store
        return bool(await answered(scripts.run(store.redis, "swap", [ACCOUNTS], arguments, copies=store.copies)))

    def _open(self, sealed: bytes | None) -> Account | None:
        """None for nothing, and for what none of the keys opens: nobody logs in with that."""
        try:
            return Account.model_validate_json(self._store.sealer.open(sealed, ACCOUNTS)) if sealed else None
        except SealError:
            return None

    def _field(self, username: str) -> str:
        return self._store.sealer.name("account", username)


def normal_username(text: str) -> str:
    """A username as it was meant: phones begin with a capital letter and end with a space."""
    return text.strip().lower()


def _shown(text: str) -> str:
    """A name that can be shown on one line. Raises ``AccountError``."""
    plain = " ".join(text.split())
    # Cc and Cf: also the characters that turn the direction of what follows.
    if not 1 <= len(plain) <= LONGEST_SHOWN or any(
        unicodedata.category(letter) in ("Cc", "Cf", "Cs") for letter in plain
    ):
        raise AccountError("shown")
    return plain


def _epoch() -> str:
    return secrets.token_hex(8)
