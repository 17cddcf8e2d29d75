"""Journeys through every channel at the most talkative level, with faults forced on the way: no word that a patient
said, no name and no number is in the log, and no secret of the clinic."""

import ast
import asyncio
import contextlib
import json
import os
import re
import subprocess
import sys
import uuid
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest
from redis.asyncio import Redis

from bot.dialogue.conversation import Conversation, Pending
from bot.store.records import Address
from bot.store.store import Store
from tests.channels.telegram.conftest import until
from tests.channels.telegram.fake import TOKEN as TELEGRAM_TOKEN
from tests.channels.telegram.fake import FakeTelegram, bad, telegram
from tests.channels.whatsapp.fake import ACCOUNT, SENDER, FakeTwilio
from tests.channels.whatsapp.fake import TOKEN as TWILIO_TOKEN
from tests.channels.whatsapp.fake import serving as serving_twilio
from tests.channels.whatsapp.webhooks import Webhooks
from tests.conftest import SECRET
from tests.serving import Serving, await_ready, start
from tests.test_logs import FIELDS, METHODS, modules

PUBLIC = "http://chat.klinik.example"
ANI = 6281355501234
"""A chat whose id would be known in the log."""

SRI = "whatsapp:+6281299887766"
HOOK_SECRET = "a-secret-of-the-webhook"
NAMES = {"ani", "sri", "bambang", "ibu sri"}


@dataclass
class Journey:
    """The program on all channels, and what was said to it."""

    store: Store
    program: Serving
    fake: FakeTelegram
    twilio: FakeTwilio
    said: list[str] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)

    def say(self, text: str) -> str:
        """What a patient says; remembered."""
        self.said.append(text)
        return text

    def log(self) -> str:
        """What it logged, without the addresses that it prints at the start for people."""
        printed = ("Chat pasien", "Meja klinik", "Berhenti")
        lines = self.program.output.read_text(encoding="utf-8").splitlines(keepends=True)
        return "".join(line for line in lines if not line.startswith(printed))


@pytest.fixture
async def journey(redis: Redis, redis_url: str, store: Store, folder: Path) -> AsyncIterator[Journey]:
    async with contextlib.AsyncExitStack() as stack:
        fake = stack.enter_context(telegram())
        twilio = await stack.enter_async_context(serving_twilio(FakeTwilio()))
        settings = {
            "REDIS_URL": redis_url, "SECRET_KEY": SECRET, "LOG_LEVEL": "debug", "LOG_FORMAT": "json",
            "PUBLIC_URL": PUBLIC, "TELEGRAM_TOKEN": TELEGRAM_TOKEN, "TELEGRAM_API_URL": fake.url,
            "TELEGRAM_RATE": "0", "TELEGRAM_WEBHOOK_SECRET": HOOK_SECRET, "TWILIO_ACCOUNT_SID": ACCOUNT,
            "TWILIO_AUTH_TOKEN": TWILIO_TOKEN, "TWILIO_WHATSAPP_FROM": SENDER, "TWILIO_API_URL": twilio.url,
            "TWILIO_RATE": "0",
        }  # fmt: skip
        program = start(folder / "program", settings=settings)
        stack.callback(_end, program)
        await asyncio.to_thread(await_ready, program)
        yield Journey(store, program, fake, twilio)


def _end(serving: Serving) -> None:
    if serving.process.poll() is None:
        serving.stop()


async def test_no_word_of_a_patient_is_in_the_log(journey: Journey, folder: Path) -> None:
    typing = asyncio.create_task(asyncio.to_thread(in_the_terminal, journey, folder))
    await on_the_web(journey)
    await on_telegram(journey)
    await on_whatsapp(journey)
    terminal = await typing
    numbers = (await asyncio.to_thread(httpx.get, f"{journey.program.url}/metrics")).text
    await asyncio.to_thread(journey.program.stop)
    log = journey.log() + terminal
    assert_tells_what_happened(log)
    assert "a turn is written down" in terminal
    assert list(leaks(log, journey.said, journey.numbers)) == []
    assert 'tanyakaki_turns_total{came="inbound",channel="whatsapp"}' in numbers
    assert list(leaks(numbers, journey.said, journey.numbers)) == []


