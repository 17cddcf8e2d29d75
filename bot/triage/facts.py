"""What is known about a patient in one episode of illness."""

from collections.abc import Iterable
from typing import Final, Literal

from pydantic import Field

from bot.model import Kept
from bot.ontology import SIDES

Answer = Literal["yes", "no", "unsure", "loose"]
"""What the patient said of a sign. ``loose``: told in an everyday word that is wider than the sign ("lemas" may be
tired or paralysed); it is asked plainly before it counts. A sign that nobody spoke of is not in the facts at all."""

ELDERLY_FROM: Final = 60
ADULT_FROM: Final = 18


class Facts(Kept):
    """Everything the patient told. Immutable: each ``with_…`` gives new facts.

    ``signs`` maps ids of ``ontology.SIGNS`` to answers. ``onsets`` maps signs that are newer than the complaint to
    their age in days. ``unknown`` has the slots that were asked and that the patient could not tell.
    """

    complaint: str | None = None
    body_part: str | None = None
    side: str | None = None
    duration_days: float | None = None
    episode_seconds: float | None = None
    recurrence: str | None = None
    age: int | None = None
    signs: dict[str, Answer] = Field(default_factory=dict)
    onsets: dict[str, float | None] = Field(default_factory=dict)
    unknown: frozenset[str] = frozenset()

    def __hash__(self) -> int:
        """By which what follows from the same facts is found only once."""
        signs, onsets = frozenset(self.signs.items()), frozenset(self.onsets.items())
        place, rhythm = (self.body_part, self.side), (self.episode_seconds, self.recurrence)
        return hash((self.complaint, place, self.duration_days, rhythm, self.age, signs, onsets, self.unknown))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Facts) and self.__dict__ == other.__dict__

    def knows(self, fact: str) -> bool:
        """Whether this slot or sign needs no further asking."""
        told = self.signs.get(fact, "loose") != "loose"
        return told or fact in self.unknown or self.__dict__.get(fact) is not None

    def present(self) -> frozenset[str]:
        """The signs that the patient has for certain."""
        return frozenset([sign for sign, answer in self.signs.items() if answer == "yes"])

    def doubtful(self) -> frozenset[str]:
        """The signs that the patient could not be sure of, or told in too wide a word."""
        return frozenset([sign for sign, answer in self.signs.items() if answer in ("unsure", "loose")])

    def known(self) -> frozenset[str]:
        """The slots and signs that need no further asking."""
        told = [sign for sign, answer in self.signs.items() if answer != "loose"]
        slots = [slot for slot, value in self.__dict__.items() if value is not None]
        return self.unknown.union(told, slots)

    def undenied(self) -> "Facts":
        """These facts without the signs that were denied: no rule can tell them from signs that nobody spoke of."""
        signs = {sign: answer for sign, answer in self.signs.items() if answer != "no"}
        return self.model_copy(update={"signs": signs})

    def with_signs(self, signs: Iterable[str], answer: Answer) -> "Facts":
        """These facts with ``answer`` for each of ``signs``."""
        told = dict.fromkeys(signs, answer)
        return self.model_copy(update={"signs": {**self.signs, **told}}) if told else self

    def with_slot(self, slot: str, value: str | float | int | None) -> "Facts":
        """These facts with ``slot`` told, or marked as asked in vain where ``value`` is None."""
        if value is None:
            return self.model_copy(update={"unknown": self.unknown | {slot}})
        told = self.model_copy(update={slot: value, "unknown": self.unknown - {slot}})
        return told._with_age_groups() if slot == "age" else told

    def days(self, signs: Iterable[str]) -> float | None:
        """Age in days of the newest of ``signs``: its own where told, else the complaint's. None: unknown."""
        if not self.onsets:
            return self.duration_days
        ages = [self.onsets.get(sign, self.duration_days) for sign in signs] or [self.duration_days]
        known = [age for age in ages if age is not None]
        return min(known) if len(known) == len(ages) else None

    def one_side(self) -> bool:
        """Whether the complaint is on one side. Unknown counts as one: caution."""
        return self.side != SIDES[2]

    def _with_age_groups(self) -> "Facts":
        assert self.age is not None
        groups: dict[str, Answer] = {
            "elderly": "yes" if self.age >= ELDERLY_FROM else "no",
            "child": "yes" if self.age < ADULT_FROM else "no",
        }
        return self.model_copy(update={"signs": {**self.signs, **groups}})
