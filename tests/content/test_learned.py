"""What is learned from and what was learned: faults have their place, and what is out of date is noticed."""

import json
import shutil
from pathlib import Path

import pytest

from bot.content.learned import check_learned, labelled, load_learned, save_learned
from bot.content.source import ContentError
from bot.language.learned import HEADS, Learned, packed

ROOT = Path(__file__).parents[2]
SHIPPED = ROOT / "knowledge" / "language"
HALF = (
    '{"examples": "x", "classes": {"intent": ["a"], "complaint": ["b"], "emergency": ["c"]}, "weights": {"k": "AQI="}}'
)
GOOD = {"text": "kaki kram", "labels": {"intent": "complaint", "complaint": "cramp", "emergency": False}}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "examples").mkdir()
    (tmp_path / "examples" / "some.jsonl").write_text(json.dumps(GOOD) + "\n")
    (tmp_path / "examples" / "listed.yaml").write_text("emergency: [sesak]\nintents: {greet: [halo]}\n")
    return tmp_path


def test_examples_of_both_kinds_are_read(folder: Path) -> None:
    assert [(one.text, dict(one.labels)) for one in labelled(folder)] == [
        ("sesak", {"emergency": "yes"}),
        ("halo", {"intent": "greet"}),
        ("kaki kram", {"intent": "complaint", "complaint": "cramp", "emergency": "no"}),
    ]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "is no labelled message"),
        ('{"text": "a"}', "is no labelled message"),
        (json.dumps({**GOOD, "labels": {**GOOD["labels"], "intent": "ask"}}), "unknown intent 'ask'"),
        (json.dumps({**GOOD, "labels": {**GOOD["labels"], "complaint": "kram"}}), "unknown complaint 'kram'"),
        (json.dumps({**GOOD, "labels": {**GOOD["labels"], "intent": ["greet"]}}), "unknown intent"),
    ],
)
def test_a_faulty_example_is_told_with_its_line(folder: Path, line: str, message: str) -> None:
    with (folder / "examples" / "some.jsonl").open("a") as file:
        file.write(line + "\n")
    (fault,) = check_learned(folder)
    assert (fault.path.endswith("some.jsonl"), fault.line) == (True, 2)
    assert message in fault.message


def test_an_example_that_is_no_utf_8_is_told_with_its_line(folder: Path) -> None:
    with (folder / "examples" / "some.jsonl").open("ab") as file:
        file.write(b"\xff\n")
    (fault,) = check_learned(folder)
    assert (fault.line, "UTF-8" in fault.message) == (2, True)


def test_an_unknown_intent_of_a_list_is_told_with_its_line(folder: Path) -> None:
    (folder / "examples" / "listed.yaml").write_text("intents:\n  greeting: [halo]\n")
    (fault,) = check_learned(folder)
    assert "greeting" in fault.message


def test_what_was_learned_from_other_examples_is_a_fault(folder: Path) -> None:
    (missing,) = check_learned(folder)
    assert "run 'tanyakaki learn'" in missing.message
    learned = Learned(dict.fromkeys(HEADS, ("a", "b")), {"kram": packed([1, -2, 3, 0, 5, 6])})
    save_learned(folder, learned)
    assert check_learned(folder) == []
    assert load_learned(folder) == learned
    (folder / "examples" / "listed.yaml").write_text("emergency: [sesak napas]\n")
    (stale,) = check_learned(folder)
    assert "other examples" in stale.message


@pytest.mark.parametrize("text", ["", "[]", '{"examples": "x", "classes": {}, "weights": {}}', HALF])
def test_a_broken_file_is_one_clear_fault(folder: Path, text: str) -> None:
    (folder / "learned.json").write_text(text)
    with pytest.raises(ContentError, match="tanyakaki learn"):
        load_learned(folder)


def test_without_examples_nothing_is_learned_and_nothing_is_wrong(tmp_path: Path) -> None:
    assert load_learned(tmp_path) == Learned()
    assert check_learned(tmp_path) == []


def test_what_ships_was_learned_from_the_examples_that_ship(tmp_path: Path) -> None:
    assert check_learned(SHIPPED) == []
    copy = shutil.copytree(SHIPPED, tmp_path / "language")
    with (copy / "examples" / "intents.yaml").open("a") as file:
        file.write("# one more line\n")
    assert len(check_learned(copy)) == 1
