"""Messages whose reading is worth remembering: the few words in which nearly everybody answers.

``ya``, ``tidak ada``, ``2-3 hari``, ``betis kiri``: of what patients write these come again and again. Nothing else is
kept. A message is only remembered where it is short, every word of it stands in the lexicon as it was typed, and its
digits are too few for a telephone number or a date: so no name, no address and no story of a patient stays in memory.
"""

from collections.abc import Callable, Hashable
from typing import Final, Generic, TypeVar

from bot.language.message import Message
from bot.language.tokens import Token

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")

_LONGEST: Final = 40
"""Characters of a message that is remembered."""

_MOST_WORDS: Final = 4
_MOST_DIGITS: Final = 4
_BELOW: Final = 1_000


class Memory(Generic[Key, Value]):
    """Values by what they were made of, at ``most`` so many. The oldest makes room for the newest."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: dict[Key, Value] = {}

    def get(self, key: Key) -> Value | None:
        """What was kept for ``key``."""
        return self._kept.get(key)

    def keep(self, key: Key, value: Value) -> None:
        """Remember ``value`` for ``key``."""
        if len(self._kept) >= self._most:
            self._kept.pop(next(iter(self._kept)), None)
        self._kept[key] = value

    def __len__(self) -> int:
        return len(self._kept)


def is_everybodys(message: Message, known: Callable[[Token], bool]) -> bool:
    """Whether the message says nothing by which a patient could be known. ``known`` tells words of the lexicon."""
    if not 0 < len(message) <= _MOST_WORDS or len(message.text) > _LONGEST:
        return False
    if sum(character.isdigit() for character in message.text) > _MOST_DIGITS:
        return False
    return all(token.number < _BELOW if token.number is not None else known(token) for token in message.tokens)
