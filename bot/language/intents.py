"""What a message wants: question words, the phrase bank, and what else was found in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bot.language.learned import INTENT, Opinion
from bot.language.message import Message
from bot.language.patterns import Match
from bot.language.phrases import PhraseBank

_NEAR: Final = 78.0
_SURE: Final = 88.0
_EXACT: Final = 100.0
_OF_ITS_OWN, _BY_DEFAULT = 0.9, 0.4
"""The voice of a greeting or an answer, whose words mean little else; and of what only tells, as no rule found a
question in it."""

_COMMANDS: Final = ("delete_data", "restart", "stop", "help")
_SOCIAL: Final = ("thanks", "bye", "greet")
_REPLIES: Final = ("unsure", "deny", "affirm")
_WEIGHT: Final = {
    intent: place
    for place, intent in enumerate(
        (
            "delete_data",
            "out_of_scope",
            "ask_meaning",
            "ask_nutrient",
            "ask_prevention",
            "clinic_info",
            "ask_doctor",
            "ask_medicine",
            "human",
            "ask_causes",
            "ask_definition",
            "ask_danger",
            "ask_first_aid",
        )
    )
}
"""Of two questions in one clause the one that is more special: ``bagaimana cara mencegah`` asks to prevent."""
_MOSTLY_FOREIGN: Final = 0.4
_ALL_FOREIGN: Final = 0.67
_REPLY_WORDS: Final = 4
_OF_WHAT_WAS_TOLD: Final = 2
"""Words that mean something in a question that names nothing."""
_SINCE_WORDS: Final = 6
_SENTENCE: Final = 14
"""How far a sentence is looked at, at most."""
_ABOUT_THE_CLINIC: Final = ("clinic_info", "human", "ask_meaning")


@dataclass(frozen=True, slots=True)
class Found:
    """What was found in the message besides its intent.

    ``complaint``: a complaint is told. ``alarming``: a symptom is told. ``facts``: anything that answers a question.
    ``in_scope``: it speaks of what this bot knows. ``foreign``: how many words belong to other fields, ``share`` of
    all that mean something. ``elsewhere``: its subject is none of ours. ``local``: a part of the leg is named.
    ``troubled``: it does what it should not (``lutut bunyi``).
    """

    complaint: bool
    alarming: bool
    facts: bool
    in_scope: bool
    foreign: int
    share: float
    elsewhere: bool
    local: bool
    asks: bool
    troubled: bool = False


@dataclass(frozen=True, slots=True)
class Intent:
    """The intent, how sure (0..100), and the match or phrase that it rests on. ``voice``: how much likelier it counts
    than what examples say."""

    name: str
    score: float
    match: Match | None = None
    rule: str = ""
    voice: float = 0.7


class IntentReader:
    """Decides the intent of a message."""

    def __init__(self, bank: PhraseBank) -> None:
        self._bank = bank

    def read(self, message: Message, cues: Sequence[Match], found: Found) -> Intent:
        """``cues`` are the matches of questions (``question:…``) and weak hints (``hint:…``)."""
        content = content_words(message)
        phrase = self._bank.exact(content)
        if phrase:
            return Intent(phrase.intent, _EXACT, rule=f"phrase {phrase.text!r}")
        cues = _of_the_question(cues, message) if cues else ()
        strong = [match for match in cues if match.concept.startswith("question:")]
        return (
            _commanded(strong, found)
            or _asked(strong, message, found)
            or _hinted(cues, message, found)
            or _thanked(strong, message, found)
            or _told(found)
            or _conversation(strong, len(content), found)
            or self._near(content, found)
            or _answered(message, found)
            or Intent("out_of_scope", 50.0, rule="nothing known")
        )

    def _near(self, content: Sequence[str], found: Found) -> Intent | None:
        nearest = self._bank.nearest(content)
        if nearest is None:
            return None
        phrase, score = nearest
        if score < (_NEAR if not found.foreign else _SURE):
            return None
        return Intent(phrase.intent, score, rule=f"near phrase {phrase.text!r}", voice=_OF_ITS_OWN)


def weighed(intent: Intent, opinion: Opinion) -> Intent:
    """The intent, unless the examples clearly know better. A phrase of the bank is what it is, and what the program
    itself is told to do is never guessed."""
    if intent.name in _COMMANDS or intent.score >= _EXACT:
        return intent
    best, likely = opinion.weighed(INTENT, intent.name, intent.voice, never=_COMMANDS)
    if best == intent.name:
        return intent
    return Intent(best, 100 * likely, rule=f"like the examples, not {intent.name} ({intent.rule})")


def content_words(message: Message) -> list[str]:
    """The words without particles and forms of address."""
    return [word for index, word in enumerate(message.words) if not message.within(index, "particle")]


def _of_the_question(cues: Sequence[Match], message: Message) -> Sequence[Match]:
    """Where a sentence ends with ``?`` and asks, what seems to ask in the sentences before it only tells."""
    ends = [index for index, token in enumerate(message.tokens) if token.asked]
    asking = [
        match for match in cues if any(match.last <= end and message.same_sentence(match.first, end) for end in ends)
    ]
    if not any(_name(match).startswith("ask_") for match in asking):
        return cues
    return [match for match in cues if match in asking or not _name(match).startswith(("ask_", "human"))]


def _commanded(cues: Sequence[Match], found: Found) -> Intent | None:
    """What is asked of the program itself: ``ulang dari awal``, ``cara pakainya gimana``."""
    if found.complaint or found.local or found.alarming:
        return None
    if any(_name(match) in ("thanks", "out_of_scope", "delete_data", "human") for match in cues):
        return None
    match = next((match for match in cues if _name(match) in ("restart", "help")), None)
    return Intent(_name(match), min(95.0, match.score), match, f"phrase {match.source!r}") if match else None


def _asked(cues: Sequence[Match], message: Message, found: Found) -> Intent | None:
    """The first question; a clinic's matter needs nothing of our field, every other does."""
    questions = [
        match for match in cues if _name(match).startswith(("ask_", *_ABOUT_THE_CLINIC, "delete_data", "out_of_scope"))
    ]
    if found.complaint and found.local:
        # ``aplikasi ini saya pasang karena kaki saya kebas``: what hurts weighs more than what is grumbled about.
        questions = [match for match in questions if _name(match) != "out_of_scope"]
    questions = list(_without_incidental(questions, message, found))
    if not questions:
        return None
    best = _first(_without_grumbled(questions), message)
    intent = _name(best)
    if intent == "ask_definition" and found.complaint and _is_of_what_was_told(best, message):
        intent = "ask_danger"
    if intent not in (*_ABOUT_THE_CLINIC, "delete_data") and (found.elsewhere or not found.in_scope):
        return Intent("out_of_scope", 70.0, best, "a question of another field")
    if intent == "clinic_info" and found.foreign > 1 and found.elsewhere:
        return Intent("out_of_scope", 70.0, best, "a question of another field")
    return Intent(intent, min(97.0, best.score), best, f"question {best.source!r}")


