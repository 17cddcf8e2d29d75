"""The way from the bot to people: when it begins, whom it calls and when again, and what the patient is told."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from bot.dialogue.conversation import CALL, RECALL, Conversation, Handoff, Heard, Option, Reply, Turn, Why
from bot.dialogue.hours import WEEKDAYS, Hours
from bot.dialogue.script import Script
from bot.dialogue.situation import Situation
from bot.dialogue.wording import paragraphs, say
from bot.ontology import Level

ALONE = "terminal"
"""The channel at which nobody of the clinic sits: a program on its own, to try it."""

TOLD_AGAIN = timedelta(minutes=10)
"""Within so long a patient who writes on is not told again how to reach the clinic, only that it is kept."""

Timers = Mapping[str, timedelta | None]


def to_people(now: Situation, why: Why) -> Turn:
    """The patient goes to the queue and is told when somebody answers."""
    opens = now.script.hours.opens_after(now.heard.at)
    is_open = now.script.hours.is_open(now.heard.at)
    if is_open or opens is None:
        said = now.said("human_waiting")
    else:
        said = now.said("human_closed", opens=opens_told(opens, now.heard.at, now.script))
    handoff = now.before.handoff or Handoff(since=now.heard.at, why=why, told=now.heard.at)
    return Turn(now.before.but(owner="waiting", facts=now.facts, handoff=handoff, misses=0), (said,))


def still_waiting(now: Situation, after: Conversation) -> Turn:
    """To what a patient writes while waiting: how to reach the clinic, or, where that was said just now, that it is
    kept."""
    handoff = after.handoff or Handoff(since=now.heard.at, why="asked")
    if handoff.told is not None and now.heard.at - handoff.told < TOLD_AGAIN and handoff.stage == 0:
        return Turn(after, (now.said("waiting_kept"),))
    told = handoff.model_copy(update={"told": now.heard.at})
    return Turn(after.but(handoff=told), (now.said("still_waiting"),))


def followed(before: Conversation, turn: Turn, heard: Heard, script: Script) -> Turn:
    """The turn with what follows from it for people: an urgent outcome goes to the clinic while that is open, a new red
    flag alarms it, and after people ended a conversation the way back to them is offered once."""
    if turn.conversation.channel == ALONE or "forget" in turn.effects:
        return turn
    turn = _urgent(before, turn, heard, script)
    turn = _reopening(before, turn, script)
    timers = calls(before, turn.conversation, heard.at, script)
    return replace(turn, timers={**timers, **turn.timers}) if timers else turn


def calls(before: Conversation, after: Conversation, at: datetime, script: Script) -> Timers:
    """The timers that call the staff to a conversation that has begun to wait or to alarm, and that end it."""
    alarmed = after.alarm and not before.alarm
    waits, waited = after.mode == "waiting", before.mode == "waiting"
    begun = waits and (not waited or _since(before) != _since(after))
    if begun:
        opens = script.hours.opens_after(at) or at
        first = at if alarmed else opens
        return {CALL: first - at, RECALL: _next(after, at, script)}
    if alarmed:
        return {CALL: timedelta(0)}
    return {CALL: None, RECALL: None} if waited and not waits else {}


def recalled(now: Situation) -> Turn:
    """Nobody came: those who might are called again, and after the last time the patient is told honestly."""
    before, handoff = now.before, now.before.handoff
    if before.mode != "waiting" or handoff is None:
        return Turn(before)
    stage = handoff.stage + 1
    after = before.but(handoff=handoff.model_copy(update={"stage": stage}))
    timers = {CALL: timedelta(0), RECALL: _next(after, now.heard.at, now.script)}
    told = (now.said("nobody_yet"),) if stage == len(_minutes(after, now.script)) else ()
    return Turn(after, told, timers=timers)


def opens_told(opens: datetime, at: datetime, script: Script) -> str:
    """When the clinic opens, as a person would say it."""
    days = (opens.date() - script.hours.local(at).date()).days
    clock = f"{opens:%H.%M}"
    if days < 2:
        return say(script, "opens_tomorrow" if days else "opens_today", time=clock)
    weekday = script.messages[WEEKDAYS[opens.weekday()]]
    return say(script, "opens_day", day=weekday, date=f"{opens.day}/{opens.month}", time=clock)


def _urgent(before: Conversation, turn: Turn, heard: Heard, script: Script) -> Turn:
    after, outcome = turn.conversation, turn.conversation.outcome
    new = outcome is not None and (before.outcome is None or outcome.level > before.outcome.level)
    if outcome is None or not new or outcome.level < Level.consultation_24:
        return turn
    if outcome.level >= Level.emergency:
        after = after.but(alarm=True)
    if after.mode != "bot" or not turn.replies or not script.hours.is_open(heard.at):
        return replace(turn, conversation=after)
    why: Why = "emergency" if outcome.level >= Level.emergency else "urgent"
    handoff = Handoff(since=heard.at, why=why, told=heard.at)
    replies = (*turn.replies[:-1], _connected(turn.replies[-1], script))
    after = after.but(owner="waiting", handoff=handoff, offered=replies[-1].options)
    return replace(turn, conversation=after, replies=replies)


def _connected(reply: Reply, script: Script) -> Reply:
    """The last words of an urgent outcome, with the news that the clinic was told; it need not be called again."""
    options = tuple(option for option in reply.options if option.id != "human")
    return reply.model_copy(update={"text": paragraphs(reply.text, say(script, "connected")), "options": options})


def _reopening(before: Conversation, turn: Turn, script: Script) -> Turn:
    if not before.reopen or turn.conversation.mode != "bot" or not turn.replies:
        return turn
    last = turn.replies[-1]
    if all(option.id != "human" for option in last.options):
        human = Option(id="human", label=script.messages["reopen_label"])
        last = last.model_copy(update={"options": (*last.options, human)})
    after = turn.conversation.but(reopen=False, offered=last.options)
    return replace(turn, conversation=after, replies=(*turn.replies[:-1], last))


def _since(conversation: Conversation) -> datetime | None:
    return conversation.handoff.since if conversation.handoff else None


def _minutes(conversation: Conversation, script: Script) -> tuple[int, ...]:
    urgent = conversation.alarm or (conversation.outcome and conversation.outcome.level >= Level.consultation_24)
    return script.timing.urgent_call_minutes if urgent else script.timing.routine_call_minutes


def _next(conversation: Conversation, at: datetime, script: Script) -> timedelta:
    """How long until the staff are called again: by the clinic's clock, so that nobody is waited for at night."""
    marks = _minutes(conversation, script)
    stage = conversation.handoff.stage if conversation.handoff else 0
    before = marks[min(stage, len(marks)) - 1] if stage else 0
    step = marks[stage] - before if stage < len(marks) else marks[-1]
    return within_hours(at, timedelta(minutes=step), script.hours) - at


def within_hours(at: datetime, wait: timedelta, hours: Hours) -> datetime:
    """``wait`` after ``at``; where the clinic is closed then, as long after it opens."""
    if hours.is_open(at + wait):
        return at + wait
    opens = hours.opens_after(at + wait)
    return opens + wait if opens else at + wait
