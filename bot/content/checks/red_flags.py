"""No path with a red flag ends below that flag's level.

For each rule, for each minimal case in which it fires, and for each flow: a patient of whom just that is true walks
through the real dialogue. Where the flow asks for every sign of the case, answering must lead to the rule's level or
above, and doubt about the signs to the level that doubt can demand; elsewhere telling them unasked must. A certain
emergency ends the asking, so an answer that would have made it one for the ambulance may not be heard any more.
"""

from collections.abc import Iterator
from dataclasses import replace

from bot.content.checks.cases import Case
from bot.content.checks.people import Person, person_of, telling
from bot.content.checks.subject import Subject
from bot.content.source import Fault
from bot.dialogue.hearing import keep
from bot.dialogue.script import Flow
from bot.ontology import Level
from bot.triage.facts import Facts
from bot.triage.rules import DOUBT_CEILING, Rule, triage


def check(subject: Subject) -> Iterator[Fault]:
    for rule in subject.script.rules:
        for case in subject.cases(rule):
            yield from _faults(subject, rule, case)


def _faults(subject: Subject, rule: Rule, case: Case) -> Iterator[Fault]:
    """At most one fault a case: the first flow that leads below."""
    for _, flow in subject.flows():
        if flow.text.complaint not in case.allowed.get("complaint", {flow.text.complaint}):
            continue
        person = person_of(case, complaint=flow.text.complaint)
        if not _is_asked(subject, flow, case, person):
            if _told(subject, person) < rule.level:
                yield subject.rule_fault(rule, f"{_who('tells', case)} of it unasked is not told {rule.level.name!r}")
                return
            continue
        for how, one, least in (
            ("has", person, min(rule.level, Level.emergency)),
            ("is not sure of", _in_doubt(person), min(rule.level, DOUBT_CEILING)),
        ):
            walked = subject.walk(one)
            end = walked.outcome.level if walked.outcome else Level.self_care
            if end < least:
                below = f"ends at {end.name!r}, below {rule.level.name!r} of {rule.id}"
                yield subject.rule_fault(rule, f"{_who(how, case)} {below}: {walked.path(subject.script)}")
                return


def _told(subject: Subject, person: Person) -> Level:
    """The level when all signs are told with the complaint, and place, time and age are known. The words of a loose
    sign are plain here: the rest is asked, and ``asked`` walks show that."""
    facts = keep(Facts(), telling(person), None)
    for slot, value in person.slots.items():
        facts = facts.with_slot(slot, int(value) if slot == "age" and value is not None else value)
    return triage(facts, subject.script.rules).level


def _who(how: str, case: Case) -> str:
    return f"a patient who {how} {' and '.join(sorted(case.present)) or 'this complaint'}"


def _is_asked(subject: Subject, flow: Flow, case: Case, person: Person) -> bool:
    """Whether finding this case is the flow's business: it asks for all its signs, those that it asks selectively of
    this person too. A cramp that lasts is asked for as pain that lasts, and its length only after that."""
    asked = subject.asked_signs(flow) | {flow.text.complaint}
    if not case.present or not case.present <= asked or "episode_seconds" in case.allowed:
        return False
    return all(_concerns(subject, flow, sign, person) for sign in case.present.intersection(flow.text.selective))


def _concerns(subject: Subject, flow: Flow, sign: str, person: Person) -> bool:
    """Whether a step asks this person for ``sign`` because of the other signs."""
    facts, questions = person.facts(), subject.script.questions
    asking = [step for step in flow.steps if sign in questions[step.question].ids]
    return any(
        step.when is None or step.when.holds(facts, person.present.difference(questions[step.question].ids))
        for step in asking
    )


def _in_doubt(person: Person) -> Person:
    return replace(person, present=frozenset(), unsure=person.present)
