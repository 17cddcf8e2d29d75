"""The scripted patients that stand beside the flows: whom they cover, and that they fare as they must."""

from collections import Counter
from typing import Any

import pytest

from bot.commands.simulate import figures
from bot.content import Content
from bot.ontology import Level
from bot.settings import shipped
from bot.simulation import Patient, Played, play, read_patients


@pytest.fixture(scope="module")
def patients() -> list[Patient]:
    return read_patients(shipped("flows") / "patients")


@pytest.fixture(scope="module")
def played(patients: list[Patient], content: Content) -> list[Played]:
    return [play(patient, content) for patient in patients]


@pytest.fixture(scope="module")
def result(played: list[Played]) -> dict[str, Any]:
    return figures(played)


def test_each_patient_has_an_id_of_its_own(patients: list[Patient]) -> None:
    assert [id for id, count in Counter(patient.id for patient in patients).items() if count > 1] == []


def test_every_rule_and_every_level_has_its_patients(patients: list[Patient], content: Content) -> None:
    named = {rule for patient in patients for rule in patient.rules}
    assert {rule.id for rule in content.script.rules} == named
    assert {patient.level for patient in patients} == {level.name for level in Level}
    assert len(patients) >= 120


def test_no_emergency_patient_is_told_less(result: dict[str, Any]) -> None:
    assert result["missed_emergencies"] == []


def test_under_triage_is_rare(result: dict[str, Any]) -> None:
    assert result["under_triage"] <= 2, result["misses"]


def test_over_triage_is_bounded(result: dict[str, Any]) -> None:
    assert result["over_triage_by_one"] <= 15, result["misses"]


def test_most_levels_are_right(result: dict[str, Any]) -> None:
    assert result["exact_or_acceptable"] >= 90, result["misses"]


def test_well_patients_are_done_in_few_answers(result: dict[str, Any]) -> None:
    assert result["answers_of_the_well"]["median"] <= 8
    assert result["answers_of_the_well"]["most"] <= 15


def test_typing_the_words_fares_no_worse(patients: list[Patient], content: Content) -> None:
    typed = figures([play(patient, content, "words") for patient in patients])
    assert typed["missed_emergencies"] == []
    assert typed["exact_or_acceptable"] >= 90
