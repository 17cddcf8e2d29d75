"""No path to ``self_care`` on which a required red flag was neither asked nor told."""

from collections.abc import Iterable, Iterator
from itertools import islice, product

from bot.content.checks.cases import Case
from bot.content.checks.people import Person, Walk, person_of
from bot.content.checks.subject import Subject
from bot.content.source import Document, Fault, Loc
from bot.dialogue.script import Flow, FlowText
from bot.ontology import Level

TRIED = 60
"""Patients tried for one way past a question."""


def check(subject: Subject) -> Iterator[Fault]:
    """For each required sign: every case in which no step asks it must be exempt, or no case of ``self_care``."""
    for document, flow in subject.flows():
        for sign in sorted(subject.required(flow)):
            for walk in _ways_past(subject, document, flow, sign):
                message = f"'self_care' is reached without {sign!r} asked or told"
                place = _place(document, sign)
                yield document.fault(place, f"{message}: {walk.path(subject.script)}")
                break
        yield from _walked(subject, document, flow)


def _walked(subject: Subject, document: Document[FlowText], flow: Flow) -> Iterator[Fault]:
    """The walks of all checks so far, as far as they ended in ``self_care`` with something required unknown."""
    for walk in subject.walked(flow.text.complaint):
        if walk.outcome is None or walk.outcome.level != Level.self_care:
            continue
        unknown = {sign for sign in subject.required(flow) if not walk.facts.knows(sign)}
        for signs, condition in subject.exemptions:
            if condition.holds(walk.facts, walk.facts.present()):
                unknown -= signs
        if unknown:
            message = f"'self_care' is reached without {sorted(unknown)} asked or told"
            yield document.fault(("steps",), f"{message}: {walk.path(subject.script)}")
            return


def _ways_past(subject: Subject, document: Document[FlowText], flow: Flow, sign: str) -> Iterator[Walk]:
    for case in _unasked(subject, flow, sign):
        for person in _people(case, document.value.complaint):
            walk = subject.walk(person)
            ends_at_home = walk.outcome is not None and walk.outcome.level == Level.self_care
            if ends_at_home and not walk.facts.knows(sign):
                yield walk


def _unasked(subject: Subject, flow: Flow, sign: str) -> list[Case]:
    """The cases in which no step of the flow asks for ``sign``, without those that are exempt."""
    cases = [Case(allowed={"complaint": frozenset({flow.text.complaint})})]
    for step in flow.steps:
        if sign in subject.script.questions[step.question].ids:
            cases = _both(cases, subject.casebook.against(step.when) if step.when else [])
    for signs, condition in subject.exemptions:
        if sign in signs:
            cases = _both(cases, subject.casebook.against(condition))
    return cases


def _both(cases: Iterable[Case], others: Iterable[Case]) -> list[Case]:
    return [both for one, other in product(cases, list(others)) if (both := one.joined(other))]


def _people(case: Case, complaint: str) -> Iterator[Person]:
    """The people whom a case describes: the plainest, then with every value that the case leaves."""
    yield person_of(case, complaint=complaint)
    slots = {slot: sorted(values, key=str) for slot, values in case.allowed.items() if slot != "complaint"}
    for values in islice(product(*slots.values()), TRIED):
        yield person_of(case, complaint=complaint, **dict(zip(slots, values, strict=True)))


def _place(document: Document[FlowText], sign: str) -> Loc:
    own = document.value.required
    return ("required", own.index(sign)) if sign in own else ("steps",)
