"""``tanyakaki doctor``: each fault with how to mend it. The settings of Telegram: each wrong value one line."""

import contextlib
import os
import shutil
import socket
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bot.cli import main
from bot.commands.doctor import check_telegram, check_whatsapp, findings_of
from bot.commands.doctor import redis as doctor_redis
from bot.commands.doctor.finding import Finding
from bot.commands.doctor.machine import (
    check_content,
    check_folder,
    check_key,
    check_port,
    check_public_url,
    check_reached,
)
from bot.commands.doctor.redis import check_redis
from bot.settings import Settings, SettingsError, load_settings, shipped
from tests.channels.telegram.fake import TOKEN, FakeTelegram, telegram
from tests.channels.whatsapp import fake as twilio
from tests.faults.rig import SECRET
from tests.redis_servers import PASSWORD, Cluster, Server, TlsFront, durable, free_port, running
from tests.serving import Serving, serving

RIGHT = {"telegram_token": TOKEN}


async def texts(fake: FakeTelegram, **settings: str) -> dict[bool, str]:
    chosen = Settings(**{**RIGHT, "telegram_api_url": fake.url, **settings})
    found = list(await check_telegram(chosen))
    return {well: " ".join(one.text for one in found if one.well is well) for well in (True, False)}


async def test_what_is_well_is_said() -> None:
    with telegram() as fake:
        told = await texts(fake)
    assert "@kaki_bot" in told[True]
    assert told[False] == ""


async def test_each_fault_is_told_with_its_mending() -> None:
    public = {"public_url": "https://chat.klinik.example", "telegram_webhook_secret": "abc"}
    with telegram() as fake:
        assert "BotFather" in (await texts(fake, telegram_token="1:wrong"))[False]
        assert "start `tanyakaki serve`" in (await texts(fake, **public))[False]
        fake.webhook = {
            "url": "https://chat.klinik.example/webhooks/telegram",
            "last_error_date": 1795257018,
            "last_error_message": "Connection refused",
        }
        assert "Connection refused" in (await texts(fake, **public))[False]
        for chat in range(1, 150):
            fake.say(chat, "halo")
        assert "149 messages wait" in (await texts(fake, **public))[False]
        url = fake.url
    gone = [one.text for one in await check_telegram(Settings(**RIGHT, telegram_api_url=url)) if not one.well]
    assert "can't be reached" in gone[0]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TELEGRAM_TOKEN", "abc"),
        ("TELEGRAM_API_URL", "127.0.0.1:80"),
        ("TELEGRAM_WEBHOOK_SECRET", "has blanks"),
        ("TELEGRAM_RATE", "-1"),
        ("TELEGRAM_RATE", "fast"),
        ("TELEGRAM_STAFF_CHAT", "-100123"),
        ("TELEGRAM_STAFF_CHAT", "100123"),
        ("TELEGRAM_STAFF_CHAT", "@petugas"),
        ("TELEGRAM_STAFF_RELAY", "1"),
        ("TELEGRAM_STAFF_RELAY", "yes"),
    ],
)
def test_a_wrong_setting_is_one_line_with_an_example(name: str, value: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings({name: value})
    assert str(caught.value).startswith(name)
    assert f"for example {name}=" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_webhook_needs_its_secret() -> None:
    with pytest.raises(SettingsError, match="TELEGRAM_WEBHOOK_SECRET is required"):
        load_settings({"TELEGRAM_TOKEN": TOKEN, "PUBLIC_URL": "https://x.example"})
    load_settings({"TELEGRAM_TOKEN": TOKEN})
    load_settings({"PUBLIC_URL": "https://x.example"})


def test_the_staff_are_called_in_a_group() -> None:
    settings = load_settings({"TELEGRAM_TOKEN": TOKEN, "TELEGRAM_STAFF_CHAT": "-100123", "TELEGRAM_STAFF_RELAY": "0"})
    assert (settings.telegram_staff_chat, settings.telegram_staff_relay) == (-100123, False)
    with pytest.raises(SettingsError, match="must be the number of a group"):
        load_settings({"TELEGRAM_TOKEN": TOKEN, "TELEGRAM_STAFF_CHAT": "100123"})


def faults(found: Iterable[Finding]) -> str:
    return "\n".join(one.text for one in found if not one.well)


def said(found: Iterable[Finding]) -> str:
    return "\n".join(one.text for one in found if one.well)


def redis_settings(url: str, secret: str = SECRET) -> Settings:
    return Settings(redis_url=url, secret_key=secret)


@pytest.fixture
def server(folder: Path) -> Iterator[Server]:
    with running(started := durable(folder / "redis")):
        yield started


async def test_a_redis_that_keeps_what_it_is_told_is_well(server: Server) -> None:
    found = await check_redis(redis_settings(server.url))
    assert faults(found) == ""
    assert "Redis keeps what it is told" in said(found)
    assert "agree" in said(found)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("appendonly", "no", "CONFIG SET appendonly yes"),
        ("maxmemory-policy", "allkeys-lru", "throws conversations away (allkeys-lru)"),
        ("requirepass", "sandi", "the password of REDIS_URL is not this Redis's"),
        ("min-replicas-to-write", "1", "is REDIS_URL right"),
    ],
)
async def test_a_redis_that_is_set_wrongly(server: Server, name: str, value: str, words: str) -> None:
    server.client().config_set(name, value)
    assert words in faults(await check_redis(redis_settings(server.url)))


