"""Every outcome fits every channel, as the program really composes it: for each case of each rule, for each complaint,
and for each two rules of one level together."""

from collections.abc import Iterator
from itertools import combinations

from bot.content.checks.cases import Case
from bot.content.checks.limits import too_long
from bot.content.checks.people import NOW, Person, person_of
from bot.content.checks.subject import Subject
from bot.content.source import Fault
from bot.dialogue.conversation import Conversation
from bot.dialogue.outcome import decide, tell
from bot.dialogue.wording import paragraphs, say
from bot.ontology import COMPLAINTS, Level
from bot.triage.rules import Rule, triage


def check(subject: Subject) -> Iterator[Fault]:
    for rule in subject.script.rules:
        for case in subject.cases(rule):
            if fault := _first(subject, (_person(case, complaint) for complaint in _complaints(case))):
                yield subject.rule_fault(rule, fault)
                break
    for one, other in combinations(subject.script.rules, 2):
        if one.level == other.level and (fault := _first(subject, _both(subject, one, other))):
            yield subject.rule_fault(one, f"with {other.id} beside it: {fault}")
    for complaint in COMPLAINTS:
        if fault := _first(subject, [Person().with_slots(complaint=complaint)]):
            yield subject.documents.outcomes.fault(("outcomes", Level.self_care.name), f"{complaint}: {fault}")


def _complaints(case: Case) -> Iterator[str]:
    allowed = case.allowed.get("complaint", frozenset(COMPLAINTS))
    return (complaint for complaint in COMPLAINTS if complaint in allowed)


def _person(case: Case, complaint: str) -> Person:
    return person_of(case, complaint=complaint)


def _both(subject: Subject, one: Rule, other: Rule) -> Iterator[Person]:
    """One patient for whom both rules fire, where there is one."""
    joined = (a.joined(b) for a in subject.cases(one) for b in subject.cases(other))
    case = next((case for case in joined if case is not None), None)
    if case is not None:
        yield person_of(case, complaint=next(_complaints(case)))


def _first(subject: Subject, people: Iterator[Person] | list[Person]) -> str:
    """What is too long in the outcome of one of these people, in words, or nothing."""
    for person in people:
        facts = person.facts()
        conversation = Conversation(facts=facts)
        outcome = decide(conversation, triage(facts, subject.script.rules), subject.script, NOW)
        first, *rest = tell(conversation, outcome, subject.script)
        raised = paragraphs(say(subject.script, "level_raised"), first.text)
        for reply in (first.model_copy(update={"text": raised}), *rest):
            if fault := too_long(reply):
                signs = " and ".join(sorted(person.present)) or "no sign"
                return f"the outcome {outcome.level.name!r} with {signs} is too long: {fault}"
    return ""
