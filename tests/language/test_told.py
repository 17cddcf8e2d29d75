"""What messages tell: factors, symptoms, complaints in the languages of the regions, times."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.evaluation import Matches
from bot.language import Reader

TOLD: dict[str, list[list[Any]]] = yaml.safe_load((Path(__file__).parent / "told.yaml").read_text(encoding="utf-8"))
LEAST_OF_SIGNS, LEAST, LEAST_OF_TIMES, TOLERANCE = 0.95, 0.9, 0.95, 0.2


@pytest.mark.parametrize("table", ["factors", "symptoms"])
def test_signs(reader: Reader, table: str) -> None:
    score, wrong = Matches(), []
    for text, wanted in TOLD[table]:
        got = getattr(reader.read(text), table)
        right = sum(wanted.get(sign) == present for sign, present in got.items())
        score.hits += right
        score.misses += len(wanted) - right
        score.inventions += len(got) - right
        if dict(got) != wanted:
            wrong.append((text, wanted, dict(got)))
    assert score.f1 >= LEAST_OF_SIGNS, wrong


def test_complaints_in_the_regions(reader: Reader) -> None:
    wrong = []
    for text, *wanted in TOLD["regional"]:
        reading = reader.read(text)
        if [reading.complaint, reading.body_part, reading.side] != wanted:
            wrong.append(text)
    assert len(wrong) <= len(TOLD["regional"]) * (1 - LEAST), wrong


def test_times(reader: Reader) -> None:
    wrong = []
    for text, days, seconds in TOLD["times"]:
        reading = reader.read(text)
        if not (_same(days, reading.duration_days) and _same(seconds, reading.episode_seconds)):
            wrong.append((text, reading.duration_days, reading.episode_seconds))
    assert len(wrong) <= len(TOLD["times"]) * (1 - LEAST_OF_TIMES), wrong


def _same(wanted: float | None, got: float | None) -> bool:
    if wanted is None or got is None:
        return wanted is got
    return abs(wanted - got) <= TOLERANCE * wanted
