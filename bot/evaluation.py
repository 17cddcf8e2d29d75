"""Scores readings against labelled utterances (JSON lines as in ``tests/language/utterances``)."""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from bot.language.reading import Reading

SLOTS: Final = ("complaint", "body_part", "side", "duration_days", "episode_seconds", "recurrence")
TABLES: Final = ("symptoms", "factors")
_TOLERANCE: Final = 0.2


@dataclass(frozen=True, slots=True)
class Utterance:
    """A message and its labels. ``also``: other intents that are right; ``alt``: other right values of slots."""

    id: str
    text: str
    labels: Mapping[str, Any]
    also: tuple[str, ...] = ()
    alt: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Count:
    """How many were right of how many."""

    right: int = 0
    of: int = 0

    def add(self, right: bool) -> None:
        self.right += right
        self.of += 1

    @property
    def rate(self) -> float:
        return self.right / self.of if self.of else 1.0


@dataclass(slots=True)
class Matches:
    """Found, missed and invented facts of one kind."""

    hits: int = 0
    misses: int = 0
    inventions: int = 0

    @property
    def f1(self) -> float:
        total = 2 * self.hits + self.misses + self.inventions
        return 2 * self.hits / total if total else 1.0


@dataclass(frozen=True, slots=True)
class Miss:
    """One difference between a reading and the labels."""

    utterance: Utterance
    what: str
    wanted: object
    got: object


@dataclass(slots=True)
class Scores:
    """Everything that ``evaluate`` prints."""

    slots: dict[str, Count] = field(default_factory=lambda: defaultdict(Count))
    tables: dict[str, Matches] = field(default_factory=lambda: defaultdict(Matches))
    intents: dict[str, Matches] = field(default_factory=lambda: defaultdict(Matches))
    confusion: Counter[tuple[str, str]] = field(default_factory=Counter)
    red_flags: dict[str, Count] = field(default_factory=lambda: defaultdict(Count))
    baseline: Count = field(default_factory=Count)
    misses: list[Miss] = field(default_factory=list)

    def add(self, utterance: Utterance, reading: Reading) -> None:
        """Score one reading."""
        self._intent(utterance, reading)
        for slot in SLOTS:
            self._slot(utterance, slot, getattr(reading, slot))
        for table in TABLES:
            self._table(utterance, table, getattr(reading, table))
        self._emergency(utterance, reading.emergency)

    def _intent(self, utterance: Utterance, reading: Reading) -> None:
        wanted = utterance.labels["intent"]
        right = reading.intent == wanted or reading.intent in utterance.also
        self.slots["intent"].add(right)
        got = wanted if right else reading.intent
        if right:
            self.intents[wanted].hits += 1
        else:
            self.intents[wanted].misses += 1
            self.intents[got].inventions += 1
            self.confusion[wanted, got] += 1
            self.misses.append(Miss(utterance, "intent", wanted, got))

    def _slot(self, utterance: Utterance, slot: str, got: object) -> None:
        wanted = [utterance.labels[slot], *utterance.alt.get(slot, ())]
        right = any(_same(slot, value, got) for value in wanted)
        self.slots[slot].add(right)
        if wanted[0] is not None:
            self.slots[f"{slot} told"].add(right)
        if not right:
            self.misses.append(Miss(utterance, slot, wanted[0], got))

    def _table(self, utterance: Utterance, table: str, got: Mapping[str, bool]) -> None:
        wanted, allowed = utterance.labels[table], utterance.alt.get(table, {})
        score = self.tables[table]
        for name in {*wanted, *got}:
            if name in wanted and wanted[name] == got.get(name):
                score.hits += 1
                continue
            if name in allowed and got.get(name) in (allowed[name], wanted.get(name)):
                continue
            score.misses += name in wanted
            score.inventions += name in got
            self.misses.append(Miss(utterance, f"{table}.{name}", wanted.get(name), got.get(name)))

    def _emergency(self, utterance: Utterance, got: bool) -> None:
        wanted = utterance.labels["emergency"]
        right = got == wanted or got in utterance.alt.get("emergency", ())
        self.slots["emergency recall" if wanted else "emergency specificity"].add(right)
        if wanted:
            for symptom, present in utterance.labels["symptoms"].items():
                if present:
                    self.red_flags[symptom].add(right)
        if not right:
            self.misses.append(Miss(utterance, "emergency", wanted, got))


def utterances(paths: Iterable[Path]) -> Iterator[Utterance]:
    """The labelled utterances of the files. Raises ``ValueError`` with file and line of a line that is none."""
    for path in paths:
        with path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield _utterance(path, number, line)


def _utterance(path: Path, number: int, line: str) -> Utterance:
    try:
        data = json.loads(line)
        name = str(data.get("id", f"{path.name}:{number}"))
        return Utterance(name, data["text"], data["labels"], tuple(data.get("also", ())), data.get("alt", {}))
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{path}:{number}: is no labelled utterance: {error!r}") from None


def evaluate(
    labelled: Iterable[Utterance], read: Callable[[str], Reading], baseline: Callable[[str], str] | None = None
) -> Scores:
    """Scores of ``read`` over the utterances; ``baseline`` gives an intent to compare with."""
    scores = Scores()
    for utterance in labelled:
        scores.add(utterance, read(utterance.text))
        if baseline:
            intent = baseline(utterance.text)
            scores.baseline.add(intent == utterance.labels["intent"] or intent in utterance.also)
    return scores


def _same(slot: str, wanted: object, got: object) -> bool:
    if (
        isinstance(wanted, int | float)
        and isinstance(got, int | float)
        and slot in ("duration_days", "episode_seconds")
    ):
        return abs(wanted - got) <= _TOLERANCE * max(abs(wanted), 1e-9)
    return wanted == got


def as_json(scores: Scores) -> dict[str, Any]:
    """The scores as one JSON object."""
    return {
        "rates": {name: {"rate": round(count.rate, 4), "of": count.of} for name, count in sorted(scores.slots.items())},
        "f1": {name: round(matches.f1, 4) for name, matches in scores.tables.items()},
        "intents": {
            name: {"precision": _precision(matches), "recall": _recall(matches)}
            for name, matches in sorted(scores.intents.items())
        },
        "confusion": [
            {"wanted": wanted, "got": got, "times": times} for (wanted, got), times in scores.confusion.most_common()
        ],
        "red_flags": {
            name: {"recall": round(count.rate, 4), "of": count.of} for name, count in scores.red_flags.items()
        },
        "baseline_intent": round(scores.baseline.rate, 4) if scores.baseline.of else None,
        "misses": [
            {
                "id": miss.utterance.id,
                "text": miss.utterance.text,
                "what": miss.what,
                "wanted": miss.wanted,
                "got": miss.got,
            }
            for miss in worst(scores.misses)
        ],
    }


def _precision(matches: Matches) -> float:
    return round(matches.hits / ((matches.hits + matches.inventions) or 1), 4)


def _recall(matches: Matches) -> float:
    return round(matches.hits / ((matches.hits + matches.misses) or 1), 4)


def worst(misses: Sequence[Miss]) -> list[Miss]:
    """The misses, the gravest first: emergencies missed, then cried, then symptoms, then the rest."""

    def gravity(miss: Miss) -> int:
        if miss.what == "emergency":
            return 0 if miss.wanted else 1
        return next(
            (place for place, kind in enumerate(("symptoms", "complaint", "intent"), 2) if miss.what.startswith(kind)),
            9,
        )

    return sorted(misses, key=gravity)
