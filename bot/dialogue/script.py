"""What the dialogue follows: questions, flows, outcomes, sentences and knowledge, as the YAML files give them.

Nothing here reads a file; ``bot.content`` builds a ``Script`` and proves it safe.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import Field

from bot.dialogue.hours import Hours
from bot.model import Model
from bot.ontology import Level
from bot.triage.conditions import Condition
from bot.triage.rules import Rules

QuestionKind = Literal["yes_no", "multi", "choice", "duration", "number", "text"]
Complaint = Literal["cramp", "twitch", "weakness", "swelling", "numbness", "pain"]
BodyPart = Literal["calf", "knee", "thigh", "shin", "ankle", "foot", "toe", "leg", "other"]
Audience = Literal["patient", "clinician"]
LevelName = Literal["self_care", "consultation", "consultation_24", "emergency", "emergency_ambulance"]
EntryKind = Literal[
    "definition",
    "cause",
    "mechanism",
    "risk_group",
    "first_aid",
    "treatment",
    "drug",
    "nutrient",
    "prevention",
    "warning_sign",
    "exam",
    "specialist",
    "danger",
    "folklore",
    "faq",
]


class Label(Model):
    """An answer to tap: the value it stands for and its words. ``label`` fits a list row (24 characters)."""

    id: str
    label: str


class Sign(Model):
    """How a symptom or factor is spoken of. ``label`` fits a list row; ``phrase`` stands inside a sentence."""

    label: str
    phrase: str
    explain: str = ""


class QuestionText(Model):
    """One question, asked in every flow that names it.

    ``ids`` are what it wants: signs for ``yes_no`` (one) and ``multi`` (up to nine), otherwise one slot. ``again`` is
    the same asked in other words after a first answer that was not understood. ``why`` says why it is asked.
    """

    kind: QuestionKind
    ids: tuple[str, ...] = Field(min_length=1, max_length=9)
    text: str
    again: str
    why: str = ""
    options: tuple[Label, ...] = ()


class FlowStep(Model):
    """A question's place in a flow. ``when`` limits it to the patients whom it concerns."""

    ask: str
    when: str | None = None


class FlowText(Model):
    """The dialogue tree of one complaint. Steps are asked in order, each as far as its answers are not known."""

    complaint: Complaint
    name: str
    opening: str
    steps: tuple[FlowStep, ...]
    required: tuple[str, ...] = ()
    """Red flags that must have been asked before ``self_care``, beside those that every complaint requires."""
    selective: tuple[str, ...] = ()
    """Signs that this flow asks only of patients whose other answers make them likely. Told unasked, they count."""


class RuleText(Model):
    """One row of the triage table."""

    id: str
    level: LevelName
    when: str
    causes: tuple[str, ...] = ()
    see: tuple[str, ...] = ()
    first_aid: tuple[str, ...] = ()
    sources: tuple[str, ...] = Field(min_length=1)
    message: str | None = None
    """Key of a message that is said instead of the level's outcome, where the usual words would be wrong."""
    alarm: bool = True
    """Whether the rule makes a single message an emergency (`emergency: true`)."""


class Exemption(Model):
    """Patients who need not be asked for some required signs: those of whom ``when`` is known, and why."""

    signs: tuple[str, ...] = Field(min_length=1)
    when: str
    why: str


class TriageText(Model):
    """The triage table with its named conditions and what must be asked of everybody."""

    definitions: Mapping[str, str] = {}
    required: tuple[str, ...]
    """Signs and slots that must be known of everybody before ``self_care``, but for the ``exempt``."""
    exempt: tuple[Exemption, ...] = ()
    onset_matters: tuple[str, ...]
    """Signs that may be newer than the complaint; their own age is asked where it could make an emergency."""
    loose: Mapping[str, tuple[str, ...]] = {}
    """Signs whose everyday word is wider than what is meant, each with the everyday reasons for saying it: told in
    passing the sign is asked plainly; told with such a reason, even where the message alone would be an emergency."""
    rules: tuple[RuleText, ...]


class CauseText(Model):
    """A suspected cause that a rule names, in words for a patient."""

    name: str
    sources: tuple[str, ...] = Field(min_length=1)


class CareText(Model):
    """Somebody to see: the words for a patient, and how one gets there."""

    name: str
    how: str = ""


