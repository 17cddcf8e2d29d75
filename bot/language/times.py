"""What a stretch of time tells of: since when, how long an episode lasts, an age, or nothing of ours."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from bot.language.message import Message
from bot.language.quantities import DAY, HOUR, Number, Stretch

Kind = Literal["onset", "episode", "age", "none"]

_SIDEWAYS: Final = 6
_OLDEST: Final = 110
_YEAR: Final = 365 * DAY
_COUNTED: Final = 31
_OLD: Final = 7
"""Days from which a time with ``sempat`` after it is an old story."""
_UNBORN_FROM: Final = 12
_UNBORN_TO: Final = 42
"""Weeks that are a pregnancy's where one is spoken of."""
_ELDER: Final = 40
"""From here a bare number beside a person is rather an age than a count."""
_INFANT: Final = 5
"""Years up to which months are told beside the years of an age."""
_GROWN: Final = 15
"""Years from which a bare number of years is rather an age than a duration."""


@dataclass(frozen=True, slots=True)
class Time:
    """A time that was told: days for an onset, seconds for an episode, years for an age."""

    kind: Kind
    value: float
    first: int
    last: int


def read_times(
    message: Message, stretches: Sequence[Stretch], numbers: Sequence[Number], days: Mapping[str, float]
) -> list[Time]:
    """All times, in the order of the message."""
    times = [_read_stretch(message, stretch) for stretch in stretches]
    times = [_rest_of_age(message, time, earlier) for time, earlier in zip(times, [None, *times], strict=False)]
    taken = {index for time in times for index in range(time.first, time.last + 1)}
    times += _ages(message, numbers, taken)
    times += _calendar(message, days, taken)
    return sorted(times, key=lambda time: time.first)


def _rest_of_age(message: Message, time: Time, earlier: Time | None) -> Time:
    """``umur 1 tahun 9 bulan``: the months belong to the age."""
    if earlier is None or earlier.kind != "age" or time.kind != "onset" or earlier.last + 1 != time.first:
        return time
    if message.gaps[time.first] and earlier.value > _INFANT:
        return time
    years = message.words[earlier.last] == "tahun" and message.words[time.last] == "bulan"
    return Time("none", 0.0, time.first, time.last) if years else time


def _read_stretch(message: Message, stretch: Stretch) -> Time:
    kind = _kind(message, stretch)
    value = {"onset": stretch.seconds / DAY, "episode": stretch.seconds, "age": stretch.seconds / _YEAR}.get(kind, 0.0)
    return Time(kind, value, stretch.first, stretch.last)


def _kind(message: Message, stretch: Stretch) -> Kind:
    ago = _ago(message, stretch)
    if _is_of_the_womb(message, stretch):
        return "none"
    if _is_age(message, stretch, ago):
        return "age"
    if _is_until_over(message, stretch):
        return "episode"
    anchor = _anchor(message, stretch)
    if anchor == "event" and _begins(message, stretch) and not _is_rhythm(message, stretch):
        return "onset"
    if _is_beside_the_point(message, stretch) or _belongs_to(anchor, stretch, ago or _since(message, stretch)):
        return "none"
    return "onset" if stretch.seconds >= DAY or ago or _since(message, stretch) else "episode"


def _is_beside_the_point(message: Message, stretch: Stretch) -> bool:
    """A rhythm, a time of day, something to come or the time without the complaint."""
    if _is_rhythm(message, stretch) or _is_clock(message, stretch):
        return True
    if _is_everyday(message, stretch) or _is_over(message, stretch) or _followed(message, stretch.last, "to_come"):
        return True
    return stretch.first > 0 and message.within(stretch.first - 1, "afterwards") and not _ago(message, stretch)


def _is_until_over(message: Message, stretch: Stretch) -> bool:
    """``hilang setelah 10 menit``: so long it lasted."""
    over = stretch.first > 1 and message.within(stretch.first - 1, "afterwards")
    return over and stretch.seconds < DAY and message.within(stretch.first - 2, "resolved")


def _ago(message: Message, stretch: Stretch) -> bool:
    return _followed(message, stretch.last, "ago")


def _is_everyday(message: Message, stretch: Stretch) -> bool:
    """``sehari-hari``, ``sehari2``: the word for a day twice is a habit. ``buka 24 jam`` is round the clock."""
    after = stretch.last + 1
    twice = after < len(message) and message.tokens[after].dashed and message.words[after] == stretch.unit
    round_the_clock = stretch.seconds == DAY and stretch.number > 1 and message.has("@service")
    return twice or round_the_clock or message.text[message.tokens[stretch.last].end :][:1] in ("2", "²")


