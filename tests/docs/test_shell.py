"""Lines of shell that need no network and no service are run as they stand, outside the checkout."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.reading import PAGES, ROOT, Page, commands_in

RUN = ("understand", "chat", "graph", "schema", "init")


def lines() -> Iterator[str]:
    """Each once, with the command as it is called where it is installed."""
    for path in PAGES:
        for shown in Page(path).code():
            line = re.sub(r"(\.\./)?\.venv/bin/", "", re.sub(r" +#.*$", "", shown))
            found = [words for words in commands_in(line) if len(words) > 1]
            whole = re.match(r"(printf .*\| *)?tanyakaki [^…&;]*$", line) and not re.search(r"\b(FOLDER|DIR)\b", line)
            if whole and found and all(words[0] in RUN for words in found):
                yield re.sub(r"\S+\.html", "page.html", line)


LINES = sorted(set(lines()))


@pytest.mark.parametrize("line", LINES)
def test_it_runs(line: str, tmp_path: Path) -> None:
    done = shell(line, tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    if "--json" in line:
        (answer,) = map(json.loads, done.stdout.splitlines())
        assert answer["asks"]["ids"] == ["consent"]
    if "understand" in line:
        assert "body_part        calf" in done.stdout


def test_what_is_run_is_what_is_shown() -> None:
    assert any("--html" in line for line in LINES)
    assert any(line.startswith("printf") for line in LINES)
    assert any("understand" in line for line in LINES)


def shell(line: str, folder: Path) -> subprocess.CompletedProcess[str]:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        ["sh", "-c", line], cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=60
    )
