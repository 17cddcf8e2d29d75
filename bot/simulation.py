"""Scripted patients: who they are in truth, what they answer, and the level that they should be told.

Pure like the dialogue that they talk to: a patient is played in memory, with no store and no clock.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Literal

from pydantic import RootModel, ValidationError

from bot.content import Content, ContentError, Fault
from bot.content.source import Document, read
from bot.dialogue.conversation import Asks, Conversation, Heard, Option, Turn
from bot.dialogue.script import LevelName
from bot.dialogue.step import expecting, step
from bot.dialogue.wording import NO, NONE, UNSURE, YES
from bot.model import Model
from bot.ontology import SIGNS, Level

NOW: Final = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
"""When simulated patients write; nothing that they are told depends on it."""

_NOTHING: Final[tuple[str, ...]] = ()

LONGEST: Final = 40
"""Messages after which a conversation that has no outcome is given up."""

Answers = Literal["taps", "words"]
"""How simulated patients answer."""


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


def read_patients(path: Path) -> list[Patient]:
    """Every patient of a YAML file, of a file of JSON lines, or of all YAML files in a folder. Raises
    ``ContentError``."""
    if path.is_dir():
        return [patient for file in sorted(path.glob("*.yaml")) for patient in read_patients(file)]
    if path.suffix == ".jsonl":
        return list(_json_lines(path))
    document: Document[Patients] = read(path, Patients)
    return list(document.value.root)


def _json_lines(path: Path) -> Iterator[Patient]:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if line.strip():
            try:
                yield Patient.model_validate_json(line)
            except ValidationError as error:
                raise ContentError([Fault(str(path), number, 1, error.errors()[0]["msg"])]) from None


def play(patient: Patient, content: Content, answers: Answers = "taps") -> Played:
    """Let the patient talk until the outcome, tapping options or typing their words."""
    conversation, told = Conversation(), list(patient.tells)
    lines = [("patient", patient.opening)]
    turn = _turn(conversation, content, patient.opening)
    said = 0
    while said < LONGEST:
        lines.extend(("bot", reply.text) for reply in turn.replies)
        conversation = turn.conversation
        if _is_over(turn, told):
            break
        if told and (conversation.consent or conversation.outcome):
            words, tapped = told.pop(0), _NOTHING
        else:
            words, tapped = _answer(patient, turn, content, answers)
        lines.append(("patient", words or ", ".join(tapped)))
        turn = _turn(conversation, content, words, tapped)
        said += 1
    outcome = conversation.outcome
    return Played(patient, outcome.level if outcome else None, outcome.rules if outcome else (), said, tuple(lines))


def _is_over(turn: Turn, still_to_tell: Sequence[str]) -> bool:
    outcome = turn.conversation.outcome
    done = outcome is not None and (not still_to_tell or outcome.level >= Level.emergency)
    return done or turn.asks is None


def _answer(patient: Patient, turn: Turn, content: Content, answers: Answers) -> tuple[str, tuple[str, ...]]:
    """The answer to what was asked: words to type, and options to tap."""
    assert turn.asks is not None
    tapped = answer_of(patient, turn.asks, content, turn.conversation)
    return (in_words(tapped, turn.replies[-1].options, content), _NOTHING) if answers == "words" else ("", tapped)


def in_words(tapped: Sequence[str], offered: Sequence[Option], content: Content) -> str:
    """What a patient types who does not tap: the words of the options, for a number those of the nearest."""
    labels = {option.id: option.label for option in offered}
    return ", ".join(labels.get(id) or _nearest(id, offered, content) for id in tapped)


def _nearest(id: str, offered: Sequence[Option], content: Content) -> str:
    if id == UNSURE:
        return content.script.messages["unsure_label"]
    numbers = [option for option in offered if option.id.replace(".", "").isdecimal()]
    if not numbers:
        return id.removesuffix(".0")
    return min(numbers, key=lambda option: abs(float(option.id) - float(id))).label


def _turn(conversation: Conversation, content: Content, words: str, tapped: Sequence[str] = ()) -> Turn:
    """One message through the reader and the step, the state written out and read back as a store does."""
    stored = Conversation.model_validate_json(conversation.model_dump_json())
    reading = content.reader.read(words, expecting(stored, content.script))
    kind: Literal["tap", "text"] = "tap" if tapped else "text"
    return step(stored, Heard(reading, NOW, tuple(tapped), complete=True, kind=kind), content.script)


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
    doubt = [UNSURE] if unsure else []
    return (*ticked, *doubt) or (NONE,)
