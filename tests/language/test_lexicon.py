"""The lexicon's files: loaded whole or refused, each fault at its place."""

import shutil
from pathlib import Path

import pytest

from bot.content import proof as proving
from bot.content.confusable import check_confusable
from bot.content.lexicon import load_lexicon, read_lexicon
from bot.content.source import ContentError
from bot.language import Reader
from bot.ontology import Level
from bot.triage.conditions import compile_condition
from bot.triage.rules import Rule

SHIPPED = Path(__file__).parents[2] / "knowledge" / "language"
ALARM = [Rule("R1", Level.emergency_ambulance, compile_condition("syncope"))]


def written(folder: Path, text: str) -> Path:
    (folder / "words.yaml").write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("signs:\n  swelling: ['@nobody bengkak']\n", "2:14: pattern '@nobody bengkak' names an unknown group"),
        ("signs:\n  sweling: [bengkak]\n", "unknown name 'sweling'"),
        ("wordz:\n  kaki: sikil\n", "unknown key 'wordz' (did you mean 'words'?)"),
        ("words:\n  kaki: sikil\n  betis: sikil\n", "3:10: 'sikil' stands under 'kaki' too"),
        ("words:\n  kaki: sikil suku sikil\n", "2:9: 'sikil' is listed twice here; once is enough"),
        ("masks: ['!kram']\n", "has no word to find"),
    ],
)
def test_faults_have_places(tmp_path: Path, text: str, fault: str) -> None:
    with pytest.raises(ContentError) as error:
        load_lexicon(written(tmp_path, text))
    assert fault in str(error.value)
    assert "words.yaml:" in str(error.value)


def test_an_empty_folder_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match="has no lexicon file"):
        load_lexicon(tmp_path)


def test_no_shipped_word_is_a_slip_away_from_an_alarm(reader: Reader) -> None:
    assert check_confusable(read_lexicon(SHIPPED), reader.rules) == []


def test_confusable_words_are_a_fault(tmp_path: Path) -> None:
    """The lint proved by breaking what it guards."""
    text = "words:\n  pingsan: semaput\n  pinggan: piring\nsigns:\n  syncope: [pingsan]\n"
    faults = check_confusable(read_lexicon(written(tmp_path, text)), ALARM)
    assert [str(fault).partition(": ")[2] for fault in faults] == [
        "'pinggan' (pinggan) is a slip away from 'pingsan' (pingsan), which raises an alarm"
    ]
    assert (faults[0].line, faults[0].column) == (3, 12)


@pytest.mark.parametrize(
    "remedy",
    [
        "words:\n  pingsan: semaput\n  pinggan: piring\nsigns:\n  syncope: [pingsan]\ntold_apart: pinggan/pingsan\n",
        "words:\n  pingsan: semaput\nguard: pinggan\nsigns:\n  syncope: [pingsan]\n",
    ],
)
def test_a_pair_that_is_told_apart_is_none(tmp_path: Path, remedy: str) -> None:
    assert check_confusable(read_lexicon(written(tmp_path, remedy)), ALARM) == []


def test_the_author_is_told_of_a_confusable_word(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``tanyakaki check`` itself runs the lint: shown by a word that it must refuse. The other checks are not run."""
    monkeypatch.setattr(proving, "ALL", ())
    for name in ("flows", "knowledge"):
        shutil.copytree(SHIPPED.parents[1] / name, tmp_path / name)
    (tmp_path / "knowledge" / "language" / "added.yaml").write_text("words:\n  pingsat: pingsatan\n", encoding="utf-8")
    with pytest.raises(ContentError, match=r"'pingsat' .* is a slip away from 'pingsan'"):
        proving.prove(tmp_path / "flows", tmp_path / "knowledge")
