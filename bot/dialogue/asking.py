"""What to ask next, derived from the facts and the content as it is now: no position is ever stored."""

from functools import lru_cache

from bot.dialogue.conversation import Conversation, Pending
from bot.dialogue.relevance import can_change_level
from bot.dialogue.script import Script, Step
from bot.ontology import Level
from bot.triage.facts import Facts
from bot.triage.rules import unsettled

CONSENT, COMPLAINT, ONSET = "consent", "complaint", "onset"
"""Questions that every flow begins with or may need, whatever its steps."""

_REMEMBERED = 4096
"""Facts whose next question is remembered. Most patients deny most signs, so few sets of facts make up most talks."""


def next_question(conversation: Conversation, script: Script) -> Pending | None:
    """The question to ask now, or None when everything that the flow wants is known."""
    if conversation.consent is None:
        return Pending(question=CONSENT, ids=(CONSENT,))
    return _following(conversation.facts, script)


@lru_cache(_REMEMBERED)
def _following(facts: Facts, script: Script) -> Pending | None:
    if facts.complaint is None:
        return Pending(question=COMPLAINT, ids=(COMPLAINT,))
    newer = unsettled(facts, script.rules, script.onset_matters)
    if newer:
        return Pending(question=ONSET, ids=("duration_days",), about=tuple(sorted(newer)))
    known = facts.known()
    for step in script.flows[facts.complaint].steps:
        ids = script.questions[step.question].ids
        if not known.issuperset(ids) and concerns(step, facts, script):
            return Pending(question=step.question, ids=tuple(id for id in ids if id not in known))
    return None


def concerns(step: Step, facts: Facts, script: Script) -> bool:
    """Whether this patient is asked this step's question. What is in doubt counts as present: caution. A follow-up
    that could change nothing any more is left out."""
    if step.when is None:
        return True
    asked = step.when.holds(facts, facts.present() | facts.doubtful())
    return asked and can_change_level(script.questions[step.question], facts, script)


def asking_is_over(level: Level) -> bool:
    """As soon as an emergency is certain, asking stops."""
    return level >= Level.emergency
