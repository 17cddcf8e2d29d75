"""The log: what happened, and to which conversation by its reference. Never a patient's words, name or number.

An event of ours is a fixed text with fields. Of an exception only types and places in the program are told: its message
may quote anything. What a library logs is told without its arguments, and not at all where it takes none: then it may
have been put together from anything. ``tests/test_logs.py`` holds all that.
"""

import json
import logging
import re
import secrets
import sys
import threading
import traceback
from collections.abc import Iterator, Mapping
from contextvars import Token
from pathlib import Path, PurePath
from types import TracebackType
from typing import Any, Final, Literal, TextIO

import structlog
from structlog.contextvars import bind_contextvars, merge_contextvars, reset_contextvars
from structlog.typing import EventDict, ExcInfo, Processor

REFERENCE: Final = 12
"""Characters of a conversation's keyed hash that stand for it in the log."""

MOST_FRAMES: Final = 30
HIDDEN: Final = "…"
MADE_HERE: Final = frozenset({"timestamp", "level", "exception", "process", "request", "conversation"})
"""Fields that this module makes itself, of nothing that came in."""

ORDER: Final = {name: place for place, name in enumerate(("timestamp", "level", "event", "conversation", "request"))}
"""What stands first in a line."""

SECRETS: Final = re.compile(
    r"\d{5,}:[A-Za-z0-9_-]{20,}"  # a Telegram token, as it stands in the Bot API's addresses
    r"|(?<=://)[^/@\s]+@"  # name and password in an address
    r"|\b(?:whatsapp|telegram|web|terminal):[+\w-]+"  # where a patient writes
    r"|(?<!\w)\+?\d{7,}(?!\w)"  # a number of a person
)
PACKAGE: Final = Path(__file__).resolve().parent.parent


class Log(structlog.stdlib.BoundLogger):
    """A logger that hands on no exception, only what is told of it."""

    def debug(self, event: str | None = None, *args: Any, **fields: Any) -> Any:
        """Asked at every message, and seldom wanted: then nothing is put together."""
        return super().debug(event, *args, **fields) if self.isEnabledFor(logging.DEBUG) else None

    def exception(self, event: str | None = None, *args: Any, **fields: Any) -> Any:
        return self.error(event, *args, **{"exc_info": True, **fields})


def logger_of(name: str) -> Log:
    """The logger of a module."""
    logger: Log = structlog.wrap_logger(
        logging.getLogger(name),
        processors=[
            structlog.stdlib.filter_by_level,
            merge_contextvars,
            told_exception,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=Log,
        cache_logger_on_first_use=True,
    )
    return logger


class Belonging:
    """What is logged meanwhile has these fields."""

    __slots__ = ("_before", "_fields")

    def __init__(self, **fields: str) -> None:
        self._fields = fields

    def __enter__(self) -> None:
        self._before: Mapping[str, Token[Any]] = bind_contextvars(**self._fields)

    def __exit__(self, *error: object) -> None:
        reset_contextvars(**self._before)


def conversation(id: str) -> Belonging:
    """What is logged meanwhile belongs to this conversation."""
    return Belonging(conversation=id[:REFERENCE])


def request() -> Belonging:
    """What is logged meanwhile belongs to one message that was fetched, or one timer."""
    return Belonging(request=new_request())


def new_request() -> str:
    """A reference for a request."""
    return secrets.token_hex(4)


def set_up(level: str, form: Literal["console", "json"], stream: TextIO | None = None) -> None:
    """Send the log of this process to standard error, as JSON or for people. Libraries are heard from warnings up,
    at ``debug`` a little more."""
    out = stream or sys.stderr
    handler = logging.StreamHandler(out)
    handler.setFormatter(_formatter(form, colors=out.isatty()))
    logging.basicConfig(level=logging.INFO if level == "debug" else logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("bot").setLevel(level.upper())
    logging.captureWarnings(True)
    logging.raiseExceptions = False  # a line that can't be written would be quoted whole
    _hook()


def _formatter(form: Literal["console", "json"], *, colors: bool) -> logging.Formatter:
    last: Processor = structlog.processors.JSONRenderer(json.dumps, ensure_ascii=False)
    if form == "console":
        last = structlog.dev.ConsoleRenderer(
            colors=colors, sort_keys=False, pad_event_to=0, exception_formatter=structlog.dev.plain_traceback
        )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[merge_contextvars, _of_library, told_exception],
        processors=[
            structlog.stdlib.add_log_level,
            _with_process(secrets.token_hex(3)),
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            clean,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _in_order,
            last,
        ],
        use_get_message=False,
        pass_foreign_args=True,
    )


def _with_process(reference: str) -> Processor:
    def add(logger: Any, method: str, event: EventDict) -> EventDict:
        event["process"] = reference
        return event

    return add


def _in_order(logger: Any, method: str, event: EventDict) -> EventDict:
    return {name: event[name] for name in sorted(event, key=lambda name: ORDER.get(name, len(ORDER)))}


def _of_library(logger: Any, method: str, event: EventDict) -> EventDict:
    """What a library logs: its fixed text without the arguments, and where."""
    record = event["_record"]
    takes_arguments = bool(event.pop("positional_args", None))
    text = re.sub(r"%[-#0+ ]*[\d.*]*[a-zA-Z]|%\(\w+\)[a-zA-Z]", HIDDEN, event["event"]) if takes_arguments else HIDDEN
    event.pop("stack_info", None)
    return {**event, "event": text, "logger": record.name, "at": f"{record.filename}:{record.lineno}"}


def clean(logger: Any, method: str, event: EventDict) -> EventDict:
    """Everything in a line on one line, without tokens and addresses."""
    return {name: value if name in MADE_HERE else _clean(value) for name, value in event.items()}


def _clean(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        return SECRETS.sub(HIDDEN, " ".join(value.split()))
    if isinstance(value, list | tuple):
        return [_clean(part) for part in value]
    return type(value).__name__


def places(exc_info: ExcInfo) -> str:
    """An exception, and what it came from, as types and places."""
    return "\n".join(_chain(exc_info[1], set()))


told_exception: Final = structlog.processors.ExceptionRenderer(places)


def _chain(error: BaseException | None, told: set[int]) -> Iterator[str]:
    if error is None or id(error) in told:
        return
    told.add(id(error))
    yield type(error).__name__
    frames = [f"  {_short(frame.f_code.co_filename)}:{line} {frame.f_code.co_name}" for frame, line in _walk(error)]
    yield from frames[-MOST_FRAMES:]
    for part in error.exceptions if isinstance(error, BaseExceptionGroup) else ():
        yield from _chain(part, told)
    yield from _chain(error.__cause__ or (None if error.__suppress_context__ else error.__context__), told)


def _walk(error: BaseException) -> Iterator[Any]:
    return traceback.walk_tb(error.__traceback__)


def _short(path: str) -> str:
    """A file's path without where the program is installed."""
    parts = PurePath(path).parts
    if "site-packages" in parts:
        return "/".join(parts[parts.index("site-packages") + 1 :])
    return str(PurePath(path).relative_to(PACKAGE)) if PurePath(path).is_relative_to(PACKAGE) else "/".join(parts[-2:])


def _hook() -> None:
    """What nobody catches is logged like all else; Python would print its message."""
    log = logger_of("bot")

    def crashed(type: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if not issubclass(type, KeyboardInterrupt):
            log.critical("the program ends by a fault", exc_info=error)

    sys.excepthook = crashed
    threading.excepthook = lambda found: log.error("a thread ended by a fault", exc_info=found.exc_value)
    sys.unraisablehook = lambda found: log.error("a fault could not be raised", exc_info=found.exc_value)
