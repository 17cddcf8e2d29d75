"""The examples of ``docs/content.md`` are applied to a clinic's folder, in order, and do what the page says."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from bot.cli import main
from bot.content import Content, load_content
from bot.conversations import Conversations
from bot.store.records import Address
from bot.store.store import Store
from tests.dialogue.test_conversations import Talk
from tests.docs.reading import ROOT, Page, commands_in

CONTENT = Page(ROOT / "docs" / "content.md")
GIVEN = re.compile(r"^# (\S+\.yaml)( \(salah\))?\n")
OF_THE_SHELL = ("init", "learn", "check", "chat", "reload")
"""Commands of the page that this file runs at their own place, or that need a service."""


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What ``tanyakaki init`` makes, with every example of the page."""
    folder = tmp_path_factory.mktemp("docs") / "klinik"
    assert main(["init", str(folder)]) == 0
    for name, wrong, text in examples():
        if not wrong:
            write(folder / name, text)
    with pytest.MonkeyPatch.context() as shell:
        shell.chdir(folder)
        assert main(["learn"]) == 0
    return folder


@pytest.fixture(scope="module")
def content(clinic: Path) -> Content:
    return load_content(clinic / "flows", clinic / "knowledge", clinic / "clinic.yaml")


@pytest.fixture
def inside(clinic: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(clinic)
    return clinic


def examples() -> Iterator[tuple[str, bool, str]]:
    """The file, whether it is wrong on purpose, and the text of each example."""
    for fence in CONTENT.fences("yaml"):
        given = GIVEN.match(fence.body)
        assert given, f"an example that names no file:\n{fence.body}"
        yield given[1], bool(given[2]), fence.body[given.end() :]


def write(path: Path, text: str) -> None:
    """As the page says: into a file of one's own, or at the end of the part that the example begins with."""
    if path.name == "clinic.yaml" or not path.exists():
        path.write_text(text, encoding="utf-8")
        return
    ((part, _),) = yaml.safe_load(text).items()
    own = text.split("\n", 1)[1]
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    begin = lines.index(f"{part}:\n") + 1
    ends = (number for number in range(begin, len(lines)) if re.match(r"[a-z]", lines[number]))
    end = next(ends, len(lines))
    path.write_text("".join([*lines[:end], own, *lines[end:]]), encoding="utf-8")


@pytest.mark.timeout(300)
def test_the_examples_are_sound_and_proven(inside: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check"]) == 0, capsys.readouterr().err
    assert "No fault found" in capsys.readouterr().out


def test_the_wrong_example_is_told_as_the_page_shows(
    clinic: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = Path(shutil.copytree(clinic, tmp_path / "klinik"))
    monkeypatch.chdir(folder)
    for name, wrong, text in examples():
        if wrong:
            write(folder / name, text)
    assert main(["check"]) == 1
    shown = next(fence.body for fence in CONTENT.fences() if "fault(s)" in fence.body)
    assert without_lines(capsys.readouterr().err) == without_lines(shown)


def without_lines(text: str) -> str:
    """Without the numbers of lines, which move with every rule that is added."""
    return re.sub(r"(\.yaml):\d+:", r"\1:…:", text)


def test_the_slang_the_question_and_the_knowledge_work(
    inside: Path, content: Content, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["understand", "betis ngejekuk semalem", "--explain"]) == 0
    assert re.search(r"complaint +cramp", capsys.readouterr().out)
    assert "shoes" in [step.question for step in content.script.flows["pain"].steps]
    assert content.reader.read("lagi gowes kok kram").intent.startswith("ask_")
    assert content.script.clinic["clinic"] == "Klinik Melati"
    assert content.script.messages["stop"].startswith("Baik, sampai di sini dulu")


def test_the_scripted_patient_is_told_the_level(inside: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["simulate", "flows/patients/klinik.yaml"]) == 0
    assert "1 patients: exact 100.0 %" in capsys.readouterr().out


def test_a_clinics_folder_is_compared_with_a_former_one(
    inside: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["init", str(tmp_path / "lama")]) == 0
    assert main(["simulate", "flows/patients/klinik.yaml", "--against", str(tmp_path / "lama")]) == 0
    assert "1 patients change their level: 0 down, 1 up" in capsys.readouterr().out


async def test_the_scripted_conversation_goes_as_written(
    inside: Path, content: Content, store: Store, address: Address
) -> None:
    (script,) = yaml.safe_load((inside / "flows" / "conversations" / "klinik.yaml").read_text(encoding="utf-8"))
    received = await Talk(Conversations(store, content), address, script).run()
    outcome = received.conversation.outcome
    assert outcome is not None
    assert outcome.level.name == script["outcome"]["level"]
    assert set(script["outcome"]["rules"]) <= set(outcome.rules)


def test_the_schemas_are_written(inside: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", "skema"]) == 0
    assert "# yaml-language-server: $schema=skema/triage.schema.json" in capsys.readouterr().out


def test_every_command_of_the_page_is_run_here() -> None:
    run = {
        words[0] for fence in CONTENT.fences("sh") for line in fence.body.splitlines() for words in commands_in(line)
    }
    assert run <= {*OF_THE_SHELL, "understand", "simulate", "schema"}
