"""Whether a slip of the finger could turn one entry of the lexicon into another of different urgency.

A word that raises an alarm by itself (``pingsan``) must not lie within the typos of a word that raises none: then a
harmless message would alarm, or worse, an alarming one would not. A pair that can't be helped is named under
``told_apart`` in the lexicon: both are read exactly, and the author has thought about it.
"""

from collections.abc import Iterator, Sequence

from rapidfuzz.distance import OSA

from bot.content.source import Document, Fault
from bot.language.lexicon import Lexicon, LexiconFile
from bot.language.spelling import allowed_edits, may_be_meant
from bot.language.vocabulary import canonical, written_forms
from bot.ontology import Level
from bot.triage.facts import Facts
from bot.triage.rules import Rule


def check_confusable(documents: Sequence[Document[LexiconFile]], rules: Sequence[Rule]) -> list[Fault]:
    """Every written form that is too near to one of different urgency, at the place where it stands."""
    lexicon = Lexicon.merged(document.value for document in documents)
    alarming = alarming_words(lexicon, rules)
    forms = {form: word for form, word, _, _ in _written(documents)}
    urgent = [form for form, word in forms.items() if word in alarming and may_be_meant(form, word)]
    return [
        document.fault(loc, f"{form!r} ({word}) is a slip away from {near!r} ({forms[near]}), which raises an alarm")
        for form, word, document, loc in _written(documents)
        if word not in alarming
        for near in urgent
        if _are_near(form, near) and frozenset((form, near)) not in _told_apart(lexicon)
    ]


def alarming_words(lexicon: Lexicon, rules: Sequence[Rule]) -> frozenset[str]:
    """The words that make an emergency of a message by themselves."""
    forms = written_forms(lexicon)
    alarms = [rule for rule in rules if rule.alarm and rule.level >= Level.emergency]
    lines = [
        canonical(source, forms).split()
        for sign, sources in lexicon.signs.items()
        if any(rule.fires(Facts(signs={sign: "yes"}), frozenset({sign})) for rule in alarms)
        for source in sources
    ]
    lone = [[part for part in line if not part.startswith(("!", "~", ">"))] for line in lines]
    return frozenset(word for parts in lone if len(parts) == 1 for word in parts[0].split("|") if word.isalpha())


def _written(
    documents: Sequence[Document[LexiconFile]],
) -> Iterator[tuple[str, str, Document[LexiconFile], tuple[str, str]]]:
    """Each form with its word and its place. Guards are no entries: they are the remedy."""
    for document in documents:
        for part in ("words", "plain"):
            for word, written in getattr(document.value, part).items():
                for form in (word, *written):
                    yield form, word, document, (part, word)


def _are_near(form: str, other: str) -> bool:
    edits = min(allowed_edits(len(form)), allowed_edits(len(other)))
    return edits > 0 and form != other and OSA.distance(form, other, score_cutoff=edits) <= edits


def _told_apart(lexicon: Lexicon) -> frozenset[frozenset[str]]:
    return frozenset(frozenset(pair.split("/")) for pair in lexicon.told_apart)
