"""``check``, ``simulate``, ``graph`` and ``schema`` as their users run them."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from bot.cli import main
from bot.ontology import COMPLAINTS, Level
from bot.settings import shipped

MISSED = """
- id: missed
  name: An emergency that the flow can't see
  opening: "betis kiri kram sejak kemarin"
  facts: {complaint: cramp, body_part: calf, side: left, duration_days: 1, age: 30}
  level: emergency
"""
WELL = MISSED.replace("id: missed", "id: well").replace("level: emergency", "level: self_care")


@pytest.fixture
def other(folder: Path) -> Path:
    """A folder with content of its own."""
    for name in ("flows", "knowledge"):
        shutil.copytree(shipped(name), folder / name)
    return folder


@pytest.fixture
def patients(folder: Path) -> Path:
    path = folder / "patients.yaml"
    path.write_text(WELL, encoding="utf-8")
    return path


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(arguments)
    told = capsys.readouterr()
    return code, told.out, told.err


def test_check_names_a_fault_at_its_place(
    capsys: pytest.CaptureFixture[str], other: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = other / "flows" / "messages.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("telepon {phone}", "telepon {fone}", 1), encoding="utf-8")
    monkeypatch.setenv("FLOWS_DIR", str(other / "flows"))
    code, out, err = run(capsys, "check")
    assert (code, out) == (1, "")
    assert re.match(rf"{re.escape(str(path))}:\d+:\d+: nobody fills in '{{fone}}' \(did you mean 'phone'\?\)", err)


def test_simulate_tabulates(capsys: pytest.CaptureFixture[str], patients: Path) -> None:
    code, out, _ = run(capsys, "simulate", str(patients))
    assert code == 0
    assert "1 patients: exact 100.0 %" in out
    assert "emergencies told less than emergency care: none" in out


@pytest.mark.parametrize("answers", ["taps", "words"])
def test_simulate_fails_where_an_emergency_is_missed(
    capsys: pytest.CaptureFixture[str], patients: Path, answers: str
) -> None:
    patients.write_text(WELL + MISSED, encoding="utf-8")
    code, out, _ = run(capsys, "simulate", str(patients), "--json", "--answers", answers)
    told = json.loads(out)
    assert code == 1
    assert told["missed_emergencies"] == ["missed"]
    assert told["levels"]["emergency"] == {"self_care": 1}
    assert told["under_triage"] == 50.0


def test_simulate_reads_json_lines(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    lines = folder / "patients.jsonl"
    lines.write_text(json.dumps(yaml.safe_load(WELL)[0]) + "\n", encoding="utf-8")
    assert run(capsys, "simulate", str(lines))[0] == 0
    lines.write_text('{"id": 1}\n', encoding="utf-8")
    code, _, err = run(capsys, "simulate", str(lines))
    assert code == 1
    assert err.startswith(f"{lines}:1:1: ")


def test_simulate_against_a_folder_lists_downgrades_first(
    capsys: pytest.CaptureFixture[str], other: Path, patients: Path
) -> None:
    triage = other / "flows" / "triage.yaml"
    rule = "  - {id: R498, level: consultation_24, when: complaint == cramp, sources: [A]}\n"
    triage.write_text(triage.read_text(encoding="utf-8").replace("rules:\n", f"rules:\n{rule}", 1), encoding="utf-8")
    code, out, _ = run(capsys, "simulate", str(patients), "--against", str(other))
    assert code == 0
    assert out.splitlines()[0] == "1 patients change their level: 1 down, 0 up"
    assert "DOWN well: consultation_24 > self_care (expected self_care: right)" in out


def test_simulate_against_a_revision_of_git(
    capsys: pytest.CaptureFixture[str], other: Path, patients: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git = ["git", "-C", str(other), "-c", "user.name=x", "-c", "user.email=x@example.org"]
    for arguments in (["init", "-q"], ["add", "flows", "knowledge"], ["commit", "-qm", "content"]):
        subprocess.run([*git, *arguments], check=True)
    monkeypatch.setenv("FLOWS_DIR", str(other / "flows"))
    code, out, _ = run(capsys, "simulate", str(patients), "--against", "HEAD")
    assert (code, out) == (0, "0 patients change their level: 0 down, 0 up\n")
    code, _, err = run(capsys, "simulate", str(patients), "--against", "nonsense")
    assert code == 1
    assert "'nonsense' is neither a folder nor a revision" in err


@pytest.mark.parametrize("flow", COMPLAINTS)
def test_graph_draws_every_question_and_every_level(capsys: pytest.CaptureFixture[str], flow: str) -> None:
    code, out, _ = run(capsys, "graph", flow)
    steps = yaml.safe_load((shipped("flows") / f"{flow}.yaml").read_text(encoding="utf-8"))["steps"]
    assert code == 0
    assert out.startswith("flowchart TD\n")
    assert all(re.search(rf'^  q{number}\["', out, re.MULTILINE) for number in range(1, len(steps) + 1))
    assert all(f"rules --> {level.name}(" in out for level in Level)
    assert re.search(r'-->\|"[^"]*Sesak napas[^"]*"\| emergency_ambulance', out)


def test_graph_of_all_flows(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "graph")[1].count("flowchart TD") == len(COMPLAINTS)


def test_the_clinicians_page_is_whole_and_stands_alone(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    page = folder / "tree.html"
    assert run(capsys, "graph", "twitch", "--html", str(page))[0] == 0
    html = page.read_text(encoding="utf-8")
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', html, re.DOTALL)
    assert found
    data = json.loads(found.group(1))
    triage = yaml.safe_load((shipped("flows") / "triage.yaml").read_text(encoding="utf-8"))
    assert sorted(rule["id"] for rule in data["rules"]) == sorted(rule["id"] for rule in triage["rules"])
    assert all(rule["sources"] and rule["when"] for rule in data["rules"])
    assert data["first"] == "twitch"
    outside = re.sub(r'<script type="application/json".*?</script>', "", html, flags=re.DOTALL)
    assert not re.search(r"(src|href)=|https?:|@import|url\(", outside)


def test_schema_is_printed_and_written(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    printed = json.loads(run(capsys, "schema")[1])
    assert {"flow", "triage", "questions", "entries", "lexicon", "patients"} <= printed.keys()
    assert set(printed["flow"]["required"]) >= {"complaint", "steps"}
    code, out, _ = run(capsys, "schema", str(folder / "schemas"))
    assert code == 0
    assert f"# yaml-language-server: $schema={folder / 'schemas' / 'triage.schema.json'}" in out
    assert json.loads((folder / "schemas" / "flow.schema.json").read_text(encoding="utf-8")) == printed["flow"]
