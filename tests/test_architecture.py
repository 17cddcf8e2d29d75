"""The house stays as it was drawn: imports point from the world towards the pure core, never back."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import bot

PACKAGE = Path(bot.__file__).parent

LAYERS = (
    ("ontology", "model"),
    ("triage",),
    ("language",),
    ("dialogue",),
    ("logs",),
    ("content",),
    ("simulation", "evaluation", "training"),
    ("settings", "metrics", "places"),
    ("store",),
    ("conversations",),
    ("delivery", "timers"),
    ("channels", "desk"),
    ("service",),
    ("monitoring",),
    ("web",),
    ("commands",),
    ("cli", "__main__"),
)
"""Purest first. A module imports from its own row and from rows above it, never from below."""

PURE = ("ontology", "model", "triage", "language", "dialogue")
WORLDLY = {
    "redis",
    "starlette",
    "uvicorn",
    "yaml",
    "socket",
    "random",
    "time",
    "os",
    "subprocess",
    "logging",
    "asyncio",
}


def modules() -> list[Path]:
    return sorted(path for path in PACKAGE.rglob("*.py") if path.parent != PACKAGE / "_shipped")


def room(path: Path) -> str:
    """The part of the package that a file belongs to."""
    first = path.relative_to(PACKAGE).parts[0]
    return first.removesuffix(".py")


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def height(name: str) -> int:
    return next(number for number, row in enumerate(LAYERS) if name in row)


def upward(path: Path) -> list[str]:
    """The imports of a file that point to a less pure room."""
    own = room(path)
    inside = {name.split(".")[1] for name in imports(path) if name.startswith("bot.")}
    return [name for name in inside if name != own and height(name) > height(own)]


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_to_the_purer_side(path: Path) -> None:
    if room(path) != "__init__":
        assert upward(path) == []


@pytest.mark.parametrize("path", [p for p in modules() if room(p) in PURE], ids=lambda p: str(p.relative_to(PACKAGE)))
def test_the_core_knows_no_world(path: Path) -> None:
    assert not {name.split(".")[0] for name in imports(path)} & WORLDLY
    assert not any(name.startswith("datetime.datetime.now") for name in imports(path))


def test_the_guard_sees_a_wrong_import(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.test_architecture.PACKAGE", folder)
    bad = folder / "dialogue" / "bad.py"
    bad.parent.mkdir()
    bad.write_text("from bot.store.store import Store\n", encoding="utf-8")
    assert upward(bad) == ["store"]


@pytest.mark.parametrize(
    "path", [p for p in modules() if room(p) == "channels"], ids=lambda p: str(p.relative_to(PACKAGE))
)
def test_channels_know_no_medicine(path: Path) -> None:
    rooms = {name.split(".")[1] for name in imports(path) if name.startswith("bot.") and name.count(".")}
    assert not rooms & {"triage", "language", "content"}
