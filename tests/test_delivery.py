"""Delivery against a real Redis: in order, once, patient with failures, and one slow channel holds up no other."""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from bot.delivery import Delivery, Refused, TryLater, backoff
from bot.dialogue.conversation import Conversation
from bot.places import AT_ONCE, CROWD, SLOW_SECONDS, Places
from bot.store import outbox
from bot.store.outbox import claim_due, claim_one
from bot.store.records import Address, Commit, Committed, Line
from bot.store.store import Store

NOW = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)


class Recorder:
    """A channel that records what it was given; ``fault`` may raise before that."""

    def __init__(self, fault: Callable[[str], None] = lambda text: None) -> None:
        self.fault = fault
        self.sent: defaultdict[str, list[str]] = defaultdict(list)
        self.first = asyncio.Event()

    async def send(self, address: Address, line: Line) -> str:
        self.fault(line.text)
        await asyncio.sleep(0)
        self.sent[address.id].append(line.text)
        self.first.set()
        return f"sid-{line.text}"


async def say(store: Store, address: Address, *texts: str) -> None:
    loaded = await store.load(address)
    lines = [Line(who="patient", text="?", at=NOW), *(Line(who="bot", text=text, at=NOW) for text in texts)]
    commit = Commit(address, loaded.version, f"m-{texts[0]}", NOW, Conversation(), lines, push=True)
    assert isinstance(await store.commit(commit), Committed)


async def drain(delivery: Delivery, store: Store) -> None:
    """Sweep as the program does, until nothing is due."""
    for _ in range(200):
        for claim in await claim_due(store, 100):
            await delivery._send_all(claim)
        if not await outbox.depth(store):
            return
        await asyncio.sleep(0.02)
    raise AssertionError("the outbox never emptied")


@pytest.fixture
def patient() -> Address:
    return Address(channel="telegram", id="7")


async def test_replies_go_out_in_order_and_their_states_are_noted(store: Store, patient: Address) -> None:
    channel = Recorder()
    await say(store, patient, "one", "two")
    assert await store.delivery_states(patient) == {2: "queued", 3: "queued"}
    await drain(Delivery(store, {"telegram": channel}), store)
    assert channel.sent["7"] == ["one", "two"]
    assert await store.delivery_states(patient) == {2: "sent", 3: "sent"}


async def test_the_committing_process_sends_at_once(store: Store, patient: Address) -> None:
    channel = Recorder()
    delivery = Delivery(store, {"telegram": channel})
    await say(store, patient, "one")
    delivery.kick(store.id_of(patient))
    await delivery.finish(2)
    assert channel.sent["7"] == ["one"]


