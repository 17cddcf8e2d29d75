"""The symbolic part of the prover: in which cases a condition holds, and in which not."""

import pytest

from bot.content.checks.cases import Case, Casebook
from bot.content.checks.people import person_of
from bot.triage.conditions import compile_condition

DEFINITIONS = {"vte": compile_condition("pregnancy or cancer")}


def book(*texts: str) -> Casebook:
    definitions = {name: condition.tree for name, condition in DEFINITIONS.items()}
    return Casebook(definitions, [compile_condition(text, DEFINITIONS).tree for text in texts])


def cases(text: str) -> list[Case]:
    return book(text).cases(compile_condition(text, DEFINITIONS))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("swelling", [{"swelling"}]),
        ("swelling and (redness or warmth)", [{"swelling", "redness"}, {"swelling", "warmth"}]),
        ("swelling and vte", [{"swelling", "pregnancy"}, {"swelling", "cancer"}]),
        ("swelling or swelling and redness", [{"swelling"}]),
        ("elderly and child", []),
        ("one_side and both_sides", []),
        ("days <= 3 and days > 28", []),
        ("complaint == cramp and complaint in (twitch, pain)", []),
    ],
)
def test_minimal_cases(text: str, expected: list[set[str]]) -> None:
    assert [set(case.present) for case in cases(text)] == expected


@pytest.mark.parametrize(
    "text",
    [
        "swelling and one_side and days <= 28",
        "persistent_pain and not exercise and body_part in (calf, thigh)",
        "weakness and days_settled and days > 28",
        "child and side != both",
        "complaint != cramp and age >= 60 and recurrence == frequent",
        "claudication or episode_seconds > 600",
    ],
)
def test_a_case_and_its_person_make_the_condition_hold_and_what_is_against_does_not(text: str) -> None:
    condition = compile_condition(text)
    for found, holds in ((book(text).cases(condition), True), (book(text).against(condition), False)):
        assert found
        for case in found:
            facts = person_of(case).facts()
            assert condition.holds(facts, facts.present()) is holds, case


def test_numbers_lie_below_at_and_above_each_bound() -> None:
    assert {13.0, 14.0, 15.0} <= set(book("days > 14").numbers["days"])
