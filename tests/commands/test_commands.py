"""The commands as an operator runs them: real processes, exit codes, and errors in one clear line."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Mapping
from pathlib import Path

import httpx
import pytest

from bot.settings import shipped
from bot.store.embedded import embedded_redis
from tests.pace import PATIENCE
from tests.redis_servers import free_port
from tests.serving import Serving, await_ready, serving, start


def run(
    folder: Path, *arguments: str, text: bytes = b"", settings: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[bytes]:
    environment = {**os.environ, "DATA_DIR": str(folder / "data"), **(settings or {})}
    return subprocess.run(
        [sys.executable, "-m", "bot", *arguments],
        input=text,
        capture_output=True,
        env=environment,
        timeout=100,
        check=False,
    )


def assert_clear(done: subprocess.CompletedProcess[bytes], *words: str, code: int = 1) -> None:
    """The error is told in clear words and without a traceback."""
    told = done.stderr.decode()
    assert done.returncode == code, told
    assert "Traceback" not in told
    assert all(word in told for word in words), told


def test_chat_json_answers_each_line_and_goes_on_after_a_bad_one(tmp_path: Path) -> None:
    lines = b'{"conversation":"a","text":"kaki sering kram"}\n\xff\xfe\n{"conversation":"a","text":"ya"}\n'
    done = run(tmp_path, "chat", "--json", text=lines)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0
    assert [("error" in answer) for answer in answers] == [False, True, False]


def test_chat_talks_to_a_person(tmp_path: Path) -> None:
    done = run(tmp_path, "chat", text=b"kedutan betis kiri udah 2 minggu\n1\n")
    said = done.stdout.decode()
    assert done.returncode == 0, done.stderr.decode()
    assert "  1. Ya" in said
    assert "Sesak napas" in said


def test_check_proves_what_ships_and_says_what(tmp_path: Path) -> None:
    done = run(tmp_path, "check")
    assert (done.returncode, done.stderr) == (0, b"")
    out = done.stdout.decode()
    assert "6 flows" in out
    assert re.search(r"each of \d{3} ways in which a rule fires", out)
    assert re.search(r"all of \d{4} walks end", out)


def test_a_broken_file_stops_the_start_with_its_place(tmp_path: Path) -> None:
    flows = tmp_path / "flows"
    shutil.copytree(shipped("flows"), flows)
    questions = flows / "questions.yaml"
    text = questions.read_text(encoding="utf-8")
    line = text[: text.index("kind: yes_no")].count("\n") + 1
    questions.write_text(text.replace("kind: yes_no", "kind: yes_now", 1), encoding="utf-8")
    for command in (["check"], ["serve", "--port", str(free_port())], ["chat", "--json"]):
        done = run(tmp_path, *command, settings={"FLOWS_DIR": str(flows)})
        assert_clear(done, f"questions.yaml:{line}:11: unknown value 'yes_now' (did you mean 'yes_no'?)")


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"REDIS_URL": "localhost:6379"}, ["REDIS_URL must begin with", "for example REDIS_URL="]),
        ({"RETENTION_DAYS": "many"}, ["RETENTION_DAYS", "for example RETENTION_DAYS=30"]),
        ({"FLOWS_DIR": "/nowhere"}, ["FLOWS_DIR there is no folder /nowhere"]),
        ({"REDIS_URL": "redis://localhost:1"}, ["SECRET_KEY is required with REDIS_URL"]),
        ({"SECRET_KEY": "short"}, ["SECRET_KEY is too short"]),
    ],
)
def test_a_wrong_setting_is_one_line(tmp_path: Path, settings: dict[str, str], words: list[str]) -> None:
    done = run(tmp_path, "chat", "--json", settings=settings)
    assert_clear(done, *words)
    assert len(done.stderr.decode().splitlines()) == 1


def test_a_redis_that_is_away_is_one_line(tmp_path: Path) -> None:
    settings = {"REDIS_URL": f"redis://127.0.0.1:{free_port()}", "SECRET_KEY": "x" * 32}
    done = run(tmp_path, "chat", "--json", text=b'{"conversation":"a","text":"halo"}\n', settings=settings)
    assert_clear(done, "Redis does not answer")


def test_a_wrong_key_is_one_line(tmp_path: Path) -> None:
    line = b'{"conversation":"a","text":"halo"}\n'
    with embedded_redis(tmp_path / "redis") as url:
        settings = {"REDIS_URL": url, "SECRET_KEY": "the secret of the first"}
        assert run(tmp_path, "chat", "--json", text=line, settings=settings).returncode == 0
        done = run(tmp_path, "chat", "--json", text=line, settings={**settings, "SECRET_KEY": "another one altogether"})
    assert_clear(done, "SECRET_KEY is not the one that this Redis was written with")


def test_a_second_service_on_the_same_folder_is_refused(tmp_path: Path) -> None:
    with serving(tmp_path) as service:
        done = run(tmp_path, "serve", "--port", str(free_port()))
        assert_clear(done, f"in use by another tanyakaki (process {service.process.pid})")


def test_wrong_usage_exits_with_two(tmp_path: Path) -> None:
    assert run(tmp_path, "dance").returncode == 2
    assert run(tmp_path, "forget", "nobody", "--yes").returncode == 2


def talk(url: str, *texts: str) -> str:
    """Say something in the web chat; the patient's address."""
    with httpx.Client(base_url=url) as browser:
        browser.get("/")
        for text in texts:
            browser.post("/chat/messages", json={"client_id": uuid.uuid4().hex, "text": text}).raise_for_status()
        return f"web:{browser.cookies['tanyakaki_chat']}"