async def test_a_failed_send_is_tried_again_before_what_is_behind_it(
    store: Store, patient: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.delivery.backoff", lambda tries: 0.01)
    failures = iter([ConnectionError(), TimeoutError(), TryLater(0.01)])

    def fault(text: str) -> None:
        if text == "one" and (error := next(failures, None)):
            raise error

    channel = Recorder(fault)
    await say(store, patient, "one", "two")
    await drain(Delivery(store, {"telegram": channel}), store)
    assert channel.sent["7"] == ["one", "two"]


async def test_retry_after_is_honoured(store: Store, patient: Address) -> None:
    def fault(text: str) -> None:
        raise TryLater(60)

    await say(store, patient, "one")
    await Delivery(store, {"telegram": Recorder(fault)})._send_one(store.id_of(patient))
    assert await claim_one(store, store.id_of(patient)) is None, "not due for a minute"


async def test_a_permanent_refusal_is_recorded_with_its_reason_and_the_next_goes(
    store: Store, patient: Address
) -> None:
    def fault(text: str) -> None:
        if text == "one":
            raise Refused("blocked")

    channel = Recorder(fault)
    await say(store, patient, "one", "two")
    await drain(Delivery(store, {"telegram": channel}), store)
    assert channel.sent["7"] == ["two"]
    assert (await store.delivery_states(patient))[2] == "failed:blocked"


async def test_a_claim_is_for_one_and_a_lost_claim_notes_nothing(store: Store, patient: Address) -> None:
    await say(store, patient, "one", "two")
    first = await claim_one(store, store.id_of(patient))
    assert first is not None
    assert await claim_one(store, store.id_of(patient)) is None
    parcel = await first.next()
    assert parcel is not None
    second = outbox.Claim(store, store.id_of(patient))
    assert (await second.next()) == parcel, "taken over, as after the first holder's claim ran out"
    assert not await first.done(parcel.number, "sent")
    assert await first.next() is None
    assert await second.done(parcel.number, "sent")


async def test_what_a_dead_process_had_claimed_is_taken_up_when_the_claim_runs_out(
    store: Store, patient: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "CLAIM_SECONDS", 0.05)
    await say(store, patient, "one")
    dead = await claim_one(store, store.id_of(patient))
    assert dead is not None
    assert await dead.next()
    channel = Recorder()
    await drain(Delivery(store, {"telegram": channel}), store)
    assert channel.sent["7"] == ["one"]


async def test_many_processes_send_each_reply_once(store: Store) -> None:
    channel = Recorder()
    people = [Address(channel="telegram", id=str(number)) for number in range(40)]
    for address in people:
        await say(store, address, "one", "two", "three")
    workers = [Delivery(store, {"telegram": channel}) for _ in range(4)]
    await asyncio.gather(*(drain(worker, store) for worker in workers))
    assert all(channel.sent[address.id] == ["one", "two", "three"] for address in people)


async def test_a_dead_channel_holds_up_no_other(store: Store) -> None:
    class Hanging:
        async def send(self, address: Address, line: Line) -> str:
            await asyncio.sleep(60)
            return ""

    channel = Recorder()
    for number in range(300):
        await say(store, Address(channel="whatsapp", id=str(number)), "stuck")
    await say(store, Address(channel="telegram", id="7"), "one")
    delivery = Delivery(store, {"whatsapp": Hanging(), "telegram": channel})
    running = asyncio.create_task(delivery.run())
    await asyncio.wait_for(channel.first.wait(), 10)
    works = [running, *delivery._tasks]
    for work in works:
        work.cancel()
    await asyncio.gather(*works, return_exceptions=True)
    assert channel.sent["7"] == ["one"]


async def test_reports_of_a_provider_only_move_forward(store: Store, patient: Address) -> None:
    await say(store, patient, "one")
    await drain(Delivery(store, {"telegram": Recorder()}), store)
    assert await outbox.report(store, patient, "sid-one", "read")
    assert not await outbox.report(store, patient, "sid-one", "delivered")
    assert not await outbox.report(store, patient, "sid-unknown", "delivered")
    assert await store.delivery_states(patient) == {2: "read"}


def test_backoff_grows_and_is_bounded() -> None:
    assert 0.5 <= backoff(0) <= 1
    assert 150 <= backoff(50) <= 300


async def test_sends_that_hang_hold_up_nobody_else(store: Store) -> None:
    """As many as there are places hang; the next goes out as soon as they count as slow."""
    hung = [Address(channel="telegram", id=f"hung-{number}") for number in range(AT_ONCE)]
    other = Address(channel="telegram", id="other")
    forever = asyncio.Event()

    class Hanging(Recorder):
        async def send(self, address: Address, line: Line) -> str:
            if address in hung:
                await forever.wait()
            return await super().send(address, line)

    channel = Hanging()
    delivery = Delivery(store, {"telegram": channel})
    for patient in (*hung, other):
        await say(store, patient, "Halo")
        delivery.kick(store.id_of(patient))
    async with asyncio.timeout(SLOW_SECONDS + 2):
        await channel.first.wait()
    assert list(channel.sent) == ["other"]
    forever.set()
    await delivery.finish(5)


class Counting(Recorder):
    """Answers when ``enough`` sends are under way, or after ``seconds``; ``most`` is how many there were."""

    def __init__(self, enough: int, seconds: float) -> None:
        super().__init__()
        self.enough, self.seconds, self.most, self.under_way = enough, seconds, 0, 0
        self.reached = asyncio.Event()

    async def send(self, address: Address, line: Line) -> str:
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        if self.under_way >= self.enough:
            self.reached.set()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.reached.wait(), self.seconds)
        self.under_way -= 1
        return await super().send(address, line)


async def _kicked(store: Store, channel: Counting, patients: int) -> None:
    delivery = Delivery(store, {"telegram": channel})
    for number in range(patients):
        address = Address(channel="telegram", id=str(number))
        await say(store, address, "one", "two")
        delivery.kick(store.id_of(address))
    await delivery.finish(20)


async def test_a_quick_provider_has_one_send_at_a_time(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is under way when the process dies may be sent twice."""
    monkeypatch.setattr("bot.places.NAP_SECONDS", 1.0)
    channel = Counting(2, 0.0)
    await _kicked(store, channel, 20)
    assert sum(map(len, channel.sent.values())) == 40
    assert channel.most == 1


async def test_a_slow_provider_has_as_many_as_its_slowness_wants(store: Store) -> None:
    """Seven under way at 0.2 s each are 35 a second."""
    channel = Counting(7, 2.0)
    await _kicked(store, channel, 12)
    assert channel.reached.is_set()
    assert channel.most <= AT_ONCE


async def test_a_crowd_is_over_when_few_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """What comes in waits for it."""
    monkeypatch.setattr("bot.places.NAP_SECONDS", 5.0)
    places, leaves = Places(), asyncio.Event()

    async def stay() -> None:
        async with places.one():
            await leaves.wait()

    await asyncio.wait_for(places.calm(), 1)
    crowd = [asyncio.create_task(stay()) for _ in range(CROWD + 2)]
    await asyncio.sleep(0)
    calm = asyncio.create_task(places.calm())
    await asyncio.sleep(0.05)
    assert not calm.done(), "one is sent and all others wait"
    leaves.set()
    await asyncio.wait_for(calm, 1)
    await asyncio.gather(*crowd)


async def test_at_the_end_what_hangs_is_cut_off_and_sent_by_the_next(store: Store, patient: Address) -> None:
    class Hanging:
        async def send(self, address: Address, line: Line) -> str:
            began.set()
            await asyncio.sleep(60)
            return ""

    began = asyncio.Event()
    delivery = Delivery(store, {"telegram": Hanging()})
    await say(store, patient, "one")
    delivery.kick(store.id_of(patient))
    await began.wait()
    await delivery.finish(0.05)
    assert not delivery._tasks
    assert await outbox.depth(store) == 1
