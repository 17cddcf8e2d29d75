"""Emergencies and what looks like one, as panicky, joking and regional people write."""

from pathlib import Path

import pytest
import yaml

from bot.language import Reader

MESSAGES: dict[str, list[str]] = yaml.safe_load(
    (Path(__file__).parent / "emergencies.yaml").read_text(encoding="utf-8")
)
LEAST = {"emergency": 0.97, "no_emergency": 0.98}


@pytest.mark.parametrize("kind", MESSAGES)
def test_emergencies(reader: Reader, kind: str) -> None:
    wrong = [text for text in MESSAGES[kind] if reader.read(text).emergency != (kind == "emergency")]
    assert 1 - len(wrong) / len(MESSAGES[kind]) >= LEAST[kind], wrong


@pytest.mark.parametrize(
    "text",
    [
        "oke obatnya diminum kapan",
        "siap dok obat diminum habis makan",
        "minum obat dan vitamin",
        "kaki ga dingin ga pucat",
    ],
)
def test_a_word_of_a_pattern_is_not_read_as_another(reader: Reader, text: str) -> None:
    """``siapkan`` was once ``ok``, ``sekaligus`` ``dan``, ``tenggak`` ``tidak``: each of these raised an alarm."""
    assert not reader.read(text).emergency


def test_somebody_is_no_joke(reader: Reader) -> None:
    """``dia`` was once a sweetheart (``doi``), of whom nothing is a symptom."""
    assert reader.read("dia sesak napas").emergency
