"""Every form of Redis keeps the same promises: one contract, run against real servers of each."""

import asyncio
import contextlib
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from bot.dialogue.conversation import Conversation, Handoff
from bot.settings import SettingsError
from bot.store.connect import connect, copies_of
from bot.store.drafts import draft_of, keep_draft
from bot.store.embedded import embedded_redis
from bot.store.gauges import outbox, people
from bot.store.glances import are_open, glances, marks
from bot.store.listing import open_ids, recent_ids
from bot.store.media import all_kept, keep
from bot.store.missed import missed_lines
from bot.store.outbox import claim_due, claim_one, depth, report
from bot.store.presence import note_presence, present
from bot.store.probe import probe
from bot.store.records import Address, Commit, Committed, Line
from bot.store.sealing import Sealer
from bot.store.store import Store, StoreAway
from bot.store.tallies import tallies
from bot.store.topics import Topic, Topics
from bot.store.wake import Wakes
from bot.triage.facts import Facts
from tests.pace import within
from tests.redis_servers import Cluster, ReplicaSet, Server, TlsFront, running

NOW = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[str]:
    server = Server(folder)
    with running(server):
        yield server.url


@contextlib.contextmanager
def with_tls(folder: Path) -> Iterator[str]:
    server = Server(folder)
    with running(server), TlsFront(folder, server).running() as front:
        yield front.url


@contextlib.contextmanager
def with_sentinels(folder: Path) -> Iterator[str]:
    with ReplicaSet(folder).running() as replica_set:
        yield f"{replica_set.url}?wait=1"


@contextlib.contextmanager
def as_cluster(folder: Path) -> Iterator[str]:
    with Cluster(folder).running() as cluster:
        yield f"{cluster.url}?wait=1"


FORMS: dict[str, Callable[[Path], AbstractContextManager[str]]] = {
    "redis": alone,
    "rediss": with_tls,
    "unix": embedded_redis,
    "redis+sentinel": with_sentinels,
    "redis+cluster": as_cluster,
}


@pytest.fixture(scope="module", params=FORMS)
def form_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with FORMS[request.param](tmp_path_factory.mktemp("form")) as url:
        assert url.startswith(f"{request.param}://")
        yield url


@pytest.fixture
async def store(form_url: str) -> AsyncIterator[Store]:
    redis = connect(form_url)
    yield Store(redis, Sealer(["a secret of this test"]), timedelta(days=30), copies_of(form_url))
    await redis.aclose()


@pytest.fixture
def address() -> Address:
    return Address(channel="telegram", id=uuid.uuid4().hex)


def turn(address: Address, version: int, message: str = "m1", **more: object) -> Commit:
    lines = [Line(who="patient", text="kram", at=NOW), *(Line(who="bot", text=text, at=NOW) for text in ("1", "2"))]
    conversation = Conversation(facts=Facts(complaint="cramp"))
    return Commit(address, version, message, NOW, conversation, lines, push=True, **more)  # type: ignore[arg-type]


async def test_a_commit_is_read_back_and_a_second_delivery_changes_nothing(store: Store, address: Address) -> None:
    assert await store.commit(turn(address, 0)) == Committed(first_line=1)
    assert await store.commit(turn(address, 1)) == "seen"
    loaded = await store.load(address)
    assert (loaded.version, loaded.conversation.facts.complaint) == (1, "cramp")
    assert [line.text for _, line in await store.transcript(address)] == ["kram", "1", "2"]
    assert [number for number, _ in await store.transcript(address, after=2)] == [3]


async def test_of_many_at_once_one_wins_and_the_others_write_nothing(store: Store, address: Address) -> None:
    outcomes = await asyncio.gather(*(store.commit(turn(address, 0, f"m{number}")) for number in range(30)))
    assert sum(isinstance(outcome, Committed) for outcome in outcomes) == 1
    assert outcomes.count("lost") == 29
    assert len(await store.transcript(address)) == 3


async def test_the_outbox_gives_replies_in_order_and_notes_what_became_of_them(store: Store, address: Address) -> None:
    await store.commit(turn(address, 0))
    claim = await claim_one(store, store.id_of(address))
    assert claim is not None
    assert await claim_one(store, store.id_of(address)) is None
    sent = []
    while (parcel := await claim.next()) is not None:
        sent.append(parcel.line.text)
        assert parcel.address == address
        assert await claim.done(parcel.number, "sent", f"sid-{parcel.number}-{address.id}")
    assert sent == ["1", "2"]
    assert await report(store, address, f"sid-2-{address.id}", "read")
    assert await store.delivery_states(address) == {2: "read", 3: "sent"}


