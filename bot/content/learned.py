"""What is learned from: ``knowledge/language/examples/``; and what was: ``knowledge/language/learned.json``.

The second is made from the first by ``tanyakaki learn`` and never written by hand.
"""

import hashlib
import json
import struct
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Final

from pydantic import TypeAdapter, ValidationError

from bot.content.source import ContentError, Fault, did_you_mean, read, read_text, shown_path
from bot.dialogue.script import Script
from bot.language.learned import (
    COMPLAINT,
    EMERGENCY,
    HARMLESS,
    HEADS,
    INTENT,
    NONE,
    URGENT,
    Learned,
    packed,
    unpacked,
)
from bot.language.lexicon import names_of
from bot.model import Model
from bot.ontology import COMPLAINTS, INTENTS

FILE: Final = "learned.json"
EXAMPLES: Final = "examples"
_ANEW: Final = "run 'tanyakaki learn'"


class ExamplesFile(Model):
    """Messages by whether they alone are reason to go to emergency care now, and by the intent that they have."""

    emergency: tuple[str, ...] = ()
    no_emergency: tuple[str, ...] = ()
    intents: Annotated[Mapping[str, tuple[str, ...]], names_of(INTENTS)] = {}


class _LearnedFile(Model):
    """``examples``: the digest of what it was learned from. ``weights``: of each feature its row, as 16-bit numbers in
    base64, for a million numbers as text take long to read and much memory."""

    examples: str
    classes: Mapping[str, tuple[str, ...]]
    weights: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Labelled:
    """A message and its class for each head that somebody judged; ``also`` are other right intents."""

    text: str
    labels: Mapping[str, str]
    also: frozenset[str] = frozenset()


def load_learned(folder: Path) -> Learned:
    """What was learned from the examples of ``folder``; nothing where there are none. Raises ``ContentError``."""
    path = folder / FILE
    if not path.exists():
        return Learned()
    file = _read(path)
    if set(file.classes) != set(HEADS):
        raise ContentError([Fault(shown_path(path), 1, 1, f"has not the heads {', '.join(HEADS)}; {_ANEW}")])
    columns = struct.Struct(f"<{sum(map(len, file.classes.values()))}h")
    try:
        rows = {feature: packed(columns.unpack(b64decode(row))) for feature, row in file.weights.items()}
    except (ValueError, struct.error):
        raise ContentError([Fault(shown_path(path), 1, 1, f"has not one weight for each class; {_ANEW}")]) from None
    return Learned(file.classes, rows)


def check_learned(folder: Path) -> list[Fault]:
    """Examples that can't be read, and what was learned from others than stand there now."""
    if not (folder / EXAMPLES).exists():
        return []
    try:
        list(labelled(folder))
        file = _read(folder / FILE)
    except ContentError as error:
        return error.faults
    if file.examples != digest(folder):
        return [Fault(shown_path(folder / FILE), 1, 1, f"was learned from other examples than there are now; {_ANEW}")]
    return []


def labelled(folder: Path) -> Iterator[Labelled]:
    """Every example below ``folder``. Raises ``ContentError`` with every fault of a file."""
    for path in _files(folder):
        yield from (_messages(path) if path.suffix == ".jsonl" else _listed(path))


def own_words(script: Script) -> list[str]:
    """What the program says itself in few words, and patients say back to it: labels of signs and answers, and what the
    knowledge is asked."""
    signs = (text for sign in script.signs.values() for text in (sign.label, sign.phrase, sign.explain))
    answers = (label.label for question in script.questions.values() for label in question.options)
    asked = (text for known in script.entries for text in (*known.entry.asks, known.entry.title))
    return list(dict.fromkeys((*signs, *answers, *asked)))


def save_learned(folder: Path, learned: Learned) -> Path:
    """Write what was learned, one feature a line."""
    columns = struct.Struct(f"<{learned.columns}h")
    rows = ",\n".join(
        f"{_line(name)}:{_line(b64encode(columns.pack(*unpacked(row, learned.columns))).decode())}"
        for name, row in learned.rows.items()
    )
    head = f'{{"examples":{json.dumps(digest(folder))},\n"classes":{_line(learned.classes)},\n"weights":{{\n'
    path = folder / FILE
    path.write_text(f"{head}{rows}\n}}}}\n", encoding="utf-8")
    return path


def digest(folder: Path) -> str:
    """A hash of all examples."""
    found = hashlib.sha256()
    for path in _files(folder):
        found.update(path.name.encode())
        found.update(path.read_bytes())
    return found.hexdigest()[:16]


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in (folder / EXAMPLES).glob("*") if path.suffix in (".jsonl", ".yaml"))


def _listed(path: Path) -> Iterator[Labelled]:
    file = read(path, ExamplesFile).value
    yield from (Labelled(text, {EMERGENCY: URGENT}) for text in file.emergency)
    yield from (Labelled(text, {EMERGENCY: HARMLESS}) for text in file.no_emergency)
    yield from (Labelled(text, {INTENT: intent}) for intent, texts in file.intents.items() for text in texts)


def _messages(path: Path) -> Iterator[Labelled]:
    for number, line in enumerate(read_text(path).splitlines(), start=1):
        if line.strip():
            yield _message(line, partial(Fault, shown_path(path), number, 1))


def _message(line: str, fault: Callable[[str], Fault]) -> Labelled:
    try:
        message = json.loads(line)
        labels = message["labels"]
        intent, complaint, urgent = str(labels["intent"]), str(labels["complaint"] or NONE), labels["emergency"]
        text, also = str(message["text"]), frozenset(message.get("also", ()))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ContentError([fault(f"is no labelled message: {error}")]) from None
    for what, names, known in (
        ("intent", {intent, *also}, INTENTS),
        ("complaint", {complaint}, (*COMPLAINTS, NONE)),
    ):
        for name in names - set(known):
            raise ContentError([fault(f"unknown {what} {name!r}{did_you_mean(str(name), known)}")])
    judged = {INTENT: intent, COMPLAINT: complaint, EMERGENCY: URGENT if urgent else HARMLESS}
    return Labelled(text, judged, also)


def _read(path: Path) -> _LearnedFile:
    try:
        return TypeAdapter(_LearnedFile).validate_json(path.read_bytes())
    except OSError as error:
        raise ContentError([Fault(shown_path(path), 1, 1, f"cannot be read: {error.strerror}; {_ANEW}")]) from None
    except ValidationError as error:
        what = error.errors(include_url=False)[0]["msg"]
        raise ContentError([Fault(shown_path(path), 1, 1, f"is not what was learned: {what}; {_ANEW}")]) from None


def _line(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
