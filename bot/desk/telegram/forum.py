"""The Bot API's side of a group with topics, within the group's limits."""

import asyncio
from typing import Any, Final

from telegram import InlineKeyboardMarkup, InputFile
from telegram.constants import ParseMode
from telegram.error import BadRequest

from bot.channels.telegram.client import FILES, Client
from bot.channels.telegram.sending import Sender
from bot.delivery import TryLater
from bot.store.limits import Limit

GONE: Final = ("message thread not found", "topic_deleted", "topic_id_invalid", "invalid message thread")
SHUT: Final = ("topic_closed",)
MISSING: Final = (
    "message to edit not found",
    "message_id_invalid",
    "message can't be edited",
    "message to pin not found",
)
SAME: Final = ("message is not modified", "topic_not_modified")
LONGEST_NAME: Final = 128

COPIES_A_MINUTE: Final = 12
"""Of the twenty messages a minute that a group takes, so many are for the topics: calls to the staff find room."""


class TopicGone(Exception):
    """Somebody deleted the topic."""


class MessageGone(Exception):
    """Somebody deleted the message."""


class Forum:
    """A supergroup with topics, in which the bot is an administrator."""

    def __init__(self, client: Client, sender: Sender, chat: int) -> None:
        self.client = client
        self.sender = sender
        self.chat = chat

    async def create(self, name: str) -> int:
        """A new topic; its number."""
        found = await self._call("createForumTopic", name=name[:LONGEST_NAME])
        return int(found["message_thread_id"])

    async def rename(self, thread: int, name: str) -> None:
        await self._call("editForumTopic", message_thread_id=thread, name=name[:LONGEST_NAME])

    async def close(self, thread: int) -> None:
        await self._call("closeForumTopic", message_thread_id=thread)

    async def delete(self, thread: int) -> None:
        """Delete a topic with all its messages."""
        await self._call("deleteForumTopic", message_thread_id=thread)

    async def pin(self, message: int) -> None:
        await self._call("pinChatMessage", message_id=message, disable_notification=True)

    async def send(
        self, thread: int, html: str, buttons: InlineKeyboardMarkup | None = None, reply_to: int | None = None
    ) -> int:
        """Send into a topic, one that was closed by hand, too; the message's number."""
        asked: dict[str, Any] = {"text": html, "parse_mode": ParseMode.HTML.value}
        asked |= {"reply_markup": buttons.to_dict()} if buttons else {}
        answering = {"message_id": reply_to, "allow_sending_without_reply": True}
        asked |= {"reply_parameters": answering} if reply_to else {}
        return await self._into(thread, "sendMessage", link_preview_options={"is_disabled": True}, **asked)

    async def copy(self, thread: int, chat: int, message: int) -> int:
        """Copy a message of another chat into a topic: it looks as if the bot had sent it."""
        return await self._into(thread, "copyMessage", from_chat_id=chat, message_id=message)

    async def upload(self, thread: int, kind: str, file: InputFile) -> int:
        """Send a file into a topic."""
        return await self._into(thread, FILES[kind], **{kind: file})

    async def edit(self, message: int, html: str, buttons: InlineKeyboardMarkup | None) -> None:
        """Change what a message says. Raises ``MessageGone``."""
        await self._call(
            "editMessageText",
            message_id=message,
            text=html,
            parse_mode=ParseMode.HTML.value,
            link_preview_options={"is_disabled": True},
            reply_markup=buttons.to_dict() if buttons else None,
        )

    async def _into(self, thread: int, method: str, **asked: Any) -> int:
        try:
            sent = await self._call(method, message_thread_id=thread, **asked)
        except BadRequest as error:
            if not says(error, SHUT):
                raise
            await self._call("reopenForumTopic", message_thread_id=thread)
            sent = await self._call(method, message_thread_id=thread, **asked)
        return int(sent["message_id"])

    async def _call(self, method: str, **asked: Any) -> Any:
        """Ask once the group may be written to. What is as it should be already is no error."""
        await self._turn()
        given = {name: value for name, value in asked.items() if value is not None}
        try:
            return await self.client.do_api_request(method, {"chat_id": self.chat, **given})
        except BadRequest as error:
            if says(error, SAME):
                return True
            if says(error, GONE):
                raise TopicGone from None
            if says(error, MISSING):
                raise MessageGone from None
            raise

    async def _turn(self) -> None:
        name = self.sender.store.sealer.name("limit", "topics", str(self.chat))
        share = Limit(f"topics:{name}", COPIES_A_MINUTE / 60, 4)
        while True:
            try:
                return await self.sender.turn(self.chat, share)
            except TryLater as later:
                await asyncio.sleep(later.seconds or 1)


def says(error: BadRequest, parts: tuple[str, ...]) -> bool:
    return any(part in str(error).lower() for part in parts)
