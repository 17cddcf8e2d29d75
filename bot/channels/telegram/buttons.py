"""Buttons: what they carry, and what a press of one means. Pure.

A button carries a mark of its question, so that one pressed late is not taken for the answer to another. Ticks live in
the keyboard itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2s
from typing import Final, Literal

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.dialogue.conversation import Option, Pending
from bot.store.records import Line

TICKED: Final = "✅ "
OPEN: Final = "⬜ "
LONGEST_DATA: Final = 64
"""Bytes that a button carries."""

ROW_CHARACTERS: Final = 22
ROW_BUTTONS: Final = 3
NO_QUESTION: Final = "-"

Press = Literal["pick", "tick", "done"]
_CODES: Final[dict[Press, str]] = {"pick": "o", "tick": "t", "done": "d"}


@dataclass(frozen=True, slots=True)
class Pressed:
    """A press: of which question, and the option's id, or its digest where the id is long."""

    kind: Press
    question: str
    option: str = ""


def mark_of(question: Pending | None) -> str:
    """A short name of a question, the same as long as it asks the same of the same."""
    if question is None:
        return NO_QUESTION
    asked = "\x00".join([question.question, *question.ids, "", *question.about])
    return blake2s(asked.encode(), digest_size=4).hexdigest()


def digest_of(option: str) -> str:
    """The short name of an option whose id is too long for a button."""
    return "#" + blake2s(option.encode(), digest_size=8).hexdigest()


def keyboard(line: Line, done: str) -> InlineKeyboardMarkup | None:
    """The buttons under ``line``: ticks for a question with several answers, with ``done`` under them."""
    question = mark_of(line.question)
    ticks = tickable(line)
    rows = [[_button(OPEN + option.label, "tick", question, option.id)] for option in ticks]
    if ticks:
        rows.append([InlineKeyboardButton(done, callback_data=_data("done", question))])
    singles = [option for option in line.options if option not in ticks]
    rows += [[_button(one.label, "pick", question, one.id) for one in row] for row in _rows(singles)]
    return InlineKeyboardMarkup(rows) if rows else None


def tickable(line: Line) -> tuple[Option, ...]:
    """The options of which several may be the answer."""
    if line.asks is None or line.asks.kind != "multi":
        return ()
    return tuple(option for option in line.options if option.id in line.asks.ids)


def parse(data: str) -> Pressed | None:
    """What a button's data means; None where it is none of ours."""
    code, _, rest = data.partition(":")
    question, _, option = rest.partition(":")
    kind = next((kind for kind, known in _CODES.items() if known == code), None)
    if kind is None or not question or bool(option) == (kind == "done"):
        return None
    return Pressed(kind, question, option)


def toggled(markup: InlineKeyboardMarkup, data: str) -> bool:
    """Whether the button with ``data`` is ticked after it was pressed."""
    return any(button.callback_data == data and not _is_ticked(button) for button in _buttons(markup))


def with_ticks(markup: InlineKeyboardMarkup, ticks: dict[str, bool]) -> InlineKeyboardMarkup:
    """The keyboard with some ticks, by the buttons' data, set or taken away."""
    return InlineKeyboardMarkup([[_with_tick(button, ticks) for button in row] for row in markup.inline_keyboard])


def ticked(markup: InlineKeyboardMarkup) -> list[tuple[str, str]]:
    """The options that are ticked: each as it stands in its button, with its label."""
    found = []
    for button in _buttons(markup):
        pressed = parse(str(button.callback_data))
        if pressed is not None and pressed.kind == "tick" and _is_ticked(button):
            found.append((pressed.option, label_of(button)))
    return found


def label_on(markup: InlineKeyboardMarkup | None, data: str) -> str:
    """The words on the button with ``data``, or nothing."""
    found = (button for button in _buttons(markup) if button.callback_data == data) if markup else ()
    return next((label_of(button) for button in found), "")


def label_of(button: InlineKeyboardButton) -> str:
    return button.text.removeprefix(TICKED).removeprefix(OPEN)


def resolve(option: str, offered: Sequence[Option]) -> str | None:
    """The id that a button means; a digest is looked for among the options that were offered."""
    if not option.startswith("#"):
        return option
    return next((one.id for one in offered if digest_of(one.id) == option), None)


def _button(text: str, kind: Press, question: str, option: str) -> InlineKeyboardButton:
    data = _data(kind, question, option)
    if len(data.encode()) > LONGEST_DATA:
        data = _data(kind, question, digest_of(option))
    return InlineKeyboardButton(text, callback_data=data)


def _data(kind: Press, question: str, option: str = "") -> str:
    return ":".join(filter(None, [_CODES[kind], question, option]))


def _rows(options: Sequence[Option]) -> list[list[Option]]:
    """Short options side by side, long ones each in a row."""
    rows: list[list[Option]] = []
    for option in options:
        together = [*rows[-1], option] if rows else [option]
        if rows and len(together) <= ROW_BUTTONS and sum(len(one.label) for one in together) <= ROW_CHARACTERS:
            rows[-1] = together
        else:
            rows.append([option])
    return rows


def _buttons(markup: InlineKeyboardMarkup) -> list[InlineKeyboardButton]:
    return [button for row in markup.inline_keyboard for button in row]


def _is_ticked(button: InlineKeyboardButton) -> bool:
    return button.text.startswith(TICKED)


def _with_tick(button: InlineKeyboardButton, ticks: dict[str, bool]) -> InlineKeyboardButton:
    data = str(button.callback_data)
    if data not in ticks:
        return button
    return InlineKeyboardButton((TICKED if ticks[data] else OPEN) + label_of(button), callback_data=data)
