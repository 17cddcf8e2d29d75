"""A backup as ``docs/operating.md`` tells it: stopped, copied, restored elsewhere, and the conversation goes on."""

import asyncio
import shutil
import subprocess
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import pytest

from bot.content import Content
from bot.conversations import Conversations, Inbound
from bot.desk.accounts import Accounts
from bot.service import redis_of, store_of
from bot.settings import Settings, load_settings
from bot.store.key_check import WrongKey
from bot.store.records import Address
from bot.store.store import Store
from tests.docs.reading import ROOT, Page

NOW = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
PATIENT = Address(channel="whatsapp", id="+6281234567890")
T = TypeVar("T")

PAGE = Page(ROOT / "docs" / "operating.md")
BACKUP, RESTORE = (fence.body for fence in PAGE.fences("sh") if "data.tar.gz" in fence.body)


def settings_of(folder: Path, **others: str) -> Settings:
    return load_settings({"DATA_DIR": str(folder / "data"), **others})


def with_store(settings: Settings, work: Callable[[Store], Awaitable[T]]) -> T:
    """Do ``work`` on the embedded Redis of these settings, which runs as long as that."""

    async def run(url: str) -> T:
        async with store_of(settings, url) as store:
            return await work(store)

    with redis_of(settings) as url:
        return asyncio.run(run(url))


def say(settings: Settings, content: Content, id: str, text: str) -> list[str]:
    """What the patient is asked after this."""

    async def work(store: Store) -> list[str]:
        received = await Conversations(store, content).receive(Inbound(id, PATIENT, NOW, text=text))
        return list(received.asks.ids) if received.asks else []

    return with_store(settings, work)


def shell(script: str, folder: Path) -> None:
    subprocess.run(["sh", "-e"], input=script, cwd=folder, text=True, check=True, timeout=30)


@pytest.fixture
def restored(tmp_path: Path, content: Content) -> Path:
    """Another folder with what was backed up in the first, which is gone."""
    old, new = tmp_path / "old", tmp_path / "new"
    old.mkdir()
    new.mkdir()
    settings = settings_of(old)
    with_store(settings, lambda store: Accounts(store).ensure_admin(NOW))
    assert say(settings, content, "m1", "betis kiri kram sejak kemarin") == ["consent"]
    shell(BACKUP, old)
    for name in ("data.tar.gz", "secret_key.backup"):
        (old / name).rename(new / name)
    shutil.rmtree(old)
    shell(RESTORE, new)
    return new


def test_the_conversation_goes_on_elsewhere(restored: Path, content: Content) -> None:
    settings = settings_of(restored)
    assert say(settings, content, "m1", "betis kiri kram sejak kemarin") == [], (
        "a message that came again changes nothing"
    )
    assert "dyspnea" in say(settings, content, "m2", "ya"), "what was told is not asked again"
    lines = with_store(settings, lambda store: store.transcript(PATIENT))
    assert [line.text for _, line in lines if line.who == "patient"] == ["betis kiri kram sejak kemarin", "ya"]
    assert with_store(settings, lambda store: Accounts(store).find("admin")) is not None


def test_the_key_is_in_no_archive_and_is_its_owners_alone(restored: Path) -> None:
    listed = subprocess.run(["tar", "--list", "--file", "data.tar.gz"], cwd=restored, capture_output=True, check=True)
    assert b"appendonly" in listed.stdout
    assert b"secret_key" not in listed.stdout
    assert (restored / "data" / "secret_key").stat().st_mode & 0o777 == 0o600


def test_without_the_key_nothing_starts_and_a_rotation_needs_the_old_one(restored: Path, content: Content) -> None:
    old = (restored / "data" / "secret_key").read_text(encoding="ascii")
    with pytest.raises(WrongKey):
        say(settings_of(restored, SECRET_KEY="a new key that is long enough"), content, "m2", "ya")
    rotated = settings_of(restored, SECRET_KEY=f"a new key that is long enough,{old}")
    assert "dyspnea" in say(rotated, content, "m2", "ya")
    with pytest.raises(WrongKey):
        say(settings_of(restored, SECRET_KEY="a new key that is long enough"), content, "m3", "tidak ada")
