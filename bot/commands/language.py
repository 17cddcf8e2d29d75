"""``tanyakaki understand`` and ``tanyakaki evaluate``: what the program reads in messages, and how well."""

import argparse
import io
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from rapidfuzz import fuzz, process

from bot.content.lexicon import load_lexicon
from bot.evaluation import Scores, as_json, evaluate, utterances, worst
from bot.language import Evidence, Lexicon, Reading
from bot.service import content_of
from bot.settings import load_settings

_WORST = 25


def add_commands(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    understand = subparsers.add_parser("understand", help="what the program reads in a message")
    understand.add_argument("text", nargs="*", help="messages; none: one a line from standard input")
    understand.add_argument("--json", action="store_true", help="one JSON object a line")
    understand.add_argument("--explain", action="store_true", help="which words gave what, by which rule")
    understand.set_defaults(run=run_understand)
    scoring = subparsers.add_parser("evaluate", help="score labelled messages")
    scoring.add_argument("file", nargs="+", type=Path, help="labelled utterances, JSON lines")
    scoring.add_argument("--json", action="store_true")
    scoring.set_defaults(run=run_evaluate)


def run_understand(arguments: argparse.Namespace) -> int:
    reader = content_of(load_settings()).reader
    for text in arguments.text or _lines():
        reading = reader.read(text)
        if arguments.json:
            print(_json_line(reading, explain=arguments.explain), flush=True)
        else:
            print(*_table(reading, explain=arguments.explain), sep="\n", flush=True)
    return 0


def run_evaluate(arguments: argparse.Namespace) -> int:
    settings = load_settings()
    reader = content_of(settings).reader
    try:
        labelled = list(utterances(arguments.file))
    except (OSError, ValueError) as error:
        print(f"tanyakaki evaluate: {error}", file=sys.stderr)
        return 1
    scores = evaluate(labelled, reader.read, _baseline(load_lexicon(settings.knowledge_dir / "language")))
    if arguments.json:
        print(json.dumps(as_json(scores), ensure_ascii=False))
    else:
        print(*_report(scores), sep="\n")
    return 0


def _lines() -> Iterator[str]:
    """The lines of standard input. Bytes that are no UTF-8 are read as marks, not as an error."""
    stream = io.TextIOWrapper(sys.stdin.buffer, encoding="utf-8", errors="replace", newline="\n")
    for line in stream:
        yield line.rstrip("\r\n")


def _baseline(lexicon: Lexicon) -> Callable[[str], str]:
    """The intent of the phrase that plain rapidfuzz finds nearest: what all the rest must beat."""
    phrases = [text for texts in lexicon.phrases.values() for text in texts]
    intents = [intent for intent, texts in lexicon.phrases.items() for _ in texts]

    def intent(text: str) -> str:
        found = process.extractOne(text.lower(), phrases, scorer=fuzz.WRatio)
        return intents[found[2]] if found else "out_of_scope"

    return intent


def _json_line(reading: Reading, *, explain: bool) -> str:
    line = reading.as_json()
    if explain:
        line["explain"] = [_explained(evidence) for evidence in reading.evidence]
    # Half a surrogate pair can't be written as UTF-8; escaped it can.
    return json.dumps(line, ensure_ascii=any("\ud800" <= letter <= "\udfff" for letter in reading.text))


def _explained(evidence: Evidence) -> dict[str, object]:
    return {
        "fact": evidence.fact,
        "span": list(evidence.span),
        "text": evidence.text,
        "rule": evidence.rule,
        "score": round(evidence.score, 1),
    }


def _table(reading: Reading, *, explain: bool) -> Iterator[str]:
    """The reading for a person: only what was found."""
    yield reading.text.encode("utf-8", "replace").decode("utf-8")
    for name, value in reading.as_json().items():
        if name != "text" and value not in (None, {}, False):
            yield f"  {name:16} {_shown(value)}"
    for name, value in (("dangers", reading.dangers), ("onsets", reading.onsets), ("doubts", sorted(reading.doubts))):
        if value:
            yield f"  {name:16} {_shown(value)}"
    if explain:
        for evidence in reading.evidence:
            why = f"{evidence.text!r} at {evidence.span} by {evidence.rule} ({evidence.score:.0f})"
            yield f"    {evidence.fact:28} {why}"
    yield ""


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name}={shown}" for name, shown in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _report(scores: Scores) -> Iterator[str]:
    """The scores as tables, the worst misses last."""
    yield f"{'':28}{'right':>7}{'of':>6}{'rate':>8}"
    for name, count in sorted(scores.slots.items()):
        yield f"{name:28}{count.right:7}{count.of:6}{count.rate:8.1%}"
    if scores.baseline.of:
        baseline = scores.baseline
        yield f"{'intent, plain rapidfuzz':28}{baseline.right:7}{baseline.of:6}{baseline.rate:8.1%}"
    for name, matches in scores.tables.items():
        yield f"{name + ' F1':28}{matches.hits:7}{matches.hits + matches.misses:6}{matches.f1:8.3f}"
    yield f"\n{'intent':20}{'precision':>10}{'recall':>8}{'of':>6}"
    for name, row in as_json(scores)["intents"].items():
        matches = scores.intents[name]
        yield f"{name:20}{row['precision']:10.2f}{row['recall']:8.2f}{matches.hits + matches.misses:6}"
    if scores.confusion:
        yield "\nconfusion (wanted, got, times)"
        for (wanted, got), times in scores.confusion.most_common(12):
            yield f"{wanted:20}{got:20}{times:4}"
    if scores.red_flags:
        yield "\nrecall of emergencies by red flag"
        for name, count in sorted(scores.red_flags.items()):
            yield f"{name:28}{count.right:7}{count.of:6}{count.rate:8.1%}"
    yield "\nworst misses"
    for miss in worst(scores.misses)[:_WORST]:
        yield f"{miss.utterance.id} {miss.what}: wanted {miss.wanted}, got {miss.got}: {miss.utterance.text[:100]}"
