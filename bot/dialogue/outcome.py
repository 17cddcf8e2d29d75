"""The outcome: the level told, why, what to do now, what to watch for, whom to see."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from bot.dialogue.conversation import Conversation, Option, Outcome, Reply
from bot.dialogue.knowing import likely_causes
from bot.dialogue.script import FirstAid, Known, Script
from bot.dialogue.wording import bullets, fill, listed, paragraphs, phrases, say
from bot.ontology import Level
from bot.triage.facts import Facts
from bot.triage.rules import Rule, Triage

CAUSES_TOLD = 3
LONGEST_ADVICE = 1_450
LONGEST_URGENT_ADVICE = 900
"""Characters of the advice, with room for a sentence before it; less where something can be tapped under it. First aid
that it can't hold is left out, or said in a message of its own where it is urgent."""

OFFERS = ("human", "follow_up:1", "follow_up:3", "more:cause", "more:prevention", "more:source")
_LABELS = {
    "follow_up:1": "day",
    "follow_up:3": "three_days",
    "more:cause": "cause",
    "more:prevention": "prevention",
    "more:source": "source",
}
URGENT_OFFERS = ("human", "more:source")


def decide(conversation: Conversation, found: Triage, script: Script, at: datetime) -> Outcome:
    """The outcome for what was found. The level that was told before in this episode can rise and not fall."""
    before = conversation.outcome
    if before and before.level > found.level:
        return before.model_copy(update={"at": at})
    level = max(found.level, conversation.floor)
    rules = _deciding(found)
    see = dict.fromkeys(care for rule in rules for care in rule.see)
    causes = dict.fromkeys(cause for rule in rules for cause in rule.causes)
    if level < Level.emergency:
        causes |= dict.fromkeys(known.entry.id for known in _likely(conversation.facts, script))
    return Outcome(
        level=level,
        rules=tuple(rule.id for rule in found.rules),
        reasons=found.reasons,
        doubts=found.doubts,
        see=tuple(see) or script.outcomes[level].see,
        causes=tuple(causes),
        content=script.version,
        at=at,
    )


def tell(conversation: Conversation, outcome: Outcome, script: Script) -> tuple[Reply, ...]:
    """The outcome in at most two messages: what to do, and what to watch for with what is offered."""
    rules = [rule for rule in script.rules.named(outcome.rules) if rule.level >= outcome.level]
    own_words = next((rule.message for rule in rules if rule.message), None)
    if own_words:
        return (Reply(text=say(script, own_words), options=_offers(script, ("human",)), emergency=True),)
    if outcome.level >= Level.emergency:
        return _urgent(conversation.facts, outcome, rules, script)
    text = script.outcomes[outcome.level]
    advice, _ = _advice(conversation.facts, outcome, rules, script, LONGEST_ADVICE)
    second = paragraphs(fill(script, text.watch), fill(script, text.follow_up))
    if not second:
        return (Reply(text=advice, options=_offers(script, OFFERS)),)
    return (Reply(text=advice), Reply(text=second, options=_offers(script, OFFERS)))


def _urgent(facts: Facts, outcome: Outcome, rules: Sequence[Rule], script: Script) -> tuple[Reply, ...]:
    """What to do now; in a second message the first aid that the first can't hold."""
    advice, left = _advice(facts, outcome, rules, script, LONGEST_URGENT_ADVICE)
    texts = [advice, paragraphs(*left)] if left else [advice]
    replies = [Reply(text=text, emergency=True) for text in texts]
    replies[-1] = replies[-1].model_copy(update={"options": _offers(script, URGENT_OFFERS)})
    return tuple(replies)


