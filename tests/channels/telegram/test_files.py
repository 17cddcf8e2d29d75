# ruff: noqa: N802
"""Files at Telegram: patients' are fetched when somebody looks, staff's are sent as what they are."""

import asyncio
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from bot import delivery
from bot.channels.channel import FileAway
from bot.channels.files import described
from bot.channels.telegram.files import LARGEST
from bot.channels.telegram.updates import address_of
from bot.dialogue import staffing
from bot.dialogue.staffing import Person
from bot.service import Service
from bot.store.media import keep, kept, own_name
from tests.channels.telegram.conftest import Running, until
from tests.channels.telegram.fake import ApiError, FakeTelegram, bad, served
from tests.channels.test_files import JPEG, PNG

ANI = 7
RINA = Person("rina", "Rina, perawat")
PHOTO = {"photo": [{"file_id": "F1", "file_unique_id": "u1", "width": 9, "height": 9}]}


class Telegram(FakeTelegram):
    """It takes files, by their bytes."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[tuple[str, str, bytes, str]] = []

    def _take(self, given: dict[str, Any], kind: str) -> Any:
        chat = self._writable(given)
        name, body = given[kind]
        self.sent.append((kind, name, body, given.get("caption", "")))
        message = self._shown(chat, given.get("caption", ""), given)
        chat.shown.append(message)
        return message

    async def _on_sendPhoto(self, given: dict[str, Any]) -> Any:
        return self._take(given, "photo")

    async def _on_sendVoice(self, given: dict[str, Any]) -> Any:
        return self._take(given, "voice")

    async def _on_sendAudio(self, given: dict[str, Any]) -> Any:
        return self._take(given, "audio")

    async def _on_sendDocument(self, given: dict[str, Any]) -> Any:
        return self._take(given, "document")


@pytest.fixture
def fake() -> Iterator[FakeTelegram]:
    with served(Telegram()) as server:
        yield server


async def sends(service: Service, text: str, *files: tuple[str, str, bytes]) -> None:
    """Rina answers with files: kind, type, bytes."""
    names = tuple(own_name(kind) for kind, _, _ in files)
    for name, (_, type, body) in zip(names, files, strict=True):
        await keep(service.store, address_of(ANI), name, type, body)
    at = datetime.now().astimezone()
    await service.conversations.act(
        address_of(ANI), names[0], at, lambda c, s: staffing.reply(c, RINA, text, names, at, s)
    )


async def begun(service: Service, fake: FakeTelegram) -> None:
    fake.say(ANI, "mau bicara dengan petugas")
    await until(lambda: fake.chat(ANI).shown)


async def attachment_of(service: Service) -> str:
    for _ in range(200):
        for _, line in await service.store.transcript(address_of(ANI)):
            if line.attachments:
                return line.attachments[0]
        await asyncio.sleep(0.02)
    raise AssertionError("nothing was sent")


async def test_a_photo_is_fetched_once_and_kept_sealed(fake: Telegram, running: Running) -> None:
    fake.files["photos/F1.jpg"] = JPEG
    async with running() as service:
        fake.say(ANI, **PHOTO)
        name = await attachment_of(service)
        assert name == "photo:F1"
        assert await kept(service.store, address_of(ANI), name) is None
        assert await service.file(address_of(ANI), name) == ("image/jpeg", JPEG)
        assert await kept(service.store, address_of(ANI), name) == ("image/jpeg", JPEG)
        await service.store.forget(address_of(ANI))
        assert await kept(service.store, address_of(ANI), name) is None


async def test_what_telegram_does_not_give_is_not_there(fake: Telegram, running: Running) -> None:
    async with running() as service:
        for name in ("photo:gone", "location:1,2", "contact:0812", "photo:kept/" + "0" * 32, "x"):
            assert await service.file(address_of(ANI), name) is None
        fake.files["photos/F1.jpg"] = JPEG + b"\x00" * LARGEST
        assert await service.file(address_of(ANI), "photo:F1") is None
        fake.files["photos/F1.jpg"], fake.tells_sizes = JPEG, False
        assert await service.file(address_of(ANI), "photo:F1") is None


async def test_a_file_of_a_telegram_that_is_away_may_be_asked_for_again(fake: Telegram, running: Running) -> None:
    def down(method: str, given: dict[str, Any]) -> None:
        if method == "getFile":
            raise ApiError(500, "Internal Server Error")

    fake.fault = down
    async with running() as service:
        with pytest.raises(FileAway):
            await service.file(address_of(ANI), "photo:F1")


@pytest.mark.parametrize(
    ("kind", "type", "body", "sent_as", "name"),
    [
        ("photo", "image/png", PNG, "photo", "lampiran.png"),
        ("voice", "audio/ogg", b"OggS", "voice", "lampiran.ogg"),
        ("audio", "audio/mpeg", b"ID3", "audio", "lampiran.mp3"),
        ("audio", "audio/webm", b"\x1aE\xdf\xa3", "document", "lampiran.weba"),
        ("document", described("application/pdf", "Surat rujukan"), b"%PDF-", "document", "Surat rujukan.pdf"),
    ],
)
async def test_a_file_of_the_staff_arrives_as_what_it_is(
    fake: Telegram, running: Running, kind: str, type: str, body: bytes, sent_as: str, name: str
) -> None:
    async with running() as service:
        await begun(service, fake)
        await sends(service, "Ini *hasilnya*", (kind, type, body))
        await until(lambda: fake.sent)
        assert fake.sent == [(sent_as, name, body, "<b>Rina, perawat</b>\nIni <b>hasilnya</b>")]


async def test_several_files_go_out_in_order_with_the_text_under_the_first(fake: Telegram, running: Running) -> None:
    async with running() as service:
        await begun(service, fake)
        await sends(service, "Dua", ("photo", "image/png", PNG), ("document", "application/pdf", b"%PDF-"))
        await until(lambda: len(fake.sent) == 2)
        assert [(kind, bool(caption)) for kind, _, _, caption in fake.sent] == [("photo", True), ("document", False)]


async def test_a_picture_that_telegram_takes_for_none_goes_as_a_document(fake: Telegram, running: Running) -> None:
    def fussy(method: str, given: dict[str, Any]) -> None:
        if method == "sendPhoto":
            raise bad("PHOTO_INVALID_DIMENSIONS")

    async with running() as service:
        await begun(service, fake)
        fake.fault = fussy
        await sends(service, "Ini", ("photo", "image/png", PNG))
        await until(lambda: fake.sent)
        assert fake.sent[0][:3] == ("document", "lampiran.png", PNG)


async def test_a_file_that_is_gone_is_told(fake: Telegram, running: Running) -> None:
    async with running() as service:
        await begun(service, fake)
        at = datetime.now().astimezone()
        names = ("photo:kept/" + "0" * 32,)
        await service.conversations.act(
            address_of(ANI), "a1", at, lambda c, s: staffing.reply(c, RINA, "x", names, at, s)
        )
        for _ in range(200):
            states = (await service.store.delivery_states(address_of(ANI))).values()
            if "failed:file is gone" in states:
                break
            await asyncio.sleep(0.02)
        assert "failed:file is gone" in states


async def test_a_slow_file_is_not_sent_twice(fake: Telegram, running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes longer than a claim lasts; another process that sweeps meanwhile leaves it alone."""
    monkeypatch.setattr("bot.store.outbox.CLAIM_SECONDS", 0.4)
    monkeypatch.setattr(delivery, "CLAIM_SECONDS", 0.4)
    monkeypatch.setattr(delivery, "SEND_SECONDS", 0.5)

    taken = fake._take

    async def slow(given: dict[str, Any]) -> Any:
        await asyncio.sleep(1)
        return taken(given, "photo")

    monkeypatch.setattr(fake, "_on_sendPhoto", slow)
    async with running() as service, running():
        await begun(service, fake)
        await sends(service, "Ini", ("photo", "image/png", PNG))
        await until(lambda: fake.sent)
        await asyncio.sleep(1.2)  # as long as a second send would take
        assert len(fake.sent) == 1
