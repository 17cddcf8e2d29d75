"""Why each fact is in a reading: the words that gave it, and by which rule."""

from bot.language.filled import Filled
from bot.language.intents import Intent
from bot.language.message import Message
from bot.language.patterns import Match
from bot.language.reading import Evidence
from bot.language.signs import Told
from bot.language.slots import name
from bot.triage.rules import Rule


def explain(
    message: Message,
    filled: Filled,
    told: Told,
    intent: Intent,
    alarm: Rule | None,
) -> tuple[Evidence, ...]:
    """The evidence for all that was found in ``message``."""
    whole = (0, len(message.text)), message.text
    if intent.match:
        evidence = [_note(message, intent.match, f"intent={intent.name}", intent.rule)]
    else:
        evidence = [Evidence(*whole, intent.rule, f"intent={intent.name}", intent.score)]
    evidence += [_note(message, mention, f"complaint={name(mention)}") for mention in filled.complaint]
    evidence += [_note(message, found.match, f"{slot}={found.value}") for slot, found in filled.found.items() if found]
    for slot, time in filled.clocked.items():
        if time:
            match = Match(slot, "a stretch of time", tuple(range(time.first, time.last + 1)), 100.0)
            evidence.append(_note(message, match, f"{slot}={time.value:g}"))
    for sign, match in told.matches.items():
        value = "unsure" if sign in told.doubts else told.polarity.get(sign)
        evidence.append(_note(message, match, f"{sign}={value}"))
    if alarm:
        evidence.append(Evidence(*whole, alarm.id, "emergency=True", 100.0))
    return tuple(evidence)


def _note(message: Message, match: Match, fact: str, rule: str = "") -> Evidence:
    span = message.span(match.first, match.last)
    return Evidence(span, message.text[span[0] : span[1]], rule or match.source, fact, match.score)
