"""Takes one raw update and has its effect, once. Whatever it is, it never holds up those behind it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Coroutine, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from telegram import CallbackQuery, Chat, ChatMemberUpdated, InlineKeyboardMarkup, Message, Update
from telegram.constants import ChatAction, ChatMemberStatus, ChatType
from telegram.error import RetryAfter, TelegramError

from bot.channels.taps import stands_alone
from bot.channels.telegram import buttons, updates
from bot.channels.telegram.errors import seconds_of
from bot.channels.telegram.sending import Sender
from bot.channels.telegram.words import Words
from bot.conversations import Conversations, Inbound
from bot.dialogue.conversation import Conversation, Option
from bot.dialogue.wording import NONE, UNSURE
from bot.logs import logger_of
from bot.store.reading import Reading
from bot.store.records import Address, Commit, Line
from bot.store.store import BrokenState, StoreAway

log = logger_of(__name__)

TYPING_AFTER: Final = 0.8
"""Seconds after which an answer takes long enough to show that it is coming."""

TYPING_LASTS: Final = 4.5
TICKS_FOR: Final = timedelta(minutes=10)
"""How long presses are remembered, so that two quick ones do not undo each other; the ticks stand in the keyboard."""

DOUBLE_PRESS: Final = timedelta(seconds=3)
TOLD_GROUP_FOR: Final = timedelta(days=365)
OLD: Final = "old"
"""A press that answers nothing: no option has this id, and the dialogue says that the button is old."""


class StaffChat(Protocol):
    """The staff's own group: what happens there is no patient's."""

    @property
    def chat(self) -> int: ...

    async def take(self, conversations: Conversations, update: Update, now: datetime) -> None:
        """Have the effect of an update of that group. Raises ``StoreAway``."""
        ...


class Receiver:
    """Takes updates for one bot; those of the ``staff`` group are handed on."""

    def __init__(
        self, conversations: Conversations, sender: Sender, reading: Reading, staff: StaffChat | None = None
    ) -> None:
        self.conversations = conversations
        self.sender = sender
        self.staff = staff
        self.client = sender.client
        self.reading = reading
        self.words = Words(conversations)
        self._beside: set[asyncio.Task[None]] = set()

    async def take(self, raw: Any) -> None:
        """Have the effect of an update; when this returns it may be acknowledged. Raises ``StoreAway``."""
        now = datetime.now().astimezone()
        try:
            update = Update.de_json(raw, self.client)
            await self._take(update, now)
        except (StoreAway, asyncio.CancelledError):
            raise
        except Exception as error:
            # No traceback: the library's errors may quote what a patient wrote.
            log.error("an update could not be read", error=type(error).__name__)
            await self._pass_by(raw, now)

    async def finish(self) -> None:
        """Let what goes on beside end."""
        for task in self._beside:
            task.cancel()
        await asyncio.gather(*self._beside, return_exceptions=True)

    async def _pass_by(self, raw: Any, now: datetime) -> None:
        """Record an update that can't be read; who wrote it is answered all the same."""
        await self.reading.note_unread(updates.shape_of(raw))
        with contextlib.suppress(TypeError, ValueError, AttributeError):
            if isinstance(raw, dict) and (inbound := updates.salvaged(raw, now)):
                await self.conversations.receive(inbound)

    async def _take(self, update: Update, now: datetime) -> None:
        if self.staff is not None and update.effective_chat and update.effective_chat.id == self.staff.chat:
            await self.staff.take(self.conversations, update, now)
        elif update.callback_query is not None:
            await self._press(update.callback_query, now)
        elif update.my_chat_member is not None:
            await self._membership(update.my_chat_member, update.update_id, now)
        elif update.message is not None:
            await self._message(update.message, updates.inbound_of(update.message, now))
        elif update.edited_message is not None:
            await self._message(update.edited_message, updates.correction_of(update.edited_message, now))

    async def _message(self, message: Message, inbound: Inbound | None) -> None:
        if message.chat.type != ChatType.PRIVATE:
            await self._group(message.chat, is_command=bool(message.text and message.text.startswith("/")))
        elif inbound is not None:
            async with self._typing(message.chat.id):
                await self.conversations.receive(inbound)

    async def _group(self, chat: Chat, *, is_command: bool) -> None:
        """Say that the bot talks in private only: once, and to whoever calls it by a command."""
        if chat.type not in (ChatType.GROUP, ChatType.SUPERGROUP):
            return
        if await self.reading.first(f"group:{chat.id}", TOLD_GROUP_FOR) or is_command:
            self._start(self._say(chat.id, "private_only"))

    async def _membership(self, change: ChatMemberUpdated, number: int, now: datetime) -> None:
        gone = change.new_chat_member.status in (ChatMemberStatus.BANNED, ChatMemberStatus.LEFT)
        if change.chat.type != ChatType.PRIVATE:
            if not gone:
                await self._group(change.chat, is_command=False)
            return
        key = "blocked_note" if gone else "unblocked_note"
        log.info("a patient blocked or unblocked the bot", blocked=gone)
        await self._note(updates.address_of(change.chat.id), key, f"n{number}", now)

    async def _note(self, address: Address, key: str, id: str, now: datetime) -> None:
        """Write a note into a conversation that exists; it changes nothing else."""
        store = self.conversations.store
        while True:
            try:
                loaded = await store.load(address)
            except BrokenState:
                return
            if loaded.version == 0:
                return
            line = Line(who="note", text=self.words(key), at=now)
            counts = [f"{key.removesuffix('_note')}:{updates.CHANNEL}"]
            commit = Commit(address, loaded.version, id, now, loaded.conversation, [line], counts=counts)
            if await store.commit(commit) != "lost":
                return

    async def _press(self, query: CallbackQuery, now: datetime) -> None:
        """A button was pressed. The press is answered at once, whatever it means."""
        chat = query.message.chat if query.message else None
        if chat is not None and chat.type != ChatType.PRIVATE:
            self._answer(query, self.words("private_only"))
            return
        pressed = buttons.parse(query.data or "")
        markup = query.message.reply_markup if isinstance(query.message, Message) else None
        if pressed is not None and pressed.kind == "tick" and markup is not None:
            await self._tick(query, markup)
            return
        address = updates.address_of(chat.id if chat else query.from_user.id)
        conversation = await self._conversation(address)
        nothing = Inbound(f"c{query.id}", address, now, options=(OLD,), kind="tap")
        found = await self._meant(query, pressed, markup, conversation, nothing) if pressed else nothing
        if found is None:
            self._answer(query, self.words("tick_first"))
        elif found.options == (OLD,) and _just_now(conversation, now):
            # The same button pressed twice in a row: the first press had its effect.
            self._answer(query, self.words("option_old"))
        else:
            self._answer(query)
            async with self._typing(int(address.id)):
                await self.conversations.receive(found)

    async def _meant(
        self,
        query: CallbackQuery,
        pressed: buttons.Pressed,
        markup: InlineKeyboardMarkup | None,
        conversation: Conversation,
        nothing: Inbound,
    ) -> Inbound | None:
        """What a press tells; None for "done" where nothing is ticked. ``nothing`` is a press that answers nothing."""
        is_open = pressed.question == buttons.mark_of(conversation.pending)
        ticked = await self._ticked(query, markup)
        if pressed.kind == "pick":
            label = buttons.label_on(markup, query.data or "")
            return await self._pick(pressed, nothing, conversation, label, ticked if is_open else {}, is_open)
        if markup is None:
            return nothing
        if not ticked:
            return None
        text = ", ".join(ticked.values())
        if not is_open:
            # Signs told late are told all the same: they count as if they were typed.
            return replace(nothing, text=text, options=(), kind="text")
        return replace(nothing, text=text, options=tuple(ticked), complete=True)

    async def _pick(
        self,
        pressed: buttons.Pressed,
        nothing: Inbound,
        conversation: Conversation,
        label: str,
        ticked: Mapping[str, str],
        is_open: bool,
    ) -> Inbound:
        """One option. Under a question that is over it answers nothing, unless it says by itself what it wants."""
        offered = await self._offered(nothing.address, conversation, pressed.option)
        option = buttons.resolve(pressed.option, offered)
        label = label or next((one.label for one in offered if one.id == option), "")
        if option is None or not (is_open or stands_alone(option)):
            return replace(nothing, text=label)
        if ticked and option in (NONE, UNSURE):
            # "None" beside ticks is none of the others; doubt beside ticks leaves the others open. Its word would be
            # read as a denial of what is ticked, so only the ticks are told in words.
            text = ", ".join(ticked.values())
            return replace(nothing, text=text, options=(*ticked, option), complete=option == NONE)
        return replace(nothing, text=label or option, options=(option,))

    async def _ticked(self, query: CallbackQuery, markup: InlineKeyboardMarkup | None) -> dict[str, str]:
        """The ticked options with their labels: those of the keyboard, and presses of late that it may not show yet."""
        if markup is None:
            return {}
        recent = await self.reading.overlaid(_message_name(query))
        return dict(buttons.ticked(buttons.with_ticks(markup, _ticks(recent))))

    async def _tick(self, query: CallbackQuery, markup: InlineKeyboardMarkup) -> None:
        """Tick or untick: the keyboard is shown anew, and nothing is answered yet."""
        data, name = query.data or "", _message_name(query)
        recent = await self.reading.overlaid(name)
        if not recent.get(data, "").endswith(f"|{query.id}"):  # a press that comes again has no second effect
            on = buttons.toggled(buttons.with_ticks(markup, _ticks(recent)), data)
            recent = await self.reading.overlay(name, data, f"{int(on)}|{query.id}", TICKS_FOR)
        self._answer(query)
        await self._show(query, buttons.with_ticks(markup, _ticks(recent)))

    async def _show(self, query: CallbackQuery, markup: InlineKeyboardMarkup) -> None:
        """Show a keyboard; a press behind this one in the chat sees it."""
        for _ in range(3):
            try:
                await query.edit_message_reply_markup(markup)
                return
            except RetryAfter as error:
                await asyncio.sleep(min(seconds_of(error), 5))
            except TelegramError:
                return  # not modified, or deleted: the ticks are remembered all the same

    async def _offered(self, address: Address, conversation: Conversation, option: str) -> list[Option]:
        """The options that were offered, those of old questions too where the id of one must be looked for."""
        if not option.startswith("#"):
            return list(conversation.offered)
        lines = await self.conversations.store.transcript(address)
        return [*conversation.offered, *(one for _, line in lines for one in line.options)]

    async def _conversation(self, address: Address) -> Conversation:
        try:
            return (await self.conversations.store.load(address)).conversation
        except BrokenState:
            return Conversation(channel=updates.CHANNEL)

    def _answer(self, query: CallbackQuery, text: str = "") -> None:
        """Answer a press, beside everything else. Telegram takes it for a short while only; later it is no loss."""

        async def answer() -> None:
            with contextlib.suppress(TelegramError):
                await query.answer(text.replace("*", "")[:200] or None)

        self._start(answer())

    async def _say(self, chat: int, key: str) -> None:
        with contextlib.suppress(TelegramError, StoreAway):
            await self.sender.say(chat, self.words(key))

    @contextlib.asynccontextmanager
    async def _typing(self, chat: int) -> AsyncIterator[None]:
        """Show that an answer is coming, if it takes more than a moment."""

        async def type_on() -> None:
            await asyncio.sleep(TYPING_AFTER)
            while True:
                with contextlib.suppress(TelegramError):
                    await self.client.send_chat_action(chat, ChatAction.TYPING)
                await asyncio.sleep(TYPING_LASTS)

        task = asyncio.create_task(type_on())
        try:
            yield
        finally:
            task.cancel()

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._beside.add(task)
        task.add_done_callback(self._beside.discard)


def _just_now(conversation: Conversation, now: datetime) -> bool:
    return conversation.last_at is not None and now - conversation.last_at < DOUBLE_PRESS


def _ticks(recent: Mapping[str, str]) -> dict[str, bool]:
    return {data: value.startswith("1") for data, value in recent.items()}


def _message_name(query: CallbackQuery) -> str:
    assert query.message is not None
    return f"ticks:{query.message.chat.id}:{query.message.message_id}"
