"""Imagined patients who walk through the real dialogue, answering truthfully by tapping.

Nothing here reads words: what a patient tells is given to ``step`` as a reading, so a walk shows what the dialogue and
the triage table do with it, whatever the language part understands.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Final

from bot.content.checks.cases import Case, Value
from bot.dialogue.asking import COMPLAINT, ONSET
from bot.dialogue.conversation import Asks, Consent, Conversation, Heard, Outcome, Pending, Turn
from bot.dialogue.script import Script
from bot.dialogue.step import step
from bot.dialogue.wording import NO, NONE, UNSURE, YES
from bot.language import Reading
from bot.ontology import DANGERS, FACTORS, SIGNS, SYMPTOMS
from bot.triage.facts import Facts

NOW: Final = datetime(2026, 1, 1, tzinfo=UTC)
LONGEST: Final = 60
"""Answers after which a walk is said to have no end."""

SILENCE: Final = Reading(text="", intent="inform", score=100.0)
USUAL: Final[Mapping[str, Value]] = {
    "complaint": "cramp",
    "body_part": "calf",
    "side": "left",
    "duration_days": 10.0,
    "age": 40.0,
    "episode_seconds": 30.0,
    "recurrence": "occasional",
}


@dataclass(frozen=True, slots=True)
class Person:
    """What is true of an imagined patient. Signs that are not named are absent; slots that are None can't be told.
    ``onset`` is the age in days of what the dialogue asks the age of apart (None: as old as the complaint)."""

    slots: Mapping[str, Value | None] = field(default_factory=lambda: dict(USUAL))
    present: frozenset[str] = frozenset()
    unsure: frozenset[str] = frozenset()
    onset: float | None = None

    def having(self, *signs: str) -> "Person":
        return replace(self, present=self.present | {*signs}, unsure=self.unsure - {*signs})

    def doubting(self, *signs: str) -> "Person":
        return replace(self, unsure=(self.unsure | {*signs}) - self.present)

    def with_slots(self, **slots: Value | None) -> "Person":
        return replace(self, slots={**self.slots, **slots})

    def facts(self) -> Facts:
        """Everything that is true of this person, as if all of it had been told."""
        told = {slot: value for slot, value in self.slots.items() if value is not None and slot != "age"}
        facts = Facts.model_validate(told).with_signs(self.present, "yes").with_signs(self.unsure, "unsure")
        age = self.slots.get("age")
        return facts if age is None else facts.with_slot("age", int(age))


def person_of(case: Case, **slots: Value | None) -> Person:
    """The plainest person whom ``case`` describes; ``slots`` are what is wanted besides, where the case allows it."""
    chosen = {**USUAL, **slots}
    for slot, values in case.allowed.items():
        if chosen[slot] not in values:
            chosen[slot] = min(values, key=lambda value: _strangeness(slot, value))
    return Person(chosen, case.present)


def _strangeness(slot: str, value: Value) -> float:
    """How far a value is from the usual one: the plainest is chosen."""
    usual = USUAL[slot]
    return abs(value - usual) if isinstance(value, float) and isinstance(usual, float) else 0.0


@dataclass(frozen=True, slots=True)
class Walk:
    """A walk through a flow: the questions that were asked, each with its answer, and what came of it."""

    answers: tuple[tuple[str, tuple[str, ...]], ...]
    facts: Facts
    outcome: Outcome | None

    @property
    def asked(self) -> tuple[str, ...]:
        """The questions in the order in which they were first asked."""
        return tuple(dict.fromkeys(question for question, _ in self.answers))

    def path(self, script: Script) -> str:
        """The walk in plain words."""
        steps = [f"{question}: {_labels(script, question, ids)}" for question, ids in self.answers]
        end = self.outcome.level.name if self.outcome else "no outcome"
        return " > ".join([*steps, end])


Turns = dict[tuple[tuple[str, ...], ...], Turn]
"""Turns already taken, by the answers that led to them. The dialogue is pure: the same answers give the same turn."""


def walk(script: Script, person: Person, told: Reading = SILENCE, turns: Turns | None = None) -> Walk:
    """Let ``person`` answer until the outcome, beginning with the complaint and with what ``told`` says unasked.
    ``turns`` may be shared by walks in which nothing is told unasked."""
    turns = {} if turns is None else turns
    turn = _beginning()
    asked: list[str] = []
    taken: tuple[tuple[str, ...], ...] = ()
    while len(taken) < LONGEST:
        conversation, pending = turn.conversation, turn.conversation.pending
        if turn.asks is None or pending is None or conversation.outcome is not None:
            break
        tapped = answer_of(person, turn.asks, pending)
        asked.append(pending.question)
        taken = (*taken, tapped)
        if taken not in turns:
            turns[taken] = step(conversation, Heard(told, NOW, tapped, complete=True, kind="tap"), script)
        turn, told = turns[taken], SILENCE
    answers = tuple(zip(asked, taken, strict=True))
    return Walk(answers, turn.conversation.facts, turn.conversation.outcome)


def _beginning() -> Turn:
    pending = Pending(question=COMPLAINT, ids=(COMPLAINT,))
    consent = Consent(at=NOW, text="", channel="terminal", how="yes")
    conversation = Conversation(consent=consent, pending=pending, greeted=True)
    return Turn(conversation, asks=Asks(kind="choice", ids=(COMPLAINT,)))


def answer_of(person: Person, asks: Asks, pending: Pending) -> tuple[str, ...]:
    """What this person taps."""
    if asks.kind == "multi":
        ticked = tuple(sign for sign in asks.ids if sign in person.present)
        doubt = (UNSURE,) if person.unsure.intersection(asks.ids) else ()
        return (*ticked, *doubt) or (NONE,)
    wanted = asks.ids[0]
    if wanted in SIGNS:
        return (YES if wanted in person.present else UNSURE if wanted in person.unsure else NO,)
    value = person.onset if pending.question == ONSET and person.onset is not None else person.slots.get(wanted)
    return (UNSURE if value is None else str(value),)


def telling(person: Person) -> Reading:
    """A message that tells all the signs of ``person`` and how long a cramp lasts, and denies nothing."""
    said = dict.fromkeys(person.present, True)
    seconds = person.slots.get("episode_seconds")
    return Reading(
        text="",
        intent="complaint",
        score=100.0,
        symptoms={sign: True for sign in said if sign in SYMPTOMS},
        factors={sign: True for sign in said if sign in FACTORS},
        dangers={sign: True for sign in said if sign in DANGERS},
        doubts=person.unsure,
        episode_seconds=float(seconds) if seconds is not None else None,
    )


def _labels(script: Script, question: str, ids: tuple[str, ...]) -> str:
    options = {option.id: option.label for option in script.questions[question].options}
    return ", ".join(options.get(id) or _label(script, id) for id in ids)


def _label(script: Script, id: str) -> str:
    return script.signs[id].label if id in script.signs else script.messages.get(f"{id}_label", id)
