"""Proving content safe: in full for its author, and once for each version that a service runs on."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import bot
from bot.content.checks import ALL, AT_LOAD, AT_START, Subject, faults_of
from bot.content.checks.length import answers, longest_walk
from bot.content.checks.people import Person
from bot.content.confusable import check_confusable
from bot.content.files import version_of
from bot.content.learned import check_learned, load_learned
from bot.content.lexicon import load_lexicon, read_lexicon
from bot.content.load import compile_script, read_documents
from bot.content.source import ContentError, Fault
from bot.dialogue.script import Script
from bot.language import Reader
from bot.language.lexicon import Lexicon
from bot.logs import logger_of

log = logger_of(__name__)

PROVER: Final = ("ontology.py", "triage", "language", "dialogue", "content")
"""The parts of the program that a proof rests on."""


@dataclass(frozen=True, slots=True)
class Content:
    """All that a running program says and understands, of one version."""

    script: Script
    reader: Reader


@dataclass(frozen=True, slots=True)
class Proof:
    """What was proven of content without a fault, in numbers. ``answers`` are the most that each flow asks for, and
    those that it asks a well patient for."""

    content: Content
    cases: int
    walks: int
    answers: dict[str, tuple[int, int]]


def load_content(flows: Path, knowledge: Path, clinic: Path | None = None) -> Content:
    """Read, compile and check all content: whole, or ``ContentError`` with every fault."""
    subject = subject_of(flows, knowledge, clinic)
    _refuse(faults_of(subject, AT_LOAD))
    return Content(subject.script, subject.reader)


def load_unchecked(flows: Path, knowledge: Path, clinic: Path | None = None) -> Content:
    """Another version of the content as it is, to compare with: no check of today is held against it."""
    lexicon = Lexicon.merged(document.value for document in read_lexicon(knowledge / "language"))
    subject = subject_of(flows, knowledge, clinic, lexicon)
    return Content(subject.script, subject.reader)


def load_proven(flows: Path, knowledge: Path, clinic: Path | None = None, *, proofs: Path) -> Content:
    """Content for patients: loaded only where it is proven that it misses no red flag. ``proofs`` is a folder in which
    it is remembered that a version was proven by this version of the program. Raises ``ContentError``."""
    subject = subject_of(flows, knowledge, clinic)
    _refuse(faults_of(subject, AT_LOAD))
    proven = proofs / f"proven-{_fingerprint(flows, knowledge, clinic)}"
    if not proven.exists():
        _refuse(faults_of(subject, AT_START))
        _remember(proven)
    return Content(subject.script, subject.reader)


def prove(flows: Path, knowledge: Path, clinic: Path | None = None) -> Proof:
    """Everything that can be proven of content. Raises ``ContentError`` with every fault."""
    subject = subject_of(flows, knowledge, clinic)
    words = check_confusable(read_lexicon(knowledge / "language"), subject.script.rules)
    _refuse([*faults_of(subject, ALL), *words, *check_learned(knowledge / "language")])
    longest: dict[str, tuple[int, int]] = {
        flow.text.complaint: (
            answers(longest_walk(subject, flow)),
            answers(subject.walk(Person().with_slots(complaint=flow.text.complaint))),
        )
        for _, flow in subject.flows()
    }
    cases = sum(len(subject.cases(rule)) for rule in subject.script.rules)
    return Proof(Content(subject.script, subject.reader), cases, subject.walks(), longest)


def subject_of(flows: Path, knowledge: Path, clinic: Path | None = None, lexicon: Lexicon | None = None) -> Subject:
    """The content read and compiled, not yet checked. Raises ``ContentError`` where it can't be."""
    documents = read_documents(flows, knowledge, clinic)
    script = compile_script(documents, version_of(flows, knowledge))
    entries = [known.entry for known in script.entries if known.entry.audience == "patient"]
    topics = {entry.id: (*entry.asks, entry.title, entry.short, entry.more) for entry in entries}

    def reader() -> Reader:
        folder = knowledge / "language"
        return Reader(lexicon or load_lexicon(folder), script.rules, topics, load_learned(folder))

    return Subject(documents, script, reader)


def _refuse(faults: list[Fault]) -> None:
    if faults:
        raise ContentError(faults)


def _fingerprint(flows: Path, knowledge: Path, clinic: Path | None) -> str:
    """A hash of the content and of the program that proves it."""
    package = Path(bot.__file__).parent
    digest = hashlib.sha256(version_of(flows, knowledge).encode())
    sources = (path for part in PROVER for path in [package / part, *sorted((package / part).rglob("*.py"))])
    for path in (*sources, *([clinic] if clinic else [])):
        if path.is_file():
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _remember(proven: Path) -> None:
    """That a version was proven. Where it can't be written down, it is proven anew at the next start."""
    try:
        proven.parent.mkdir(parents=True, exist_ok=True)
        proven.touch()
    except OSError as error:
        log.warning("a proof could not be written down", reason=error.strerror)
