"""Triage rules and what they say of a patient. The highest level that fires is the level."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

from bot.ontology import Level
from bot.triage.conditions import Condition
from bot.triage.facts import Facts

DOUBT_CEILING = Level.consultation_24
"""What doubt alone can demand: a red flag that the patient can't judge is looked at by a doctor within a day."""

_REMEMBERED = 4096
"""Findings that are remembered. They are the same whatever was denied, so a patient who denies one sign after the other
is judged once."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the triage table. ``causes``, ``see``, ``first_aid`` and ``message`` are ids of content; ``alarm``
    whether the rule makes a single message an emergency."""

    id: str
    level: Level
    condition: Condition
    causes: tuple[str, ...] = ()
    see: tuple[str, ...] = ()
    first_aid: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    message: str | None = None
    alarm: bool = True

    def fires(self, facts: Facts, present: frozenset[str]) -> bool:
        return self.condition.holds(facts, present)


class Rules(tuple[Rule, ...]):
    """Rules, most urgent first, with an index from signs to the rules that can't fire without them."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        by_sign: dict[str, set[int]] = {}
        always: set[int] = set()
        naming: dict[str, list[Rule]] = {}
        used = Counter(sign for rule in self for signs in rule.condition.needs for sign in signs)
        for number, rule in enumerate(self):
            if rule.condition.needs:
                for sign in min(rule.condition.needs, key=lambda signs: sum(used[sign] for sign in signs)):
                    by_sign.setdefault(sign, set()).add(number)
            else:
                always.add(number)
            for sign in rule.condition.signs:
                naming.setdefault(sign, []).append(rule)
        self._by_sign, self._always, self._naming = by_sign, always, naming
        self._numbers = {rule.id: number for number, rule in enumerate(self)}
        self.calming = frozenset[str]().union(*(rule.condition.negated for rule in self))
        """The signs that some rule wants absent."""
        self.judged = lru_cache(_REMEMBERED)(self._judged)

    def firing(self, facts: Facts, present: frozenset[str]) -> list[Rule]:
        """Those that fire, in their order. Most need a sign that is not there; they are not even looked at."""
        numbers = self._always.union(*(self._by_sign[sign] for sign in present if sign in self._by_sign))
        return [rule for rule in map(self.__getitem__, sorted(numbers)) if rule.fires(facts, present)]

    def named(self, ids: Iterable[str]) -> list[Rule]:
        """The rules with these ids, in their order."""
        return [self[number] for number in sorted(self._numbers[id] for id in ids if id in self._numbers)]

    def naming(self, signs: Iterable[str]) -> Iterator[Rule]:
        """The rules that name one of ``signs``; who names several comes as often."""
        return chain.from_iterable(self._naming.get(sign, ()) for sign in signs)

    def _judged(self, facts: Facts) -> "Triage":
        present, doubtful = facts.present(), facts.doubtful()
        certain = self.firing(facts, present)
        level = certain[0].level if certain else Level.self_care
        suspected = self.firing(facts, present | doubtful) if doubtful else []
        suspected = [rule for rule in suspected if not doubtful.isdisjoint(rule.condition.signs)]
        feared = min(suspected[0].level, DOUBT_CEILING) if suspected else Level.self_care
        if feared > level:
            return _triage(feared, suspected, present | doubtful, doubtful)
        return _triage(level, certain, present, frozenset())


@dataclass(frozen=True, slots=True)
class Triage:
    """The level and why. ``rules`` are those that fired, most urgent first; ``reasons`` the signs that made the level,
    ``doubts`` the unsure signs among them."""

    level: Level
    rules: tuple[Rule, ...]
    reasons: tuple[str, ...]
    doubts: tuple[str, ...] = ()

    @property
    def certain_emergency(self) -> bool:
        """Whether asking must stop: no doubt makes an emergency, so this level rests on what was told."""
        return self.level >= Level.emergency


def triage(facts: Facts, rules: Rules) -> Triage:
    """The level for these facts."""
    return rules.judged(facts.undenied())


def by_urgency(rules: Iterable[Rule]) -> Rules:
    """The rules, most urgent first, each level in the order of the file."""
    return Rules(sorted(rules, key=lambda rule: -rule.level))


def unsettled(facts: Facts, rules: Rules, askable: frozenset[str]) -> frozenset[str]:
    """The signs whose own age would make an emergency if they were newer than the complaint.

    A twitch of four months with slurred speech may be two stories: the speech may be slurred since this morning. So
    the age of the sign is asked before the older story is believed. ``askable`` are the signs whose age can differ; the
    complaint's own sign is as old as the complaint.
    """
    if facts.duration_days is None:
        return frozenset()
    present = facts.present()
    candidates = (present & askable) - facts.onsets.keys() - {facts.complaint}
    if not candidates:
        return frozenset()
    level = triage(facts, rules).level
    newer = facts.model_copy(update={"onsets": {**facts.onsets, **dict.fromkeys(candidates, 0.0)}})
    urgent = (rule for rule in rules.firing(newer, present) if rule.level >= Level.emergency and rule.level > level)
    return frozenset(_named(urgent)) & candidates


def _named(rules: Iterator[Rule]) -> set[str]:
    return {sign for rule in rules for sign in rule.condition.signs}


def _triage(level: Level, fired: Sequence[Rule], present: frozenset[str], doubtful: frozenset[str]) -> Triage:
    top = [rule for rule in fired if min(rule.level, level) == level] if fired else []
    reasons = dict.fromkeys(sign for rule in top for sign in sorted(rule.condition.signs & present))
    return Triage(level, tuple(fired), tuple(reasons), tuple(sign for sign in reasons if sign in doubtful))
