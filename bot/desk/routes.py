"""The working pages of the desk: the queue, a conversation, and what may be done with it."""

import base64
import re
import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from bot.conversations import NoSuchConversation
from bot.desk.audit import Entry
from bot.desk.board import REFERENCE, Row, reference
from bot.desk.card import complaint_of, level_of
from bot.desk.live import is_blocked, people
from bot.desk.media import LARGEST_UPLOAD, Files
from bot.desk.roles import Right, allows
from bot.desk.security import LARGEST_FORM, Handler, Refused, Visitor
from bot.desk.thread import AT_DESK, Gone, Said, first_words_of, said, view_of
from bot.dialogue import staffing
from bot.dialogue.conversation import Conversation, Turn
from bot.dialogue.script import Script
from bot.dialogue.staffing import NotAllowed, Person, owner_of
from bot.dialogue.wording import fill
from bot.ontology import Level
from bot.store.drafts import draft_of, keep_draft
from bot.store.keys import WAKE
from bot.store.listing import Listed, listed, mark_read, recent_ids
from bot.store.media import kept
from bot.store.outbox import again
from bot.store.presence import note_presence
from bot.store.records import Address
from bot.store.store import BrokenState, answered

if TYPE_CHECKING:
    from bot.desk import Desk

LONGEST: Final = 4_000
OPENING: Final = timedelta(minutes=10)
"""Within so long, a person who comes back to a conversation reads on, and does not open it anew."""

RECENT_SHOWN: Final = 100
SEARCHED: Final = 5_000
FOUND_SHOWN: Final = 50
LARGEST_IN_RECORD: Final = 5 * 1024 * 1024
MESSAGE_ID: Final = re.compile(r"[\w-]{8,64}", re.ASCII)
DISPOSITIONS: Final = ("answered", "booked", "come_today", "referred", "unreachable", "other")

Move = Callable[[Conversation, Script], Turn]


class Taken(Exception):
    """What was asked for can't be done now. ``error`` is a short word for scripts, ``words`` are for the person."""

    def __init__(self, error: str, words: str, owner: str = "") -> None:
        super().__init__(error)
        self.error = error
        self.words = words
        self.owner = owner


