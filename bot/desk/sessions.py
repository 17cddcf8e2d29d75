"""Who is logged in: a random token in a cookie; Redis knows only its hash."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Final

from pydantic import BaseModel, ConfigDict

from bot.desk.accounts import Account
from bot.store.sealing import SealError
from bot.store.store import Store, answered

IDLE: Final = timedelta(minutes=30)
LONGEST: Final = timedelta(hours=12)
TOUCHED_EVERY: Final = timedelta(minutes=1)
"""Activity is written down no oftener than this."""


class Session(BaseModel):
    """One browser of one person. ``epoch`` is the account's when it began; ``seen`` the last act of the person."""

    model_config = ConfigDict(frozen=True)

    username: str
    epoch: str
    csrf: str
    created: datetime
    seen: datetime

    @property
    def ends(self) -> datetime:
        """When it ends if nothing more is done."""
        return min(self.seen + IDLE, self.created + LONGEST)


class Sessions:
    """Sessions in Redis. The times are compared with the time that is given; Redis' own expiry only cleans up."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def begin(self, account: Account, now: datetime) -> str:
        """A new session, always of a new token: one that was known before the log-in is worth nothing."""
        token = secrets.token_urlsafe(32)
        session = Session(
            username=account.username, epoch=account.epoch, csrf=secrets.token_urlsafe(32), created=now, seen=now
        )
        key = _key(token)
        await answered(self._store.redis.set(key, self._seal(session, key), ex=LONGEST))
        return token

    async def find(self, token: str, now: datetime) -> Session | None:
        """The session of the token, unless it has ended, or was sealed with a key that is gone."""
        key = _key(token)
        sealed = await answered(self._store.redis.get(key))
        if not sealed:
            return None
        try:
            session = Session.model_validate_json(self._store.sealer.open(sealed, key))
        except SealError:
            return None
        return session if now < session.ends else None

    async def touch(self, token: str, session: Session, now: datetime) -> None:
        """The person is active. A session that was ended meanwhile stays ended."""
        if now - session.seen >= TOUCHED_EVERY:
            key = _key(token)
            sealed = self._seal(session.model_copy(update={"seen": now}), key)
            await answered(self._store.redis.set(key, sealed, xx=True, keepttl=True))

    async def end(self, token: str) -> None:
        await answered(self._store.redis.delete(_key(token)))

    def _seal(self, session: Session, key: str) -> bytes:
        return self._store.sealer.seal(session.model_dump_json().encode(), key)


def _key(token: str) -> str:
    return f"tk:{{desk}}:session:{hashlib.sha256(token.encode()).hexdigest()}"
