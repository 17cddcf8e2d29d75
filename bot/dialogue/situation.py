"""What a handler of a message decides on, and the ways in which a conversation goes on from it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

from bot.dialogue import outcome
from bot.dialogue.asking import CONSENT, asking_is_over, next_question
from bot.dialogue.conversation import FOLLOW_UP, Conversation, Heard, Pending, Reply, Turn
from bot.dialogue.hearing import Answered, answer, chosen, keep
from bot.dialogue.script import Script
from bot.dialogue.wording import paragraphs, question_reply, say
from bot.ontology import Level
from bot.triage.facts import Facts
from bot.triage.rules import Triage, triage

COMMANDS: Mapping[str, str] = {"start": "greet", "help": "help", "forget": "delete_data", "privacy": "privacy"}
"""Commands that a channel has in its menu, tapped like options, to what they want."""

FORGET, SWITCH = "forget", "switch"
NEVER_MEDICAL = (FORGET, SWITCH, CONSENT, FOLLOW_UP)
"""Questions about the conversation itself: no answer to them is a fact about the patient."""

ELSEWHERE = "other"
"""A part of the body that this program was not made for, and says so."""


@dataclass(frozen=True)
class Situation:
    """The conversation before, the facts with what was just told, and what was heard."""

    before: Conversation
    facts: Facts
    heard: Heard
    script: Script

    @property
    def intent(self) -> str:
        """What the message wants: by a command of the channel's menu, else in words."""
        return next((COMMANDS[id] for id in self.heard.tapped if id in COMMANDS), self.heard.reading.intent)

    @property
    def pending(self) -> Pending | None:
        return self.before.pending

    @cached_property
    def given(self) -> Answered | None:
        """What the message is as the answer to the pending question; None where none of the patient's health waits."""
        if self.pending is None or self.pending.question in NEVER_MEDICAL:
            return None
        return answer(self.facts, self.pending, self.heard, self.script)

    @cached_property
    def told(self) -> Facts:
        """All that is known with this message, as the answer to the pending question too."""
        return self.given.facts if self.given else self.facts

    @cached_property
    def level(self) -> Triage:
        """The level of what is ``told``."""
        return triage(self.told, self.script.rules)

    def asked(self, question: str) -> bool:
        """Whether this question waits for its answer."""
        return self.pending is not None and self.pending.question == question

    def says(self, polarity: str) -> bool:
        """Whether the message says yes, no or unsure, by a tap or in words."""
        if self.heard.kind == "tap":
            return polarity in chosen(self.heard)
        return polarity in chosen(self.heard) or self.heard.reading.answer == polarity

    def tells(self) -> bool:
        """Whether the message brings something new about the patient."""
        return self.facts is not self.before.facts and self.facts != self.before.facts

    def said(self, key: str, **values: str) -> Reply:
        """The message ``key`` as a reply."""
        return Reply(text=say(self.script, key, **values))


Handler = Callable[[Situation], Turn | None]
"""Gives a turn where the message is its business, else None."""


def found(now: Situation, facts: Facts) -> Triage:
    """The level of all that is known; where the message alone is an emergency, never less than that."""
    known = now.level if facts is now.told else triage(facts, now.script.rules)
    if now.heard.reading.emergency and not known.certain_emergency:
        alone = triage(keep(Facts(), now.heard.reading, None, now.script.loose), now.script.rules)
        return max(known, alone, key=lambda each: each.level)
    return known


def go_on(now: Situation, conversation: Conversation, lead: str = "") -> Turn:
    """Ask what is to be asked next, or tell the outcome when nothing is, whatever was pending. ``lead`` is said before
    it."""
    script = now.script
    level_found = found(now, conversation.facts)
    told = conversation.outcome
    if told is not None and level_found.level <= told.level:
        text = lead or say(script, "emergency_again" if asking_is_over(told.level) else "same_advice")
        return Turn(conversation.but(pending=None), (Reply(text=text),))
    if told is None and conversation.facts.body_part == ELSEWHERE and not asking_is_over(level_found.level):
        return Turn(conversation.but(pending=None, greeted=True), (now.said("out_of_area"),))
    pending = None if asking_is_over(level_found.level) or told else next_question(conversation, script)
    if pending is not None:
        return ask(conversation, pending, script, lead)
    raised = say(script, "level_raised") if told else ""
    return tell_outcome(now, conversation, level_found, paragraphs(lead, raised))


def tell_outcome(now: Situation, conversation: Conversation, level_found: Triage, lead: str = "") -> Turn:
    """Decide and tell the outcome."""
    decided = outcome.decide(conversation, level_found, now.script, now.heard.at)
    first, *rest = outcome.tell(conversation, decided, now.script)
    first = first.model_copy(update={"text": paragraphs(lead, first.text)})
    floor = max(conversation.floor, decided.level)
    return Turn(conversation.but(pending=None, outcome=decided, floor=floor), (first, *rest))


def ask(conversation: Conversation, pending: Pending, script: Script, lead: str = "") -> Turn:
    """Ask ``pending``; the first time of all, after the words that open the conversation."""
    opening: tuple[Reply, ...] = ()
    if not conversation.greeted:
        opening, lead = (Reply(text=paragraphs(lead, _opening(conversation, script))),), ""
    reply = question_reply(script, pending, [lead])
    return Turn(conversation.but(pending=pending, greeted=True), (*opening, reply))


def ask_again(now: Situation, after: Conversation, lead: str = "") -> Turn:
    """The pending question once more, in other words."""
    assert now.pending is not None
    pending = now.pending.model_copy(update={"tries": now.pending.tries + 1})
    return Turn(after.but(pending=pending), (question_reply(now.script, pending, [lead]),))


def beside(now: Situation, reply: Reply, after: Conversation | None = None) -> Turn:
    """Say something beside the question that is open, then come back to it."""
    conversation = (after or now.before).but(facts=now.facts)
    open_question = conversation.pending
    pending = open_question or next_question(conversation, now.script)
    nothing_to_ask = pending is None or not conversation.facts.complaint
    if conversation.outcome is not None or asking_is_over(conversation.floor) or nothing_to_ask:
        return Turn(conversation.but(greeted=True), (reply,))
    assert pending is not None
    shown = pending.model_copy(update={"tries": pending.tries + 1}) if open_question else pending
    question = question_reply(now.script, shown, [say(now.script, "resume")] if open_question else [])
    question = question.model_copy(update={"options": (*question.options, *reply.options)})
    replies = (reply.model_copy(update={"options": ()}), question)
    return Turn(conversation.but(pending=pending, greeted=True), replies)


def _opening(conversation: Conversation, script: Script) -> str:
    """The first words: that the complaint was heard, and first aid at once for a cramp that goes on right now."""
    complaint = conversation.facts.complaint
    if complaint is None:
        return say(script, "greet")
    aid = ""
    if "cramp_now" in conversation.facts.present():
        aid = paragraphs(say(script, "cramp_now"), outcome.first_aid_now(script, "cramp_now"))
    return paragraphs(script.flows[complaint].text.opening, aid)


def alarms(level_found: Triage) -> frozenset[str]:
    """The emergency rules that fired: each is told once."""
    return frozenset(rule.id for rule in level_found.rules if rule.level >= Level.emergency)
