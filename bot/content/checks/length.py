"""At most fifteen answers on any path, and few for a patient who is well."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from typing import Final

from bot.content.checks.people import Person, Walk
from bot.content.checks.subject import Subject
from bot.content.source import Fault
from bot.dialogue.script import Flow

MOST: Final = 15
"""Answers that a patient may be asked for after the first message."""

DAYS: Final = (0.5, 60.0)
AGES: Final = (15.0, 40.0, None)
SIDES: Final = ("left", None)


def check(subject: Subject) -> Iterator[Fault]:
    for document, flow in subject.flows():
        longest = longest_walk(subject, flow)
        if answers(longest) > MOST:
            message = f"a patient may be asked for {answers(longest)} answers, more than {MOST}"
            yield document.fault(("steps",), f"{message}: {longest.path(subject.script)}")


def answers(walk: Walk) -> int:
    """Answers after the first message. Walks pick the complaint, which a first message tells, and leave out consent."""
    return len(walk.answers)


def longest_walk(subject: Subject, flow: Flow) -> Walk:
    """The longest walk. A doubt opens every question that the sign would open and never ends the asking, so the
    longest walks are those of patients who doubt; from there each sign is taken back and each told for certain."""
    signs = subject.asked_signs(flow)
    longest = Person().with_slots(complaint=flow.text.complaint)
    for days, age, side in product(DAYS, AGES, SIDES):
        person = replace(longest, unsure=signs).with_slots(duration_days=days, age=age, side=side, recurrence=None)
        longest = max(longest, person, key=lambda one: answers(subject.walk(one)))
    deciding = signs & (subject.script.onset_matters | _deciding(flow))
    nearby = [replace(longest, unsure=signs - {sign}) for sign in sorted(deciding)]
    nearby += [replace(longest, unsure=signs).having(sign) for sign in sorted(deciding)]
    return max(map(subject.walk, [longest, *nearby]), key=answers)


def _deciding(flow: Flow) -> frozenset[str]:
    """The signs by which the flow decides what to ask."""
    conditions = [step.when for step in flow.steps if step.when]
    return frozenset(sign for condition in conditions for sign in condition.signs | condition.negated)
