"""The content's sentences as Telegram's HTML. What is filled in stays text, whoever wrote it."""

import html
import re
from datetime import datetime, timedelta
from typing import Final

from bot.channels.telegram.rendering import UNPRINTABLE, as_html
from bot.dialogue.script import Script
from bot.dialogue.wording import say
from bot.ontology import Level

NAME: Final = re.compile(r"\{(\w+)\}")


def told(script: Script, key: str, **values: str) -> str:
    """The message ``key`` as HTML with ``values`` in it."""
    return _filled(as_html(say(script, key)), values)


def lines_told(script: Script, key: str, **values: str) -> str:
    """As ``told``, without the lines whose values are all empty; nothing where only the first, the heading, is left."""
    kept = []
    for line in as_html(say(script, key)).splitlines():
        names = NAME.findall(line)
        if not names or any(values.get(name) for name in names):
            kept.append(_filled(line, values))
    return "\n".join(kept) if len(kept) > 1 else ""


def plain(text: str) -> str:
    """Any text as HTML that shows it as it is."""
    return html.escape(UNPRINTABLE.sub("", text), quote=False)


def level_told(script: Script, level: Level | None) -> str:
    """A level in the words of the staff's lists."""
    return say(script, f"group_level_{level.name if level is not None else 'unknown'}")


def wait_told(script: Script, wait: timedelta) -> str:
    """How long somebody has waited."""
    minutes = max(0, int(wait.total_seconds() // 60))
    if minutes < 60:
        return say(script, "group_minutes", minutes=str(minutes))
    return say(script, "group_hours", hours=str(minutes // 60), minutes=str(minutes % 60))


def clock(script: Script, at: datetime) -> str:
    """A time of day on the clinic's clock."""
    return f"{script.hours.local(at):%H.%M}"


def _filled(text: str, values: dict[str, str]) -> str:
    return NAME.sub(lambda found: plain(values.get(found[1], found[0])), text)
