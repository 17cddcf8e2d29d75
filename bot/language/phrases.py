"""The phrase bank: sentences of every intent, found again exactly or nearly."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from rapidfuzz import fuzz

_CANDIDATES: Final = 12
_LONGEST: Final = 14


@dataclass(frozen=True, slots=True)
class Phrase:
    """A sentence of the bank, as words of the lexicon."""

    intent: str
    text: str
    words: tuple[str, ...]


class PhraseBank:
    """Finds the phrase that a message is nearest to, by way of an index from words to phrases."""

    def __init__(self, phrases: Sequence[Phrase]) -> None:
        self._exact = {phrase.words: phrase for phrase in reversed(phrases) if phrase.words}
        self._index: dict[str, list[int]] = {}
        self._phrases = phrases
        self._joined = [" ".join(phrase.words) for phrase in phrases]
        for number, phrase in enumerate(phrases):
            for word in set(phrase.words):
                self._index.setdefault(word, []).append(number)

    def exact(self, words: Sequence[str]) -> Phrase | None:
        """The phrase with exactly these words."""
        return self._exact.get(tuple(words))

    def nearest(self, words: Sequence[str]) -> tuple[Phrase, float] | None:
        """The nearest phrase and how near (0..100)."""
        if not words or len(words) > _LONGEST:
            return None
        wanted = " ".join(words)
        scored = [(fuzz.ratio(wanted, self._joined[number]), -number) for number in self._candidates(words)]
        if not scored:
            return None
        score, number = max(scored)
        return self._phrases[-number], score

    def _candidates(self, words: Sequence[str]) -> list[int]:
        """The phrases that share most with the words, rare words counting more."""
        shared: dict[int, float] = {}
        for word in set(words):
            numbers = self._index.get(word, ())
            for number in numbers:
                shared[number] = shared.get(number, 0.0) + 1 / len(numbers)
        return sorted(shared, key=lambda number: -shared[number])[:_CANDIDATES]


def as_phrases(bank: Mapping[str, Sequence[str]]) -> list[tuple[str, str]]:
    """The (intent, text) pairs of the bank."""
    return [(intent, text) for intent, texts in bank.items() for text in texts]
