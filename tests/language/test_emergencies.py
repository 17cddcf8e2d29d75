"""Emergencies and what looks like one, as panicky, joking and regional people write."""

from pathlib import Path

import pytest
import yaml

from bot.language import Reader

MESSAGES: dict[str, list[str]] = yaml.safe_load(
    (Path(__file__).parent / "emergencies.yaml").read_text(encoding="utf-8")
)
LEAST = {"emergency": 0.97, "no_emergency": 0.975}


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


@pytest.mark.parametrize(
    "text",
    [
        "teman saya barusan pingsan, saya takut banget gimana",
        "temen kos lagi kejang, saya panik takut dia kenapa2",
        "pasien saya sesak napas, saya cuma perawat homecare",
        "tetangga kejang, sudah saya periksa nadinya lemah",
        "rekan kerja mulutnya mencong mendadak, kalau saya bawa ke igd boleh",
        "tolong bisa kirim ambulans orang pingsan",
        "ini gimana ada siswa pingsan di lapangan",
    ],
)
def test_what_goes_on_with_another_is_an_emergency(reader: Reader, text: str) -> None:
    """Others' stories are nobody's alarm once they are over; fear for somebody does not make one over."""
    assert reader.read(text).emergency


@pytest.mark.parametrize(
    "text",
    [
        "tadi pas presentasi dada saya sesak",
        "abis makan sop kaki kambing dada saya sesak",
        "lagi camping digigit ular",
        "lagi nonton tv dada saya sesak",
        "sesak nafas nonton tv",
        "dada umpama ditindih batu",
        "ngasih makan ayam digigit ular",
        "tiap malam sesak, udah balik lagi",
        "ga bisa napas lewat hidung atau mulut",
    ],
)
def test_what_one_does_or_likens_silences_nothing(reader: Reader, text: str) -> None:
    assert reader.read(text).emergency


def test_somebody_is_no_joke(reader: Reader) -> None:
    """``dia`` was once a sweetheart (``doi``), of whom nothing is a symptom."""
    assert reader.read("dia sesak napas").emergency
