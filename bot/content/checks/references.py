"""No reference dangles, and nothing stands in the content that nobody uses: questions and what they ask for, answers
and the values they stand for, entries and their ids. (The loader has seen to names of rules, flows and sources.)"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from bot.content.checks.subject import Subject
from bot.content.source import Document, Fault, Loc, M, did_you_mean
from bot.dialogue.asking import COMPLAINT, CONSENT, ONSET
from bot.dialogue.conversation import FOLLOW_UP
from bot.dialogue.script import QuestionText
from bot.dialogue.situation import FORGET, SWITCH
from bot.dialogue.wording import UNSURE
from bot.ontology import BODY_PARTS, COMPLAINTS, RECURRENCES, SIDES, SIGNS, SLOTS

ALWAYS: Final = (CONSENT, COMPLAINT, ONSET, FORGET, SWITCH, FOLLOW_UP)
"""Questions that the program asks whatever the flow."""

VALUES: Final[Mapping[str, tuple[str, ...]]] = {
    "complaint": COMPLAINTS,
    "body_part": BODY_PARTS,
    "side": SIDES,
    "recurrence": RECURRENCES,
    "progress": ("better", "same", "worse"),
}
NUMBERS: Final = ("duration_days", "episode_seconds", "age")


def check(subject: Subject) -> Iterator[Fault]:
    yield from _questions(subject)
    yield from _flows(subject)
    yield from _entries(subject)
    yield from _causes(subject)


def _questions(subject: Subject) -> Iterator[Fault]:
    document = subject.documents.questions
    asked = {step.question for _, flow in subject.flows() for step in flow.steps}
    for name in ALWAYS:
        if name not in document.value.questions:
            yield document.fault(("questions",), f"the question {name!r} is missing")
    for name, question in document.value.questions.items():
        place: Loc = ("questions", name)
        if name not in asked and name not in ALWAYS:
            yield document.fault(place, f"no flow asks the question {name!r}")
        yield from _ids(document, place, question)
        yield from _options(document, place, question)


def _ids(document: Document[M], place: Loc, question: QuestionText) -> Iterator[Fault]:
    known = SIGNS if question.kind == "multi" else SLOTS if question.options else (*SIGNS, *SLOTS)
    for index, id in enumerate(question.ids):
        if id not in known:
            yield document.fault((*place, "ids", index), f"unknown id {id!r}{did_you_mean(id, known)}")
    if question.kind != "multi" and len(question.ids) > 1:
        yield document.fault((*place, "ids"), f"a question of the kind {question.kind!r} asks for one id")
    for id in _twice(question.ids):
        yield document.fault((*place, "ids"), f"{id!r} stands here twice")


def _options(document: Document[M], place: Loc, question: QuestionText) -> Iterator[Fault]:
    slot = question.ids[0]
    if question.kind == "multi" and question.options:
        yield document.fault((*place, "options"), "a 'multi' question makes its options of the signs' labels")
        return
    if question.kind == "choice" and len(question.options) < 2:
        yield document.fault(place, "a 'choice' needs two options at least")
    for index, option in enumerate(question.options):
        known = (*VALUES.get(slot, ()), UNSURE)
        if slot in NUMBERS and option.id != UNSURE and not _is_number(option.id):
            yield document.fault((*place, "options", index, "id"), f"{option.id!r} is no number for {slot!r}")
        elif slot in VALUES and option.id not in known:
            message = f"unknown {slot} {option.id!r}{did_you_mean(option.id, known)}"
            yield document.fault((*place, "options", index, "id"), message)
    for twice in (*_twice(option.id for option in question.options), *_twice(o.label for o in question.options)):
        yield document.fault((*place, "options"), f"the option {twice!r} stands here twice")


def _flows(subject: Subject) -> Iterator[Fault]:
    told = {document.value.complaint for document, _ in subject.flows()}
    for complaint in COMPLAINTS:
        if complaint not in told:
            yield subject.question_fault(COMPLAINT, f"there is no flow for the complaint {complaint!r}", "options")
    for document, flow in subject.flows():
        asked = subject.asked_signs(flow)
        for index, sign in enumerate(flow.text.selective):
            place: Loc = ("selective", index)
            if sign not in asked:
                yield document.fault(place, f"no step of this flow asks for {sign!r}{did_you_mean(sign, asked)}")
            elif sign in subject.required(flow):
                yield document.fault(place, f"{sign!r} is required of everybody and can't be asked selectively")


def _entries(subject: Subject) -> Iterator[Fault]:
    """Ids that stand twice, and a question in a patient's words that two entries claim."""
    ids: dict[str, str] = {}
    asks: dict[str, str] = {}
    for document in subject.documents.entries:
        for index, entry in enumerate(document.value.entries):
            place: Loc = ("entries", index)
            if entry.id in ids:
                yield document.fault((*place, "id"), f"the id {entry.id!r} stands in {ids[entry.id]} too")
            ids[entry.id] = document.path
            for number, words in enumerate(entry.asks):
                plain = " ".join(words.casefold().split())
                if asks.get(plain, entry.id) != entry.id:
                    message = f"{words!r} is answered by {asks[plain]!r} too: which of them is meant?"
                    yield document.fault((*place, "asks", number), message)
                asks[plain] = entry.id
    first_aid = subject.documents.first_aid
    for id in _twice(each.id for each in first_aid.value.first_aid):
        yield first_aid.fault(("first_aid",), f"the first aid {id!r} stands here twice")


def _causes(subject: Subject) -> Iterator[Fault]:
    document = subject.documents.outcomes
    named = {cause for rule in subject.script.rules for cause in rule.causes}
    for cause in document.value.causes:
        if cause not in named:
            yield document.fault(("causes", cause), f"no rule names the cause {cause!r}")


def _is_number(text: str) -> bool:
    try:
        return float(text) >= 0
    except ValueError:
        return False


def _twice(items: Iterable[str]) -> list[str]:
    return [item for item, count in Counter(items).items() if count > 1]
