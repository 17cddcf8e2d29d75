"""When the clinic is open, by its own clock, with national holidays and days of its own."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bot.content import ContentError
from bot.content.load import load_script
from bot.dialogue.handoff import opens_told
from bot.dialogue.hours import ZONES, Hours
from bot.settings import shipped

WEEK = (*[((480, 720), (780, 1200))] * 5, ((480, 840),), ())
HOURS = Hours(ZONES["Asia/Jakarta"], WEEK)


def at(text: str) -> datetime:
    """A moment on a clock in Jakarta."""
    return datetime.fromisoformat(f"2026-{text}+07:00")


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("11-23T07:59", False),
        ("11-23T08:00", True),
        ("11-23T12:00", False),
        ("11-23T13:00", True),
        ("11-23T20:00", False),
        ("11-21T13:59", True),
        ("11-21T14:00", False),
        ("11-22T10:00", False),
        ("12-25T10:00", False),
        ("08-17T10:00", False),
    ],
)
def test_open_by_the_clinics_clock(moment: str, is_open: bool) -> None:
    assert HOURS.is_open(at(moment)) is is_open
    assert HOURS.is_open(at(moment).astimezone(UTC)) is is_open


@pytest.mark.parametrize(
    ("moment", "opens"),
    [
        ("11-23T06:00", "11-23T08:00"),
        ("11-23T12:30", "11-23T13:00"),
        ("11-21T15:00", "11-23T08:00"),
        ("12-24T21:00", "12-26T08:00"),
        ("11-23T09:00", "11-23T09:00"),
    ],
)
def test_when_it_opens_next(moment: str, opens: str) -> None:
    assert HOURS.opens_after(at(moment)) == at(opens)


def test_days_of_its_own() -> None:
    own = Hours(HOURS.zone, WEEK, closed=frozenset({date(2026, 11, 23)}), open=frozenset({date(2026, 12, 25)}))
    assert not own.is_open(at("11-23T10:00"))
    assert own.is_open(at("12-25T10:00"))


def test_a_clinic_that_never_opens_is_not_waited_for() -> None:
    assert Hours(HOURS.zone, ((),) * 7).opens_after(at("11-23T10:00")) is None


@pytest.mark.parametrize(
    ("moment", "told"),
    [
        ("11-23T06:00", "hari ini pukul 08.00"),
        ("11-22T06:00", "besok pukul 08.00"),
        ("11-21T15:00", "Senin 23/11 pukul 08.00"),
    ],
)
def test_it_is_told_as_people_say_it(moment: str, told: str) -> None:
    script = load_script(shipped("flows"), shipped("knowledge"))
    opens = HOURS.opens_after(at(moment))
    assert opens is not None
    assert opens_told(opens, at(moment), script) == told


def clinic(folder: Path, old: str, new: str) -> Path:
    text = (shipped("knowledge") / "clinic.yaml").read_text(encoding="utf-8")
    assert old in text
    path = folder / "clinic.yaml"
    path.write_text(text.replace(old, new), encoding="utf-8")
    return path


def test_the_week_is_told_in_words() -> None:
    told = load_script(shipped("flows"), shipped("knowledge")).clinic["hours"]
    assert told.startswith("Senin sampai Jumat 08.00-20.00, Sabtu 08.00-14.00.")


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('monday: "08:00-20:00"', 'monday: "20:00-08:00"', "opening times"),
        ('monday: "08:00-20:00"', 'monday: "8 pagi"', "opening times"),
        ('monday: "08:00-20:00"', 'senin: "08:00-20:00"', "senin"),
        ("timezone: Asia/Jakarta", "timezone: Asia/Tokyo", "unknown value"),
        ("messages: {}", "messages: {greeet: Halo}", "did you mean 'greet'"),
    ],
)
def test_a_clinic_written_wrong_is_refused_with_its_place(folder: Path, old: str, new: str, problem: str) -> None:
    path = clinic(folder, old, new)
    with pytest.raises(ContentError) as refused:
        load_script(shipped("flows"), shipped("knowledge"), path)
    faults = [str(fault) for fault in refused.value.faults]
    assert any("clinic.yaml:" in fault and problem in fault for fault in faults), faults


def test_sentences_of_the_house(folder: Path) -> None:
    path = clinic(folder, "messages: {}", 'messages: {thanks: "Sama-sama, semoga lekas pulih."}')
    assert load_script(shipped("flows"), shipped("knowledge"), path).messages["thanks"].endswith("lekas pulih.")
