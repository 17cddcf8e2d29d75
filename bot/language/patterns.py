"""The small language of the lexicon's patterns, and finding them in a message.

A pattern is a line of elements; all must stand near each other, in any order::

    nyeri|sakit dada             either word and the other
    mati_rasa @leg               a phrase (words side by side) and any word of the group ``leg``
    > darah batuk                in this order
    kejang !otot !betis          not where one of these stands near
    kaki dingin ~4               up to 4 words that mean something between them (2 where nothing is said)

Words are those of the lexicon, not as typed: spelling has been read before.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from sys import intern
from typing import Final, NamedTuple

from bot.language.message import Atoms, Message, Place

_GAP: Final = 2
_MOST_ANCHORS: Final = 12
_FORBIDDEN_REACH: Final = 3


@dataclass(frozen=True, slots=True)
class Pattern:
    """One compiled pattern. ``concept`` is what it tells of; ``anchor`` the index of its rarest element."""

    concept: str
    source: str
    elements: tuple[tuple[str, ...], ...]
    forbidden: tuple[str, ...]
    ordered: bool
    gap: int
    anchor: int
    negations: tuple[int, ...]


class Match(NamedTuple):
    """A pattern found. ``tokens`` are those that it used."""

    concept: str
    source: str
    tokens: tuple[int, ...]
    score: float

    @property
    def first(self) -> int:
        return self.tokens[0]

    @property
    def last(self) -> int:
        return self.tokens[-1]


class PatternError(ValueError):
    """A pattern that can't be read."""


def compile_pattern(concept: str, source: str, atoms: Atoms) -> Pattern:
    """Read one pattern. Raises ``PatternError``."""
    elements: list[tuple[str, ...]] = []
    forbidden: list[str] = []
    ordered, gap = False, _GAP
    for part in source.split():
        if part == ">":
            ordered = True
        elif part.startswith("~"):
            gap = int(part[1:])
        elif part.startswith("!"):
            forbidden += map(intern, part[1:].split("|"))
        else:
            elements.append(tuple(map(intern, part.split("|"))))
    if not elements:
        raise PatternError(f"pattern {source!r} has no word to find")
    for atom in (atom for element in (*elements, forbidden) for atom in element):
        if atom.startswith("@") and not atoms.members(atom[1:]):
            raise PatternError(f"pattern {source!r} names an unknown group {atom!r}")
        atoms.learn(atom)
    anchor = min(range(len(elements)), key=lambda index: _commonness(elements[index], atoms))
    denying = atoms.members("negation")
    negations = tuple(index for index, element in enumerate(elements) if denying.issuperset(_flat(element)))
    return Pattern(concept, source, tuple(elements), tuple(forbidden), ordered, gap, anchor, negations)


class Matcher:
    """Finds many patterns at once, by way of an index from each pattern's least used element.

    Each other element has a bit, so one ``&`` of integers tells whether a message holds something of all that a pattern
    needs. Nearly all patterns are passed by with that.
    """

    def __init__(self, patterns: Iterable[Pattern]) -> None:
        patterns = list(patterns)
        used = Counter(atom for pattern in patterns for element in pattern.elements for atom in element)
        bits: dict[tuple[str, ...], int] = {}
        index: dict[str, dict[int, list[tuple[int, Pattern]]]] = {}
        self._bits: dict[str, int] = {}
        for number, pattern in enumerate(patterns):
            key = min(pattern.elements, key=lambda element: sum(used[atom] for atom in element))
            needs = 0
            for element in set(pattern.elements) - {key}:
                needs |= bits.setdefault(element, 1 << len(bits))
            for atom in key:
                index.setdefault(atom, {}).setdefault(needs, []).append((number, pattern))
        self._index = {atom: tuple(groups.items()) for atom, groups in index.items()}
        """For each atom what else is needed, and the numbered patterns that it is enough for."""
        for element, bit in bits.items():
            for atom in element:
                self._bits[atom] = self._bits.get(atom, 0) | bit

    def find(self, message: Message) -> list[Match]:
        """Every match, in the order of the message."""
        found: dict[tuple[str, tuple[int, ...]], Match] = {}
        for atom, pattern in self._candidates(message):
            for place in _some(message.places[atom]):
                match = _match(pattern, place, message)
                if match:
                    found.setdefault((match.concept, match.tokens), match)
        return sorted(found.values(), key=lambda match: (match.tokens, match.concept))

    def _candidates(self, message: Message) -> list[tuple[str, Pattern]]:
        """The patterns of which all elements are there, each with an anchor, in the order of the anchors."""
        held = 0
        for atom in message.places:
            if atom in self._bits:
                held |= self._bits[atom]
        candidates = dict(
            chain.from_iterable(
                patterns
                for atom in message.places
                for needs, patterns in self._index.get(atom, ())
                if needs & held == needs
            )
        )
        if not candidates:
            return []
        ranks = {atom: rank for rank, atom in enumerate(message.places)}
        anchored = [
            (ranks[atom], number, atom)
            for number, pattern in candidates.items()
            for atom in pattern.elements[pattern.anchor]
            if atom in ranks
        ]
        return [(atom, candidates[number]) for _, number, atom in sorted(anchored)]


