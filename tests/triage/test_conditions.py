"""The condition language: what it says, what it refuses, and that caution is built in."""

import pytest

from bot.triage.conditions import ConditionError, compile_condition
from bot.triage.facts import Facts

NOBODY = Facts()


def holds(text: str, facts: Facts = NOBODY, *present: str) -> bool:
    facts = facts.with_signs(present, "yes")
    return compile_condition(text).holds(facts, facts.present())


@pytest.mark.parametrize(
    ("text", "present", "expected"),
    [
        ("swelling", ["swelling"], True),
        ("swelling", [], False),
        ("swelling and redness", ["swelling"], False),
        ("swelling and (redness or warmth)", ["swelling", "warmth"], True),
        ("chest_pain or dyspnea", ["dyspnea"], True),
        ("persistent_pain and not exercise", ["persistent_pain"], True),
        ("persistent_pain and not exercise", ["persistent_pain", "exercise"], False),
    ],
)
def test_signs_and_connectives(text: str, present: list[str], expected: bool) -> None:
    assert holds(text, NOBODY, *present) is expected


@pytest.mark.parametrize(
    ("text", "facts", "expected"),
    [
        ("one_side", Facts(side="left"), True),
        ("one_side", Facts(side="both"), False),
        ("body_part in (calf, shin)", Facts(body_part="shin"), True),
        ("body_part in (calf, shin)", Facts(body_part="knee"), False),
        ("complaint == cramp", Facts(complaint="cramp"), True),
        ("complaint != cramp", Facts(complaint="pain"), True),
        ("days <= 28", Facts(duration_days=28), True),
        ("days <= 28", Facts(duration_days=29), False),
        ("days > 28", Facts(duration_days=29), True),
        ("episode_seconds > 600", Facts(episode_seconds=900), True),
        ("age >= 60", Facts(age=60), True),
    ],
)
def test_slots(text: str, facts: Facts, expected: bool) -> None:
    assert holds(text, facts) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("one_side", True),
        ("body_part == calf", True),
        ("days <= 28", True),
        ("days > 28", False),
        ("age >= 60", False),
        ("episode_seconds > 600", False),
    ],
)
def test_what_is_unknown_counts_as_caution(text: str, expected: bool) -> None:
    assert holds(text) is expected


def test_days_are_those_of_the_newest_sign_that_the_rule_names() -> None:
    rule = compile_condition("slurred_speech and days <= 7")
    facts = Facts(duration_days=60).with_signs(["slurred_speech"], "yes")
    assert not rule.holds(facts, facts.present())
    newer = facts.model_copy(update={"onsets": {"slurred_speech": 0.5}})
    assert rule.holds(newer, newer.present())


def test_definitions_bring_their_signs() -> None:
    vte = compile_condition("pregnancy or cancer")
    rule = compile_condition("swelling and vte", {"vte": vte})
    assert rule.signs == {"swelling", "pregnancy", "cancer"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sweling", "unknown word 'sweling'"),
        ("swelling and", "cannot be read"),
        ("not swelling", "may never switch a rule off"),
        ("not (redness or exercise)", "may never switch a rule off"),
        ("body_part == elbow", "unknown body_part 'elbow'"),
        ("days == 3", "can't be compared"),
        ("side < left", "is compared by =="),
        ("open('x')", "no form of this language"),
        ("swelling + redness", "no form of this language"),
    ],
)
def test_what_is_refused(text: str, message: str) -> None:
    with pytest.raises(ConditionError, match=message.replace("(", r"\(").replace(")", r"\)")):
        compile_condition(text)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (NOBODY, False),
        (Facts(duration_days=1), True),
        (Facts(duration_days=9), False),
        (Facts(unknown=frozenset({"duration_days"})), True),
        (Facts(onsets={"weakness": 1.0}), True),
    ],
)
def test_a_rule_may_wait_for_the_question_of_time(facts: Facts, expected: bool) -> None:
    assert holds("weakness and days_settled and days <= 3", facts, "weakness") is expected


@pytest.mark.parametrize(
    ("facts", "expected"),
    [(NOBODY, False), (Facts(side="both"), True), (Facts(unknown=frozenset({"side"})), True)],
)
def test_a_rule_may_wait_for_the_question_of_side(facts: Facts, expected: bool) -> None:
    assert holds("back_pain and side_settled and both_sides", facts, "back_pain") is expected