async def on_the_web(journey: Journey) -> None:
    """A talk, an emergency, nonsense; then a state that breaks the step, one that can't be read, a transcript that
    breaks the stream, and a key of the wrong kind."""
    async with httpx.AsyncClient(base_url=journey.program.url, timeout=20) as browser:
        await browser.get("/")
        address = Address(channel="web", id=browser.cookies["tanyakaki_chat"])
        keys = journey.store.keys_of(address)
        redis = journey.store.redis

        async def write(text: str) -> int:
            body = {"client_id": uuid.uuid4().hex, "text": journey.say(text)}
            return (await browser.post("/chat/messages", json=body)).status_code

        async def put(field: str, value: str) -> None:
            await redis.hset(keys.state, field, journey.store.sealer.seal(value.encode(), keys.state))

        for text in (
            "betis kiri saya kram sejak kemarin malam",
            "tolong suami saya Bambang tiba-tiba sesak napas dan nyeri dada",
            "jerapah ungu menari di bulan",
            "pegal linu " * 900,
        ):
            assert await write(text) == 202
        pending = Pending(question=journey.say("pertanyaan rahasia"), ids=("swelling",))
        await put("s", Conversation(channel="web", pending=pending).model_dump_json())
        assert await write("lutut bengkak parah") == 202
        await put("s", json.dumps({"facts": journey.say("muntah darah hitam"), "pending": 5}))
        assert await write("tumit nanah") == 202
        broken = journey.store.sealer.seal(json.dumps({"who": journey.say("nenek pingsan")}).encode(), keys.transcript)
        await redis.rpush(keys.transcript, broken)
        with contextlib.suppress(httpx.HTTPError):
            await browser.get("/chat/events")
        await redis.delete(keys.seen)
        await redis.set(keys.seen, journey.say("kunci salah jenis"))
        assert await write("paha kebas") == 503
        journey.numbers.append(address.id)


async def on_telegram(journey: Journey) -> None:
    """A talk with buttons, an edit, what is no text, updates that can't be read, and refusals that quote it all."""
    fake, say = journey.fake, journey.say
    await until(lambda: fake.webhook["url"])
    journey.numbers += [str(ANI), "081377788899"]

    async def deliver() -> None:
        await asyncio.to_thread(fake.deliver, f"{journey.program.url}/webhooks/telegram")

    message = fake.say(ANI, say("jempol kaki kesemutan dari senin"))
    await deliver()
    await until(lambda: len(fake.chat(ANI).shown) == 2)
    fake.press(ANI, "Ya")
    fake.edit(message, say("jempol kanan mati rasa"))
    fake.say(ANI, contact={"phone_number": "081377788899", "first_name": say("Bambang Wibowo"), "user_id": ANI})
    fake.say(ANI, voice={"file_id": "f1", "file_unique_id": "u1", "duration": "salah"})
    fake.post(
        "message", {"message_id": say("kalimat rusak"), "date": [], "chat": {"id": ANI}, "text": say("kaku semua")}
    )
    fake.post("edited_message", say("bukan objek"))
    await deliver()
    await until(lambda: len(fake.chat(ANI).shown) > 4)

    def refuse(method: str, given: dict[str, Any]) -> None:
        if method == "sendMessage":
            raise bad(f"message '{say('kutipan ucapan pasien')}' of chat {ANI} is not taken")

    fake.fault = refuse
    fake.say(ANI, say("telapak panas terbakar"))
    fake.membership(ANI, "member", "kicked")
    await deliver()
    await until(lambda: "kutipan ucapan pasien" in journey.said)
    fake.fault = lambda method, given: None


