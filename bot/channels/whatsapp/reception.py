"""Taking a message in: whose it is, whether a tap still stands, and what waited for it.

An ordinary message is two round trips to Redis: what is known of the person, and the turn with what is known now.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from bot.channels.taps import STALE, asked, is_past
from bot.channels.whatsapp.faults import WINDOW
from bot.channels.whatsapp.inbound import Posted
from bot.channels.whatsapp.media import Attachments
from bot.channels.whatsapp.sending import is_kept
from bot.conversations import Conversations, Inbound
from bot.store.aliases import link
from bot.store.outbox import again, number_of
from bot.store.records import Address, Line, Loaded

NOTES: Final = ("to", "heard", "out")
"""Where to reply, when the person was heard, and whether they want to be written to."""


class Reception:
    """Takes messages for ``conversations``."""

    def __init__(self, conversations: Conversations, attachments: Attachments) -> None:
        self._conversations = conversations
        self._store = conversations.store
        self._attachments = attachments

    async def take(self, posted: Posted, at: datetime) -> None:
        """Take one message: when this returns it has had its effect, once. Raises ``StoreAway``."""
        before: list[Loaded] = []

        async def settle(inbound: Inbound, loaded: Loaded) -> Inbound:
            before.append(loaded)
            inbound = replace(inbound, notes=self._notes(posted, at, loaded.notes))
            return await self._tapped(inbound, posted) if posted.option else inbound

        inbound = self._inbound(posted)
        received = await self._conversations.receive(inbound, settle, NOTES)
        await link(self._store, received.address, posted.names)
        if posted.media and not received.seen:
            await self._attachments.fetch_later(received.address, posted.sid, posted.media, inbound.attachments)
        if before[0].failed:
            await self._send_what_waited(received.address, before[0].notes["heard"])

    def _notes(self, posted: Posted, at: datetime, before: Mapping[str, str]) -> dict[str, str]:
        """What is to be noted of the person that was not so ``before``."""
        told = {"to": posted.sender, "heard": at.astimezone(UTC).isoformat(), "out": self._out(posted)}
        if before["heard"] and datetime.fromisoformat(before["heard"]) >= at:
            del told["heard"]
        return {name: value for name, value in told.items() if value != before[name]}

    def _out(self, posted: Posted) -> str:
        """``twilio``: Twilio itself sends nothing more; ``stop``: asked of us; empty: may be written to."""
        if posted.opt_out == "STOP":
            return "twilio"
        said = re.sub(r"\W+", " ", posted.text.casefold()).strip()
        stops = self._conversations.content.script.whatsapp.opt_out
        return "stop" if not posted.opt_out and said in stops else ""

    def _inbound(self, posted: Posted) -> Inbound:
        return Inbound(
            posted.sid,
            posted.names[0],
            datetime.now().astimezone(),
            posted.text,
            kind="media" if posted.kind else "text",
            detail=posted.kind,
            attachments=self._attachments.names(posted.sid, len(posted.media), posted.media_kinds),
            name=posted.profile,
            names=posted.names,
        )

    async def _tapped(self, inbound: Inbound, posted: Posted) -> Inbound:
        lines = await self._store.transcript(inbound.address)
        number = await number_of(self._store, inbound.address, posted.replied_to) if posted.replied_to else None
        return tapped(inbound, posted, lines, number)

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
