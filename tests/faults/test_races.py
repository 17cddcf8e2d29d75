"""One message delivered a hundred times at once has one effect; two processes on one conversation give a serial
history, which a model confirms: the pure core, taken message by message in the order that the store wrote down."""

import asyncio
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.content import Content
from bot.dialogue.conversation import Conversation, Heard
from bot.dialogue.step import expecting, step
from bot.store.records import Address, Line
from bot.store.store import Store
from tests.faults.program import CHANNEL
from tests.faults.rig import TEXTS, Program, Sink, drained, sized, store_of, tell
from tests.redis_servers import Server, running

DELIVERIES = 100
BEGAN = datetime.now(UTC).replace(microsecond=0)


def in_a_loop(work: Coroutine[Any, Any, Any]) -> Any:
    """Run to the end, beside whatever loop this thread has."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


@pytest.fixture(scope="module")
def sink() -> Iterator[Sink]:
    with Sink() as running_sink:
        yield running_sink


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory, sink: Sink) -> Iterator[list[Program]]:
    """Two processes on one Redis."""
    folder: Path = tmp_path_factory.mktemp("two")
    server = Server(folder / "redis")
    with running(server):
        programs = [Program(folder, server.url, sink) for _ in range(2)]
        try:
            for program in programs:
                program.launch()
            for program in programs:
                in_a_loop(program.await_ready())
            yield programs
        finally:
            for program in programs:
                program.kill()


def message(person: str, number: int, text: str) -> dict[str, str]:
    at = BEGAN + timedelta(minutes=2 * number)
    return {"id": f"m{number}", "from": person, "at": at.isoformat(), "text": text}


async def test_a_hundred_deliveries_at_once_have_one_effect(two: list[Program], sink: Sink) -> None:
    body = message(f"+62{uuid4().hex}", 0, "betis kiri kram")
    limits = httpx.Limits(max_connections=DELIVERIES)
    async with httpx.AsyncClient(timeout=60, limits=limits) as client:
        posts = [client.post(f"{two[number % 2].url}/in", json=body) for number in range(DELIVERIES)]
        answers = [answer.text for answer in await asyncio.gather(*posts)]
    store = store_of(two[0].settings["REDIS_URL"])
    await drained(store)
    address = Address(channel=CHANNEL, id=body["from"])
    lines = [line for _, line in await store.transcript(address)]
    await store.redis.aclose()
    replies = sink.got().get(address.id, [])
    tell("one message, many deliveries", deliveries=DELIVERIES, taken=answers.count("taken"), replies=len(replies))
    assert (answers.count("taken"), answers.count("seen")) == (1, DELIVERIES - 1)
    assert [line.who for line in lines].count("patient") == 1
    assert [text for _, text in replies] == [line.text for line in lines if line.who == "bot"]


async def write_at_once(programs: list[Program], person: str, texts: list[list[str]]) -> list[dict[str, str]]:
    """Each process is brought one list of messages, one by one; all lists at the same time."""
    numbered = iter(range(1000))
    bodies = [[message(person, next(numbered), text) for text in some] for some in texts]

    async def bring(program: Program, some: list[dict[str, str]]) -> None:
        for body in some:
            assert (await client.post(f"{program.url}/in", json=body)).text == "taken"

    async with httpx.AsyncClient(timeout=60) as client:
        lists = [bring(programs[place % 2], some) for place, some in enumerate(bodies)]
        await asyncio.gather(*lists)
    return [body for some in bodies for body in some]


async def history(programs: list[Program], address: Address) -> tuple[list[Line], Conversation]:
    store: Store = store_of(programs[0].settings["REDIS_URL"])
    try:
        await drained(store)
        return [line for _, line in await store.transcript(address)], (await store.load(address)).conversation
    finally:
        await store.redis.aclose()


def replayed(content: Content, lines: list[Line]) -> tuple[list[str], Conversation]:
    """What the pure core makes of the patient's lines, one after the other."""
    conversation, said = Conversation(channel=CHANNEL), []
    for line in (line for line in lines if line.who == "patient"):
        reading = content.reader.read(line.text, expecting(conversation, content.script))
        turn = step(conversation, Heard(reading, line.at), content.script)
        conversation = Conversation.model_validate_json(turn.conversation.model_dump_json())
        said += [line.text, *(reply.text for reply in turn.replies)]
    return said, conversation


examples = {"count": 0, "messages": 0}
texts = st.lists(st.lists(st.sampled_from(TEXTS), min_size=1, max_size=6), min_size=2, max_size=4)


@pytest.mark.timeout(sized(300, 7200))
@pytest.mark.filterwarnings("ignore:Generating overly large repr")  # of the content, when an example fails
@settings(
    max_examples=sized(12, 300),
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(texts=texts)
def test_two_processes_give_a_serial_history(
    two: list[Program], sink: Sink, content: Content, texts: list[list[str]]
) -> None:
    address = Address(channel=CHANNEL, id=f"+62{uuid4().hex}")
    sent = in_a_loop(write_at_once(two, address.id, texts))
    lines, conversation = in_a_loop(history(two, address))
    kept = [line.client_id for line in lines if line.who == "patient"]
    assert sorted(kept) == sorted(body["id"] for body in sent), "every message once"
    place = {id: number for number, id in enumerate(kept)}
    for start in range(len(sent) - 1):
        own, following = sent[start]["id"], sent[start + 1]["id"]
        if same_list(texts, start):
            assert place[own] < place[following], "one sender's messages stay in order"
    said, expected = replayed(content, lines)
    assert [line.text for line in lines] == said
    assert conversation == expected
    assert [text for _, text in sink.got().get(address.id, [])] == [line.text for line in lines if line.who == "bot"]
    examples["count"] += 1
    examples["messages"] += len(sent)


def same_list(texts: list[list[str]], start: int) -> bool:
    """Whether message ``start`` and the next are of one list."""
    ends = [sum(len(some) for some in texts[: place + 1]) - 1 for place in range(len(texts))]
    return start not in ends


def test_the_model_was_asked() -> None:
    tell("serial history", histories=examples["count"], messages=examples["messages"], broken=0)
    assert examples["count"]
