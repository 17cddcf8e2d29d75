"""What a message says, and what the dialogue was waiting for when it came."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from bot.language.questioning import Asked

Answer = Literal["yes", "no", "unsure"]
AskKind = Literal["yes_no", "multi", "choice", "duration", "number", "text"]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why a fact is in a reading: the words ``text`` at ``span`` (characters of the message) by ``rule``."""

    span: tuple[int, int]
    text: str
    rule: str
    fact: str
    score: float


@dataclass(frozen=True, slots=True)
class Expecting:
    """The pending question. ``ids`` are what it asks for, ``options`` the (id, label) pairs that it offered."""

    kind: AskKind
    ids: tuple[str, ...] = ()
    options: tuple[tuple[str, str], ...] = ()


Topics = tuple[tuple[str, float], ...]
"""Ids of knowledge topics, the nearest first, each with its nearness (0 to 100)."""


@dataclass(frozen=True)
class Reading:
    """What one message says, in the identifiers of ``bot.ontology``.

    ``dangers``: signs of ``ontology.DANGERS``. ``doubts``: signs told with doubt, which then stand nowhere else.
    ``loose``: signs told in words that need not mean them, to be asked plainly before they count.
    ``onsets``: age in days of signs that have one of their own. ``answer``: the message as an answer to a yes/no or
    multi question. ``chosen``: ids of offered options.

    ``rank``, ``explain`` and ``listen`` find what few readings are asked for and what costs more than all the rest:
    ``topics``, ``evidence`` and ``asked``.
    """

    text: str
    intent: str
    score: float
    complaint: str | None = None
    body_part: str | None = None
    side: str | None = None
    duration_days: float | None = None
    episode_seconds: float | None = None
    recurrence: str | None = None
    symptoms: Mapping[str, bool] = field(default_factory=dict)
    factors: Mapping[str, bool] = field(default_factory=dict)
    emergency: bool = False
    dangers: Mapping[str, bool] = field(default_factory=dict)
    doubts: frozenset[str] = frozenset()
    loose: frozenset[str] = frozenset()
    onsets: Mapping[str, float] = field(default_factory=dict)
    age: int | None = None
    number: float | None = None
    answer: Answer | None = None
    chosen: tuple[str, ...] = ()
    rank: Callable[[], Topics] = field(default=tuple, repr=False, compare=False)
    explain: Callable[[], tuple[Evidence, ...]] = field(default=tuple, repr=False, compare=False)
    listen: Callable[[], Asked] = field(default=Asked, repr=False, compare=False)

    @cached_property
    def topics(self) -> Topics:
        """The nearest topics of the knowledge."""
        return self.rank()

    @cached_property
    def evidence(self) -> tuple[Evidence, ...]:
        """Why each fact is in the reading."""
        return self.explain()

    @cached_property
    def asked(self) -> Asked:
        """How the message asks, whatever its intent."""
        return self.listen()

    def as_answer(self, number: float | None, answer: Answer | None, chosen: tuple[str, ...]) -> "Reading":
        """This reading as the answer to a question. What was found once is shared: nothing in it changes."""
        copy = object.__new__(Reading)
        copy.__dict__.update(self.__dict__, number=number, answer=answer, chosen=chosen)
        return copy

    def as_json(self) -> dict[str, Any]:
        """The public object of ``understand``; see the ontology."""
        return {
            "text": self.text,
            "intent": self.intent,
            "score": round(self.score, 1),
            "complaint": self.complaint,
            "body_part": self.body_part,
            "side": self.side,
            "duration_days": _plain(self.duration_days),
            "episode_seconds": _plain(self.episode_seconds),
            "recurrence": self.recurrence,
            "symptoms": dict(self.symptoms),
            "factors": dict(self.factors),
            "emergency": self.emergency,
        }


def _plain(number: float | None) -> float | int | None:
    """14.0 is written 14; thirds are rounded."""
    if number is None:
        return None
    return int(number) if number == int(number) else round(number, 3)
