"""YAML files as typed objects, each fault told with file, line and column.

``read(path, Model)`` gives a ``Document``; a check that finds a fault later asks the document for the place of it.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Generic, TypeVar, get_args

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from rapidfuzz import process

Loc = tuple[int | str, ...]
M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One fault in a content file. Lines and columns count from 1."""

    path: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}: {self.message}"


class ContentError(Exception):
    """Content that can't be used. ``faults`` has every fault found, in the order of the files."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = sorted(set(faults))
        super().__init__("\n".join(map(str, self.faults)))


@dataclass(frozen=True, slots=True)
class Document(Generic[M]):
    """A file's typed value and the places of its parts."""

    path: str
    value: M
    root: yaml.Node

    def fault(self, loc: Loc, message: str) -> Fault:
        """The fault ``message`` at ``loc``, a path of keys and indices into the file."""
        return _fault(self.path, _find(self.root, loc), message)


def read(path: Path, model: type[M]) -> Document[M]:
    """Read ``path`` as a ``model``. Raises ``ContentError`` with every fault of the file."""
    shown = shown_path(path)
    root = _compose(path, shown)
    duplicates = list(_duplicate_keys(shown, root))
    if duplicates:
        raise ContentError(duplicates)
    data = yaml.constructor.SafeConstructor().construct_document(root)
    try:
        return Document(shown, model.model_validate(data), root)
    except ValidationError as error:
        details = error.errors(include_url=False, include_context=True)
        raise ContentError(_told(shown, root, model, detail) for detail in details) from None


def read_text(path: Path) -> str:
    """The text of ``path``. Raises ``ContentError`` where it can't be read."""
    shown = shown_path(path)
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise ContentError([Fault(shown, 1, 1, f"cannot be read: {error.strerror}")]) from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise ContentError([Fault(shown, line, 1, "is not UTF-8 text; save it as UTF-8")]) from None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`` (did you mean X?)`` for the nearest known word, or nothing where none is near."""
    best = process.extractOne(word, list(known), score_cutoff=60)
    return f" (did you mean {best[0]!r}?)" if best else ""


def shown_path(path: Path) -> str:
    """The path as a person at this terminal would write it."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def _compose(path: Path, shown: str) -> yaml.Node:
    text = read_text(path)
    try:
        root = yaml.compose(text, Loader=yaml.CSafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise ContentError([Fault(shown, *where, f"is not YAML: {error.problem or error.context}")]) from None
    except yaml.YAMLError as error:
        raise ContentError([Fault(shown, 1, 1, f"is not YAML: {error}")]) from None
    if root is None:
        raise ContentError([Fault(shown, 1, 1, "is empty")])
    return root


def _fault(path: str, node: yaml.Node, message: str) -> Fault:
    return Fault(path, node.start_mark.line + 1, node.start_mark.column + 1, message)


def _duplicate_keys(path: str, node: yaml.Node) -> Iterator[Fault]:
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if key.value in seen:
                yield _fault(path, key, f"key {key.value!r} stands here twice")
            seen.add(key.value)
            yield from _duplicate_keys(path, value)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _duplicate_keys(path, item)


def _find(root: yaml.Node, loc: Loc) -> yaml.Node:
    """The node at ``loc``: a scalar itself; a mapping or list by its key, where a person would look for it. Where the
    path ends early (a missing key, a union's tag), the nearest above it."""
    value = _inside(root, loc)
    return value if isinstance(value, yaml.ScalarNode) or not loc else _key(root, loc)


def _inside(node: yaml.Node, loc: Loc) -> yaml.Node:
    """The value at ``loc``, or the nearest above it."""
    for step in loc:
        if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
        elif isinstance(node, yaml.MappingNode):
            node = next((value for key, value in node.value if key.value == str(step)), node)
    return node


def _key(root: yaml.Node, loc: Loc) -> yaml.Node:
    """The node of the key that ``loc`` ends with; of an item of a list, the item."""
    parent = _inside(root, loc[:-1])
    keys = parent.value if isinstance(parent, yaml.MappingNode) else []
    found: yaml.Node = next((key for key, _ in keys if key.value == str(loc[-1])), _inside(root, loc))
    return found


def _told(path: str, root: yaml.Node, model: type[BaseModel], detail: ErrorDetails) -> Fault:
    loc, kind = detail["loc"], detail["type"]
    context = detail.get("ctx", {})
    if kind == "extra_forbidden":
        word = str(loc[-1])
        return _fault(path, _key(root, loc), f"unknown key {word!r}{did_you_mean(word, _field_names(model))}")
    if kind == "missing":
        return _fault(path, _find(root, loc[:-1]), f"key {str(loc[-1])!r} is missing")
    if kind == "literal_error":
        known = re.findall(r"'([^']+)'", context["expected"])
        word = str(detail["input"])
        return _fault(path, _find(root, loc), f"unknown value {word!r}{did_you_mean(word, known)}")
    if kind == "value_error":
        return _fault(path, _find(root, loc), str(context["error"]))
    return _fault(path, _find(root, loc), detail["msg"][0].lower() + detail["msg"][1:])


@cache
def _field_names(model: type[BaseModel]) -> frozenset[str]:
    """Every key that a file of this model may have, at any depth."""
    names: set[str] = set()
    todo, seen = [model], set()
    while todo:
        current = todo.pop()
        if current in seen:
            continue
        seen.add(current)
        for name, field in current.model_fields.items():
            names.add(field.alias or name)
            todo.extend(_models(field.annotation))
    return frozenset(names)


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _models(argument)
