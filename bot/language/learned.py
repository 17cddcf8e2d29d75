"""What labelled examples teach of a message: how likely each intent, each complaint, and an emergency is.

A second opinion, by a way of its own. The rules know what they were told; the examples know how people sound, in
words that no rule names. It is a linear model: each word, each pair of words and each group of words that was seen in
the examples weighs for or against each class, so what it decides can be explained by the words that decided.
``bot.training`` makes it, from ``knowledge/language/examples/``.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import exp, sqrt
from typing import Final

from bot.language.message import Message

INTENT: Final = "intent"
COMPLAINT: Final = "complaint"
EMERGENCY: Final = "emergency"
HEADS: Final = (INTENT, COMPLAINT, EMERGENCY)
"""What is judged. Of an emergency the classes are ``yes`` and ``no``."""

NONE: Final = "none"
"""The class of a message that tells no complaint."""

UNIT: Final = 100
"""Weights are whole hundredths."""

_ALWAYS: Final = ""
"""A feature of every message: how frequent each class is."""

_NUMBER: Final = "#"
_BEGIN, _END = "^", "$"
_FARTHEST: Final = 400
"""Tokens of a message that are judged."""


def features(message: Message) -> Iterator[tuple[str, int]]:
    """What of a message is weighed, each with the token where it stands: its words as they are meant, their pairs
    (numbers are one word), and the groups of the lexicon that they belong to."""
    yield _ALWAYS, 0
    before = _BEGIN
    for index, token in enumerate(message.tokens[:_FARTHEST]):
        word = token.word if token.number is None else _NUMBER
        yield word, index
        yield f"{before} {word}", index
        for group in message.groups[index]:
            yield f"@{group}", index
        before = word
    yield f"{before} {_END}", max(0, min(len(message), _FARTHEST) - 1)


@dataclass(frozen=True, slots=True)
class Learned:
    """``classes`` of each head, and of each feature one weight for each class of each head, in that order."""

    classes: Mapping[str, Sequence[str]] = field(default_factory=dict)
    weights: Mapping[str, Sequence[int]] = field(default_factory=dict)

    def judge(self, message: Message) -> "Opinion":
        """The opinion on ``message``. Nothing learned gives no opinion."""
        return Opinion(self, features(message) if self.weights else ())

    def columns(self, head: str) -> slice:
        """Where the weights of the classes of ``head`` stand."""
        first = 0
        for name in HEADS:
            after = first + len(self.classes.get(name, ()))
            if name == head:
                return slice(first, after)
            first = after
        raise KeyError(head)


class Opinion:
    """How likely each class of each head is for one message."""

    def __init__(self, learned: Learned, features: Iterable[tuple[str, int]]) -> None:
        self._learned = learned
        self._known = [(feature, index) for feature, index in features if feature in learned.weights]

    @cached_property
    def _scores(self) -> list[float]:
        known = dict(self._known)
        if not known:
            return []
        rows = [self._learned.weights[feature] for feature in known]
        scale = 1 / (UNIT * sqrt(len(rows)))
        return [scale * sum(column) for column in zip(*rows, strict=True)]

    def likelihoods(self, head: str) -> dict[str, float]:
        """Each class of ``head`` with its likelihood, 0 to 1, together 1."""
        if not self._scores:
            return {}
        scores = self._scores[self._learned.columns(head)]
        highest = max(scores)
        odds = [exp(score - highest) for score in scores]
        total = sum(odds)
        return {name: odd / total for name, odd in zip(self._learned.classes[head], odds, strict=True)}

    def weighed(self, head: str, found: str, voice: float, never: Sequence[str] = ()) -> tuple[str, float]:
        """The class of ``head``, where the rules say ``found`` and that counts as ``voice`` more; and its likelihood.
        ``never`` are not suggested."""
        likely = self.likelihoods(head)
        likely = {name: odds for name, odds in likely.items() if name not in never or name == found}
        best = max(likely, key=lambda name: likely[name] + voice * (name == found), default=found)
        return best, likely.get(best, 0.0)

    @property
    def danger(self) -> float | None:
        """How likely the message is an emergency, 0 to 1; None without an opinion."""
        return self.likelihoods(EMERGENCY).get("yes")

    def token(self, head: str, name: str) -> int:
        """The token that speaks most for the class ``name`` of ``head``."""
        place = self._learned.columns(head).start + list(self._learned.classes[head]).index(name)
        weights = self._learned.weights
        return max(self._known, key=lambda each: (weights[each[0]][place], -each[1]))[1]
