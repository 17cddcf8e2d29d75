"""The pages of the queue and of a conversation, and the streams that keep them up to date."""

import base64
import re
import uuid
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse

from bot.desk.board import REFERENCE, Row, reference
from bot.desk.card import complaint_of, level_of
from bot.desk.cases import Cases, draft_name
from bot.desk.live import is_blocked, people
from bot.desk.roles import allows
from bot.desk.security import Refused, Visitor
from bot.desk.thread import Gone, Said, first_words_of, said, view_of
from bot.dialogue.script import Script
from bot.dialogue.staffing import owner_of
from bot.dialogue.wording import fill
from bot.store.drafts import draft_of
from bot.store.listing import Listed, listed, recent_ids
from bot.store.media import kept
from bot.store.presence import note_presence
from bot.store.records import Address

if TYPE_CHECKING:
    from bot.desk import Desk

RECENT_SHOWN: Final = 100
SEARCHED: Final = 5_000
FOUND_SHOWN: Final = 50
LARGEST_IN_RECORD: Final = 5 * 1024 * 1024


class Looking:
    """Handlers: they show, and change nothing but who has read what."""

    def __init__(self, desk: "Desk", cases: Cases) -> None:
        self.gate = desk.gate
        self.conversations = desk.conversations
        self.store = desk.conversations.store
        self.board = desk.board
        self.live = desk.live
        self.cases = cases

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
        address = await self.cases.address_of(request)
        return await self.page(address, visitor)

    async def thread(self, request: Request, visitor: Visitor) -> Response:
        address = await self.cases.address_of(request)
        await self.cases.note_opening(visitor, address)
        seen = request.headers.get("last-event-id") or request.query_params.get("board", "")
        cursor, _, resumed = seen.partition("~")
        after = resumed or request.query_params.get("after", "")
        number = int(after) if after.isdecimal() and len(after) < 9 else 0
        return _stream(self.live.conversation(request, visitor, address, number, cursor))

    async def page(
        self, address: Address, visitor: Visitor, problem: str = "", typed: str | None = None, status: int = 200
    ) -> Response:
        script, now, id = self.conversations.content.script, self.gate.now(), self.store.id_of(address)
        lines = await self.store.transcript(address)
        try:
            view = await view_of(self.store, address, first_words_of(lines), script, now)
        except Gone:
            raise Refused("gone") from None
        await self.cases.note_opening(visitor, address)
        if visitor.may("act") and lines:
            await self.cases.mark_read(address, lines[-1][0])
        await note_presence(self.store, id, visitor.username, now)
        shown = said(lines, await self.store.delivery_states(address), script.hours.zone, None)
        if typed is None:
            typed = await draft_of(self.store, address, draft_name(visitor, "reply"))
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
            typed_note=await draft_of(self.store, address, draft_name(visitor, "note")),
            message_id=uuid.uuid4().hex,
            colleagues=await self.colleagues(visitor),
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

    async def colleagues(self, visitor: Visitor) -> list[Any]:
        return [
            account
            for account in await self.gate.accounts.list()
            if account.username != visitor.username and not account.disabled and allows(account.role, "act")
        ]

    async def record(self, request: Request, visitor: Visitor) -> Response:
        """The conversation as one file that stands alone."""
        address = await self.cases.address_of(request)
        script, now = self.conversations.content.script, self.gate.now()
        lines = await self.store.transcript(address)
        try:
            view = await view_of(self.store, address, first_words_of(lines), script, now)
        except Gone:
            raise Refused("gone") from None
        shown = said(lines, await self.store.delivery_states(address), script.hours.zone, None)
        await self.cases.note(visitor, address, "record")
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


def _stream(texts: Any) -> Response:
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(texts, media_type="text/event-stream", headers=headers)
