"""What a patient told, kept: facts volunteered at any time, and the answer to the pending question."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bot.dialogue.asking import ONSET
from bot.dialogue.conversation import Heard, Pending
from bot.dialogue.script import QuestionText, Script
from bot.dialogue.wording import NO, NONE, UNSURE, YES
from bot.language import Reading
from bot.ontology import COMPLAINTS, SIGNS
from bot.triage.facts import Answer, Facts

Loose = Mapping[str, tuple[str, ...]]
"""Signs with too wide a word, and the everyday reasons for saying it."""

UNSPECIFIC_PARTS = (None, "other", "leg")
"""From what says nothing of the leg to the whole of it; any part of it says more."""
DAYS_A_YEAR = 365
LONGEST_DAYS = 110 * DAYS_A_YEAR
"""No complaint is older than a person."""

_VOLUNTEERED = ("side", "duration_days", "episode_seconds", "recurrence", "age")


@dataclass(frozen=True, slots=True)
class Answered:
    """The facts after an answer. ``open_ids`` are what the question still wants (empty: it is answered); ``noted``
    what was just ticked; ``understood`` whether the message spoke to the question at all."""

    facts: Facts
    open_ids: tuple[str, ...] = ()
    noted: tuple[str, ...] = ()
    understood: bool = True


def keep(facts: Facts, reading: Reading, pending: Pending | None, loose: Loose | None = None) -> Facts:
    """The facts with everything that the reading tells. A told sign is never taken back by silence."""
    onsets = {**_newer(facts, reading, pending), **reading.onsets}
    if onsets:
        facts = facts.model_copy(update={"onsets": {**facts.onsets, **onsets}})
    for slot in _VOLUNTEERED:
        if slot == "duration_days" and onsets and not reading.complaint:
            continue
        value = getattr(reading, slot)
        if value is not None and _is_meant(slot, facts, reading, pending):
            facts = facts.with_slot(slot, value)
    if reading.body_part and _says_more(reading.body_part, facts.body_part):
        facts = facts.with_slot("body_part", reading.body_part)
    if reading.complaint and facts.complaint is None:
        facts = facts.with_slot("complaint", reading.complaint)
    told = told_signs(reading)
    if told:
        signs = {sign: _told_as(sign, held, facts, reading, pending, loose or {}) for sign, held in told.items()}
        facts = facts.model_copy(update={"signs": {**facts.signs, **signs}})
    return facts.with_signs([sign for sign in reading.doubts if facts.signs.get(sign) != YES], UNSURE)


def _newer(facts: Facts, reading: Reading, pending: Pending | None) -> Mapping[str, float]:
    """Signs told for the first time together with a time of their own: a cramp of two months, and then "tadi pagi mulut
    sempat mencong". What was told of the complaint stays; the time is the new sign's."""
    days, asked = reading.duration_days, pending is not None and "duration_days" in pending.ids
    if days is None or asked or facts.duration_days is None or days >= facts.duration_days or reading.complaint:
        return {}
    return {sign: days for sign, told in reading.symptoms.items() if told and facts.signs.get(sign) != YES}


def _says_more(new: str, known: str | None) -> bool:
    """Whether a part of the body told now replaces the one known: the hand never takes the place of the leg."""
    if known not in UNSPECIFIC_PARTS:
        return new not in UNSPECIFIC_PARTS
    return new not in UNSPECIFIC_PARTS or UNSPECIFIC_PARTS.index(new) > UNSPECIFIC_PARTS.index(known)


def _told_as(sign: str, present: bool, facts: Facts, reading: Reading, pending: Pending | None, loose: Loose) -> Answer:
    """A loose word is only believed where it answers the question, or the message is an emergency as it stands."""
    if not present:
        return NO
    asked = pending is not None and sign in pending.ids
    everyday = any(reading.factors.get(reason) for reason in loose.get(sign, ()))
    if asked or facts.signs.get(sign) == YES:
        return YES
    alarming = reading.emergency and not reading.loose
    believed = sign not in reading.loose and (sign not in loose or (alarming and not everyday))
    return YES if believed else "loose"


def _is_meant(slot: str, facts: Facts, reading: Reading, pending: Pending | None) -> bool:
    """Whether a value is told of the complaint itself. Told once, only a plain correction changes it: "3 hari ini
    susah tidur" is no new duration of the cramp, and the age of a new sign never is."""
    if pending and pending.question == ONSET and slot == "duration_days":
        return False
    asked = pending is not None and slot in pending.ids
    if slot == "duration_days" and reading.duration_days is not None and reading.duration_days > LONGEST_DAYS:
        return False
    if slot == "duration_days" and facts.age is not None and reading.duration_days == facts.age * DAYS_A_YEAR:
        return asked  # "6 tahun" of a child of six is its age told again
    return asked or not facts.knows(slot) or reading.intent == "inform"


def told_signs(reading: Reading) -> Mapping[str, bool]:
    """Every sign that the reading speaks of for certain."""
    return {**reading.symptoms, **reading.factors, **reading.dangers}


def answer(facts: Facts, pending: Pending, heard: Heard, script: Script) -> Answered:
    """Take ``heard`` as the answer to ``pending``. ``facts`` already hold what the message volunteered."""
    question = script.questions[pending.question]
    if question.kind == "multi":
        return _answer_several(facts, pending, heard)
    if pending.question == ONSET:
        return _answer_onset(facts, pending, heard)
    if pending.ids[0] in SIGNS:
        return _answer_sign(facts, pending, heard)
    return _answer_slot(facts, pending, heard, script)


