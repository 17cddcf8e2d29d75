"""What a tap means that comes late: under a question that no longer waits it means nothing, so that a late "Tidak" does
not answer another."""

from collections.abc import Sequence
from typing import Final

from bot.store.records import Line

STALE: Final = "stale"
"""An option that nothing offers: the dialogue then says that the question is past."""


def asked(lines: Sequence[tuple[int, Line]]) -> list[tuple[int, Line]]:
    """The lines of the bot under which there is something to tap or to answer."""
    return [(number, line) for number, line in lines if line.who == "bot" and (line.options or line.question)]


def is_past(line: Line, last: Line) -> bool:
    """Whether the question that ``line`` left open is another than that of the ``last`` such line."""
    if line.question is None:
        return False
    return last.question is None or (line.question.question, line.question.about) != (
        last.question.question,
        last.question.about,
    )


def stands_alone(option: str) -> bool:
    """Whether an option says by itself what it wants, under whatever question it stood."""
    return ":" in option or option in ("human", "restart", "more")
