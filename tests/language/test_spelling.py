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


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("lagi nunggu dokter", "lagi nunggu dokter"),  # was "tidak"
        ("disaat jalan", "di ketika jalan"),  # was "disayat"
        ("ananda kram", "anak kram"),  # was "saya tidak"
        ("mendapatkan obat", "mendapatkan obat"),  # was "tiba"
        ("dita kram", "dita kram"),
        ("ditanya dokter", "ditanya dokter"),  # no typo of the name
    ],
)
def test_frequent_words_are_read_as_they_are(reader: Reader, text: str, words: str) -> None:
    assert " ".join(reader.message(text).words) == words


def test_no_typo_is_taken_for_a_frequent_word(reader: Reader, lexicon: Lexicon) -> None:
    frequent = set(lexicon.frequent) - set(lexicon.guard)
    assert len(frequent) > 2_500
    slips = [word[:2] + word[3:] for word in sorted(frequent) if len(word) > 7][::7]
    assert not [slip for slip in slips if reader.message(slip).words[0] in frequent - {slip}]


def test_spans_are_places_in_the_message_itself(reader: Reader) -> None:
    text = "Dok 🙏 bétis2 kiri sakiiiit"
    places = {token.word: text[token.start : token.end] for token in reader.message(text).tokens}
    assert places["betis"] == "bétis"
    assert places["sakit"] == "sakiiiit"
