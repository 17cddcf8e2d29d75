"""The one path of a message: once, in order, and with a safe answer whatever breaks."""

import asyncio
import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from redis.asyncio import Redis

from bot.content import Content
from bot.conversations import Conversations, Inbound
from bot.language import Expecting, Reading
from bot.store.keys import Keys
from bot.store.records import Address
from bot.store.sealing import Sealer
from bot.store.store import Store, StoreAway

NOW = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)


def message(address: Address, number: int, text: str) -> Inbound:
    return Inbound(f"m{number}", address, NOW, text=text)


class BrokenReader:
    """A reader with a bug."""

    def read(self, text: str, expecting: Expecting | None = None) -> Reading:
        raise RuntimeError("a bug")


async def test_a_bug_still_gives_a_safe_answer_and_names_no_words(
    store: Store, content: Content, address: Address, caplog: pytest.LogCaptureFixture
) -> None:
    broken: Any = replace(content, reader=BrokenReader())
    with caplog.at_level(logging.DEBUG):
        received = await Conversations(store, broken).receive(message(address, 1, "betis rahasia bengkak"))
    answer = received.replies[0].text
    assert "119" in answer
    assert content.script.clinic["phone"] in answer
    assert "rahasia" not in caplog.text
    assert address.id not in caplog.text
    well = await Conversations(store, content).receive(message(address, 2, "kaki kram"))
    assert well.conversation.facts.complaint == "cramp", "the conversation goes on"


async def test_a_broken_state_is_begun_anew_with_an_answer(
    conversations: Conversations, store: Store, redis: Redis, address: Address
) -> None:
    await conversations.receive(message(address, 1, "kaki kram"))
    await redis.hset(Keys(store.id_of(address)).state, "s", b"garbage")
    received = await conversations.receive(message(address, 2, "betis kiri kedutan"))
    assert received.replies
    assert received.conversation.facts.complaint == "twitch"


async def test_messages_at_once_give_a_serial_history(store: Store, content: Content, address: Address) -> None:
    processes = [Conversations(store, content) for _ in range(4)]
    texts = ["betis kiri kram", "sudah 3 hari", "umur saya 40", "ga bengkak", "saya diabetes", "habis lari"]
    await asyncio.gather(
        *(processes[n % 4].receive(message(address, n, text)) for n, text in enumerate(texts)),
        *(processes[(n + 1) % 4].receive(message(address, n, text)) for n, text in enumerate(texts)),
    )
    said = [line.text for _, line in await store.transcript(address) if line.who == "patient"]
    assert sorted(said) == sorted(texts), "each once"
    loaded = await store.load(address)
    assert loaded.version == len(texts)
    facts = loaded.conversation.facts
    assert (facts.side, facts.duration_days, facts.age) == ("left", 3, 40)
    assert facts.signs["swelling"] == "no"
    assert facts.signs["diabetes"] == "yes"


async def test_the_order_of_messages_makes_no_other_facts(conversations: Conversations) -> None:
    texts = ["betis kiri kram", "sudah 3 hari", "ga bengkak"]
    outcomes = []
    for number, order in enumerate(permutations(texts)):
        address = Address(channel="terminal", id=str(number))
        for place, text in enumerate(order):
            received = await conversations.receive(message(address, place, text))
        outcomes.append(received.conversation.facts)
    assert all(facts == outcomes[0] for facts in outcomes)


async def test_a_store_that_is_away_is_told_to_whoever_brought_the_message(content: Content, address: Address) -> None:
    client = Redis(unix_socket_path="/nonexistent/redis.sock")
    away = Conversations(Store(client, Sealer(["x" * 32]), timedelta(days=1)), content)
    with pytest.raises(StoreAway):
        await away.receive(message(address, 1, "kaki kram"))
    await client.aclose()


async def test_a_very_long_message_is_read_in_part_and_says_so(conversations: Conversations, address: Address) -> None:
    received = await conversations.receive(message(address, 1, "betis kiri kram " + "aduh " * 2_000))
    assert received.conversation.facts.complaint == "cramp"
    assert any("panjang sekali" in reply.text for reply in received.replies)


async def test_a_flood_is_told_once_and_loses_no_facts_and_no_emergency(conversations: Conversations) -> None:
    address = Address(channel="web", id="flooder")
    answers = [await conversations.receive(message(address, n, f"halo {n}")) for n in range(40)]
    assert all(answer.replies for answer in answers[:6]), "six quick messages are no flood"
    told = [answer for answer in answers if any("banyak sekaligus" in reply.text for reply in answer.replies)]
    assert len(told) == 1
    assert answers[-1].replies == ()
    kept = await conversations.receive(message(address, 50, "betis kiri kram"))
    assert kept.conversation.facts.side == "left"
    alarm = await conversations.receive(message(address, 51, "sesak napas dan nyeri dada"))
    assert alarm.replies[0].emergency
