"""Which topic of the knowledge a question is nearest to."""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
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
        examples = [(topic, frozenset(words)) for topic, texts in topics.items() for words in texts if words]
        self._topics = [topic for topic, _ in examples]
        self._count = len(set(self._topics))
        self._index: dict[str, list[int]] = {}
        for number, (_, words) in enumerate(examples):
            for word in sorted(words):
                self._index.setdefault(word, []).append(number)
        self._spoken = {word: {self._topics[number] for number in numbers} for word, numbers in self._index.items()}
        self._weight = {word: self._rarity(spoken) for word, spoken in self._spoken.items()}
        self._total = [self._sum(sorted(words)) for _, words in examples]

    def rank(self, words: Sequence[str]) -> tuple[tuple[str, float], ...]:
        """The nearest topics, best first, each with its nearness (0..100)."""
        asked = list(dict.fromkeys(words))
        own = self._sum(asked)
        spoken: dict[str, float] = defaultdict(float)
        for word in asked:
            for topic in self._spoken.get(word, ()):
                spoken[topic] += self._weight[word]
        scores = [
            (_LIKENESS * likeness + (1 - _LIKENESS) * 100 * spoken[topic] / own, topic)
            for topic, likeness in self._likest(asked, own).items()
        ]
        near = sorted((-score, topic) for score, topic in scores if score >= _FLOOR)[:_MOST]
        return tuple((topic, round(-score, 1)) for score, topic in near)

    def _likest(self, asked: Sequence[str], own: float) -> dict[str, float]:
        """How like the question is to the likest text of each topic: the weight of what both say, of all that they
        say."""
        shared = [0.0] * len(self._total)
        known = [word for word in asked if word in self._index]
        for word in known:
            weight = self._weight[word]
            for number in self._index[word]:
                shared[number] += weight
        likest: dict[str, float] = {}
        for number in set().union(*(self._index[word] for word in known)):
            likeness, topic = 200 * shared[number] / (own + self._total[number]), self._topics[number]
            if likeness > likest.get(topic, 0.0):
                likest[topic] = likeness
        return likest

    def _rarity(self, spoken: Set[str]) -> float:
        return math.log(1 + self._count / len(spoken))

    def _sum(self, words: Iterable[str]) -> float:
        return sum(self._weight.get(word, _UNKNOWN) for word in words)
