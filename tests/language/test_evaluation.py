"""Scoring of labelled messages."""

import json
from pathlib import Path
from typing import Any

import pytest

from bot.evaluation import Utterance, as_json, evaluate, utterances
from bot.language import Reading

SILENT: dict[str, Any] = {
    "intent": "complaint",
    "complaint": None,
    "body_part": None,
    "side": None,
    "duration_days": None,
    "episode_seconds": None,
    "recurrence": None,
    "symptoms": {},
    "factors": {},
    "emergency": False,
}


def labelled(**labels: Any) -> Utterance:
    return Utterance("u-1", "…", {**SILENT, **labels})


def reading(**told: Any) -> Reading:
    return Reading(**{"text": "…", "intent": "complaint", "score": 90.0, **told})


def test_a_perfect_reading_scores_one() -> None:
    wanted = labelled(complaint="cramp", symptoms={"swelling": False}, duration_days=3)
    scores = evaluate([wanted], lambda _: reading(complaint="cramp", symptoms={"swelling": False}, duration_days=3.5))
    assert all(count.rate == 1 for count in scores.slots.values())
    assert scores.tables["symptoms"].f1 == 1
    assert scores.misses == []


def test_polarity_counts() -> None:
    scores = evaluate([labelled(symptoms={"swelling": False})], lambda _: reading(symptoms={"swelling": True}))
    assert scores.tables["symptoms"].f1 == 0


def test_other_right_answers_count() -> None:
    wanted = Utterance("u", "…", {**SILENT, "complaint": "cramp"}, ("inform",), {"complaint": ["pain"]})
    scores = evaluate([wanted], lambda _: reading(intent="inform", complaint="pain"))
    assert scores.misses == []


def test_a_missed_emergency_stands_first() -> None:
    wanted = labelled(emergency=True, symptoms={"dyspnea": True}, side="left")
    scores = evaluate([wanted], lambda _: reading())
    told = as_json(scores)
    assert told["misses"][0]["what"] == "emergency"
    assert told["rates"]["emergency recall"] == {"rate": 0.0, "of": 1}
    assert told["red_flags"]["dyspnea"] == {"recall": 0.0, "of": 1}


def test_a_line_that_is_no_utterance_is_named(tmp_path: Path) -> None:
    file = tmp_path / "broken.jsonl"
    file.write_text(json.dumps({"text": "kram", "labels": SILENT}) + "\n{}\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"broken\.jsonl:2"):
        list(utterances([file]))
