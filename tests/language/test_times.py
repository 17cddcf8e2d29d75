"""Since when, for how long, and numbers that are neither."""

import pytest

from bot.language import Reader


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("betis kram udah 3 harian", 3),
        ("kram sejak kemarin", 1),
        ("kram dari td malem", 0.5),
        ("betis kram 2-3 hari", 2.5),
        ("kram dua tiga hari", 2.5),
        ("pegal seminggu", 7),
        ("pegal smggu lebih", 7),
        ("lutut nyeri hampir 2 thn", 730),
        ("lutut nyeri setengah tahun", 182.5),
        ("lutut nyeri satu setengah bulan", 45),
        ("kedutan sebulan terakhir", 30),
        ("kedutan bulan lalu", 30),
        ("dari jam 5 tadi kaki kram", 0.5),
        ("bengkak 2 jam yang lalu", 2 / 24),
        ("kram sejak melahirkan minggu lalu", 7),
        ("pegal sapoe", 1),
        ("wis telung dino sikil kram", 3),
        ("dengkule abuh wis telung dina", 3),
        ("udah duaminggu kram", 14),
        ("betis kram 4 hari hilang timbul", 4),
        ("kaki bengkak dari jam 9 malam tadi", 0.5),
        ("patah 5 tahun lalu sudah sembuh, sekarang kaki ngilu", None),
        ("kaki pegal buat kegiatan sehari2", None),
        ("hamil di usia 38 minggu, kaki kram", None),
        ("kram berbulan-bulan", None),
        ("kram sejak lebaran", None),
        ("kram sejak lebaran kemarin", None),
        ("kram pun tigang dinten", 3),
        ("tadi kram", None),
        # numbers that are no duration of the complaint
        ("umur 65 tahun kaki kram", None),
        ("ibu saya 62 th betisnya kram", None),
        ("hamil 7 bulan, kaki kram", None),
        ("tensi 150 kaki kram", None),
        ("kram jam 2 malam", None),
        ("kram tiap 2 hari", None),
        ("berdiri 8 jam, kaki pegal", None),
        ("minum simvastatin 3 tahun, betis pegal", None),
        ("habis operasi 2 minggu lalu, kaki kram", None),
        ("lari 10 km, betis kram", None),
        ("seminggu 2 kali kram", None),
    ],
)
def test_duration(reader: Reader, text: str, days: float | None) -> None:
    assert reader.read(text).duration_days == pytest.approx(days)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("kramnya 5 menit", 300),
        ("kram setengah jam", 1800),
        ("udah seperempat jam kramnya", 900),
        ("sekali kram semenitan", 60),
        ("kram 30 detik", 30),
        ("kram 2 jam yang lalu", None),
        ("perjalanan 10 jam, kaki kram", None),
    ],
)
def test_episode(reader: Reader, text: str, seconds: float | None) -> None:
    assert reader.read(text).episode_seconds == seconds


@pytest.mark.parametrize(
    ("text", "age"),
    [
        ("umur saya yg udah 61", 61),
        ("ibu saya 64 kakinya bengkak", 64),
        ("umur 65", 65),
        ("usia saya 17 tahun", 17),
        ("nenek 78 th kram", 78),
        ("anak saya 9 thn kakinya pegal", 9),
        ("hamil 7 bulan", None),
        ("kram 2 tahun", None),
    ],
)
def test_age(reader: Reader, text: str, age: int | None) -> None:
    reading = reader.read(text)
    assert reading.age == age
    assert reading.factors.get("elderly") == (True if age and age >= 60 else None)
    assert reading.factors.get("child") == (True if age and age < 18 else None)


def test_a_newer_sign_has_an_age_of_its_own(reader: Reader) -> None:
    reading = reader.read("betis kram 2 bulan, tadi pagi bicara pelo")
    assert reading.duration_days == 60
    assert reading.onsets == {"slurred_speech": 0.5}
    assert reading.emergency
