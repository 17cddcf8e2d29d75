"""Every step can be reached, and from every step an outcome can be reached."""

from collections.abc import Iterator, Sequence

from bot.content.checks.cases import Case
from bot.content.checks.people import Person, Walk, person_of
from bot.content.checks.subject import Subject
from bot.content.source import Fault
from bot.dialogue.script import Flow, Step
from bot.triage.conditions import Condition

DAYS = (10.0, 60.0)


def check(subject: Subject) -> Iterator[Fault]:
    """Finds for each step a patient who is asked it and comes to an outcome."""
    for document, flow in subject.flows():
        for index, step in enumerate(flow.steps):
            walks, reached = [], False
            asked_before = any(other.question == step.question and not other.when for other in flow.steps[:index])
            for walk in map(subject.walk, [] if asked_before else _candidates(subject, flow, step)):
                walks.append(walk)
                reached = step.question in walk.asked and walk.outcome is not None
                if reached:
                    break
            if not reached:
                yield document.fault(("steps", index, "when" if step.when else "ask"), _told(subject, step, walks))


def _told(subject: Subject, step: Step, walks: Sequence[Walk]) -> str:
    asked = next((walk for walk in walks if step.question in walk.asked), None)
    if asked is not None:
        return f"no patient who is asked {step.question!r} comes to an outcome: {asked.path(subject.script)}"
    why = "its condition never holds before it" if step.when else "all that it asks is known before it"
    shown = f"; for instance {walks[0].path(subject.script)}" if walks else ""
    return f"no patient is ever asked {step.question!r}: {why}{shown}"


def _candidates(subject: Subject, flow: Flow, step: Step) -> Iterator[Person]:
    """People whom the step's condition describes and who are asked what it rests on, long ill and newly, sure of it
    and in doubt."""
    complaint = flow.text.complaint
    if step.when is None:
        yield Person().with_slots(complaint=complaint)
        return
    for case in _with_grounds(subject, flow, step.when):
        if complaint in case.allowed.get("complaint", {complaint}):
            for days in DAYS:
                person = person_of(case, complaint=complaint, duration_days=days)
                yield person
                yield Person(person.slots, unsure=person.present)


def _with_grounds(subject: Subject, flow: Flow, condition: Condition) -> list[Case]:
    """The cases of ``condition``, each joined with what must hold for its signs to be asked."""
    found = []
    for case in subject.casebook.cases(condition):
        joined = [case]
        for sign in sorted(case.present):
            grounds = _grounds(subject, flow, sign)
            joined = [both for one in joined for ground in grounds if (both := one.joined(ground))]
        found += joined
    return found


def _grounds(subject: Subject, flow: Flow, sign: str) -> list[Case]:
    """What must hold for ``sign`` to be asked."""
    asking = [step.when for step in flow.steps if sign in subject.script.questions[step.question].ids]
    if not asking or None in asking:
        return [Case()]
    return [case for when in asking if when for case in subject.casebook.cases(when)]