async def test_a_sweep_finds_what_is_due_on_every_shard(store: Store) -> None:
    people = [Address(channel="telegram", id=uuid.uuid4().hex) for _ in range(50)]
    for person in people:
        await store.commit(turn(person, 0))
    claims = await claim_due(store, 1000)
    assert {store.id_of(person) for person in people} <= {claim.keys.conversation for claim in claims}
    for claim in claims:
        while (parcel := await claim.next()) is not None:
            await claim.done(parcel.number, "sent")
    assert await depth(store) == 0


async def test_a_monitor_is_told_in_every_form(store: Store) -> None:
    await probe(store)
    waits = Conversation(owner="waiting", handoff=Handoff(since=NOW, why="asked"))
    before = len((await people(store)).waiting)
    for number in range(20):
        address = Address(channel="telegram", id=uuid.uuid4().hex)
        line = Line(who="bot", text="1", at=NOW - timedelta(hours=number))
        await store.commit(Commit(address, 0, "m1", NOW, waits, [line], push=True))
    found = await outbox(store)
    assert (found.conversations, found.oldest) == (await depth(store), NOW - timedelta(hours=19))
    assert len((await people(store)).waiting) == before + 20
    for claim in await claim_due(store, 1000):
        while (parcel := await claim.next()) is not None:
            await claim.done(parcel.number, "sent")


async def test_lists_and_topics_in_every_form(store: Store) -> None:
    addresses = [Address(channel="web", id=uuid.uuid4().hex) for _ in range(40)]
    waiting = Conversation(owner="waiting", handoff=Handoff(since=NOW, why="asked"))
    for address in addresses:
        await store.commit(Commit(address, 0, "m1", NOW, waiting, []))
    await store.commit(Commit(Address(channel="staff", id="house"), 0, "m1", NOW, Conversation(), [], aside=True))
    ids = {store.id_of(address) for address in addresses}
    assert ids <= set(await open_ids(store))
    assert ids <= set(await recent_ids(store, 1000))
    assert store.id_of(Address(channel="staff", id="house")) not in await recent_ids(store, 1000)
    topics = Topics(store, -100)
    for thread, address in enumerate(addresses, 1):
        await topics.put(thread, store.id_of(address))
    assert await topics.keep(addresses[0], Topic(thread=1, line=3))
    assert await topics.of(addresses[0]) == Topic(thread=1, line=3)
    assert await topics.without_note(ids) == ids - {store.id_of(addresses[0])}
    await store.forget(addresses[0])
    assert not await topics.keep(addresses[0], Topic(thread=1)), "who is forgotten stays so"
    assert await store.redis.exists(store.keys_of(addresses[0]).state) == 0
    assert await topics.conversation_of(1) == store.id_of(addresses[0])


async def test_the_desk_looks_at_many_in_every_form(store: Store) -> None:
    """One round trip to wherever they lie."""
    addresses = [Address(channel="web", id=uuid.uuid4().hex) for _ in range(40)]
    waiting = Conversation(owner="waiting", handoff=Handoff(since=NOW, why="asked"))
    for address in addresses:
        await store.commit(Commit(address, 0, "m1", NOW, waiting, []))
    ids = {store.id_of(address) for address in addresses}
    assert await are_open(store, ids) == ids
    assert set(await marks(store, ids)) == ids
    assert {glance.id async for glance in glances(store, ids)} == ids
    one = addresses[0]
    await keep_draft(store, one, "rina/reply", "Halo")
    await note_presence(store, store.id_of(one), "rina", NOW)
    assert await draft_of(store, one, "rina/reply") == "Halo"
    assert await present(store, store.id_of(one), NOW) == {"rina": False}


async def test_counts_files_and_what_was_missed_in_every_form(store: Store) -> None:
    """What the reports and the files need touches many shards, or several keys of one."""
    store.today = lambda: "2026-11-03"
    conversation = Conversation(channel="web")
    for number in range(20):
        address = Address(channel="web", id=f"person-{number}")
        line = Line(who="patient", text=f"blorp {number}", at=NOW, missed=True)
        reply = Line(who="bot", text="Maaf", at=NOW)
        await store.commit(
            Commit(address, 0, "m1", NOW, conversation, [line, reply], push=True, counts=["hour:20"], day="2026-11-03")
        )
        await keep(store, address, "photo:kept/1", "image/png", b"picture")
        claim = await claim_one(store, store.id_of(address))
        assert claim is not None
        parcel = await claim.next()
        assert parcel is not None
        await claim.done(parcel.number, "failed:63016: late" if number % 2 else "sent", f"SM{number}")
    day, before = date(2026, 11, 3), date(2026, 11, 2)
    counted = await tallies(store, [day, before])
    assert counted[day] == {"hour:20": 20, "sent:web": 10, "failed:web:63016": 10}
    assert counted[before] == {}
    said = [line.text async for _, line in missed_lines(store, NOW - timedelta(hours=1), NOW + timedelta(hours=1))]
    assert sorted(said) == sorted(f"blorp {number}" for number in range(20))
    assert list(await all_kept(store, address)) == ["photo:kept/1"]
    assert await report(store, Address(channel="web", id="person-0"), "SM0", "failed:63024")
    assert (await tallies(store, [day]))[day]["failed:web:63024"] == 1


