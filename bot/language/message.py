"""A message as numbered words with their places, ready for patterns."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import accumulate
from sys import intern
from typing import Final, NamedTuple

from bot.language.tokens import COMMA, SENTENCE, Token

SENTENCE_COST: Final = 50
CONTRAST_COST: Final = 4
_GAP_COSTS: Final = {0: 0, COMMA: 1, SENTENCE: SENTENCE_COST}
_WORDS_REMEMBERED: Final = 20_000
_LONGEST_REMEMBERED: Final = 40
Place = tuple[int, int]
"""First and last token."""


class Word(NamedTuple):
    """All that is known of a word wherever it stands.

    ``weight``: whether it means something; ``cost`` what it adds to a distance. ``atoms`` are those that stand where
    it does, ``opening`` and ``closing`` those only at the beginning and the end of a clause, ``phrases`` those that it
    is the first word of, by their second.
    """

    weight: int
    cost: int
    groups: frozenset[str]
    atoms: tuple[str, ...]
    opening: tuple[str, ...]
    closing: tuple[str, ...]
    phrases: Mapping[str, Sequence[tuple[tuple[str, ...], tuple[str, ...]]]]


class Message:
    """The tokens of a message. ``places`` has, for each atom (a word, a phrase or a group), where it stands."""

    def __init__(self, text: str, tokens: Sequence[Token], atoms: "Atoms") -> None:
        self.text = text
        self.tokens = tokens
        self.words = [token.word for token in tokens]
        self.gaps = [token.gap for token in tokens]
        known = [atoms.word(word) for word in self.words]
        self.places = atoms.places(self.words, self.gaps, known)
        self.weights = [word.weight for word in known]
        self.groups = [word.groups for word in known]
        self._cost = list(accumulate(word.cost + _GAP_COSTS[gap] for word, gap in zip(known, self.gaps, strict=True)))

    def __len__(self) -> int:
        return len(self.words)

    def within(self, index: int, group: str) -> bool:
        """Whether the word at ``index`` belongs to ``group``."""
        return group in self.groups[index]

    def has(self, *atoms: str) -> bool:
        """Whether any of the atoms stands in the message."""
        return not self.places.keys().isdisjoint(atoms)

    def distance(self, first: int, last: int) -> int:
        """What stands between two tokens: one for each word that means something, more for a break."""
        low, high = (first, last) if first <= last else (last, first)
        return self._cost[high] - self._cost[low] - self.weights[high] if high > low else 0

    def same_sentence(self, first: int, last: int) -> bool:
        """Whether no end of a sentence stands between two tokens."""
        return self.distance(first, last) < SENTENCE_COST

    def nearest(self, atom: str, place: Place, *, after: bool = False) -> Place | None:
        """The place of ``atom`` that is nearest to ``place`` and apart from it."""
        found = self.places.get(atom)
        if not found:
            return None
        if len(found) == 1:
            spot = found[0]
            return spot if spot[0] > place[1] or (spot[1] < place[0] and not after) else None
        index = bisect_left(found, place)
        right = next((spot for spot in found[index : index + 3] if spot[0] > place[1]), None)
        left = next((spot for spot in reversed(found[max(0, index - 3) : index]) if spot[1] < place[0]), None)
        if right is None or after:
            return right if after else left
        if left is None:
            return right
        return left if self.distance(left[1], place[0]) < self.distance(place[1], right[0]) else right

    def span(self, first: int, last: int) -> tuple[int, int]:
        """The characters from one token to another."""
        return self.tokens[first].start, max(token.end for token in self.tokens[first : last + 1])


class Atoms:
    """What patterns are made of: words, phrases (``mati_rasa``) and groups (``@leg``)."""

    def __init__(self, groups: Mapping[str, Sequence[str]], plain: frozenset[str]) -> None:
        self.plain = plain
        self._members = {name: frozenset(_expanded(name, groups, ())) for name in groups}
        self.groups = _inverted(self._members)
        self._phrases: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        self._clausal: set[str] = set()
        self._remembered = lru_cache(_WORDS_REMEMBERED)(self._word)
        for atom in self.groups:
            self.learn(atom)

    def members(self, group: str) -> frozenset[str]:
        """The words and phrases of a group, those of its inner groups too."""
        return self._members.get(group, frozenset())

    def learn(self, atom: str) -> None:
        """Know the phrase ``atom`` if it is one, and a word that is wanted only where a clause begins or ends."""
        self._remembered.cache_clear()
        words = tuple(atom.split("_"))
        if atom.startswith("^") or atom.endswith("$"):
            self._clausal.add(atom)
        if len(words) > 1 and not atom.startswith("@"):
            phrases = self._phrases.setdefault(words[0], [])
            if (words, atom) not in phrases:
                phrases.append((words, atom))

    def word(self, word: str) -> Word:
        """What is known of ``word``."""
        return self._remembered(word) if len(word) <= _LONGEST_REMEMBERED else self._word(word)

    def _word(self, word: str) -> Word:
        weight, groups = int(word not in self.plain), frozenset(self.groups.get(word, ()))
        return Word(
            weight=weight,
            cost=weight + (CONTRAST_COST if "contrast" in groups else 0),
            groups=groups,
            atoms=self._with_groups(word),
            opening=self._with_groups("^" + word) if "^" + word in self._clausal else (),
            closing=self._with_groups(word + "$") if word + "$" in self._clausal else (),
            phrases=self._phrases_from(word),
        )

    def _phrases_from(self, first: str) -> dict[str, list[tuple[tuple[str, ...], tuple[str, ...]]]]:
        phrases: dict[str, list[tuple[tuple[str, ...], tuple[str, ...]]]] = {}
        for words, atom in self._phrases.get(first, ()):
            phrases.setdefault(words[1], []).append((words, self._with_groups(atom)))
        return phrases

    def _with_groups(self, atom: str) -> tuple[str, ...]:
        # Interned, like those of the patterns: what is equal is the same, and a look into a table compares no letters.
        return (intern(atom), *(intern("@" + group) for group in self.groups.get(atom, ())))

    def places(self, words: Sequence[str], gaps: Sequence[int], known: Sequence[Word]) -> dict[str, list[Place]]:
        """Where each atom stands, in order. ``^word`` and ``word$`` are words that begin or end a clause."""
        found: dict[str, list[Place]] = {}
        ends = self._ends(gaps, known)
        for index, word in enumerate(known):
            place = (index, index)
            _note(found, word.atoms, place)
            if word.opening and (gaps[index] or not index):
                _note(found, word.opening, place)
            if word.closing and ends[index]:
                _note(found, word.closing, place)
            if not word.phrases or index + 1 == len(words):
                continue
            for phrase, atoms in word.phrases.get(words[index + 1], ()):
                last = index + len(phrase)
                if tuple(words[index:last]) == phrase:
                    _note(found, atoms, (index, last - 1))
        return found

    def _ends(self, gaps: Sequence[int], known: Sequence[Word]) -> list[bool]:
        """Whether nothing but particles stands between each word and the end of its clause."""
        ends = [True] * len(known)
        for index in range(len(known) - 2, -1, -1):
            ends[index] = gaps[index + 1] > 0 or (ends[index + 1] and "particle" in known[index + 1].groups)
        return ends


def _note(found: dict[str, list[Place]], atoms: Sequence[str], place: Place) -> None:
    for atom in atoms:
        spots = found.get(atom)
        if spots is None:
            found[atom] = [place]
        elif spots[-1] != place:
            spots.append(place)


def _expanded(name: str, groups: Mapping[str, Sequence[str]], inside: tuple[str, ...]) -> Iterator[str]:
    if name in inside:
        raise ValueError(f"group {name!r} contains itself")
    for member in groups[name]:
        if member.startswith("@"):
            yield from _expanded(member[1:], groups, (*inside, name))
        else:
            yield member


def _inverted(members: Mapping[str, frozenset[str]]) -> dict[str, tuple[str, ...]]:
    groups: dict[str, list[str]] = {}
    for name, words in members.items():
        for word in words:
            groups.setdefault(word, []).append(name)
    return {word: tuple(map(intern, names)) for word, names in groups.items()}
