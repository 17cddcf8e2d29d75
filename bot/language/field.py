"""Whether a message speaks of what this program knows, or of a toothache, a cat, a telephone."""

from collections.abc import Callable, Collection, Sequence
from typing import Final

from bot.language.message import Message
from bot.language.patterns import Match
from bot.language.signs import Told
from bot.language.slots import OTHER, Slot, name
from bot.ontology import SYMPTOMS

SAID_OF_ANYBODY: Final = ("elderly", "child", "pregnancy")
"""What is told of a person whatever it is about."""

_OF_ANY_ILLNESS: Final = frozenset({"fever", "vomiting_diarrhea", "severe_pain", "disturbs_sleep"})
"""What a cold or a toothache brings as well."""

_SYMPTOMS: Final = frozenset(SYMPTOMS)
_BESIDE: Final = 4


def is_sick(told: Told, apart: Collection[str] = ()) -> bool:
    """Whether a symptom is told, apart from some."""
    return any(present and sign in _SYMPTOMS and sign not in apart for sign, present in told.polarity.items())


def foreign_words(message: Message, known: Callable[[str], bool]) -> tuple[int, int]:
    """How many words are of no field that the lexicon knows, and how many mean anything at all."""
    words = [token for token, weight in zip(message.tokens, message.weights, strict=True) if weight]
    words = [token for token in words if token.number is None and not token.surface[0].isdigit()]
    return sum(not known(token.word) for token in words), len(words)


def is_elsewhere(
    message: Message, complaint: Sequence[Match], part: Slot | None, told: Told, mentions: Sequence[Match], foreign: int
) -> bool:
    """Whether the message speaks of a field that is not ours. ``mentions`` are the matches of what it tells,
    ``foreign`` counts its words of no known field."""
    if not complaint and not told.polarity and message.has("@fiction", "@comic"):
        return True
    if not complaint and part is None and _is_of_another_part(message, told):
        return foreign > 0 or message.has("@other_ailment")
    if message.has("@foreign_subject") and not complaint and not any(told.polarity.values()):
        return part is None or part.value == OTHER
    if message.has("@animal") and any(_speaks_of_animal(message, mention) for mention in mentions):
        return True
    return bool(complaint) and _is_inside(message, complaint[0], part, told)


def _is_of_another_part(message: Message, told: Told) -> bool:
    """Whether nothing is told but another illness, of the face or of what is inside."""
    if not message.has("@other_ailment", "@face", "@inner_part"):
        return False
    sick = is_sick(told, apart=_OF_ANY_ILLNESS if message.has("@other_ailment") else ())
    answers = not message.has("@asking") and bool(told.polarity.keys() - set(SAID_OF_ANYBODY))
    return not sick and not answers


def _is_inside(message: Message, complaint: Match, part: Slot | None, told: Told) -> bool:
    """A pain or a swelling of what is inside, of which something is asked: ``kenapa lambung sakit``."""
    if name(complaint) not in ("pain", "swelling") or part is None or part.value != OTHER:
        return False
    inner = any(message.within(index, "inner_part") for index in part.match.tokens)
    return inner and message.has("@asking", "@way") and not is_sick(told, apart=_OF_ANY_ILLNESS)


def _speaks_of_animal(message: Message, mention: Match) -> bool:
    """``anjing saya kakinya bengkak``; but not ``digigit anjing, kaki bengkak``."""
    for first, last in message.places.get("@animal", ())[:4]:
        bitten = first and (message.within(first - 1, "done_by") or message.within(first - 2, "done_by"))
        if last < mention.first and not bitten and message.distance(last, mention.first) <= _BESIDE:
            return True
    return False
