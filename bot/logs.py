"""The log: what happened and to which conversation, by its reference. Never a patient's words or number."""

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any, Final, Literal

_OWN: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}
"""What every record has; the rest is what was said about the event."""


class Lines(logging.Formatter):
    """One line a record, for a person or as JSON."""

    def __init__(self, form: Literal["console", "json"]) -> None:
        super().__init__()
        self.form = form

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        about = {name: value for name, value in vars(record).items() if name not in _OWN}
        event: dict[str, Any] = {"at": at, "level": record.levelname.lower(), "event": record.getMessage(), **about}
        if record.exc_info:
            event["traceback"] = self.formatException(record.exc_info)
        if self.form == "json":
            return json.dumps(event, ensure_ascii=False, default=str)
        head = f"{event.pop('at')} {event.pop('level'):7} {event.pop('event')}"
        return " ".join([head, *(f"{name}={value}" for name, value in event.items())])


def set_up(level: str, form: Literal["console", "json"]) -> None:
    """Send the log of this process to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Lines(form))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    # Clients of HTTP and of Redis log addresses and headers; nothing of theirs is ours to tell.
    for name in ("httpx", "httpcore", "redis", "twilio", "aiohttp", "uvicorn.access"):
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("telegram").setLevel(logging.CRITICAL)  # it logs whole answers that it can't read
