"""One step of a conversation: what was heard moves it, and says what is answered.

The order of the handlers is the order of precedence: forget me, emergency, staff at work, wishes about the
conversation itself, the answer to the pending question, a question of the patient's own, another complaint, and what
was not understood. Reading for emergencies never stops, whoever owns the conversation.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from bot.dialogue import digressions, knowing, outcome
from bot.dialogue.asking import CONSENT, asking_is_over, next_question
from bot.dialogue.conversation import Asks, Consent, Conversation, Heard, Pending, Reply, Turn
from bot.dialogue.hearing import answer, chosen, complaint_comes_first, keep, told_signs
from bot.dialogue.script import Script
from bot.dialogue.wording import NO, UNSURE, YES, paragraphs, phrases, question_reply, say
from bot.language import Expecting
from bot.ontology import Level
from bot.triage.facts import Facts
from bot.triage.rules import Triage, triage

FORGET, SWITCH = "forget", "switch"


@dataclass(frozen=True, slots=True)
class Situation:
    """What a handler decides on: the conversation before, the facts with what was just told, and what was heard."""

    before: Conversation
    facts: Facts
    heard: Heard
    script: Script

    @property
    def intent(self) -> str:
        return self.heard.reading.intent

    @property
    def pending(self) -> Pending | None:
        return self.before.pending


Handler = Callable[[Situation], Turn | None]


def step(conversation: Conversation, heard: Heard, script: Script) -> Turn:
    """Move ``conversation`` by what was ``heard``. Always gives a turn; pure."""
    facts = keep(conversation.facts, heard.reading, conversation.pending, script.loose)
    situation = Situation(conversation, facts, heard, script)
    for handler in HANDLERS:
        turn = handler(situation)
        if turn is not None:
            return _finished(conversation, turn, script)
    raise AssertionError("the last handler always answers")


def expecting(conversation: Conversation, script: Script) -> Expecting | None:
    """What the next message is likely to answer, by which "2" is an option after a menu and days after "berapa hari"."""
    offered = tuple((option.id, option.label) for option in conversation.offered)
    if conversation.pending is None:
        return Expecting(kind="choice", ids=(), options=offered) if offered else None
    kind = script.questions[conversation.pending.question].kind
    return Expecting(kind=kind, ids=conversation.pending.ids, options=offered)


def _finished(before: Conversation, turn: Turn, script: Script) -> Turn:
    """The turn with what follows from it: what it asks, what it offers, and misses counted only in a row."""
    after = turn.conversation
    pending = after.pending
    asks = Asks(kind=script.questions[pending.question].kind, ids=pending.ids) if pending else None
    offered = turn.replies[-1].options if turn.replies else after.offered
    misses = 0 if after.misses == before.misses else after.misses
    return replace(turn, conversation=after.but(offered=offered, misses=misses), asks=asks)


# --- forget me


def _forget(now: Situation) -> Turn | None:
    confirming = now.pending is not None and now.pending.question == FORGET
    if confirming and _says(now, YES):
        return Turn(
            Conversation(channel=now.before.channel), (_said(now, "forgotten"),), frozenset({"forget"})
        )
    if now.intent == "delete_data" and not now.heard.reading.emergency:
        pending = Pending(question=FORGET, ids=(CONSENT,))
        return Turn(now.before.but(pending=pending), (question_reply(now.script, pending),))
    if confirming and _says(now, NO):
        return _go_on(now, now.before.but(pending=None), say(now.script, "forget_cancelled"))
    return None


# --- emergency


def _emergency(now: Situation) -> Turn | None:
    facts = _with_answer(now)
    found = _found(now, facts)
    if not found.certain_emergency or _alarms(found) <= now.before.alarmed:
        return None
    after = now.before.but(facts=facts, pending=None, alarmed=now.before.alarmed | _alarms(found))
    decided = outcome.decide(after, found, now.script, now.heard.at)
    replies = outcome.tell(after, decided, now.script)
    return Turn(after.but(outcome=decided), replies, effects=frozenset({"alarm"}))


def _with_answer(now: Situation) -> Facts:
    if now.pending is None or now.pending.question in (FORGET, SWITCH, CONSENT):
        return now.facts
    return answer(now.facts, now.pending, now.heard, now.script).facts


def _found(now: Situation, facts: Facts) -> Triage:
    """The level of all that is known; where the message alone is an emergency, never less than that."""
    found = triage(facts, now.script.rules)
    if now.heard.reading.emergency and not found.certain_emergency:
        alone = triage(keep(Facts(), now.heard.reading, None), now.script.rules)
        return max(found, alone, key=lambda each: each.level)
    return found


def _alarms(found: Triage) -> frozenset[str]:
    return frozenset(rule.id for rule in found.rules if rule.level >= Level.emergency)


# --- a person has taken over


def _staff(now: Situation) -> Turn | None:
    """The bot is silent while a person answers; what is told is still kept."""
    if now.before.mode != "staff":
        return None
    return Turn(now.before.but(facts=now.facts))


# --- wishes about the conversation itself


def _wish(now: Situation) -> Turn | None:
    if now.heard.kind in ("media", "empty"):
        return _go_on(now, now.before, say(now.script, now.heard.kind, kind=now.heard.detail))
    wish = _tapped_wish(now) or now.intent
    if wish == "human":
        turn = Turn(now.before.but(owner="waiting", facts=now.facts), (_said(now, "human_waiting"),))
        return replace(turn, effects=frozenset({"handoff"}))
    if wish == "restart":
        fresh = Conversation(channel=now.before.channel, consent=now.before.consent, greeted=True)
        return _go_on(now, fresh, say(now.script, "restarted"))
    if wish == "stop":
        return Turn(now.before.but(pending=None), (_said(now, "stop"),))
    return None


def _tapped_wish(now: Situation) -> str | None:
    return next((id for id in chosen(now.heard) if id in ("human", "restart")), None)


def _waiting(now: Situation) -> Turn | None:
    """In the clinic's queue the bot says no more than how to reach it; what is told is kept for the person who comes."""
    if now.before.mode != "waiting":
        return None
    return Turn(now.before.but(facts=now.facts), (_said(now, "still_waiting"),))