class Floor:
    """Where the work is done."""

    def __init__(self, desk: "Desk") -> None:
        self.gate = desk.gate
        self.conversations = desk.conversations
        self.store = desk.conversations.store
        self.board = desk.board
        self.live = desk.live
        self.files = Files(self.store, desk.fetch, self._address, self._note_opening)

    def routes(self) -> list[BaseRoute]:
        def get(path: str, right: Right, handler: Handler, *, passive: bool = False) -> Route:
            return Route(path, self.gate.guarded(right, handler, passive=passive), methods=["GET"])

        def post(
            path: str, right: Right, handler: Handler, *, passive: bool = False, largest: int = LARGEST_FORM
        ) -> Route:
            endpoint = self.gate.guarded(right, handler, passive=passive, largest=largest)
            return Route(f"/desk/c/{{id}}/{path}", endpoint, methods=["POST"])

        return [
            get("/desk", "queue", self.queue),
            get("/desk/events", "queue", self.events, passive=True),
            get("/desk/recent", "read", self.recent),
            get("/desk/search", "read", self.search),
            get("/desk/c/{id}", "read", self.conversation),
            get("/desk/c/{id}/events", "read", self.thread, passive=True),
            get("/desk/c/{id}/media/{name}", "read", self.files.show),
            get("/desk/c/{id}/record", "record", self.record),
            Route("/desk/awake", self.gate.guarded("queue", self.awake), methods=["POST"]),
            post("claim", "act", self.claim),
            post("release", "act", self.release),
            post("transfer", "act", self.transfer),
            post("reply", "act", self.reply),
            post("upload", "act", self.files.upload, largest=LARGEST_UPLOAD),
            post("note", "act", self.note),
            post("close", "act", self.close),
            post("bot", "act", self.bot),
            post("seen", "act", self.seen),
            post("again", "act", self.again),
            post("draft", "act", self.draft),
            post("typing", "act", self.typing),
            post("read", "act", self.read, passive=True),
            post("forget", "forget", self.forget),
        ]

    # Looking

    async def queue(self, request: Request, visitor: Visitor) -> Response:
        return self.gate.templates.page("queue.html", **self._frame(visitor))

    async def events(self, request: Request, visitor: Visitor) -> Response:
        cursor = request.headers.get("last-event-id") or request.query_params.get("board", "")
        return _stream(self.live.queue(request, cursor.partition("~")[0]))

    async def recent(self, request: Request, visitor: Visitor) -> Response:
        found = await listed(self.store, await recent_ids(self.store, RECENT_SHOWN))
        return self._list(visitor, found)

    async def search(self, request: Request, visitor: Visitor) -> Response:
        """By the beginning of a reference, among the open conversations and those of the last week."""
        asked = re.sub(r"[^0-9a-f]", "", request.query_params.get("ref", "").lower())[:32]
        if len(asked) < 2:
            return self._list(visitor, [], asked.upper())
        ids = {row.id for row in self.board.rows()} | set(await recent_ids(self.store, SEARCHED))
        if len(asked) == 32:
            ids.add(asked)
        found = await listed(self.store, sorted(id for id in ids if id.startswith(asked))[:FOUND_SHOWN])
        if len(found) == 1 and len(asked) >= REFERENCE:
            return RedirectResponse(f"/desk/c/{found[0].id}", 303)
        return self._list(visitor, found, asked.upper())

    def _list(self, visitor: Visitor, found: Sequence[Listed], query: str | None = None) -> Response:
        script = self.conversations.content.script
        items = [self._item(each, script) for each in found]
        context: dict[str, Any] = {"visitor": visitor, "csrf": visitor.csrf, "now": self.gate.now()}
        return self.gate.templates.page("recent.html", **context, found=items, query=query)

    def _item(self, each: Listed, script: Script) -> dict[str, Any]:
        conversation, owner = each.conversation, owner_of(each.conversation)
        return {
            "id": each.id,
            "reference": reference(each.id),
            "name": conversation.name,
            "level": level_of(conversation, script),
            "complaint": complaint_of(conversation, script),
            "channel": each.address.channel,
            "owner": owner,
            "owner_name": self.board.names.get(owner, owner),
            "mode": conversation.mode,
            "at": conversation.last_at,
        }

    async def conversation(self, request: Request, visitor: Visitor) -> Response:
        """The conversation. Who opens it is noted."""
        address = await self._address(request)
        return await self._page(address, visitor)

    async def thread(self, request: Request, visitor: Visitor) -> Response:
        address = await self._address(request)
        await self._note_opening(visitor, address)
        seen = request.headers.get("last-event-id") or request.query_params.get("board", "")
        cursor, _, resumed = seen.partition("~")
        after = resumed or request.query_params.get("after", "")
        number = int(after) if after.isdecimal() and len(after) < 9 else 0
        return _stream(self.live.conversation(request, visitor, address, number, cursor))

    async def _page(
        self, address: Address, visitor: Visitor, problem: str = "", typed: str | None = None, status: int = 200
    ) -> Response:
        script, now, id = self.conversations.content.script, self.gate.now(), self.store.id_of(address)
        lines = await self.store.transcript(address)
        try:
            view = await view_of(self.store, address, first_words_of(lines), script, now)
        except Gone:
            raise Refused("gone") from None
        await self._note_opening(visitor, address)
        if visitor.may("act") and lines:
            await self._mark_read(address, lines[-1][0])
        await note_presence(self.store, id, visitor.username, now)
        shown = said(lines, await self.store.delivery_states(address), script.hours.zone, None)
        if typed is None:
            typed = await draft_of(self.store, address, _draft(visitor, "reply"))
        return self.gate.templates.page(
            "conversation.html",
            status,
            **self._frame(visitor),
            view=view,
            id=id,
            lines=shown,
            last=lines[-1][0] if lines else 0,
            people=people(view, self.board.names, visitor),
            owner_name=self.board.names.get(view.owner, view.owner),
            blocked=is_blocked(view, visitor),
            problem=problem,
            typed=typed,
            typed_note=await draft_of(self.store, address, _draft(visitor, "note")),
            message_id=uuid.uuid4().hex,
            colleagues=await self._colleagues(visitor),
            canned=[(title, fill(script, text, staff=visitor.label)) for title, text in script.canned],
        )

    def _frame(self, visitor: Visitor) -> dict[str, Any]:
        """What every page with the queue is given."""
        rows, now = self.board.rows(), self.gate.now()
        return {
            "visitor": visitor,
            "csrf": visitor.csrf,
            "now": now,
            "cursor": self.board.cursor,
            "rows": rows,
            "groups": groups(rows, visitor.username),
            "drawn": lambda row: self.live.row(row, now),
            "away": self.board.away,
        }

    async def _colleagues(self, visitor: Visitor) -> list[Any]:
        return [
            account
            for account in await self.gate.accounts.list()
            if account.username != visitor.username and not account.disabled and allows(account.role, "act")
        ]

    async def record(self, request: Request, visitor: Visitor) -> Response:
        """The conversation as one file that stands alone."""
        address = await self._address(request)
        script, now = self.conversations.content.script, self.gate.now()
        lines = await self.store.transcript(address)
        try:
            view = await view_of(self.store, address, first_words_of(lines), script, now)
        except Gone:
            raise Refused("gone") from None
        shown = said(lines, await self.store.delivery_states(address), script.hours.zone, None)
        await self._note(visitor, address, "record")
        pictures = await self._pictures(address, shown)
        context: dict[str, Any] = {"visitor": visitor, "view": view, "lines": shown, "now": now, "pictures": pictures}
        response = self.gate.templates.page("record.html", **context)
        response.headers["Content-Disposition"] = f'attachment; filename="percakapan-{view.reference}.html"'
        return response

    async def _pictures(self, address: Address, lines: Sequence[Said]) -> dict[str, str]:
        """The patient's pictures as data, by their names."""
        found = {}
        for each in lines:
            for attachment, file in zip(each.line.attachments, each.files, strict=True):
                content = await kept(self.store, address, attachment)
                if content and content[0].startswith("image/") and len(content[1]) <= LARGEST_IN_RECORD:
                    found[file.name] = f"data:{content[0]};base64,{base64.b64encode(content[1]).decode()}"
        return found

    # Doing

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
        to = next((account for account in await self._colleagues(visitor) if account.username == username), None)
        if to is None:
            raise Refused("bad")
        at, me, them = self.gate.now(), _person(visitor), Person(to.username, to.label)
        return await self._act(
            request, visitor, "transfer", lambda c, script: staffing.transfer(c, me, them, at, script), username
        )

    async def reply(self, request: Request, visitor: Visitor) -> Response:
        """Write to the patient. Where WhatsApp's window is closed, only what is plainly meant to be kept is taken."""
        form = await request.form()
        attachments = await self.files.attached(await self._address(request), form)
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
        address = await self._address(request)
        number = _text(await request.form(), "number")
        if not number.isdecimal() or len(number) > 8:
            raise Refused("bad")
        if await again(self.store, address, [int(number)]):
            self.conversations.kick(self.store.id_of(address))
            await self._note(visitor, address, "again", number)
        return _done(request, f"/desk/c/{self.store.id_of(address)}")

    async def draft(self, request: Request, visitor: Visitor) -> Response:
        """Keep what is not sent yet."""
        address = await self._address(request)
        form = await request.form()
        name = _draft(visitor, "note" if _text(form, "kind") == "note" else "reply")
        await keep_draft(self.store, address, name, _text(form, "text")[:LONGEST])
        return Response(status_code=204)

    async def typing(self, request: Request, visitor: Visitor) -> Response:
        address = await self._address(request)
        await note_presence(self.store, self.store.id_of(address), visitor.username, self.gate.now(), writing=True)
        return Response(status_code=204)

    async def read(self, request: Request, visitor: Visitor) -> Response:
        """The page shows the lines up to this one to somebody."""
        address = await self._address(request)
        number = _text(await request.form(), "number")
        if number.isdecimal() and len(number) < 9:
            await self._mark_read(address, int(number))
        return Response(status_code=204)

    async def awake(self, request: Request, visitor: Visitor) -> Response:
        """Somebody works at the page, though nothing was posted: the session goes on."""
        return Response(status_code=204)

    async def forget(self, request: Request, visitor: Visitor) -> Response:
        """Remove all that leads to the patient, once the reference is typed."""
        address = await self._address(request)
        id = self.store.id_of(address)
        if _text(await request.form(), "ref").strip().upper() != reference(id):
            return await self._page(address, visitor, "Nomor rujukan tidak cocok. Tidak ada yang dihapus.", status=422)
        await self.store.forget(address)
        await answered(self.store.redis.publish(WAKE, id))
        await self._note(visitor, address, "forget")
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
        address = await self._address(request)
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
            await self._note(visitor, address, what, detail)
        if typed is not None:
            await keep_draft(self.store, address, _draft(visitor, what), "")
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
        return await self._page(address, visitor, taken.words, typed, 409)

    # Beside

    async def _address(self, request: Request) -> Address:
        id = request.path_params["id"]
        address = await self.store.address_of(id) if re.fullmatch(r"[0-9a-f]{32}", id) else None
        if address is None or self.store.id_of(address) != id:
            raise Refused("gone")
        return address

    async def _mark_read(self, address: Address, number: int) -> None:
        await mark_read(self.store, address, number)
        await answered(self.store.redis.publish(WAKE, self.store.id_of(address)))

    async def _note_opening(self, visitor: Visitor, address: Address) -> None:
        """A reading is noted once for each opening, not for each look."""
        name = self.store.sealer.name("opened", visitor.username, self.store.id_of(address))
        key = f"tk:{{desk}}:opened:{name}"
        if await answered(self.store.redis.set(key, 1, ex=OPENING, nx=True)):
            await self.gate.audit.read(address, self._entry(visitor, address, "read"))

    async def _note(self, visitor: Visitor, address: Address, what: str, detail: str = "") -> None:
        entry = self._entry(visitor, address, what, detail)
        await (self.gate.audit.read(address, entry) if what == "record" else self.gate.audit.note(entry))

    def _entry(self, visitor: Visitor, address: Address, what: str, detail: str = "") -> Entry:
        id = self.store.id_of(address)
        return Entry(at=self.gate.now(), who=visitor.username, what=what, conversation=id, detail=detail)


GROUPS: Final = (
    ("alarm", "Tanda bahaya baru"),
    ("waiting", "Menunggu"),
    ("mine", "Saya tangani"),
    ("others", "Ditangani rekan"),
)


def group_of(row: Row, username: str) -> str:
    """Under which heading a row stands. A new red flag of a colleague's patient concerns everybody."""
    if row.alarm:
        return "alarm"
    if not row.owner:
        return "waiting"
    return "mine" if row.owner == username else "others"


def groups(rows: Sequence[Row], username: str) -> list[tuple[str, str, list[Row]]]:
    """The rows under their headings, each in order."""
    return [(key, title, [row for row in rows if group_of(row, username) == key]) for key, title in GROUPS]


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


def _draft(visitor: Visitor, kind: str) -> str:
    """The name of a draft. A note that was begun never turns up as an answer to the patient."""
    return f"{visitor.username}/{kind}"


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
        return JSONResponse({"to": to, "id": uuid.uuid4().hex})
    return RedirectResponse(to, 303)


def _stream(texts: Any) -> Response:
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(texts, media_type="text/event-stream", headers=headers)
