"""A message as the rules of polarity look at it: what each word is, which ones name a sign, where a clause begins."""

from collections.abc import Callable, KeysView, Sequence
from functools import wraps
from typing import Final, Protocol, TypeVar

from bot.language.message import Message
from bot.language.patterns import Match
from bot.language.tokens import SENTENCE

_CLAUSE: Final = 10
"""How far back a clause is looked at, at most."""


class Hearing(Protocol):
    """Who knows every atom of the message."""

    heard: KeysView[str]


Of = TypeVar("Of", bound=Hearing)
Rule = Callable[[Of, Match], bool]


def only_with(*groups: str) -> Callable[[Rule[Of]], Rule[Of]]:
    """Limits a rule to messages with a word of these groups; without one it says no anyway. Few messages have a word
    of more than one or two of all the groups that the rules look for."""
    atoms = frozenset("@" + group for group in groups)

    def limit(rule: Rule[Of]) -> Rule[Of]:
        @wraps(rule)
        def limited(of: Of, match: Match) -> bool:
            return not of.heard.isdisjoint(atoms) and rule(of, match)

        return limited

    return limit


class Clauses:
    """One message, of which the tokens of ``matches`` name signs."""

    def __init__(self, message: Message, matches: Sequence[Match]) -> None:
        self.message = message
        self.heard: KeysView[str] = message.places.keys()
        self.covering: dict[int, list[Match]] = {}
        """The matches that use a token, by its place."""
        self._before: dict[tuple[int, ...], list[int]] = {}
        self._length = len(message)
        for match in matches:
            for index in match.tokens:
                self.covering.setdefault(index, []).append(match)

    def has(self, index: int, group: str) -> bool:
        """Whether the token at ``index`` is of ``group``; outside the message none is."""
        return 0 <= index < self._length and group in self.message.groups[index]

    def is_of_another(self, index: int, match: Match) -> bool:
        """Whether the token names another sign: one that shares no word with ``match``."""
        mine = set(match.tokens)
        covering = self.covering.get(index, ())
        return bool(covering) and not any(
            other.concept == match.concept or mine & set(other.tokens) for other in covering
        )

    def before(self, match: Match, reach: int) -> list[int]:
        """The tokens before the match and in it, nearest first, up to a contrast or the end of a sentence."""
        clause = self._before.get(match.tokens)
        if clause is None:
            clause = self._before[match.tokens] = self._whole_before(match)
        return [index for index in clause if index >= match.first - reach]

    def _whole_before(self, match: Match) -> list[int]:
        found: list[int] = []
        for index in range(match.last, max(-1, match.first - _CLAUSE - 1), -1):
            if index < match.first and self.has(index, "contrast"):
                break
            if index not in match.tokens:
                found.append(index)
            if self.message.gaps[index] == SENTENCE and index <= match.first:
                break
        return found