def _is_over(message: Message, stretch: Stretch) -> bool:
    """``3 hari sembuh``, ``patah 5 tahun lalu sudah sembuh``; not ``4 hari hilang timbul``."""
    if stretch.seconds < DAY:
        return _followed(message, stretch.last, "resolved")
    for place in range(stretch.last + 1, min(stretch.last + 4, len(message))):
        if message.gaps[place] or message.within(place, "not_over"):
            return False
        if message.within(place, "resolved"):
            return place + 1 >= len(message) or not message.within(place + 1, "not_over")
        if message.weights[place] and not message.within(place, "ago") and not message.within(place, "already"):
            return False
    return False


def _belongs_to(anchor: str | None, stretch: Stretch, began: bool) -> bool:
    """Whether the stretch is that of a pregnancy, a medicine, an operation or an effort."""
    if anchor == "exertion":
        return stretch.seconds < DAY and not began
    return anchor == "pregnant" or (anchor in ("drug", "event") and stretch.seconds >= DAY)


def _followed(message: Message, index: int, group: str) -> bool:
    """Whether a word of ``group`` comes next, one particle aside."""
    for place in range(index + 1, min(index + 3, len(message))):
        if message.gaps[place]:
            return False
        if message.within(place, group):
            return True
        if message.weights[place]:
            return False
    return False


def _since(message: Message, stretch: Stretch) -> bool:
    """``sejak 2 jam``, ``dari 2 jam``: a beginning, where a bare ``2 jam`` is a length."""
    return any(
        message.within(index, "since")
        and not message.within(index - 1, "compared_to")
        and not any(message.gaps[index + 1 : stretch.first + 1])
        for index in range(max(0, stretch.first - 2), stretch.first)
    )


def _is_age(message: Message, stretch: Stretch, ago: bool) -> bool:
    if stretch.unit not in ("tahun", "bulan") or ago or stretch.number > _OLDEST:
        return False
    before = _before(message, stretch.first)
    if any(message.within(index, "pregnant") for index in before):
        return False
    if any(message.within(index, "age") for index in before[:4]):
        return True
    told = _age_of_person(message, stretch, before)
    if told is not None:
        return told
    grown = stretch.unit == "tahun" and stretch.number >= _GROWN
    alone = not before and (stretch.last + 1 >= len(message) or message.gaps[stretch.last + 1] > 0)
    if grown and ((alone and len(message) > 4) or _followed(message, stretch.last, "person_like")):
        return True
    introduced = any(message.within(index, "lasting") for index in before[:2])
    people = any(message.within(index, "person") for index in before)
    return grown and stretch.number > _GROWN and people and not introduced


def _is_of_the_womb(message: Message, stretch: Stretch) -> bool:
    """``usia 38 minggu``."""
    before = _before(message, stretch.first)[:2]
    if stretch.unit != "minggu":
        return False
    aged = any(message.within(index, "age") for index in before)
    return aged or (_UNBORN_FROM <= stretch.number <= _UNBORN_TO and message.has("@unborn"))


def _age_of_person(message: Message, stretch: Stretch, before: Sequence[int]) -> bool | None:
    """``ibu saya 62 tahun``, ``saya 35 tahun``; None where no person stands before."""
    for index in before:
        if message.within(index, "person"):
            return stretch.unit == "tahun" or message.within(index, "young")
        if message.within(index, "self") and not (index and message.within(index - 1, "person")):
            return stretch.unit == "tahun" and stretch.number >= _GROWN
        if message.weights[index] or message.within(index, "lasting"):
            return None
    return None


def _begins(message: Message, stretch: Stretch) -> bool:
    """``sejak melahirkan 2 minggu lalu``: the event is the beginning."""
    return any(message.within(index, "event_since") for index in _before(message, stretch.first))


def _is_clock(message: Message, stretch: Stretch) -> bool:
    """``jam 12 malam``."""
    return stretch.first > 0 and message.within(stretch.first - 1, "clock")


def _is_rhythm(message: Message, stretch: Stretch) -> bool:
    """``2 jam sekali``, ``seminggu 2 kali``, ``tiap 3 hari``."""
    if stretch.first and message.within(stretch.first - 1, "each"):
        return True
    if _followed(message, stretch.last, "once"):
        return True
    if stretch.number != 1:
        return False
    near = range(max(0, stretch.first - 4), min(len(message), stretch.last + 5))
    return any(message.within(index, "times") and not _broken(message, index, stretch.first) for index in near)


def _broken(message: Message, one: int, other: int) -> bool:
    """Whether a comma or more stands between two tokens."""
    return any(message.gaps[min(one, other) + 1 : max(one, other) + 1])


def _anchor(message: Message, stretch: Stretch) -> str | None:
    """The kind of the nearest thing that the stretch can belong to, on its left, else on its right."""
    kinds = ("pregnant", "drug", "event", "exertion", "ailment")
    for index in _before(message, stretch.first):
        if index == stretch.first - 1 and message.within(index, "lasting"):
            continue
        found = next((kind for kind in kinds if message.within(index, kind)), None)
        if found:
            return found
    for index in range(stretch.last + 1, min(len(message), stretch.last + _SIDEWAYS)):
        if message.gaps[index]:
            break
        found = next((kind for kind in kinds if message.within(index, kind)), None)
        if found:
            return found if found != "pregnant" else None
    return None


