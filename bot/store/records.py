"""What the store keeps of a conversation beside its state."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

from bot.dialogue.conversation import Asks, Conversation, Option, Pending
from bot.model import Kept

Who = Literal["patient", "bot", "staff", "note"]

DELIVERY_RANKS: Mapping[str, int] = {"queued": 0, "sent": 1, "delivered": 2, "read": 3, "failed": 4, "cancelled": 4}
"""Delivery states in the order in which they may follow each other."""


class Address(BaseModel):
    """Where a conversation takes place. ``id`` is the channel's own name of the person."""

    model_config = ConfigDict(frozen=True)

    channel: str
    id: str

    def __str__(self) -> str:
        return f"{self.channel}:{self.id}"

    @classmethod
    def parse(cls, text: str) -> "Address":
        """An address as ``channel:id``. Raises ``ValueError``."""
        channel, colon, id = text.partition(":")
        if not (channel and colon and id):
            raise ValueError(f"{text!r} is no address; write it like telegram:123 or whatsapp:+6281...")
        return cls(channel=channel, id=id)


class Line(Kept):
    """One line of the transcript. ``client_id`` is the provider's id of a person's message, ``attachments`` what it
    carried beside words, as ``kind:the provider's id of it``. ``question`` is the one that a line of ours leaves open,
    by which a button pressed later, or an answer changed later, is known to belong to it. ``missed``: this message of
    the patient was not understood."""

    who: Who
    text: str
    at: datetime
    name: str | None = None
    options: tuple[Option, ...] = ()
    hint: str = ""
    numbered: bool = True
    asks: Asks | None = None
    emergency: bool = False
    client_id: str | None = None
    attachments: tuple[str, ...] = ()
    question: Pending | None = None
    missed: bool = False


@dataclass(frozen=True, slots=True)
class Loaded:
    """A conversation, the version that a commit must name, and where it takes place. ``notes`` are what its channel
    noted of the person, as far as that was asked for; empty where nothing was. ``failed``: a line could not be sent."""

    conversation: Conversation
    version: int
    address: Address
    notes: Mapping[str, str] = field(default_factory=dict)
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Commit:
    """One turn to be written down: computed from ``version``, caused by the provider's message ``message_id``.

    ``push`` sends the lines that are no patient's through the outbox. ``timers`` maps kinds to when they fire, None
    to clear. ``cancel`` are lines in the outbox that are not sent any more. ``day`` is the date that the counts belong
    to. ``notes`` are what the channel notes of the person, an empty one removed. ``forget`` removes all that was
    before, and soon what this turn leaves. ``aside``: this is no patient's conversation but one of the house itself,
    which no list shows and which is kept for a day.
    """

    address: Address
    version: int
    message_id: str
    at: datetime
    conversation: Conversation
    lines: Sequence[Line]
    push: bool = False
    timers: Mapping[str, datetime | None] = field(default_factory=dict)
    counts: Sequence[str] = ()
    cancel: Sequence[int] = ()
    day: str = ""
    notes: Mapping[str, str] = field(default_factory=dict)
    forget: bool = False
    aside: bool = False


@dataclass(frozen=True, slots=True)
class Committed:
    """``first_line`` is the number of the first line written."""

    first_line: int


@dataclass(frozen=True, slots=True)
class Parcel:
    """A reply to send: line ``number`` of the conversation, for the ``tries``-th time after the first."""

    conversation: str
    number: int
    line: Line
    address: Address
    tries: int


@dataclass(frozen=True, slots=True)
class DueTimer:
    """A timer whose time has come."""

    conversation: str
    kind: str
    due: datetime
    address: Address
