"""The prover: each check is a file of its own, whose ``check`` tells every fault it finds at its place.

``AT_LOAD`` are looked at whenever content is read, in milliseconds: content with such a fault is not loaded at all.
``AT_START`` prove, before a service runs on content that nobody has proven, that no red flag is missed. ``ALL`` is what
``tanyakaki check`` proves.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from bot.content.checks import (
    ending,
    firing,
    free_text,
    length,
    limits,
    messages,
    monotony,
    outcome_limits,
    reachability,
    red_flags,
    references,
    required,
    signs,
    sources,
)
from bot.content.checks.subject import Subject
from bot.content.source import Fault

Check = Callable[[Subject], Iterator[Fault]]

AT_LOAD: Final[tuple[Check, ...]] = (signs.check, messages.check, references.check, sources.check)
AT_START: Final[tuple[Check, ...]] = (ending.check, reachability.check, red_flags.check, required.check)
ALL: Final[tuple[Check, ...]] = (
    *AT_LOAD,
    limits.check,
    outcome_limits.check,
    firing.check,
    free_text.check,
    ending.check,
    reachability.check,
    length.check,
    red_flags.check,
    monotony.check,
    required.check,
)
"""In order; ``required`` comes last, for it also looks at where all walks of the others ended."""

__all__ = ["ALL", "AT_LOAD", "AT_START", "Check", "Subject", "faults_of"]


def faults_of(subject: Subject, checks: Iterable[Check] = ALL) -> list[Fault]:
    """What ``checks`` find. Those that walk are only begun where what stands in the files holds together."""
    faults: list[Fault] = []
    for check in checks:
        if faults and check not in AT_LOAD:
            break
        faults += check(subject)
    return faults
