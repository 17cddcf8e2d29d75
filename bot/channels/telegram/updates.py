"""Telegram's updates as messages of ours. Pure but for the clock, which is given."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from telegram import Message

from bot.conversations import Inbound
from bot.store.records import Address

CHANNEL: Final = "telegram"
ALLOWED: Final = ("message", "edited_message", "callback_query", "my_chat_member")

COMMANDS: Final[Mapping[str, str]] = {
    "start": "start",
    "bantuan": "help",
    "ulang": "restart",
    "petugas": "human",
    "hapus": "forget",
    "privasi": "privacy",
}
"""The menu's commands, in its order, and what each wants of the dialogue."""

ALIASES: Final[Mapping[str, str]] = {"help": "help", "restart": "restart", "privacy": "privacy"}
COMMAND: Final = re.compile(r"/(\w{1,32})(?:@\w+)?(?:\s+(.*))?", re.DOTALL)
LATE: Final = timedelta(minutes=1)
"""A message older than this counts as of its own time: it waited while we were away."""

OLDEST: Final = timedelta(hours=36)
"""Telegram keeps messages for a day; what claims to be older has a wrong clock."""

SERVICE: Final = (
    "pinned_message",
    "message_auto_delete_timer_changed",
    "write_access_allowed",
    "chat_background_set",
    "users_shared",
    "chat_shared",
    "proximity_alert_triggered",
    "boost_added",
    "forum_topic_created",
    "successful_payment",
    "connected_website",
)
"""What tells of the chat and says nothing to us."""


@dataclass(frozen=True, slots=True)
class Media:
    """A message without words: what it is, and where the clinic finds it."""

    kind: str
    reference: str


def address_of(chat_id: int) -> Address:
    return Address(channel=CHANNEL, id=str(chat_id))


def id_of(message: Message) -> str:
    """The id by which a second delivery of this message is known. The date guards against a server that counts anew."""
    return f"m{message.message_id}:{int(message.date.timestamp())}"


def moment(sent: datetime | None, now: datetime) -> datetime:
    """When a message counts as said: now, or when it was sent if it had to wait for us."""
    if sent is None or not LATE < now - sent < OLDEST:
        return now
    return sent.astimezone(now.tzinfo)


def inbound_of(message: Message, now: datetime) -> Inbound | None:
    """A message of a private chat; None for what says nothing to us."""
    media = media_of(message)
    attachments = (f"{media.kind}:{media.reference}",) if media else ()
    address, at = address_of(message.chat.id), moment(message.date, now)
    plain = Inbound(id_of(message), address, at, attachments=attachments, name=message.chat.full_name or "")
    text = message.text or message.caption
    if text is not None:
        wish, said = command(text)
        if wish is not None:
            return replace(plain, text=said, options=(wish,), kind="tap")
        return replace(plain, text=said)
    if media is None and any(getattr(message, name, None) for name in SERVICE):
        return None
    return replace(plain, kind="media", detail=media.kind if media else "other")


def correction_of(message: Message, now: datetime) -> Inbound | None:
    """A message that was changed after it was sent; None where its words are not what changed."""
    text = message.text or message.caption
    if text is None:
        return None
    edited = message.edit_date or message.date
    id = f"e{message.message_id}:{int(edited.timestamp())}"
    return Inbound(id, address_of(message.chat.id), moment(edited, now), command(text)[1], corrects=id_of(message))


def command(text: str) -> tuple[str | None, str]:
    """What a command wants, and the text as it is to be read. What a link carries behind /start is words, too:
    ``t.me/bot?start=kram-betis``."""
    found = COMMAND.fullmatch(text)
    if found is None:
        return None, text
    name, rest = found[1].lower(), found[2] or ""
    wish = COMMANDS.get(name) or ALIASES.get(name)
    if wish == "start":
        rest = re.sub(r"[-_]+", " ", rest)
    return wish, f"/{name} {rest}".strip() if wish else text.removeprefix("/")


def media_of(message: Message) -> Media | None:
    """What a message carries beside words."""
    if message.photo:
        return Media("photo", message.photo[-1].file_id)
    if place := message.location or (message.venue and message.venue.location):
        return Media("location", f"{place.latitude},{place.longitude}")
    if message.contact:
        return Media("contact", message.contact.phone_number)
    for kind, file in (
        ("voice", message.voice or message.audio),
        ("video", message.video or message.video_note or message.animation),
        ("document", message.document),
        ("sticker", message.sticker),
    ):
        if file:
            return Media(kind, file.file_id)
    return None


def salvaged(raw: Mapping[str, Any], now: datetime) -> Inbound | None:
    """What can be had of an update that can't be parsed whole: the chat, and the words if there are any."""
    message = raw.get("message")
    chat = message.get("chat") if isinstance(message, dict) else None
    if not isinstance(message, dict) or not isinstance(chat, dict) or not isinstance(chat.get("id"), int):
        return None
    if chat["id"] <= 0 or chat.get("type", "private") != "private":
        return None
    text = next((message[key] for key in ("text", "caption") if isinstance(message.get(key), str)), None)
    id, address = f"u{raw.get('update_id')}", address_of(chat["id"])
    if text is None:
        return Inbound(id, address, now, kind="media", detail="other")
    wish, said = command(text)
    return Inbound(id, address, now, said, (wish,) if wish else (), kind="tap" if wish else "text")


def chat_of(raw: Any) -> int | None:
    """The chat of a raw update, by which order is kept."""
    if not isinstance(raw, dict):
        return None
    for part in raw.values():
        holder = part.get("message", part) if isinstance(part, dict) else None
        for owner in (holder, part):
            chat = owner.get("chat") if isinstance(owner, dict) else None
            if isinstance(chat, dict) and isinstance(chat.get("id"), int):
                return int(chat["id"])
        sender = part.get("from") if isinstance(part, dict) else None
        if isinstance(sender, dict) and isinstance(sender.get("id"), int):
            return int(sender["id"])
    return None


def shape_of(raw: Any) -> str:
    """Which fields an update has, for whoever mends its reading: never what they say."""
    if not isinstance(raw, dict):
        return type(raw).__name__
    parts = [f"{key}({','.join(sorted(part))})" if isinstance(part, dict) else key for key, part in raw.items()]
    return " ".join(sorted(re.sub(r"[^\w(),]", "?", part) for part in parts))[:200]
