"""The SBAR card as a message at the head of a topic, with the buttons of whoever may press them. Pure."""

from collections.abc import Iterable, Sequence
from typing import Final, Literal

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.desk.board import reference
from bot.desk.card import Card, Sign
from bot.desk.telegram.words import clock, level_told, lines_told, plain, told
from bot.dialogue.conversation import Conversation
from bot.dialogue.script import Script
from bot.dialogue.wording import paragraphs, say

DISPOSITIONS: Final = ("answered", "booked", "come_today", "referred", "unreachable", "other")
MOST_WORDS: Final = 280
"""Characters of the patient's own first words."""

MOST_SIGNS: Final = 8

Act = Literal["claim", "seen", "close", "bot", "release", "back", "end"]
MARK: Final = "desk"


def text_of(card: Card, id: str, status: str, link: str, script: Script) -> str:
    """The card as HTML."""
    head = told(script, "group_card", level=level_told(script, card.situation.level), reference=reference(id))
    return paragraphs(
        f"{head}\n{status}",
        _situation(card, script),
        _background(card, script),
        _assessment(card, script),
        _recommendation(card, script),
        plain(link),
    )


def status_of(conversation: Conversation, owner: str, script: Script) -> str:
    """Who has it: ``owner``, as the patient was told, or nobody yet, or nobody any more."""
    if conversation.mode == "staff":
        return told(script, "group_with", staff=owner)
    if conversation.mode == "waiting" and conversation.handoff is not None:
        return told(script, "group_waiting", since=clock(script, conversation.handoff.since))
    return told(script, "group_alarm" if conversation.alarm else "group_closed")


def name_of(card: Card, id: str, script: Script) -> str:
    """A topic's name: the level and the reference. Everybody in the group sees it, even on a locked phone."""
    return say(script, "group_topic", level=level_told(script, card.situation.level), reference=reference(id))


def keyboard(conversation: Conversation, id: str, script: Script) -> InlineKeyboardMarkup | None:
    """What may be done now."""
    if conversation.mode == "staff":
        rows: Sequence[Sequence[Act]] = (("close", "bot"), ("release",))
    elif conversation.mode == "waiting":
        rows = (("claim",),)
    elif conversation.alarm:
        rows = (("claim", "seen"),)
    else:
        return None
    return InlineKeyboardMarkup([[_button(script, act, id) for act in row] for row in rows])


def endings(id: str, script: Script) -> InlineKeyboardMarkup:
    """How a conversation can end, and the way back."""
    ends = [
        InlineKeyboardButton(say(script, f"group_end_{what}"), callback_data=_data("end", id, what))
        for what in DISPOSITIONS
    ]
    pairs = [ends[at : at + 2] for at in range(0, len(ends), 2)]
    return InlineKeyboardMarkup([*pairs, [_button(script, "back", id)]])


def parse(data: str) -> tuple[str, str, str] | None:
    """What a button means: the act, the conversation, and how it ended. None where it is none of ours."""
    mark, _, rest = data.partition(":")
    act, _, rest = rest.partition(":")
    id, _, detail = rest.partition(":")
    return (act, id, detail) if mark == MARK and act and id else None


def _button(script: Script, act: Act, id: str) -> InlineKeyboardButton:
    return InlineKeyboardButton(say(script, f"group_do_{act}"), callback_data=_data(act, id))


def _data(act: Act, id: str, *detail: str) -> str:
    return ":".join([MARK, act, id, *detail])


def _situation(card: Card, script: Script) -> str:
    now = card.situation
    place = now.place.lower() + (f" ({now.side.lower()})" if now.side else "")
    words = now.words if len(now.words) <= MOST_WORDS else f"{now.words[: MOST_WORDS - 1]}…"
    facts = lines_told(
        script,
        "group_situation",
        complaint=", ".join(filter(None, [now.complaint, place])),
        days=_days(script, now.days),
        age=str(now.age) if now.age is not None else "",
        why=say(script, f"group_why_{now.handoff.why}") if now.handoff else "",
    )
    return "\n".join(filter(None, [facts, f"<blockquote>{plain(words)}</blockquote>" if words else ""]))


def _background(card: Card, script: Script) -> str:
    served = card.background.served
    return lines_told(
        script,
        "group_background",
        factors=", ".join(card.background.factors),
        medicines=", ".join(card.background.medicines),
        served=f"{served.by}, {script.hours.local(served.at):%d/%m}" if served else "",
    )


def _assessment(card: Card, script: Script) -> str:
    found = card.assessment
    return lines_told(
        script,
        "group_assessment",
        present=_signs(found.present),
        unsure=_signs(found.unsure),
        not_asked=_signs(found.not_asked),
        denied=_signs(found.denied),
        rules="; ".join(
            f"{rule.id} ({', '.join(source.title for source in rule.sources)})" for rule in found.rules if rule.decided
        ),
    )


def _recommendation(card: Card, script: Script) -> str:
    advice = card.recommendation
    return lines_told(
        script,
        "group_recommendation",
        headline=advice.headline.replace("*", ""),
        see=", ".join(advice.see),
        first_aid=", ".join(advice.first_aid),
    )


def _signs(signs: Iterable[Sign]) -> str:
    labels = [sign.label for sign in signs]
    more = f" +{len(labels) - MOST_SIGNS}" if len(labels) > MOST_SIGNS else ""
    return ", ".join(labels[:MOST_SIGNS]) + more


def _days(script: Script, days: float | None) -> str:
    if days is None:
        return ""
    return say(script, "group_days", days=str(round(days))) if days >= 1 else say(script, "group_today")