# --- more of what was just said


def _more(now: Situation) -> Turn | None:
    wanted = next(
        (id for id in chosen(now.heard) if id.startswith("more:") or id.startswith("follow_up:")), None
    )
    if wanted is None:
        return None
    reply = digressions.more(wanted, now.before, now.script)
    return _beside(now, reply) if reply else None


# --- consent


def _consent(now: Situation) -> Turn | None:
    if now.pending is None or now.pending.question != CONSENT:
        return None
    if (_says(now, NO) and not now.facts.complaint) or NO in chosen(now.heard) or _plain_no(now):
        return Turn(Conversation(channel=now.before.channel, greeted=True), (_said(now, "consent_declined"),))
    how = "yes" if _says(now, YES) else "continued" if _tells(now) else None
    if how is None:
        return None
    consent = Consent.model_validate(
        {"at": now.heard.at, "text": now.script.version, "channel": now.before.channel, "how": how}
    )
    lead = say(now.script, "consent_thanks") if how == "yes" else ""
    return _go_on(now, now.before.but(consent=consent, facts=now.facts, pending=None), lead)


def _plain_no(now: Situation) -> bool:
    return now.intent == "deny" and not _tells(now)


def _tells(now: Situation) -> bool:
    """Whether the message itself brings something about the patient: who goes on telling has agreed to be asked."""
    reading = now.heard.reading
    return now.facts != now.before.facts and not knowing.is_question(reading)


# --- the answer to the pending question


