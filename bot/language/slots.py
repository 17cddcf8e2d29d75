"""The complaint and what belongs to it: part of the body, side, recurrence, since when."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bot.language.message import Message
from bot.language.patterns import Match
from bot.language.polarity import Polarity
from bot.language.times import Time
from bot.ontology import BODY_PARTS, COMPLAINTS, RECURRENCES

_TOLD: Final = (Polarity.present, Polarity.doubtful, Polarity.supposed, Polarity.feared)
"""In the order in which they count. A set of them would have another order in each process."""
_SPASMS: Final = ("cramp", "twitch")
_FAR: Final = 9
_REACH: Final = 6
_LEG: Final = "leg"
OTHER: Final = "other"


@dataclass(frozen=True, slots=True)
class Slot:
    """A value and the match that gave it."""

    value: str
    match: Match


def name(match: Match) -> str:
    """The concept's own name: ``cramp`` of ``complaint:cramp``."""
    return match.concept.partition(":")[2]


def without_inner(matches: Sequence[Match]) -> list[Match]:
    """The matches that don't lie within a longer one: of ``jari kaki`` and ``kaki`` the first."""
    sets = [frozenset(match.tokens) for match in matches]
    return [match for match, tokens in zip(matches, sets, strict=True) if not any(tokens < other for other in sets)]


def find_complaint(matches: Iterable[Match], polarity: Callable[[Match], Polarity], *, asks: bool) -> list[Match]:
    """The mentions of the complaint: the first of ``COMPLAINTS`` that is told, else that was there, else denied."""
    by_polarity: dict[Polarity, dict[str, list[Match]]] = {}
    for match in matches:
        by_polarity.setdefault(polarity(match), {}).setdefault(name(match), []).append(match)
    told: dict[str, list[Match]] = {}
    for one in _TOLD:
        for key, found in by_polarity.get(one, {}).items():
            told.setdefault(key, []).extend(found)
    denied = {**by_polarity.get(Polarity.absent, {}), **by_polarity.get(Polarity.gone, {})} if asks else {}
    for pool, keys in ((told, COMPLAINTS), (denied, _SPASMS)):
        for key in keys:
            if key in pool:
                return pool[key]
    return []


def find_body_part(complaint: Sequence[Match], parts: Sequence[Match], message: Message) -> Slot | None:
    """The most specific part in the sentence of the complaint, else the leg's part that is named anywhere."""
    if not complaint:
        # Without a complaint only a part of the leg says anything: a mouth that droops is a sign, not a place.
        parts = [part for part in parts if name(part) != OTHER]
    if not parts:
        return None
    near = [part for part in parts if _near(part, complaint, message)]
    for pool in (near, parts if not near else []):
        best = min(
            pool, key=lambda part: (_vagueness(part), _distance(part, complaint, message), part.first), default=None
        )
        if best:
            return Slot(name(best), best)
    return None


def _vagueness(part: Match) -> int:
    return {_LEG: 1, OTHER: 2}.get(name(part), 0)


def _near(part: Match, complaint: Sequence[Match], message: Message) -> bool:
    return any(_distance(part, [mention], message) <= _FAR for mention in complaint)


def _distance(one: Match, others: Sequence[Match], message: Message) -> int:
    return min((apart(one, other, message) for other in others), default=0)


def apart(one: Match, other: Match, message: Message) -> int:
    """How much stands between two matches, 0 where they touch or overlap."""
    if one.last < other.first:
        return message.distance(one.last, other.first)
    if other.last < one.first:
        return message.distance(other.last, one.first)
    return 0


def find_side(sides: Sequence[Match], part: Slot | None, complaint: Sequence[Match], message: Message) -> Slot | None:
    """The side nearest to the part; left and right together are both."""
    sides = without_inner([side for side in sides if not _is_refused(side, message)])
    if not sides:
        return None
    anchors = [part.match] if part else list(complaint)
    ranked = sorted(sides, key=lambda side: (_distance(side, anchors, message), side.first))
    best = ranked[0]
    for other in ranked[1:]:
        if {name(best), name(other)} == {"left", "right"} and apart(best, other, message) == 0:
            return Slot("both", best)
    return Slot(name(best), best)


