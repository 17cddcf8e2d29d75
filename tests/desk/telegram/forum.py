# ruff: noqa: N802
"""The strict Bot API server with a group of the staff: a supergroup with topics, its members and the bot's rights.

After Telegram's documentation: a topic's number is that of the message that made it; a deleted topic is not found; who
may not manage topics can't write into a closed one; what is so already is "not modified".
"""

import time
from dataclasses import dataclass, field
from typing import Any

from tests.channels.telegram.fake import FakeTelegram, bad, bare, buttons, checked, visible

GROUP = -1001234567890
RIGHTS = frozenset({"can_manage_topics", "can_pin_messages", "can_delete_messages"})
MEDIA = ("photo", "voice", "video", "document", "sticker", "location", "contact")


@dataclass
class Thread:
    """A topic as a member sees it."""

    id: int
    name: str
    closed: bool = False
    pinned: list[int] = field(default_factory=list)
    shown: list[dict[str, Any]] = field(default_factory=list)

    @property
    def texts(self) -> list[str]:
        return [message.get("text", "") for message in self.shown]

    @property
    def card(self) -> dict[str, Any]:
        return next(message for message in self.shown if message["message_id"] in self.pinned)


class FakeForum(FakeTelegram):
    """The server. ``threads`` are the topics that there are; members act by ``write``, ``rewrite`` and ``tap``."""

    def __init__(self) -> None:
        super().__init__()
        self.members = {501: "Rina", 502: "Budi"}
        self.rights = set(RIGHTS)
        self.about: dict[str, Any] = {"is_forum": True, "title": "Petugas"}
        self.threads: dict[int, Thread] = {}
        self.deleted: list[Thread] = []
        self.heard: dict[tuple[int, int], dict[str, Any]] = {}
        self.chat(GROUP, "supergroup")

    @property
    def thread(self) -> Thread:
        """The only topic."""
        (found,) = self.threads.values()
        return found

    @property
    def general(self) -> list[str]:
        """What the bot said outside of all topics."""
        return [message["text"] for message in self.chats[GROUP].shown if not message.get("message_thread_id")]

    # --- what members and patients do

    def say(self, chat: int, text: str | None = None, **more: Any) -> dict[str, Any]:
        message = super().say(chat, text, **more)
        self.heard[(chat, message["message_id"])] = message
        return message

    def write(self, user: int, text: str | None, thread: Thread | None = None, **more: Any) -> dict[str, Any]:
        """A member writes, into a topic or outside of all."""
        message = self._message(GROUP, **({"text": text} if text is not None else {}), **more)
        message["from"] = self._user(user)
        if thread is not None:
            message |= {"message_thread_id": thread.id, "is_topic_message": True}
            thread.shown.append({"text": "", **message})
        self.heard[(GROUP, message["message_id"])] = message
        self.post("message", message)
        return message

    def rewrite(self, message: dict[str, Any], text: str) -> None:
        """A member changes what they wrote."""
        self.post("edited_message", {**message, "text": text, "edit_date": int(time.time())})

    def tap(self, user: int, label: str, thread: Thread) -> str:
        """A member presses the button with this label on the card."""
        card = thread.card
        data = next(button["callback_data"] for button in buttons(card) if bare(button["text"]) == label)
        query = str(next(self._messages))
        self.queries[query] = None
        seen = {**card, "chat": self._about(GROUP), "is_topic_message": True}
        self.post(
            "callback_query",
            {"id": query, "from": self._user(user), "chat_instance": "1", "message": seen, "data": data},
        )
        return query

    def remove(self, thread: Thread) -> None:
        """Somebody deletes a topic by hand."""
        self.deleted.append(self.threads.pop(thread.id))

    def _user(self, id: int) -> dict[str, Any]:
        return {"id": id, "is_bot": False, "first_name": self.members.get(id, "Orang *luar*")}

    # --- what the bot asks

    async def _on_getChat(self, given: dict[str, Any]) -> Any:
        chat = self._writable(given)
        return {"id": chat.id, "type": chat.kind, "accent_color_id": 1, "max_reaction_count": 1, **self.about}

    async def _on_getChatMember(self, given: dict[str, Any]) -> Any:
        self._writable(given)
        user = int(given["user_id"])
        if user == 4242:
            return self._bot_as_member()
        if user not in self.members:
            raise bad("PARTICIPANT_ID_INVALID")
        return {"status": "member", "user": self._user(user)}

    def _bot_as_member(self) -> dict[str, Any]:
        bot = {"id": 4242, "is_bot": True, "first_name": "Bot"}
        others = (
            "can_be_edited",
            "is_anonymous",
            "can_manage_chat",
            "can_manage_video_chats",
            "can_restrict_members",
            "can_promote_members",
            "can_change_info",
            "can_invite_users",
            "can_post_stories",
            "can_edit_stories",
            "can_delete_stories",
        )
        rights = {right: right in self.rights for right in RIGHTS}
        return {"status": "administrator", "user": bot, **dict.fromkeys(others, False), **rights}

    async def _on_createForumTopic(self, given: dict[str, Any]) -> Any:
        self._may("can_manage_topics", "not enough rights to create a topic")
        self._writable(given)
        thread = Thread(next(self._messages), _named(given["name"]))
        self.threads[thread.id] = thread
        return {"message_thread_id": thread.id, "name": thread.name, "icon_color": 7322096}

    async def _on_editForumTopic(self, given: dict[str, Any]) -> Any:
        thread = self._found(given, "TOPIC_ID_INVALID")
        if thread.name == given["name"]:
            raise bad("TOPIC_NOT_MODIFIED")
        thread.name = _named(given["name"])
        return True

    async def _on_closeForumTopic(self, given: dict[str, Any]) -> Any:
        return self._shut(given, closed=True)

    async def _on_reopenForumTopic(self, given: dict[str, Any]) -> Any:
        return self._shut(given, closed=False)

    async def _on_deleteForumTopic(self, given: dict[str, Any]) -> Any:
        self._may("can_delete_messages", "not enough rights to delete a topic")
        self.remove(self._found(given, "TOPIC_ID_INVALID"))
        return True

    async def _on_pinChatMessage(self, given: dict[str, Any]) -> Any:
        self._may("can_pin_messages", "not enough rights to manage pinned messages in the chat")
        number = int(given["message_id"])
        thread = next((one for one in self.threads.values() if number in _numbers(one)), None)
        if thread is None:
            raise bad("message to pin not found")
        thread.pinned.append(number)
        return True

    async def _on_sendMessage(self, given: dict[str, Any]) -> Any:
        thread = self._into(given)
        sent = await super()._on_sendMessage(given)
        if thread is not None:
            self._put(thread, sent, given)
        return sent

    async def _on_copyMessage(self, given: dict[str, Any]) -> Any:
        thread = self._into(given)
        source = self.heard.get((int(given["from_chat_id"]), int(given["message_id"])))
        if source is None:
            raise bad("message to copy not found")
        carried = {kind: source[kind] for kind in (*MEDIA, "caption", "text") if kind in source}
        message = {"message_id": next(self._messages), "date": int(time.time()), "copied": source, **carried}
        assert thread is not None
        self._put(thread, message, given)
        return {"message_id": message["message_id"]}

    async def _on_editMessageText(self, given: dict[str, Any]) -> Any:
        number = int(given["message_id"])
        thread = next((one for one in self.threads.values() if number in _numbers(one)), None)
        if thread is None:
            raise bad("message to edit not found")
        message = next(one for one in thread.shown if one["message_id"] == number)
        text, markup = visible(given["text"], given.get("parse_mode")), checked(given.get("reply_markup"))
        if (text, markup) == (message["text"], message.get("reply_markup")):
            raise bad("message is not modified: specified new message content and reply markup are exactly the same")
        message |= {"text": text, "reply_markup": markup} if markup else {"text": text}
        if not markup:
            message.pop("reply_markup", None)
        return {**message, "chat": self._about(GROUP)}

    async def _on_editMessageReplyMarkup(self, given: dict[str, Any]) -> Any:
        if int(given["chat_id"]) != GROUP:
            return await super()._on_editMessageReplyMarkup(given)
        number = int(given["message_id"])
        message = next(one for thread in self.threads.values() for one in thread.shown if one["message_id"] == number)
        message["reply_markup"] = checked(given.get("reply_markup"))
        return {**message, "chat": self._about(GROUP)}

    async def _on_sendPhoto(self, given: dict[str, Any]) -> Any:
        return self._file(given, "photo")

    async def _on_sendVoice(self, given: dict[str, Any]) -> Any:
        return self._file(given, "voice")

    async def _on_sendVideo(self, given: dict[str, Any]) -> Any:
        return self._file(given, "video")

    async def _on_sendDocument(self, given: dict[str, Any]) -> Any:
        return self._file(given, "document")

    def _file(self, given: dict[str, Any], kind: str) -> Any:
        chat, thread, file = self._writable(given), self._into(given), given[kind]
        if isinstance(file, str) and file not in self._files():
            raise bad("wrong file identifier/HTTP URL specified")
        caption = visible(given.get("caption", ""), given.get("parse_mode"))
        if len(caption.encode("utf-16-le")) // 2 > 1024:
            raise bad("message caption is too long")
        message = {"message_id": next(self._messages), "date": int(time.time()), "text": caption, kind: file}
        chat.shown.append(message)
        if thread is not None:
            self._put(thread, message, given)
        return {"message_id": message["message_id"], "date": message["date"], "chat": self._about(chat.id)}

    def _files(self) -> set[str]:
        """The files that anybody has sent to the bot."""
        found = set()
        for message in self.heard.values():
            for kind in MEDIA:
                file = message.get(kind)
                found |= {
                    one["file_id"] for one in (file if isinstance(file, list) else [file]) if one and "file_id" in one
                }
        return found

    def _into(self, given: dict[str, Any]) -> Thread | None:
        """The topic into which something is sent; None outside of all."""
        if "message_thread_id" not in given:
            return None
        thread = self._found(given, "message thread not found")
        if thread.closed and "can_manage_topics" not in self.rights:
            raise bad("TOPIC_CLOSED")
        return thread

    def _found(self, given: dict[str, Any], otherwise: str) -> Thread:
        self._writable(given)
        thread = self.threads.get(int(given["message_thread_id"]))
        if thread is None:
            raise bad(otherwise)
        return thread

    def _shut(self, given: dict[str, Any], closed: bool) -> bool:
        thread = self._found(given, "TOPIC_ID_INVALID")
        if thread.closed == closed:
            raise bad("TOPIC_NOT_MODIFIED")
        thread.closed = closed
        return True

    def _put(self, thread: Thread, message: dict[str, Any], given: dict[str, Any]) -> None:
        answered = given.get("reply_parameters", {}).get("message_id")
        thread.shown.append({"text": "", **message, "message_thread_id": thread.id, "answers": answered})
        shown = self.chats[GROUP].shown
        if shown and shown[-1]["message_id"] == message["message_id"]:
            shown[-1]["message_thread_id"] = thread.id

    def _may(self, right: str, otherwise: str) -> None:
        if right not in self.rights:
            raise bad(otherwise)


def _named(name: str) -> str:
    if not 1 <= len(name) <= 128:
        raise bad("TOPIC_TITLE_EMPTY")
    return name


def _numbers(thread: Thread) -> list[int]:
    return [message["message_id"] for message in thread.shown]
