"""The lexicon in ``knowledge/language/`` as one ``Lexicon``, its patterns checked."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from bot.content.source import ContentError, Document, Fault, Loc, read
from bot.language.lexicon import Lexicon, LexiconFile
from bot.language.message import Atoms
from bot.language.patterns import PatternError, compile_pattern
from bot.language.vocabulary import canonical, canonical_groups, written_forms

_PATTERNS = (
    "signs",
    "denials",
    "complaints",
    "body_parts",
    "sides",
    "recurrences",
    "questions",
    "cues",
    "choices",
)


def load_lexicon(folder: Path) -> Lexicon:
    """Every file of ``folder`` as one lexicon. Raises ``ContentError`` with every fault of every file."""
    documents = read_lexicon(folder)
    lexicon = Lexicon.merged(document.value for document in documents)
    faults = check_lexicon(documents, lexicon)
    if faults:
        raise ContentError(faults)
    return lexicon


def read_lexicon(folder: Path) -> list[Document[LexiconFile]]:
    """The files of ``folder``, each with the places of its parts, in the order of their names."""
    documents, faults = [], []
    for path in sorted(folder.glob("*.yaml")):
        try:
            documents.append(read(path, LexiconFile))
        except ContentError as error:
            faults += error.faults
    if not documents and not faults:
        faults.append(Fault(str(folder), 1, 1, "has no lexicon file (*.yaml)"))
    if faults:
        raise ContentError(faults)
    return documents


def check_lexicon(documents: Sequence[Document[LexiconFile]], lexicon: Lexicon) -> list[Fault]:
    """Patterns that can't be read, forms that stand under two words, and what is listed twice."""
    return [*_pattern_faults(documents, lexicon), *_shared_forms(documents), *_listed_twice(documents)]


def _pattern_faults(documents: Sequence[Document[LexiconFile]], lexicon: Lexicon) -> Iterator[Fault]:
    forms = written_forms(lexicon)
    atoms = Atoms(canonical_groups(lexicon, forms), frozenset(lexicon.plain))
    for document in documents:
        for loc, source in _sources(document.value):
            try:
                compile_pattern("check", canonical(source, forms), atoms)
            except (PatternError, ValueError) as error:
                yield document.fault(loc, str(error))


def _sources(file: LexiconFile) -> Iterator[tuple[Loc, str]]:
    for part in _PATTERNS:
        table: Mapping[str, Sequence[str]] = getattr(file, part)
        for name, sources in table.items():
            for index, source in enumerate(sources):
                yield (part, name, index), source
    for index, source in enumerate(file.masks):
        yield ("masks", index), source


def _shared_forms(documents: Sequence[Document[LexiconFile]]) -> Iterator[Fault]:
    owners: dict[str, str] = {}
    for document in documents:
        for part in ("plain", "words"):
            for word, written in getattr(document.value, part).items():
                for form in written:
                    owner = owners.setdefault(form, word)
                    if owner != word:
                        yield document.fault((part, word), f"{form!r} stands under {owner!r} too: which is it?")


def _listed_twice(documents: Sequence[Document[LexiconFile]]) -> Iterator[Fault]:
    for document in documents:
        for part in ("plain", "words", "groups"):
            for name, listed in getattr(document.value, part).items():
                if len(set(listed)) < len(listed):
                    twice = next(form for form, count in Counter(listed).items() if count > 1)
                    yield document.fault((part, name), f"{twice!r} is listed twice here; once is enough")
