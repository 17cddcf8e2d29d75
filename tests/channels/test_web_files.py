"""Files in the web chat: taken within bounds, kept sealed, shown to their own browser alone."""

import asyncio
import base64
import uuid
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from bot.channels.web import COOKIE, WebChat
from bot.channels.web.files import BURST
from bot.commands.patient import export
from bot.conversations import Conversations
from bot.dialogue import staffing
from bot.dialogue.staffing import Person
from bot.store.media import MOST, NotKept, keep, kept, own_name
from bot.store.records import Address, Line
from bot.store.store import Store
from bot.store.wake import Wakes
from tests.channels.test_files import JPEG, PNG

TOKEN = "a-session-of-the-tests-0001"
ADDRESS = Address(channel="web", id=TOKEN)
RINA = Person("rina", "Rina, perawat")


class Browser(httpx.AsyncClient):
    """A patient's browser."""

    def __init__(self, app: Starlette, token: str = TOKEN, host: str = "203.0.113.7") -> None:
        transport = httpx.ASGITransport(app, client=(host, 5000))
        super().__init__(transport=transport, base_url="http://chat.test", cookies={COOKIE: token} if token else {})

    async def sends(self, body: bytes, id: str = "", **headers: str) -> httpx.Response:
        client_id = id or uuid.uuid4().hex
        return await self.post("/chat/files", params={"client_id": client_id}, content=body, headers=headers)


@pytest.fixture
def app(conversations: Conversations) -> Starlette:
    return Starlette(routes=WebChat(conversations, Wakes(conversations.store.redis), secure=False).routes())


@pytest.fixture
async def browser(app: Starlette) -> AsyncIterator[Browser]:
    async with Browser(app) as browser:
        yield browser


async def lines(store: Store) -> list[Line]:
    return [line for _, line in await store.transcript(ADDRESS)]


@pytest.mark.parametrize(
    ("body", "kind", "spoken_of"),
    [(JPEG, "photo", "foto"), (b"OggS voice", "voice", "pesan suara"), (b"%PDF-1.7", "document", "dokumen")],
)
async def test_a_file_is_a_message_that_the_bot_answers(
    browser: Browser, store: Store, body: bytes, kind: str, spoken_of: str
) -> None:
    answer = await browser.sends(body, **{"Content-Type": "text/html", "X-File-Name": "x.exe"})
    assert answer.status_code == 202
    said, *answered = await lines(store)
    assert said.who == "patient"
    assert said.attachments[0].startswith(f"{kind}:kept/")
    assert spoken_of in answered[0].text
    shown = await browser.get("/chat/media/1-0")
    assert shown.content == body
    assert shown.headers["x-content-type-options"] == "nosniff"


async def test_who_waits_for_a_person_is_asked_nothing_about_a_photo(browser: Browser, store: Store) -> None:
    await browser.post("/chat/messages", json={"client_id": "x" * 12, "text": "mau bicara dengan petugas"})
    await browser.sends(JPEG)
    last = (await lines(store))[-1]
    assert "petugas akan membacanya" in last.text
    assert not last.options
    assert (await store.load(ADDRESS)).conversation.mode == "waiting"


async def test_the_same_file_sent_again_has_one_effect(browser: Browser, store: Store) -> None:
    id = uuid.uuid4().hex
    first, second = await browser.sends(PNG, id), await browser.sends(PNG, id)
    assert (first.json(), second.json()) == ({"seen": False}, {"seen": True})
    assert len([line for line in await lines(store) if line.who == "patient"]) == 1
    assert await store.redis.hlen(store.keys_of(ADDRESS).media) == 1


async def test_files_are_sealed_and_last_as_long_as_the_conversation(browser: Browser, store: Store) -> None:
    await browser.sends(JPEG + b"secret")
    place = store.keys_of(ADDRESS).media
    (sealed,) = await store.redis.hvals(place)
    assert b"secret" not in sealed
    assert b"image" not in sealed
    assert await store.redis.ttl(place) > 29 * 86_400
    await store.redis.expire(place, 60)
    await browser.post("/chat/messages", json={"client_id": "x" * 12, "text": "halo"})
    assert await store.redis.ttl(place) > 29 * 86_400


async def test_a_file_without_a_message_is_gone_soon(store: Store) -> None:
    await keep(store, ADDRESS, own_name("photo"), "image/png", PNG, first=True)
    assert 0 < await store.redis.ttl(store.keys_of(ADDRESS).media) <= 3600


async def test_all_that_is_stored_of_a_patient_has_the_files(browser: Browser, store: Store) -> None:
    await browser.sends(PNG)
    (name,) = (await lines(store))[0].attachments
    data = await export(store, ADDRESS)
    assert data["files"] == {name: {"type": "image/png", "base64": base64.b64encode(PNG).decode()}}


async def test_forgetting_removes_files_at_once(browser: Browser, store: Store) -> None:
    await browser.sends(JPEG)
    await store.forget(ADDRESS)
    assert not await store.redis.exists(store.keys_of(ADDRESS).media)
    assert (await browser.get("/chat/media/1-0")).status_code == 404


