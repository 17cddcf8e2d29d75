"""What staff do with a conversation, each act once by its id."""

import re
import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from bot.conversations import Move, NoSuchConversation
from bot.desk.board import reference
from bot.desk.cases import Cases, draft_name
from bot.desk.looking import Looking
from bot.desk.media import Files
from bot.desk.security import Refused, Visitor
from bot.desk.thread import AT_DESK, Gone, view_of
from bot.dialogue import staffing
from bot.dialogue.conversation import Conversation, Turn
from bot.dialogue.script import Script
from bot.dialogue.staffing import NotAllowed, Person, owner_of
from bot.ontology import Level
from bot.store.drafts import keep_draft
from bot.store.keys import WAKE
from bot.store.outbox import again
from bot.store.presence import note_presence
from bot.store.records import Address
from bot.store.store import BrokenState, answered

if TYPE_CHECKING:
    from bot.desk import Desk

LONGEST: Final = 4_000
MESSAGE_ID: Final = re.compile(r"[\w-]{8,64}", re.ASCII)
DISPOSITIONS: Final = ("answered", "booked", "come_today", "referred", "unreachable", "other")


class Taken(Exception):
    """What was asked for can't be done now. ``error`` is a short word for scripts, ``words`` are for the person."""

    def __init__(self, error: str, words: str, owner: str = "") -> None:
        super().__init__(error)
        self.error = error
        self.words = words
        self.owner = owner


