"""Every path ends: whatever the answer, a question is settled, and every walk comes to an outcome."""

from collections.abc import Iterator

from bot.content.checks.people import NOW, SILENCE, USUAL
from bot.content.checks.subject import Subject
from bot.content.source import Fault
from bot.dialogue.asking import COMPLAINT, ONSET
from bot.dialogue.conversation import Consent, Conversation, Heard, Pending
from bot.dialogue.script import QuestionText
from bot.dialogue.step import step
from bot.dialogue.wording import NO, NONE, UNSURE, YES
from bot.ontology import SIGNS
from bot.triage.facts import Facts

ABOUT = "weakness"
"""A sign whose age the question of onset may ask for."""


def check(subject: Subject) -> Iterator[Fault]:
    """Each question that a flow asks, with each of its answers, given twice at most."""
    for document, flow in subject.flows():
        for index, asked in enumerate(flow.steps):
            question = subject.script.questions[asked.question]
            for answer in answers(question):
                if not _settles(subject, document.value.complaint, asked.question, answer):
                    shown = ", ".join(answer)
                    message = f"this question stays open when the answer is {shown!r}, so the path never ends"
                    yield document.fault(("steps", index, "ask"), message)
    for name in (COMPLAINT, ONSET):
        for answer in answers(subject.script.questions[name]):
            if not _settles(subject, None, name, answer):
                yield subject.question_fault(name, f"this question stays open when the answer is {answer[0]!r}")


def answers(question: QuestionText) -> list[tuple[str, ...]]:
    """Every kind of answer that may be tapped."""
    if question.kind == "multi":
        return [*((sign,) for sign in question.ids), question.ids, (NONE,), (UNSURE,)]
    if question.kind == "yes_no" or question.ids[0] in SIGNS:
        return [(YES,), (NO,), (UNSURE,)]
    offered = [(option.id,) for option in question.options]
    if question.kind in ("duration", "number"):
        offered += [("1",), ("80",)]
    return [*offered, (UNSURE,)]


def _settles(subject: Subject, complaint: str | None, question: str, answer: tuple[str, ...]) -> bool:
    about = (ABOUT,) if question == ONSET else ()
    facts = Facts(complaint=complaint) if complaint else Facts()
    if question == ONSET:
        facts = Facts(complaint=str(USUAL["complaint"]), duration_days=60).with_signs([ABOUT], "yes")
    pending = Pending(question=question, ids=subject.script.questions[question].ids, about=about)
    conversation = Conversation(
        consent=Consent(at=NOW, text="", channel="terminal", how="yes"), facts=facts, pending=pending, greeted=True
    )
    for _ in range(2):
        turn = step(conversation, Heard(SILENCE, NOW, answer, complete=True, kind="tap"), subject.script)
        conversation = turn.conversation
        if conversation.outcome is not None or _is_known(conversation.facts, pending):
            return True
    return False


def _is_known(facts: Facts, pending: Pending) -> bool:
    if pending.about:
        return set(pending.about) <= facts.onsets.keys()
    return any(facts.knows(id) for id in pending.ids)