async def on_whatsapp(journey: Journey) -> None:
    """A talk, a forged post, a picture that can't be had, refusals at once and later."""
    async with httpx.AsyncClient(base_url=journey.program.url, timeout=20) as client:
        hooks = Webhooks(journey.twilio, client, PUBLIC)
        say = journey.say
        journey.numbers.append(SRI.removeprefix("whatsapp:+"))
        assert (await hooks.write(SRI, say("pergelangan terkilir waktu lari"))).status_code == 200
        (first, *_) = await journey.twilio.wait_for(1, SRI)
        assert (await hooks.post({"Body": say("palsu sekali"), "From": SRI}, signature="x")).status_code == 403
        media = {"NumMedia": "1", "MediaUrl0": f"https://evil.example/{say('rontgen')}.jpg"}
        await hooks.write(SRI, "", **media, MediaContentType0="image/jpeg", MessageType="image")
        journey.twilio.faults += [(500, 0), (401, 20003)]
        await hooks.write(SRI, say("tungkai gemetar hebat"))
        await hooks.tell(first, "failed", "63024")
        await until(lambda: "Twilio refuses the account" in journey.log())
        await until(lambda: "media are not kept" in journey.log())


def in_the_terminal(journey: Journey, folder: Path) -> str:
    """JSON lines; what is logged comes on standard error."""
    texts = ["urat menonjol berkelok", "obatnya apa dokter", "selangkangan berdenyut"]
    lines = [json.dumps({"conversation": "Bambang", "text": journey.say(text)}) for text in texts]
    done = subprocess.run(
        [sys.executable, "-m", "bot", "chat", "--json"],
        input="\n".join([*lines, "{rusak"]).encode(),
        capture_output=True,
        env={**os.environ, "DATA_DIR": str(folder), "LOG_LEVEL": "debug", "LOG_FORMAT": "console"},
        timeout=60,
        check=True,
    )
    return done.stderr.decode()


def assert_tells_what_happened(log: str) -> None:
    """The journeys were logged, and the faults happened: else nothing would be proven."""
    for event in (
        "the program serves",
        "a turn is written down",
        "a reply is out",
        "a turn failed",
        "a stored state is broken",
        "an update could not be read",
        "a webhook was refused",
        "a reply waits",
        "media are not kept",
        "HTTP Request: …",
        "uvicorn.error",
        "ValidationError",
        "KeyError",
        "bot/conversations.py:",
        "the program stops",
    ):
        assert event in log, event
    lines = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    turns = [line for line in lines if line["event"] == "a turn is written down"]
    assert all(len(line["conversation"]) == 12 and len(line["process"]) == 6 for line in turns)
    assert all("request" in line for line in turns)


def leaks(log: str, said: Iterable[str], numbers: Iterable[str]) -> Iterator[str]:
    """Words of four letters and more, names, numbers and secrets that stand in the log and should not."""
    words = {word for text in said for word in tokens(text) if len(word) >= 4}
    yield from sorted((words | NAMES) & tokens(log) - vocabulary())
    yield from (number for number in numbers if number in log)
    secrets = (TELEGRAM_TOKEN.partition(":")[2], TWILIO_TOKEN, SECRET, HOOK_SECRET)
    yield from (secret for secret in secrets if secret in log)


def tokens(text: str) -> set[str]:
    return set(re.findall(r"[^\W_]+", text.casefold()))


@cache
def vocabulary() -> set[str]:
    """The words of our own events and fields."""
    found = set(FIELDS)
    for path in modules():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in METHODS:
                found |= {
                    word for part in node.args if isinstance(part, ast.Constant) for word in tokens(str(part.value))
                }
    return found


def test_the_guard_sees_a_word_a_name_and_a_number() -> None:
    log = "ValueError('betis kram') of Sri at 081377788899\n"
    assert list(leaks(log, ["betis kram"], ["081377788899"])) == ["betis", "kram", "sri", "081377788899"]
    assert "betis" not in vocabulary()
