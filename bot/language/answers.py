"""A message as the answer to the pending question: yes, no, one of the options, a number."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from bot.language.message import Message
from bot.language.quantities import Number
from bot.language.reading import Answer, Expecting

_LABEL_NEARNESS = 84.0
_SHORT = 5


@dataclass(frozen=True, slots=True)
class Options:
    """The words of each offered option, in the order of the offer."""

    ids: tuple[str, ...]
    words: tuple[tuple[str, ...], ...]


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
    weak = expecting is not None and len(message) <= _SHORT and message.has("@weak_yes")
    return "yes" if weak or message.has("@yes_answer") else None


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
    if expecting.kind in ("duration", "number") and not options.ids:
        return ()
    picked: list[int] = []
    for number in numbers:
        if not _is_bare(message, number):
            return ()
        values = _listed(message, number) or _ends(message, number)
        picked += [int(value) for value in values if value == int(value)]
    if any(not 1 <= place <= len(options.ids) for place in picked):
        return ()
    return tuple(dict.fromkeys(options.ids[place - 1] for place in picked))


def _listed(message: Message, number: Number) -> list[float]:
    """``1,3`` is a list of two where a number is picked, not one and three tenths."""
    parts = re.split("[.,]", message.tokens[number.first].surface)
    return [float(part) for part in parts] if len(parts) > 1 and all(part.isdigit() for part in parts) else []


def _ends(message: Message, number: Number) -> list[float]:
    """The number, or the two that a range names."""
    if not number.ranged:
        return [number.value]
    return [message.tokens[place].number or 0.0 for place in (number.first, number.last)]


def _is_bare(message: Message, number: Number) -> bool:
    """Whether nothing that makes a quantity of it follows the number."""
    after = number.last + 1
    if after < len(message) and message.within(after, "all"):
        return False
    return (
        after >= len(message)
        or bool(message.gaps[after])
        or message.weights[after] == 0
        or message.within(after, "list")
    )


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
    typed = " ".join(message.words)
    exact = [name for name, words in zip(options.ids, options.words, strict=True) if words and " ".join(words) == typed]
    if exact:
        return (exact[0],)
    if len(message) > 8:
        return ()
    scored = [(fuzz.ratio(typed, " ".join(words)), -place) for place, words in enumerate(options.words) if words]
    best = max(scored, default=(0.0, 0))
    return (options.ids[-best[1]],) if best[0] >= _LABEL_NEARNESS else ()
