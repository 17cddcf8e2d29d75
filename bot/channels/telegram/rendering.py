"""The content's markup as Telegram's HTML, in pieces that fit a message. Pure."""

import html
import re
from typing import Final

LONGEST: Final = 4096
"""UTF-16 units of one message, counted after the markup is read."""

BOLD: Final = re.compile(r"(?<![\w*])\*(?=\S)([^*\n]+?)(?<=\S)\*(?![\w*])")
ITALIC: Final = re.compile(r"(?<![\w_])_(?=\S)([^_\n]+?)(?<=\S)_(?![\w_])")
ITALIC_IN_HTML: Final = re.compile(r"(?<![\w_])_(?=\S)((?:[^_\n<]|<b>[^_\n<]*</b>)+?)(?<=\S)_(?![\w_])")
"""As ``ITALIC``, but never from inside of bold to outside of it."""

BULLET: Final = re.compile(r"^- ", re.MULTILINE)
UNPRINTABLE: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
BREAKS: Final = ("\n\n", "\n", ". ", " ")
"""Where a long text is cut, the best place first."""


def as_html(text: str) -> str:
    """``text`` with ``*bold*``, ``_italic_`` and ``- `` lists as HTML; everything else is escaped."""
    escaped = html.escape(UNPRINTABLE.sub("", text), quote=False)
    escaped = ITALIC_IN_HTML.sub(r"<i>\1</i>", BOLD.sub(r"<b>\1</b>", escaped))
    return BULLET.sub("• ", escaped)


def as_plain(text: str) -> str:
    """``text`` without its markup, for where HTML is refused."""
    plain = UNPRINTABLE.sub("", text)
    return BULLET.sub("• ", ITALIC.sub(r"\1", BOLD.sub(r"\1", plain)))


def pieces(text: str, longest: int = LONGEST) -> list[str]:
    """``text`` cut at paragraphs, else lines, sentences or words, so that each piece fits a message."""
    found = []
    rest = text.strip()
    while units(rest) > longest:
        head = _head(rest, longest)
        found.append(head.strip())
        rest = rest[len(head) :].strip()
    return [*found, rest] if rest else found


def units(text: str) -> int:
    """Length as Telegram counts it: an emoji is two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _head(text: str, longest: int) -> str:
    """As much of the beginning as fits, cut at the best place in its second half."""
    fitting = text.encode("utf-16-le", "surrogatepass")[: 2 * longest].decode("utf-16-le", "ignore")
    for mark in BREAKS:
        at = fitting.rfind(mark)
        if at >= len(fitting) // 2:
            return fitting[: at + len(mark.rstrip())] or fitting
    return fitting
