"""A conversation as its page shows it: lines with what became of them, the card, who has it and who is there."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from typing import Final

from bot.channels.whatsapp.faults import WINDOW
from bot.channels.whatsapp.inbound import CHANNEL
from bot.desk.board import reference
from bot.desk.card import Card, card_of, complaint_of, first_words, level_of
from bot.desk.window import NUDGE_BEFORE, closes_at, is_closed
from bot.dialogue.conversation import Conversation
from bot.dialogue.script import Script
from bot.dialogue.staffing import owner_of
from bot.ontology import Level
from bot.store.notes import noted
from bot.store.presence import present
from bot.store.records import Address, Line
from bot.store.store import BrokenState, Store

OURS: Final = ("bot", "staff")
AT_DESK: Final = "desk"
PHONE: Final = re.compile(r"\+\d{6,15}", re.ASCII)


class Gone(Exception):
    """The conversation is not there, or not any more."""


@dataclass(frozen=True, slots=True)
class File:
    """Something that a line carries beside words. ``kind`` is the channel's own word; ``name`` stands in its URL.
    ``told`` is what it says where it is no file: a place, a number."""

    kind: str
    name: str
    told: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """A line with its number. ``state``: "", queued, sent, delivered, read, failed, cancelled, or ``kept``: it goes out
    when the patient writes again. ``reason`` says why it failed; ``day`` is set on the first line of a day."""

    number: int
    line: Line
    state: str = ""
    reason: str = ""
    day: date | None = None

    @property
    def again(self) -> bool:
        return self.state == "failed"

    @property
    def own_id(self) -> str:
        """By what the page that sent it knows it; empty where it was not written at the desk."""
        mark, _, id = (self.line.client_id or "").partition(":")
        return id if mark == AT_DESK and self.line.who in ("staff", "note") else ""

    @property
    def files(self) -> tuple[File, ...]:
        return tuple(
            File(attachment.partition(":")[0], f"{self.number}-{place}", attachment.partition(":")[2])
            for place, attachment in enumerate(self.line.attachments)
        )


@dataclass(frozen=True, slots=True)
class View:
    """All but the lines. ``here`` are the others who look at it, each with whether they write."""

    id: str
    address: Address
    conversation: Conversation
    level: Level | None
    complaint: str
    card: Card
    closes: datetime | None
    closed: bool
    hurry: bool
    here: dict[str, bool]

    @property
    def reference(self) -> str:
        return reference(self.id)

    @property
    def phone(self) -> str:
        """The number to call in an emergency, where the channel knows one."""
        return self.address.id if PHONE.fullmatch(self.address.id) and self.address.channel == CHANNEL else ""

    @property
    def owner(self) -> str:
        return owner_of(self.conversation)


async def view_of(store: Store, address: Address, words: str, script: Script, at: datetime) -> View:
    """The conversation as it stands. Raises ``Gone``."""
    id = store.id_of(address)
    try:
        loaded = await store.load(address)
    except BrokenState:
        raise Gone from None
    if not loaded.version:
        raise Gone
    heard = (await noted(store, address, "heard"))["heard"]
    closes = closes_at(address, datetime.fromisoformat(heard) if heard else None)
    return View(
        id=id,
        address=address,
        conversation=loaded.conversation,
        level=level_of(loaded.conversation, script),
        complaint=complaint_of(loaded.conversation, script),
        card=card_of(loaded.conversation, words, script),
        closes=closes,
        closed=is_closed(closes, at),
        hurry=closes is not None and closes - NUDGE_BEFORE <= at < closes,
        here=await present(store, id, at),
    )


def said(lines: Iterable[tuple[int, Line]], states: dict[int, str], zone: tzinfo, after: date | None) -> list[Said]:
    """The lines with their states; ``after`` is the day of the line before them."""
    shown = []
    for number, line in lines:
        day = line.at.astimezone(zone).date()
        state, reason = state_of(line, states.get(number, ""))
        shown.append(Said(number, line, state, reason, day if day != after else None))
        after = day
    return shown


def state_of(line: Line, told: str) -> tuple[str, str]:
    """What became of a line, and why."""
    if line.who not in OURS:
        return "", ""
    state, _, reason = told.partition(":")
    code, _, words = reason.partition(": ")
    if state == "failed" and line.who == "staff" and code == WINDOW:
        return "kept", ""
    return state, words or reason


def first_words_of(lines: Sequence[tuple[int, Line]]) -> str:
    return first_words(line for _, line in lines)


def day_of(lines: Sequence[tuple[int, Line]], zone: tzinfo) -> date | None:
    """The day of the last line."""
    return lines[-1][1].at.astimezone(zone).date() if lines else None


def utc_now() -> datetime:
    return datetime.now(UTC)
