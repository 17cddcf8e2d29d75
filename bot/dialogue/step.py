"""One step of a conversation: what was heard moves it, and says what is answered.

The order of the handlers is the order of precedence: forget me, emergency, staff at work, wishes about the
conversation itself, the answer to the pending question, a question of the patient's own, another complaint, and what
was not understood. Reading for emergencies never stops, whoever owns the conversation.
"""

from dataclasses import replace

from bot.dialogue import handlers, handoff, timing
from bot.dialogue.conversation import Asks, Conversation, Heard, Reply, Turn
from bot.dialogue.hearing import keep
from bot.dialogue.script import Script
from bot.dialogue.situation import Handler, Situation
from bot.dialogue.wording import say
from bot.language import Expecting

HANDLERS: tuple[Handler, ...] = (
    timing.fired,
    handlers.forget,
    handlers.emergency,
    handlers.staff,
    timing.flood,
    handlers.no_text,
    handlers.wish,
    handlers.waiting,
    timing.wanted,
    handlers.more,
    handlers.consent,
    timing.progress,
    handlers.switch,
    handlers.answered,
    handlers.question,
    handlers.small_talk,
    handlers.complaint,
    handlers.volunteered,
    handlers.after_outcome,
    handlers.not_understood,
)


def step(conversation: Conversation, heard: Heard, script: Script) -> Turn:
    """Move ``conversation`` by what was ``heard``. Always gives a turn; pure."""
    before = timing.counted(timing.current(conversation, heard, script), heard, script)
    facts = keep(before.facts, heard.reading, before.pending, script.loose)
    situation = Situation(before, facts, heard, script)
    turn = next(turn for handler in HANDLERS if (turn := handler(situation)) is not None)
    if before.last_at != conversation.last_at:
        turn = timing.say_stale(turn, script)
    if heard.cut:
        turn = replace(turn, replies=(*turn.replies, Reply(text=say(script, "too_long"))))
    return handoff.followed(before, _finished(before, heard, turn, script), heard, script)


def expecting(conversation: Conversation, script: Script) -> Expecting | None:
    """What the next message is likely to answer, by which "2" is an option after a menu, days after "berapa hari"."""
    offered = tuple((option.id, option.label) for option in conversation.offered)
    if conversation.pending is None:
        return Expecting(kind="choice", ids=(), options=offered) if offered else None
    kind = script.questions[conversation.pending.question].kind
    return Expecting(kind=kind, ids=conversation.pending.ids, options=offered)


def _finished(before: Conversation, heard: Heard, turn: Turn, script: Script) -> Turn:
    """The turn with what follows from it: what it asks and offers, its timers, and misses counted only in a row."""
    after = turn.conversation
    pending = after.pending
    asks = Asks(kind=script.questions[pending.question].kind, ids=pending.ids) if pending else None
    changes = {
        "offered": turn.replies[-1].options if turn.replies else after.offered,
        "misses": 0 if after.misses == before.misses else after.misses,
        "last_at": heard.at,
    }
    timers = timing.timers_after(turn, heard, script)
    return Turn(after.but(**changes), turn.replies, asks, timers, turn.effects)
