"""A message as numbered words with their places, ready for patterns."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from typing import Final

from bot.language.tokens import COMMA, SENTENCE, Token

SENTENCE_COST: Final = 50
CONTRAST_COST: Final = 4
Place = tuple[int, int]
"""First and last token."""


class Message:
    """The tokens of a message. ``places`` has, for each atom (a word, a phrase or a group), where it stands."""

    def __init__(self, text: str, tokens: Sequence[Token], atoms: "Atoms") -> None:
        self.text = text
        self.tokens = tokens
        self.words = [token.word for token in tokens]
        self.gaps = [token.gap for token in tokens]
        self._groups = atoms.groups
        self.places = atoms.places(self.words, self.gaps)
        self.weights = [0 if word in atoms.plain else 1 for word in self.words]
        contrast = atoms.members("contrast")
        self._cost = list(
            accumulate(
                weight
                + (SENTENCE_COST if gap == SENTENCE else gap == COMMA)
                + (CONTRAST_COST if word in contrast else 0)
                for word, gap, weight in zip(self.words, self.gaps, self.weights, strict=True)
            )
        )

    def __len__(self) -> int:
        return len(self.words)

    def within(self, index: int, group: str) -> bool:
        """Whether the word at ``index`` belongs to ``group``."""
        return group in self._groups.get(self.words[index], ())

    def has(self, *atoms: str) -> bool:
        """Whether any of the atoms stands in the message."""
        return any(atom in self.places for atom in atoms)

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
        for atom in self.groups:
            self.learn(atom)

    def members(self, group: str) -> frozenset[str]:
        """The words and phrases of a group, those of its inner groups too."""
        return self._members.get(group, frozenset())

    def learn(self, atom: str) -> None:
        """Know the phrase ``atom`` if it is one."""
        words = tuple(atom.split("_"))
        if len(words) > 1 and not atom.startswith("@"):
            phrases = self._phrases.setdefault(words[0], [])
            if (words, atom) not in phrases:
                phrases.append((words, atom))

    def places(self, words: Sequence[str], gaps: Sequence[int]) -> dict[str, list[Place]]:
        """Where each atom stands, in order. ``^word`` and ``word$`` are words that begin or end a clause."""
        found: dict[str, list[Place]] = {}
        ends = self._ends(words, gaps)
        for index, word in enumerate(words):
            place = (index, index)
            self._note(found, word, place)
            if gaps[index] or not index:
                self._note(found, "^" + word, place)
            if ends[index]:
                self._note(found, word + "$", place)
            for phrase, atom in self._phrases.get(word, ()):
                last = index + len(phrase)
                if tuple(words[index:last]) == phrase:
                    self._note(found, atom, (index, last - 1))
        return found

    def _note(self, found: dict[str, list[Place]], atom: str, place: Place) -> None:
        found.setdefault(atom, []).append(place)
        for group in self.groups.get(atom, ()):
            spots = found.setdefault("@" + group, [])
            if not spots or spots[-1] != place:
                spots.append(place)

    def _ends(self, words: Sequence[str], gaps: Sequence[int]) -> list[bool]:
        """Whether nothing but particles stands between each word and the end of its clause."""
        ends = [True] * len(words)
        for index in range(len(words) - 2, -1, -1):
            trailing = "particle" in self.groups.get(words[index + 1], ()) and ends[index + 1]
            ends[index] = gaps[index + 1] > 0 or trailing
        return ends


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
    return {word: tuple(names) for word, names in groups.items()}