def _answer(now: Situation) -> Turn | None:
    if now.pending is None or now.pending.question in (FORGET, CONSENT):
        return None
    if now.pending.question == SWITCH:
        return _answer_switch(now)
    answered = answer(now.facts, now.pending, now.heard, now.script)
    after = now.before.but(facts=answered.facts)
    if not answered.open_ids:
        return _go_on(now, after.but(pending=None))
    if answered.understood and answered.noted:
        pending = now.pending.model_copy(update={"ids": answered.open_ids, "tries": now.pending.tries + 1})
        lead = say(now.script, "noted", signs=phrases(now.script, answered.noted))
        reply = question_reply(now.script, pending)
        return Turn(after.but(pending=pending), (reply.model_copy(update={"text": lead}),))
    if answered.understood:
        return _go_on(now, after.but(pending=None))
    if UNSURE in chosen(now.heard) or (now.intent == UNSURE and not knowing.is_question(now.heard.reading)):
        return _ask_again(now, after)
    if _says(now, YES) and now.script.questions[now.pending.question].kind == "multi":
        return _ask_again(now, after, say(now.script, "which"))
    return None


def _ask_again(now: Situation, after: Conversation, lead: str = "") -> Turn:
    assert now.pending is not None
    pending = now.pending.model_copy(update={"tries": now.pending.tries + 1})
    return Turn(after.but(pending=pending), (question_reply(now.script, pending, [lead]),))


def _answer_switch(now: Situation) -> Turn | None:
    assert now.pending is not None
    if _says(now, YES):
        return _go_on(now, _switched(now, now.pending.about[0]).but(pending=None))
    if _says(now, NO):
        return _go_on(now, now.before.but(facts=now.facts, pending=None), say(now.script, "switch_kept"))
    return None


def _switched(now: Situation, complaint: str) -> Conversation:
    """The same patient with another complaint: what belongs to the old one's place and time is asked anew."""
    facts = Facts(complaint=complaint, age=now.facts.age, signs=now.facts.signs)
    return now.before.but(facts=keep(facts, now.heard.reading, None, now.script.loose))


# --- a question of the patient's own


def _question(now: Situation) -> Turn | None:
    if now.intent == "clinic_info":
        return _beside(now, Reply(text=say(now.script, "clinic_info")))
    if not knowing.is_question(now.heard.reading):
        return None
    reply = knowing.reply_to(now.heard.reading, now.facts, now.script)
    return _beside(now, reply) if reply else None


# --- small talk


def _small_talk(now: Situation) -> Turn | None:
    if now.intent not in ("greet", "thanks", "bye", "help") or _tells(now):
        return None
    return _beside(now, Reply(text=say(now.script, now.intent)))


# --- another complaint


def _complaint(now: Situation) -> Turn | None:
    reading = now.heard.reading
    if reading.body_part == "other" and now.facts.body_part == "other":
        return _out_of_area(now)
    if reading.complaint is None or now.before.facts.complaint in (None, reading.complaint):
        return None
    done = now.before.outcome is not None
    if not done and not complaint_comes_first(reading.complaint, now.before.facts.complaint):
        return None
    pending = Pending(question=SWITCH, ids=("complaint",), about=(reading.complaint,))
    return Turn(now.before.but(pending=pending, facts=now.facts), (question_reply(now.script, pending),))


def _out_of_area(now: Situation) -> Turn:
    """A complaint of the hand, the eye or the belly: not what this program was made for, and it says so."""
    facts = now.before.facts
    return Turn(now.before.but(facts=facts, pending=None), (_said(now, "out_of_area"),))


# --- facts told without being asked


def _told(now: Situation) -> Turn | None:
    if now.facts == now.before.facts or (now.before.outcome and not told_signs(now.heard.reading)):
        return None
    return _go_on(now, now.before.but(facts=now.facts))


# --- after the outcome


def _after_outcome(now: Situation) -> Turn | None:
    if now.before.outcome is None or now.pending is not None or now.intent == "out_of_scope":
        return None
    urgent = asking_is_over(now.before.outcome.level)
    return Turn(
        now.before.but(facts=now.facts), (_said(now, "emergency_again" if urgent else "same_advice"),)
    )


# --- not understood


