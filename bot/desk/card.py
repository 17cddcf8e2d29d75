"""The card at the head of a conversation, in the form in which clinicians hand over: SBAR. Pure.

The words of medicine come from the content; the desk's own words stand in its templates.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.dialogue.conversation import Conversation, Handoff, Outcome, Served
from bot.dialogue.script import Script
from bot.dialogue.wording import fill
from bot.ontology import FACTORS, SIGNS, Level
from bot.store.records import Line
from bot.triage.facts import Answer, Facts
from bot.triage.rules import Rule, triage

MEDICINES: Final = ("estrogen", "diuretic", "statin", "corticosteroid", "antidepressant", "anticoagulant")
AGE_GROUPS: Final = ("elderly", "child")
"""Factors that follow from the age, which stands on the card itself."""

WORDS_OF_A_STORY: Final = 3
"""A first message of fewer words is a greeting more often than a story."""


@dataclass(frozen=True, slots=True)
class Sign:
    """A sign on the card. ``days``: its own age, where newer than the complaint; ``decided``: it made the level."""

    id: str
    label: str
    days: float | None = None
    decided: bool = False


@dataclass(frozen=True, slots=True)
class Cited:
    """A source of a rule."""

    id: str
    title: str
    url: str


@dataclass(frozen=True, slots=True)
class Fired:
    """A rule that fired: its level, by which of the patient's signs, what it makes suspect, and on whose word."""

    id: str
    level: Level
    signs: tuple[str, ...]
    causes: tuple[str, ...]
    sources: tuple[Cited, ...]
    decided: bool


@dataclass(frozen=True, slots=True)
class Situation:
    """Who it is about, and what is wrong. ``provisional``: no outcome was told yet, the level is what is known now."""

    level: Level | None
    provisional: bool
    complaint: str
    place: str
    side: str
    recurrence: str
    days: float | None
    age: int | None
    handoff: Handoff | None
    words: str


@dataclass(frozen=True, slots=True)
class Background:
    factors: tuple[str, ...]
    medicines: tuple[str, ...]
    denied: tuple[str, ...]
    served: Served | None


@dataclass(frozen=True, slots=True)
class Assessment:
    present: tuple[Sign, ...]
    unsure: tuple[Sign, ...]
    not_asked: tuple[Sign, ...]
    denied: tuple[Sign, ...]
    rules: tuple[Fired, ...]


@dataclass(frozen=True, slots=True)
class Recommendation:
    """What the patient was advised, and ``at`` which time; nothing where no outcome was told."""

    at: datetime | None
    headline: str
    steps: tuple[str, ...]
    first_aid: tuple[str, ...]
    see: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Card:
    situation: Situation
    background: Background
    assessment: Assessment
    recommendation: Recommendation


def card_of(conversation: Conversation, words: str, script: Script) -> Card:
    """The card of a conversation; ``words`` are the patient's own ``first_words``."""
    return Card(
        _situation(conversation, words, script),
        _background(conversation, script),
        _assessment(conversation, script),
        _recommendation(conversation.outcome, script),
    )


def level_of(conversation: Conversation, script: Script) -> Level | None:
    """The level that was told; before that, what the facts make by now. None where they make nothing yet."""
    if conversation.outcome is not None:
        return max(conversation.outcome.level, conversation.floor)
    known = max(triage(conversation.facts, script.rules).level, conversation.floor)
    # Before everything is asked, nobody may look as if they could stay at home.
    return known if known > Level.self_care else None


def complaint_of(conversation: Conversation, script: Script) -> str:
    """The complaint in the content's words; empty where none is known."""
    return _label(script, "complaint", conversation.facts.complaint)


def _situation(conversation: Conversation, words: str, script: Script) -> Situation:
    facts = conversation.facts
    return Situation(
        level=level_of(conversation, script),
        provisional=conversation.outcome is None,
        complaint=complaint_of(conversation, script),
        place=_label(script, "body_part", facts.body_part),
        side=_label(script, "side", facts.side),
        recurrence=_label(script, "recurrence", facts.recurrence),
        days=facts.duration_days,
        age=facts.age,
        handoff=conversation.handoff,
        words=words,
    )


def first_words(lines: Iterable[Line]) -> str:
    """The patient's own first words that tell something; else the very first."""
    said = [line.text.strip() for line in lines if line.who == "patient" and line.text.strip()]
    return next((text for text in said if len(text.split()) >= WORDS_OF_A_STORY), said[0] if said else "")


