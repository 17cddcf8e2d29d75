"""The SBAR card: what was told stands on it, and so does what nobody has asked."""

from datetime import UTC, datetime

import pytest

from bot.content import Content
from bot.desk.card import Card, card_of, complaint_of, first_words, level_of, not_asked
from bot.dialogue.conversation import Conversation, Outcome
from bot.dialogue.outcome import decide
from bot.dialogue.script import Script
from bot.ontology import Level
from bot.store.records import Line
from bot.triage.facts import Facts
from bot.triage.rules import triage

AT = datetime(2026, 11, 23, 3, tzinfo=UTC)
SWOLLEN = (
    Facts(complaint="swelling", body_part="calf", duration_days=1)
    .with_slot("side", "left")
    .with_slot("age", 47)
    .with_signs(["swelling", "redness", "warmth", "diabetes", "diuretic"], "yes")
    .with_signs(["fever"], "unsure")
    .with_signs(["chest_pain", "dyspnea", "pregnancy"], "no")
)


@pytest.fixture
def script(content: Content) -> Script:
    return content.script


def outcome(facts: Facts, script: Script) -> Outcome:
    return decide(Conversation(facts=facts), triage(facts, script.rules), script, AT)


def card(facts: Facts, script: Script, told: bool = True) -> Card:
    conversation = Conversation(facts=facts, outcome=outcome(facts, script) if told else None)
    return card_of(conversation, "betis saya bengkak", script)


def labels(signs: object) -> list[str]:
    return [sign.label for sign in signs]  # type: ignore[attr-defined]


def test_the_situation_is_told_in_the_contents_words(script: Script) -> None:
    situation = card(SWOLLEN, script).situation
    assert (situation.complaint, situation.place, situation.side) == ("Bengkak", "Betis", "Kiri")
    assert (situation.days, situation.age, situation.words) == (1, 47, "betis saya bengkak")
    assert situation.level is not None
    assert situation.level >= Level.consultation_24
    assert not situation.provisional


def test_before_an_outcome_the_level_is_provisional(script: Script) -> None:
    situation = card(SWOLLEN, script, told=False).situation
    assert situation.provisional
    assert situation.level == triage(SWOLLEN, script.rules).level


def test_of_somebody_who_told_nothing_nothing_is_known(script: Script) -> None:
    assert level_of(Conversation(), script) is None
    assert complaint_of(Conversation(), script) == ""
    empty = card_of(Conversation(), "", script)
    assert empty.assessment.present == ()
    assert empty.recommendation.at is None


def test_factors_and_medicines_stand_apart_from_symptoms(script: Script) -> None:
    background = card(SWOLLEN, script).background
    assert script.signs["diabetes"].label in background.factors
    assert background.medicines == (script.signs["diuretic"].label,)
    assert script.signs["pregnancy"].label in background.denied


def test_present_denied_unsure_and_not_asked(script: Script) -> None:
    assessment = card(SWOLLEN, script).assessment
    assert set(labels(assessment.present)) == {script.signs[id].label for id in ("swelling", "redness", "warmth")}
    assert labels(assessment.unsure) == [script.signs["fever"].label]
    assert set(labels(assessment.denied)) == {script.signs[id].label for id in ("chest_pain", "dyspnea")}
    assert script.signs["facial_droop"].label in labels(assessment.not_asked)
    known = {sign.id for signs in (assessment.present, assessment.unsure, assessment.denied) for sign in signs}
    assert known.isdisjoint(sign.id for sign in assessment.not_asked)


def test_what_made_the_level_stands_first(script: Script) -> None:
    present = card(SWOLLEN, script).assessment.present
    assert present[0].decided
    assert [sign.decided for sign in present] == sorted((sign.decided for sign in present), reverse=True)


def test_the_gravest_open_question_stands_first(script: Script) -> None:
    asked = not_asked(SWOLLEN, script)
    gravity = [max((r.level for r in script.rules if id in r.condition.signs), default=Level.self_care) for id in asked]
    assert gravity == sorted(gravity, reverse=True)
    assert gravity[0] == Level.emergency_ambulance


def test_everything_that_was_asked_is_not_open(script: Script) -> None:
    answered = SWOLLEN.with_signs([id for id in script.signs if id not in SWOLLEN.signs], "no")
    assert not_asked(answered, script) == []


def test_rules_name_their_signs_and_sources(script: Script) -> None:
    rules = card(SWOLLEN, script).assessment.rules
    assert rules
    assert rules[0].decided
    assert script.signs["swelling"].label in rules[0].signs
    assert all(rule.sources for rule in rules)
    assert all(source.title for rule in rules for source in rule.sources)


def test_rules_that_the_content_no_longer_has_are_passed_by(script: Script) -> None:
    told = outcome(SWOLLEN, script).model_copy(update={"rules": ("gone_since",)})
    assert card_of(Conversation(facts=SWOLLEN, outcome=told), "", script).assessment.rules == ()


def test_the_recommendation_is_what_was_advised(script: Script) -> None:
    advised = card(SWOLLEN, script).recommendation
    level = outcome(SWOLLEN, script).level
    assert advised.at == AT
    assert advised.headline == script.outcomes[level].headline
    assert len(advised.steps) == len(script.outcomes[level].do)
    assert advised.see


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (["halo", "betis kiri saya bengkak"], "betis kiri saya bengkak"),
        (["halo"], "halo"),
        (["", "  ", "kram"], "kram"),
        ([], ""),
    ],
)
def test_the_patients_first_words_tell_something(said: list[str], words: str) -> None:
    lines = [Line(who="bot", text="Ada keluhan apa di kaki Anda?", at=AT)]
    lines += [Line(who="patient", text=text, at=AT) for text in said]
    assert first_words(lines) == words
