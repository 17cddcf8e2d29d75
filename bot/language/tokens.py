"""Characters to raw tokens: words, numbers and breaks, each with its place in the message."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Final

SENTENCE: Final = 2
COMMA: Final = 1

_TOKEN = re.compile(
    r"(?P<number>\d+(?:[.,:]\d+)*)"
    r"|(?P<word>[^\W\d_]+(?:['’`´][^\W\d_]+)*)"
    r"|(?P<other>[^\w\s]|\n|_)"
)
_REDUPLICATED = re.compile(r"([^\W\d_]{2,})[2²](?:x(?![^\W\d_])|(?=nya|ny|an|tan|in|[^\w]|_|$))")
_ORDINAL, _SECOND = "ke", "dua"
_LEET = re.compile(r"(?<=[^\W\d_])[013457](?=[^\W\d_])")
_LEET_LETTERS = str.maketrans("013457", "oieast")
_MEANING_LETTERS: Final = frozenset("0123457")
"""Digits that may stand for letters, or for a word written twice."""

_FIRST_YEAR: Final = 1950
_LAST_YEAR: Final = 2100
_STRETCHED = re.compile(r"([^\W\d_])\1{2,}")
_BREAKS: Final = {",": COMMA, ";": COMMA, ":": COMMA, "/": COMMA, "(": COMMA, ")": COMMA, "-": 0}
_SENTENCE_ENDS: Final = frozenset(".!?\n…")


@dataclass(slots=True)
class Token:
    """A word or a number as typed. ``gap`` is the break before it, ``asked`` whether a ``?`` follows.

    ``word`` is the lexicon's word for it, filled in by spelling; ``score`` how near what was typed is to it (0..100).
    """

    surface: str
    start: int
    end: int
    gap: int = 0
    asked: bool = False
    number: float | None = None
    word: str = ""
    score: float = 100.0
    dashed: bool = False


def is_year(token: Token) -> bool:
    """Whether the token is a year of the calendar."""
    return token.number is not None and _FIRST_YEAR <= token.number < _LAST_YEAR


def tokenize(text: str, emoji: Mapping[str, str]) -> list[Token]:
    """The tokens of ``text``. Spans are places in ``text`` itself, whatever normalisation did to it."""
    plain, places = _normalised(text, emoji)
    tokens: list[Token] = []
    gap = 0
    dash = False
    for found in _TOKEN.finditer(plain):
        if found.lastgroup == "other":
            mark = found[0]
            dash = mark == "-"
            if mark in _SENTENCE_ENDS:
                gap = SENTENCE
                if mark == "?" and tokens:
                    tokens[-1].asked = True
            else:
                gap = max(gap, _BREAKS.get(mark, 0))
            continue
        first, last = found.span()
        token = Token(
            found[0],
            start=places[first] if places else first,
            end=places[last - 1] + 1 if places else last,
            gap=gap,
            number=_number(found[0]) if found.lastgroup == "number" else None,
            dashed=dash and _touches(plain, found),
        )
        tokens.append(token)
        gap, dash = 0, False
    return tokens


def _touches(plain: str, found: re.Match[str]) -> bool:
    return found.start() > 1 and plain[found.start() - 1] == "-" and not plain[found.start() - 2].isspace()


def _normalised(text: str, emoji: Mapping[str, str]) -> tuple[str, list[int] | None]:
    """Lower-case compatibility form with reduplication written out, and for each character its place in ``text``."""
    plain, places = (text.lower(), None) if text.isascii() else _folded(text, emoji)
    if not _MEANING_LETTERS.isdisjoint(plain):
        if places is None:
            places = list(range(len(plain)))
        plain, places = _spelt_out(plain, places)
    return plain, places


def _folded(text: str, emoji: Mapping[str, str]) -> tuple[str, list[int]]:
    letters: list[str] = []
    places: list[int] = []
    for place, letter in enumerate(text):
        folded = f" {emoji[letter]} " if letter in emoji else _fold(letter)
        letters.append(folded)
        places.extend([place] * len(folded))
    return "".join(letters), places


@lru_cache(4096)
def _fold(letter: str) -> str:
    if letter in "½¼¾":
        return {"½": "0.5", "¼": "0.25", "¾": "0.75"}[letter]
    folded = unicodedata.normalize("NFKD", letter).lower()
    return "".join(part for part in folded if (not unicodedata.combining(part) and part.isprintable()) or part == "\n")


def _spelt_out(plain: str, places: list[int]) -> tuple[str, list[int]]:
    """``kedut2`` as ``kedut``, ``s4kit`` as ``sakit``, both keeping their places."""
    pieces: list[str] = []
    kept: list[int] = []
    last = 0
    for found in _REDUPLICATED.finditer(plain):
        cut = found.end(1)
        pieces.append(plain[last:cut])
        kept.extend(places[last:cut])
        if found[1] == _ORDINAL:
            pieces.append(_SECOND)
            kept.extend([places[cut]] * len(_SECOND))
        last = found.end()
    pieces.append(plain[last:])
    kept.extend(places[last:])
    joined = "".join(pieces)
    return _LEET.sub(lambda digit: digit[0].translate(_LEET_LETTERS), joined), kept


def _number(written: str) -> float | None:
    """``2,5`` and ``2.5`` are two and a half; ``1.000`` a thousand; a time of day is no number."""
    if ":" in written or len(written) > 9:
        return None
    whole, *rest = re.split("[.,]", written)
    if not rest:
        return float(whole)
    if len(rest) == 1 and len(rest[0]) < 3:
        return float(f"{whole}.{rest[0]}")
    return float("".join([whole, *rest]))


def unstretched(word: str) -> str:
    """``sakiiiit`` as ``sakit``."""
    return _STRETCHED.sub(r"\1", word)


def undoubled(word: str) -> str:
    """``dadaa`` as ``dada``."""
    return "".join([word[0], *(b for a, b in pairwise(word) if a != b)])
