"""Whether a message alone is reason to send the patient to emergency care now."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

from bot.language.learned import Opinion
from bot.language.message import Message
from bot.language.patterns import Match
from bot.language.signs import Told
from bot.language.times import Time
from bot.ontology import FACTORS, Level
from bot.triage.facts import Answer, Facts
from bot.triage.rules import Rule, Rules

_SUDDEN_REACH: Final = 4
_TODAY: Final = 0.5
_WEAK: Final = "weakness"
_NOTHING_TOLD: Final = Facts()

_UNNAMED: Final = "unnamed_danger"
"""The sign of a message that sounds like an emergency, though no rule knows the words."""

_ALARMING: Final = 0.5
"""How likely an emergency must be by the examples alone."""

_CERTAIN: Final = 0.85
"""How likely it must be to go before the questions about the complaint that is told."""

_CLEARLY: Final = 0.95
"""How likely it must be where signs are denied and none is told, for the same words tell it and deny it; and in a few
words, which the rules know best."""

_FEW: Final = 3

_UNLIKELY: Final = 0.008
"""How unlikely it must be that a sign which makes one is asked first; and besides:"""

_HARMLESS: Final = -0.5
"""what each word must weigh against it in the mean, for long messages are soon unlikely."""


def alarms(rules: Sequence[Rule]) -> Rules:
    """The rules that make a single message an emergency."""
    return Rules(rule for rule in rules if rule.alarm and rule.level >= Level.emergency)


def find_alarm(rules: Rules, facts: Facts) -> Rule | None:
    """The first rule that fires for what the message tells. What it doesn't tell is not filled in."""
    present = facts.present()
    if not present:
        return None
    return next((rule for rule in rules.firing(facts, present) if present & rule.condition.signs), None)


class Judged(NamedTuple):
    """What is told, the rule that makes it an emergency, and the signs that are to be asked plainly first."""

    told: Told
    alarm: Rule | None
    loose: frozenset[str]


FactsOf = Callable[[Mapping[str, bool]], Facts]
"""The facts of a message with this polarity of its signs."""


def judge(rules: Rules, facts: FactsOf, told: Told, opinion: Opinion, *, asked_about: bool) -> Judged:
    """Whether the message alone is an emergency, by the rules and by how it sounds.

    Asked first are the signs of a message that does not sound like one; and the sound alone where a complaint is told
    of which everything is asked anyway (``asked_about``).
    """
    alarm = find_alarm(rules, facts(told.polarity)) if told.polarity else None
    danger = opinion.danger
    if danger is None:
        return Judged(told, alarm, frozenset())
    if alarm is None and danger >= (_CLEARLY if _only_denies(told) or opinion.words <= _FEW else _ALARMING):
        told = replace(told, polarity={**told.polarity, _UNNAMED: True})
        sure = danger >= _CERTAIN or not asked_about
        return Judged(told, find_alarm(rules, facts(told.polarity)), frozenset() if sure else frozenset({_UNNAMED}))
    if alarm is not None and danger < _UNLIKELY and opinion.lean < _HARMLESS:
        return Judged(told, None, _without_alarm(rules, facts, told.polarity))
    return Judged(told, alarm, frozenset())


def _only_denies(told: Told) -> bool:
    """Whether signs are denied and none is there: ``sesak napas tidak ada``."""
    told_of = [present for sign, present in told.polarity.items() if sign not in FACTORS]
    return bool(told_of) and not any(told_of)


def _without_alarm(rules: Rules, facts: FactsOf, polarity: Mapping[str, bool]) -> frozenset[str]:
    """The signs without which no rule fires. Factors are none of them: they are asked no second time."""
    taken: set[str] = set()
    while alarm := find_alarm(rules, facts({sign: held for sign, held in polarity.items() if sign not in taken})):
        named = {sign for sign in alarm.condition.signs if polarity.get(sign) and sign not in FACTORS} - taken
        if not named:
            break
        taken |= named
    return frozenset(taken)


def as_facts(
    slots: Mapping[str, str | None],
    days: float | None,
    episode: float | None,
    age: int | None,
    signs: Mapping[str, bool],
    *,
    onsets: Mapping[str, float],
) -> Facts:
    """What one message tells, as triage sees it."""
    answers: dict[str, Answer] = {sign: "yes" if present else "no" for sign, present in signs.items()}
    times = {"duration_days": days, "episode_seconds": episode, "age": age}
    return _NOTHING_TOLD.model_copy(update={**slots, **times, "signs": answers, "onsets": onsets})


def own_onsets(owned: Mapping[str, Time], days: float | None) -> dict[str, float]:
    """The ages of signs that differ from the complaint's."""
    return {sign: time.value for sign, time in owned.items() if time.value != days}


def sudden_onsets(weak: Match | None, message: Message) -> dict[str, float]:
    """``kaki mendadak lumpuh`` tells no time, and yet it is of today. What comes and goes is not sudden."""
    if weak is None or message.has("@passing_by"):
        return {}
    places = message.places.get("@suddenly", ())
    near = any(message.distance(place[0], weak.first) <= _SUDDEN_REACH for place in places)
    return {_WEAK: _TODAY} if near else {}