def _without_incidental(questions: Sequence[Match], message: Message, found: Found) -> Sequence[Match]:
    """Who tells a complaint and asks nothing of the clinic where its parking, its price or a date is named, only tells
    of them: ``fisioterapi berhenti karena biaya, adakah latihan di rumah``."""
    if not found.complaint:
        return questions
    return [match for match in questions if _name(match) != "clinic_info" or _asks_here(match, message)]


def _asks_here(match: Match, message: Message) -> bool:
    """Whether the sentence of ``match`` asks or wishes for something."""
    around = range(max(0, match.first - _SENTENCE), min(len(message), match.last + _SENTENCE))
    return any(
        message.same_sentence(index, match.first)
        and (message.tokens[index].asked or message.within(index, "asking") or message.within(index, "wishing"))
        for index in around
    )


def _is_of_what_was_told(match: Match, message: Message) -> bool:
    """``betis seperti dilempar batu, bengkak. apa itu putus urat``: it is asked what this is, not what that means."""
    if not message.gaps[match.first]:
        return False
    named = {
        message.words[index]
        for index in range(match.last + 1, len(message))
        if message.weights[index] and message.same_sentence(index, match.first)
    }
    return bool(named) and not named & set(message.words[: match.first])


def _without_grumbled(questions: Sequence[Match]) -> Sequence[Match]:
    """``konsul berbayar tapi dijawab bot, balikin uang saya`` asks nothing of the clinic."""
    grumbled = any(_name(match) == "out_of_scope" for match in questions)
    return [match for match in questions if _name(match) not in ("clinic_info", "human")] if grumbled else questions


