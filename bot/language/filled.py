"""The slots of a message as it fills them, each with the words that did."""

from collections.abc import Sequence
from typing import NamedTuple

from bot.language.patterns import Match
from bot.language.slots import Slot, name
from bot.language.times import Time


class Filled(NamedTuple):
    """What a message says of the complaint: its mentions, where it is, how often, since when and how long it lasts.
    ``elsewhere``: another part of the body is meant, so nothing of the leg is told."""

    complaint: Sequence[Match] = ()
    part: Slot | None = None
    side: Slot | None = None
    recurrence: Slot | None = None
    onset: Time | None = None
    episode: Time | None = None
    elsewhere: bool = False

    @property
    def found(self) -> dict[str, Slot | None]:
        """The slots that are filled by one word or phrase each."""
        return {"body_part": self.part, "side": self.side, "recurrence": self.recurrence}

    @property
    def clocked(self) -> dict[str, Time | None]:
        """The slots that are filled by a stretch of time."""
        return {"duration_days": self.onset, "episode_seconds": self.episode}

    @property
    def values(self) -> dict[str, str | None]:
        """The identifiers that the slots have."""
        complaint = name(self.complaint[0]) if self.complaint else None
        return {"complaint": complaint, **{slot: found.value if found else None for slot, found in self.found.items()}}

    @property
    def days(self) -> float | None:
        return self.onset.value if self.onset else None

    @property
    def seconds(self) -> float | None:
        return self.episode.value if self.episode else None
