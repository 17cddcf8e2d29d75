"""The wheel: built from what the image has, without a network, and used from another folder."""

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from tests.packaging.image import ROOT, stage


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """``tanyakaki`` as the image has it: an environment of its own, beside which lie the locked dependencies."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / "venv"], check=True)
    python = folder / "venv" / "bin" / "python"
    _lend_dependencies(python)
    install = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-index", "--no-deps"]
    subprocess.run([*install, "--no-build-isolation", str(stage(folder / "source"))], check=True, env=_environment())
    shutil.rmtree(folder / "source")
    return folder / "venv" / "bin" / "tanyakaki"


def _lend_dependencies(python: Path) -> None:
    """What is installed here, but for the program itself: an editable install is no part of a folder's packages."""
    where = [str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    packages = subprocess.run(where, check=True, capture_output=True, text=True).stdout.strip()
    Path(packages, "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "PYTHON"))}


def run(program: Path, folder: Path, *arguments: str, text: str = "") -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [program, *arguments],
        cwd=folder,
        input=text,
        env=_environment(),
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def test_it_holds_all_that_the_package_and_the_content_have(program: Path) -> None:
    (package,) = program.parent.parent.rglob("site-packages/bot")
    for source, inside in (("bot", "."), ("flows", "_shipped/flows"), ("knowledge", "_shipped/knowledge")):
        wanted = {path.relative_to(ROOT / source) for path in (ROOT / source).rglob("*") if path.is_file()}
        wanted = {path for path in wanted if "__pycache__" not in path.parts}
        assert wanted
        assert [path for path in wanted if not (package / inside / path).is_file()] == []


def test_it_works_from_any_folder(program: Path, folder: Path) -> None:
    done = run(program, folder, "understand", "--json", text="kaki sering kram\n")
    assert (done.returncode, done.stderr) == (0, "")
    assert '"complaint": "cramp"' in done.stdout
    assert list(folder.iterdir()) == []


def test_a_folder_of_init_is_sound(program: Path, folder: Path) -> None:
    made = run(program, folder, "init", "klinik")
    assert (made.returncode, made.stderr) == (0, "")
    (folder / "klinik" / "clinic.yaml").unlink()
    missing = run(program, folder / "klinik", "check")
    assert missing.returncode == 1
    assert "CLINIC there is no file clinic.yaml" in missing.stderr
    shutil.copyfile(ROOT / "knowledge" / "clinic.yaml", folder / "klinik" / "clinic.yaml")
    done = run(program, folder / "klinik", "check")
    assert (done.returncode, done.stderr) == (0, "")
