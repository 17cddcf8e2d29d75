"""``docker-compose.yml`` agrees with the program, and its Redis keeps what the program promises."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from bot.commands import init, serve
from bot.settings import Settings
from bot.store.embedded import server_binary
from tests.pace import within
from tests.packaging.image import APP, COMPOSE, ROOT, SERVICES, environment, last
from tests.redis_servers import HOST, await_true, free_port

NAMED = re.compile(r"(?<!\$)\$\{(\w+)")
ENVIRONMENT: dict[str, str] = APP["environment"]
TEMPLATE = init.TEMPLATE.read_text(encoding="utf-8")


def seconds(text: str) -> float:
    return float(text.removesuffix("s"))


OF_SERVER = {"forwarded_allow_ips"}
"""What uvicorn reads for itself."""


@pytest.mark.parametrize("name", SERVICES)
def test_every_container_is_hardened(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service.get("cap_add", []) in ([], ["NET_BIND_SERVICE"])
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in service
    assert "docker.sock" not in str(service)


@pytest.mark.parametrize("name", SERVICES)
def test_every_container_comes_back_stops_in_order_and_fills_no_disk(name: str) -> None:
    service = SERVICES[name]
    assert service["restart"] == "unless-stopped"
    assert seconds(service["stop_grace_period"]) > 10
    assert service["healthcheck"]["test"]
    assert set(service["logging"]["options"]) == {"max-size", "max-file"}


def test_the_settings_exist_and_none_is_forgotten() -> None:
    named = {name.lower() for name in ENVIRONMENT} | {name.lower() for name in environment() if name == "DATA_DIR"}
    assert named - OF_SERVER == set(Settings.model_fields)


def test_a_setting_is_filled_from_the_variable_of_its_name() -> None:
    for name, value in ENVIRONMENT.items():
        if variables := NAMED.findall(value):
            assert variables == (["REDIS_PASSWORD"] if name == "REDIS_URL" else [name])


def test_init_writes_every_variable_that_is_asked_for() -> None:
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    asked = {name for line in text.splitlines() if not line.lstrip().startswith("#") for name in NAMED.findall(line)}
    assert "SECRET_KEY" in asked
    assert asked <= set(re.findall(r"^#?(\w+)=", TEMPLATE, re.MULTILINE))


def test_no_secret_stands_in_the_file() -> None:
    for service in SERVICES.values():
        for name, value in service.get("environment", {}).items():
            if re.search("KEY|TOKEN|SECRET|AUTH|PASSWORD|SID", name):
                assert re.fullmatch(r"\$\{\w+:-\}", value), name


def test_the_clinics_folder_is_what_init_writes_and_cannot_be_changed_from_inside(folder: Path) -> None:
    init.make(folder / "clinic")
    (mount,) = [volume for volume in APP["volumes"] if volume["target"] == "/clinic"]
    assert (mount["source"], mount["read_only"]) == ("./clinic", True)
    for name in ("CLINIC", "FLOWS_DIR", "KNOWLEDGE_DIR"):
        assert (folder / ENVIRONMENT[name].lstrip("/")).exists()


def test_the_program_listens_where_the_ports_lead_and_several_can_run() -> None:
    (port,) = APP["ports"]
    host, published, inside = port.split(":")
    first, last_one = map(int, published.split("-"))
    assert host == "127.0.0.1"
    assert inside == last("EXPOSE")
    assert last_one - first >= 2
    assert "container_name" not in APP


def test_the_program_has_time_to_stop() -> None:
    assert seconds(APP["stop_grace_period"]) > serve.STOPS_WITHIN


def test_what_is_written_to_is_no_part_of_the_image() -> None:
    places = {mount.partition(":")[0] for mount in APP["tmpfs"]}
    assert {environment()["DATA_DIR"], environment()["XDG_CACHE_HOME"]} <= places
    user = last("USER").partition(":")[0]
    assert f"uid={user}" in " ".join(APP["tmpfs"])


def test_caddy_is_optional_and_knows_the_programs_port() -> None:
    caddy = SERVICES["caddy"]
    (config,) = [volume["source"] for volume in caddy["volumes"] if isinstance(volume, dict)]
    text = (ROOT / config).read_text(encoding="utf-8")
    assert caddy["profiles"] == ["tls"]
    assert f"dynamic a app {last('EXPOSE')}" in text
    assert set(re.findall(r"\{\$(\w+)\}", text)) == set(caddy["environment"])
    assert "respond /metrics 404" in text


def test_redis_is_reached_by_the_program_alone() -> None:
    store = SERVICES["redis"]
    assert "ports" not in store
    assert store["networks"] == ["inside"]
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    assert set(store["networks"]) & set(APP["networks"])
    assert not set(store["networks"]) & set(SERVICES["caddy"]["networks"])
    assert store["user"] == "redis"


def start_redis(folder: Path, port: int, password: str) -> "subprocess.Popen[bytes]":
    """Redis as the file starts it, in a folder and at a port of the test."""
    store: dict[str, Any] = SERVICES["redis"]
    (script,) = store["command"]
    script = script.replace("$$", "$").replace("dir /data", f"dir {folder}\nport {port}\nbind {HOST}")
    memory = re.sub(r"\$\{\w+:-(\w+)\}", r"\1", store["environment"]["REDIS_MEMORY"])
    settings = {"REDISCLI_AUTH": password, "REDIS_MEMORY": memory}
    return subprocess.Popen(
        [*store["entrypoint"], script],
        env={**os.environ, "PATH": f"{server_binary().parent}:{os.environ['PATH']}", **settings},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )


def test_redis_wants_the_password_and_keeps_what_it_said_yes_to(folder: Path) -> None:
    port = free_port()
    known = redis.Redis(HOST, port, password="sandi-1_x", retry=Retry(NoBackoff(), 0))
    process = start_redis(folder, port, "sandi-1_x")
    try:
        await_true("Redis answers", known.ping)
        with pytest.raises(redis.AuthenticationError):
            redis.Redis(HOST, port, retry=Retry(NoBackoff(), 0)).ping()
        wanted = {"appendonly": "yes", "appendfsync": "always", "maxmemory-policy": "noeviction", "save": ""}
        assert {name: known.config_get(name)[name] for name in wanted} == wanted
        assert known.config_get("maxmemory")["maxmemory"] == str(512 * 1024 * 1024)
        known.set("told", "yes")
    finally:
        process.kill()
        process.communicate()
    process = start_redis(folder, port, "sandi-1_x")
    try:
        await_true("Redis answers again", known.ping)
        assert known.get("told") == b"yes"
        process.terminate()
        assert process.wait(60) == 0
    finally:
        process.kill()
        process.communicate()
        known.close()


def test_redis_without_a_password_does_not_start(folder: Path) -> None:
    process = start_redis(folder, free_port(), "")
    with within(5):
        _, told = process.communicate(timeout=60)
    assert process.returncode != 0
    assert b"REDIS_PASSWORD is not set; tanyakaki init writes one" in told


COMPOSE_COMMANDS = (["docker", "compose"], ["docker-compose"])


@pytest.mark.parametrize("command", COMPOSE_COMMANDS, ids=" ".join)
def test_compose_itself_accepts_it(command: list[str]) -> None:
    if (
        not shutil.which(command[0])
        or subprocess.run([*command, "version"], capture_output=True, check=False).returncode
    ):
        pytest.skip(f"{' '.join(command)} is not installed")
    done = subprocess.run([*command, "--profile", "tls", "config", "-q"], cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
