"""The clinic's own YAML, compiled: what may be filled into a sentence, and its hours."""

import re
from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Final

from bot.content.files import ClinicFile, Doctor
from bot.dialogue.hours import WEEKDAYS, ZONES, Hours, Span

SPANS: Final = re.compile(r"\d{2}:\d{2}-\d{2}:\d{2}(, ?\d{2}:\d{2}-\d{2}:\d{2})*")
TOLD: Final = ("name", "address", "phone", "bpjs", "price", "booking", "parking")


def clinic_names(file: ClinicFile, messages: Mapping[str, str]) -> Mapping[str, str]:
    """What ``{name}`` in a sentence stands for."""
    told = {name: str(getattr(file, name)) for name in TOLD}
    doctors = "\n".join(f"- {_doctor(doctor)}" for doctor in file.doctors)
    return {**told, "clinic": file.name, "hours": _hours_told(file, messages), "doctors": doctors}


def hours_of(file: ClinicFile) -> Hours:
    holidays = file.holidays
    week = tuple(_spans(file.hours.get(day, "")) for day in WEEKDAYS)
    return Hours(ZONES[file.timezone], week, holidays.national, frozenset(holidays.closed), frozenset(holidays.open))


def wrong_spans(file: ClinicFile) -> Iterator[tuple[str, str]]:
    """Weekdays whose times make no sense, with what is wrong."""
    for day, text in file.hours.items():
        if not SPANS.fullmatch(text) or not _in_order(_spans(text)):
            yield day, f"{text!r} are no opening times: write them in order, as 08:00-12:00, 13:00-20:00"


def _in_order(spans: tuple[Span, ...]) -> bool:
    before = 0
    for begin, end in spans:
        if not before <= begin < end <= 24 * 60:
            return False
        before = end
    return True


def _spans(text: str) -> tuple[Span, ...]:
    spans = []
    for span in filter(None, (part.strip() for part in text.split(","))):
        begin, _, end = span.partition("-")
        spans.append((_minutes(begin), _minutes(end)))
    return tuple(spans)


def _minutes(clock: str) -> int:
    hour, _, minute = clock.partition(":")
    return int(hour) * 60 + int(minute) if int(minute) < 60 else -1


def _hours_told(file: ClinicFile, messages: Mapping[str, str]) -> str:
    """The week in words, days with the same times together: Senin sampai Jumat 08.00-20.00, ..."""
    known = [(messages.get(day, day), file.hours.get(day, "")) for day in WEEKDAYS]
    parts = []
    for times, days in groupby(known, key=lambda each: each[1]):
        names = [name for name, _ in days]
        if times:
            span = names[0] if len(names) == 1 else f"{names[0]} {messages.get('until', '-')} {names[-1]}"
            parts.append(f"{span} {times.replace(':', '.')}")
    return " ".join(filter(None, (f"{', '.join(parts)}.", file.hours_note)))


def _doctor(doctor: Doctor) -> str:
    licence = f" ({doctor.sip})" if doctor.sip else ""
    when = f": {doctor.when}" if doctor.when else ""
    return f"{doctor.name}, {doctor.specialty}{licence}{when}"
