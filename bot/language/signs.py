"""The signs of a message with their polarity: symptoms, factors and dangers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from bot.language.message import Message
from bot.language.patterns import Match
from bot.language.polarity import Polarity
from bot.language.slots import apart, name
from bot.ontology import FACTORS

_NEAR_PART: Final = 2
_SAME_SENTENCE: Final = 6
_FACTORS: Final = frozenset(FACTORS)
_STANDING: Final = frozenset({"elderly", "child"})


@dataclass(frozen=True, slots=True)
class Told:
    """The signs that were told: ``polarity`` true or false, ``doubts`` neither; ``matches`` says where."""

    polarity: dict[str, bool] = field(default_factory=dict)
    doubts: set[str] = field(default_factory=set)
    matches: dict[str, Match] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Traits:
    """What is peculiar to some signs.

    ``lasting``: true of the past too (a disease). ``passing``: still true when it has gone (a passing stroke).
    ``implies``: pairs of a sign and another that it always brings.
    ``feared``: not what the patient has where he only asks of it or fears it (a disease).
    ``local``: of the leg only; of another part it is not this sign. ``plain``: true inside a question as well.
    """

    lasting: frozenset[str]
    passing: frozenset[str]
    local: frozenset[str]
    plain: frozenset[str]
    implies: tuple[tuple[str, str], ...] = ()
    feared: frozenset[str] = frozenset()


def read_signs(
    matches: Sequence[Match],
    denials: Sequence[Match],
    parts: Sequence[Match],
    message: Message,
    polarity: Callable[[Match], Polarity],
    traits: Traits,
) -> Told:
    """Every sign that the message speaks of."""
    told = Told()
    denied = _denied(denials, polarity)
    for match in matches:
        sign = name(match)
        if any(set(match.tokens) & tokens for tokens in denied.get(sign, ())):
            continue
        if sign in traits.local and _is_elsewhere(match, parts, message):
            continue
        _note(told, match, _value(sign, polarity(match), traits), gone=polarity(match) is Polarity.gone)
    for denial in denials:
        if name(denial) in denied and name(denial) not in told.polarity:
            told.polarity[name(denial)] = False
            told.matches[name(denial)] = denial
    _imply(told, traits)
    told.doubts.difference_update(sign for sign, present in told.polarity.items() if present)
    for sign in told.doubts:
        told.polarity.pop(sign, None)
    return told


def _note(told: Told, match: Match, value: Polarity | None, *, gone: bool) -> None:
    """Take one mention in. A mention that it is there outweighs denials; one that it has gone, what was said before."""
    sign = name(match)
    if value is None:
        return
    if value in (Polarity.doubtful, Polarity.dubious):
        told.doubts.add(sign)
    elif value is Polarity.present:
        told.polarity[sign] = True
    elif gone or sign not in told.polarity:
        told.polarity[sign] = False
    told.matches.setdefault(sign, match)


def _imply(told: Told, traits: Traits) -> None:
    for sign, implied in traits.implies:
        if told.polarity.get(sign):
            told.polarity[implied] = True
            told.matches.setdefault(implied, told.matches[sign])


def _denied(denials: Sequence[Match], polarity: Callable[[Match], Polarity]) -> dict[str, list[set[int]]]:
    """The tokens of what tells that a sign is not there."""
    denied: dict[str, list[set[int]]] = {}
    for denial in denials:
        if polarity(denial) is Polarity.present:
            denied.setdefault(name(denial), []).append(set(denial.tokens))
    return denied


def _value(sign: str, polarity: Polarity, traits: Traits) -> Polarity | None:
    """Present, absent or doubtful; None where the message says nothing of the patient as he is."""
    if polarity is Polarity.gone:
        return Polarity.present if sign in traits.passing or sign in _STANDING else Polarity.absent
    if polarity is Polarity.past:
        return Polarity.present if sign in traits.lasting else None
    if polarity is Polarity.supposed:
        if sign in traits.feared:
            return None
        return Polarity.present if sign in traits.plain or sign in _FACTORS else None
    return polarity


def _is_elsewhere(match: Match, parts: Sequence[Match], message: Message) -> bool:
    """Whether the nearest part of the body is none of the leg."""
    close = [(apart(part, match, message), part) for part in parts]
    near = [
        (gap, part.first > match.first, name(part) == "other")
        for gap, part in close
        if gap <= _SAME_SENTENCE and not _is_listed(part, match, message)
    ]
    if near and all(found[2] for found in near) and not any(name(part) != "other" for part in parts):
        return True
    near = [found for found in near if found[0] <= _NEAR_PART]
    return bool(near) and min(near)[2] and not any(other is False and gap == 0 for gap, _, other in near)


def _is_listed(part: Match, match: Match, message: Message) -> bool:
    """``lemas dan sakit kepala``: the head belongs to the next thing of the list."""
    between = range(min(part.last, match.last) + 1, max(part.first, match.first))
    return any(message.within(index, "list") for index in between)


def split(told: Mapping[str, bool], names: Sequence[str]) -> dict[str, bool]:
    """The part of ``told`` that is of ``names``, in their order."""
    return {sign: told[sign] for sign in names if sign in told}
