"""Words without their affixes: ``berdebar`` is ``debar``, ``kakiku`` is ``kaki``."""

from collections.abc import Container, Iterator, Mapping, Sequence
from typing import Final

_SHORTEST_STEM: Final = 4
_SHORTEST_OWNED: Final = 3


class Affixes:
    """Takes affixes off. ``table`` has ``suffixes``, ``owners`` (suffixes that may follow a short word), ``prefixes``
    and ``nasals`` (``meny:s``: ``menyakiti`` is from ``sakiti``)."""

    def __init__(self, table: Mapping[str, Sequence[str]]) -> None:
        self._suffixes = [(suffix, _SHORTEST_STEM) for suffix in table.get("suffixes", ())]
        self._suffixes += [(suffix, _SHORTEST_OWNED) for suffix in table.get("owners", ())]
        self._owners = frozenset(table.get("owners", ()))
        self._prefixes = tuple(table.get("prefixes", ()))
        self._nasals = [tuple(pair.split(":")) for pair in table.get("nasals", ())]

    def stems(self, word: str) -> Iterator[str]:
        """The stems that ``word`` may have, those with fewer affixes taken off first."""
        bare = [word, *self._without_suffix(word)]
        yield from bare[1:]
        for part in bare:
            for prefix in self._prefixes:
                if part.startswith(prefix) and len(part) - len(prefix) >= _SHORTEST_STEM:
                    yield part[len(prefix) :]
            for prefix, letter in self._nasals:
                if part.startswith(prefix) and len(part) - len(prefix) >= _SHORTEST_STEM - 1:
                    yield letter + part[len(prefix) :]

    def stem(self, word: str, forms: Mapping[str, str], plain: Container[str]) -> str | None:
        """The word of ``forms`` that ``word`` is made of. ``plain`` words take no affix but an owner's (``sayaku``):
        ``terkulai`` is not from ``kula``, ``kangen`` not from ``kang``."""
        for stem in self.stems(word):
            if stem not in forms or (forms[stem] in plain and word.removeprefix(stem) not in self._owners):
                continue
            if len(stem) > _SHORTEST_STEM or forms[stem] == stem or word.startswith(stem):
                return forms[stem]
        return None

    def _without_suffix(self, word: str) -> list[str]:
        once = self._cut(word)
        return once + [twice for stem in once for twice in self._cut(stem)]

    def _cut(self, word: str) -> list[str]:
        return [
            word[: -len(suffix)]
            for suffix, shortest in self._suffixes
            if word.endswith(suffix) and len(word) - len(suffix) >= shortest
        ]
