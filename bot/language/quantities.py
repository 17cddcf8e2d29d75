"""Numbers and stretches of time in a message: ``2-3 hari``, ``setengah jam``, ``hampir dua tahun``."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from bot.language.message import Message

HOUR: Final = 3600.0
DAY: Final = 86_400.0


@dataclass(frozen=True, slots=True)
class Number:
    """A number at tokens ``first`` to ``last``. ``ranged``: it was told as a range."""

    value: float
    first: int
    last: int
    ranged: bool = False


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of time in seconds at tokens ``first`` to ``last``: ``number`` of ``unit``."""

    seconds: float
    first: int
    last: int
    unit: str
    number: float


class Quantities:
    """Reads numbers and stretches by the lexicon's tables of number words and units (in seconds)."""

    def __init__(self, numbers: Mapping[str, float], units: Mapping[str, float]) -> None:
        self._numbers = numbers
        self._units = units

    def numbers(self, message: Message) -> list[Number]:
        """Every number, ranges as their midpoint."""
        found: list[Number] = []
        index = 0
        while index < len(message):
            number = self._number(message, index)
            if number is None:
                index += 1
                continue
            number = self._ranged(message, number)
            found.append(number)
            index = number.last + 1
        return found

    def stretches(self, message: Message, numbers: list[Number]) -> list[Stretch]:
        """Every number that a unit of time follows: ``3 hari``, ``sebulan setengah``."""
        return [stretch for number in numbers if (stretch := self._stretch(message, number))]

    def _number(self, message: Message, index: int) -> Number | None:
        value = self._value(message, index)
        if value is None:
            return None
        last = index
        while last + 1 < len(message) and not message.gaps[last + 1]:
            word = message.words[last + 1]
            if word == "puluh":
                value *= 10
            elif word == "belas":
                value += 10
            elif word == "ratus":
                value *= 100
            elif word == "setengah":
                value += 0.5
            elif 20 <= value < 100 and value % 10 == 0 and self._spelled_digit(word):
                value += self._numbers[word]
            else:
                break
            last += 1
        return Number(value, index, last)

    def _spelled_digit(self, word: str) -> bool:
        return 1 <= self._numbers.get(word, 0) <= 9

    def _value(self, message: Message, index: int) -> float | None:
        token = message.tokens[index]
        return token.number if token.number is not None else self._numbers.get(token.word)

    def _ranged(self, message: Message, low: Number) -> Number:
        """``2-3``, ``2 sampai 3``, ``dua tiga``."""
        place = low.last + 1
        if place < len(message) and message.within(place, "to") and not message.gaps[place]:
            place += 1
        elif place >= len(message) or not (message.tokens[place].dashed or self._are_spelled(message, low.last, place)):
            return low
        if place >= len(message) or message.gaps[place]:
            return low
        high = self._number(message, place)
        if high is None or not low.value < high.value <= 12 * max(low.value, 1):
            return low
        return Number((low.value + high.value) / 2, low.first, high.last, ranged=True)

    def _are_spelled(self, message: Message, *places: int) -> bool:
        return all(self._spelled_digit(message.words[place]) for place in places)

    def _stretch(self, message: Message, number: Number) -> Stretch | None:
        place = number.last + 1
        if place >= len(message) or message.gaps[place] or message.words[place] not in self._units:
            return None
        unit = message.words[place]
        value = number.value
        if place + 1 < len(message) and message.words[place + 1] == "setengah" and not message.gaps[place + 1]:
            value, place = value + 0.5, place + 1
        return Stretch(value * self._units[unit], number.first, place, unit, value)
