"""Who writes in the staff's group: an account of the desk that is linked to this person, or just a member."""

import time
import unicodedata
from typing import Any, Final

from telegram import User
from telegram.constants import ChatMemberStatus
from telegram.error import BadRequest, TelegramError

from bot.channels.telegram.client import Client
from bot.desk.accounts import Account, Accounts
from bot.desk.members import PREFIX, members, remember
from bot.desk.roles import allows
from bot.dialogue.script import Script
from bot.dialogue.staffing import Person
from bot.dialogue.wording import say
from bot.store.store import Store

LONGEST: Final = 40
KNOWN_FOR: Final = 60.0
"""Seconds for which a member counts as one without asking again."""

MEMBERS: Final = (ChatMemberStatus.OWNER, ChatMemberStatus.ADMINISTRATOR, ChatMemberStatus.MEMBER)


class People:
    """The members of the group ``chat``."""

    def __init__(self, client: Client, store: Store, chat: int) -> None:
        self.client = client
        self.store = store
        self.chat = chat
        self.accounts = Accounts(store)
        self._members: dict[int, float] = {}

    async def person(self, user: User, script: Script) -> Person | None:
        """Who this is to the desk; None where they may do nothing."""
        if user.is_bot or not await self._is_member(user.id):
            return None
        account = await self.account(user.id)
        if account is not None:
            may = not account.disabled and allows(account.role, "act")
            return Person(account.username, account.label) if may else None
        username = f"{PREFIX}{user.id}"
        shown = say(script, "group_person", name=_plain(user.first_name) or "?")
        await remember(self.store, username, shown)
        return Person(username, shown)

    async def account(self, user: int) -> Account | None:
        """The account that is linked to this person."""
        return next((one for one in await self.accounts.list() if one.telegram == user), None)

    async def name_of(self, username: str) -> str:
        """What patients call the person with this username."""
        if username.startswith(PREFIX):
            return (await members(self.store)).get(username, username)
        account = await self.accounts.find(username)
        return account.label if account else username

    async def _is_member(self, user: int) -> bool:
        if self._members.get(user, 0.0) > time.monotonic():
            return True
        try:
            member: Any = await self.client.do_api_request("getChatMember", {"chat_id": self.chat, "user_id": user})
        except BadRequest:
            return False
        except TelegramError:
            # Telegram lets none but members write here; what it can't be asked must not cost a patient an answer.
            return True
        is_member = member.get("status") in MEMBERS or bool(member.get("is_member"))
        if is_member:
            self._members[user] = time.monotonic() + KNOWN_FOR
        return is_member


def _plain(name: str) -> str:
    """A first name that can stand in a sentence: whoever chose it chose no markup and no line of its own."""
    letters = "".join(letter for letter in name if unicodedata.category(letter) not in ("Cc", "Cf", "Cs"))
    return " ".join(letters.replace("*", "").replace("_", " ").split())[:LONGEST]
