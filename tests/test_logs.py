"""The log tells events by fixed texts, and nothing that a patient said, is called or can be reached by."""

import ast
import asyncio
import io
import json
import logging
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError
from redis.exceptions import ResponseError

import bot
from bot import logs

PACKAGE = Path(bot.__file__).parent
METHODS = {"debug", "info", "warning", "error", "exception", "critical"}
FIELDS = {
    "blocked", "channel", "channels", "code", "content", "count", "error", "exc_info", "faults", "kind", "message",
    "problem", "reason", "status", "tries", "trouble", "version",
    "work",
}  # fmt: skip
"""What may be told beside an event. A new one is put here by somebody who made sure that it holds nothing of a patient:
``message`` is a provider's id, ``reason`` and ``trouble`` are texts of ours or of an API that was told no patient."""

TOKEN = "123456789:AAE-a_token_of_the_tests_0123456789"


def modules() -> list[Path]:
    return sorted(path for path in PACKAGE.rglob("*.py") if "_shipped" not in path.parts)


def faults(tree: ast.AST) -> Iterator[str]:
    """What a module does with the log that it should not."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        of = node.func.value.id if isinstance(node.func.value, ast.Name) else ""
        if of == "logging" or (of == "structlog" and node.func.attr == "get_logger"):
            yield f"line {node.lineno}: another way to log"
        if of == "log" and node.func.attr in METHODS:
            event, *more = [*node.args, None]
            if not (isinstance(event, ast.Constant) and isinstance(event.value, str)) or more != [None]:
                yield f"line {node.lineno}: the event is no fixed text"
            if unknown := {word.arg or "**" for word in node.keywords} - FIELDS:
                yield f"line {node.lineno}: nobody has looked at {sorted(unknown)}"


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_events_are_fixed_texts_with_known_fields(path: Path) -> None:
    if path != PACKAGE / "logs.py":
        assert not list(faults(ast.parse(path.read_text(encoding="utf-8"))))


@pytest.mark.parametrize(
    "line",
    [
        'log.info(f"a {word} failed")',
        "log.info(word)",
        'log.info("failed %s", word)',
        'log.info("failed", text=word)',
        'log.info("failed", **words)',
        'logging.getLogger("x")',
    ],
)
def test_the_guard_sees_a_line_that_tells_too_much(line: str) -> None:
    assert list(faults(ast.parse(line)))


@pytest.fixture
def told() -> Iterator[io.StringIO]:
    """A log as JSON, at its most talkative; afterwards everything is as it was."""
    root, hooks = logging.getLogger(), (sys.excepthook, threading.excepthook, sys.unraisablehook)
    before = root.handlers[:], root.level, logging.getLogger("bot").level, logging.raiseExceptions
    stream = io.StringIO()
    for handler in root.handlers[:]:
        root.removeHandler(handler)
    logs.set_up("debug", "json", stream)
    root.setLevel(logging.DEBUG)
    yield stream
    logging.captureWarnings(False)
    root.handlers[:], level, bots, logging.raiseExceptions = before
    root.setLevel(level)
    logging.getLogger("bot").setLevel(bots)
    sys.excepthook, threading.excepthook, sys.unraisablehook = hooks


def lines(told: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in told.getvalue().splitlines()]


def test_a_line_has_time_level_event_and_references(told: io.StringIO) -> None:
    log = logs.logger_of("bot.test")
    with logs.request(), logs.conversation("f" * 32):
        log.warning("something happened", count=3)
    log.warning("something else")
    first, second = lines(told)
    assert first["event"] == "something happened"
    assert (first["level"], first["count"]) == ("warning", 3)
    assert len(first["request"]) == 8
    assert first["conversation"] == "f" * logs.REFERENCE
    assert first["timestamp"].endswith("Z")
    assert first["process"] == second["process"]
    assert "conversation" not in second


@pytest.mark.parametrize(
    ("message", "arguments"),
    [
        ('HTTP Request: %s %s "%s"', ("POST", f"https://api.telegram.org/bot{TOKEN}/sendMessage", "HTTP/1.1")),
        ("Calling Bot API endpoint `%s` with parameters `%s`", ("sendMessage", {"text": "rahasia", "chat_id": 77001})),
        ("%(chat)s said %(text)s", ({"chat": "+6281234567890", "text": "rahasia"},)),
        (f"Failed for whatsapp:+6281234567890: rahasia at redis://:password@host {TOKEN}", ()),
        (ValueError("rahasia"), ()),
    ],
)
def test_a_library_is_told_without_what_it_speaks_of(told: io.StringIO, message: Any, arguments: Any) -> None:
    logging.getLogger("httpx").warning(message, *arguments)
    (line,) = lines(told)
    assert line["logger"] == "httpx"
    assert line["at"].startswith("test_logs.py:")
    for word in ("rahasia", TOKEN, "77001", "6281234567890", "password"):
        assert word not in told.getvalue()


class Pain(BaseModel):
    days: int


def _validation() -> None:
    Pain.model_validate({"days": "rahasia sejak kemarin"})


def _redis() -> None:
    raise ResponseError("wrong type for rahasia of +6281234567890")


def _caused() -> None:
    try:
        _validation()
    except ValidationError as error:
        raise RuntimeError("rahasia") from error


def _many() -> None:
    raise ExceptionGroup("rahasia", [ValueError("rahasia"), KeyError("rahasia")])


def _deep(text: str = "rahasia") -> None:
    _deep(text)


@pytest.mark.parametrize("fault", [_validation, _redis, _caused, _many, _deep])
def test_an_exception_is_told_by_types_and_places(told: io.StringIO, fault: Any) -> None:
    try:
        fault()
    except Exception as error:
        logs.logger_of("bot.test").exception("something failed")
        kind = type(error).__name__
    logging.getLogger("asyncio").error("future: <Task exception=ValueError('rahasia')>", exc_info=True)
    line = lines(told)[0]
    assert line["exception"].startswith(f"{kind}\n")
    assert f" {fault.__name__}" in line["exception"]
    assert "tests/test_logs.py:" in line["exception"]
    assert "rahasia" not in told.getvalue()
    assert "6281234567890" not in told.getvalue()


def test_no_other_handler_gets_the_exception(caplog: pytest.LogCaptureFixture) -> None:
    try:
        _validation()
    except ValidationError:
        logs.logger_of("bot.test").exception("something failed")
    (record,) = caplog.records
    assert record.exc_info is None
    assert "ValidationError" in record.getMessage()
    assert "rahasia" not in caplog.text


def test_causes_and_groups_are_told_by_their_types(told: io.StringIO) -> None:
    for fault in (_caused, _many):
        try:
            fault()
        except Exception:
            logs.logger_of("bot.test").exception("something failed")
    caused, many = lines(told)
    assert "ValidationError" in caused["exception"]
    assert "KeyError" in many["exception"]


async def test_what_nobody_catches_is_told_without_its_message(told: io.StringIO) -> None:
    async def fail() -> None:
        raise ValueError("rahasia")

    forgotten = asyncio.create_task(fail())
    await asyncio.wait([forgotten])
    del forgotten
    thread = threading.Thread(target=int, args=("rahasia",))
    thread.start()
    thread.join()
    try:
        raise ValueError("rahasia")
    except ValueError as error:
        sys.excepthook(type(error), error, error.__traceback__)
    assert [line["level"] for line in lines(told) if line["level"] != "debug"] == ["error", "error", "critical"]
    assert "rahasia" not in told.getvalue()


def test_fields_are_cleaned_and_stay_on_their_line(told: io.StringIO, capsys: pytest.CaptureFixture[str]) -> None:
    log = logs.logger_of("bot.test")
    told_reason = f"redis://user:geheim@host\n2026 error forged {TOKEN} telegram:77001 081234567890"
    log.warning("refused", reason=told_reason, faults=[told_reason, Pain(days=3)])
    (line,) = lines(told)
    assert line["faults"][1] == "Pain"
    for word in ("geheim", TOKEN, "77001", "081234567890", "\n2026"):
        assert word not in line["reason"] + line["faults"][0]


def test_people_read_it_on_one_line(told: io.StringIO) -> None:
    stream = io.StringIO()
    logs.set_up("info", "console", stream)
    logs.logger_of("bot.test").info("content reloaded", version="4f2a")
    logs.logger_of("bot.test").debug("not told")
    (line,) = stream.getvalue().splitlines()
    assert "content reloaded" in line
    assert "version=4f2a" in line


def test_a_line_that_cannot_be_written_quotes_nothing(told: io.StringIO, capsys: pytest.CaptureFixture[str]) -> None:
    logging.getLogger("httpx").handle(logging.makeLogRecord({"msg": "%s", "args": (Unwritable(),), "levelno": 40}))
    told.close()
    logs.logger_of("bot.test").error("not written", reason="rahasia")
    assert "rahasia" not in capsys.readouterr().err


class Unwritable:
    def __str__(self) -> str:
        raise ValueError("rahasia")
