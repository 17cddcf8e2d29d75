"""``tanyakaki init``: whole or not at all, and nothing overwritten."""

import os
import re
from pathlib import Path

import pytest

from bot.cli import main
from bot.commands import init
from bot.settings import Settings, load_settings, shipped


def files_of(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_it_writes_the_content_to_edit_and_a_secret_of_its_own(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("one", "two"):
        assert main(["init", str(folder / name)]) == 0
    one, two = files_of(folder / "one"), files_of(folder / "two")
    shipped_flows = {f"flows/{name}": data for name, data in files_of(shipped("flows")).items()}
    assert shipped_flows.items() <= one.items()
    assert one["clinic.yaml"] == (shipped("knowledge") / "clinic.yaml").read_bytes()
    assert {name for name in one if one[name] != two[name]} == {".env"}
    assert "tanyakaki doctor" in capsys.readouterr().out


def test_the_settings_are_taken_from_its_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    assert main(["init", "deep/klinik"]) == 0
    monkeypatch.chdir("deep/klinik")
    settings = load_settings()
    assert len(settings.secret_key or "") >= 48
    assert (settings.clinic, settings.flows_dir) == (Path("clinic.yaml"), Path("flows"))
    assert settings.redis_url is None


def test_the_settings_are_secret_and_the_content_can_be_read(folder: Path) -> None:
    before = os.umask(0o077)
    try:
        init.make(folder / "klinik")
    finally:
        os.umask(before)
    assert mode(folder / "klinik" / ".env") == 0o600
    assert {mode(path) for path in (folder / "klinik").rglob("*.yaml")} == {0o644}
    assert {mode(path) for path in (folder / "klinik").rglob("*") if path.is_dir()} == {0o755}
    assert mode(folder / "klinik") == 0o755


def test_every_setting_stands_in_the_file_and_no_other(folder: Path) -> None:
    text = init.TEMPLATE.read_text(encoding="utf-8")
    named = re.findall(r"^#?([A-Z_]+)=", text, re.MULTILINE)
    for_compose = {"redis_password", "redis_memory"}
    assert {name.lower() for name in named} == set(Settings.model_fields) | for_compose
    assert len(named) == len(set(named))


def test_an_empty_folder_is_filled(folder: Path) -> None:
    assert main(["init", str(folder)]) == 0
    assert sorted(path.name for path in folder.iterdir()) == [".env", "clinic.yaml", "flows", "knowledge"]


def test_nothing_is_overwritten(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "mine").write_text("precious", encoding="utf-8")
    for name, words in ((".", "is not empty (mine)"), ("mine", "is no folder")):
        assert main(["init", str(folder / name)]) == 1
        told = capsys.readouterr()
        assert told.out == ""
        assert words in told.err
        assert len(told.err.splitlines()) == 1
    assert files_of(folder) == {"mine": b"precious"}


def test_what_fails_leaves_nothing_half(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(source: Path, target: Path) -> None:
        target.mkdir()
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(init, "_copy", full)
    assert main(["init", str(folder / "klinik")]) == 1
    assert "klinik can't be written: No space left on device" in capsys.readouterr().err
    assert list(folder.iterdir()) == []


def test_a_place_that_cannot_be_written_is_one_line(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "file").touch()
    assert main(["init", str(folder / "file" / "klinik")]) == 1
    assert "can't be written" in capsys.readouterr().err


def test_settings_that_cannot_be_read_are_one_line(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(folder)
    (folder / ".env").write_bytes(b"CLINIC=\xff\xfe\n")
    assert main(["check"]) == 1
    assert ".env can't be read (it is no UTF-8)" in capsys.readouterr().err