async def test_a_redis_that_is_full_or_a_replica(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    client = server.client()
    client.config_set("maxmemory", "10mb")
    with monkeypatch.context() as patched:
        patched.setattr(doctor_redis, "FULL", 0.01)
        assert "refuses to write when they are full" in faults(await check_redis(redis_settings(server.url)))
    client.config_set("maxmemory", "100")
    assert "its memory is full" in faults(await check_redis(redis_settings(server.url)))
    client.config_set("maxmemory", "0")
    client.replicaof("127.0.0.1", free_port())
    assert "it is a replica" in faults(await check_redis(redis_settings(server.url)))


async def test_a_redis_that_is_away_or_was_written_with_another_key(server: Server) -> None:
    assert faults(await check_redis(redis_settings(server.url))) == ""
    other = faults(await check_redis(redis_settings(server.url, "another secret altogether")))
    assert "put it behind the new one after a comma" in other
    server.kill()
    assert "does it run" in faults(await check_redis(redis_settings(server.url)))
    assert "must end in the number" in faults(await check_redis(redis_settings("redis://localhost/kaki")))


async def test_clocks_apart_are_told(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    now = doctor_redis.time.time
    monkeypatch.setattr(doctor_redis.time, "time", lambda: now() + 60)
    assert "are 60 seconds apart" in faults(await check_redis(redis_settings(server.url)))


async def test_every_node_of_a_cluster_is_looked_at(folder: Path) -> None:
    with Cluster(folder / "cluster").running() as cluster:
        for node in cluster.nodes:
            node.client().config_set("appendonly", "yes")
        assert faults(await check_redis(redis_settings(cluster.url))) == ""
        cluster.masters[2].client().config_set("appendonly", "no")
        assert "loses what it was told" in faults(await check_redis(redis_settings(cluster.url)))


async def test_a_redis_of_another_machine_without_a_password_is_noted() -> None:
    found = list(doctor_redis._password(redis_settings("redis://redis.klinik.example")))
    assert [one.note for one in found] == [True]
    assert list(doctor_redis._password(redis_settings(f"redis://:{PASSWORD}@redis.klinik.example"))) == []


async def test_content_is_read_as_the_service_reads_it(folder: Path) -> None:
    flows = folder / "flows"
    shutil.copytree(shipped("flows"), flows)
    assert "is sound and proven" in said(await check_content(Settings(flows_dir=flows)))
    (flows / "messages.yaml").write_text("messages: [", encoding="utf-8")
    told = faults(await check_content(Settings(flows_dir=flows)))
    assert f"{flows}/messages.yaml:" in told
    assert "tanyakaki check" in told


async def test_what_patients_are_promised_of_their_data() -> None:
    """The sentences name thirty days."""
    assert "kept: 30 days" in said(await check_content(Settings()))
    told = faults(await check_content(Settings(retention_days=60)))
    assert "promised that their data are kept for 30 days, and RETENTION_DAYS is 60" in told


async def test_the_key(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    assert "SECRET_KEY is required with REDIS_URL" in faults(await check_key(Settings(redis_url="redis://localhost")))
    own = Settings(data_dir=folder / "data")
    assert [one.note for one in await check_key(own)] == [False]
    os.chmod(folder / "data" / "secret_key", 0o644)
    assert "chmod 600" in said(await check_key(own))


async def test_the_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert faults(await check_folder(Settings(data_dir=folder / "data"))) == ""
    (folder / "file").touch()
    told = faults(await check_folder(Settings(data_dir=folder / "file" / "data")))
    assert "can't be written (Not a directory)" in told
    monkeypatch.setattr("bot.commands.doctor.machine.LEAST_FREE", 1 << 62)
    assert "make room" in faults(await check_folder(Settings(data_dir=folder / "data")))


@pytest.mark.parametrize(
    ("url", "well"),
    [(None, True), ("https://chat.klinik.example", True), ("http://localhost:8000", True), ("http://10.0.0.7", False)],
)
async def test_the_public_address_is_https(url: str | None, well: bool) -> None:
    (found,) = await check_public_url(Settings(public_url=url))
    assert found.well is well


async def test_the_port(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert f"tanyakaki serve --port {port + 1}" in faults(await check_port("127.0.0.1", port))
    assert "is free" in said(await check_port("127.0.0.1", port))
    with serving(folder) as service:
        assert "tanyakaki serves" in said(await check_port("0.0.0.0", int(service.url.rpartition(":")[2])))
        assert faults(await findings_of(Settings(data_dir=folder / "data"), "127.0.0.1", port)) == ""
        await assert_public_address_is_tried(folder, service)


async def assert_public_address_is_tried(folder: Path, service: Serving) -> None:
    port = int(service.url.rpartition(":")[2])

    async def reached(url: str) -> Finding:
        (found,) = await check_reached(Settings(public_url=url), "127.0.0.1", port)
        return found

    assert "leads to this program" in (await reached(service.url)).text
    assert (await reached(f"http://127.0.0.1:{free_port()}")).note
    wrong = await reached(f"{service.url}/elsewhere")
    assert "is not answered by this program (404)" in faults([wrong])
    assert f"to port {port}" in wrong.text
    with TlsFront(folder / "tls", SimpleNamespace(port=port)).running() as front:  # type: ignore[arg-type]
        told = faults([await reached(f"https://127.0.0.1:{front.port}")])
    assert "the certificate of https://127.0.0.1" in told
    assert await check_reached(Settings(public_url=service.url), "127.0.0.1", free_port()) == []


async def whatsapp(api: twilio.FakeTwilio, **changes: Any) -> list[Finding]:
    settings = {
        "twilio_account_sid": twilio.ACCOUNT,
        "twilio_auth_token": twilio.TOKEN,
        "twilio_whatsapp_from": twilio.SENDER,
        "twilio_api_url": api.url,
        "public_url": "https://chat.klinik.example",
    }
    return list(await check_whatsapp(Settings(**{**settings, **changes})))


async def test_whatsapp() -> None:
    async with contextlib.AsyncExitStack() as stack:
        api = await stack.enter_async_context(twilio.serving(twilio.FakeTwilio()))
        found = await whatsapp(api)
        assert "the Twilio account is active" in said(found)
        assert "set its webhook to https://chat.klinik.example/webhooks/twilio" in said(found)
        assert "tanyakaki whatsapp sync" in faults(found)
        assert "are TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN those" in faults(
            await whatsapp(api, twilio_auth_token="x")
        )
        api.status = "suspended"
        api.senders = [{"sender_id": twilio.SENDER, "status": "OFFLINE", "webhook": {"callback_url": "https://old/"}}]
        told = faults(await whatsapp(api))
        assert "the Twilio account is suspended" in told
        assert "finish its registration" in told
        assert "the sender posts to https://old/: set it to https://chat.klinik.example/webhooks/twilio" in told
        url = api.url
    assert "can't be reached" in faults(await whatsapp(twilio.FakeTwilio(), twilio_api_url=url))
    assert "WhatsApp is off" in said(await check_whatsapp(Settings()))


def test_the_command_ends_by_what_it_found(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATA_DIR", str(folder / "data"))
    port = str(free_port())
    assert main(["doctor", "--port", port]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "no fault found"
    (folder / "file").touch()
    monkeypatch.setenv("DATA_DIR", str(folder / "file" / "data"))
    assert main(["doctor", "--port", port]) == 1
    told = capsys.readouterr().out.splitlines()
    assert [line for line in told if line.startswith("FAULT")] == [
        f"FAULT DATA_DIR {folder}/file/data can't be written (Not a directory); make it yours, or set DATA_DIR to "
        "another folder"
    ]
    assert told[-1] == "1 fault(s) to mend"
