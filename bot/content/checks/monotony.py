"""One more symptom never lowers the level, and "unsure" in place of "no" never does.

That no rule is switched off by a symptom is proven by the language of conditions, which lets ``not`` stand before
circumstances only; what it leaves open is time: a symptom that is newer than the complaint makes the rules that name it
see a shorter illness. So each case of each rule that asks for days (and one of every other) gets each further sign, as
old as the complaint, in doubt, new, and of unknown age. The dialogue could still lose a symptom by asking less because
of it; so in each flow each sign that is asked, each pair of those by which the flow decides, and each doubt walks
through.
"""

from collections.abc import Iterator
from itertools import combinations
from typing import Final

from bot.content.checks.people import Person, Walk, person_of
from bot.content.checks.subject import Subject
from bot.content.source import Document, Fault
from bot.dialogue.script import Flow, FlowText
from bot.ontology import Level
from bot.triage.conditions import NEGATABLE
from bot.triage.rules import Rule, triage

NEW: Final = (0.5, None)
"""Ages in days of a sign that was added: new, and unknown."""


def check(subject: Subject) -> Iterator[Fault]:
    for rule in subject.script.rules:
        yield from _further_signs(subject, rule)
    for document, flow in subject.flows():
        yield from _in_flow(subject, document, flow)


def _further_signs(subject: Subject, rule: Rule) -> Iterator[Fault]:
    """The triage table itself: a case of this rule, and the same with one more sign."""
    rules = subject.script.rules
    for case in subject.cases(rule)[: None if rule.condition.timed else 1]:
        facts = person_of(case).facts()
        level = triage(facts, rules).level
        for sign in sorted(_symptoms(subject) - case.present):
            for answer in ("yes", "unsure"):
                if triage(facts.with_signs([sign], answer), rules).level < level:
                    yield subject.rule_fault(rule, _lowered(case.present, sign, answer, level))
                    return
            for age in NEW if rule.condition.timed and sign in rule.condition.signs else ():
                newer = facts.with_signs([sign], "yes").model_copy(update={"onsets": {sign: age}})
                if triage(newer, rules).level < level:
                    how = "new" if age else "of unknown age"
                    yield subject.rule_fault(rule, _lowered(case.present, sign, how, level))
                    return


def _symptoms(subject: Subject) -> frozenset[str]:
    """Every sign that some rule wants present, without circumstances that may rightly calm."""
    named = {sign for rule in subject.script.rules for sign in rule.condition.signs}
    calming = {sign for rule in subject.script.rules for sign in rule.condition.negated}
    return frozenset(named - (calming & NEGATABLE))


def _in_flow(subject: Subject, document: Document[FlowText], flow: Flow) -> Iterator[Fault]:
    base = Person().with_slots(complaint=flow.text.complaint)
    symptoms = subject.asked_signs(flow) & _symptoms(subject)
    ground = _level(subject.walk(base))
    alone: dict[str, Level] = {}
    for sign in sorted(symptoms):
        alone[sign] = _level(subject.walk(base.having(sign)))
        for person, least in ((base.having(sign), ground), (base.doubting(sign), ground)):
            if _level(subject.walk(person)) < least:
                yield document.fault(("steps",), _path(subject, {sign}, subject.walk(person), least))
                return
    for pair in _pairs(flow, alone):
        walk, least = subject.walk(base.having(*pair)), max(alone[sign] for sign in pair)
        if _level(walk) < least:
            yield document.fault(("steps",), _path(subject, {*pair}, walk, least))
            return


def _pairs(flow: Flow, alone: dict[str, Level]) -> Iterator[tuple[str, str]]:
    """Pairs of signs that are no emergency by themselves, one of which decides what is asked."""
    deciding = {sign for step in flow.steps if step.when for sign in step.when.signs | step.when.negated}
    mild = [sign for sign, level in alone.items() if level < Level.emergency]
    return (pair for pair in combinations(mild, 2) if deciding.intersection(pair))


def _level(walk: Walk) -> Level:
    return walk.outcome.level if walk.outcome else Level.self_care


def _lowered(present: frozenset[str], sign: str, how: str, level: Level) -> str:
    signs = " and ".join(sorted(present)) or "this complaint alone"
    return f"{signs} gives {level.name!r}, and with {sign!r} ({how}) beside it less: a further symptom lowers the level"


def _path(subject: Subject, signs: set[str], walk: Walk, least: Level) -> str:
    added = " and ".join(sorted(signs))
    return f"with {added} a patient ends below {least.name!r}, which less would give: {walk.path(subject.script)}"
