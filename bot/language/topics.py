"""Which topic of the knowledge a question is nearest to."""

import math
from collections.abc import Mapping, Sequence
from typing import Final

_MOST: Final = 5
_FLOOR: Final = 12.0


class TopicIndex:
    """Topics by the words of their example questions, rare words weighing more."""

    def __init__(self, topics: Mapping[str, Sequence[Sequence[str]]]) -> None:
        self._examples = [
            (topic, frozenset(words)) for topic, examples in topics.items() for words in examples if words
        ]
        self._index: dict[str, list[int]] = {}
        for number, (_, words) in enumerate(self._examples):
            for word in words:
                self._index.setdefault(word, []).append(number)
        self._weight = {word: math.log(1 + len(self._examples) / len(found)) for word, found in self._index.items()}
        self._total = [sum(self._weight[word] for word in words) for _, words in self._examples]

    def rank(self, words: Sequence[str]) -> tuple[tuple[str, float], ...]:
        """The nearest topics, best first, each with its nearness (0..100)."""
        if not self._examples:
            return ()
        asked = dict.fromkeys(words)
        own = sum(self._weight.get(word, 0.5) for word in asked)
        shared: dict[int, float] = {}
        for word in asked:
            for number in self._index.get(word, ()):
                shared[number] = shared.get(number, 0.0) + self._weight[word]
        best: dict[str, float] = {}
        for number, weight in shared.items():
            topic = self._examples[number][0]
            best[topic] = max(best.get(topic, 0.0), 200 * weight / (own + self._total[number]))
        ranked = sorted(best.items(), key=lambda item: (-item[1], item[0]))
        return tuple((topic, round(score, 1)) for topic, score in ranked[:_MOST] if score >= _FLOOR)