def test_export_and_forget_beside_a_running_service(tmp_path: Path) -> None:
    with serving(tmp_path) as service:
        address = talk(service.url, "betis kiri saya kram", "ya")
        exported = run(tmp_path, "export", address, "--yes")
        data = json.loads(exported.stdout)
        assert data["address"] == address
        assert data["transcript"][0]["text"] == "betis kiri saya kram"
        assert data["state"]["facts"]["side"] == "left"
        assert [read["what"] for read in data["reads"]] == ["export"]
        assert run(tmp_path, "forget", address, "--yes").returncode == 0
        assert_clear(run(tmp_path, "export", address, "--yes"), "nothing is stored")


def test_a_restart_keeps_what_was_said(tmp_path: Path) -> None:
    with serving(tmp_path) as service:
        address = talk(service.url, "betis kiri saya kram")
    assert service.process.returncode == 0
    data = json.loads(run(tmp_path, "export", address, "--yes").stdout)
    assert data["transcript"][0]["text"] == "betis kiri saya kram"


def test_a_killed_service_starts_again_and_has_lost_nothing(tmp_path: Path) -> None:
    service = start(tmp_path)
    await_ready(service)
    address = talk(service.url, "betis kiri saya kram")
    service.kill()
    with serving(tmp_path):
        data = json.loads(run(tmp_path, "export", address, "--yes").stdout)
    assert data["transcript"][0]["text"] == "betis kiri saya kram"


@pytest.mark.parametrize("how", ["signal", "command"])
def test_content_is_reloaded_whole_and_faulty_content_is_refused(tmp_path: Path, how: str) -> None:
    flows = tmp_path / "flows"
    shutil.copytree(shipped("flows"), flows)
    messages = flows / "messages.yaml"
    sound = messages.read_text(encoding="utf-8")
    settings = {"FLOWS_DIR": str(flows)}

    def reload() -> int:
        if how == "command":
            return run(tmp_path, "reload", settings=settings).returncode
        service.process.send_signal(signal.SIGHUP)
        return 0

    with serving(tmp_path, settings) as service:
        messages.write_text(sound.replace("  help: |-", "  help: |-\n    BARU"), encoding="utf-8")
        assert reload() == 0
        _await_help(service.url, "BARU")
        messages.write_text("messages: [", encoding="utf-8")
        assert reload() == (1 if how == "command" else 0)
        if how == "signal":
            _await_output(service, "content refused")
        _await_help(service.url, "BARU")


def _await_output(service: Serving, words: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if words in service.output.read_text(encoding="utf-8"):
            return
        time.sleep(0.05)
    raise AssertionError(f"{words!r} was never logged")


def _await_help(url: str, word: str) -> None:
    """Ask for help until the answer has this word."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        with httpx.Client(base_url=url) as browser:
            browser.get("/")
            browser.post("/chat/messages", json={"client_id": uuid.uuid4().hex, "text": "bantuan"}).raise_for_status()
            with browser.stream("GET", "/chat/events") as stream:
                rows = stream.iter_lines()
                told = [row for row in (next(rows) for _ in range(10)) if row.startswith("data:")]
        if any(word in row for row in told):
            return
        time.sleep(0.1)
    raise AssertionError(f"{word} was never said: {told}")
