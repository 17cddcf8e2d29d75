"""Files on WhatsApp: patients' by what they are, staff's under addresses that are good for an hour."""

import asyncio
from datetime import datetime
from urllib.parse import urlsplit

import httpx
import pytest

from bot.channels.channel import FileAway
from bot.channels.files import described
from bot.channels.whatsapp.links import LASTS, Links
from bot.channels.whatsapp.sending import Part, parts_of
from bot.dialogue import staffing
from bot.dialogue.staffing import Person
from bot.store.media import keep, own_name
from bot.store.records import Address, Line
from bot.store.store import Store
from tests.channels.test_files import PNG
from tests.channels.whatsapp.conftest import PUBLIC, Running, eventually
from tests.channels.whatsapp.fake import API, FakeTwilio

PATIENT = "whatsapp:+6281234567890"
ADDRESS = Address(channel="whatsapp", id="+6281234567890")
RINA = Person("rina", "Rina, perawat")
AT = datetime.fromisoformat("2026-11-23T10:00+07:00")


async def sends(running: Running, text: str, *files: tuple[str, str, bytes]) -> None:
    """Rina answers with files: kind, type, bytes."""
    names = tuple(own_name(kind) for kind, _, _ in files)
    for name, (_, type, body) in zip(names, files, strict=True):
        await keep(running.service.store, ADDRESS, name, type, body)
    at = datetime.now().astimezone()
    await running.service.conversations.act(
        ADDRESS, names[0], at, lambda c, s: staffing.reply(c, RINA, text, names, at, s)
    )


async def fetched(running: Running, url: str) -> httpx.Response:
    """What Twilio gets at an address, through the proxy that takes ``/wa`` away."""
    assert url.startswith(f"{PUBLIC}/media/")
    return await running.webhooks.client.get(url.removeprefix(PUBLIC))


async def test_a_photo_goes_with_its_words_and_is_fetched_by_a_signed_address(
    running: Running, twilio: FakeTwilio
) -> None:
    await running.webhooks.write(PATIENT, "mau bicara dengan petugas")
    before = len(await twilio.wait_for(1, PATIENT))
    await sends(running, "Ini *fotonya*", ("photo", "image/png", PNG))
    message = (await twilio.wait_for(before + 2, PATIENT))[-1]
    assert message.body == "*Rina, perawat*\nIni *fotonya*"
    (url,) = message.media
    assert ADDRESS.id.removeprefix("+") not in url
    answer = await fetched(running, url)
    assert (answer.status_code, answer.content, answer.headers["content-type"]) == (200, PNG, "image/png")
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_a_document_follows_its_words_in_a_message_of_its_own(running: Running, twilio: FakeTwilio) -> None:
    await running.webhooks.write(PATIENT, "mau bicara dengan petugas")
    before = len(await twilio.wait_for(1, PATIENT))
    pdf = ("document", described("application/pdf", "Surat Ibu Sari"), b"%PDF-1.7")
    await sends(running, "Suratnya", pdf, ("voice", "audio/ogg", b"OggS"))
    words, document, voice = (await twilio.wait_for(before + 4, PATIENT))[-3:]
    assert (words.body, words.media) == ("*Rina, perawat*\nSuratnya", [])
    assert (document.body, voice.body) == ("", "")
    assert urlsplit(document.media[0]).path.endswith("/lampiran.pdf"), "the owner's name for the file stays here"
    answer = await fetched(running, document.media[0])
    assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''lampiran.pdf"
    assert (await fetched(running, voice.media[0])).headers["content-type"] == "audio/ogg"


async def test_a_file_that_is_gone_is_told(running: Running, twilio: FakeTwilio) -> None:
    await running.webhooks.write(PATIENT, "mau bicara dengan petugas")
    names = ("photo:kept/" + "0" * 32,)
    at = datetime.now().astimezone()
    await running.service.conversations.act(ADDRESS, "a1", at, lambda c, s: staffing.reply(c, RINA, "x", names, at, s))
    states: list[str] = []

    async def told() -> bool:
        states[:] = (await running.service.store.delivery_states(ADDRESS)).values()
        return "failed:file is gone" in states

    for _ in range(600):
        if await told():
            break
        await asyncio.sleep(0.05)
    assert await told(), states