def _background(conversation: Conversation, script: Script) -> Background:
    answers = conversation.facts.signs
    medicines = [id for id in MEDICINES if answers.get(id) == "yes"]
    others = [id for id in FACTORS if id not in (*MEDICINES, *AGE_GROUPS)]
    denied = [id for id in (*MEDICINES, *others) if answers.get(id) == "no"]
    return Background(
        factors=_labels(script, (id for id in others if answers.get(id) == "yes")),
        medicines=_labels(script, medicines),
        denied=_labels(script, denied),
        served=conversation.served,
    )


def _assessment(conversation: Conversation, script: Script) -> Assessment:
    facts, outcome = conversation.facts, conversation.outcome
    decided = frozenset(outcome.reasons) if outcome else frozenset(triage(facts, script.rules).reasons)
    return Assessment(
        present=_signs(script, facts, decided, "yes"),
        unsure=_signs(script, facts, decided, "unsure", "loose"),
        not_asked=tuple(Sign(id, script.signs[id].label) for id in not_asked(facts, script) if id in script.signs),
        denied=_signs(script, facts, decided, "no"),
        rules=_fired(conversation, script),
    )


def not_asked(facts: Facts, script: Script) -> list[str]:
    """The red flags that nobody has asked about, the gravest first: what must be known before anybody may stay at
    home."""
    flow = script.flows.get(facts.complaint) if facts.complaint else None
    wanted = script.required | frozenset(flow.text.required if flow else ())
    found = [id for id in SIGNS if id in wanted and id not in FACTORS and not facts.knows(id)]
    return sorted(found, key=lambda sign: -_gravity(sign, script))


def _gravity(sign: str, script: Script) -> Level:
    """The highest level that a rule gives to whoever has the sign."""
    return max((rule.level for rule in script.rules if sign in rule.condition.signs), default=Level.self_care)


def _signs(script: Script, facts: Facts, decided: frozenset[str], *answers: Answer) -> tuple[Sign, ...]:
    """Symptoms with one of ``answers``, those first that made the level."""
    found = [
        Sign(id, script.signs[id].label, facts.onsets.get(id), id in decided)
        for id in SIGNS
        if facts.signs.get(id) in answers and id in script.signs and id not in FACTORS
    ]
    return tuple(sorted(found, key=lambda sign: not sign.decided))


def _fired(conversation: Conversation, script: Script) -> tuple[Fired, ...]:
    """The rules behind the level, the deciding ones first. Rules that the content no longer has are left out."""
    outcome = conversation.outcome
    ids = outcome.rules if outcome else tuple(rule.id for rule in triage(conversation.facts, script.rules).rules)
    by_id = {rule.id: rule for rule in script.rules}
    level = level_of(conversation, script) or Level.self_care
    found = [_one_fired(by_id[id], conversation.facts, level, script) for id in ids if id in by_id]
    return tuple(sorted(found, key=lambda fired: -fired.level))


def _one_fired(rule: Rule, facts: Facts, level: Level, script: Script) -> Fired:
    named = rule.condition.signs & (facts.present() | facts.doubtful())
    return Fired(
        id=rule.id,
        level=rule.level,
        signs=_labels(script, (id for id in SIGNS if id in named)),
        causes=tuple(script.causes[cause].name for cause in rule.causes if cause in script.causes),
        sources=tuple(
            Cited(id, script.sources[id].title, script.sources[id].url) for id in rule.sources if id in script.sources
        ),
        decided=rule.level >= level,
    )


def _recommendation(outcome: Outcome | None, script: Script) -> Recommendation:
    if outcome is None:
        return Recommendation(None, "", (), (), ())
    text = script.outcomes[outcome.level]
    wanted = dict.fromkeys(id for rule in script.rules if rule.id in outcome.rules for id in rule.first_aid)
    titles = {known.first_aid.id: known.first_aid.title for known in script.first_aid}
    return Recommendation(
        at=outcome.at,
        headline=fill(script, text.headline),
        steps=tuple(fill(script, step) for step in text.do),
        first_aid=tuple(titles[id] for id in wanted if id in titles),
        see=tuple(script.care[care].name for care in outcome.see if care in script.care),
    )


def _labels(script: Script, signs: Iterable[str]) -> tuple[str, ...]:
    return tuple(script.signs[id].label for id in signs if id in script.signs)


def _label(script: Script, question: str, value: str | None) -> str:
    """The words of the option that stands for ``value`` in the question of that name."""
    asked = script.questions.get(question)
    options = asked.options if asked and value else ()
    return next((option.label for option in options if option.id == value), "")
