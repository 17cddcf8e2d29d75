"""Write the program's software bill of materials (CycloneDX 1.6, JSON) from ``requirements.lock``: every package with
its version, the hashes that are installed from, its licence, and who needs it. The same lock gives the same file.

    python .ci/sbom.py FILE
"""

import importlib.metadata
import json
import re
import sys
import tomllib
import uuid
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parent.parent
LOCK: Final = ROOT / "requirements.lock"
PROJECT: Final = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

PACKAGE: Final = re.compile(r"^([\w.-]+)(?:\[[^\]]*\])?==([^\s;]+)", re.MULTILINE)
NEEDED_BY: Final = re.compile(r"^    #(?: via|  ) ([\w.-]+)", re.MULTILINE)
HASH: Final = re.compile(r"--hash=sha256:(\w{64})")


def bill() -> dict[str, Any]:
    """The whole document."""
    lock = LOCK.read_text(encoding="utf-8")
    blocks = re.split(r"^(?=[\w.-]+(?:\[[^\]]*\])?==)", lock, flags=re.MULTILINE)
    found = {match[1]: (match[2], block) for block in blocks if (match := PACKAGE.match(block))}
    references = {name: f"pkg:pypi/{name}@{version}" for name, (version, _) in found.items()}
    own = {PROJECT["name"]: f"pkg:pypi/{PROJECT['name']}@{PROJECT['version']}"}
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, lock)}",
        "version": 1,
        "metadata": {"component": _component("application", own, PROJECT["name"], PROJECT["version"])},
        "components": [
            {
                **_component("library", references, name, version),
                "hashes": [{"alg": "SHA-256", "content": hash} for hash in HASH.findall(block)],
            }
            for name, (version, block) in found.items()
        ],
        "dependencies": _dependencies(found, {**references, **own}),
    }


def _component(kind: str, references: dict[str, str], name: str, version: str) -> dict[str, Any]:
    told = {"type": kind, "bom-ref": references[name], "name": name, "version": version, "purl": references[name]}
    return {**told, "licenses": licence} if (licence := _licences(name)) else told


def _licences(name: str) -> list[dict[str, Any]]:
    """As its own metadata tell it. A package for another system is not installed here and tells nothing."""
    try:
        metadata = importlib.metadata.metadata(name)
    except importlib.metadata.PackageNotFoundError:
        return []
    if expression := metadata.get_all("License-Expression"):
        return [{"expression": expression[0]}]
    classifiers = [text for text in metadata.get_all("Classifier", []) if text.startswith("License ::")]
    names = [text.rpartition(" :: ")[2] for text in classifiers] or metadata.get_all("License", [])
    return [{"license": {"name": text}} for text in names if text]


def _dependencies(found: dict[str, tuple[str, str]], references: dict[str, str]) -> list[dict[str, Any]]:
    """Who needs what, as the lock notes it behind ``# via``."""
    needs: dict[str, list[str]] = {name: [] for name in references}
    for name, (_, block) in found.items():
        for by in NEEDED_BY.findall(block):
            needs[by].append(references[name])
    return [{"ref": references[name], "dependsOn": sorted(needs[name])} for name in sorted(references)]


def main(file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    document = bill()
    file.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    print(f"{file}: {len(document['components'])} packages")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