class OutcomeText(Model):
    """What is said at one level. Texts may hold ``{reasons}``, ``{see}``, ``{clinic}``, ``{phone}``."""

    headline: str
    why: str
    why_unknown: str
    do: tuple[str, ...]
    see: tuple[str, ...]
    sources: tuple[str, ...] = Field(min_length=1)
    watch: str = ""
    follow_up: str = ""


class Timing(Model):
    """How long the bot waits: before it reminds of an open question, before an open question or an outcome is too old
    to go on from, and before it asks how things are (by the option that the patient picked). More than
    ``flood_messages`` in ``flood_seconds`` are read and kept but no longer answered one by one."""

    reminder_minutes: int = Field(ge=1)
    stale_question_hours: int = Field(ge=1)
    declined_hours: int = Field(ge=1)
    """After so long all that a patient wrote who did not consent is forgotten."""
    stale_outcome_hours: int = Field(ge=1)
    follow_up_hours: Mapping[str, int]
    urgent_call_minutes: tuple[int, ...] = Field(min_length=1)
    """Minutes after which the staff are called again to an urgent conversation that waits; the patient is told at the
    last. The same for the others:"""
    routine_call_minutes: tuple[int, ...] = Field(min_length=1)
    flood_messages: int = Field(ge=10)
    flood_seconds: int = Field(ge=1)


class Entry(Model):
    """One piece of knowledge.

    ``when`` is a condition on the facts that makes it likelier for this patient, ``because`` the words that say so
    ("karena …" is put before them). ``asks`` are questions in a patient's words that it answers. ``facts`` are ids of
    the fact inventory that it states, ``sources`` ids of ``sources.yaml``.
    """

    id: str
    kind: EntryKind
    title: str
    short: str
    more: str = ""
    complaints: tuple[Complaint, ...] = ()
    body_parts: tuple[BodyPart, ...] = ()
    when: str | None = None
    because: str = ""
    asks: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    sources: tuple[str, ...] = Field(min_length=1)
    audience: Audience = "patient"


class FirstAid(Model):
    """Steps to do now, for a complaint or a suspected cause."""

    id: str
    title: str
    steps: tuple[str, ...]
    complaints: tuple[Complaint, ...] = ()
    when: str | None = None
    never: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    sources: tuple[str, ...] = Field(min_length=1)


class Source(Model):
    """Where a statement comes from."""

    title: str
    publisher: str
    url: str = ""


class WhatsAppTemplate(Model):
    """A message that WhatsApp approves beforehand, so that it may be sent at any time. ``text`` or ``message`` (the key
    of a message, which then goes out as this template when it is too late for free text)."""

    text: str = ""
    message: str | None = None
    category: Literal["UTILITY", "MARKETING"] = "UTILITY"


class WhatsAppText(Model):
    """What only WhatsApp says. ``errors`` are reasons for the clinic why a message did not arrive, by Twilio's code;
    ``opt_out`` words by which a patient wants no more messages, when nothing else is written."""

    list_button: str
    opt_out: tuple[str, ...]
    reopen: str
    templates: Mapping[str, WhatsAppTemplate]
    errors: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Step:
    """A flow's step with its condition read."""

    question: str
    when: Condition | None


@dataclass(frozen=True, slots=True)
class Flow:
    text: FlowText
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """An entry or first aid with its condition read."""

    entry: Entry
    when: Condition | None


@dataclass(frozen=True, slots=True)
class KnownFirstAid:
    first_aid: FirstAid
    when: Condition | None


@dataclass(frozen=True, slots=True, eq=False)
class Script:
    """All content that the dialogue needs, checked. ``version`` is a hash of the files. One script is equal to no
    other, so what follows from facts can be remembered for it."""

    version: str
    signs: Mapping[str, Sign]
    questions: Mapping[str, QuestionText]
    flows: Mapping[str, Flow]
    rules: Rules
    required: frozenset[str]
    onset_matters: frozenset[str]
    loose: Mapping[str, tuple[str, ...]]
    outcomes: Mapping[Level, OutcomeText]
    causes: Mapping[str, CauseText]
    care: Mapping[str, CareText]
    messages: Mapping[str, str]
    timing: Timing
    entries: Sequence[Known]
    first_aid: Sequence[KnownFirstAid]
    sources: Mapping[str, Source]
    clinic: Mapping[str, str]
    """What the clinic's own names in sentences stand for."""
    hours: Hours
    canned: tuple[tuple[str, str], ...]
    """Answers that the staff can pick: title and text."""
    whatsapp: WhatsAppText
