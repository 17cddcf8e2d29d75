"""Scripted patients: who they are in truth, what they answer, and the level that they should be told.

Pure like the dialogue that they talk to: a patient is played in memory, with no store and no clock.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from pydantic import RootModel

from bot.content import Content
from bot.content.source import Document, read
from bot.dialogue.conversation import Asks, Conversation, Heard, Turn
from bot.dialogue.script import LevelName
from bot.dialogue.step import expecting, step
from bot.dialogue.wording import NO, NONE, UNSURE, YES
from bot.model import Model
from bot.ontology import SIGNS, Level

NOW: Final = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
"""When simulated patients write; nothing that they are told depends on it."""

LONGEST: Final = 40
"""Messages after which a conversation that has no outcome is given up."""


class Truth(Model):
    """What is true of a patient. A sign that is not listed is absent."""

    complaint: str | None = None
    body_part: str | None = None
    side: str | None = None
    duration_days: float | None = None
    episode_seconds: float | None = None
    recurrence: str | None = None
    age: int | None = None
    symptoms: Mapping[str, bool] = {}
    factors: Mapping[str, bool] = {}

    def has(self, sign: str) -> bool:
        return self.symptoms.get(sign, False) or self.factors.get(sign, False)


class Patient(Model):
    """One scripted patient. ``onset`` has signs newer than the complaint, in days; ``unsure`` what the patient can't
    tell; ``tells`` what is written unasked, one message each; ``acceptable`` other levels a clinician would accept."""

    id: str
    name: str
    opening: str
    facts: Truth
    onset: Mapping[str, float] = {}
    unsure: tuple[str, ...] = ()
    tells: tuple[str, ...] = ()
    level: LevelName
    acceptable: tuple[LevelName, ...] = ()
    rules: tuple[str, ...] = ()
    source: str = ""


class Patients(RootModel[tuple[Patient, ...]]):
    """A file of scripted patients."""


@dataclass(frozen=True, slots=True)
class Played:
    """How a patient fared. ``level`` is None where the conversation came to no outcome; ``answers`` counts the
    patient's messages after the first."""

    patient: Patient
    level: Level | None
    rules: tuple[str, ...]
    answers: int
    lines: tuple[tuple[str, str], ...]

    @property
    def expected(self) -> Level:
        return Level[self.patient.level]

    @property
    def fits(self) -> bool:
        return self.level is not None and self.level.name in (self.patient.level, *self.patient.acceptable)

    @property
    def steps_off(self) -> int:
        """How many levels too high (positive) or too low the patient was told; 0 where acceptable."""
        if self.fits:
            return 0
        return (self.level if self.level is not None else -1) - self.expected


def read_patients(folder: Path) -> list[Patient]:
    """Every patient of a folder of YAML files. Raises ``ContentError``."""
    documents: Sequence[Document[Patients]] = [read(path, Patients) for path in sorted(folder.glob("*.yaml"))]
    return [patient for document in documents for patient in document.value.root]


def play(patient: Patient, content: Content) -> Played:
    """Let the patient talk until the outcome."""
    lines = [("patient", patient.opening)]
    turn = _turn(Conversation(), content, patient.opening)
    told, answers = list(patient.tells), 0
    while not _is_over(turn, told) and answers < LONGEST:
        lines += [("bot", reply.text) for reply in turn.replies]
        words, tapped = _message(patient, turn, told, content)
        lines.append(("patient", words or ", ".join(tapped)))
        turn = _turn(turn.conversation, content, words, tapped)
        answers += 1
    lines += [("bot", reply.text) for reply in turn.replies]
    outcome = turn.conversation.outcome
    return Played(patient, outcome.level if outcome else None, outcome.rules if outcome else (), answers, tuple(lines))


def _is_over(turn: Turn, told: Sequence[str]) -> bool:
    """Whether nothing more will come: an emergency ends the asking, and so does an outcome once all was told."""
    outcome = turn.conversation.outcome
    if outcome is None:
        return turn.asks is None
    return outcome.level >= Level.emergency or not told


def _message(patient: Patient, turn: Turn, told: list[str], content: Content) -> tuple[str, tuple[str, ...]]:
    """The patient's next message: what is told unasked goes before the answer, once consent is given."""
    if told and (turn.conversation.consent or turn.conversation.outcome):
        return told.pop(0), ()
    assert turn.asks is not None
    return "", answer_of(patient, turn.asks, content, turn.conversation)


def _turn(conversation: Conversation, content: Content, words: str, tapped: Sequence[str] = ()) -> Turn:
    """One message through the reader and the step, the state written out and read back as a store does."""
    stored = Conversation.model_validate_json(conversation.model_dump_json())
    reading = content.reader.read(words, expecting(stored, content.script))
    kind = "tap" if tapped else "text"
    return step(stored, Heard(reading, NOW, tuple(tapped), complete=True, kind=kind), content.script)  # type: ignore[arg-type]


def answer_of(patient: Patient, asks: Asks, content: Content, conversation: Conversation) -> tuple[str, ...]:
    """What this patient taps for a question, truthfully."""
    if asks.kind == "multi":
        return _ticks(patient, asks)
    if asks.ids[0] in SIGNS:
        sign = asks.ids[0]
        return (UNSURE if sign in patient.unsure else YES if patient.facts.has(sign) else NO,)
    pending = conversation.pending
    if pending is not None and pending.question == "onset":
        ages = [patient.onset.get(sign, patient.facts.duration_days) for sign in pending.about]
        known = [age for age in ages if age is not None]
        return (str(min(known)) if known else UNSURE,)
    value = YES if asks.ids[0] == "consent" else getattr(patient.facts, asks.ids[0])
    return (str(value) if value is not None and asks.ids[0] not in patient.unsure else UNSURE,)


def _ticks(patient: Patient, asks: Asks) -> tuple[str, ...]:
    unsure = [sign for sign in asks.ids if sign in patient.unsure]
    ticked = [sign for sign in asks.ids if patient.facts.has(sign)]
    if ticked:
        return tuple(ticked)
    return (UNSURE,) if unsure else (NONE,)
