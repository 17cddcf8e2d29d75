"""What a member of the clinic's staff does to a conversation. Pure: each gives a turn, or says why it can't be.

One owner has a conversation at a time: ``bot``, ``waiting``, or one person. Any answer by a person is a claim.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from bot.dialogue.asking import next_question
from bot.dialogue.conversation import CALL, RECALL, REMINDER, Asks, Conversation, Handoff, Reply, Served, Turn
from bot.dialogue.script import Script
from bot.dialogue.wording import paragraphs, question_reply, say
from bot.ontology import Level
from bot.triage.facts import Facts

STAFF = "staff:"
QUIET = {CALL: None, RECALL: None, REMINDER: None}
"""The timers that end when a person has the conversation."""


class NotAllowed(Exception):
    """Another has the conversation: ``owner`` is the username, empty where nobody has it."""

    def __init__(self, owner: str) -> None:
        super().__init__("the conversation is not this person's")
        self.owner = owner


@dataclass(frozen=True, slots=True)
class Person:
    """A member of the staff: the account's name, and what a patient is told ("Rina, perawat")."""

    username: str
    shown: str


def owner_of(conversation: Conversation) -> str:
    """The username of the person who has it; empty where nobody has."""
    return conversation.owner.removeprefix(STAFF) if conversation.mode == "staff" else ""


def claim(conversation: Conversation, person: Person, at: datetime, script: Script) -> Turn:
    """Take a conversation that no person has. What the bot was about to say is not said any more."""
    if owner_of(conversation) == person.username:
        return Turn(conversation.but(alarm=False))
    if owner_of(conversation):
        raise NotAllowed(owner_of(conversation))
    joined = Reply(text=say(script, "staff_joined", staff=person.shown))
    return Turn(_owned(conversation, person, at), (joined,), timers=QUIET, effects=frozenset({"cancel"}))


def reply(
    conversation: Conversation, person: Person, text: str, attachments: tuple[str, ...], at: datetime, script: Script
) -> Turn:
    """Write to the patient; who has not yet claimed the conversation does."""
    claimed = claim(conversation, person, at, script)
    handoff = claimed.conversation.handoff
    if handoff is not None and handoff.answered_at is None:
        handoff = handoff.model_copy(update={"answered_at": at})
    line = Reply(text=text, who="staff", name=person.shown, attachments=attachments)
    after = claimed.conversation.but(handoff=handoff, alarm=False)
    return replace(claimed, conversation=after, replies=(*claimed.replies, line))


def note(conversation: Conversation, person: Person, text: str) -> Turn:
    """Write for the staff alone."""
    return Turn(conversation, (Reply(text=text, who="note", name=person.shown),))


def seen(conversation: Conversation) -> Turn:
    """A new red flag was looked at."""
    return Turn(conversation.but(alarm=False), timers={} if conversation.mode == "waiting" else {CALL: None})


def release(conversation: Conversation, person: Person, at: datetime, script: Script) -> Turn:
    """Give it back to the queue."""
    _own(conversation, person)
    handoff = _handoff(conversation, at).model_copy(update={"since": at, "stage": 0, "claimed_at": None})
    said = Reply(text=say(script, "staff_released", staff=person.shown))
    return Turn(conversation.but(owner="waiting", handoff=handoff), (said,))


def transfer(conversation: Conversation, person: Person, to: Person, at: datetime, script: Script) -> Turn:
    """Give it to a colleague."""
    _own(conversation, person)
    said = Reply(text=say(script, "staff_transferred", staff=to.shown))
    return Turn(_owned(conversation, to, at).but(alarm=True), (said,), timers=QUIET)


def take_over(conversation: Conversation, person: Person, at: datetime, script: Script) -> Turn:
    """Take it from a colleague who does not go on with it."""
    said = Reply(text=say(script, "staff_transferred", staff=person.shown))
    return Turn(_owned(conversation, person, at), (said,), timers=QUIET)


def back_to_bot(conversation: Conversation, person: Person, script: Script) -> Turn:
    """Let the bot go on where it was: with its next question, if there is one."""
    _own(conversation, person)
    after = conversation.but(owner="bot", handoff=None, alarm=False, pending=None)
    text = say(script, "staff_left", staff=person.shown)
    pending = next_question(after, script) if after.facts.complaint and after.outcome is None else None
    if pending is None:
        return Turn(after, (Reply(text=text),), timers=QUIET)
    asked = question_reply(script, pending)
    asked = asked.model_copy(update={"text": paragraphs(text, asked.text)})
    asks = Asks(kind=script.questions[pending.question].kind, ids=pending.ids)
    return Turn(after.but(pending=pending, offered=asked.options, greeted=True), (asked,), asks, timers=QUIET)


def close(
    conversation: Conversation, person: Person, at: datetime, script: Script, disposition: str, level: Level | None
) -> Turn:
    """End it: what became of it, and the level that a clinician gives, which may be lower than the bot's. The patient
    is told; what was asked half is forgotten, what was found stays."""
    _own(conversation, person)
    served = Served(by=person.shown, at=at, disposition=disposition, level=level)
    after = conversation.but(owner="bot", handoff=None, alarm=False, pending=None, offered=(), served=served)
    if after.outcome is None:
        after = after.but(facts=Facts(age=after.facts.age))
    elif level is not None:
        after = after.but(outcome=after.outcome.model_copy(update={"level": level}), floor=level)
    said = Reply(text=say(script, "staff_closed", staff=person.shown))
    return Turn(after.but(reopen=True, misses=0), (said,), timers=QUIET)


def _owned(conversation: Conversation, person: Person, at: datetime) -> Conversation:
    handoff = _handoff(conversation, at)
    handoff = handoff.model_copy(update={"claimed_at": handoff.claimed_at or at})
    return conversation.but(
        owner=f"{STAFF}{person.username}", handoff=handoff, alarm=False, pending=None, offered=(), reopen=False
    )


def _handoff(conversation: Conversation, at: datetime) -> Handoff:
    return conversation.handoff or Handoff(since=at, why="taken")


def _own(conversation: Conversation, person: Person) -> None:
    if owner_of(conversation) != person.username:
        raise NotAllowed(owner_of(conversation))
