"""Learns from labelled examples: logistic regression, each weight with a step of its own (AdaGrad: Duchi, Hazan,
Singer, "Adaptive subgradient methods for online learning and stochastic optimization", JMLR 12, 2011)."""

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Final

from bot.language.learned import HEADS, HEAVIEST, UNIT, Learned, Opinion, likely, packed

_LEAST: Final = 2
"""Examples that a feature must stand in: what one person wrote once teaches nothing."""

_ROUNDS: Final = 10
_RATE: Final = 0.3
_SMALL: Final = 0.002
"""An error that teaches nothing more."""

_SEED: Final = 7

Lesson = tuple[Sequence[int], int]
"""The numbers of an example's features, and that of its class."""


@dataclass(frozen=True, slots=True)
class Example:
    """One message: its features, and its class for each head that somebody judged. ``also`` are other right ones."""

    features: frozenset[str]
    labels: Mapping[str, str]
    also: frozenset[str] = frozenset()


def learn(examples: Sequence[Example]) -> Learned:
    """What ``examples`` teach. The same examples in the same order teach the same."""
    counted = Counter(feature for example in examples for feature in example.features)
    known = sorted(feature for feature, count in counted.items() if count >= _LEAST)
    classes = {head: _classes(examples, head) for head in HEADS}
    heads = [_head(examples, head, classes[head], known) for head in HEADS]
    rows = {}
    for number, feature in enumerate(known):
        weights = [round(UNIT * weight) for head in heads for weight in head[number]]
        if any(weights):
            rows[feature] = packed([max(-HEAVIEST, min(HEAVIEST, weight)) for weight in weights])
    return Learned(classes, rows)


def tried(examples: Sequence[Example], parts: int) -> dict[str, Counter[tuple[str, bool]]]:
    """For each head, how often which class was judged rightly: each example by what all but its own of ``parts`` parts
    teach."""
    found: dict[str, Counter[tuple[str, bool]]] = {head: Counter() for head in HEADS}
    for part in range(parts):
        learned = learn([example for number, example in enumerate(examples) if number % parts != part])
        for example in examples[part::parts]:
            opinion = Opinion(learned, ((feature, 0) for feature in example.features))
            for head, right in example.labels.items():
                odds = opinion.likelihoods(head)
                found[head][right, max(odds, key=lambda name: odds[name]) in {right, *example.also}] += 1
    return found


def _classes(examples: Sequence[Example], head: str) -> tuple[str, ...]:
    return tuple(sorted({example.labels[head] for example in examples if head in example.labels}))


def _head(examples: Sequence[Example], head: str, classes: Sequence[str], known: Sequence[str]) -> list[list[float]]:
    """The weights of every known feature for each of ``classes``."""
    numbers = {feature: number for number, feature in enumerate(known)}
    places = {name: place for place, name in enumerate(classes)}
    lessons: list[Lesson] = [
        (
            sorted(numbers[feature] for feature in example.features if feature in numbers),
            places[example.labels[head]],
        )
        for example in examples
        if head in example.labels
    ]
    weights = [[0.0] * len(classes) for _ in known]
    steps = [[1e-8] * len(classes) for _ in known]
    order = random.Random(_SEED)  # noqa: S311 - an order, no secret
    for _ in range(_ROUNDS):
        order.shuffle(lessons)
        for lesson in lessons:
            _correct(weights, steps, lesson)
    return weights


def _correct(weights: list[list[float]], steps: list[list[float]], lesson: Lesson) -> None:
    """Move the weights of one example's features towards its class."""
    numbers, right = lesson
    scale = 1 / sqrt(len(numbers))
    scores = [scale * sum(column) for column in zip(*(weights[number] for number in numbers), strict=True)]
    errors = [(place, odd - (place == right)) for place, odd in enumerate(likely(scores))]
    errors = [(place, error) for place, error in errors if abs(error) > _SMALL]
    for number in numbers:
        row, step = weights[number], steps[number]
        for place, error in errors:
            step[place] += error * error
            row[place] -= _RATE * error / sqrt(step[place])
