"""What of patients' messages stays in memory, and that what is remembered is read like what is new."""

import pytest

from bot.language import Expecting, Reader
from bot.language.memory import Memory, is_everybodys

ASKED = (
    None,
    Expecting("multi", ("swelling", "fever"), (("swelling", "Bengkak"), ("fever", "Demam"), ("none", "Tidak ada"))),
    Expecting("choice", ("side",), (("left", "Kiri"), ("right", "Kanan"), ("both", "Dua-duanya"))),
    Expecting("duration", ("duration_days",), (("0.5", "Hari ini"), ("unsure", "Kurang tahu"))),
    Expecting("number", ("age",)),
    Expecting("yes_no", ("fever",), (("yes", "Ya"), ("no", "Tidak"))),
)
EVERYBODYS = ("ya", "Tidak ada", "2-3 hari", "betis kiri", "47", "1,3", "demam", "kurang tahu")
SOMEBODYS = (
    "",
    "saya Budi",
    "0812 3456 7890",
    "081234567890",
    "08 12 34 56",
    "12.05.1990",
    "budi@example.com",
    "jl. Melati 3",
    "kakikuuu",
    "betis saya kram tiap malam",
    "ya " + " " * 60,
)


@pytest.mark.parametrize("text", EVERYBODYS)
def test_what_everybody_says_is_remembered(reader: Reader, text: str) -> None:
    reader.read(text)
    assert reader._said.get(text)


@pytest.mark.parametrize("text", SOMEBODYS)
def test_what_tells_of_somebody_is_not(reader: Reader, text: str) -> None:
    reader.read(text)
    assert not is_everybodys(reader.message(text), reader._is_of_the_lexicon)
    assert reader._said.get(text) is None
    assert reader._readings.get((text, None)) is None


@pytest.mark.parametrize("text", EVERYBODYS)
def test_what_is_remembered_is_read_like_what_is_new(reader: Reader, text: str) -> None:
    """Whatever else was asked when it was said before."""
    new = []
    for asked in ASKED:
        reader._said, reader._readings = Memory(1), Memory(1)
        new.append(reader.read(text, asked))
    reader._said, reader._readings = Memory(1), Memory(99)
    for asked in ASKED:
        reader.read(text, asked)
    assert [reader.read(text, asked) for asked in reversed(ASKED)] == new[::-1]


def test_memory_is_bounded() -> None:
    memory = Memory[str, int](most=3)
    for number in range(10):
        memory.keep(f"{number}", number)
    assert len(memory) == 3
    assert memory.get("9") == 9
    assert memory.get("6") is None
