"""Every rule can fire: its parts do not contradict each other, and a patient can bring to light what it rests on."""

from collections.abc import Iterator

from bot.content.checks.cases import Case
from bot.content.checks.people import person_of
from bot.content.checks.subject import Subject
from bot.content.source import Fault
from bot.ontology import COMPLAINTS
from bot.triage.rules import Rule


def check(subject: Subject) -> Iterator[Fault]:
    ids: set[str] = set()
    for rule in subject.script.rules:
        if rule.id in ids:
            yield subject.rule_fault(rule, f"the id {rule.id!r} stands twice in this table", "id")
        ids.add(rule.id)
        firing = [case for case in subject.cases(rule) if _fires(rule, case)]
        if not firing:
            yield subject.rule_fault(rule, f"{rule.id} can never fire: its parts contradict each other")
        elif not any(_can_be_known(subject, case) for case in firing):
            hidden = min((sorted(_hidden(subject, case)) for case in firing), key=len)
            message = f"{rule.id} never comes to light: no flow asks {', '.join(hidden)}, and no words are known for it"
            yield subject.rule_fault(rule, message)


def _fires(rule: Rule, case: Case) -> bool:
    facts = person_of(case).facts()
    return rule.fires(facts, facts.present())


def _can_be_known(subject: Subject, case: Case) -> bool:
    return not _hidden(subject, case)


def _hidden(subject: Subject, case: Case) -> frozenset[str]:
    """What of this case no flow for its complaint asks and no free text tells."""
    complaints = case.allowed.get("complaint", frozenset(COMPLAINTS))
    asked = (subject.asked_signs(flow) for _, flow in subject.flows() if flow.text.complaint in complaints)
    return case.present.difference(subject.understood, *asked)
