"""The names of everything in Redis. One conversation's keys share a hash tag, so one script may touch them all."""

from dataclasses import dataclass
from typing import Final

SHARDS: Final = 32
"""Fixed for ever: a conversation's shard follows from its id."""

WAKE: Final = "tk:wake"
"""The pub/sub channel on which ids of conversations with new lines are told."""

RELOAD: Final = "tk:reload"
"""The pub/sub channel on which every process is asked to read its content anew."""


def shard_of(conversation: str) -> int:
    return int(conversation[:8], 16) % SHARDS


@dataclass(frozen=True, slots=True)
class Shard:
    """The keys that a shard's conversations share."""

    number: int

    @property
    def due(self) -> str:
        """Sorted set: conversations with replies to send, by the time (ms) at which they may be claimed."""
        return f"tk:{{{self.number}}}:due"

    @property
    def timers(self) -> str:
        """Sorted set: ``conversation|kind`` by the time (ms) at which it fires."""
        return f"tk:{{{self.number}}}:timers"

    @property
    def desk(self) -> str:
        """Sorted set: conversations that people have or should look at, by since when (ms)."""
        return f"tk:{{{self.number}}}:desk"

    @property
    def active(self) -> str:
        """Sorted set: conversations by the time (ms) of their last turn, as far back as a week."""
        return f"tk:{{{self.number}}}:active"

    @property
    def missed(self) -> str:
        """Sorted set: conversations with a message that was not understood, by its time (ms), for a month."""
        return f"tk:{{{self.number}}}:missed"

    def listed(self) -> tuple[str, ...]:
        """The keys in which a conversation is listed: they lead to it, and are cleared when it is forgotten."""
        return (self.due, self.timers, self.desk, self.active, self.missed)

    def day(self, date: str) -> str:
        """Hash of counts of one day, for the reports."""
        return f"tk:{{{self.number}}}:day:{date}"


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of one conversation, by its id (a keyed hash in hexadecimal)."""

    conversation: str

    @property
    def shard(self) -> Shard:
        return Shard(shard_of(self.conversation))

    @property
    def state(self) -> str:
        """Hash: ``v`` version, ``s`` sealed state, ``a`` sealed address, ``claim`` who delivers now, ``tries``;
        ``failed`` that a line could not be sent, ``n:NAME`` what a channel notes (``notes.py``), ``also`` under which
        other names the person is known, ``read`` the number of the last line that the staff has read."""
        return self._named("state")

    @property
    def transcript(self) -> str:
        """List of sealed lines; a line's number is its place, from 1."""
        return self._named("lines")

    @property
    def seen(self) -> str:
        """Sorted set of hashed ids of the messages that had their effect, by time (ms)."""
        return self._named("seen")

    @property
    def outbox(self) -> str:
        """List of the numbers of lines that are still to be sent, in order."""
        return self._named("out")

    @property
    def delivery(self) -> str:
        """Hash: what became of a sent line, by its number; and the line's number by its provider's id."""
        return self._named("sent")

    @property
    def media(self) -> str:
        """Hash: pictures, voice notes and documents that the patient sent, sealed, by the message's id and a number."""
        return self._named("media")

    @property
    def reads(self) -> str:
        """List of sealed notes: which person read what of this conversation, and when."""
        return self._named("reads")

    @property
    def drafts(self) -> str:
        """Hash: what members of the staff began to write, sealed, by their name."""
        return self._named("drafts")

    def all(self) -> tuple[str, ...]:
        """Every key that holds anything of this conversation."""
        own = (self.state, self.transcript, self.seen, self.outbox, self.delivery)
        return (*own, self.media, self.reads, self.drafts)

    def _named(self, part: str) -> str:
        return f"tk:{{{self.shard.number}}}:{part}:{self.conversation}"


@dataclass(frozen=True, slots=True)
class Reader:
    """The keys by which processes share the reading of one provider's messages; ``name`` tells the accounts apart."""

    name: str

    @property
    def lease(self) -> str:
        """String: which process reads now."""
        return self._named("lease")

    @property
    def position(self) -> str:
        """String: the number up to which all is committed."""
        return self._named("position")

    @property
    def unread(self) -> str:
        """Hash of counts: messages that could not be read, by their shape."""
        return self._named("unread")

    def brief(self, what: str) -> str:
        """Something remembered for a short while; ``what`` holds no name of a person."""
        return self._named(f"brief:{what}")

    def _named(self, part: str) -> str:
        return f"tk:{{reader:{self.name}}}:{part}"