class Acts:
    """Handlers. Where a page is to be shown again, with a problem, ``looking`` shows it."""

    def __init__(self, desk: "Desk", cases: Cases, looking: Looking, files: Files) -> None:
        self.gate = desk.gate
        self.conversations = desk.conversations
        self.store = desk.conversations.store
        self.board = desk.board
        self.cases = cases
        self.looking = looking
        self.files = files

    async def claim(self, request: Request, visitor: Visitor) -> Response:
        """Take it. ``over`` names the colleague from whom it is taken, so that a third one keeps it."""
        over = _text(await request.form(), "over")
        at, me = self.gate.now(), _person(visitor)

        def move(conversation: Conversation, script: Script) -> Turn:
            if over and owner_of(conversation) == over:
                return staffing.take_over(conversation, me, at, script)
            return staffing.claim(conversation, me, at, script)

        return await self._act(request, visitor, "claim", move, detail=over)

    async def release(self, request: Request, visitor: Visitor) -> Response:
        at, me = self.gate.now(), _person(visitor)
        return await self._act(request, visitor, "release", lambda c, script: staffing.release(c, me, at, script))

    async def transfer(self, request: Request, visitor: Visitor) -> Response:
        username = _text(await request.form(), "to")
        to = next((account for account in await self.looking.colleagues(visitor) if account.username == username), None)
        if to is None:
            raise Refused("bad")
        at, me, them = self.gate.now(), _person(visitor), Person(to.username, to.label)
        return await self._act(
            request, visitor, "transfer", lambda c, script: staffing.transfer(c, me, them, at, script), username
        )

    async def reply(self, request: Request, visitor: Visitor) -> Response:
        """Write to the patient. Where WhatsApp's window is closed, only what is plainly meant to be kept is taken."""
        form = await request.form()
        attachments = await self.files.attached(await self.cases.address_of(request), form)
        text, id = _message(form, empty=bool(attachments))
        at, me = self.gate.now(), _person(visitor)

        async def check(address: Address) -> None:
            view = await view_of(self.store, address, "", self.conversations.content.script, at)
            if view.closed and not _text(form, "keep") and view.owner in ("", me.username):
                raise Taken("window", "Jendela WhatsApp sudah tertutup: balasan belum dikirim. Simpan untuk nanti.")

        return await self._act(
            request,
            visitor,
            "reply",
            _marked(lambda c, script: staffing.reply(c, me, text, attachments, at, script), id),
            id=id,
            typed=text,
            check=check,
        )

    async def note(self, request: Request, visitor: Visitor) -> Response:
        text, id = _message(await request.form())
        me = _person(visitor)
        move = _marked(lambda c, script: staffing.note(c, me, text), id)
        return await self._act(request, visitor, "note", move, id=id, typed=text)

    async def close(self, request: Request, visitor: Visitor) -> Response:
        form = await request.form()
        disposition, number = _text(form, "disposition"), _text(form, "level")
        if disposition not in DISPOSITIONS:
            raise Refused("bad")
        if number and not visitor.may("level"):
            raise Refused("forbidden")
        level = next((level for level in Level if str(int(level)) == number), None)
        at, me = self.gate.now(), _person(visitor)
        return await self._act(
            request,
            visitor,
            "close",
            lambda c, script: staffing.close(c, me, at, script, disposition, level),
            detail=disposition,
            to="/desk",
        )

    async def bot(self, request: Request, visitor: Visitor) -> Response:
        me = _person(visitor)
        return await self._act(request, visitor, "bot", lambda c, script: staffing.back_to_bot(c, me, script))

    async def seen(self, request: Request, visitor: Visitor) -> Response:
        return await self._act(request, visitor, "seen", lambda c, script: staffing.seen(c))

    async def again(self, request: Request, visitor: Visitor) -> Response:
        """Send a line once more that was refused."""
        address = await self.cases.address_of(request)
        number = _text(await request.form(), "number")
        if not number.isdecimal() or len(number) > 8:
            raise Refused("bad")
        if await again(self.store, address, [int(number)]):
            self.conversations.kick(self.store.id_of(address))
            await self.cases.note(visitor, address, "again", number)
        return _done(request, f"/desk/c/{self.store.id_of(address)}")

    async def draft(self, request: Request, visitor: Visitor) -> Response:
        """Keep what is not sent yet."""
        address = await self.cases.address_of(request)
        form = await request.form()
        name = draft_name(visitor, "note" if _text(form, "kind") == "note" else "reply")
        await keep_draft(self.store, address, name, _text(form, "text")[:LONGEST])
        return Response(status_code=204)

    async def typing(self, request: Request, visitor: Visitor) -> Response:
        address = await self.cases.address_of(request)
        await note_presence(self.store, self.store.id_of(address), visitor.username, self.gate.now(), writing=True)
        return Response(status_code=204)

    async def read(self, request: Request, visitor: Visitor) -> Response:
        """The page shows the lines up to this one to somebody."""
        address = await self.cases.address_of(request)
        number = _text(await request.form(), "number")
        if number.isdecimal() and len(number) < 9:
            await self.cases.mark_read(address, int(number))
        return Response(status_code=204)

    async def awake(self, request: Request, visitor: Visitor) -> Response:
        """Somebody works at the page, though nothing was posted: the session goes on."""
        return Response(status_code=204)

    async def forget(self, request: Request, visitor: Visitor) -> Response:
        """Remove all that leads to the patient, once the reference is typed."""
        address = await self.cases.address_of(request)
        id = self.store.id_of(address)
        if _text(await request.form(), "ref").strip().upper() != reference(id):
            return await self.looking.page(
                address, visitor, "Nomor rujukan tidak cocok. Tidak ada yang dihapus.", status=422
            )
        await self.store.forget(address)
        await answered(self.store.redis.publish(WAKE, id))
        await self.cases.note(visitor, address, "forget")
        return _done(request, "/desk")

    async def _act(
        self,
        request: Request,
        visitor: Visitor,
        what: str,
        move: Move,
        detail: str = "",
        *,
        id: str = "",
        typed: str | None = None,
        to: str = "",
        check: Callable[[Address], Any] | None = None,
    ) -> Response:
        """Do it once for each ``id``, note it, and lead back to the conversation, or ``to`` another page."""
        address = await self.cases.address_of(request)
        act_id = f"desk:{visitor.username}:{what}:{id or uuid.uuid4().hex}"
        try:
            if check is not None:
                await check(address)
            received = await self.conversations.act(address, act_id, self.gate.now(), move)
        except NotAllowed as refused:
            return await self._refuse(request, visitor, address, self._taken(refused.owner), typed)
        except Taken as taken:
            return await self._refuse(request, visitor, address, taken, typed)
        except (NoSuchConversation, BrokenState, Gone):
            raise Refused("gone") from None
        if not received.seen:
            await self.cases.note(visitor, address, what, detail)
        if typed is not None:
            await keep_draft(self.store, address, draft_name(visitor, what), "")
            id = self.store.id_of(address)
            await note_presence(self.store, id, visitor.username, self.gate.now(), writing=False)
        return _done(request, to or f"/desk/c/{self.store.id_of(address)}")

    def _taken(self, owner: str) -> Taken:
        if not owner:
            return Taken("not_yours", "Percakapan ini tidak sedang Anda tangani. Ambil dulu.")
        name = self.board.names.get(owner, owner)
        return Taken("taken", f"{name} sudah menangani percakapan ini.", name)

    async def _refuse(
        self, request: Request, visitor: Visitor, address: Address, taken: Taken, typed: str | None
    ) -> Response:
        if _wants_json(request):
            return JSONResponse({"error": taken.error, "words": taken.words, "owner": taken.owner}, 409)
        return await self.looking.page(address, visitor, taken.words, typed, 409)


def _person(visitor: Visitor) -> Person:
    return Person(visitor.username, visitor.label)


def _marked(move: Move, id: str) -> Move:
    """The move with the person's own lines marked by the id of their message: so the page knows that it arrived, though
    the answer to its post be lost."""

    def marked(conversation: Conversation, script: Script) -> Turn:
        turn = move(conversation, script)
        own = (
            reply if reply.who == "bot" else reply.model_copy(update={"client_id": f"{AT_DESK}:{id}"})
            for reply in turn.replies
        )
        return replace(turn, replies=tuple(own))

    return marked


def _message(form: FormData, *, empty: bool = False) -> tuple[str, str]:
    """Text and id of a composed message; the text may be ``empty`` where files say enough. Raises ``Refused``."""
    text, id = _text(form, "text").replace("\r\n", "\n").strip(), _text(form, "id")
    if not (text or empty) or len(text) > LONGEST or not MESSAGE_ID.fullmatch(id):
        raise Refused("bad")
    return text.encode("utf-8", "replace").decode(), id


def _text(form: FormData, name: str) -> str:
    value = form.get(name)
    return value if isinstance(value, str) else ""


def _wants_json(request: Request) -> bool:
    return "application/json" in request.headers.get("accept", "")


def _done(request: Request, to: str) -> Response:
    if _wants_json(request):
        return JSONResponse({"to": to})
    return RedirectResponse(to, 303)
