"""How a message asks by its words alone."""

import pytest

from bot.language import Reader


@pytest.mark.parametrize(
    ("text", "how"),
    [
        ("betis kram?", "openly"),
        ("kurang tidur kenapa kedutan", "openly"),
        ("pijat boleh ga dok", "tagged"),
        ("kopi bisa bikin kedutan ndak", "tagged"),
        ("kedutan karena stres ya", "softly"),
    ],
)
def test_a_message_that_asks(reader: Reader, text: str, how: str) -> None:
    assert getattr(reader.read(text).asked, how)


@pytest.mark.parametrize("text", ["betis kram", "ga bisa jalan", "bengkak sudah seminggu"])
def test_a_message_that_tells(reader: Reader, text: str) -> None:
    asked = reader.read(text).asked
    assert not any((asked.openly, asked.tagged, asked.softly))


def test_somebody_is_spoken_of(reader: Reader) -> None:
    assert reader.read("betis saya kram ya").asked.own
    assert not reader.read("kedutan karena stres ya").asked.own