def _not_understood(now: Situation) -> Turn:
    misses = now.before.misses + 1
    after = now.before.but(misses=misses, facts=now.facts)
    if now.heard.kind == "tap":
        return _go_on(now, after, say(now.script, "option_old"))
    if misses >= 3:
        return _beside(now, digressions.offer_human(now.script), after)
    if misses == 2:
        nearest = digressions.did_you_mean(now.heard.reading, now.script)
        if nearest:
            return _beside(now, nearest, after)
    key = "out_of_scope" if now.intent == "out_of_scope" and now.pending is None else "not_understood"
    if now.pending is None:
        return _go_on(now, after, say(now.script, key))
    return _ask_again(now, after, say(now.script, key))


HANDLERS: tuple[Handler, ...] = (
    _forget,
    _emergency,
    _staff,
    _wish,
    _waiting,
    _more,
    _consent,
    _answer,
    _question,
    _small_talk,
    _complaint,
    _told,
    _after_outcome,
    _not_understood,
)


# --- going on


def _go_on(now: Situation, conversation: Conversation, lead: str = "") -> Turn:
    """Ask what is to be asked next, or tell the outcome when nothing is."""
    script = now.script
    found = _found(now, conversation.facts)
    told = conversation.outcome
    if told is not None and found.level <= told.level:
        text = lead or say(script, "emergency_again" if asking_is_over(told.level) else "same_advice")
        return Turn(conversation.but(pending=None), (Reply(text=text),))
    pending = None if asking_is_over(found.level) or told else next_question(conversation, script)
    if pending is not None:
        return _ask(conversation, pending, script, lead)
    decided = outcome.decide(conversation, found, script, now.heard.at)
    raised = say(script, "level_raised") if told else ""
    replies = outcome.tell(conversation, decided, script)
    first = replies[0].model_copy(update={"text": paragraphs(lead, raised, replies[0].text)})
    return Turn(conversation.but(pending=None, outcome=decided), (first, *replies[1:]))


def _ask(conversation: Conversation, pending: Pending, script: Script, lead: str) -> Turn:
    replies: tuple[Reply, ...] = ()
    if not conversation.greeted:
        opening = _opening(conversation, script)
        replies = (Reply(text=paragraphs(lead, opening)),)
        lead = ""
    reply = question_reply(script, pending, [lead])
    return Turn(conversation.but(pending=pending, greeted=True), (*replies, reply))


def _opening(conversation: Conversation, script: Script) -> str:
    """The first words: that the complaint was heard, and first aid at once for a cramp that goes on right now."""
    complaint = conversation.facts.complaint
    if complaint is None:
        return say(script, "greet")
    now = ""
    if "cramp_now" in conversation.facts.present():
        now = paragraphs(say(script, "cramp_now"), outcome.first_aid_now(script, "cramp_now"))
    return paragraphs(script.flows[complaint].text.opening, now)


def _beside(now: Situation, reply: Reply, after: Conversation | None = None) -> Turn:
    """Say something beside the question that is open, then come back to it."""
    conversation = (after or now.before).but(facts=now.facts)
    if conversation.outcome is not None:
        return Turn(conversation, (reply,))
    pending = conversation.pending or next_question(conversation, now.script)
    if pending is None or not conversation.facts.complaint:
        return Turn(conversation.but(greeted=True), (reply,))
    again = pending.model_copy(update={"tries": 1}) if conversation.pending else pending
    lead = say(now.script, "resume") if conversation.pending else ""
    question = question_reply(now.script, again, [lead])
    merged = question.model_copy(update={"options": (*question.options, *reply.options)})
    return Turn(
        conversation.but(pending=pending, greeted=True), (reply.model_copy(update={"options": ()}), merged)
    )


def _says(now: Situation, polarity: str) -> bool:
    if now.heard.kind == "tap":
        return polarity in chosen(now.heard)
    return polarity in chosen(now.heard) or now.heard.reading.answer == polarity


def _said(now: Situation, key: str) -> Reply:
    return Reply(text=say(now.script, key))
