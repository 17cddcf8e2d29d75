"""The Bot API's client for the settings' token and server."""

import os
from collections.abc import Sequence
from typing import Any, Final

from telegram import Bot, InlineKeyboardMarkup, InputFile
from telegram.request import HTTPXRequest

CONNECT_SECONDS: Final = 2.5
ANSWER_SECONDS: Final = 4.5
CONNECTIONS: Final = 96
"""More than delivery sends at once, with room for answers to presses."""


# The library warns, each time that it is told to wait, of how it will say so one day; it is asked to say so now.
os.environ.setdefault("PTB_TIMEDELTA", "true")

FILES: Final = {
    "photo": "sendPhoto",
    "voice": "sendVoice",
    "audio": "sendAudio",
    "video": "sendVideo",
    "animation": "sendAnimation",
    "document": "sendDocument",
}
"""How each kind of file is sent. One that came as one kind can't be sent as another."""


class Client(Bot):
    """The Bot API. Updates are given as they come, so that one that can't be parsed harms no other."""

    async def raw_updates(self, offset: int | None, seconds: int, allowed: Sequence[str]) -> list[Any]:
        """Updates from ``offset`` on, as JSON; waits for them up to ``seconds``."""
        asked = {"timeout": seconds, "allowed_updates": list(allowed), **({} if offset is None else {"offset": offset})}
        found: Any = await self.do_api_request("getUpdates", asked, read_timeout=seconds + ANSWER_SECONDS)
        return list(found) if isinstance(found, list) else []

    async def send_text(
        self, chat: int, text: str, mode: str | None, buttons: InlineKeyboardMarkup | None
    ) -> int | str:
        """Send a message and give its id. The answer is not parsed: what Telegram took must not be sent again because
        it said so in an unknown form."""
        asked: dict[str, Any] = {"chat_id": chat, "text": text, "link_preview_options": {"is_disabled": True}}
        asked |= {"parse_mode": mode} if mode else {}
        asked |= {"reply_markup": buttons.to_dict()} if buttons else {}
        answer: Any = await self.do_api_request("sendMessage", asked)
        number = answer.get("message_id") if isinstance(answer, dict) else None
        return number if isinstance(number, int) else ""

    async def send_file(self, chat: int, kind: str, file: str | InputFile, caption: str, mode: str) -> int | str:
        """Send a file, by its id where Telegram has it already, and give the message's id."""
        asked = {"chat_id": chat, kind: file, **({"caption": caption, "parse_mode": mode} if caption else {})}
        answer: Any = await self.do_api_request(FILES[kind], asked)
        number = answer.get("message_id") if isinstance(answer, dict) else None
        return number if isinstance(number, int) else ""

    async def close_connections(self) -> None:
        for request in self._request:
            await request.shutdown()

    @classmethod
    def _warn(cls, *told: Any, **more: Any) -> None:
        """The library advises its own methods, which parse what they are answered."""


def client_of(token: str, api_url: str | None) -> Client:
    """A client; nothing is asked of Telegram yet."""
    server = api_url or "https://api.telegram.org"
    base, files = f"{server}/bot", f"{server}/file/bot"
    return Client(
        token, base_url=base, base_file_url=files, request=_request(CONNECTIONS), get_updates_request=_request(1)
    )


def _request(connections: int) -> HTTPXRequest:
    return HTTPXRequest(
        connection_pool_size=connections,
        connect_timeout=CONNECT_SECONDS,
        read_timeout=ANSWER_SECONDS,
        write_timeout=ANSWER_SECONDS,
        pool_timeout=ANSWER_SECONDS,
    )
