"""Every text fits every channel. WhatsApp is the narrowest, counted as Twilio counts: 1,600 characters a message, 1,024
where something can be tapped; a label 20 where there are up to three buttons, 24 in a list of up to ten rows."""

from collections.abc import Iterator, Sequence
from typing import Final

from bot.content.checks.subject import Subject
from bot.content.source import Fault
from bot.dialogue.conversation import Option, Pending, Reply
from bot.dialogue.messages import ALONE, LEADS
from bot.dialogue.script import Sign
from bot.dialogue.wording import paragraphs, question_reply, say

BODY: Final = 1600
BODY_WITH_OPTIONS: Final = 1024
BUTTONS: Final = 3
BUTTON: Final = 20
ROW: Final = 24
ID_BYTES: Final = 64
"""Telegram's limit of what a button carries."""

MEDIA: Final = "x" * 30
"""As long as the name of a kind of media gets."""


def check(subject: Subject) -> Iterator[Fault]:
    yield from _questions(subject)
    yield from _signs(subject)
    yield from _messages(subject)
    yield from _entries(subject)


def too_long(reply: Reply) -> str:
    """What of ``reply`` fits not, in words, or nothing."""
    text, limit = length(reply.text), BODY_WITH_OPTIONS if reply.options else BODY
    if text > limit:
        return f"{text} characters, {limit} fit one message"
    numbered = length(paragraphs(reply.text, as_numbers(reply.options), reply.hint))
    if numbered > BODY:
        return f"{numbered} characters with its options as numbers, {BODY} fit one message"
    return next((fault for option in reply.options if (fault := _label(option, len(reply.options)))), "")


def length(text: str) -> int:
    """Characters as the channels count them: an emoji is two."""
    return len(text.encode("utf-16-le")) // 2


def as_numbers(options: Sequence[Option]) -> str:
    return "\n".join(f"{number}. {option.label}" for number, option in enumerate(options, 1))


def _label(option: Option, count: int) -> str:
    limit = BUTTON if count <= BUTTONS else ROW
    if length(option.label) > limit:
        return f"the label {option.label!r} has {length(option.label)} characters, {limit} fit"
    if len(option.id.encode()) > ID_BYTES:
        return f"the id {option.id!r} has more than {ID_BYTES} bytes"
    return ""


def _questions(subject: Subject) -> Iterator[Fault]:
    """Each question, asked first and asked again, after the longest sentence that may stand before it."""
    script = subject.script
    lead = max((say(script, key, kind=MEDIA) for key in LEADS if key in script.messages), key=len)
    about = tuple(sorted(script.onset_matters, key=lambda sign: -len(script.signs[sign].phrase))[:4])
    for name, question in script.questions.items():
        for tries, key in enumerate(("text", "again")):
            spoken_of = about if "{signs}" in getattr(question, key) else ()
            pending = Pending(question=name, ids=question.ids, about=spoken_of, tries=tries)
            fault = too_long(question_reply(script, pending, [lead]))
            if fault:
                yield subject.question_fault(name, f"{key!r} of {name!r} is too long: {fault}", key)


def _signs(subject: Subject) -> Iterator[Fault]:
    """A label may be a button or a row, whichever question it comes to stand in."""
    for id, sign in subject.script.signs.items():
        if length(sign.label) > BUTTON:
            message = f"the label {sign.label!r} has {length(sign.label)} characters, {BUTTON} fit"
            yield subject.documents.signs.fault(("signs", id, "label"), message)


def _messages(subject: Subject) -> Iterator[Fault]:
    script, document = subject.script, subject.documents.messages
    offered = {"offer_human", "did_you_mean", *(rule.message for rule in script.rules if rule.message)}
    some = (Option(id="human", label=script.messages.get("human_label", "")),)
    longest = sorted((_phrase(sign) for sign in script.signs.values()), key=len, reverse=True)[:9]
    for key in sorted({*ALONE, *offered} & script.messages.keys()):
        text = say(script, key, signs=", ".join(longest))
        fault = too_long(Reply(text=text, options=some if key in offered else ()))
        if fault:
            yield document.fault(("messages", key), f"{key!r} is too long: {fault}")
    for key, label in script.messages.items():
        if key.endswith("_label") and length(label) > BUTTON:
            yield document.fault(("messages", key), f"the label {label!r} has {length(label)} characters, {BUTTON} fit")


def _phrase(sign: Sign) -> str:
    return sign.phrase


def _entries(subject: Subject) -> Iterator[Fault]:
    """An answer in short, with "Selengkapnya" under it, and in full."""
    more = Option(id="more", label=subject.script.messages.get("more_label", ""))
    for document in subject.documents.entries:
        for index, entry in enumerate(document.value.entries):
            short = Reply(
                text=f"*{entry.title}*\n{entry.short}", options=(more.model_copy(update={"id": f"more:{entry.id}"}),)
            )
            full = Reply(text=paragraphs(f"*{entry.title}*", entry.more))
            for key, reply in (("short", short), ("more", full)):
                if fault := too_long(reply):
                    yield document.fault(("entries", index, key), f"{key!r} of {entry.id!r} is too long: {fault}")
    aid = subject.documents.first_aid
    for index, each in enumerate(aid.value.first_aid):
        if fault := too_long(Reply(text="\n- ".join([f"*{each.title}*", *each.steps, *each.never]))):
            yield aid.fault(("first_aid", index), f"the first aid {each.id!r} is too long: {fault}")
