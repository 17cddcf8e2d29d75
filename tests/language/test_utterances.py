"""The labelled messages as a gate: those that nobody tunes to and nothing is learned from must not fall under these
scores, nor the examples under theirs."""

from pathlib import Path

import pytest

from bot.evaluation import Scores, evaluate, utterances
from bot.language import Reader

FILES = sorted((Path(__file__).parent / "utterances").glob("*.jsonl"))
EXAMPLES = sorted((Path(__file__).parents[2] / "knowledge" / "language" / "examples").glob("*.jsonl"))
HELD_BACK = {
    "intent": 0.94,
    "complaint": 0.96,
    "body_part": 0.96,
    "side": 0.98,
    "duration_days": 0.95,
    "recurrence": 0.96,
    "emergency recall": 0.98,
    "emergency specificity": 0.97,
}
HELD_BACK_F1 = {"symptoms": 0.84, "factors": 0.84}
LEARNED = {"intent": 0.97, "complaint": 0.97, "emergency recall": 0.98, "emergency specificity": 0.98}


@pytest.fixture(scope="module")
def held_back(reader: Reader) -> Scores:
    return evaluate(utterances(FILES), reader.read)


@pytest.fixture(scope="module")
def examples(reader: Reader) -> Scores:
    return evaluate(utterances(EXAMPLES), reader.read)


@pytest.mark.parametrize(("name", "least"), HELD_BACK.items())
def test_held_back(held_back: Scores, name: str, least: float) -> None:
    assert held_back.slots[name].rate >= least


@pytest.mark.parametrize(("name", "least"), HELD_BACK_F1.items())
def test_held_back_f1(held_back: Scores, name: str, least: float) -> None:
    assert held_back.tables[name].f1 >= least


@pytest.mark.parametrize(("name", "least"), LEARNED.items())
def test_examples(examples: Scores, name: str, least: float) -> None:
    assert examples.slots[name].rate >= least


def test_there_are_enough_of_them_and_none_is_an_example() -> None:
    held = {utterance.text.casefold() for utterance in utterances(FILES)}
    assert len(held) >= 600
    assert not held & {utterance.text.casefold() for utterance in utterances(EXAMPLES)}


def test_the_gate_falls_for_a_reader_that_knows_nothing(reader: Reader) -> None:
    """A gate that cannot fail guards nothing."""
    deaf = evaluate((), reader.read)
    blind = evaluate(list(utterances(FILES))[:50], lambda text: reader.read(""))
    assert deaf.slots["intent"].of == 0
    assert blind.slots["intent"].rate < 0.2
