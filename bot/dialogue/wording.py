"""From content to replies: filling in, listing, offering."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final

from bot.dialogue.conversation import Option, Pending, Reply
from bot.dialogue.script import QuestionText, Script

NONE: Final = "none"
UNSURE: Final = "unsure"
YES: Final = "yes"
NO: Final = "no"
"""Ids of the options that every question of a kind has."""


_REMEMBERED: Final = 1024
"""Questions that are remembered as they were put: few make up nearly all that is asked."""

_HINTS = {"multi": "several_hint", "choice": "choice_hint"}


def say(script: Script, key: str, **values: str) -> str:
    """The message ``key`` with ``values`` filled in; the clinic's name, phone and the like are always there."""
    return fill(script, script.messages[key], **values)


def fill(script: Script, text: str, **values: str) -> str:
    """``text`` with every ``{name}`` replaced. ``bot.content`` has checked that each name is known."""
    if "{" not in text:
        return text.strip()
    for name, value in {**script.clinic, **values}.items():
        text = text.replace("{" + name + "}", value)
    return text.strip()


def listed(script: Script, items: Iterable[str]) -> str:
    """``a``, ``a dan b``, ``a, b, dan c``, with the content's own word for *and*."""
    words = list(dict.fromkeys(items))
    if len(words) < 2:
        return "".join(words)
    comma = "," if len(words) > 2 else ""
    return f"{', '.join(words[:-1])}{comma} {script.messages['and']} {words[-1]}"


def phrases(script: Script, signs: Iterable[str]) -> str:
    """Signs as they stand inside a sentence, joined."""
    return listed(script, (script.signs[sign].phrase for sign in signs if sign in script.signs))


def paragraphs(*parts: str) -> str:
    """The parts that are not empty, as paragraphs."""
    return "\n\n".join(part.strip() for part in parts if part.strip())


def bullets(items: Iterable[str]) -> str:
    return "\n".join(f"- {item}" for item in items)


def options(script: Script, question: QuestionText, pending: Pending) -> tuple[Option, ...]:
    """What may be tapped under a question. A multi-choice question offers only what is still open."""
    if question.kind == "multi":
        signs = [Option(id=sign, label=script.signs[sign].label) for sign in pending.ids]
        return (*signs, _option(script, NONE), _option(script, UNSURE))
    if question.kind == "yes_no" and not question.options:
        unsure = (_option(script, UNSURE),) if pending.ids[0] in script.signs else ()
        return (_option(script, YES), _option(script, NO), *unsure)
    return tuple(Option(id=option.id, label=option.label) for option in question.options)


def question_reply(script: Script, pending: Pending, lead: Sequence[str] = ()) -> Reply:
    """The pending question as a reply, after the paragraphs of ``lead``. Asked again, it is asked in other words."""
    return _question_reply(script, pending, tuple(lead))


@lru_cache(_REMEMBERED)
def _question_reply(script: Script, pending: Pending, lead: Sequence[str]) -> Reply:
    question = script.questions[pending.question]
    text = question.again if pending.tries else question.text
    about = phrases(script, pending.about) or listed(script, pending.about)
    body = fill(script, text, signs=about, complaint=_complaint_name(script, pending))
    hint = _HINTS.get(question.kind)
    return Reply(
        text=paragraphs(*lead, body),
        options=options(script, question, pending),
        hint=script.messages[hint] if hint else "",
        numbered=question.kind not in ("duration", "number"),
    )


def _option(script: Script, id: str) -> Option:
    return Option(id=id, label=script.messages[f"{id}_label"])


def _complaint_name(script: Script, pending: Pending) -> str:
    return next((script.flows[word].text.name for word in pending.about if word in script.flows), "")
