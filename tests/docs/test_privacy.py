"""What ``docs/privasi.md`` promises of consent."""

from datetime import UTC, datetime, timedelta

from bot.conversations import Conversations, Inbound
from bot.dialogue.conversation import FOLLOW_UP
from bot.store.records import Address
from bot.store.store import Store
from bot.timers import Timers

NOW = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)


async def declines(conversations: Conversations, address: Address) -> None:
    for number, text in enumerate(("betis kiri kram sejak kemarin", "tidak")):
        await conversations.receive(Inbound(f"m{number}", address, NOW, text=text))


async def test_whoever_declines_is_forgotten_in_a_day(
    conversations: Conversations, store: Store, address: Address
) -> None:
    await declines(conversations, address)
    loaded = await store.load(address)
    assert loaded.conversation.consent is None
    assert loaded.conversation.facts.complaint is None
    timers = Timers(conversations)
    assert await timers.fire(NOW + timedelta(hours=23)) == 0
    assert await timers.fire(NOW + timedelta(hours=24)) == 1
    assert await store.transcript(address) == []
    assert (await store.load(address)).version == 0


async def test_whoever_changes_their_mind_is_not_forgotten(
    conversations: Conversations, store: Store, address: Address
) -> None:
    await declines(conversations, address)
    for number, text in enumerate(("betis kiri kram", "ya"), 2):
        await conversations.receive(Inbound(f"m{number}", address, NOW + timedelta(hours=1), text=text))
    await Timers(conversations).fire(NOW + timedelta(hours=25))
    assert (await store.load(address)).conversation.consent is not None
    assert await store.transcript(address)


async def test_whoever_agrees_is_remembered_with_when_and_how(conversations: Conversations, address: Address) -> None:
    await conversations.receive(Inbound("m1", address, NOW, text="betis kiri kram sejak kemarin"))
    received = await conversations.receive(Inbound("m2", address, NOW, text="ya"))
    consent = received.conversation.consent
    assert consent is not None
    assert (consent.how, consent.at, consent.channel) == ("yes", NOW, "terminal")


async def test_whoever_stops_is_not_asked_how_it_goes(
    conversations: Conversations, store: Store, address: Address
) -> None:
    await conversations.receive(Inbound("m1", address, NOW, text="kaki bengkak sebelah, merah, sakit, sejak kemarin"))
    await conversations.receive(Inbound("m2", address, NOW, options=("follow_up:1",), kind="tap"))
    later = NOW + timedelta(days=30)
    assert FOLLOW_UP in [timer.kind for timer in await store.due_timers(later)]
    await conversations.receive(Inbound("m3", address, NOW, text="berhenti"))
    assert await store.due_timers(later) == []
