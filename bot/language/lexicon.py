"""The shape of the files in ``knowledge/language/``: the words, groups and patterns that reading stands on."""

from collections.abc import Iterable, Mapping
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict

from bot.ontology import BODY_PARTS, COMPLAINTS, INTENTS, RECURRENCES, SIDES, SIGNS


def _split(value: object) -> object:
    """A line of words as a list of words: most lists in these files are long, and short to write this way."""
    return value.split() if isinstance(value, str) else value


def names_of(known: Iterable[str]) -> BeforeValidator:
    """Refuses a table with other names than these."""
    allowed = frozenset(known)

    def check(value: object) -> object:
        for name in value if isinstance(value, dict) else ():
            if name not in allowed:
                raise ValueError(f"unknown name {name!r}")
        return value

    return BeforeValidator(check)


Words = Annotated[tuple[str, ...], BeforeValidator(_split)]
Patterns = tuple[str, ...]
"""Patterns in the language of ``bot.language.patterns``."""


class LexiconFile(BaseModel):
    """One file of the lexicon. Every part may stand in any file; the files are merged.

    ``words``: a word of the field and every way it is written. ``plain``: words that carry no meaning of their own
    (particles, pronouns) in the same form. ``guard``: words that exist and must never be taken for a typo of another.
    ``frequent``: more of these, so far from our field that no typo is taken for one of them either.
    ``joined``: one written word that is several. ``told_apart``: pairs of near words (``sesak/sesuk``) of different
    urgency that are read exactly, on purpose. ``groups``: names for sets of words, used by patterns as ``@name``.
    ``signs``: what tells of a sign; ``denials``: what tells that it is not there (``masih bisa jalan``).
    ``choices``: other words for an offered option, by its id; where several are told the first of the table holds.
    ``neighbours``: what a form means before certain words (``dr: {dari: tadi kemarin}``).
    ``asking``: words, as typed, by which a message asks, by the part that they play.
    ``masks``: phrases whose words mean nothing else (metaphor, names). ``phrases``: the phrase bank, by intent.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    words: Mapping[str, Words] = {}
    plain: Mapping[str, Words] = {}
    guard: Words = ()
    frequent: Words = ()
    joined: Mapping[str, str] = {}
    told_apart: Words = ()
    emoji: Mapping[str, str] = {}
    groups: Mapping[str, Words] = {}
    masks: Patterns = ()
    signs: Annotated[Mapping[str, Patterns], names_of(SIGNS)] = {}
    denials: Annotated[Mapping[str, Patterns], names_of(SIGNS)] = {}
    traits: Mapping[str, Words] = {}
    complaints: Annotated[Mapping[str, Patterns], names_of(COMPLAINTS)] = {}
    body_parts: Annotated[Mapping[str, Patterns], names_of(BODY_PARTS)] = {}
    sides: Annotated[Mapping[str, Patterns], names_of(SIDES)] = {}
    recurrences: Annotated[Mapping[str, Patterns], names_of(RECURRENCES)] = {}
    questions: Annotated[Mapping[str, Patterns], names_of(INTENTS)] = {}
    cues: Mapping[str, Patterns] = {}
    choices: Mapping[str, Patterns] = {}
    neighbours: Mapping[str, Mapping[str, Words]] = {}
    asking: Mapping[str, Words] = {}
    numbers: Mapping[str, float] = {}
    units: Mapping[str, float] = {}
    days: Mapping[str, float] = {}
    affixes: Mapping[str, Words] = {}
    phrases: Annotated[Mapping[str, tuple[str, ...]], names_of(INTENTS)] = {}


class Lexicon(LexiconFile):
    """All files of the lexicon as one."""

    @classmethod
    def merged(cls, files: Iterable[LexiconFile]) -> "Lexicon":
        """The files as one lexicon: tables are joined, lists under one name are put one after the other."""
        parts: dict[str, object] = {}
        for file in files:
            for name in file.model_fields_set:
                value = getattr(file, name)
                parts[name] = _joined(parts[name], value) if name in parts else value
        return cls.model_validate(parts)


def _joined(first: object, second: object) -> object:
    if isinstance(first, Mapping) and isinstance(second, Mapping):
        both = {**first}
        for key, value in second.items():
            both[key] = _joined(both[key], value) if key in both else value
        return both
    if isinstance(first, tuple) and isinstance(second, tuple):
        return first + second
    return second
