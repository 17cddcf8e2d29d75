"""What each kind of message does to a conversation. ``step`` tries them in their order of precedence."""

from datetime import timedelta

from bot.dialogue import digressions, handoff, knowing, outcome
from bot.dialogue.asking import CONSENT, asking_is_over
from bot.dialogue.conversation import DECLINED, FOLLOW_UP, Consent, Conversation, Pending, Turn
from bot.dialogue.hearing import chosen, complaint_comes_first, keep, told_signs
from bot.dialogue.situation import (
    ELSEWHERE,
    FORGET,
    SWITCH,
    Situation,
    alarms,
    ask_again,
    beside,
    found,
    go_on,
)
from bot.dialogue.wording import NO, UNSURE, YES, phrases, question_reply, say
from bot.triage.facts import Facts

MOST_MISSES = 4
"""Messages in a row that may be not understood before a person takes over."""


def forget(now: Situation) -> Turn | None:
    """The patient wants all data gone; asked once whether that is meant."""
    if now.asked(FORGET) and now.says(YES):
        gone = Conversation(channel=now.before.channel)
        return Turn(gone, (now.said("forgotten"),), timers={FOLLOW_UP: None}, effects=frozenset({"forget"}))
    if now.intent == "delete_data" and not now.heard.reading.emergency:
        pending = Pending(question=FORGET, ids=(CONSENT,))
        return Turn(now.before.but(pending=pending), (question_reply(now.script, pending),))
    if now.asked(FORGET) and now.says(NO):
        return go_on(now, now.before.but(pending=None), say(now.script, "forget_cancelled"))
    return None


def emergency(now: Situation) -> Turn | None:
    """A red flag that is certain and was not yet told of: the emergency text goes first, whoever owns the talk."""
    facts = now.told
    level_found = found(now, facts)
    if not level_found.certain_emergency or alarms(level_found) <= now.before.alarmed:
        return None
    alarmed = now.before.alarmed | alarms(level_found)
    after = now.before.but(facts=facts, pending=None, alarmed=alarmed, greeted=True)
    decided = outcome.decide(after, level_found, now.script, now.heard.at)
    replies = outcome.tell(after, decided, now.script)
    floor = max(after.floor, decided.level)
    return Turn(after.but(outcome=decided, floor=floor, alarm=now.before.channel != handoff.ALONE), replies)


def staff(now: Situation) -> Turn | None:
    """The bot is silent while a person answers; what is told is still kept."""
    return Turn(now.before.but(facts=now.facts)) if now.before.mode == "staff" else None


def no_text(now: Situation) -> Turn | None:
    """A voice note, a picture, a sticker, or nothing at all. Who waits for a person sends it to that person."""
    if now.heard.kind not in ("media", "empty"):
        return None
    if now.before.mode == "waiting":
        return handoff.still_waiting(now, now.before)
    kind = now.script.messages.get(f"media_{now.heard.detail}", now.script.messages["media_other"])
    return go_on(now, now.before, say(now.script, now.heard.kind, kind=kind))


def wish(now: Situation) -> Turn | None:
    """Wishes about the conversation itself."""
    wanted = next((id for id in chosen(now.heard) if id in ("human", "restart")), now.intent)
    if wanted == "human":
        return handoff.to_people(now, "asked")
    if wanted == "restart":
        kept = {"consent": now.before.consent, "floor": now.before.floor, "alarmed": now.before.alarmed}
        fresh = Conversation(channel=now.before.channel, greeted=True).but(**kept)
        return go_on(now, fresh, say(now.script, "restarted"))
    if wanted == "stop":
        return Turn(now.before.but(pending=None), (now.said("stop"),), timers={FOLLOW_UP: None})
    return None


def waiting(now: Situation) -> Turn | None:
    """In the clinic's queue nothing is asked any more; what is told is kept for who comes. A question is answered, a
    level that rises is told, and how to reach the clinic is said now and then."""
    if now.before.mode != "waiting":
        return None
    after = now.before.but(facts=now.facts)
    told = now.before.outcome
    if told is not None and found(now, now.facts).level > told.level:
        return go_on(now, after)
    reading = now.heard.reading
    known = knowing.reply_to(reading, now.facts, now.script) if knowing.is_question(reading) else None
    return Turn(after, (known,)) if known is not None else handoff.still_waiting(now, after)


def more(now: Situation) -> Turn | None:
    """More of what was just said."""
    offered = [option.id for option in now.before.offered if option.id.startswith("more:")]
    picked = chosen(now.heard)
    wanted = next((id for id in picked if id.startswith("more:")), offered[0] if "more" in picked and offered else None)
    reply = digressions.more(wanted, now.before, now.script) if wanted else None
    return beside(now, reply) if reply else None


def consent(now: Situation) -> Turn | None:
    """Whether answers may be kept. Who goes on telling after the question was put has agreed, and that is recorded."""
    if not now.asked(CONSENT):
        return None
    if now.says(NO) and not (now.tells() and now.intent != "deny"):
        declined = Conversation(channel=now.before.channel, greeted=True)
        forgotten_after = timedelta(hours=now.script.timing.declined_hours)
        return Turn(declined, (now.said("consent_declined"),), timers={FOLLOW_UP: None, DECLINED: forgotten_after})
    telling = now.tells() and not knowing.is_question(now.heard.reading)
    if not (now.says(YES) or telling):
        return None
    how = "yes" if now.says(YES) else "continued"
    given = Consent.model_validate(
        {"at": now.heard.at, "text": now.script.version, "channel": now.before.channel, "how": how}
    )
    lead = say(now.script, "consent_thanks") if how == "yes" else ""
    return go_on(now, now.before.but(consent=given, facts=now.facts), lead)


