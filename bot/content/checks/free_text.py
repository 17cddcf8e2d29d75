"""Every red flag can be understood from free text: the words that the program uses for a sign, written back to it, are
read as that sign. What the program says itself a patient will say too."""

from collections.abc import Iterator

from bot.content.checks.subject import Subject
from bot.content.source import Fault
from bot.dialogue.relevance import AGE_GROUPS
from bot.ontology import Level


def check(subject: Subject) -> Iterator[Fault]:
    for sign in sorted(red_flags(subject) & subject.script.signs.keys()):
        phrase = subject.script.signs[sign].phrase
        if sign not in subject.understood:
            message = f"a patient who writes {phrase!r} is not understood as {sign!r}: the lexicon lacks these words"
            yield subject.documents.signs.fault(("signs", sign, "phrase"), message)


def red_flags(subject: Subject) -> frozenset[str]:
    """The signs by which a rule can send a patient to a doctor within a day, or to emergency care. Age is a number."""
    urgent = [rule for rule in subject.script.rules if rule.level >= Level.consultation_24]
    return frozenset(sign for rule in urgent for sign in rule.condition.signs) - {*AGE_GROUPS}
