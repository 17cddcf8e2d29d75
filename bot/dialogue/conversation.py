"""The state of one conversation, and what a turn makes of it. All immutable."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from bot.language import Reading
from bot.model import Kept
from bot.ontology import Level
from bot.triage.facts import Facts

Mode = Literal["bot", "waiting", "staff"]
Channel = Literal["web", "terminal", "telegram", "whatsapp"]


class Consent(Kept):
    """That the patient agreed: when, to which text (its hash), on which channel, and how it was said."""

    at: datetime
    text: str
    channel: str
    how: Literal["yes", "continued"]


class Pending(Kept):
    """The question that waits for an answer. ``about`` are signs or values that its text speaks of."""

    question: str
    ids: tuple[str, ...]
    about: tuple[str, ...] = ()
    tries: int = 0


class Outcome(Kept):
    """The outcome that was told, with all that is needed to explain it a year later."""

    level: Level
    rules: tuple[str, ...]
    reasons: tuple[str, ...]
    doubts: tuple[str, ...]
    see: tuple[str, ...]
    causes: tuple[str, ...]
    content: str
    at: datetime


class Option(Kept):
    """Something to tap."""

    id: str
    label: str


Why = Literal["asked", "urgent", "emergency", "not_understood", "taken"]
"""Why a conversation went to people: the patient asked, the outcome is urgent, an emergency, nothing was understood, or
a member of the staff stepped in."""


class Handoff(Kept):
    """A conversation with people, or on its way to them. ``since`` is when it began to wait; ``stage`` how often those
    who might take it were called again; ``told`` when the patient was last told to wait."""

    since: datetime
    why: Why
    stage: int = 0
    told: datetime | None = None
    claimed_at: datetime | None = None
    answered_at: datetime | None = None


class Served(Kept):
    """How people ended it: who (as the patient was told), when, what became of it, and a clinician's own level."""

    by: str
    at: datetime
    disposition: str = ""
    level: Level | None = None


class Conversation(Kept):
    """One patient's conversation, as the store keeps it.

    ``owner`` is ``bot``, ``waiting`` or ``staff:NAME``. ``alarmed`` are the red flags that the emergency text was
    said for, each once. ``misses`` counts messages in a row that were not understood. ``offered`` are the options
    last shown, which a number typed now may mean. ``floor`` is the highest level told in this episode of illness: it
    can rise and not fall. ``last_at`` is when the patient was heard last; ``burst`` how many messages came since
    ``burst_since``, within the time that makes a flood. ``handoff`` is there while the owner is not the bot; ``alarm``
    says that a red flag was told which nobody of the staff has seen; ``served`` is how people ended it last, ``reopen``
    that the next answer of the bot offers to come back to them. ``name`` is what the channel calls the patient.
    """

    owner: str = "bot"
    consent: Consent | None = None
    facts: Facts = Facts()
    pending: Pending | None = None
    outcome: Outcome | None = None
    floor: Level = Level.self_care
    alarmed: frozenset[str] = frozenset()
    misses: int = 0
    offered: tuple[Option, ...] = ()
    greeted: bool = False
    channel: str = "terminal"
    last_at: datetime | None = None
    burst: int = 0
    burst_since: datetime | None = None
    handoff: Handoff | None = None
    alarm: bool = False
    served: Served | None = None
    reopen: bool = False
    name: str = ""

    @property
    def mode(self) -> Mode:
        if self.owner.startswith("staff:"):
            return "staff"
        return "waiting" if self.owner == "waiting" else "bot"

    def but(self, **changes: Any) -> "Conversation":
        """This conversation with ``changes``."""
        return self.model_copy(update=changes)


class Asks(Kept):
    """What the last question wants: ids of the ontology."""

    kind: str
    ids: tuple[str, ...]


class Reply(Kept):
    """One message to the patient, in the content's markup, with what may be tapped under it. ``hint`` says how to
    answer where nothing can be tapped; ``numbered`` whether a number typed then means an option: after "berapa hari" it
    means days. ``who`` is a person where one speaks, by the ``name`` that the patient sees; a ``note`` is for the staff
    alone. ``client_id`` is the id of the message by which that person said it, where it was one."""

    text: str
    who: Literal["bot", "staff", "note"] = "bot"
    name: str | None = None
    client_id: str | None = None
    attachments: tuple[str, ...] = ()
    options: tuple[Option, ...] = ()
    hint: str = ""
    numbered: bool = True
    emergency: bool = False


@dataclass(frozen=True, slots=True)
class Heard:
    """What came in, understood. ``tapped`` are the ids of options that were tapped instead of typed; ``complete``
    whether they are the whole answer to a question with several. ``kind`` names what is no text; ``cut``: the message
    was longer than is read."""

    reading: Reading
    at: datetime
    tapped: tuple[str, ...] = ()
    complete: bool = True
    kind: Literal["text", "tap", "media", "empty", "timer"] = "text"
    detail: str = ""
    cut: bool = False


Effect = Literal["forget", "cancel"]
"""``cancel``: what the bot said and is not yet out is not sent any more, but for emergencies."""

REMINDER, FOLLOW_UP, CALL, RECALL, DECLINED = "reminder", "follow_up", "call", "recall", "declined"
"""Kinds of timers: a question left open, asking how it goes after the outcome, calling the staff to a conversation that
waits, calling them again, and forgetting who declined."""

TIMERS: Final = (REMINDER, FOLLOW_UP, CALL, RECALL, DECLINED)


@dataclass(frozen=True, slots=True)
class Turn:
    """The new conversation, what to say, and what else must happen with it: ``timers`` to set after a time, or to
    clear (None), by their kind."""

    conversation: Conversation
    replies: tuple[Reply, ...] = ()
    asks: Asks | None = None
    timers: Mapping[str, timedelta | None] = field(default_factory=dict)
    effects: frozenset[Effect] = field(default_factory=frozenset)
