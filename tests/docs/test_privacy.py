"""What ``docs/privasi.md`` promises of consent."""

from datetime import UTC, datetime, timedelta

from bot.conversations import Conversations, Inbound
from bot.dialogue.conversation import FOLLOW_UP
from bot.store.records import Address
from bot.store.store import Store

NOW = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)


async def test_of_whoever_declines_nothing_is_kept_that_was_told(
    conversations: Conversations, store: Store, address: Address
) -> None:
    for number, text in enumerate(("betis kiri kram sejak kemarin", "tidak")):
        await conversations.receive(Inbound(f"m{number}", address, NOW, text=text))
    assert "betis" not in " ".join(line.text for _, line in await store.transcript(address))
    loaded = await store.load(address)
    assert loaded.conversation.consent is None
    assert loaded.conversation.facts.complaint is None
    left = await store.redis.ttl(store.keys_of(address).transcript)
    assert 0 < left <= 600, "the last words go, too"


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