def _advice(
    facts: Facts, outcome: Outcome, rules: Sequence[Rule], script: Script, longest: int
) -> tuple[str, list[str]]:
    """The advice in at most ``longest`` characters, and the first aid that found no room in it."""
    text = script.outcomes[outcome.level]
    reasons = phrases(script, _worth_telling(outcome.reasons))
    why = fill(script, text.why, reasons=reasons) if reasons else fill(script, text.why_unknown)
    urgent = outcome.level >= Level.emergency
    before = (
        fill(script, text.headline),
        paragraphs(why, _suspicion(outcome, script) if urgent else _causes(facts, outcome, script)),
        ("" if urgent else say(script, "do_intro") + "\n") + bullets(fill(script, step) for step in text.do),
    )
    after = _whom_to_see(outcome, script)
    aid: list[str] = []
    left: list[str] = []
    for block in _first_aid(facts, outcome.level, rules, script):
        fits = len(paragraphs(*before, *aid, block, after)) <= longest
        (aid if fits else left).append(block)
    return paragraphs(*before, *aid, after), left


def _suspicion(outcome: Outcome, script: Script) -> str:
    names = [script.causes[cause].name for cause in outcome.causes[:2] if cause in script.causes]
    return say(script, "suspicion", causes=listed_or(script, names)) if names else ""


def listed_or(script: Script, names: Sequence[str]) -> str:
    """Suspected causes: one or the other, never all of them."""
    return f" {script.messages['or']} ".join(names)


def _causes(facts: Facts, outcome: Outcome, script: Script) -> str:
    """Likely causes, those first that fit what the patient told."""
    suspected = [script.causes[cause].name for cause in outcome.causes if cause in script.causes]
    lines = [f"{name[0].upper()}{name[1:]}" for name in suspected[:2]]
    for known in _likely(facts, script)[: CAUSES_TOLD - min(len(lines), 2)]:
        because = known.entry.because if known.when and known.when.holds(facts, facts.present()) else ""
        lines.append(known.entry.title + (f" ({say(script, 'because', reason=because)})" if because else ""))
    return f"{say(script, 'causes_intro')}\n{bullets(lines)}" if lines else ""


def _likely(facts: Facts, script: Script) -> list[Known]:
    return likely_causes(script, facts)[:CAUSES_TOLD]


def _first_aid(facts: Facts, level: Level, rules: Sequence[Rule], script: Script) -> Iterable[str]:
    """First aid that the deciding rules name; without any, what fits the complaint. Home care has no place in an
    emergency."""
    wanted = dict.fromkeys(id for rule in rules for id in rule.first_aid)
    by_id = {known.first_aid.id: known.first_aid for known in script.first_aid}
    chosen = [by_id[id] for id in wanted if id in by_id]
    if not chosen and level < Level.emergency:
        chosen = _fitting(facts, script)
    return [_steps(first_aid) for first_aid in chosen[:2]]


def _fitting(facts: Facts, script: Script) -> list[FirstAid]:
    return [
        known.first_aid
        for known in script.first_aid
        if facts.complaint in known.first_aid.complaints
        and (known.when is None or known.when.holds(facts, facts.present()))
    ]


def first_aid_now(script: Script, id: str) -> str:
    """The steps of one first aid, for a complaint that goes on while the patient writes."""
    return next((_steps(known.first_aid) for known in script.first_aid if known.first_aid.id == id), "")


def _steps(first_aid: FirstAid) -> str:
    return f"*{first_aid.title}*\n{bullets([*first_aid.steps, *first_aid.never])}"


def _whom_to_see(outcome: Outcome, script: Script) -> str:
    if outcome.level >= Level.emergency or not outcome.see:
        return ""
    cares = [script.care[care] for care in outcome.see if care in script.care]
    how = next((care.how for care in cares if care.how), "")
    return paragraphs(say(script, "see_whom", see=listed(script, (care.name for care in cares))), fill(script, how))


def _worth_telling(reasons: Iterable[str]) -> list[str]:
    return list(reasons)[:4]


def _deciding(found: Triage) -> list[Rule]:
    return [rule for rule in found.rules if rule.level >= found.level] or list(found.rules[:1])


def _offers(script: Script, ids: Iterable[str]) -> tuple[Option, ...]:
    return tuple(Option(id=id, label=script.messages[f"{_LABELS.get(id, id)}_label"]) for id in ids)
