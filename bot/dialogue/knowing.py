"""Answers to a patient's own questions, out of the knowledge, fitted to what is known of the patient."""

from collections.abc import Mapping, Sequence
from typing import Final

from bot.dialogue.conversation import Option, Reply
from bot.dialogue.script import Entry, Known, Script
from bot.dialogue.wording import paragraphs
from bot.language import Reading
from bot.triage.facts import Facts

KINDS: Final[Mapping[str, tuple[str, ...]]] = {
    "ask_definition": ("definition",),
    "ask_causes": ("cause", "mechanism", "risk_group"),
    "ask_first_aid": ("first_aid", "treatment"),
    "ask_prevention": ("prevention",),
    "ask_danger": ("danger", "warning_sign"),
    "ask_nutrient": ("nutrient",),
    "ask_medicine": ("drug", "treatment"),
    "ask_doctor": ("specialist", "exam"),
    "ask_meaning": ("folklore",),
}
"""Which knowledge answers which question, the best fitting kind first."""

TOPIC_SCORE: Final = 60.0
TOPICS_TOLD: Final = 3
KIND_BONUS: Final = 8.0
ELSEWHERE_MALUS: Final = 20.0
"""What an entry loses that is written for circumstances which nobody told of: pregnancy, a medicine, an illness."""

FIRST_PAGE_CHARACTERS: Final = 450
PAGE_CHARACTERS: Final = 900


def is_question(reading: Reading) -> bool:
    return reading.intent in KINDS


def reply_to(reading: Reading, facts: Facts, script: Script) -> Reply | None:
    """The answer to a question: the nearest topic where one is near, else what is known of its kind."""
    about = _about(reading, facts)
    near = _topics(reading, about, script)
    if near:
        return _entry_reply(near, script)
    return page(script, reading.intent, about, 0) if about.complaint else None


def entry_more(script: Script, ids: Sequence[str]) -> Reply | None:
    """The longer version of the first entry of ``ids``, then what the others say in short."""
    by_id = {known.entry.id: known.entry for known in script.entries if known.entry.audience == "patient"}
    first, *others = [by_id[id] for id in ids if id in by_id] or [None]
    if first is None:
        return None
    parts = [f"*{first.title}*\n{first.more or first.short}", *(f"*{entry.title}*\n{entry.short}" for entry in others)]
    return Reply(text=paragraphs(*parts))


def page(script: Script, intent: str, facts: Facts, start: int) -> Reply | None:
    """What is known for a kind of question, from the ``start``-th entry on: short first, then as much as fits."""
    known = ranked(script, KINDS[intent], facts)
    if start >= len(known):
        return None
    longest = PAGE_CHARACTERS if start else FIRST_PAGE_CHARACTERS
    parts: list[str] = []
    for item in known[start:]:
        part = f"*{item.entry.title}*\n{item.entry.short}"
        if parts and sum(map(len, parts)) + len(part) > longest:
            break
        parts.append(part)
    end = start + len(parts)
    more = (_more(script, f"{intent}:{end}"),) if end < len(known) else ()
    return Reply(text=paragraphs(*parts), options=more)


def ranked(script: Script, kinds: Sequence[str], facts: Facts) -> list[Known]:
    """The patients' entries of these kinds that concern this complaint and place: what fits the facts first,
    then what is written for this complaint, kind by kind in the order of the files."""
    present = facts.present()

    def order(known: Known) -> tuple[bool, bool, int, bool]:
        fits = known.when is not None and known.when.holds(facts, present)
        general = facts.complaint is not None and facts.complaint not in known.entry.complaints
        return not fits, general, kinds.index(known.entry.kind), known.when is not None

    fitting = (known for known in script.entries if known.entry.kind in kinds and _concerns(known.entry, facts))
    return sorted(fitting, key=order)


def likely_causes(script: Script, facts: Facts) -> list[Known]:
    """Causes worth telling this patient: those that the facts speak for, and those that need no such fact."""
    present = facts.present()
    causes = ranked(script, ("cause",), facts)
    return [known for known in causes if known.when is None or known.when.holds(facts, present)]


def _topics(reading: Reading, about: Facts, script: Script) -> list[Entry]:
    """The entries that the question is near to, the nearest first: the kind that was asked for counts a little, and
    what is written for circumstances that nobody told of counts less."""
    by_id = {known.entry.id: known for known in script.entries if _concerns(known.entry, about)}
    kinds = KINDS.get(reading.intent, ())
    present = about.present() | {factor for factor, told in reading.factors.items() if told}

    def weight(known: Known, score: float) -> float:
        elsewhere = known.when is not None and not known.when.holds(about, present)
        return score + KIND_BONUS * (known.entry.kind in kinds) - ELSEWHERE_MALUS * elsewhere

    weighed = sorted(((weight(by_id[id], score), id) for id, score in reading.topics if id in by_id), reverse=True)
    return [by_id[id].entry for score, id in weighed if score >= TOPIC_SCORE][:TOPICS_TOLD]


def _entry_reply(near: Sequence[Entry], script: Script) -> Reply:
    """The nearest entry in short; more of it, and of what else was near, is offered."""
    more = (_more(script, "+".join(entry.id for entry in near)),) if near[0].more or near[1:] else ()
    return Reply(text=near[0].short, options=more)


def _more(script: Script, what: str) -> Option:
    return Option(id=f"more:{what}", label=script.messages["more_label"])


def _concerns(entry: Entry, facts: Facts) -> bool:
    if entry.audience != "patient":
        return False
    complaint = not entry.complaints or facts.complaint is None or facts.complaint in entry.complaints
    part = not entry.body_parts or facts.body_part is None or facts.body_part in entry.body_parts
    return complaint and part


def _about(reading: Reading, facts: Facts) -> Facts:
    """What the question is about: what it names itself, else the patient's own complaint."""
    named = {"complaint": reading.complaint, "body_part": reading.body_part} if reading.complaint else {}
    return facts.model_copy(update=named)
