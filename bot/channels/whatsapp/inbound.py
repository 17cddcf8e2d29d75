"""A message of a patient as Twilio posts it, read. Every field may be missing, and new ones come without notice."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from bot.store.records import Address

CHANNEL: Final = "whatsapp"
PREFIX: Final = "whatsapp:"
MOST_MEDIA: Final = 10

_DETAILS: Final = {
    "image": "photo",
    "photo": "photo",
    "audio": "voice",
    "voice": "voice",
    "video": "video",
    "document": "document",
    "sticker": "sticker",
    "location": "location",
    "contact": "contact",
    "contacts": "contact",
}
_SAID: Final = ("", "text", "interactive", "button", "list", "order", "system")
_NUMBER: Final = re.compile(r"-?\d{1,3}(\.\d+)?")


@dataclass(frozen=True, slots=True)
class Posted:
    """One message. ``names`` are the person's, the one to keep the conversation under first; ``sender`` is the name to
    reply to. ``option`` is what was tapped, ``listed`` whether in a list; ``replied_to`` the message it stood under.
    ``media`` are addresses at Twilio, ``media_kinds`` what each is. ``profile`` is what the person calls themselves.
    ``opt_out`` is Twilio's own word for STOP and START."""

    sid: str
    names: tuple[Address, ...]
    sender: str
    text: str = ""
    option: str = ""
    listed: bool = False
    kind: str = ""
    media: tuple[str, ...] = ()
    media_kinds: tuple[str, ...] = ()
    replied_to: str = ""
    opt_out: str = ""
    profile: str = ""


def read(form: Mapping[str, str]) -> Posted | None:
    """The message of a form; None where it says not what it is or from whom."""
    sid = form.get("MessageSid") or form.get("SmsMessageSid") or form.get("SmsSid") or ""
    sender = name_of(form.get("From", ""))
    outer = name_of(form.get("ExternalUserId") or form.get("ExternalUserIdentifier") or "")
    names = tuple(dict.fromkeys(Address(channel=CHANNEL, id=id) for id in (outer, sender) if id))
    if not sid or not names or len(sid) > 64:
        return None
    tapped, listed = form.get("ButtonPayload", ""), form.get("ListId", "")
    label = form.get("ButtonText") or form.get("ListTitle") or ""
    media = tuple(url for number in range(MOST_MEDIA) if (url := form.get(f"MediaUrl{number}", "")))
    text = clean(form.get("Body") or (label if tapped or listed else ""))
    kind = _kind(form, text, bool(media))
    return Posted(
        sid=sid,
        names=names,
        sender=sender or names[0].id,
        text=_place(form) or text if kind == "location" else text,
        option=tapped or listed,
        listed=not tapped and bool(listed),
        kind=kind,
        media=media,
        media_kinds=tuple(by_content(form.get(f"MediaContentType{number}", "")) for number in range(len(media))),
        replied_to=form.get("OriginalRepliedMessageSid", ""),
        opt_out=form.get("OptOutType", "").strip().upper(),
        profile=clean(form.get("ProfileName", "")),
    )


def name_of(value: str) -> str:
    """A person's name on WhatsApp: a number with its plus, or an id of the business's own. Never checked for digits."""
    name = value.removeprefix(PREFIX)
    # A plus that nobody escaped in the form arrives as a blank.
    return f"+{name.strip()}" if name.startswith(" ") else name.strip()


def clean(text: str) -> str:
    """Text that every store can write."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\x00", "")


def _kind(form: Mapping[str, str], text: str, media: bool) -> str:
    """What is no text: ``photo``, ``voice`` and so on, ``other`` for what has no name here; empty for words.

    Words under a picture are read as words: they may tell of an emergency, and of all else.
    """
    if form.get("ButtonPayload") or form.get("ListId"):
        return ""
    if form.get("Latitude") and form.get("Longitude"):
        return "location"
    told = form.get("MessageType", "").strip().lower()
    if media or form.get("NumMedia", "0").strip() not in ("", "0"):
        kind = _DETAILS.get(told) or by_content(form.get("MediaContentType0", ""))
        return "" if text and kind not in ("document", "contact") else kind
    if told in _SAID:
        return ""
    kind = _DETAILS.get(told, "other")
    return "" if text and told != "reaction" else kind


def by_content(type: str) -> str:
    """What a file is, by its content type."""
    main, _, part = type.lower().partition(";")[0].strip().partition("/")
    if part in ("vcard", "x-vcard", "directory"):
        return "contact"
    if part == "webp":
        return "sticker"
    return {"image": "photo", "audio": "voice", "video": "video"}.get(main, "document" if main else "other")


def _place(form: Mapping[str, str]) -> str:
    """Where the patient is, for the clinic. The place's own name is left out: it is nothing that the patient said."""
    place = [form["Latitude"].strip(), form["Longitude"].strip()]
    return ", ".join(place) if all(_NUMBER.fullmatch(part) for part in place) else ""
