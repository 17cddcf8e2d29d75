"""Emergencies and what looks like one, as panicky, joking and regional people write."""

from pathlib import Path

import pytest
import yaml

from bot.language import Reader

FOLDER = Path(__file__).parent
EXAMPLES = FOLDER.parents[1] / "knowledge" / "language" / "examples"
LEAST = {"emergency": 0.95, "no_emergency": 0.95}
LEARNED = {"emergency": 0.99, "no_emergency": 0.965}


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
        "abis dari bioskop dada saya sesak",
        "lagi nugas skripsi dada sesak banget",
        "pas nobar bapak pingsan",
        "pulang konser dada nyeri nembus punggung",
        "2019 pernah operasi, barusan bicaranya pelo",
    ],
)
def test_what_one_does_or_likens_silences_nothing(reader: Reader, text: str) -> None:
    assert reader.read(text).emergency


@pytest.mark.parametrize(
    "text",
    [
        "bapak pelo dari 2019, sama aja sampe sekarang kok, mau tanya kram betisnya",
        "nenek mulutnya mencong sejak tahun 2009, tidak berubah",
        "ibu stroke 2018, sejak itu tangan kanannya lemah, minta jadwal fisioterapi",
        "epilepsi, sudah 4 tahun bebas kejang",
        "hp mau mati, cepet ya: obat kram apa",
    ],
)
def test_what_has_been_so_for_years_or_is_only_said_so_alarms_nobody(reader: Reader, text: str) -> None:
    assert not reader.read(text).emergency


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


def test_somebody_is_no_joke(reader: Reader) -> None:
    """``dia`` was once a sweetheart (``doi``), of whom nothing is a symptom."""
    assert reader.read("dia sesak napas").emergency
