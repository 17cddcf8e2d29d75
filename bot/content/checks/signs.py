"""Every sign of the ontology can be spoken of, and none that is not of it."""

from collections.abc import Iterator

from bot.content.checks.subject import Subject
from bot.content.source import Fault, did_you_mean
from bot.ontology import SIGNS, SYMPTOMS


def check(subject: Subject) -> Iterator[Fault]:
    document = subject.documents.signs
    for sign in SIGNS:
        if sign not in document.value.signs:
            yield document.fault(("signs",), f"there are no words for the sign {sign!r}")
    for sign, texts in document.value.signs.items():
        if sign not in SIGNS:
            yield document.fault(("signs", sign), f"unknown sign {sign!r}{did_you_mean(sign, SIGNS)}")
        for key in ("label", "phrase", *(("explain",) if sign in SYMPTOMS else ())):
            if not getattr(texts, key).strip():
                yield document.fault(("signs", sign, key), f"{key!r} of {sign!r} is empty")
