"""What happens by the clock: a reminder, asking how it goes, and a conversation too old to go on from.

Time comes in with the message; timers are messages of our own.
"""

from collections.abc import Mapping
from datetime import timedelta

from bot.dialogue import handoff
from bot.dialogue.conversation import DECLINED, FOLLOW_UP, RECALL, REMINDER, Conversation, Heard, Pending, Turn
from bot.dialogue.hearing import chosen
from bot.dialogue.script import Script
from bot.dialogue.situation import Situation, ask_again, go_on
from bot.dialogue.wording import paragraphs, question_reply, say
from bot.ontology import SYMPTOMS

BETTER, SAME, WORSE = "better", "same", "worse"


def fired(now: Situation) -> Turn | None:
    """A timer of ours: said only where it still makes sense."""
    if now.heard.kind != "timer":
        return None
    if now.before.mode == "bot" and now.heard.detail == REMINDER and now.pending is not None:
        return ask_again(now, now.before, say(now.script, "reminder"))
    if now.before.mode == "bot" and now.heard.detail == FOLLOW_UP and now.pending is None:
        pending = Pending(question=FOLLOW_UP, ids=("progress",))
        return Turn(now.before.but(pending=pending), (question_reply(now.script, pending),))
    if now.heard.detail == DECLINED and now.before.mode == "bot" and now.before.consent is None:
        # At once would be too soon: a message that is delivered again, or a change of mind, must still find its place.
        return Turn(Conversation(channel=now.before.channel), effects=frozenset({"forget"}))
    if now.heard.detail == RECALL:
        return handoff.recalled(now)
    return Turn(now.before)


def wanted(now: Situation) -> Turn | None:
    """The patient wants to be asked again, in a time that was offered."""
    when = next((id for id in chosen(now.heard) if id.startswith("follow_up:")), "")
    hours = now.script.timing.follow_up_hours.get(when.removeprefix("follow_up:"))
    if hours is None:
        return None
    return Turn(now.before, (now.said("follow_up_set"),), timers={FOLLOW_UP: timedelta(hours=hours)})


def progress(now: Situation) -> Turn | None:
    """How things are by now. Worse: the symptoms that were denied are asked once more."""
    if not now.asked(FOLLOW_UP):
        return None
    after = now.before.but(pending=None, facts=now.facts)
    picked = chosen(now.heard)
    if BETTER in picked:
        return Turn(after, (now.said("follow_up_better"),))
    if SAME in picked:
        return Turn(after, (now.said("follow_up_same"),))
    if WORSE in picked:
        signs = {sign: said for sign, said in now.facts.signs.items() if said == "yes" or sign not in SYMPTOMS}
        facts = now.facts.model_copy(update={"signs": signs})
        return go_on(now, after.but(facts=facts, outcome=None), say(now.script, "follow_up_worse"))
    return None


def counted(conversation: Conversation, heard: Heard, script: Script) -> Conversation:
    """The conversation with this message counted towards a flood."""
    since = conversation.burst_since
    if since is None or not timedelta(0) <= heard.at - since < timedelta(seconds=script.timing.flood_seconds):
        return conversation.but(burst=1, burst_since=heard.at)
    return conversation.but(burst=conversation.burst + 1)


def flood(now: Situation) -> Turn | None:
    """Too many messages at once: told once, then only kept. At a terminal sits one person, or a script on purpose."""
    over = now.before.burst - now.script.timing.flood_messages
    if over <= 0 or now.before.channel == "terminal":
        return None
    return Turn(now.before.but(facts=now.facts), (now.said("flood"),) if over == 1 else ())


def current(conversation: Conversation, heard: Heard, script: Script) -> Conversation:
    """The conversation, or a clean new one where the last is too long ago to go on from. Consent stays."""
    if heard.kind == "timer" or conversation.last_at is None or conversation.mode != "bot":
        return conversation
    timing = script.timing
    hours = timing.stale_outcome_hours if conversation.outcome else timing.stale_question_hours
    if heard.at - conversation.last_at < timedelta(hours=hours):
        return conversation
    return Conversation(channel=conversation.channel, consent=conversation.consent)


def say_stale(turn: Turn, script: Script) -> Turn:
    """A turn on a new conversation after a stale one, which says so where it asks something."""
    if not turn.replies or turn.conversation.pending is None:
        return turn
    first, *rest = turn.replies
    text = paragraphs(say(script, "stale"), first.text)
    return Turn(turn.conversation, (first.model_copy(update={"text": text}), *rest), timers=turn.timers)


def timers_after(turn: Turn, heard: Heard, script: Script) -> Mapping[str, timedelta | None]:
    """The timers that a turn sets and clears: an open question is reminded of once."""
    reminding = turn.conversation.pending is not None and turn.conversation.mode == "bot" and heard.kind != "timer"
    reminder = timedelta(minutes=script.timing.reminder_minutes) if reminding else None
    cleared = {heard.detail: None} if heard.kind == "timer" else {}
    return {REMINDER: reminder, **cleared, **turn.timers}