def _before(message: Message, first: int) -> list[int]:
    """The tokens on the left in the same clause, nearest first."""
    found = []
    for index in range(first - 1, max(-1, first - 1 - _SIDEWAYS), -1):
        if message.gaps[index + 1]:
            break
        found.append(index)
    return found


def _ages(message: Message, numbers: Sequence[Number], taken: set[int]) -> list[Time]:
    """``umur 65``, ``bapak 63``, ``nenek (81)`` without a unit."""
    if not message.has("@age", "@person"):
        return []
    free = [number for number in numbers if number.first not in taken and 0 < number.value <= _OLDEST]
    return [
        Time("age", number.value, number.first, number.last)
        for number in free
        if _told_as_age(message, number) or _stands_with_person(message, number)
    ]


def _told_as_age(message: Message, number: Number) -> bool:
    before = _before(message, number.first)[:4]
    return any(message.within(index, "age") for index in before) and not any(
        message.within(index, "pregnant") for index in before
    )


def _stands_with_person(message: Message, number: Number) -> bool:
    """``bapak 63``, ``ibu saya 64``; not ``bapak 2 anak``, ``ibu 60 kg``."""
    before = number.first - (2 if number.first > 1 and message.within(number.first - 1, "self") else 1)
    if number.value < _ELDER or before < 0 or not message.within(before, "person"):
        return False
    following = number.last + 1
    if following < len(message) and not message.gaps[following]:
        return not message.within(following, "counted")
    return True


def _calendar(message: Message, days: Mapping[str, float], taken: set[int]) -> list[Time]:
    """``kemarin``, ``tadi pagi``, ``minggu lalu``."""
    found: dict[int, Time] = {}
    told = message.places.keys() & days.keys()
    for atom in [atom for atom in days if atom in told] if told else ():
        value = days[atom]
        for first, last in message.places[atom]:
            vague = first > 0 and not message.gaps[first] and (message.within(first - 1, "vague") or first - 1 in taken)
            vague = vague or (last + 1 < len(message) and message.within(last + 1, "once_only") and value >= _OLD)
            vague = vague or _is_of_a_visit(message, first, last) or _is_named_day(message, first)
            if taken.isdisjoint(range(first, last + 1)) and not vague and not _is_event(message, first, last):
                longer = found.get(first)
                if longer is None or longer.last < last:
                    found[first] = Time("onset", value, first, last)
    return [time for time in found.values() if not _inside(time, found)] + _hours(message) + _counted_days(message)


def _hours(message: Message) -> list[Time]:
    """``dari jam 5 tadi``, ``jam 9 malam tadi``: today."""
    found = []
    for first, last in message.places.get("jam", ()):
        at = last + 1
        if at >= len(message) or message.tokens[at].number is None or _followed(message, at, "to"):
            continue
        since = first > 0 and message.within(first - 1, "since")
        if since or any(message.within(place, "earlier") for place in range(at + 1, min(at + 3, len(message)))):
            found.append(Time("onset", 0.5, first, at))
    return found


def _counted_days(message: Message) -> list[Time]:
    """``hari ke 4``."""
    found = []
    for first, _ in message.places.get("hari", ()):
        at = first + 2
        number = message.tokens[at].number if at < len(message) and message.words[first + 1] == "ke" else None
        if number is not None and 0 < number <= _COUNTED and not message.gaps[at]:
            found.append(Time("onset", number, first, at))
    return found


def _is_event(message: Message, first: int, last: int) -> bool:
    """``operasi kemarin``: the day of the operation, not of the complaint."""
    before = _before(message, first)[:4]
    event = any(message.within(index, "event") for index in before)
    return event and not any(message.within(index, "event_since") for index in before)


def _is_named_day(message: Message, first: int) -> bool:
    """``dari lebaran kemarin``, ``senin kemarin``: the day that is named, however long ago, not yesterday."""
    return first > 0 and not message.gaps[first] and message.within(first - 1, "long_ago")


def _is_of_a_visit(message: Message, first: int, last: int) -> bool:
    """``kemarin cek gula``, ``pas kontrol kemarin``: the day of what was done, not of the complaint."""
    if any(message.within(index, "event_since") for index in range(max(0, first - 1), last + 1)):
        return False
    after = range(last + 1, min(len(message), last + 4))
    for index in (*after, first - 1):
        if index >= 0 and message.within(index, "visit") and not _broken(message, index, first):
            return True
    return False


def _inside(time: Time, found: Mapping[int, Time]) -> bool:
    return any(other.first < time.first <= other.last for other in found.values())


__all__ = ["HOUR", "Kind", "Time", "read_times"]
