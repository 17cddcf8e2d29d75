"""A line as WhatsApp shows it. Pure.

The content's markup is WhatsApp's own: one star for bold, one underscore for italic, ``- `` for lists. Options are
always readable as numbered text; where a menu of up to three buttons or ten rows fits, that stands under it.
"""

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from bot.dialogue.conversation import Option
from bot.store.records import Line

LONGEST: Final = 1600
LONGEST_WITH_MENU: Final = 1024
BUTTONS: Final = 3
ROWS: Final = 10
BUTTON: Final = 20
ROW: Final = 24
LONGEST_ID: Final = 200

MARKS: Final = "*_~`"
INVISIBLE: Final = "\u200b"
_UNPRINTABLE: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_MARKED: Final = re.compile(r"(?<!\w)([*_~])(?=\S)([^*_~\n]+?)(?<=\S)\1(?!\w)")
_BREAKS: Final = ("\n\n", "\n", ". ", " ")


@dataclass(frozen=True, slots=True)
class Menu:
    """What can be tapped: ``quick-reply`` shows buttons, ``list-picker`` rows behind one button."""

    kind: Literal["quick-reply", "list-picker"]
    options: tuple[Option, ...]

    def types(self, list_button: str) -> dict[str, Any]:
        """The menu as the Content API takes it; its text is the variable 1."""
        if self.kind == "quick-reply":
            actions = [{"type": "QUICK_REPLY", "title": option.label, "id": option.id} for option in self.options]
            return {"twilio/quick-reply": {"body": "{{1}}", "actions": actions}}
        items = [{"item": option.label, "id": option.id} for option in self.options]
        return {"twilio/list-picker": {"body": "{{1}}", "button": list_button, "items": items}}

    def name(self, list_button: str) -> str:
        """The menu's name, which follows from all that it shows."""
        return named(self.kind.replace("-", "_"), self.types(list_button))


def named(prefix: str, types: dict[str, Any]) -> str:
    """The name of a content: the same for the same, another for any other."""
    text = json.dumps(types, sort_keys=True, ensure_ascii=False)
    return f"tanyakaki_{prefix}_{hashlib.sha256(text.encode()).hexdigest()[:16]}"


def menu_of(options: Sequence[Option]) -> Menu | None:
    """The menu that shows ``options``; None where there are none, or they fit none."""
    shown = tuple(option.model_copy(update={"label": unmarked(option.label)}) for option in options)
    ids = {option.id for option in shown}
    if not shown or len(ids) < len(shown) or any(not id or units(id) > LONGEST_ID for id in ids):
        return None
    longest = max(units(option.label) for option in shown)
    if len(shown) <= BUTTONS and longest <= BUTTON:
        return Menu("quick-reply", shown)
    return Menu("list-picker", shown) if len(shown) <= ROWS and longest <= ROW else None


def text_of(line: Line) -> str:
    """The line as text, with its options numbered and how to answer."""
    text = printable(line.text)
    if line.who == "staff" and line.name:
        text = f"*{harmless(line.name)}*\n{text}"
    marks = [f"{number}." if line.numbered else "-" for number in range(1, len(line.options) + 1)]
    listed = "\n".join(f"{mark} {unmarked(o.label)}" for mark, o in zip(marks, line.options, strict=True))
    return "\n\n".join(part for part in (text, listed, line.hint if listed else "") if part.strip())


def with_menu(line: Line) -> tuple[Menu, str] | None:
    """The line as a menu and the text over it; None where it has no menu, or they don't fit one message."""
    menu = menu_of(line.options)
    if menu is None:
        return None
    full = text_of(line)
    if units(full) <= LONGEST_WITH_MENU:
        return menu, full
    bare = text_of(line.model_copy(update={"options": ()}))
    # Buttons show what they say; rows lie behind their button, so they are always written out.
    fits = menu.kind == "quick-reply" and units(bare) <= LONGEST_WITH_MENU
    return (menu, bare) if fits else None


def pieces(text: str, longest: int = LONGEST) -> list[str]:
    """``text`` cut at paragraphs, else lines, sentences or words, so that each piece fits a message."""
    found, rest = [], text.strip()
    while units(rest) > longest:
        head = _head(rest, longest)
        found.append(head.strip())
        rest = rest[len(head) :].strip()
    return [*found, rest] if rest else found


def harmless(text: str) -> str:
    """Words of somebody else, so that they mark up and link nothing: an invisible blank after each mark."""
    text = printable(text).replace("\n", " ")
    for mark in MARKS:
        text = text.replace(mark, mark + INVISIBLE)
    return text.replace("://", f":{INVISIBLE}//")


def unmarked(label: str) -> str:
    """A label without markup: buttons and rows would show the marks."""
    return _MARKED.sub(r"\2", printable(label)).replace("\n", " ").strip()


def printable(text: str) -> str:
    return _UNPRINTABLE.sub("", text).replace("**", "*")


def units(text: str) -> int:
    """Length as the channels count it: an emoji is two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _head(text: str, longest: int) -> str:
    """As much of the beginning as fits, cut at the best place in its second half."""
    fitting = text.encode("utf-16-le", "surrogatepass")[: 2 * longest].decode("utf-16-le", "ignore")
    for mark in _BREAKS:
        at = fitting.rfind(mark)
        if at >= len(fitting) // 2:
            return fitting[: at + len(mark.rstrip())] or fitting
    return fitting
