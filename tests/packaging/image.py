"""What stands in ``Dockerfile``, ``.dockerignore`` and ``docker-compose.yml``: without an engine they are read."""

import fnmatch
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
APP = SERVICES["app"]


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile's instructions in order: name and rest, comments gone, continued lines joined."""
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    text = "\n".join(line for line in lines if not line.lstrip().startswith("#")).replace("\\\n", " ")
    return [(name, rest.strip()) for name, _, rest in (line.partition(" ") for line in text.splitlines() if line)]


def all_of(name: str) -> list[str]:
    return [rest for instruction, rest in instructions() if instruction == name]


def last(name: str) -> str:
    """What the finished image has of an instruction that the last one decides."""
    return all_of(name)[-1]


def as_list(text: str) -> list[str]:
    """The exec form: a JSON list. Anything else would run a shell."""
    return [str(word) for word in json.loads(text)]


def copied() -> list[str]:
    """The paths of this folder that the image is built from."""
    own = [rest for rest in all_of("COPY") if "--from=" not in rest]
    return [source for rest in own for source in rest.split()[:-1]]


def environment() -> dict[str, str]:
    """What ``ENV`` sets."""
    return dict(re.findall(r"(\w+)=(\S+)", " ".join(all_of("ENV"))))


def stage(folder: Path) -> Path:
    """Copy into ``folder`` what the Dockerfile copies, as far as ``.dockerignore`` lets it through."""
    for source in copied():
        for path in _files(ROOT / source):
            if not ignored(path.relative_to(ROOT).as_posix()):
                target = folder / path.relative_to(ROOT)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, target)
    return folder


def ignored(path: str) -> bool:
    """Whether ``.dockerignore`` keeps a path out: the last pattern that matches it, or a folder above it, decides."""
    verdict = False
    steps = [path, *map(str, PurePosixPath(path).parents)]
    for pattern in _patterns():
        if any(_matches(pattern.removeprefix("!"), step) for step in steps):
            verdict = not pattern.startswith("!")
    return verdict


def _patterns() -> list[str]:
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def _matches(pattern: str, path: str) -> bool:
    """``**/`` is any depth, ``*`` stays within one folder."""
    if pattern.startswith("**/"):
        return fnmatch.fnmatchcase(PurePosixPath(path).name, pattern.removeprefix("**/"))
    wanted, found = pattern.split("/"), path.split("/")
    return len(wanted) == len(found) and all(map(fnmatch.fnmatchcase, found, wanted))


def _files(path: Path) -> Iterator[Path]:
    if path.is_dir():
        yield from (found for found in path.rglob("*") if found.is_file())
    else:
        yield path
