"""The level of care: the highest rule wins, doubt is caution, one more symptom never lowers it."""

from bot.ontology import Level
from bot.triage.conditions import compile_condition
from bot.triage.facts import Facts
from bot.triage.rules import Rule, by_urgency, triage, unsettled


def rule(name: str, level: Level, when: str) -> Rule:
    return Rule(name, level, compile_condition(when))


RULES = by_urgency(
    [
        rule("low", Level.consultation, "disturbs_sleep"),
        rule("clot", Level.emergency, "swelling and redness and days <= 28"),
        rule("lung", Level.emergency_ambulance, "dyspnea"),
        rule("stroke", Level.emergency_ambulance, "slurred_speech and days <= 7"),
        rule("nerve", Level.consultation_24, "slurred_speech"),
    ]
)


def told(*signs: str, facts: Facts | None = None) -> Facts:
    return (facts or Facts()).with_signs(signs, "yes")


def test_nothing_told_is_self_care() -> None:
    assert triage(told(), RULES).level is Level.self_care


def test_the_highest_level_wins_and_every_rule_that_fired_is_named() -> None:
    found = triage(told("dyspnea", "disturbs_sleep"), RULES)
    assert found.level is Level.emergency_ambulance
    assert [rule.id for rule in found.rules] == ["lung", "low"]
    assert found.reasons == ("dyspnea",)


def test_doubt_about_a_red_flag_is_looked_at_within_a_day_and_never_taken_as_no() -> None:
    found = triage(told().with_signs(["dyspnea"], "unsure"), RULES)
    assert found.level is Level.consultation_24
    assert found.doubts == ("dyspnea",)
    assert not found.certain_emergency


def test_doubt_about_a_lesser_sign_counts_as_the_sign() -> None:
    assert triage(told().with_signs(["disturbs_sleep"], "unsure"), RULES).level is Level.consultation


def test_doubt_never_lowers_what_is_certain() -> None:
    facts = told("dyspnea").with_signs(["swelling", "redness"], "unsure")
    assert triage(facts, RULES).level is Level.emergency_ambulance


def test_an_old_complaint_with_a_stroke_sign_leaves_the_age_of_the_sign_to_ask() -> None:
    old = told("slurred_speech", facts=Facts(duration_days=120))
    assert unsettled(old, RULES, frozenset({"slurred_speech"})) == {"slurred_speech"}
    dated = old.model_copy(update={"onsets": {"slurred_speech": 120.0}})
    assert not unsettled(dated, RULES, frozenset({"slurred_speech"}))


def test_an_unknown_age_of_a_sign_counts_as_short() -> None:
    facts = told("slurred_speech", facts=Facts(duration_days=120, onsets={"slurred_speech": None}))
    assert triage(facts, RULES).level is Level.emergency_ambulance
