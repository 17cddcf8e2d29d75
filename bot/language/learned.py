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
from struct import pack, unpack
from typing import Final

from bot.language.message import Message

INTENT: Final = "intent"
COMPLAINT: Final = "complaint"
EMERGENCY: Final = "emergency"
HEADS: Final = (INTENT, COMPLAINT, EMERGENCY)
"""What is judged, in the order of its weights."""

NONE: Final = "none"
"""The complaint of a message that tells none."""

URGENT, HARMLESS = "yes", "no"
"""The classes of ``EMERGENCY``."""

UNIT: Final = 100
"""Weights are whole hundredths."""

HEAVIEST: Final = 2**15 - 1
"""The largest weight, in hundredths, for or against."""

_LIFT: Final = HEAVIEST + 1
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


def packed(weights: Sequence[int]) -> int:
    """Weights as one number, 32 bits each, lifted above zero: so a hundred sums are made by one addition."""
    return int.from_bytes(pack(f"<{len(weights)}I", *(weight + _LIFT for weight in weights)), "little")


def unpacked(total: int, columns: int, count: int = 1) -> list[int]:
    """The ``columns`` sums in ``total``, which is the sum of ``count`` packed rows."""
    return [lifted - count * _LIFT for lifted in unpack(f"<{columns}I", total.to_bytes(4 * columns, "little"))]


@dataclass(frozen=True, slots=True)
class Learned:
    """``classes`` of each head. ``rows``: of each feature one weight for each class of each head, in that order,
    packed."""

    classes: Mapping[str, Sequence[str]] = field(default_factory=dict)
    rows: Mapping[str, int] = field(default_factory=dict)

    @property
    def columns(self) -> int:
        """How many classes there are."""
        return sum(map(len, self.classes.values()))

    def judge(self, message: Message) -> "Opinion":
        """The opinion on ``message``. Nothing learned gives no opinion."""
        return Opinion(self, features(message) if self.rows else (), sum(message.weights))

    def first_column(self, head: str) -> int:
        """Where the weights of the classes of ``head`` begin."""
        return sum(len(self.classes[before]) for before in HEADS[: HEADS.index(head)])


class Opinion:
    """How likely each class of each head is for one message. ``words`` counts those that mean something."""

    def __init__(self, learned: Learned, features: Iterable[tuple[str, int]], words: int = 0) -> None:
        self.words = words
        self._learned = learned
        self._known = [(feature, index) for feature, index in features if feature in learned.rows]

    @cached_property
    def _scores(self) -> list[float]:
        known = {feature for feature, _ in self._known}
        if not known:
            return []
        total = sum(map(self._learned.rows.__getitem__, known))
        scale = 1 / (UNIT * sqrt(len(known)))
        return [scale * weight for weight in unpacked(total, self._learned.columns, len(known))]

    def likelihoods(self, head: str) -> dict[str, float]:
        """Each class of ``head`` with its likelihood, 0 to 1, together 1. Nothing without an opinion."""
        if not self._scores:
            return {}
        first, classes = self._learned.first_column(head), self._learned.classes[head]
        scores = self._scores[first : first + len(classes)]
        return dict(zip(classes, likely(scores), strict=True))

    def weighed(self, head: str, found: str, voice: float, never: Sequence[str] = ()) -> tuple[str, float]:
        """The class of ``head``, where the rules say ``found`` and that counts as ``voice`` more; and its likelihood.
        ``never`` are not suggested."""
        odds = {name: odd for name, odd in self.likelihoods(head).items() if name not in never or name == found}
        best = max(odds, key=lambda name: odds[name] + voice * (name == found), default=found)
        return best, odds.get(best, 0.0)

    @property
    def danger(self) -> float | None:
        """How likely the message is an emergency, 0 to 1; None without an opinion."""
        return self.likelihoods(EMERGENCY).get(URGENT)

    @property
    def lean(self) -> float:
        """What a word, a pair or a group of the message weighs for an emergency in the mean; negative against it. A
        likelihood is the more extreme the longer the message, this is not."""
        if not self._scores:
            return 0.0
        first, classes = self._learned.first_column(EMERGENCY), self._learned.classes[EMERGENCY]
        scores = dict(zip(classes, self._scores[first:], strict=False))
        return (scores[URGENT] - scores[HARMLESS]) / sqrt(len({feature for feature, _ in self._known}))

    def token(self, head: str, name: str) -> int:
        """The token that speaks most for the class ``name`` of ``head``."""
        learned = self._learned
        column = learned.first_column(head) + list(learned.classes[head]).index(name)
        weight = {feature: unpacked(learned.rows[feature], learned.columns)[column] for feature, _ in self._known}
        return max(self._known, key=lambda each: (weight[each[0]], -each[1]))[1]


def likely(scores: Sequence[float]) -> list[float]:
    """Scores as likelihoods, together 1 (softmax)."""
    highest = max(scores)
    odds = [exp(score - highest) for score in scores]
    total = sum(odds)
    return [odd / total for odd in odds]