async def test_timers_fall_due_and_are_cleared(store: Store, address: Address) -> None:
    await store.commit(turn(address, 0, timers={"reminder": NOW + timedelta(hours=1)}))

    async def due(hours: int) -> list[str]:
        return [
            timer.kind for timer in await store.due_timers(NOW + timedelta(hours=hours)) if timer.address == address
        ]

    assert await due(0) == []
    assert await due(2) == ["reminder"]
    await store.commit(turn(address, 1, "m2", timers={"reminder": None}))
    assert await due(2) == []


async def test_forgotten_is_gone_with_all_timers_and_what_was_to_be_sent(store: Store, address: Address) -> None:
    await store.commit(turn(address, 0, timers={"reminder": NOW, "follow_up": NOW}))
    assert await store.forget(address)
    assert not await store.forget(address)
    assert (await store.load(address)).version == 0
    assert await store.transcript(address) == []
    assert await claim_one(store, store.id_of(address)) is None
    assert [timer for timer in await store.due_timers(NOW) if timer.address == address] == []


async def test_a_commit_wakes_who_watches(store: Store, address: Address) -> None:
    wakes = Wakes(store.redis)
    listening = asyncio.create_task(wakes.run())
    try:
        with wakes.watching(store.id_of(address)) as woken:
            for number in range(100):  # a wake before the subscription stands is lost, as wakes may be
                await store.commit(turn(address, number, f"m{number}"))
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(woken.wait(), 0.1)
                    break
            assert woken.is_set()
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)


@pytest.mark.parametrize(
    "url",
    [
        "redis://127.0.0.1:1/0",
        "rediss://127.0.0.1:1/0",
        "unix:///nowhere.sock",
        "redis+sentinel://127.0.0.1:1,127.0.0.1:2/kaki",
        "redis+cluster://127.0.0.1:1,127.0.0.1:2",
        "redis+cluster://127.0.0.1:1?wait=1",
    ],
)
async def test_a_dead_store_is_away_within_seconds(url: str, address: Address) -> None:
    redis = connect(url)
    store = Store(redis, Sealer(["a secret of this test"]), timedelta(days=30), copies_of(url))
    for call in (store.ping(), store.load(address), store.commit(turn(address, 0))):
        with within(6), pytest.raises(StoreAway):
            await call
    await redis.aclose()


async def test_a_store_that_hangs_is_away_too(address: Address) -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    redis = connect(f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}/0")
    with within(6), pytest.raises(StoreAway):
        await Store(redis, Sealer(["a secret of this test"]), timedelta(days=30)).load(address)
    await redis.aclose()
    server.close()


def test_a_certificate_of_a_stranger_is_refused(tmp_path: Path) -> None:
    server = Server(tmp_path / "server")

    async def ask(url: str) -> None:
        redis = connect(url)
        try:
            await Store(redis, Sealer(["a secret of this test"]), timedelta(days=30)).ping()
        finally:
            await redis.aclose()

    with running(server), TlsFront(tmp_path / "one", server).running() as front:
        asyncio.run(ask(front.url))
        stranger = TlsFront(tmp_path / "two", server).authority
        with pytest.raises(StoreAway):
            asyncio.run(ask(front.url.replace(str(front.authority), str(stranger))))


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("redis://", "names no host"),
        ("redis://a:1,b:2/0", "several hosts"),
        ("redis://:geheim@host:99999", "can't be read: 'host:99999'"),
        ("redis://host/abc", "number of a database"),
        ("redis://host?wait=x", "wait=x"),
        ("rediss://host?ssl_ca_cert=x", "unknown option 'ssl_ca_cert'"),
        ("redis+sentinel://host:1", "Sentinel's service"),
        ("redis+cluster://host:1/3", "no database"),
    ],
)
def test_a_wrong_url_is_one_clear_line_without_its_password(url: str, problem: str) -> None:
    with pytest.raises(SettingsError, match=problem) as caught:
        connect(url)
    assert str(caught.value).startswith("REDIS_URL ")
    assert "; for example REDIS_URL=redis" in str(caught.value)
    assert "geheim" not in str(caught.value)
    assert "\n" not in str(caught.value)
