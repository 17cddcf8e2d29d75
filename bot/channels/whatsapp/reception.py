"""Taking a message in: whose it is, whether a tap still stands, and what waited for it."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from bot.channels.taps import STALE, asked, is_past
from bot.channels.whatsapp.faults import WINDOW
from bot.channels.whatsapp.inbound import Posted
from bot.channels.whatsapp.media import Attachments
from bot.channels.whatsapp.sending import is_kept
from bot.conversations import Conversations, Inbound, Settle
from bot.store.aliases import link, resolve
from bot.store.notes import note, noted
from bot.store.outbox import again, number_of
from bot.store.records import Address, Line


class Reception:
    """Takes messages for ``conversations``."""

    def __init__(self, conversations: Conversations, attachments: Attachments) -> None:
        self._conversations = conversations
        self._store = conversations.store
        self._attachments = attachments

    async def take(self, posted: Posted, at: datetime) -> None:
        """Take one message: when this returns it has had its effect, once. Raises ``StoreAway``."""
        address = await resolve(self._store, posted.names)
        before = await noted(self._store, address, "to", "heard", "out")
        await self._note(address, posted, at, before)
        inbound = self._inbound(posted, address)
        received = await self._conversations.receive(inbound, self._settle(posted) if posted.option else None)
        await link(self._store, address, posted.names)
        if posted.media and not received.seen:
            await self._attachments.fetch_later(address, posted.sid, posted.media, inbound.attachments)
        await self._send_what_waited(address, before["heard"])

    async def _note(self, address: Address, posted: Posted, at: datetime, before: dict[str, str]) -> None:
        """Where to reply, when the person was heard, and whether they want to be written to."""
        told: dict[str, str] = {}
        if before["to"] != posted.sender:
            told["to"] = posted.sender
        if not before["heard"] or datetime.fromisoformat(before["heard"]) < at:
            told["heard"] = at.astimezone(UTC).isoformat()
        told["out"] = self._out(posted)
        await note(self._store, address, **told)

    def _out(self, posted: Posted) -> str:
        """``twilio``: Twilio itself sends nothing more; ``stop``: asked of us; empty: may be written to."""
        if posted.opt_out == "STOP":
            return "twilio"
        said = re.sub(r"\W+", " ", posted.text.casefold()).strip()
        stops = self._conversations.content.script.whatsapp.opt_out
        return "stop" if not posted.opt_out and said in stops else ""

    def _inbound(self, posted: Posted, address: Address) -> Inbound:
        inbound = Inbound(posted.sid, address, datetime.now().astimezone(), posted.text, name=posted.profile)
        names = self._attachments.names(posted.sid, len(posted.media), posted.media_kinds)
        inbound = replace(inbound, attachments=names)
        if posted.kind:
            return replace(inbound, kind="media", detail=posted.kind)
        return inbound

    def _settle(self, posted: Posted) -> Settle:
        async def settle(inbound: Inbound) -> Inbound:
            lines = await self._store.transcript(inbound.address)
            number = await number_of(self._store, inbound.address, posted.replied_to) if posted.replied_to else None
            return tapped(inbound, posted, lines, number)

        return settle

    async def _send_what_waited(self, address: Address, heard: str) -> None:
        """Send what came too late for the window, now that it is open."""
        states = await self._store.delivery_states(address)
        late = [number for number, state in states.items() if state.startswith(f"failed:{WINDOW}")]
        if late:
            lines = dict(await self._store.transcript(address))
            kept = [number for number in sorted(late) if number in lines and is_kept(lines[number], heard)]
            if kept and await again(self._store, address, kept):
                self._conversations.kick(self._store.id_of(address))


def tapped(inbound: Inbound, posted: Posted, lines: Sequence[tuple[int, Line]], number: int | None) -> Inbound:
    """What a tap means. Under a question that no longer waits it means nothing: a late "Tidak" must not answer another.

    ``number`` is the line that the menu stood under, where that is known. A row is one of what may be several.
    """
    ours = asked(lines)
    if not ours:
        return inbound
    last = ours[-1][1]
    under = next((line for n, line in ours if n == number), None)
    if under is not None and is_past(under, last) and posted.option in _ids(under):
        return replace(inbound, kind="tap", options=(STALE,))
    if posted.option in _ids(last) or (under is not None and posted.option in _ids(under)):
        whole = not (last.asks is not None and last.asks.kind == "multi" and posted.option in last.asks.ids)
        return replace(inbound, kind="tap", options=(posted.option,), complete=whole)
    if any(posted.option in _ids(line) for _, line in ours):
        return replace(inbound, kind="tap", options=(posted.option if ":" in posted.option else STALE,))
    # Nothing of ours: what it says is read as if it had been typed.
    return inbound


def _ids(line: Line) -> frozenset[str]:
    return frozenset(option.id for option in line.options)
