"""The pages of the desk. What a page shows is escaped, and a name that nobody gave is an error, not an empty place."""

from collections.abc import Callable, Mapping
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

from bot.desk.markup import as_html
from bot.dialogue.script import Script

PAGES: Final = Path(__file__).parent / "pages"
STATIC: Final = Path(__file__).parent / "static"

MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "Mei", "Jun", "Jul", "Agu", "Sep", "Okt", "Nov", "Des")


class Templates:
    """Renders ``pages/``. A page of a logged-in person begins with ``{% extends "base.html" %}`` and is given
    ``visitor`` (``security.Visitor``) and ``csrf`` beside what the route gives.

    ``script`` gives the content as it is now, which says the ``clinic``'s name and where it is: the filter ``moment``
    writes a time as its clock shows it, ``clock`` its hour, ``day`` a date. ``markup`` shows the content's own markup;
    what a patient wrote stays plain text.
    """

    def __init__(self, script: Callable[[], Script]) -> None:
        self._script = script
        self._pages = Environment(
            loader=FileSystemLoader(PAGES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        self._pages.filters["moment"] = lambda at: moment(at, script().hours.zone)
        self._pages.filters["clock"] = lambda at: f"{at.astimezone(script().hours.zone):%H.%M}"
        self._pages.filters["day"] = lambda day: f"{day.day} {MONTHS[day.month - 1]} {day.year}"
        self._pages.filters["markup"] = as_html

    def text(self, name: str, context: Mapping[str, Any]) -> str:
        return self._pages.get_template(name).render({"clinic": self._script().clinic["clinic"], **context})

    def words(self) -> Mapping[str, Any]:
        """The dictionaries of ``words.html``: what the desk calls the program's identifiers."""
        return vars(self._pages.get_template("words.html").module)

    def page(self, name: str, status: int = 200, **context: Any) -> HTMLResponse:
        return HTMLResponse(self.text(name, context), status)


def moment(at: datetime, zone: tzinfo) -> str:
    """As "21 Nov 2026, 20.05"."""
    local = at.astimezone(zone)
    return f"{local.day} {MONTHS[local.month - 1]} {local.year}, {local:%H.%M}"
