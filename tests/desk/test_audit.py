"""The audit log: newest first, paged, filtered, sealed, and kept for two years."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.conversations import Conversations, Inbound
from bot.desk.audit import AUDIT, Audit, Entry
from bot.store.reads import reads_of
from bot.store.records import Address
from bot.store.store import Store

AT = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)


@pytest.fixture
def audit(store: Store) -> Audit:
    return Audit(store)


def entry(number: int, who: str = "rina", what: str = "read", conversation: str = "", detail: str = "") -> Entry:
    return Entry(at=AT + timedelta(seconds=number), who=who, what=what, conversation=conversation, detail=detail)


async def test_entries_come_newest_first_in_pages_that_miss_none(audit: Audit) -> None:
    written = [entry(number) for number in range(120)]
    for each in written:
        await audit.note(each)
    found: list[Entry] = []
    older, sizes = "", []
    while True:
        page = await audit.page(older)
        found += page.entries
        sizes.append(len(page.entries))
        older = page.older
        if not older:
            break
    assert sizes == [50, 50, 20]
    assert found == written[::-1]


async def test_a_full_last_page_has_no_page_behind_it(audit: Audit) -> None:
    for number in range(50):
        await audit.note(entry(number))
    page = await audit.page()
    assert len(page.entries) == 50
    assert page.older == ""


async def test_it_is_filtered_by_person_and_by_reference(audit: Audit) -> None:
    await audit.note(entry(1, who="rina", conversation="abcdef"))
    await audit.note(entry(2, who="budi", conversation="abc999"))
    await audit.note(entry(3, who="admin", what="staff_reset", detail="rina"))
    by_person = await audit.page(who="rina")
    assert [each.who for each in by_person.entries] == ["admin", "rina"], "also what was done to her"
    by_reference = await audit.page(reference="abc")
    assert [each.who for each in by_reference.entries] == ["budi", "rina"]
    both = await audit.page(who="rina", reference="abc")
    assert [each.who for each in both.entries] == ["rina"]


async def test_a_rare_person_is_found_behind_many_others(audit: Audit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.desk.audit.CHUNK", 7)
    monkeypatch.setattr("bot.desk.audit.MOST_LOOKED_AT", 28)
    await audit.note(entry(0, who="budi"))
    for number in range(40):
        await audit.note(entry(number))
    first = await audit.page(who="budi")
    assert not first.entries
    second = await audit.page(first.older, who="budi")
    assert [each.who for each in second.entries] == ["budi"]
    assert second.older == ""


async def test_nothing_of_it_is_readable_at_rest(audit: Audit, store: Store) -> None:
    await audit.note(entry(1, who="rina", what="staff_reset", detail="budi"))
    ((_, fields),) = await store.redis.xrange(AUDIT)
    assert not any(word in value for value in fields.values() for word in (b"rina", b"budi", b"staff"))


async def test_a_detail_is_short(audit: Audit) -> None:
    await audit.note(entry(1, detail="x" * 60_000))
    assert [len(each.detail) for each in (await audit.page()).entries] == [100]


async def test_an_entry_that_can_not_be_read_hides_no_other(audit: Audit, store: Store) -> None:
    await audit.note(entry(1))
    await store.redis.xadd(AUDIT, {"e": b"broken"})
    await audit.note(entry(2))
    assert [each.what for each in (await audit.page()).entries] == ["read", "unreadable", "read"]


async def test_a_reading_is_also_kept_with_the_conversation(
    audit: Audit, store: Store, conversations: Conversations, address: Address
) -> None:
    await conversations.receive(Inbound("m1", address, AT, "betis saya kram"))
    await audit.read(address, entry(1, conversation=store.id_of(address)))
    assert [(read.who, read.what) for read in await reads_of(store, address)] == [("rina", "read")]
    assert len((await audit.page()).entries) == 1
