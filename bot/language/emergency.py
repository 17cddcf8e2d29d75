"""Whether a message alone is reason to send the patient to emergency care now."""

from collections.abc import Mapping, Sequence

from bot.language.times import Time
from bot.ontology import Level
from bot.triage.facts import Answer, Facts
from bot.triage.rules import Rule


def alarms(rules: Sequence[Rule]) -> tuple[Rule, ...]:
    """The rules that make a single message an emergency."""
    return tuple(rule for rule in rules if rule.alarm and rule.level >= Level.emergency)


def find_alarm(rules: Sequence[Rule], facts: Facts) -> Rule | None:
    """The first rule that fires for what the message tells. What it doesn't tell is not filled in."""
    present = facts.present()
    if not present:
        return None
    return next((rule for rule in rules if present & rule.condition.signs and rule.fires(facts, present)), None)


def as_facts(
    slots: Mapping[str, str | None],
    days: float | None,
    episode: float | None,
    age: int | None,
    signs: Mapping[str, bool],
    onsets: Mapping[str, float],
) -> Facts:
    """What one message tells, as triage sees it."""
    answers: dict[str, Answer] = {sign: "yes" if present else "no" for sign, present in signs.items()}
    return Facts(
        complaint=slots.get("complaint"),
        body_part=slots.get("body_part"),
        side=slots.get("side"),
        recurrence=slots.get("recurrence"),
        duration_days=days,
        episode_seconds=episode,
        age=age,
        signs=answers,
        onsets=dict(onsets),
    )


def own_onsets(owned: Mapping[str, Time], days: float | None) -> dict[str, float]:
    """The ages of signs that differ from the complaint's."""
    return {sign: time.value for sign, time in owned.items() if time.value != days}
