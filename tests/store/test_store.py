"""Load and commit, against a real Redis."""

import asyncio
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from redis.asyncio import Redis

from bot.dialogue import conversation
from bot.dialogue.conversation import TIMERS, Conversation
from bot.store import scripts
from bot.store.keys import Keys
from bot.store.records import Address, Commit, Committed, Line
from bot.store.store import BrokenState, Store
from bot.triage.facts import Facts

NOW = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
LUA = Path(scripts.__file__).with_name("lua")


def turn(address: Address, version: int, message: str = "m1", text: str = "kaki kram") -> Commit:
    state = Conversation(facts=Facts(complaint="cramp"))
    lines = [Line(who="patient", text=text, at=NOW), Line(who="bot", text="Sejak kapan?", at=NOW)]
    return Commit(address, version, message, NOW, state, lines, counts=["inbound:terminal"])


async def test_a_commit_is_there_when_loaded(store: Store, address: Address) -> None:
    assert await store.commit(turn(address, 0)) == Committed(first_line=1)
    loaded = await store.load(address)
    assert (loaded.version, loaded.conversation.facts.complaint) == (1, "cramp")
    assert [line.text for _, line in await store.transcript(address)] == ["kaki kram", "Sejak kapan?"]


async def test_a_message_seen_before_changes_nothing(store: Store, address: Address) -> None:
    await store.commit(turn(address, 0))
    assert await store.commit(turn(address, 1)) == "seen"
    assert (await store.load(address)).version == 1


async def test_a_hundred_deliveries_of_one_message_have_one_effect(store: Store, address: Address) -> None:
    outcomes = await asyncio.gather(*(store.commit(turn(address, 0)) for _ in range(100)))
    assert sum(isinstance(outcome, Committed) for outcome in outcomes) == 1
    assert len(await store.transcript(address)) == 2


async def test_a_lost_race_writes_nothing(store: Store, address: Address) -> None:
    await store.commit(turn(address, 0))
    assert await store.commit(turn(address, 0, "m2")) == "lost"
    assert len(await store.transcript(address)) == 2


async def test_the_transcript_is_read_on_from_a_number(store: Store, address: Address) -> None:
    await store.commit(turn(address, 0))
    await store.commit(turn(address, 1, "m2"))
    assert [number for number, _ in await store.transcript(address, after=2)] == [3, 4]


async def test_nothing_in_redis_shows_words_or_address(store: Store, address: Address, redis: Redis) -> None:
    await store.commit(turn(address, 0, text="betis kiri bengkak"))
    dump = b""
    for key in await redis.keys("*"):
        dump += key + (await redis.dump(key) or b"")
    assert b"bengkak" not in dump
    assert address.id.encode() not in dump


async def test_everything_expires(store: Store, address: Address, redis: Redis) -> None:
    await store.commit(turn(address, 0))
    keys = [key for key in await redis.keys("*") if b":day:" not in key]
    assert len(keys) == 4, "state, transcript, what was seen, and the list of those active"
    assert all([await redis.ttl(key) > 0 for key in keys])


async def test_a_forgotten_conversation_starts_anew(store: Store, address: Address) -> None:
    await store.commit(turn(address, 0))
    await store.forget(address)
    assert (await store.load(address)).version == 0
    assert await store.transcript(address) == []


async def test_a_broken_state_is_told_with_its_version(store: Store, address: Address, redis: Redis) -> None:
    await store.commit(turn(address, 0))
    await redis.hset(Keys(store.id_of(address)).state, "s", b"garbage")
    with pytest.raises(BrokenState) as caught:
        await store.load(address)
    assert caught.value.anew.version == 1


@pytest.mark.parametrize("script", sorted(path.stem for path in LUA.glob("*.lua")))
def test_no_script_looks_through_what_all_conversations_share(script: str) -> None:
    """It would take the longer the more of them there are, and Redis does nothing else meanwhile."""
    assert not re.search('SCAN|"KEYS"|SMEMBERS', (LUA / f"{script}.lua").read_text(encoding="utf-8"))


def test_there_are_scripts() -> None:
    assert (LUA / "commit.lua").is_file()


def test_every_kind_of_timer_is_known_to_forgetting() -> None:
    """Each module that sets timers names their kinds by the constants."""
    named = {name: value for name, value in vars(conversation).items() if isinstance(value, str) and name.isupper()}
    assert set(TIMERS) == set(named.values())
