"""The content's small markup as HTML: *bold*, _italic_, lists, paragraphs. Everything else is escaped."""

import re
from collections.abc import Iterator
from itertools import groupby
from typing import Final

from markupsafe import Markup, escape

BOLD: Final = re.compile(r"(?<![\w*])\*(?=\S)([^*\n]+?)(?<=\S)\*(?![\w*])")
ITALIC: Final = re.compile(r"(?<![\w_])_(?=\S)([^_\n]+?)(?<=\S)_(?![\w_])")
BULLET: Final = re.compile(r"\s*[-•]\s+")


def as_html(text: str) -> Markup:
    """``text`` as paragraphs and lists."""
    return Markup("").join(_blocks(text.replace("\r\n", "\n")))


def _blocks(text: str) -> Iterator[Markup]:
    for kind, lines in groupby(text.split("\n"), _kind):
        if kind == "item":
            items = (Markup("<li>{}</li>").format(_inline(BULLET.sub("", line, count=1))) for line in lines)
            yield Markup("<ul>{}</ul>").format(Markup("").join(items))
        elif kind == "text":
            yield Markup("<p>{}</p>").format(Markup("<br>").join(_inline(line) for line in lines))


def _kind(line: str) -> str:
    if not line.strip():
        return "blank"
    return "item" if BULLET.match(line) else "text"


def _inline(line: str) -> Markup:
    """One line. It is escaped first, so that whatever the patterns put around it stands around harmless text."""
    escaped = str(escape(line))
    return Markup(ITALIC.sub(r"<em>\1</em>", BOLD.sub(r"<strong>\1</strong>", escaped)))  # noqa: S704
