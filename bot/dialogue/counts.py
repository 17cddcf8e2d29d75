"""What the reports count of a turn: never a word of what was said.

- ``inbound:CHANNEL``, ``timer:…``, ``staff:…``: turns, by what caused them; ``hour:HH``: patients' messages by the
  clinic's clock; ``began:CHANNEL``: patients who wrote for the first time; ``not_understood``: messages that were not.
- ``flow:COMPLAINT``, ``done:COMPLAINT``: episodes that were begun, and those that came to an outcome.
- ``asked:COMPLAINT:QUESTION``, ``answered:…``, ``handed:…``: the funnel, as questions put, those that the patient went
  on from, and those at which people took over.
- ``alarm``: red flags, and faults of ours, that the staff are alarmed for.
- ``outcome:LEVEL``, ``outcome_by:CHANNEL:LEVEL``, ``handoff:WHY``, ``first_response:WHY:SECONDS``,
  ``closed:DISPOSITION``, ``agreement:BOT:CLINICIAN``.

Delivery adds ``sent:CHANNEL`` and ``failed:CHANNEL:REASON`` (``store/outbox.py``).
"""

from collections.abc import Iterator
from datetime import datetime

from bot.dialogue.conversation import Conversation, Handoff, Turn
from bot.dialogue.hours import Hours


def counts(before: Conversation, turn: Turn, came: str, at: datetime, hours: Hours) -> Iterator[str]:
    """Names of counters that this turn adds one to. ``came`` is what caused it: ``inbound``, ``timer`` or ``staff``."""
    after = turn.conversation
    channel = after.channel
    yield f"{came}:{channel}"
    if came == "inbound":
        yield f"hour:{hours.local(at):%H}"
        if before.last_at is None:
            yield f"began:{channel}"
    if after.misses > before.misses:
        yield "not_understood"
    yield from _episode(before, after)
    yield from _asking(before, after)
    yield from _people(before, after, hours)


def _episode(before: Conversation, after: Conversation) -> Iterator[str]:
    old, new = before.facts.complaint, after.facts.complaint
    if new is not None and (old is None or not _went_on(before, after)):
        yield f"flow:{new}"
    if after.outcome is not None and (before.outcome is None or after.outcome.at != before.outcome.at):
        yield f"outcome:{after.outcome.level.name}"
        yield f"outcome_by:{after.channel}:{after.outcome.level.name}"
        if before.outcome is None and new is not None:
            yield f"done:{new}"


def _asking(before: Conversation, after: Conversation) -> Iterator[str]:
    """The funnel of each flow: questions put, and those that the conversation went on from. A question that is open
    while people have the conversation is theirs."""
    old, new = _open_question(before), _open_question(after)
    if old == new and _went_on(before, after):
        return
    if old and after.mode != "bot":
        yield f"handed:{before.facts.complaint}:{old}"
    elif old and _went_on(before, after):
        yield f"answered:{before.facts.complaint}:{old}"
    if new:
        yield f"asked:{after.facts.complaint}:{new}"


def _open_question(conversation: Conversation) -> str:
    pending = conversation.pending
    return pending.question if pending is not None and conversation.mode == "bot" else ""


def _went_on(before: Conversation, after: Conversation) -> bool:
    """Whether it is still the same episode: one that was begun anew lacks what was known."""
    old, new = before.facts, after.facts
    same = old.complaint is None or old.complaint == new.complaint
    return same and old.signs.keys() <= new.signs.keys()


def _people(before: Conversation, after: Conversation, hours: Hours) -> Iterator[str]:
    old, new, served = before.handoff, after.handoff, after.served
    if after.alarm and not before.alarm:
        yield "alarm"
    if new is not None and old is None:
        yield f"handoff:{new.why}"
    if new is not None and new.answered_at is not None and (old is None or old.answered_at is None):
        yield f"first_response:{new.why}:{_rounded(_waited(new, new.answered_at, hours))}"
    if served is not None and served != before.served:
        yield f"closed:{served.disposition or 'other'}"
        if served.level is not None and before.outcome is not None and not _is_clinicians(before):
            yield f"agreement:{before.outcome.level.name}:{served.level.name}"


def _waited(handoff: Handoff, until: datetime, hours: Hours) -> float:
    """Seconds in which the clinic was open: nobody is late at night. All of them where it was closed all the time."""
    return hours.open_seconds(handoff.since, until) or (until - handoff.since).total_seconds()


def _is_clinicians(conversation: Conversation) -> bool:
    """Whether the outcome's level is the one that a clinician gave when it was closed before."""
    served, outcome = conversation.served, conversation.outcome
    return served is not None and served.level is not None and outcome is not None and outcome.at <= served.at


def _rounded(seconds: float) -> int:
    """Two digits are enough for a median, and keep the counters few."""
    whole = max(0, round(seconds))
    unit = int(10 ** max(0, len(str(whole)) - 2))
    return whole // unit * unit
