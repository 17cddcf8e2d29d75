"""Any string is read, quickly."""

import time

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from rapidfuzz import fuzz, process

from bot.language import Expecting, Reader

WORDS = st.sampled_from(
    ["kaki", "betis", "ga", "tidak", "sesak", "dada", "2", "hari", "kedut2", "kalau", "?", ",", ".", "tapi", "iya"]
)
HOSTILE = {
    "one word": "kram " * 800,
    "denials": "tidak kram " * 400,
    "red flags": "sakit dada nyeri tidak sesak bengkak " * 110,
    "parts and sides": "tangan kaki kiri kanan lemas tidak kuat " * 100,
    "one letter": "a" * 10_000,
    "numbers": "1 " * 2_000,
    "times": "2 tahun lalu " * 300,
    "doubled": "kedut2" * 600,
    "marks": ",?!" * 1_300,
    "emoji": "🦵" * 4_000,
}


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(st.text(max_size=300), st.lists(WORDS, max_size=60).map(" ".join)))
@example("\x00\ud800 ²½ '''")
@example("1" * 400)
def test_no_string_breaks_the_reader(reader: Reader, text: str) -> None:
    reading = reader.read(text, Expecting("multi", ("swelling",), (("swelling", "Bengkak"), ("none", "Tidak ada"))))
    assert reading.text == text
    assert all(text[slice(*evidence.span)] == evidence.text for evidence in reading.evidence)
    assert reading.as_json().keys() >= {"intent", "complaint", "symptoms", "factors", "emergency"}


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=200))
def test_reading_is_a_function_of_the_text(reader: Reader, text: str) -> None:
    assert reader.read(text) == reader.read(text)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_message_takes_no_time(reader: Reader, name: str) -> None:
    """The bar is 20 ms on a quiet machine; the test allows for a busy one and still catches what is quadratic."""
    took = min(_seconds(reader, HOSTILE[name]) for _ in range(3))
    assert took < 0.06


def test_a_usual_message_is_read_faster_than_plain_fuzzy_matching(reader: Reader) -> None:
    text = "betis kiri saya kram tiap malam udah 3 hari, ga bengkak, kenapa ya dok"
    phrases = [phrase for bank in reader.lexicon.phrases.values() for phrase in bank]
    ours = min(_seconds(reader, text) for _ in range(20))
    started = time.process_time()
    process.extractOne(text, phrases, scorer=fuzz.WRatio)
    assert ours < 0.005
    assert ours < max(time.process_time() - started, 0.001) * 3


def _seconds(reader: Reader, text: str) -> float:
    started = time.process_time()
    reader.read(text)
    return time.process_time() - started
