"""Whether the staff's group can be used with these settings, for ``tanyakaki doctor``."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from telegram.error import BadRequest, ChatMigrated, Forbidden

from bot.channels.telegram.client import Client
from bot.settings import Settings

RIGHTS: Final[Mapping[str, str]] = {
    "can_manage_topics": "Manage topics",
    "can_pin_messages": "Pin messages",
    "can_delete_messages": "Delete messages",
}
"""What the bot must be allowed for the relay: Telegram's word, and the words of its settings."""

Found = tuple[bool, str]


async def examine_group(settings: Settings, client: Client, bot: int) -> list[Found]:
    """What was found of the group, each whether it is well; nothing where none is set."""
    chat = settings.telegram_staff_chat
    if chat is None:
        return []
    try:
        about: Any = await client.do_api_request("getChat", {"chat_id": chat})
        member: Any = await client.do_api_request("getChatMember", {"chat_id": chat, "user_id": bot})
    except ChatMigrated as error:
        return [(False, f"the staff's group has a new number: set TELEGRAM_STAFF_CHAT={error.new_chat_id}")]
    except (BadRequest, Forbidden):
        return [(False, "the bot is not in the group TELEGRAM_STAFF_CHAT: add it there, or correct the number")]
    return [(True, "the bot is in the staff's group"), *_faults(settings, about, member)]


def _faults(settings: Settings, about: Mapping[str, Any], member: Mapping[str, Any]) -> Iterator[Found]:
    if about.get("username"):
        yield False, "the staff's group is public: make it private, anybody can read it"
    if not settings.telegram_staff_relay:
        return
    if not about.get("is_forum"):
        yield (
            False,
            "the staff's group has no topics, and TELEGRAM_STAFF_RELAY needs them: switch them on in its settings",
        )
    missing = [words for right, words in RIGHTS.items() if not member.get(right)]
    if missing:
        yield False, f"the bot must be an administrator of the staff's group who may: {', '.join(missing)}"
