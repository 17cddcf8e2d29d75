"""The locks hold what pyproject.toml asks for, with hashes, and name no host."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCKS = {
    "requirements.lock": [*PROJECT["project"]["dependencies"], *PROJECT["dependency-groups"]["build"]],
    "requirements-dev.lock": [
        *PROJECT["project"]["dependencies"],
        *PROJECT["dependency-groups"]["build"],
        *PROJECT["dependency-groups"]["dev"],
    ],
}


def pinned(name: str) -> dict[str, Version]:
    text = (ROOT / name).read_text(encoding="utf-8")
    pins = re.findall(r"^([A-Za-z0-9_.-]+)(?:\[[^\]]*\])?==(\S+)", text, re.MULTILINE)
    return {canonicalize_name(package): Version(version) for package, version in pins}


def unmet(requirements: list[str], pins: dict[str, Version]) -> list[str]:
    """The requirements that the pins do not meet: a lock that is out of date."""
    wanted = [Requirement(text) for text in requirements]
    return [
        str(requirement)
        for requirement in wanted
        if (pin := pins.get(canonicalize_name(requirement.name))) is None or pin not in requirement.specifier
    ]


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_meets_the_project(name: str) -> None:
    assert unmet(LOCKS[name], pinned(name)) == [], "out of date: run `make lock`"


def test_an_outdated_lock_is_noticed() -> None:
    assert unmet(["redis>=6", "starlette>=99", "missing"], {"redis": Version("6.1"), "starlette": Version("1.0")}) == [
        "starlette>=99",
        "missing",
    ]


@pytest.mark.parametrize("name", LOCKS)
def test_every_pin_has_hashes_and_no_host_is_named(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert len(re.findall(r"^\S+==", text, re.MULTILINE)) == len(pinned(name))
    assert all(
        "--hash=sha256:" in block for block in re.split(r"^(?=\S+==)", text, flags=re.MULTILINE) if "==" in block
    )
    assert "://" not in text
    assert "--index-url" not in text
