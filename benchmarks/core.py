"""How long the parts of one message's way take, without network."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from benchmarks.table import show
from benchmarks.talk import TEXTS
from bot.content import load_content
from bot.conversations import Conversations, Inbound
from bot.dialogue.conversation import Conversation, Heard
from bot.dialogue.step import expecting, step
from bot.settings import shipped
from bot.store.connect import connect
from bot.store.records import Address, Loaded
from bot.store.sealing import Sealer
from bot.store.store import Store

ROUNDS = 60
NOW = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)


def microseconds(act: Callable[[], object], times: int = 1) -> float:
    """Processor time, the mean over so many rounds."""
    began = time.process_time()
    for _ in range(ROUNDS):
        act()
    return (time.process_time() - began) / ROUNDS / times * 1e6


def main() -> None:
    content = load_content(shipped("flows"), shipped("knowledge"))
    states = [Conversation()]
    heards = []
    for number, text in enumerate(TEXTS):
        reading = content.reader.read(text, expecting(states[-1], content.script))
        heards.append(Heard(reading, NOW + timedelta(minutes=number)))
        states.append(step(states[-1], heards[-1], content.script).conversation)
    pairs = list(zip(states, heards, strict=False))
    written = [state.model_dump_json().encode() for state in states]
    sealer = Sealer(["a secret for measuring"])
    sealed = [sealer.seal(value, "here") for value in written]
    address = Address(channel="whatsapp", id="+62")
    store = Store(connect("redis://nowhere"), sealer, timedelta(days=30))
    conversations = Conversations(store, content, frozenset({"whatsapp"}))
    turns = [
        (Inbound(f"m{n}", address, h.at, h.reading.text), step(s, h, content.script)) for n, (s, h) in enumerate(pairs)
    ]
    loaded = Loaded(Conversation(), 1)
    commits = [conversations._commit(inbound, loaded, turn) for inbound, turn in turns]
    keys = store.keys_of(address)
    each = len(TEXTS)
    rows = [
        ("read a message", microseconds(lambda: [content.reader.read(text) for text in TEXTS], each)),
        ("step", microseconds(lambda: [step(state, heard, content.script) for state, heard in pairs], each)),
        ("state to JSON", microseconds(lambda: [state.model_dump_json() for state in states], each + 1)),
        ("state from JSON", microseconds(lambda: [Conversation.model_validate_json(v) for v in written], each + 1)),
        ("seal", microseconds(lambda: [sealer.seal(value, "here") for value in written], each + 1)),
        ("open", microseconds(lambda: [sealer.open(value, "here") for value in sealed], each + 1)),
        ("make the commit", microseconds(lambda: [conversations._commit(i, loaded, t) for i, t in turns], each)),
        ("its arguments, sealed", microseconds(lambda: [store._arguments(c, keys) for c in commits], each)),
    ]
    show(("part", "microseconds"), rows)
