"""A message as the answer to the pending question: yes, no, one of the options, a number."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from bot.language.message import Message
from bot.language.quantities import DAY, Number, Stretch
from bot.language.reading import Answer, Expecting
from bot.language.times import Time

_LABEL_NEARNESS = 84.0
_SHORT = 5
_LONGEST_LABEL = 8
_OLDEST = 120
_MINUTE = 60
_MONTHS = 12
_JUST_NOW = 0.04
"""Days, about an hour: ``barusan`` as the answer to since when."""


@dataclass(frozen=True, slots=True)
class Options:
    """The offered options and their labels as words of the lexicon, in the order of the offer."""

    ids: tuple[str, ...]
    labels: tuple[str, ...]


def read_answer(message: Message, told: Mapping[str, bool], expecting: Expecting | None) -> Answer | None:
    """The polarity of the message as a whole, or of the signs that were asked for."""
    asked = [told[name] for name in expecting.ids if name in told] if expecting else []
    if _is_unsure(message):
        return "unsure"
    if message.has("@no_longer"):
        return "no"
    leading = _leading(message)
    if leading or asked:
        return "yes" if any(asked) else leading or "no"
    if message.has("@no_answer"):
        return "no"
    return "yes" if (expecting is not None and _is_weak_yes(message)) or message.has("@yes_answer") else None


def _is_weak_yes(message: Message) -> bool:
    """``kadang``, ``lumayan dok``; but ``betis sering kedutan`` tells of something else."""
    others = sum(
        weight for index, weight in enumerate(message.weights) if weight and not message.within(index, "weak_yes")
    )
    return len(message) <= _SHORT and others <= 1 and message.has("@weak_yes")


def _is_unsure(message: Message) -> bool:
    """``kurang tau``; ``kayaknya enggak`` too: probably not is no denial of a red flag."""
    probably_not = message.has("@doubt") and message.has("@negation") and len(message) <= _SHORT
    return message.has("@unsure_answer") or probably_not


def _leading(message: Message) -> Answer | None:
    """The first word that answers, particles and greetings aside: ``iya dok, bengkak``."""
    for index in range(min(len(message), 4)):
        if message.within(index, "yes_word"):
            return "yes"
        if message.within(index, "negation"):
            return "no" if _stands_alone(message, index) else None
        if message.weights[index]:
            return None
    return None


def _stands_alone(message: Message, index: int) -> bool:
    """``ga``, ``ga ada``, ``tidak dok``, ``nggak, cuma kram``: the negation denies the question itself."""
    place = index + 1
    while place < len(message) and not message.gaps[place] and message.within(place, "after_negation"):
        place += 1
    return place >= len(message) or message.gaps[place] > 0 or message.within(place, "contrast")


def read_choice(message: Message, numbers: Sequence[Number], options: Options, expecting: Expecting) -> tuple[str, ...]:
    """The options that are picked: by number, by letter, by label or by words of the label."""
    by_number = _by_number(message, numbers, options, expecting)
    picked = by_number or _by_letter(message, options) or _by_label(message, options)
    if not picked and expecting.kind == "multi" and _is_all(message):
        return tuple(name for name in options.ids if name in expecting.ids)
    return picked


def _is_all(message: Message) -> bool:
    """``semua``, ``iya ada semua``."""
    known = all(
        message.within(index, "all") or message.within(index, "yes_answer") or not message.weights[index]
        for index in range(len(message))
    )
    return known and message.has("@all")


def _by_number(message: Message, numbers: Sequence[Number], options: Options, expecting: Expecting) -> tuple[str, ...]:
    """``2``, ``1,3``, ``no 2 aja dok``: picked only where nothing but numbers and fillers is told."""
    if not numbers or not _is_mere_list(message, numbers):
        return ()
    values = [value for number in numbers for value in _listed(message, number) or _ends(message, number)]
    if expecting.kind in ("duration", "number"):
        # A number answers such a question itself, unless it is just what an option is called.
        return tuple(dict.fromkeys(f"{value:g}" for value in values if f"{value:g}" in options.ids))[:1]
    if any(value != int(value) or not 1 <= value <= len(options.ids) for value in values):
        return ()
    return tuple(dict.fromkeys(options.ids[int(value) - 1] for value in values))


def _is_mere_list(message: Message, numbers: Sequence[Number]) -> bool:
    counted = {index for number in numbers for index in range(number.first, number.last + 1)}
    return all(
        index in counted or message.within(index, "list") or message.within(index, "picking")
        for index in range(len(message))
    )


def _listed(message: Message, number: Number) -> list[float]:
    """``1,3`` is a list of two where a number is picked, not one and three tenths."""
    parts = re.split("[.,]", message.tokens[number.first].surface)
    return [float(part) for part in parts] if len(parts) > 1 and all(part.isdigit() for part in parts) else []


def _ends(message: Message, number: Number) -> list[float]:
    """The number, or the two that a range names."""
    if not number.ranged:
        return [number.value]
    return [message.tokens[place].number or 0.0 for place in (number.first, number.last)]


def _by_letter(message: Message, options: Options) -> tuple[str, ...]:
    words = [message.tokens[index].surface for index in range(len(message)) if not message.within(index, "list")]
    letters = [word for word in words if len(word) == 1]
    if len(letters) != len(words) or not letters:
        return ()
    places = [ord(letter) - ord("a") for letter in letters]
    if any(not 0 <= place < len(options.ids) for place in places):
        return ()
    return tuple(options.ids[place] for place in places)


def _by_label(message: Message, options: Options) -> tuple[str, ...]:
    typed, whole = _bare(message), " ".join(message.words)
    labels = [(name, label) for name, label in zip(options.ids, options.labels, strict=True) if label]
    for name, label in labels:
        if label in (typed, whole):
            return (name,)
    if not typed or len(message) > _LONGEST_LABEL:
        return ()
    scored = [(fuzz.ratio(typed, label), -place) for place, (_, label) in enumerate(labels)]
    best = max(scored, default=(0.0, 0))
    return (labels[-best[1]][0],) if best[0] >= _LABEL_NEARNESS else ()


def _bare(message: Message) -> str:
    """The words without forms of address: ``memburuk dok`` is the label ``Memburuk``."""
    return " ".join(word for index, word in enumerate(message.words) if not message.within(index, "tag"))


def expected_times(
    message: Message,
    times: Sequence[Time],
    numbers: Sequence[Number],
    stretches: Sequence[Stretch],
    expecting: Expecting,
) -> Sequence[Time]:
    """The times of an answer: ``65 tahun`` after a question for the age, ``2`` or ``2 jam`` after one for the days."""
    if "age" in expecting.ids:
        return [_age(number, stretches) for number in numbers if 0 < number.value <= _OLDEST][:1]
    if expecting.kind != "duration":
        return times
    if "duration_days" in expecting.ids:
        return _onsets(message, times, numbers)
    if "episode_seconds" in expecting.ids and not times and len(numbers) == 1:
        return [Time("episode", numbers[0].value * _MINUTE, numbers[0].first, numbers[0].last)]
    return times


def _age(number: Number, stretches: Sequence[Stretch]) -> Time:
    months = any(stretch.first == number.first and stretch.unit == "bulan" for stretch in stretches)
    return Time("age", number.value / _MONTHS if months else number.value, number.first, number.last)


def _onsets(message: Message, times: Sequence[Time], numbers: Sequence[Number]) -> Sequence[Time]:
    if any(time.kind == "onset" for time in times):
        return times
    lengths = [time for time in times if time.kind == "episode"]
    if lengths:
        return [Time("onset", time.value / DAY, time.first, time.last) for time in lengths]
    if not times and len(numbers) == 1:
        return [Time("onset", numbers[0].value, numbers[0].first, numbers[0].last)]
    if not times and not numbers and len(message) <= _SHORT and message.has("@just_now"):
        return [Time("onset", _JUST_NOW, 0, len(message) - 1)]
    return times
