"""The embedded Redis: persistent, private, one owner, and it survives an unclean end."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import redis

from bot.store.embedded import EmbeddedError, embedded_redis, is_running, socket_of

HOLD = """
import sys, time
from pathlib import Path
import redis
from bot.store.embedded import embedded_redis
with embedded_redis(Path(sys.argv[1])) as url:
    redis.Redis.from_url(url).set("kept", "yes")
    print("up", flush=True)
    time.sleep(60)
"""


def client(url: str) -> redis.Redis:
    return redis.Redis.from_url(url)


def test_what_was_written_is_there_after_a_restart(folder: Path) -> None:
    with embedded_redis(folder) as url:
        client(url).set("kept", "yes")
    assert not is_running(folder)
    with embedded_redis(folder) as url:
        assert client(url).get("kept") == b"yes"


def test_the_socket_is_for_its_owner_alone(folder: Path) -> None:
    with embedded_redis(folder):
        assert socket_of(folder).stat().st_mode & 0o077 == 0


def test_a_second_owner_is_refused_with_a_clear_line(folder: Path) -> None:
    with (
        embedded_redis(folder),
        pytest.raises(EmbeddedError, match=rf"in use by another tanyakaki \(process {os.getpid()}\)"),
        embedded_redis(folder),
    ):
        pass


def test_a_killed_owner_leaves_nothing_that_stops_the_next(folder: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", HOLD, str(folder)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"up\n"
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert is_running(folder), "the server outlives its killed owner"
    with embedded_redis(folder) as url:
        assert client(url).get("kept") == b"yes"


def test_a_folder_with_a_long_path_works_too(folder: Path) -> None:
    deep = folder / ("a" * 60) / ("b" * 60)
    deep.mkdir(parents=True)
    with embedded_redis(deep) as url:
        assert client(url).ping()
