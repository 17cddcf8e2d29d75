"""Which topic of the knowledge a question is nearest to."""

import math
from collections.abc import Mapping, Sequence
from typing import Final

_MOST: Final = 16
_FLOOR: Final = 12.0
_UNKNOWN: Final = 0.5
"""The weight of a word that no topic knows."""

_LIKENESS: Final = 0.6
"""How much the likest example counts; the rest is how much of the question the topic speaks of anywhere."""


class TopicIndex:
    """Topics by the words of their texts: example questions, and what they say themselves. A word weighs the more, the
    fewer topics have it."""

    def __init__(self, topics: Mapping[str, Sequence[Sequence[str]]]) -> None:
        self._examples = [
            (topic, frozenset(words)) for topic, examples in topics.items() for words in examples if words
        ]
        self._index: dict[str, list[int]] = {}
        self._words: dict[str, set[str]] = {}
        for number, (topic, words) in enumerate(self._examples):
            self._words.setdefault(topic, set()).update(words)
            for word in words:
                self._index.setdefault(word, []).append(number)
        self._weight = {word: self._rarity(found) for word, found in self._index.items()}
        self._total = [self._sum(words) for _, words in self._examples]

    def rank(self, words: Sequence[str]) -> tuple[tuple[str, float], ...]:
        """The nearest topics, best first, each with its nearness (0..100)."""
        asked = frozenset(words)
        likest = self._likest(asked)
        scores = {topic: self._score(topic, likeness, asked) for topic, likeness in likest.items()}
        ranked = sorted(scores.items(), key=lambda item: (-item[1], item[0]))
        return tuple((topic, round(score, 1)) for topic, score in ranked[:_MOST] if score >= _FLOOR)

    def _likest(self, asked: frozenset[str]) -> dict[str, float]:
        """How like the question is to the likest text of each topic: the weight of what both say, of all that they
        say."""
        own = self._sum(asked)
        shared: dict[int, float] = {}
        for word in asked:
            for number in self._index.get(word, ()):
                shared[number] = shared.get(number, 0.0) + self._weight[word]
        likest: dict[str, float] = {}
        for number, weight in shared.items():
            topic = self._examples[number][0]
            likest[topic] = max(likest.get(topic, 0.0), 200 * weight / (own + self._total[number]))
        return likest

    def _score(self, topic: str, likeness: float, asked: frozenset[str]) -> float:
        spoken_of = 100 * self._sum(asked & self._words[topic]) / self._sum(asked)
        return _LIKENESS * likeness + (1 - _LIKENESS) * spoken_of

    def _rarity(self, found: Sequence[int]) -> float:
        topics = {self._examples[number][0] for number in found}
        return math.log(1 + len(self._words) / len(topics))

    def _sum(self, words: frozenset[str]) -> float:
        return sum(self._weight.get(word, _UNKNOWN) for word in words)
