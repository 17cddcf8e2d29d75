"""``tanyakaki simulate``: scripted patients against the flows, in figures; what a change of the content does to them.

Exit code 1 where an emergency patient was told less than emergency care.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tarfile
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

from bot.content import Content, load_content, load_unchecked
from bot.ontology import Level
from bot.settings import Settings, SettingsError, load_settings
from bot.simulation import Played, play, read_patients

NOTHING = "none"
"""Shown for a conversation that came to no outcome."""


def add_commands(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser("simulate", help="run scripted patients against the flows")
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE", help="YAML or JSON lines (all that ship)")
    parser.add_argument("--answers", choices=("taps", "words"), default="taps", help="tap options, or type their words")
    parser.add_argument(
        "--against", metavar="REV_OR_FOLDER", help="whose level changes from this version of the content"
    )
    parser.add_argument("--json", action="store_true", help="the figures as one JSON object")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    settings = load_settings()
    files = arguments.files or [settings.flows_dir / "patients"]
    patients = [patient for file in files for patient in read_patients(file)]
    content = load_content(settings.flows_dir, settings.knowledge_dir, settings.clinic)
    played = [play(patient, content, arguments.answers) for patient in patients]
    if arguments.against:
        other = content_of_version(arguments.against, settings)
        before = [play(patient, other, arguments.answers) for patient in patients]
        _print(changes(before, played), arguments.json, changes_in_words)
    else:
        _print(figures(played), arguments.json, in_words)
    return int(bool(missed_emergencies(played)))


def _print(result: Any, as_json: bool, in_words: Any) -> None:
    print(json.dumps(result, ensure_ascii=False) if as_json else "\n".join(in_words(result)))


def missed_emergencies(played: Sequence[Played]) -> list[Played]:
    """The patients whose least acceptable level is an emergency, and who were told less."""
    return [one for one in played if one.expected >= Level.emergency and _level(one) < Level.emergency and not one.fits]


def figures(played: Sequence[Played]) -> dict[str, Any]:
    """Expected and told levels, and how far apart they are; shares in percent."""
    total = max(len(played), 1)
    off = [one.steps_off for one in played]
    well = [one.answers for one in played if one.expected == Level.self_care and one.fits]
    return {
        "patients": len(played),
        "exact": _share(sum(one.level == one.expected for one in played), total),
        "exact_or_acceptable": _share(sum(one.fits for one in played), total),
        "under_triage": _share(sum(steps < 0 for steps in off), total),
        "over_triage_by_one": _share(sum(steps == 1 for steps in off), total),
        "over_triage_by_more": _share(sum(steps > 1 for steps in off), total),
        "missed_emergencies": [one.patient.id for one in missed_emergencies(played)],
        "answers_of_the_well": {"median": statistics.median(well), "most": max(well)} if well else None,
        "levels": {name: dict(row) for name, row in _table(played).items()},
        "misses": [_miss(one) for one in sorted(played, key=_badness) if not one.fits],
    }


def _share(count: int, total: int) -> float:
    return round(100 * count / total, 1)


def _table(played: Sequence[Played]) -> dict[str, Counter[str]]:
    table = {level.name: Counter[str]() for level in sorted(Level, reverse=True)}
    for one in played:
        table[one.patient.level][told(one)] += 1
    return table


def _badness(one: Played) -> tuple[bool, int, str]:
    """Missed emergencies first, then too low, then too high, the farthest off first."""
    off = one.steps_off
    return one not in missed_emergencies([one]), off if off < 0 else 100 - off, one.patient.id


def _miss(one: Played) -> dict[str, Any]:
    return {
        "id": one.patient.id,
        "name": one.patient.name,
        "expected": one.patient.level,
        "told": told(one),
        "expected_rules": list(one.patient.rules),
        "rules": list(one.rules[:6]),
        "opening": one.patient.opening,
    }


def told(one: Played) -> str:
    """The level that was told."""
    return one.level.name if one.level is not None else NOTHING


def _level(one: Played) -> int:
    return one.level if one.level is not None else -1


def in_words(result: dict[str, Any]) -> Iterator[str]:
    """The figures as a table for people."""
    names = [*result["levels"], NOTHING]
    yield f"{'expected':>20} | told: " + " ".join(f"{name:>19}" for name in names)
    for name, row in result["levels"].items():
        yield f"{name:>20} |       " + " ".join(f"{row.get(other, 0) or '.':>19}" for other in names)
    yield ""
    right = f"exact {result['exact']} %, exact or acceptable {result['exact_or_acceptable']} %"
    yield f"{result['patients']} patients: {right}"
    yield (
        f"under-triage {result['under_triage']} %, over-triage by one level {result['over_triage_by_one']} %, "
        f"by more {result['over_triage_by_more']} %"
    )
    if result["answers_of_the_well"]:
        well = result["answers_of_the_well"]
        yield f"well patients: {well['median']:g} answers at the median, {well['most']} at most"
    missed = result["missed_emergencies"]
    yield f"emergencies told less than emergency care: {', '.join(missed) if missed else 'none'}"
    for miss in result["misses"]:
        rules = f"{', '.join(miss['expected_rules']) or 'no rule'} > {', '.join(miss['rules']) or 'no rule'}"
        yield f"  {miss['id']}: {miss['expected']} > {miss['told']} ({rules}) {miss['name']}: {miss['opening']!r}"


def changes(before: Sequence[Played], after: Sequence[Played]) -> list[dict[str, Any]]:
    """The patients whose level changed, downgrades first and the deepest of them on top."""
    pairs = [(old, new) for old, new in zip(before, after, strict=True) if old.level != new.level]
    pairs.sort(key=lambda pair: (_level(pair[1]) - _level(pair[0]), pair[0].patient.id))
    return [
        {
            "id": new.patient.id,
            "name": new.patient.name,
            "expected": new.patient.level,
            "before": told(old),
            "after": told(new),
            "downgrade": _level(new) < _level(old),
            "fits": new.fits,
        }
        for old, new in pairs
    ]


def changes_in_words(result: list[dict[str, Any]]) -> Iterator[str]:
    """The changes, one a line."""
    down = sum(change["downgrade"] for change in result)
    yield f"{len(result)} patients change their level: {down} down, {len(result) - down} up"
    for change in result:
        arrow, right = ("DOWN" if change["downgrade"] else "up"), ("right" if change["fits"] else "wrong")
        levels = f"{change['before']} > {change['after']}"
        yield f"  {arrow:4} {change['id']}: {levels} (expected {change['expected']}: {right}) {change['name']}"


def content_of_version(version: str, settings: Settings) -> Content:
    """The content of a folder that holds ``flows`` and ``knowledge``, or of a revision of this repository."""
    if Path(version).is_dir():
        return _content_in(Path(version), settings)
    with tempfile.TemporaryDirectory(prefix="tanyakaki-") as folder:
        _extract(version, settings.flows_dir.resolve().parent, Path(folder))
        return _content_in(Path(folder), settings)


def _content_in(folder: Path, settings: Settings) -> Content:
    """Of a clinic's own folder, too: its ``clinic.yaml`` stands beside ``knowledge``, and changes no level."""
    beside = folder / "clinic.yaml" if (folder / "clinic.yaml").is_file() else settings.clinic
    clinic = None if (folder / "knowledge" / "clinic.yaml").is_file() else beside
    return load_unchecked(folder / "flows", folder / "knowledge", clinic)


def _extract(revision: str, repository: Path, folder: Path) -> None:
    command = ["git", "-C", str(repository), "archive", "--format=tar", revision, "flows", "knowledge"]
    try:
        archive = subprocess.run(command, capture_output=True, check=True).stdout  # noqa: S603
    except (OSError, subprocess.CalledProcessError) as error:
        reason = getattr(error, "stderr", b"").decode(errors="replace").strip() or str(error)
        raise SettingsError(f"--against {revision!r} is neither a folder nor a revision of git: {reason}") from None
    with tarfile.open(fileobj=BytesIO(archive)) as tar:
        if sys.version_info >= (3, 12):
            tar.extractall(folder, filter="data")
        else:
            tar.extractall(folder)  # noqa: S202 - made by git from our own repository just now
