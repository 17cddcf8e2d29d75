"""What patients said and the bot did not understand, counted. Pure."""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

SHOWN: Final = 30
LONGEST: Final = 140


@dataclass(frozen=True, slots=True)
class Phrase:
    """Something that was said and not understood, in how many ``conversations`` and how many ``times``."""

    text: str
    conversations: tuple[str, ...]
    times: int


_LINK: Final = re.compile(r"https?://\S+|www\.\S+|\S+@\S+|@\w{3,}")
_DIGITS: Final = re.compile(r"\d(?:[\d .,:/+-]*\d)?")
_STRETCHED: Final = re.compile(r"([^\W\d_])\1{2,}")


def phrase_of(text: str) -> str:
    """A message as it is counted: in small letters, without numbers, addresses and what differs by mood alone."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    plain = "".join(letter if letter.isprintable() else " " for letter in plain)
    plain = _STRETCHED.sub(r"\1", _DIGITS.sub("#", _LINK.sub("…", plain)))
    words = " ".join(plain.split()).strip(" .,!?;:\"'")
    return words if len(words) <= LONGEST else f"{words[:LONGEST].rstrip()}…"


def phrases_of(said: Iterable[tuple[str, str]]) -> Sequence[Phrase]:
    """The commonest phrases of messages, given with their conversations: those first that most people said."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for conversation, text in said:
        phrase = phrase_of(text)
        if phrase:
            found[phrase][conversation] += 1
    phrases = [Phrase(text, tuple(who), who.total()) for text, who in found.items()]
    phrases.sort(key=lambda phrase: (-len(phrase.conversations), -phrase.times, phrase.text))
    return phrases[:SHOWN]
