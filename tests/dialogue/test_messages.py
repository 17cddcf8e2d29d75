"""The table of messages says what the code says: neither less nor more."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import bot
from bot.dialogue.messages import FILLED, LABELS, SAID

PACKAGE = Path(bot.__file__).parent


def said_by_the_code() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each literal key that some module says, with the names that it fills in."""
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(func=ast.Name(id="say"), args=[_, ast.Constant(value=str(key)), *_], keywords=keywords):
                    yield key, tuple(keyword.arg or "" for keyword in keywords)
                case ast.Call(
                    func=ast.Attribute(attr="said"), args=[ast.Constant(value=str(key)), *_], keywords=keywords
                ):
                    yield key, tuple(keyword.arg or "" for keyword in keywords)
                case ast.Subscript(value=ast.Attribute(attr="messages"), slice=ast.Constant(value=str(key))):
                    yield key, ()


def test_every_key_that_the_code_says_is_in_the_table() -> None:
    assert {key for key, _ in said_by_the_code()} - SAID == set()


def test_the_names_that_the_code_fills_in_are_in_the_table() -> None:
    filled = {key: names for key, names in said_by_the_code() if names}
    assert {key: FILLED.get(key) for key in filled} == filled


def test_the_table_has_no_key_that_nobody_says() -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py") if path.name != "messages.py")
    intents = {"greet", "thanks", "bye", "help"}
    made_up = re.findall(r"f[\"']([a-z_]+_)\{", code)
    unsaid = {key for key in SAID - intents - {*LABELS} if not re.search(rf"[\"']{key}[\"']", code)}
    assert {key for key in unsaid if not key.startswith(tuple(made_up))} == set()
