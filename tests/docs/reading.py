"""What stands in the documentation: fenced blocks, spans of code, links."""

import argparse
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from bot.cli import COMMANDS

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "ARCHITECTURE.md", *sorted((ROOT / "docs").glob("*.md"))]

_FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"`([^`\n]+(?:\n[^`\n]+)?)`")
_LINK = re.compile(r"\]\(([^)\s]+)\)|\bsrc=\"([^\"]+)\"")
_HEADING = re.compile(r"^#+ +(.+)$", re.MULTILINE)


class Fence(NamedTuple):
    """A fenced block: its language and what stands in it."""

    language: str
    body: str


@dataclass(frozen=True)
class Page:
    """One page, by its path."""

    path: Path

    @property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    def fences(self, *languages: str) -> list[Fence]:
        found = [Fence(language, _dedented(body, indent)) for indent, language, body in _FENCE.findall(self.text)]
        return [fence for fence in found if not languages or fence.language in languages]

    def spans(self) -> list[str]:
        """Code within sentences, each on one line."""
        return [" ".join(span.split()) for span in _SPAN.findall(_FENCE.sub("", self.text))]

    def links(self) -> list[str]:
        """Where links and images lead that stay in this repository."""
        found = [one or other for one, other in _LINK.findall(_FENCE.sub("", self.text))]
        return [link for link in found if not re.match(r"[a-z]+:", link)]

    def anchors(self) -> set[str]:
        """The headings as one can link to them."""
        heads = (re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in _HEADING.findall(self.text))
        return set(heads)

    def code(self) -> Iterator[str]:
        """Every line of shell and every span: where commands, settings and targets are named."""
        for fence in self.fences():
            if fence.language not in ("yaml", "json"):
                yield from fence.body.splitlines()
        yield from self.spans()


def _dedented(body: str, indent: str) -> str:
    return "".join(line.removeprefix(indent) for line in body.splitlines(keepends=True))


def commands_in(line: str) -> Iterator[list[str]]:
    """The words of each ``tanyakaki …`` of a line of code, without the command itself."""
    line = re.sub(r"(?<!\S)#.*$", "", line)
    for found in re.finditer(r"(?:^|[\s(&|])(?:\S*/)?tanyakaki ((?:(?:\"[^\"]*\"|[^\s&|;\"]+) ?)+)", line):
        yield [word.strip('"') for word in re.findall(r"\"[^\"]*\"|\S+", found[1])]


def problem_of(words: list[str]) -> str:
    """What of a command is unknown to the program; empty where nothing is."""
    parser = argparse.ArgumentParser(add_help=False)
    subparsers = parser.add_subparsers()
    for module in COMMANDS:
        module.add_commands(subparsers)
    return _problem(parser, words)


def _problem(parser: argparse.ArgumentParser, words: list[str]) -> str:
    below = _below(parser)
    if below and words:
        name = words[0]
        return _problem(below[name], words[1:]) if name in below else f"there is no command {name!r}"
    options = {option for action in parser._actions for option in action.option_strings}
    unknown = [word for word in words if word.startswith("--") and word.partition("=")[0] not in options]
    return f"there is no option {unknown[0]!r}" if unknown else ""


def _below(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            return dict(action.choices)
    return {}
