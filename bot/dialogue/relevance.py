"""Whether a follow-up question can still change what the patient is told."""

from collections.abc import Iterator
from functools import lru_cache

from bot.dialogue.script import QuestionText, Script
from bot.ontology import SIGNS, Level
from bot.triage.facts import Facts
from bot.triage.rules import DOUBT_CEILING, Rule, triage

PLACE_AND_TIME = ("side", "duration_days")
"""Before these were asked nothing can be left out: rules wait for them."""

AGE_GROUPS = ("elderly", "child")

_COMPLAINTS_REMEMBERED = 32
"""Flows whose signs are remembered: more than there are, of the content before as well."""


def can_change_level(question: QuestionText, facts: Facts, script: Script) -> bool:
    """Whether some answer to ``question``, with whatever may yet be told, could change the level as it stands."""
    known = facts.known()
    open_ids = frozenset(question.ids) - known
    if not known.issuperset(PLACE_AND_TIME) or not open_ids.isdisjoint(_required(facts, script)):
        return True
    level = triage(facts, script.rules).level
    return _can_rise(open_ids, facts, level, script) or any(
        triage(answered, script.rules).level != level for answered in _answered(question, open_ids, facts, script)
    )


def _required(facts: Facts, script: Script) -> frozenset[str]:
    flow = script.flows[facts.complaint].text.required if facts.complaint else ()
    return script.required.union(flow)


def _can_rise(ids: frozenset[str], facts: Facts, level: Level, script: Script) -> bool:
    """Whether a more urgent rule that names one of ``ids`` fires if all that is not known yet were so."""
    certain = facts.present() | _still_asked(facts, script)
    feared = certain | facts.doubtful()
    newer = {**dict.fromkeys(script.onset_matters - facts.present(), 0.0), **facts.onsets}
    worst = (facts, facts.model_copy(update={"onsets": newer}))
    urgent = [rule for rule in script.rules.naming(ids) if rule.level > level]
    return any(
        _fires(rule, told, certain) or (level < DOUBT_CEILING and _fires(rule, told, feared))
        for rule in urgent
        for told in worst
    )


def _still_asked(facts: Facts, script: Script) -> frozenset[str]:
    """The signs that this flow may yet ask for. What is told unasked is weighed when it is told."""
    known = facts.known()
    asked = _asked_for(script, facts.complaint)
    return (asked if "age" in known else asked.union(AGE_GROUPS)) - known


@lru_cache(_COMPLAINTS_REMEMBERED)
def _asked_for(script: Script, complaint: str | None) -> frozenset[str]:
    """The signs that the steps of a flow ask for."""
    steps = script.flows[complaint].steps if complaint else ()
    ids = (id for step in steps for id in script.questions[step.question].ids)
    return frozenset(id for id in ids if id in SIGNS)


def _fires(rule: Rule, facts: Facts, present: frozenset[str]) -> bool:
    """Whether the rule fires with these signs, or with those of them left out that would switch it off."""
    return rule.fires(facts, present) or rule.fires(facts, present - rule.condition.negated)


def _answered(question: QuestionText, ids: frozenset[str], facts: Facts, script: Script) -> Iterator[Facts]:
    """The facts after each answer that may speak for less: a sign that some rule wants absent, a value of a slot."""
    for id in ids:
        if id in script.rules.calming:
            yield facts.with_signs([id], "yes")
        elif id not in SIGNS:
            values = (option.id for option in question.options if option.id != "unsure")
            yield from (facts.with_slot(id, _value(value)) for value in values)


def _value(id: str) -> str | float:
    try:
        return float(id)
    except ValueError:
        return id
