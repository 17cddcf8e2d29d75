"""Answers to a patient's own questions, out of the knowledge, fitted to what is known of the patient."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import accumulate
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

_INTENT_OF: Final = {kinds[0]: intent for intent, kinds in KINDS.items()}

TOPIC_SCORE: Final = 42.0
"""From here on a topic is what was asked for, whomever it is written for."""

BESIDE_SCORE: Final = 28.0
"""From here on a topic may be meant, and is told on request."""

TOPICS_TOLD: Final = 7
KIND_BONUS: Final = 6.0
ELSEWHERE_MALUS: Final = 8.0
"""What an entry loses that is written for circumstances which nobody told of: pregnancy, a medicine, an illness; or for
one part of the leg where none was named."""

OTHER_MALUS: Final = 15.0
"""What an entry loses that is written for another complaint or another part of the leg."""

FIRST_PAGE_CHARACTERS: Final = 450
PAGE_CHARACTERS: Final = 900

_KINDS_REMEMBERED: Final = 1024
"""Kinds of entries whose entries are remembered for each complaint and place: more than there are."""

MUTTERED: Final = 3
"""Words of a message that is too short for a soft tag to ask anything: "kram nih"."""

SEARCHED: Final = 3
SEARCH_SCORE: Final = 45.0
"""More words than these, of nobody's own complaint, that near to a topic: typed as into a search box."""

UNASKED_INTENTS: Final = ("complaint", "inform", "out_of_scope")
"""Readings of a message that may ask nevertheless: "kurang minum bisa kedutan?"."""


def is_question(reading: Reading) -> bool:
    return reading.intent in KINDS


def asks_by_words(reading: Reading) -> bool:
    """Whether a message that is read as something told asks all the same: by its question mark, a question word, a verb
    with its tag ("pijat boleh ga dok"), or a soft tag where nobody is spoken of ("kedutan karena stres ya")."""
    if reading.intent not in UNASKED_INTENTS:
        return False
    asked = reading.asked
    if asked.openly:
        return True
    telling = bool(reading.symptoms) or any(
        value is not None for value in (reading.duration_days, reading.side, reading.recurrence, reading.age)
    )
    own = asked.own or reading.episode_seconds is not None
    return not telling and (
        asked.tagged
        or (asked.softly and not asked.own and asked.words > MUTTERED)
        or (asked.words > SEARCHED and not own and any(score >= SEARCH_SCORE for _, score in reading.topics[:1]))
    )


def reply_to(reading: Reading, facts: Facts, script: Script) -> Reply | None:
    """The answer to a question: the nearest topic where one is near, else what is known of its kind."""
    about = _about(reading, facts)
    near, surely = _topics(reading, about, script)
    ids = [entry.id for entry in near]
    if surely:
        first = near[0]
        intent = reading.intent if is_question(reading) else _INTENT_OF.get(first.kind, "")
        tail = [intent] if intent and about.complaint else []
        more = (_more(script, "+".join([*ids, *tail])),) if first.more or ids[1:] or tail else ()
        return Reply(text=first.short, options=more)
    if not is_question(reading) or about.complaint is None:
        return None
    listed = page(script, reading.intent, about, 0)
    if listed and ids:
        return listed.model_copy(update={"options": (_more(script, "+".join(["", *ids, reading.intent])),)})
    return listed


def entry_more(script: Script, ids: Sequence[str]) -> Reply | None:
    """The longer version of the first entry of ``ids`` and what the others say in short, as far as it fits; the rest
    is offered. An empty first id: the first entry, too, is told in short. A kind of question as the last: what else
    is known of that kind is offered in the end."""
    by_id = {id: known.entry for id, known in _for_patients(script).items()}
    known_ids = [id for id in ids if id in by_id]
    kinds = [id for id in ids if id in KINDS][:1]
    if not known_ids:
        return page(script, kinds[0], Facts(), 0) if kinds else None
    texts = {id: by_id[id].short for id in known_ids}
    if ids[0]:
        only = len(known_ids) == 1 and not kinds
        texts[known_ids[0]] = by_id[known_ids[0]].more or (texts[known_ids[0]] if only else "")
    parts = [(id, f"*{by_id[id].title}*\n{text}") for id, text in texts.items() if text]
    told = _fitting([part for _, part in parts], PAGE_CHARACTERS)
    rest = [id for id, _ in parts[told:]]
    what = "+".join(["", *rest, *kinds]) if rest else f"{kinds[0]}:0" if kinds else ""
    return Reply(text=paragraphs(*(part for _, part in parts[:told])), options=(_more(script, what),) if what else ())


@lru_cache(2)
def _for_patients(script: Script) -> Mapping[str, Known]:
    """The entries that patients are told of, by their ids."""
    return {known.entry.id: known for known in script.entries if known.entry.audience == "patient"}


def _fitting(parts: Sequence[str], longest: int) -> int:
    """How many of the parts fit together; one always does."""
    sums = accumulate(map(len, parts))
    return max(1, sum(length <= longest for length in sums))


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

    return sorted(_of_kinds(script, tuple(kinds), facts.complaint, facts.body_part), key=order)


@lru_cache(_KINDS_REMEMBERED)
def _of_kinds(script: Script, kinds: Sequence[str], complaint: str | None, part: str | None) -> Sequence[Known]:
    """The patients' entries of these kinds for a complaint and a place."""
    facts = Facts(complaint=complaint, body_part=part)
    return [known for known in script.entries if known.entry.kind in kinds and _concerns(known.entry, facts)]


def likely_causes(script: Script, facts: Facts) -> list[Known]:
    """Causes worth telling this patient: those that the facts speak for, and those that need no such fact."""
    present = facts.present()
    causes = ranked(script, ("cause",), facts)
    return [known for known in causes if known.when is None or known.when.holds(facts, present)]


def _topics(reading: Reading, about: Facts, script: Script) -> tuple[list[Entry], bool]:
    """The entries that the question is near to, the nearest first, and whether that one is surely meant: the kind that
    was asked for counts a little, and what is written for another complaint, for one part of the leg only, or for
    circumstances that nobody told of, counts less."""
    by_id = _for_patients(script)
    kinds = KINDS.get(reading.intent, ())
    present = about.present() | {factor for factor, told in reading.factors.items() if told}

    def weight(known: Known, score: float) -> float:
        elsewhere = known.when is not None and not known.when.holds(about, present)
        elsewhere = elsewhere or bool(known.entry.body_parts and about.body_part is None)
        other = not _concerns(known.entry, about)
        return score + KIND_BONUS * (known.entry.kind in kinds) - ELSEWHERE_MALUS * elsewhere - OTHER_MALUS * other

    weighed = [(by_id[id].entry, weight(by_id[id], score)) for id, score in reading.topics if id in by_id]
    near = sorted(weighed, key=lambda item: (-item[1], item[0].id))
    surely = bool(near) and max(near[0][1], dict(reading.topics)[near[0][0].id]) >= TOPIC_SCORE
    return [entry for entry, score in near if surely or score >= BESIDE_SCORE][:TOPICS_TOLD], surely


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
