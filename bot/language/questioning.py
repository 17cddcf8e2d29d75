"""Whether a message asks by its words, whatever it is read as: ``kurang minum bisa kedutan ga``, ``pijat boleh ya``."""

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

_WORD = re.compile(r"\w+")


class Asked(NamedTuple):
    """How a message asks. ``openly``: by a question mark or a question word; ``tagged``: by a verb with its tag
    (``boleh ga``); ``softly``: by nothing but a tag at its end (``ya``). ``own``: it speaks of somebody of one's own.
    ``words``: how many it has."""

    openly: bool = False
    tagged: bool = False
    softly: bool = False
    own: bool = False
    words: int = 0


class Questioning:
    """Listens for the words of ``table``: ``words``, ``modals``, ``tags``, ``softly``, ``own``."""

    def __init__(self, table: Mapping[str, Sequence[str]]) -> None:
        self._table = {part: frozenset(words) for part, words in table.items()}

    def asked(self, text: str) -> Asked:
        """How ``text`` asks."""
        words = _WORD.findall(text.lower())
        modals, tags = self._words_of("modals"), self._words_of("tags")
        tagged = any(verb in modals and tag in tags for verb, tag in pairwise(words))
        ended = self._heard("tags", words[-2:]) and self._heard("modals", words[:-2])
        return Asked(
            openly="?" in text or self._heard("words", words),
            tagged=tagged or ended,
            softly=self._heard("softly", words[-2:]),
            own=self._heard("own", words),
            words=len(words),
        )

    def _heard(self, part: str, words: Sequence[str]) -> bool:
        return not self._words_of(part).isdisjoint(words)

    def _words_of(self, part: str) -> frozenset[str]:
        return self._table.get(part, frozenset())
