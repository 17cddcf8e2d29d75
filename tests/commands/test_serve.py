"""``tanyakaki serve``: what keeps it from starting is told at once, in one line."""

import socket
from pathlib import Path

import pytest

from tests.commands.test_commands import assert_clear, run


def test_a_port_that_is_taken_is_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run(tmp_path, "serve", "--port", str(port))
    assert_clear(done, f"127.0.0.1 port {port} can't be listened on", "--port ")
    assert len(done.stderr.decode().splitlines()) == 1
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    "arguments", [["--port", "0"], ["--port", "70000"], ["--port", "x"], ["--workers", "0"], ["--workers", "-1"]]
)
def test_a_wrong_number_is_wrong_usage(tmp_path: Path, arguments: list[str]) -> None:
    assert_clear(run(tmp_path, "serve", *arguments), "must be a number from 1 to", code=2)
