"""The names of everything in Redis. One conversation's keys share a hash tag, so one script may touch them all."""

from dataclasses import dataclass
from typing import Final

SHARDS: Final = 32
"""Fixed for ever: a conversation's shard follows from its id."""

WAKE: Final = "tk:wake"
"""The pub/sub channel on which ids of conversations with new lines are told."""


def shard_of(conversation: str) -> int:
    return int(conversation[:8], 16) % SHARDS


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of one conversation, by its id (a keyed hash in hexadecimal)."""

    conversation: str

    @property
    def tag(self) -> str:
        return f"{{{shard_of(self.conversation)}}}"

    @property
    def state(self) -> str:
        """Hash: ``v`` version, ``s`` sealed state, ``a`` sealed address."""
        return f"tk:{self.tag}:state:{self.conversation}"

    @property
    def transcript(self) -> str:
        """List of sealed lines; a line's number is its place, from 1."""
        return f"tk:{self.tag}:lines:{self.conversation}"

    def message(self, name: str) -> str:
        """Set while the message with this hashed id of its provider is remembered."""
        return f"tk:{self.tag}:seen:{name}"

    def day(self, date: str) -> str:
        """Hash of counts of one day, for the reports."""
        return f"tk:{self.tag}:day:{date}"
