"""What was typed as words of the lexicon."""

import pytest

from bot.language import Lexicon, Reader


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("kram", "kram"),
        ("KRAM!!!", "kram"),
        ("kraaaam", "kram"),
        ("kedut2", "kedut"),
        ("kedut-kedut", "kedut"),
        ("kedut kedut", "kedut"),
        ("kedut2an", "kedut"),
        ("s4kit", "sakit"),
        ("skt", "sakit"),
        ("btis", "betis"),
        ("bteis", "betis"),
        ("kedutaan", "kedut"),
        ("sakitsekali", "sakit sekali"),
        ("habislari", "setelah lari"),
        ("ke dutan", "kedut"),
        ("kakiku", "kaki"),
        ("kesemutannya", "semutan"),
        ("digerakkan", "gerak"),
        ("gabisa", "tidak bisa"),
        ("seminggu", "satu minggu"),
        ("dua2nya", "dua semua"),
        ("ke2nya", "dua semua"),
        ("ｂｅｔｉｓ", "betis"),
        ("bétis", "betis"),
        ("🦵 kram", "kaki kram"),
        # regional
        ("sikil", "kaki"),
        ("wentis", "betis"),
        ("tuur", "lutut"),
        ("singsireumeun", "semutan"),
        ("gringgingen", "semutan"),
        ("bareuh", "bengkak"),
        ("indak", "tidak"),
        ("kada", "tidak"),
        ("mboten", "tidak"),
        # near words that must stay what they are
        ("karam", "karam"),
        ("ngeri", "takut"),
        ("pada", "pada"),
        ("kalium", "kalium"),
        ("kalsium", "kalsium"),
        ("kalsum", "kalsium"),
        ("balsem", "salep"),
        ("nyaman", "nyaman"),
    ],
)
def test_words(reader: Reader, typed: str, words: str) -> None:
    assert " ".join(reader.message(typed).words) == words


@pytest.mark.parametrize("typed", ["ga", "dr", "xq", "zzz", "qwrty"])
def test_short_and_strange_words_are_not_bent_into_words_of_the_field(
    reader: Reader, lexicon: Lexicon, typed: str
) -> None:
    assert reader.message(typed).words[0] not in {"kram", "dada", "sesak", "nyeri"}


def test_spans_are_places_in_the_message_itself(reader: Reader) -> None:
    text = "Dok 🙏 bétis2 kiri sakiiiit"
    places = {token.word: text[token.start : token.end] for token in reader.message(text).tokens}
    assert places["betis"] == "bétis"
    assert places["sakit"] == "sakiiiit"
