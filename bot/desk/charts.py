"""Charts as inline SVG. Pure: numbers in, markup out; every word comes from the caller.

Widths are percentages and heights pixels, so a chart fills its place at any width and its letters stay as large as they
are. Nothing is styled here: the policy of the desk forbids style attributes, classes take their colours from the
tokens.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

TOP: Final = 18
"""Room above the plot for the number of its highest line."""

PLOT: Final = 160
FOOT: Final = 26
GUTTER: Final = 8.0
"""Percent of the width at the left, for the numbers of the lines."""

WIDEST: Final = 6.0
"""Percent of the width that a column takes at most."""

LINES: Final = 4
MOST_LABELS: Final = 7


@dataclass(frozen=True, slots=True)
class Series:
    """One part of each column. ``tone`` is the class that gives its colour."""

    name: str
    tone: str
    values: Sequence[int]


def columns(id: str, title: str, description: str, labels: Sequence[str], series: Sequence[Series]) -> Markup:
    """Stacked columns, one for each label. ``id`` is the element's; ``description`` says what is to be seen."""
    totals = [sum(part.values[place] for part in series) for place in range(len(labels))]
    step = _step(max(totals, default=0))
    top = step * max(1, math.ceil(max(totals, default=0) / step))
    content = Markup("").join(
        [
            Markup('<title id="{0}-title">{1}</title><desc id="{0}-desc">{2}</desc>').format(id, title, description),
            *(_line(value, top) for value in range(0, top + 1, step)),
            *(_column(place, labels, series, top) for place in range(len(labels))),
            *(_label(place, labels) for place in _labelled(len(labels))),
        ]
    )
    return Markup(
        '<svg class="chart" id="{0}" role="img" aria-labelledby="{0}-title {0}-desc" '
        'width="100%" height="{1}">{2}</svg>'
    ).format(id, TOP + PLOT + FOOT, content)


def bar(parts: Sequence[tuple[str, float]], whole: float) -> Markup:
    """One horizontal bar; ``parts`` are tones with their values. It stands beside its numbers and repeats them only."""
    pieces, at = [], 0.0
    for tone, value in parts:
        width = _percent(value, whole)
        if width:
            pieces.append(_rect(f"part {tone}", at, width, 0, 10))
        at += width
    inner = Markup("").join(pieces)
    return Markup('<svg class="bar-line" width="100%" height="10" aria-hidden="true">{}{}</svg>').format(
        Markup('<rect class="track" width="100%" height="10"/>'), inner
    )


def _column(place: int, labels: Sequence[str], series: Sequence[Series], top: int) -> Markup:
    """A column with its numbers for whoever points at it."""
    slot = (100 - GUTTER) / len(labels)
    width = min(slot * 0.72, WIDEST)
    x = GUTTER + slot * place + (slot - width) / 2
    told = [f"{part.name} {part.values[place]}" for part in series if part.values[place]]
    parts, floor = [_rect("hit", GUTTER + slot * place, slot, TOP, PLOT)], float(TOP + PLOT)
    for part in series:
        height = PLOT * part.values[place] / top
        floor -= height
        if height:
            # A thin gap tells parts apart that look alike to somebody.
            parts.append(_rect(f"part {part.tone}", x, width, floor, max(1.0, height - 1)))
    tip = f"{labels[place]}: {', '.join(told) or '0'}"
    return Markup('<g class="column"><title>{}</title>{}</g>').format(tip, Markup("").join(parts))


def _line(value: int, top: int) -> Markup:
    y = TOP + PLOT * (1 - value / top)
    return Markup(
        '<line class="grid" x1="{0}%" x2="100%" y1="{1}" y2="{1}"/>'
        '<text class="axis" x="{2}%" y="{3}" text-anchor="end">{4}</text>'
    ).format(_short(GUTTER), _short(y), _short(GUTTER - 1), _short(y + 4), short_number(value))


def _label(place: int, labels: Sequence[str]) -> Markup:
    x = GUTTER + (100 - GUTTER) / len(labels) * (place + 0.5)
    anchor = "end" if x > 96 else "middle"
    return Markup('<text class="axis" x="{}%" y="{}" text-anchor="{}">{}</text>').format(
        _short(100 if anchor == "end" else x), TOP + PLOT + 18, anchor, labels[place]
    )


def _labelled(count: int) -> range:
    """Which columns have their label written: as many as a phone has room for."""
    return range(0, count, max(1, math.ceil(count / MOST_LABELS)))


def _rect(tone: str, x: float, width: float, y: float, height: float) -> Markup:
    return Markup('<rect class="{}" x="{}%" width="{}%" y="{}" height="{}"/>').format(
        tone, _short(x), _short(width), _short(y), _short(height)
    )


def _step(most: int) -> int:
    """The distance of the lines: 1, 2 or 5 and zeros, so that there are about four."""
    rough = max(1.0, most / LINES)
    unit = 10 ** math.floor(math.log10(rough))
    return int(next(unit * times for times in (1, 2, 5, 10) if unit * times >= rough))


def _percent(value: float, whole: float) -> float:
    return 100 * value / whole if whole else 0.0


def _short(number: float) -> str:
    return f"{number:.2f}".rstrip("0").rstrip(".")


def short_number(number: int) -> str:
    """As people in Indonesia write it: "1.200", and "12rb" where it would be long."""
    return f"{number // 1000}rb" if number >= 10_000 and number % 1000 == 0 else f"{number:,}".replace(",", ".")
