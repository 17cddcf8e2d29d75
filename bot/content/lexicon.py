"""The lexicon in ``knowledge/language/`` as one ``Lexicon``."""

from pathlib import Path

from bot.content.source import ContentError, Document, Fault, read
from bot.language.lexicon import Lexicon, LexiconFile


def load_lexicon(folder: Path) -> Lexicon:
    """Every file of ``folder`` as one lexicon. Raises ``ContentError`` with every fault of every file."""
    return Lexicon.merged(document.value for document in read_lexicon(folder))


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