def _first(questions: Sequence[Match], message: Message) -> Match:
    """The weightiest question of the first clause that asks."""
    start = min(question.first for question in questions)
    clause = [question for question in questions if not any(message.gaps[start + 1 : question.first + 1])]
    return min(clause, key=lambda match: (_WEIGHT.get(_name(match), len(_WEIGHT)), match.first, -len(match.tokens)))


def _hinted(cues: Sequence[Match], message: Message, found: Found) -> Intent | None:
    hints = [match for match in cues if match.concept.startswith("hint:")]
    if not hints or not found.in_scope or found.elsewhere:
        return None
    best = _first(hints, message)
    ours = found.complaint or found.local or found.alarming or found.facts or message.has("@domain")
    # ``cara mengatasinya`` speaks of what was told before, ``cara biar kurus`` of something else.
    if not ours and sum(message.weights) > _OF_WHAT_WAS_TOLD:
        return Intent("out_of_scope", 60.0, best, "a question of nothing known")
    return Intent(_name(best), 80.0, best, f"hint {best.source!r}")


def _thanked(cues: Sequence[Match], message: Message, found: Found) -> Intent | None:
    """``makasih dok, anak saya sudah baikan``: who thanks and tells that it is over answers nothing."""
    if found.complaint or found.alarming or found.asks or not message.has("@resolved", "@over"):
        return None
    match = next((match for match in cues if _name(match) == "thanks"), None)
    return Intent("thanks", min(95.0, match.score), match, f"phrase {match.source!r}") if match else None


def _told(found: Found) -> Intent | None:
    if found.elsewhere:
        return None
    if found.complaint or found.alarming:
        return Intent("complaint", 92.0, rule="a complaint is told", voice=_BY_DEFAULT)
    if found.local and (found.troubled or (found.foreign and found.share < _ALL_FOREIGN)) and not found.asks:
        return Intent("complaint", 70.0, rule="something of the leg is told")
    if found.facts and found.share <= _MOSTLY_FOREIGN and not (found.asks and found.foreign):
        return Intent("inform", 88.0, rule="facts are told", voice=_BY_DEFAULT)
    return None


def _answered(message: Message, found: Found) -> Intent | None:
    """What can only be an answer: ``sejak lebaran``, ``nggak minum obat rutin``, ``tensi saya 150/90``."""
    if found.asks or not len(message):
        return None
    since = len(message) <= _SINCE_WORDS and message.has("@long_ago") and message.has("@since", "@lasting")
    first = next((index for index in range(len(message)) if message.weights[index]), 0)
    denied = message.within(first, "negation") and message.has("@domain", "@other_ailment", "@told_of")
    measured = message.has("@told_of") and len(message) <= _SINCE_WORDS and found.share <= _ALL_FOREIGN
    if since or denied or measured:
        return Intent("inform", 60.0, rule="nothing but an answer")
    return None


def _conversation(cues: Sequence[Match], length: int, found: Found) -> Intent | None:
    """What keeps a conversation going. A reply is short; a command or a greeting may stand among other words."""
    short = length <= _REPLY_WORDS and not found.foreign
    first: dict[str, Match] = {}
    for match in cues:
        first.setdefault(_name(match), match)
    for name in (*_SOCIAL[:1], *_COMMANDS, *_SOCIAL[1:], *(_REPLIES if short else ("unsure",)), "inform"):
        if name in first:
            match = first[name]
            return Intent(name, min(95.0, match.score), match, f"phrase {match.source!r}", _OF_ITS_OWN)
    return None


def _name(match: Match) -> str:
    return match.concept.partition(":")[2]