def answered(now: Situation) -> Turn | None:
    """The answer to the pending question."""
    given = now.given
    if given is None:
        return None
    after = now.before.but(facts=given.facts)
    if not given.open_ids:
        return go_on(now, after)
    if given.noted:
        return _note(now, after, given.open_ids, given.noted)
    if given.understood:
        return go_on(now, after)
    return _unclear(now, after)


def _note(now: Situation, after: Conversation, open_ids: tuple[str, ...], noted: tuple[str, ...]) -> Turn:
    assert now.pending is not None
    pending = now.pending.model_copy(update={"ids": open_ids, "tries": now.pending.tries + 1})
    text = say(now.script, "noted", signs=phrases(now.script, noted))
    reply = question_reply(now.script, pending).model_copy(update={"text": text})
    return Turn(after.but(pending=pending), (reply,))


def _unclear(now: Situation, after: Conversation) -> Turn | None:
    """An answer that says too little: which one, or in doubt about a whole list."""
    assert now.pending is not None
    if knowing.is_question(now.heard.reading):
        return None
    if now.says(UNSURE):
        return ask_again(now, after)
    if now.says(YES) and now.script.questions[now.pending.question].kind == "multi":
        return ask_again(now, after, say(now.script, "which"))
    return None


def switch(now: Situation) -> Turn | None:
    """The answer to whether another complaint is to be followed."""
    if not now.asked(SWITCH):
        return None
    assert now.pending is not None
    if now.says(YES):
        return go_on(now, _switched(now, now.pending.about[0]).but(pending=None))
    if now.says(NO):
        return go_on(now, now.before.but(facts=now.facts, pending=None), say(now.script, "switch_kept"))
    return None


def _switched(now: Situation, complaint: str) -> Conversation:
    """The same patient with another complaint: what belongs to the old one's place and time is asked anew."""
    facts = Facts(complaint=complaint, age=now.facts.age, signs=now.facts.signs)
    kept = keep(facts, now.heard.reading, None, now.script.loose)
    return now.before.but(facts=kept, outcome=None)


def question(now: Situation) -> Turn | None:
    """A question of the patient's own: answered from the knowledge."""
    if now.intent == "clinic_info":
        return beside(now, now.said("clinic_info"))
    asked = knowing.is_question(now.heard.reading)
    if not asked and not knowing.asks_by_words(now.heard.reading):
        return None
    if "cramp_now" in now.facts.present() and not now.before.greeted:
        return None  # what to do with a cramp that goes on right now opens the conversation
    reply = knowing.reply_to(now.heard.reading, now.facts, now.script)
    if reply is None and asked and now.pending is None and now.before.outcome is None:
        # "obatnya apa?" of a complaint that nobody told yet: that is asked first.
        return go_on(now, now.before.but(facts=now.facts))
    return beside(now, reply) if reply else None


def small_talk(now: Situation) -> Turn | None:
    if now.intent not in ("greet", "thanks", "bye", "help", "privacy") or now.tells():
        return None
    return beside(now, now.said(now.intent))


def complaint(now: Situation) -> Turn | None:
    """Another complaint than the one that is followed: asked before switching."""
    reading = now.heard.reading
    if reading.body_part == ELSEWHERE and now.facts.body_part == ELSEWHERE:
        return Turn(now.before.but(pending=None, greeted=True), (now.said("out_of_area"),))
    if reading.complaint is None or now.before.facts.complaint in (None, reading.complaint):
        return None
    if now.before.outcome is None and not complaint_comes_first(reading.complaint, now.before.facts.complaint):
        return None
    pending = Pending(question=SWITCH, ids=("complaint",), about=(reading.complaint,))
    return Turn(now.before.but(pending=pending, facts=now.facts), (question_reply(now.script, pending),))


def volunteered(now: Situation) -> Turn | None:
    """Facts told without being asked."""
    if not now.tells() or (now.before.outcome and not told_signs(now.heard.reading)):
        return None
    return go_on(now, now.before.but(facts=now.facts), say(now.script, "kept") if now.pending else "")


def after_outcome(now: Situation) -> Turn | None:
    if now.before.outcome is None or now.pending is not None or now.intent == "out_of_scope":
        return None
    key = "emergency_again" if asking_is_over(now.before.outcome.level) else "same_advice"
    return Turn(now.before.but(facts=now.facts), (now.said(key),))


def not_understood(now: Situation) -> Turn:
    """Said in other words; then the nearest meanings; then the way to a person, and at last the person."""
    misses = now.before.misses + 1
    after = now.before.but(misses=misses, facts=now.facts)
    if now.heard.kind == "tap":
        return go_on(now, after, say(now.script, "option_old"))
    if misses > MOST_MISSES:
        return handoff.to_people(now, "not_understood")
    if misses >= 3:
        return beside(now, digressions.offer_human(now.script), after)
    nearest = digressions.did_you_mean(now.heard.reading, now.script) if misses == 2 else None
    return beside(now, nearest, after) if nearest else _in_other_words(now, after)


def _in_other_words(now: Situation, after: Conversation) -> Turn:
    if now.pending is not None:
        return ask_again(now, after, say(now.script, "not_understood"))
    key = "out_of_scope" if now.intent == "out_of_scope" else "not_understood"
    if now.before.outcome is not None or now.intent == "out_of_scope":
        return beside(now, now.said(key), after)
    return go_on(now, after, say(now.script, key))
