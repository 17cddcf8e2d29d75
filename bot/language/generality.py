"""Whether a sign is spoken of in general: first aid for anybody, a lesson, what a thing is. Then nobody has it."""

from typing import Final

from bot.language.message import Message
from bot.language.patterns import Match

_REACH: Final = 5
_AROUND: Final = 14
_SAID_OF_ANYBODY: Final = ("@lesson", "@yes_no", "@drug_noun", "@people", "@that")
"""Without one of these nothing is said in general."""


def is_general(message: Message, match: Match) -> bool:
    """Whether the message asks or teaches of the thing that ``match`` names, and tells of nobody who has it."""
    if not message.has(*_SAID_OF_ANYBODY):
        return False
    if _is_lesson(message, match) or _is_cause(message, match) or _is_treated(message, match):
        return True
    if _is_of_somebody(message, match):
        return False
    return _is_of_people(message, match) or _is_defined(message, match) or _is_related(message, match)


def _sentence(message: Message, match: Match) -> range:
    """The tokens around the match in its sentence."""
    first, last = match.first, match.last
    while first > max(0, match.first - _AROUND) and message.same_sentence(first - 1, match.first):
        first -= 1
    while last + 1 < min(len(message), match.last + _AROUND) and message.same_sentence(match.last, last + 1):
        last += 1
    return range(first, last + 1)


def _is_of_somebody(message: Message, match: Match) -> bool:
    """Whether one's own people, oneself or what is so now is spoken of."""
    if not message.has("@own_people", "@at_once"):
        return False
    return any(
        message.within(index, group) for index in _sentence(message, match) for group in ("own_people", "at_once")
    )


def _is_lesson(message: Message, match: Match) -> bool:
    """``buat tugas sekolah``, ``apa bedanya pingsan sama kejang``."""
    lessons = message.places.get("@lesson", ())
    if lessons and message.tokens[_sentence(message, match)[-1]].asked and not _is_of_somebody(message, match):
        return True
    return any(message.same_sentence(place[0], match.first) for place in lessons)


def _is_cause(message: Message, match: Match) -> bool:
    """``apakah kram bisa sampai lumpuh``, ``apa itu lemah jantung``: it is asked what it leads to, or whether it is."""
    after = match.last + 1
    asked = match.first > 0 and message.within(match.first - 1, "yes_no")
    if match.first > 1 and message.within(match.first - 1, "that") and message.within(match.first - 2, "yes_no"):
        return True
    return asked and after < len(message) and message.within(after, "leads_to")


def _is_of_people(message: Message, match: Match) -> bool:
    """``cara menolong orang pingsan``, ``kalau ada orang digigit ular``; not ``ada orang pingsan di sini``."""
    if not message.has("@people"):
        return False
    before = range(max(0, match.first - _REACH), match.first)
    people = [index for index in before if message.within(index, "people")]
    if not people or message.distance(people[-1], match.first) > 0:
        return False
    earlier = range(max(0, people[-1] - _REACH), people[-1])
    return any(message.within(index, "general") and not _broken(message, index, people[-1]) for index in earlier)


def _is_defined(message: Message, match: Match) -> bool:
    """``sesak itu tanda apa``, ``epilepsi itu menular``: the sentence begins with the thing and says what it is."""
    if not message.has("@that"):
        return False
    if any(message.weights[index] for index in _sentence(message, match) if index < match.first):
        return False
    for index in range(match.last + 1, min(len(message), match.last + 4)):
        if message.within(index, "that"):
            following = range(index + 1, min(len(message), index + 3))
            return any(message.within(place, "definable") for place in following)
        if message.gaps[index] or (message.weights[index] and not message.within(index, "object")):
            return False
    return False


def _is_related(message: Message, match: Match) -> bool:
    """``apakah nyeri dada dan kram ada hubungan``, ``apa benar digigit ular harus disedot``."""
    if match.first > 1 and message.within(match.first - 1, "truly"):
        return message.within(match.first - 2, "yes_no")
    if match.first == 0 or not message.within(match.first - 1, "yes_no"):
        return False
    following = range(match.last + 1, min(len(message), match.last + 1 + _REACH))
    return any(message.within(index, "relating") and message.same_sentence(match.last, index) for index in following)


def _is_treated(message: Message, match: Match) -> bool:
    """``obat sesak yang aman apa``: a medicine is asked for by the name of what it is for."""
    if not match.first or message.gaps[match.first] or not message.within(match.first - 1, "drug_noun"):
        return False
    if any(message.within(index, "taking") for index in range(max(0, match.first - 3), match.first)):
        return False
    return any(message.within(index, "asking") for index in _sentence(message, match))


def _broken(message: Message, first: int, last: int) -> bool:
    return any(message.gaps[first + 1 : last + 1])
