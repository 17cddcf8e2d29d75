"""What stands beside a conversation: wakes for whoever follows all of them, drafts, and who is there."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from bot.conversations import Conversations, Inbound
from bot.store.drafts import draft_of, keep_draft
from bot.store.glances import are_open, glances, marks
from bot.store.listing import mark_read
from bot.store.presence import VIEWS_FOR, WRITES_FOR, note_absence, note_presence, present
from bot.store.records import Address
from bot.store.store import Store
from bot.store.wake import MOST_KEPT, Wakes, Woken

AT = datetime(2026, 11, 23, 3, tzinfo=UTC)
ID = "0" * 32


@pytest.fixture
async def waiting(conversations: Conversations) -> Address:
    """A patient who waits for a person."""
    address = Address(channel="web", id="a-browser-of-somebody")
    await conversations.receive(Inbound("m-1", address, AT, "petugas"))
    return address


async def test_each_conversation_is_taken_once() -> None:
    woken = Woken()
    for id in ("a", "b", "a"):
        woken.add(id)
    assert await woken.take(1) == ({"a", "b"}, False)
    assert await woken.take(0) == (set(), False)


async def test_who_takes_too_slowly_is_told_that_something_was_missed() -> None:
    woken = Woken()
    for number in range(MOST_KEPT + 1):
        woken.add(str(number))
    ids, missed = await woken.take(1)
    assert missed
    assert len(ids) <= MOST_KEPT


async def test_a_taker_waits_for_what_comes() -> None:
    woken = Woken()
    taking = asyncio.create_task(woken.take(10))
    await asyncio.sleep(0)
    woken.add("a")
    assert await asyncio.wait_for(taking, 1) == ({"a"}, False)


async def test_everybody_is_told_when_the_process_stops(store: Store) -> None:
    wakes = Wakes(store.redis)
    with wakes.everything() as woken:
        wakes.close()
        assert await woken.take(1) == (set(), True)


async def test_a_draft_is_sealed_and_gone_with_the_conversation(store: Store, waiting: Address) -> None:
    await keep_draft(store, waiting, "rina/reply", "Selamat siang, Bu Sari")
    keys = store.keys_of(waiting)
    assert b"Sari" not in b"".join((await store.redis.hgetall(keys.drafts)).values())
    assert 0 < await store.redis.ttl(keys.drafts) <= store.retention.total_seconds()
    assert await draft_of(store, waiting, "rina/reply") == "Selamat siang, Bu Sari"
    assert await draft_of(store, waiting, "budi/reply") == ""
    await store.forget(waiting)
    assert await draft_of(store, waiting, "rina/reply") == ""


async def test_a_conversation_that_is_gone_keeps_no_draft(store: Store, waiting: Address) -> None:
    await store.forget(waiting)
    await keep_draft(store, waiting, "rina/reply", "Selamat siang")
    assert not await store.redis.exists(store.keys_of(waiting).drafts)


async def test_who_is_there_and_who_writes(store: Store) -> None:
    await note_presence(store, ID, "rina", AT)
    await note_presence(store, ID, "budi", AT, writing=True)
    assert await present(store, ID, AT) == {"budi": True, "rina": False}
    await note_presence(store, ID, "budi", AT)  # looking on says nothing of writing
    assert await present(store, ID, AT) == {"budi": True, "rina": False}
    assert await present(store, ID, AT + WRITES_FOR) == {"budi": False, "rina": False}
    await note_presence(store, ID, "budi", AT, writing=False)
    assert await present(store, ID, AT) == {"budi": False, "rina": False}
    await note_absence(store, ID, "rina")
    assert await present(store, ID, AT) == {"budi": False}
    assert await present(store, ID, AT + VIEWS_FOR) == {}


async def test_a_sign_of_life_takes_back_no_writing(store: Store) -> None:
    """A stream's beat and the first letter come at once, in any order."""
    for number in range(20):
        who = f"rina{number}"
        await note_presence(store, ID, who, AT)
        await asyncio.gather(
            note_presence(store, ID, who, AT, writing=True), *(note_presence(store, ID, who, AT) for _ in range(3))
        )
    assert all((await present(store, ID, AT)).values())


async def test_a_glance_changes_its_mark_with_all_that_a_list_shows(store: Store, waiting: Address) -> None:
    id = store.id_of(waiting)
    before = await marks(store, [id, ID])
    assert set(before) == {id}
    await mark_read(store, waiting, 1)
    assert await marks(store, [id]) != before


async def test_glances_of_those_that_can_be_read(store: Store, waiting: Address) -> None:
    id = store.id_of(waiting)
    found = [glance async for glance in glances(store, [ID, id])]
    assert [glance.id for glance in found] == [id]
    assert found[0].address == waiting
    assert found[0].unread(AT) == 1
    assert found[0].unread(AT + timedelta(minutes=1)) == 0
    await store.redis.hset(store.keys_of(waiting).state, "s", b"broken")
    assert [glance async for glance in glances(store, [id])] == []


async def test_those_that_people_should_look_at(store: Store, conversations: Conversations, waiting: Address) -> None:
    other = Address(channel="web", id="somebody-with-the-bot")
    await conversations.receive(Inbound("m-2", other, AT, "halo"))
    assert await are_open(store, [store.id_of(waiting), store.id_of(other), ID]) == {store.id_of(waiting)}
    assert await are_open(store, []) == set()
