"""Every sentence that the program says is there, and holds no name in braces that nobody fills in."""

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from bot.content.checks.subject import Subject
from bot.content.files import ClinicFile, MessagesFile
from bot.content.source import Document, Fault, Loc, did_you_mean
from bot.dialogue.messages import FILLED, SAID

NAME: Final = re.compile(r"\{([^{}]*)\}")


def check(subject: Subject) -> Iterator[Fault]:
    yield from _missing(subject)
    clinic = frozenset(subject.script.clinic)
    yield from _sentences(subject.documents.messages, clinic)
    yield from _sentences(subject.documents.clinic, clinic)
    for index, reply in enumerate(subject.documents.clinic.value.replies):
        yield from unknown_names(subject.documents.clinic, ("replies", index, "text"), reply.text, clinic | {"staff"})
    yield from _questions(subject, clinic)
    yield from _outcomes(subject, clinic)


def _sentences(document: Document[MessagesFile] | Document[ClinicFile], clinic: frozenset[str]) -> Iterator[Fault]:
    """Ours, and those that a clinic puts in their place."""
    for key, text in document.value.messages.items():
        yield from unknown_names(document, ("messages", key), text, clinic.union(FILLED.get(key, ())))
        for name in FILLED.get(key, ()):
            if f"{{{name}}}" not in text:
                yield document.fault(("messages", key), f"{key!r} must hold '{{{name}}}'")


def _missing(subject: Subject) -> Iterator[Fault]:
    document = subject.documents.messages
    own = {rule.message for rule in subject.script.rules if rule.message}
    unsaid = document.value.messages.keys() - SAID - own
    for key in sorted(SAID - document.value.messages.keys()):
        yield document.fault(("messages",), f"the message {key!r} is missing{did_you_mean(key, unsaid)}")


def _questions(subject: Subject, clinic: frozenset[str]) -> Iterator[Fault]:
    document = subject.documents.questions
    for name, question in document.value.questions.items():
        for key in ("text", "again"):
            place: Loc = ("questions", name, key)
            yield from unknown_names(document, place, getattr(question, key), clinic | {"signs", "complaint"})


def _outcomes(subject: Subject, clinic: frozenset[str]) -> Iterator[Fault]:
    document = subject.documents.outcomes
    for name, outcome in document.value.outcomes.items():
        place: Loc = ("outcomes", name)
        for key in ("headline", "why_unknown", "watch", "follow_up"):
            yield from unknown_names(document, (*place, key), getattr(outcome, key), clinic)
        yield from unknown_names(document, (*place, "why"), outcome.why, clinic | {"reasons"})
        for index, text in enumerate(outcome.do):
            yield from unknown_names(document, (*place, "do", index), text, clinic)


def unknown_names(document: Document[Any], loc: Loc, text: str, known: Iterable[str]) -> Iterator[Fault]:
    """A fault for each name in braces that is not known; a lone brace is one too."""
    names = list(known)
    for name in NAME.findall(text):
        if name not in names:
            yield document.fault(loc, f"nobody fills in '{{{name}}}'{did_you_mean(name, names)}")
    if re.search(r"[{}]", NAME.sub("", text)):
        yield document.fault(loc, "a brace without its partner")
