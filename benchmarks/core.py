"""How long the parts of one message's way take, without network: processor time, the mean over many talks."""

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TypeVar

from benchmarks.table import show
from benchmarks.talk import talks
from bot.content import load_content
from bot.conversations import Conversations, Inbound
from bot.dialogue.conversation import Conversation, Heard
from bot.dialogue.step import expecting, step
from bot.settings import shipped
from bot.store.connect import connect
from bot.store.records import Address, Loaded
from bot.store.sealing import Sealer
from bot.store.store import Store

WARMING, TALKS = 60, 250
NOW = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)

Made = TypeVar("Made")


class Stopwatch:
    """Adds up what each part of the way takes."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = {}

    def time(self, part: str, act: Callable[..., Made], *arguments: object) -> Made:
        began = time.process_time_ns()
        made = act(*arguments)
        self.spent[part] = self.spent.get(part, 0.0) + (time.process_time_ns() - began) / 1_000
        return made


def walk(conversations: Conversations, said: Sequence[Sequence[str]]) -> dict[str, float]:
    """Microseconds a message for each part, over these talks."""
    watch, content, store = Stopwatch(), conversations.content, conversations.store
    for number, talk in enumerate(said):
        address = Address(channel="whatsapp", id=f"{number}")
        keys = store.keys_of(address)
        sealed = store.sealer.seal(Conversation(channel="whatsapp").model_dump_json().encode(), keys.state)
        for place, text in enumerate(talk):
            inbound = Inbound(f"m{place}", address, NOW + timedelta(minutes=place), text)
            opened = watch.time("open the state", store.sealer.open, sealed, keys.state)
            state = watch.time("read it as JSON", Conversation.model_validate_json, opened)
            reading = watch.time("understand", content.reader.read, text, expecting(state, content.script))
            turn = watch.time("step", step, state, Heard(reading, inbound.at), content.script)
            commit = watch.time("make the commit", conversations._commit, inbound, Loaded(state, place, address), turn)
            watch.time("its arguments, sealed", store._arguments, commit, keys)
            sealed = store.sealer.seal(commit.conversation.model_dump_json().encode(), keys.state)
    messages = sum(map(len, said))
    return {part: spent / messages for part, spent in watch.spent.items()}


def main() -> None:
    content = load_content(shipped("flows"), shipped("knowledge"))
    store = Store(connect("redis://nowhere"), Sealer(["a secret for measuring"]), timedelta(days=30))
    conversations = Conversations(store, content, frozenset({"whatsapp"}))
    made = talks(content, seed=2)
    warming, said = list(islice(made, WARMING)), list(islice(made, TALKS))
    walk(conversations, warming)
    spent = walk(conversations, said)
    print(f"{sum(map(len, said)):,} messages of {len(said):,} patients, each said once")
    show(("part", "microseconds a message"), [*spent.items(), ("all of them", sum(spent.values()))])