def _answer_several(facts: Facts, pending: Pending, heard: Heard) -> Answered:
    """A question with several signs to tick.

    Ticks by number, or two and more by name, or a denial of the rest are a whole answer. A single tap, or a single
    sign told by name, is noted and the rest is asked once more: silence on a red flag is not yet a denial.
    """
    picked = set(chosen(heard))
    asked = set(pending.ids)
    told = told_signs(heard.reading)
    ticked = {sign for sign in pending.ids if sign in picked or told.get(sign)}
    doubting = UNSURE in picked or _said(heard, UNSURE)
    if doubting and not ticked:
        return _doubt(facts, pending, asked)
    denied = {sign for sign in pending.ids if told.get(sign) is False}
    doubted = asked & heard.reading.doubts
    facts = facts.with_signs(ticked, YES).with_signs(denied, NO)
    rest = tuple(sign for sign in pending.ids if sign not in ticked | denied | doubted)
    if doubting and rest:
        return Answered(facts.with_signs(rest, UNSURE), noted=tuple(ticked))
    if NONE in picked or _said(heard, NO) or not rest:
        return Answered(facts.with_signs(rest, NO), noted=tuple(ticked))
    if ticked and _is_whole(heard, ticked, {sign for sign in picked if not told.get(sign)}, pending):
        return Answered(facts.with_signs(rest, NO), noted=tuple(ticked))
    return Answered(facts, rest, tuple(sorted(ticked)), understood=bool(ticked | denied | doubted))


def _is_whole(heard: Heard, ticked: set[str], numbered: set[str], pending: Pending) -> bool:
    """Whether nothing beside what is ticked is meant. ``numbered`` were picked by number, from the whole list."""
    if heard.kind == "tap":
        return heard.complete
    return bool(numbered & ticked) or len(ticked) > 1 or pending.tries > 0


def _doubt(facts: Facts, pending: Pending, signs: Iterable[str]) -> Answered:
    """Doubt about a whole list is asked once more in simpler words, then it counts as caution for all of it. Who has
    doubted a list before is spared the second asking."""
    if pending.tries or UNSURE in facts.signs.values():
        return Answered(facts.with_signs(signs, UNSURE))
    return Answered(facts, pending.ids, understood=False)


def _answer_sign(facts: Facts, pending: Pending, heard: Heard) -> Answered:
    sign = pending.ids[0]
    if sign in told_signs(heard.reading) or sign in heard.reading.doubts:
        return Answered(facts)
    said = _polarity(heard)
    if said is None:
        return Answered(facts, pending.ids, understood=False)
    return Answered(facts.with_signs([sign], said))


def _answer_onset(facts: Facts, pending: Pending, heard: Heard) -> Answered:
    """The age of signs that may be newer than the complaint. Not known counts as new."""
    days = _number(heard, heard.reading.duration_days)
    if days is None and not _said(heard, UNSURE) and UNSURE not in chosen(heard):
        return Answered(facts, pending.ids, understood=False)
    return Answered(facts.model_copy(update={"onsets": {**facts.onsets, **dict.fromkeys(pending.about, days)}}))


def _answer_slot(facts: Facts, pending: Pending, heard: Heard, script: Script) -> Answered:
    slot = pending.ids[0]
    if getattr(heard.reading, slot, None) is not None:
        return Answered(facts)
    if UNSURE in chosen(heard) or _said(heard, UNSURE):
        return Answered(facts.with_slot(slot, None))
    value = _slot_value(slot, heard, script.questions[pending.question])
    if value is None:
        return Answered(facts, pending.ids, understood=False)
    if slot == "complaint" and value in SIGNS and facts.signs.get(str(value)) != YES:
        # Who picks "Bengkak" as the complaint has told of a swelling, and may well not tick it again.
        facts = facts.with_signs([str(value)], "loose" if value in script.loose else YES)
    return Answered(facts.with_slot(slot, value))


def _slot_value(slot: str, heard: Heard, question: QuestionText) -> str | float | int | None:
    if slot in ("duration_days", "episode_seconds"):
        return _number(heard, None)
    if slot == "age":
        number = _number(heard, heard.reading.number)
        return int(number) if number is not None and 0 <= number <= 120 else None
    offered = {option.id for option in question.options}
    return next((id for id in chosen(heard) if id in offered), None)


def _number(heard: Heard, read: float | None) -> float | None:
    """A number that was read, or the one that a tapped option stands for."""
    for id in chosen(heard):
        try:
            return float(id)
        except ValueError:
            continue
    return read


def chosen(heard: Heard) -> tuple[str, ...]:
    """The options that were picked, by tapping or by typing their number or words."""
    return heard.tapped or heard.reading.chosen


def _said(heard: Heard, polarity: Answer) -> bool:
    return heard.kind != "tap" and heard.reading.answer == polarity


def _polarity(heard: Heard) -> Answer | None:
    if heard.kind != "tap" and not chosen(heard):
        return heard.reading.answer
    polarities: tuple[Answer, ...] = (YES, NO, UNSURE)
    return next((polarity for polarity in polarities if polarity in chosen(heard)), None)


def complaint_comes_first(new: str, old: str) -> bool:
    """Whether a complaint told later is the one to follow: the earlier in the ontology's order, and not a mere sign."""
    return COMPLAINTS.index(new) < COMPLAINTS.index(old) and new not in SIGNS
