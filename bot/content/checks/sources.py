"""No medical statement without a source. The models demand that each rule, cause, entry and first aid names one, the
loader that a rule's, an entry's and a first aid's are known; this sees to the rest."""

from collections.abc import Iterator

from bot.content.checks.subject import Subject
from bot.content.source import Fault, did_you_mean


def check(subject: Subject) -> Iterator[Fault]:
    known = subject.script.sources
    outcomes = subject.documents.outcomes
    for cause, words in outcomes.value.causes.items():
        for index, id in enumerate(words.sources):
            if id not in known:
                message = f"unknown sources {id!r}{did_you_mean(id, known)}"
                yield outcomes.fault(("causes", cause, "sources", index), message)
    document = subject.documents.sources
    cited = set(_cited(subject))
    for id, source in document.value.sources.items():
        if not source.title.strip() or not source.publisher.strip():
            yield document.fault(("sources", id), f"the source {id!r} has no title or no publisher")
        if id not in cited:
            yield document.fault(("sources", id), f"nothing cites the source {id!r}")


def _cited(subject: Subject) -> Iterator[str]:
    script = subject.script
    for rule in script.rules:
        yield from rule.sources
    for cause in script.causes.values():
        yield from cause.sources
    for known in script.entries:
        yield from known.entry.sources
    for first_aid in script.first_aid:
        yield from first_aid.first_aid.sources