@pytest.mark.parametrize(
    ("body", "status", "error"),
    [
        (b"<script>alert(1)</script>", 415, "type"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='x'/>", 415, "type"),
        (b"GIF89a", 415, "type"),
        (b"", 415, "type"),
        (JPEG + b"\x00" * (10 * 1024 * 1024), 413, "large"),
    ],
)
async def test_what_can_not_be_taken_leaves_nothing(
    browser: Browser, store: Store, body: bytes, status: int, error: str
) -> None:
    answer = await browser.sends(body)
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert await store.redis.keys("tk:*:lines:*") == []
    assert await store.redis.keys("tk:*:media:*") == []


async def test_a_body_without_a_length_is_read_no_further_than_allowed(browser: Browser) -> None:
    given = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal given
        while True:
            given += 1
            yield b"\xff\xd8\xff" * 100_000

    answer = await browser.post("/chat/files", params={"client_id": "x" * 12}, content=endless())
    assert answer.status_code == 413
    assert given < 40


@pytest.mark.parametrize("id", ["", "short", "x" * 65, "with space", "weird/../id0"])
async def test_an_id_must_be_one(browser: Browser, id: str) -> None:
    answer = await browser.post("/chat/files", params={"client_id": id}, content=JPEG)
    assert answer.status_code == 400


async def test_without_a_session_there_is_nothing(app: Starlette) -> None:
    async with Browser(app, token="") as stranger:
        assert (await stranger.sends(JPEG)).status_code == 401
        assert (await stranger.get("/chat/media/1-0")).status_code == 404


async def test_another_browser_sees_nothing(browser: Browser, app: Starlette) -> None:
    await browser.sends(JPEG)
    async with Browser(app, token="another-session-of-the-tests") as other:
        assert (await other.get("/chat/media/1-0")).status_code == 404


@pytest.mark.parametrize("name", ["2-0", "1-1", "0-0", "x", "1-x", "-1-0", "1-0-0", "²-0", "9999999999-0", "1-100"])
async def test_other_names_lead_nowhere(browser: Browser, name: str) -> None:
    await browser.sends(JPEG)
    assert (await browser.get(f"/chat/media/{name}")).status_code == 404


async def test_a_file_of_the_staff_is_shown_and_one_beside_a_note_is_not(
    browser: Browser, conversations: Conversations
) -> None:
    await browser.sends(JPEG)
    store, name = conversations.store, own_name("photo")
    await keep(store, ADDRESS, name, "image/png", PNG)
    at = (await lines(store))[0].at
    await conversations.act(ADDRESS, "a1", at, lambda c, s: staffing.reply(c, RINA, "Ini", (name,), at, s))
    number = next(n for n, line in await store.transcript(ADDRESS) if line.who == "staff")
    assert (await browser.get(f"/chat/media/{number}-0")).content == PNG
    secret = Line(who="note", text="x", at=at, attachments=(name,))
    place = store.keys_of(ADDRESS).transcript
    count = await store.redis.rpush(place, store.sealer.seal(secret.model_dump_json().encode(), place))
    assert (await browser.get(f"/chat/media/{count}-0")).status_code == 404


async def test_a_conversation_has_room_for_so_much(browser: Browser, store: Store) -> None:
    await browser.sends(JPEG)
    piece = JPEG + b"\x00" * (8 * 1024 * 1024)
    for _ in range(MOST // len(piece)):
        await keep(store, ADDRESS, own_name("photo"), "image/jpeg", piece)
    answer = await browser.sends(piece)
    assert (answer.status_code, answer.json()["error"]) == (413, "full")


async def test_one_client_is_slowed_whatever_session_it_takes(app: Starlette) -> None:
    async def one(number: int, host: str) -> int:
        async with Browser(app, token=f"a-session-of-many-{number:010}", host=host) as browser:
            return (await browser.sends(JPEG)).status_code

    codes = await asyncio.gather(*(one(number, "198.51.100.1") for number in range(BURST + 3)))
    assert sorted(codes) == [202] * BURST + [429] * 3
    assert await one(99, "198.51.100.2") == 202


async def test_a_day_has_room_for_so_much_and_the_chat_goes_on(
    browser: Browser, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.channels.web.files.MOST_A_DAY", 2 * len(JPEG))
    codes = [(await browser.sends(JPEG)).status_code for _ in range(3)]
    assert codes == [202, 202, 429]
    store.today = lambda: "2026-11-22"
    assert (await browser.sends(JPEG)).status_code == 202
    answer = await browser.post("/chat/messages", json={"client_id": "x" * 12, "text": "halo"})
    assert answer.status_code == 202


async def test_with_the_store_away_nothing_is_taken(app: Starlette, store: Store, monkeypatch: Any) -> None:
    async def away(*given: object, **more: object) -> None:
        raise ConnectionError

    monkeypatch.setattr(store.redis, "execute_command", away)
    async with Browser(app) as browser:
        answer = await browser.sends(JPEG)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")


async def test_a_file_of_a_forgotten_conversation_is_not_kept(store: Store) -> None:
    keys = store.keys_of(ADDRESS)
    await store.redis.hset(keys.state, mapping={"v": 3, "f": 1})
    with pytest.raises(NotKept):
        await keep(store, ADDRESS, own_name("photo"), "image/png", PNG, first=True)
    assert await kept(store, ADDRESS, "photo:kept/x") is None
