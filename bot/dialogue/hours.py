"""When the clinic is open: weekly hours, national holidays, and days of its own. Pure; times come in aware."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone, tzinfo
from functools import cache
from typing import Final

from holidays import country_holidays

ZONES: Final[Mapping[str, tzinfo]] = {
    "Asia/Jakarta": timezone(timedelta(hours=7), "WIB"),
    "Asia/Pontianak": timezone(timedelta(hours=7), "WIB"),
    "Asia/Makassar": timezone(timedelta(hours=8), "WITA"),
    "Asia/Jayapura": timezone(timedelta(hours=9), "WIT"),
}
"""Indonesia's time zones. They know no summer time, so no database is needed."""

WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

FARTHEST: Final = 60
"""Days that are searched for the next opening."""

Span = tuple[int, int]
"""From and until, in minutes since midnight."""


@dataclass(frozen=True, slots=True)
class Hours:
    """The opening times. ``week`` has the spans of each weekday, Monday first; ``closed`` and ``open`` are dates that
    differ: days off of the house, and holidays on which it works all the same."""

    zone: tzinfo
    week: tuple[tuple[Span, ...], ...]
    national_holidays: bool = True
    closed: frozenset[date] = field(default_factory=frozenset)
    open: frozenset[date] = field(default_factory=frozenset)

    def local(self, at: datetime) -> datetime:
        """``at`` on the clinic's clock."""
        return at.astimezone(self.zone)

    def spans(self, day: date) -> tuple[Span, ...]:
        """When the clinic is open on ``day``."""
        off = day in self.closed or (self.national_holidays and day not in self.open and is_national_holiday(day))
        return () if off else self.week[day.weekday()]

    def is_open(self, at: datetime) -> bool:
        here = self.local(at)
        minute = here.hour * 60 + here.minute
        return any(begin <= minute < end for begin, end in self.spans(here.date()))

    def opens_after(self, at: datetime) -> datetime | None:
        """``at`` itself where the clinic is open; else when it opens next. None: not within two months."""
        here = self.local(at)
        if self.is_open(at):
            return here
        for ahead in range(FARTHEST + 1):
            day = here.date() + timedelta(days=ahead)
            midnight = datetime.combine(day, time(), self.zone)
            for begin, _ in self.spans(day):
                opens = midnight + timedelta(minutes=begin)
                if opens > here:
                    return opens
        return None

    def open_seconds(self, since: datetime, until: datetime) -> float:
        """For how long the clinic was open between the two."""
        first, last = self.local(since), self.local(until)
        total = timedelta()
        for ahead in range((last.date() - first.date()).days + 1):
            day = first.date() + timedelta(days=ahead)
            midnight = datetime.combine(day, time(), self.zone)
            for begin, end in self.spans(day):
                opened, closed = midnight + timedelta(minutes=begin), midnight + timedelta(minutes=end)
                total += max(timedelta(), min(closed, last) - max(opened, first))
        return total.total_seconds()


@cache
def _holidays() -> Mapping[date, str]:
    return country_holidays("ID")


def is_national_holiday(day: date) -> bool:
    return day in _holidays()