def _is_refused(side: Match, message: Message) -> bool:
    """``bukan yang kanan``: nothing but particles between the word that sets right and the side."""
    if any(message.within(index, "correcting") for index in range(side.first + 1, side.last)):
        return True
    for index in range(side.first - 1, -1, -1):
        if message.gaps[index + 1]:
            return False
        if message.within(index, "correcting"):
            return True
        if message.weights[index] and not message.within(index, "leg_part"):
            return False
    return False


def find_recurrence(
    found: Sequence[Match], complaint: Sequence[Match], rivals: Sequence[Match], message: Message
) -> Slot | None:
    """The recurrence nearest to the complaint, unless it stands nearer to another sign (``muntah terus``)."""
    owned = [
        match
        for match in without_inner(found)
        if not (complaint and _is_out_of_reach(match, complaint, message))
        and not _belongs_elsewhere(match, complaint, rivals, message)
        and not _is_of_a_deed(match, message)
        and not _is_denied(match, message)
    ]
    if not owned:
        return None
    best = min(
        owned,
        key=lambda match: (_distance(match, complaint, message), -RECURRENCES.index(name(match)), match.first),
    )
    return Slot(name(best), best)


def _is_out_of_reach(match: Match, complaint: Sequence[Match], message: Message) -> bool:
    """``kadang`` of something else that is told far away; ``kadang muncul`` in a clause of its own is not."""
    following = match.last + 1
    if message.within(match.last, "then") and _goes_on(following, message):
        return True
    if _distance(match, complaint, message) <= _REACH:
        return False
    ends = following >= len(message) or message.gaps[following] > 0 or message.within(following, "comes")
    return not ends and name(match) != "single"


def _goes_on(index: int, message: Message) -> bool:
    """Whether what follows ``terus`` is the next thing that happened: ``kram terus dikasih garam``."""
    if index >= len(message) or message.gaps[index] or not message.weights[index]:
        return False
    if message.tokens[index].number is not None:
        return False
    return not message.within(index, "leg_part") and not message.within(index, "lasts")


def _is_denied(match: Match, message: Message) -> bool:
    """``kadang aja, ga tiap hari``."""
    before = match.first - 1
    return before >= 0 and not message.gaps[match.first] and message.within(before, "negation")


def _is_of_a_deed(match: Match, message: Message) -> bool:
    """``sering main hp``, ``tidur miring terus``: what is done often, not what comes often."""
    following, before = match.last + 1, match.first - 1
    if before >= 0 and message.within(match.last, "then") and message.within(before, "deed"):
        return True
    while following < len(message) and not message.gaps[following] and not message.weights[following]:
        following += 1
    return following < len(message) and not message.gaps[following] and message.within(following, "own_verb")


def _belongs_elsewhere(match: Match, complaint: Sequence[Match], rivals: Sequence[Match], message: Message) -> bool:
    if not rivals:
        return False
    rival = _distance(match, rivals, message)
    return rival <= 1 and (not complaint or _distance(match, complaint, message) > rival)


def nearest_time(times: Sequence[Time], anchors: Sequence[Match], message: Message) -> Time | None:
    """The time that stands nearest to what it is asked for."""

    def key(time: Time) -> tuple[int, int]:
        place = Match("time", "", tuple(range(time.first, time.last + 1)), 100.0)
        return _distance(place, anchors, message), time.first

    return min(times, key=key, default=None)


def owner(time: Time, matches: Sequence[Match], message: Message) -> Match | None:
    """The match that a time belongs to: the nearest in its clause."""
    place = Match("time", "", tuple(range(time.first, time.last + 1)), 100.0)
    return min(matches, key=lambda match: (apart(place, match, message), match.first), default=None)


PART_ORDER: Final[Mapping[str, int]] = {part: index for index, part in enumerate(BODY_PARTS)}
