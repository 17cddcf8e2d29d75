"""What the reports count of a turn: never a word of what was said."""

from collections.abc import Iterator

from bot.dialogue.conversation import Conversation, Turn


def counts(before: Conversation, turn: Turn, came: str) -> Iterator[str]:
    """Names of counters that this turn adds one to. ``came`` is what caused it: ``inbound``, ``timer`` or ``staff``."""
    after = turn.conversation
    channel = after.channel
    yield f"{came}:{channel}"
    if after.outcome is not None and (before.outcome is None or after.outcome.at != before.outcome.at):
        yield f"outcome:{after.outcome.level.name}"
        yield f"outcome_by:{channel}:{after.outcome.level.name}"
    if after.misses > before.misses:
        yield "not_understood"
    yield from _asking(before, after)
    yield from _people(before, after)


def _asking(before: Conversation, after: Conversation) -> Iterator[str]:
    """The funnel of each flow: questions put, and those that the conversation went on from."""
    old = before.pending.question if before.pending else None
    new = after.pending.question if after.pending else None
    if old == new:
        return
    if old is not None and after.mode == "bot":
        yield f"answered:{before.facts.complaint}:{old}"
    if new is not None:
        yield f"asked:{after.facts.complaint}:{new}"


def _people(before: Conversation, after: Conversation) -> Iterator[str]:
    old, new, served = before.handoff, after.handoff, after.served
    if after.alarm and not before.alarm:
        yield "alarm"
    if new is not None and old is None:
        yield f"handoff:{new.why}"
    if new is not None and new.answered_at is not None and (old is None or old.answered_at is None):
        yield f"first_response:{_rounded((new.answered_at - new.since).total_seconds())}"
    if served is not None and served != before.served:
        yield f"closed:{served.disposition or 'other'}"
        if served.level is not None and before.outcome is not None:
            yield f"agreement:{before.outcome.level.name}:{served.level.name}"


def _rounded(seconds: float) -> int:
    """Two digits are enough for a median, and keep the counters few."""
    whole = max(0, round(seconds))
    unit = int(10 ** max(0, len(str(whole)) - 2))
    return whole // unit * unit