def _some(places: Sequence[Place]) -> Sequence[Place]:
    """The first and the last places: a word that is repeated a hundred times says no more than that."""
    if len(places) <= _MOST_ANCHORS:
        return places
    half = _MOST_ANCHORS // 2
    return [*places[:half], *places[-half:]]


def _match(pattern: Pattern, anchor: Place, message: Message) -> Match | None:
    places = _elements(pattern, anchor, message) if len(pattern.elements) > 1 else [anchor]
    if places is None:
        return None
    if len(places) == 1:
        used = list(range(anchor[0], anchor[1] + 1))
    else:
        if pattern.ordered and places != sorted(places):
            return None
        used = sorted({index for first, last in places for index in range(first, last + 1)})
        between = message.distance(used[0], used[-1]) - sum([message.weights[index] for index in used[1:-1]])
        if between > pattern.gap:
            return None
    for index in pattern.negations:
        if not _attached(places, index, message):
            return None
    if pattern.forbidden and _is_forbidden(pattern, used, message):
        return None
    return Match(pattern.concept, pattern.source, tuple(used), min([message.tokens[index].score for index in used]))


def _attached(places: Sequence[Place], index: int, message: Message) -> bool:
    """Whether the negation at ``index`` speaks of the element after it, the last one of the element before."""
    last = index + 1 == len(places)
    before, after = (places[index - 1], places[index]) if last else (places[index], places[index + 1])
    return before[1] < after[0] and message.distance(before[1], after[0]) == 0


def _flat(element: Sequence[str]) -> set[str]:
    """The words of an element, a group standing for itself."""
    return {"tidak" if atom == "@negation" else atom for atom in element}


def _elements(pattern: Pattern, anchor: Place, message: Message) -> list[Place] | None:
    """The places of the elements, in the pattern's order; None where one is not found."""
    places: list[Place] = []
    for index, element in enumerate(pattern.elements):
        if index == pattern.anchor:
            places.append(anchor)
            continue
        place = _nearest(element, anchor, message, after=pattern.ordered and index > pattern.anchor)
        if place is None or place in places:
            return None
        places.append(place)
    return places


def _nearest(element: tuple[str, ...], anchor: Place, message: Message, *, after: bool) -> Place | None:
    found = [message.nearest(atom, anchor, after=after) for atom in element if atom in message.places]
    candidates = [place for place in found if place]
    if len(candidates) < 2:
        return candidates[0] if candidates else None
    return min(candidates, key=lambda place: message.distance(place[0], anchor[0]))


def _is_forbidden(pattern: Pattern, used: Sequence[int], message: Message) -> bool:
    middle = (used[0], used[-1])
    for atom in pattern.forbidden:
        if atom not in message.places:
            continue
        for first, last in message.places[atom][:_MOST_ANCHORS]:
            if last > first and first <= used[-1] and last >= used[0] and not set(range(first, last + 1)) <= set(used):
                return True
            if used[0] <= first <= used[-1] and first not in used:
                return True
        place = message.nearest(atom, middle)
        if place and _is_close(place, middle, message):
            return True
    return False


def _is_close(place: Place, middle: Place, message: Message) -> bool:
    """Whether the place is a few words away, in the same clause."""
    first, last = (place[1], middle[0]) if place[1] < middle[0] else (middle[1], place[0])
    if message.distance(first, last) > _FORBIDDEN_REACH or any(message.gaps[first + 1 : last + 1]):
        return False
    # ``kejang terus betis kram``: what follows "then" is the next thing that happened.
    return not any(message.within(index, "then") for index in range(first + 1, last))


def _commonness(element: tuple[str, ...], atoms: Atoms) -> int:
    return sum(len(atoms.members(atom[1:])) * 2 if atom.startswith("@") else 1 for atom in element)
