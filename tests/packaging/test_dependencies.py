"""The dependencies: each justified, each with the licence that it says itself, all of them in the bill of materials."""

import importlib.metadata
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.packaging.image import ROOT
from tests.test_locks import PROJECT, pinned

TABLE = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
ROWS = [[cell.strip() for cell in line.strip("|").split("|")] for line in TABLE.splitlines() if line.startswith("| `")]
GROUPS = PROJECT["dependency-groups"]
DIRECT = [*PROJECT["project"]["dependencies"], *GROUPS["build"], *GROUPS["dev"]]


def licences(name: str) -> set[str]:
    """What a package says of its licence, in each of the places where one can."""
    metadata = importlib.metadata.metadata(name)
    classifiers = [text for text in metadata.get_all("Classifier", []) if text.startswith("License ::")]
    told = [*metadata.get_all("License-Expression", []), *metadata.get_all("License", [])]
    heads = [text.strip().partition("\n")[0] for text in _licence_files(name)]
    return {*told, *heads, *(text.rpartition(" :: ")[2] for text in classifiers)}


def _licence_files(name: str) -> list[str]:
    files = importlib.metadata.files(name) or []
    return [path.read_text() for path in files if path.name == "LICENSE" and ".dist-info" in path.parts[0]]


def test_every_direct_dependency_is_justified_and_no_other() -> None:
    named = [name.strip("`") for name, *_ in ROWS]
    assert sorted(named) == sorted(canonicalize_name(Requirement(text).name) for text in DIRECT)
    assert all(len(row) == 4 and all(row) for row in ROWS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_the_licence_is_the_one_that_the_package_names(row: list[str]) -> None:
    assert row[3] in licences(row[0].strip("`"))


@pytest.fixture(scope="module")
def bill(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    file = tmp_path_factory.mktemp("sbom") / "new" / "sbom.json"
    subprocess.run([sys.executable, ROOT / ".ci" / "sbom.py", file], check=True, capture_output=True)
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found


def test_the_bill_names_every_locked_package_with_its_hashes(bill: dict[str, Any]) -> None:
    named = {component["name"]: component["version"] for component in bill["components"]}
    assert named == {name: str(version) for name, version in pinned("requirements.lock").items()}
    assert len(bill["components"]) == len(named)
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    hashes = [hash["content"] for component in bill["components"] for hash in component["hashes"]]
    assert sorted(hashes) == sorted(re.findall(r"sha256:(\w+)", text))
    assert all(component["hashes"] for component in bill["components"])


def test_the_bill_names_licences_and_who_needs_whom(bill: dict[str, Any]) -> None:
    unlicensed = {component["name"] for component in bill["components"] if not component.get("licenses")}
    installed = {canonicalize_name(found.metadata["Name"]) for found in importlib.metadata.distributions()}
    assert unlicensed & installed == set()
    needs = {entry["ref"].partition("@")[0]: entry["dependsOn"] for entry in bill["dependencies"]}
    direct = {reference.partition("@")[0] for reference in needs["pkg:pypi/tanyakaki"]}
    wanted = [*PROJECT["project"]["dependencies"], *GROUPS["build"]]
    assert direct == {f"pkg:pypi/{canonicalize_name(Requirement(text).name)}" for text in wanted}
    assert {reference for needed in needs.values() for reference in needed} == {
        component["bom-ref"] for component in bill["components"]
    }


def test_what_is_written_is_ignored_by_git_and_the_commands_are_there() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    target = re.findall(r"sbom\.py (\S+)", makefile)
    assert target == ["dist/sbom.cdx.json"]
    assert "dist/" in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert re.search(r"^audit:.*\n\t.*pip-audit --strict --require-hashes", makefile, re.MULTILINE)
    assert Path(target[0]).name in TABLE