async def test_a_photo_of_a_patient_is_named_as_one(running: Running, twilio: FakeTwilio) -> None:
    twilio.media["ME1"] = ("image/png", PNG)
    message = twilio.arrive(PATIENT, "lihat ini", media=["ME1"])
    url = f"https://api.twilio.com{API}/Messages/{message.sid}/Media/ME1"
    fields = {"NumMedia": "1", "MediaUrl0": url, "MediaContentType0": "image/png"}
    name = f"photo:whatsapp/{message.sid}/0"
    await running.webhooks.post(running.webhooks.form(message, **fields))
    lines = [line for _, line in await running.service.store.transcript(ADDRESS) if line.who == "patient"]
    assert lines[-1].attachments == (name,)
    await running.channel.attachments.sweep()
    await eventually(lambda: twilio.deleted == ["ME1"])
    assert await running.service.file(ADDRESS, name) is None, "all that was to be fetched is kept here"


async def test_a_file_that_is_still_to_be_fetched_may_be_asked_for_again(running: Running) -> None:
    await running.channel.attachments.fetch_later(
        ADDRESS, "MM1", ["https://api.twilio.com/x"], ["photo:whatsapp/MM1/0"]
    )
    with pytest.raises(FileAway):
        await running.service.file(ADDRESS, "photo:whatsapp/MM1/0")


# Pure parts


def line(text: str, *files: str, who: str = "staff") -> Line:
    return Line.model_validate({"who": who, "name": "Rina", "text": text, "at": AT, "attachments": files})


PHOTO, PDF = "photo:kept/1", "document:kept/2"


@pytest.mark.parametrize(
    ("text", "files", "parts"),
    [
        ("a", (), [Part("*Rina*\na")]),
        ("a", (PHOTO,), [Part("*Rina*\na", PHOTO)]),
        ("", (PHOTO,), [Part("", PHOTO)]),
        ("a", (PDF, PHOTO), [Part("*Rina*\na"), Part("", PDF), Part("", PHOTO)]),
        ("a", ("photo:AgAC-of-telegram",), [Part("*Rina*\na")]),
    ],
)
def test_lines_in_messages(text: str, files: tuple[str, ...], parts: list[Part]) -> None:
    assert parts_of(line(text, *files)) == parts


def test_long_words_are_no_caption() -> None:
    assert [bool(part.file) for part in parts_of(line("kata " * 300, PHOTO))] == [False, True]


def test_what_a_patient_sent_is_not_sent_back() -> None:
    assert parts_of(line("a", PHOTO, who="bot")) == [Part("a")]


# Addresses


class Clock:
    def __init__(self) -> None:
        self.at = 1_000_000.0

    def __call__(self) -> float:
        return self.at


async def kept_photo(store: Store) -> str:
    name = own_name("photo")
    await keep(store, ADDRESS, name, "image/png", PNG, first=True)
    key = store.keys_of(ADDRESS).state
    await store.redis.hset(key, "a", store.sealer.seal(str(ADDRESS).encode(), key))
    return name


async def test_an_address_is_good_for_an_hour(store: Store) -> None:
    clock = Clock()
    links = Links(store, PUBLIC, clock)
    token = links.token(ADDRESS, await kept_photo(store))
    assert await links._file(token) is not None
    clock.at += LASTS - 1
    assert await links._file(token) is not None
    clock.at += 2
    assert await links._file(token) is None


async def test_no_address_can_be_made_up(store: Store) -> None:
    links = Links(store, PUBLIC, Clock())
    other = own_name("photo")
    token = links.token(ADDRESS, await kept_photo(store))
    conversation, kind, place, until, signature = token.split(".")
    wrong = [
        f"{conversation}.{kind}.{place}.{int(until) + 1}.{signature}",
        f"{conversation}.document.{place}.{until}.{signature}",
        f"{conversation}.{kind}.{other.partition('/')[2]}.{until}.{signature}",
        f"{'0' * 32}.{kind}.{place}.{until}.{signature}",
        f"{conversation}.{kind}.{place}.{until}.{'0' * 32}",
        f"{conversation}.{kind}.{place}.{until}.",
        f"{conversation}.{kind}.{place}.{until}.\u00e9",
        f"{conversation}.{kind}.{place}..{signature}",
        token + ".",
        "",
        "....",
    ]
    assert [await links._file(each) for each in wrong] == [None] * len(wrong)
    assert await links._file(token) is not None


async def test_an_address_of_a_forgotten_patient_leads_nowhere(store: Store) -> None:
    links = Links(store, PUBLIC, Clock())
    token = links.token(ADDRESS, await kept_photo(store))
    await store.forget(ADDRESS)
    assert await links._file(token) is None
