"""What Telegram's errors mean for a message: never, later, or once more."""

from typing import Final

from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken, RetryAfter, TelegramError

from bot.delivery import Refused, TryLater

FORBIDDEN: Final = {
    "blocked by the user": "blocked",
    "user is deactivated": "account deleted",
    "bot was kicked": "removed from the group",
    "not a member": "removed from the group",
    "can't initiate conversation": "never wrote to the bot",
    "can't send messages to bots": "is a bot",
}
"""Parts of what Telegram says with 403, and the reason that the desk shows."""

BAD_REQUEST: Final = {
    "chat not found": "chat not found",
    "user not found": "chat not found",
    "peer_id_invalid": "chat not found",
    "chat_id is empty": "chat not found",
    "message text is empty": "empty",
    "text must be non-empty": "empty",
    "message is too long": "too long",
    "message_too_long": "too long",
    "not enough rights": "no right to write",
    "have no rights": "no right to write",
    "chat_write_forbidden": "no right to write",
    "chat_restricted": "no right to write",
    "need administrator rights": "no right to write",
    "topic_closed": "topic closed",
    "topic_deleted": "topic deleted",
    "message thread not found": "topic deleted",
    "group chat was upgraded": "group has a new number",
    "group chat was deactivated": "group deleted",
    "bot_blocked": "blocked",
    "input_user_deactivated": "account deleted",
    "user_is_blocked": "blocked",
}
"""Parts of what Telegram says with 400, and the reason that the desk shows. Its own words may quote the message."""

MARKUP: Final = ("can't parse entities", "can't find end", "unsupported start tag", "entity_bounds_invalid")
KEYBOARD: Final = ("button_data_invalid", "reply_markup_invalid", "reply markup is too long", "button_", "keyboard")
REFUSED_SECONDS: Final = 60.0
"""How long messages wait where the token is refused: somebody must mend it first."""


def seconds_of(error: RetryAfter) -> float:
    """How long Telegram asks to wait. The public property warns of its own change."""
    return error._retry_after.total_seconds()


def is_markup(error: TelegramError) -> bool:
    """Whether the formatting was refused."""
    return isinstance(error, BadRequest) and _says(error, MARKUP)


def is_keyboard(error: TelegramError) -> bool:
    """Whether the buttons were refused."""
    return isinstance(error, BadRequest) and _says(error, KEYBOARD)


def meaning(error: TelegramError) -> Exception:
    """``Refused`` or ``TryLater`` for what ends or delays a message; the error itself for what is tried again."""
    if isinstance(error, RetryAfter):
        return TryLater(seconds_of(error))
    if isinstance(error, Forbidden):
        return Refused(_reason(error, FORBIDDEN, "forbidden"))
    if isinstance(error, ChatMigrated):
        return Refused("group has a new number")
    if isinstance(error, InvalidToken):
        return TryLater(REFUSED_SECONDS)
    if isinstance(error, BadRequest):
        return Refused(_reason(error, BAD_REQUEST, "bad request"))
    return error


def _reason(error: TelegramError, known: dict[str, str], otherwise: str) -> str:
    said = str(error).lower()
    return next((reason for part, reason in known.items() if part in said), otherwise)


def _says(error: TelegramError, parts: tuple[str, ...]) -> bool:
    return any(part in str(error).lower() for part in parts)
