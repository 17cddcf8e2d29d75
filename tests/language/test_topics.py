"""Which topic a question is nearest to."""

import pytest

from bot.language import Lexicon, Reader

TOPICS = {
    "quinine": ["kina aman untuk kram", "bolehkah minum kina"],
    "potassium": ["kurang kalium bikin kram", "makanan tinggi kalium"],
    "calcium": ["kurang kalsium bikin kram", "susu kalsium untuk kram"],
    "stretching": ["peregangan betis sebelum tidur", "gerakan peregangan"],
}


@pytest.mark.parametrize(
    ("question", "topic"),
    [
        ("kuinin aman ga buat kram", "quinine"),
        ("kaliun bagus buat kram?", "potassium"),
        ("kalsium bagus buat kram?", "calcium"),
        ("streching sblm tdr", "stretching"),
    ],
)
def test_nearest_topic(lexicon: Lexicon, question: str, topic: str) -> None:
    reading = Reader(lexicon, topics=TOPICS).read(question)
    assert reading.topics[0][0] == topic
    assert all(0 <= score <= 100 for _, score in reading.topics)


def test_what_is_near_nothing_has_no_topic(lexicon: Lexicon) -> None:
    assert Reader(lexicon, topics=TOPICS).read("harga cabai hari ini").topics == ()
