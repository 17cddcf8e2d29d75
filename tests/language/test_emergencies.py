"""Emergencies and what looks like one, as panicky, joking and regional people write."""

from pathlib import Path

import pytest
import yaml

from bot.language import Reader

FOLDER = Path(__file__).parent
EXAMPLES = FOLDER.parents[1] / "knowledge" / "language" / "examples"
LEAST = {"emergency": 0.95, "no_emergency": 0.95}
LEARNED = {"emergency": 0.99, "no_emergency": 0.965}
ALARMS = [
    pytest.param(text, kind["alarm"], id=f"{kind['why']}: {text}")
    for kind in yaml.safe_load((FOLDER / "alarms.yaml").read_text(encoding="utf-8"))
    for text in kind["texts"]
]


def messages(path: Path) -> dict[str, list[str]]:
    found: dict[str, list[str]] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return found


def rate(reader: Reader, kind: str, texts: list[str]) -> tuple[float, list[str]]:
    wrong = [text for text in texts if reader.read(text).emergency != (kind == "emergency")]
    return 1 - len(wrong) / len(texts), wrong


@pytest.mark.parametrize("kind", LEAST)
def test_emergencies_that_nobody_tuned_to(reader: Reader, kind: str) -> None:
    held, wrong = rate(reader, kind, messages(FOLDER / "emergencies.yaml")[kind])
    assert held >= LEAST[kind], wrong


@pytest.mark.parametrize("kind", LEARNED)
def test_emergencies_of_the_examples(reader: Reader, kind: str) -> None:
    texts = [text for path in sorted(EXAMPLES.glob("*.yaml")) for text in messages(path).get(kind, ())]
    held, wrong = rate(reader, kind, texts)
    assert held >= LEARNED[kind], wrong


def test_none_of_the_held_back_is_an_example() -> None:
    held = {text for texts in messages(FOLDER / "emergencies.yaml").values() for text in texts}
    listed = [messages(path) for path in sorted(EXAMPLES.glob("*.yaml"))]
    assert not held & {text for file in listed for kind in LEAST for text in file.get(kind, ())}


@pytest.mark.parametrize(("text", "alarm"), ALARMS)
def test_alarms_that_were_once_missed_or_false(reader: Reader, text: str, alarm: bool) -> None:
    assert reader.read(text).emergency is alarm


@pytest.mark.parametrize(
    "text", ["ngeri ga sih betis bengkak sebelah abis operasi", "perlu mri gak buat kaki yang suka bengkak"]
)
def test_a_tag_in_the_middle_denies_nothing(reader: Reader, text: str) -> None:
    assert reader.read(text).symptoms["swelling"] is True


@pytest.mark.parametrize(
    ("glued", "spaced"),
    [
        ("kenapakakikusukakebas", "kenapa kaki ku suka kebas"),
        ("pahakirikedutan2minggu", "paha kiri kedutan 2 minggu"),
        ("dadasayasakitsekali", "dada saya sakit sekali"),
    ],
)
def test_a_message_without_blanks_is_read(reader: Reader, glued: str, spaced: str) -> None:
    read, meant = reader.read(glued), reader.read(spaced)
    assert (read.intent, read.complaint, read.duration_days) == (meant.intent, meant.complaint, meant.duration_days)
    assert read.emergency == meant.emergency
