"""A message as the answer to a pending question."""

import pytest

from bot.language import Expecting, Reader

FEVER = Expecting("yes_no", ("fever",), (("yes", "Ya"), ("no", "Tidak"), ("unsure", "Tidak tahu")))
SIGNS = Expecting(
    "multi",
    ("swelling", "redness", "warmth"),
    (("swelling", "Bengkak"), ("redness", "Kemerahan"), ("warmth", "Terasa panas"), ("none", "Tidak ada semuanya")),
)
SIDE = Expecting("choice", ("side",), (("left", "Kiri"), ("right", "Kanan"), ("both", "Dua-duanya")))
DAYS = Expecting("duration", ("duration_days",))
EPISODE = Expecting("duration", ("episode_seconds",))
AGE = Expecting("number", ("age",))


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("iya", "yes"),
        ("iyo", "yes"),
        ("👍", "yes"),
        ("iya demam", "yes"),
        ("kadang", "yes"),
        ("ga", "no"),
        ("mboten", "no"),
        ("nggak ada kok", "no"),
        ("ga demam", "no"),
        ("kemarin iya sekarang tidak", "no"),
        ("kurang tau", "unsure"),
        ("entah", "unsure"),
        # probably not is no denial of a red flag
        ("kayaknya enggak", "unsure"),
    ],
)
def test_yes_no(reader: Reader, text: str, answer: str) -> None:
    assert reader.read(text, FEVER).answer == answer


@pytest.mark.parametrize("text", ["ga ada", "aman semua", "tidak ada dok", "nggak semuanya aman", "normal semua"])
def test_none_of_many(reader: Reader, text: str) -> None:
    reading = reader.read(text, SIGNS)
    assert reading.answer == "no"
    assert not any(reading.symptoms.values())


@pytest.mark.parametrize(
    ("text", "chosen"),
    [
        ("1", ("swelling",)),
        ("1,3", ("swelling", "warmth")),
        ("no 1 dan 3", ("swelling", "warmth")),
        ("yang kedua", ("redness",)),
        ("yang pertama sama ketiga", ("swelling", "warmth")),
        ("a dan b", ("swelling", "redness")),
        ("4", ("none",)),
        ("bengkak sama merah", ("swelling", "redness")),
        ("semua", ("swelling", "redness", "warmth")),
        ("7", ()),
        ("3 hari", ()),
    ],
)
def test_many(reader: Reader, text: str, chosen: tuple[str, ...]) -> None:
    assert reader.read(text, SIGNS).chosen == chosen


def test_all_but_one(reader: Reader) -> None:
    reading = reader.read("tidak ada kecuali bengkak", SIGNS)
    assert reading.symptoms == {"swelling": True}
    assert reading.answer == "yes"


@pytest.mark.parametrize(
    ("text", "chosen"),
    [("kiri", ("left",)), ("yang kanan dok", ("right",)), ("dua2nya", ("both",)), ("3", ("both",)), ("b", ("right",))],
)
def test_choice(reader: Reader, text: str, chosen: tuple[str, ...]) -> None:
    assert reader.read(text, SIDE).chosen == chosen


def test_numbers_in_the_light_of_the_question(reader: Reader) -> None:
    assert reader.read("2", DAYS).duration_days == 2
    assert reader.read("seminggu", DAYS).duration_days == 7
    assert reader.read("10", EPISODE).episode_seconds == 600
    assert reader.read("65", AGE).age == 65
    assert reader.read("enam puluh lima", AGE).age == 65
    assert reader.read("65 tahun", AGE).duration_days is None


def test_what_is_volunteered_beside_the_answer_is_read_too(reader: Reader) -> None:
    reading = reader.read("iya, betis kiri bengkak dari kemarin", FEVER)
    assert reading.answer == "yes"
    assert (reading.side, reading.duration_days, dict(reading.symptoms)) == ("left", 1, {"swelling": True})


def test_an_emergency_is_read_whatever_was_asked(reader: Reader) -> None:
    assert reader.read("kiri, sekarang sesak napas", SIDE).emergency


PROGRESS = Expecting("choice", ("progress",), (("better", "Membaik"), ("same", "Sama saja"), ("worse", "Memburuk")))
LENGTHS = Expecting("duration", ("duration_days",), (("1", "Sejak kemarin"), ("10", "7-13 hari"), ("unsure", "Lupa")))


@pytest.mark.parametrize(
    ("text", "chosen"),
    [
        ("memburuk dok", "worse"),
        ("tambah parah", "worse"),
        ("makin sakit aja", "worse"),
        ("tambah bengkak kak", "worse"),
        ("udah mendingan sih", "better"),
        ("baikan dok", "better"),
        ("alhamdulillah sembuh", "better"),
        ("sama aja", "same"),
        ("gitu2 aja", "same"),
        ("nggak membaik", "same"),
        ("ga makin parah", "same"),
        ("masih kayak kemarin", "same"),
    ],
)
def test_how_it_went_on(reader: Reader, text: str, chosen: str) -> None:
    assert reader.read(text, PROGRESS).chosen == (chosen,)


@pytest.mark.parametrize("text", ["dua2nya betis", "2 kaki", "2 hari ini bengkaknya", "sudah 1 kali"])
def test_a_number_beside_other_words_picks_nothing(reader: Reader, text: str) -> None:
    parts = Expecting("choice", ("body_part",), (("knee", "Lutut"), ("thigh", "Paha"), ("shin", "Tulang kering")))
    assert reader.read(text, parts).chosen == ()


def test_a_bare_number_of_days_is_no_option(reader: Reader) -> None:
    assert (reader.read("2", LENGTHS).chosen, reader.read("2", LENGTHS).duration_days) == ((), 2)
    assert reader.read("10", LENGTHS).chosen == ("10",)
    assert reader.read("barusan dok", LENGTHS).duration_days == pytest.approx(0.04)
    assert reader.read("2 jam", LENGTHS).duration_days == pytest.approx(1 / 12)


@pytest.mark.parametrize("text", ["sehat semua", "nihil", "ga ada satupun", "aman"])
def test_nothing_of_the_list(reader: Reader, text: str) -> None:
    reading = reader.read(text, SIGNS)
    assert (reading.answer, reading.chosen) == ("no", ())


def test_an_age_in_months_or_years(reader: Reader) -> None:
    assert reader.read("6 tahun", AGE).age == 6
    assert reader.read("8 bulan", AGE).age == 0


def test_actually_is_no_yes(reader: Reader) -> None:
    assert reader.read("sebenarnya betis kiri saya sering kedutan", FEVER).answer is None
    assert reader.read("mboten ngertos", FEVER).answer == "unsure"


@pytest.mark.parametrize("text", ["bukan yang kanan, yang kiri", "kiri bukan kanan", "kiri dok, bukan yang kanan"])
def test_the_side_that_is_set_right(reader: Reader, text: str) -> None:
    assert reader.read(text, SIDE).side == "left"
