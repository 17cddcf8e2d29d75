"""The labelled messages as a gate: the third that nobody tunes to must not fall under these scores."""

from collections.abc import Iterable
from pathlib import Path

import pytest

from bot.evaluation import Scores, Utterance, evaluate, utterances
from bot.language import Reader

FILES = sorted((Path(__file__).parent / "utterances").glob("*.jsonl"))
HELD_BACK = {
    "intent": 0.88,
    "complaint": 0.94,
    "body_part": 0.96,
    "side": 0.98,
    "duration_days": 0.96,
    "recurrence": 0.96,
    "emergency recall": 0.90,
    "emergency specificity": 0.95,
}
HELD_BACK_F1 = {"symptoms": 0.84, "factors": 0.84}
TUNED = {"intent": 0.94, "complaint": 0.97, "emergency recall": 0.98, "emergency specificity": 0.99}


def is_held_back(utterance: Utterance) -> bool:
    return int("".join(filter(str.isdigit, utterance.id.rpartition("-")[2]))) % 3 == 0


def score(reader: Reader, chosen: Iterable[Utterance]) -> Scores:
    return evaluate(chosen, reader.read)


@pytest.fixture(scope="module")
def held_back(reader: Reader) -> Scores:
    return score(reader, filter(is_held_back, utterances(FILES)))


@pytest.fixture(scope="module")
def tuned(reader: Reader) -> Scores:
    return score(reader, (utterance for utterance in utterances(FILES) if not is_held_back(utterance)))


@pytest.mark.parametrize(("name", "least"), HELD_BACK.items())
def test_held_back(held_back: Scores, name: str, least: float) -> None:
    assert held_back.slots[name].rate >= least


@pytest.mark.parametrize(("name", "least"), HELD_BACK_F1.items())
def test_held_back_f1(held_back: Scores, name: str, least: float) -> None:
    assert held_back.tables[name].f1 >= least


@pytest.mark.parametrize(("name", "least"), TUNED.items())
def test_tuned(tuned: Scores, name: str, least: float) -> None:
    assert tuned.slots[name].rate >= least


def test_there_are_enough_of_them() -> None:
    everything = list(utterances(FILES))
    assert len(everything) >= 600
    assert len(everything) / 4 <= sum(map(is_held_back, everything)) <= len(everything) / 2


def test_the_gate_falls_for_a_reader_that_knows_nothing(reader: Reader) -> None:
    """A gate that cannot fail guards nothing."""
    deaf = score(reader, ())
    blind = evaluate(list(utterances(FILES))[:50], lambda text: reader.read(""))
    assert deaf.slots["intent"].of == 0
    assert blind.slots["intent"].rate < 0.2
