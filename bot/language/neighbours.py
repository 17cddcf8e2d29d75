"""Words that are written alike and told apart by the word after them: ``dr kemarin`` is from, ``dr saraf`` a doctor."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

from bot.language.tokens import Token
from bot.language.vocabulary import canonical


class Neighbours:
    """Sets right what a word means by its neighbour. ``table``: as typed -> word that is meant -> words after it."""

    def __init__(self, table: Mapping[str, Mapping[str, Sequence[str]]], forms: Mapping[str, str]) -> None:
        self._meant = {
            typed: {
                following: forms.get(word, word) for word, after in meanings.items() for following in _all(after, forms)
            }
            for typed, meanings in table.items()
        }

    def settle(self, tokens: Sequence[Token]) -> None:
        """Give each such token of ``tokens`` the word that its neighbour shows."""
        for token, following in pairwise(tokens):
            meanings = self._meant.get(token.surface)
            if meanings and not following.gap:
                token.word = meanings.get(following.word, token.word)


def _all(words: Sequence[str], forms: Mapping[str, str]) -> list[str]:
    return [canonical(word, forms) for word in words]
