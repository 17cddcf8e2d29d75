"""Whether a follow-up question can still change what the patient is told."""

from collections.abc import Iterator

from bot.dialogue.script import QuestionText, Script
from bot.ontology import SIGNS, Level
from bot.triage.facts import Facts
from bot.triage.rules import DOUBT_CEILING, Rule, triage

PLACE_AND_TIME = ("side", "duration_days")
"""Before these were asked nothing can be left out: rules wait for them."""

AGE_GROUPS = ("elderly", "child")


def can_change_level(question: QuestionText, facts: Facts, script: Script) -> bool:
    """Whether some answer to ``question``, with whatever may yet be told, could change the level as it stands."""
    open_ids = frozenset(id for id in question.ids if not facts.knows(id))
    if open_ids & _required(facts, script) or not all(facts.knows(slot) for slot in PLACE_AND_TIME):
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
    urgent = [rule for rule in script.rules if rule.level > level and ids & rule.condition.signs]
    return any(
        _fires(rule, told, certain) or (level < DOUBT_CEILING and _fires(rule, told, feared))
        for rule in urgent
        for told in worst
    )


def _still_asked(facts: Facts, script: Script) -> frozenset[str]:
    """The signs that this flow may yet ask for. What is told unasked is weighed when it is told."""
    steps = script.flows[facts.complaint].steps if facts.complaint else ()
    ids = (id for step in steps for id in script.questions[step.question].ids)
    age_groups = () if facts.knows("age") else AGE_GROUPS
    return frozenset(id for id in (*ids, *age_groups) if id in SIGNS and not facts.knows(id))


def _fires(rule: Rule, facts: Facts, present: frozenset[str]) -> bool:
    """Whether the rule fires with these signs, or with those of them left out that would switch it off."""
    return rule.fires(facts, present) or rule.fires(facts, present - rule.condition.negated)


def _answered(question: QuestionText, ids: frozenset[str], facts: Facts, script: Script) -> Iterator[Facts]:
    """The facts after each answer that may speak for less: a sign that some rule wants absent, a value of a slot."""
    calming = {sign for rule in script.rules for sign in rule.condition.negated}
    for id in ids:
        if id in calming:
            yield facts.with_signs([id], "yes")
        elif id not in SIGNS:
            values = (option.id for option in question.options if option.id != "unsure")
            yield from (facts.with_slot(id, _value(value)) for value in values)


def _value(id: str) -> str | float:
    try:
        return float(id)
    except ValueError:
        return id
