"""Sending one line: in its window, at the account's pace, as a menu where there is one, as text where there is not."""

import asyncio
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from twilio.base.exceptions import TwilioException
from twilio.rest import Client

from bot.channels.whatsapp.contents import Contents
from bot.channels.whatsapp.faults import OPTED_OUT, WINDOW, error_of, refused
from bot.channels.whatsapp.inbound import CHANNEL, PREFIX
from bot.channels.whatsapp.links import Links
from bot.channels.whatsapp.rendering import LONGEST_WITH_MENU, named, pieces, text_of, units, with_menu
from bot.delivery import Refused, TryLater
from bot.dialogue.script import Script
from bot.logs import logger_of
from bot.store.limits import Limit, seconds_until_allowed
from bot.store.media import is_own
from bot.store.notes import note, noted
from bot.store.records import Address, Line
from bot.store.store import Store

log = logger_of(__name__)

WINDOW_OPEN: Final = timedelta(hours=24)
PAIR_SECONDS: Final = 6.0
PAIR_BURST: Final = 40
"""A user may be sent one message in about six seconds, about 45 at once: WhatsApp's pair rate."""

PATIENCE_SECONDS: Final = 2.0
"""How long a send waits for its turn with its place in hand; longer, and it comes again."""


@dataclass(frozen=True, slots=True)
class Part:
    """One message of a line: text, or a file of ours, under which there may be text."""

    text: str
    file: str = ""


class Sender:
    """Sends lines of one sender. ``script`` gives the content as it is now, None while the program starts."""

    def __init__(
        self,
        store: Store,
        client: Callable[[], Client],
        contents: Contents,
        sender: str,
        callback: str,
        rate: float,
        script: Callable[[], Script | None],
        links: Links,
    ) -> None:
        self._store = store
        self._client = client
        self._contents = contents
        self._sender = sender
        self._callback = callback
        self._rate = rate
        self._script = script
        self._links = links

    async def send(self, address: Address, line: Line) -> str:
        """Send ``line`` and give Twilio's id of it. Raises ``Refused`` or ``TryLater``."""
        script = self._script()
        if script is None:
            raise TryLater(1.0)
        notes = await noted(self._store, address, "to", "heard", "out", "plain")
        to = PREFIX + (notes["to"] or address.id)
        # Whether an emergency may be told is for WhatsApp to refuse, not for our books.
        if notes["out"] and not line.emergency and (notes["out"] != "stop" or not answers(line, notes["heard"])):
            raise refused(OPTED_OUT[0], script.whatsapp.errors)
        if is_closed(notes["heard"]) and not line.emergency:
            return await self._outside(address, to, line, notes["heard"], script)
        return await self._inside(address, to, line, bool(notes["plain"]), script)

    async def _inside(self, address: Address, to: str, line: Line, plain: bool, script: Script) -> str:
        shown = None if plain else with_menu(line)
        if shown is not None:
            menu, text = shown
            name = menu.name(script.whatsapp.list_button)
            content = await self._contents.id_of(name)
            if content:
                await self._turn(address)
                try:
                    return await self._create(to, content_sid=content, content_variables=json.dumps({"1": text}))
                except TwilioException as error:
                    if _code(error) in (WINDOW, *OPTED_OUT) or not _is_final(error):
                        raise await self._told(address, line, error, script) from None
                    log.warning("a menu was refused and goes as text", code=_code(error))
            else:
                await self._contents.want(name, menu)
        return await self._text(address, to, line, script)

    async def _text(self, address: Address, to: str, line: Line, script: Script) -> str:
        """The line as text and files, in as few messages as it fits. What was accepted is not sent again."""
        parts = parts_of(line)
        mark = hashlib.sha256(f"{line.at.isoformat()}{line.text}".encode()).hexdigest()[:16]
        done, id = await self._progress(address, mark) if len(parts) > 1 else (0, "")
        for number, part in enumerate(parts[done:], done + 1):
            await self._turn(address)
            try:
                id = await self._create(to, **await self._content(address, part))
            except TwilioException as error:
                raise await self._told(address, line, error, script) from None
            if len(parts) > 1:
                await note(self._store, address, part=f"{mark} {number} {id}")
        return id

    async def _content(self, address: Address, part: "Part") -> dict[str, Any]:
        if not part.file:
            return {"body": part.text}
        url = await self._links.url(address, part.file)
        if url is None:
            raise Refused("file is gone")
        return {"media_url": [url], **({"body": part.text} if part.text else {})}

    async def _progress(self, address: Address, mark: str) -> tuple[int, str]:
        found = (await noted(self._store, address, "part"))["part"].split()
        return (int(found[1]), found[2]) if len(found) == 3 and found[0] == mark else (0, "")

    async def _outside(self, address: Address, to: str, line: Line, heard: str, script: Script) -> str:
        """More than 24 hours after the patient's last message only approved templates go out. What waits is sent when
        the patient writes again; a template asks for that, once."""
        template = await self._contents.approved(template_name(line.text))
        if template:
            await self._turn(address)
            try:
                return await self._create(to, content_sid=template)
            except TwilioException as error:
                raise await self._told(address, line, error, script) from None
        if is_kept(line, heard):
            await self.ask_to_write(address, script)
        raise refused(WINDOW, script.whatsapp.errors)

    async def ask_to_write(self, address: Address, script: Script) -> None:
        """Ask a patient by an approved template to write, once for each silence."""
        notes = await noted(self._store, address, "to", "heard", "asked")
        text = template_text(script, script.whatsapp.reopen)
        template = await self._contents.approved(template_name(text))
        if not template or notes["asked"] == notes["heard"]:
            return
        await self._turn(address)
        try:
            await self._create(PREFIX + (notes["to"] or address.id), content_sid=template)
        except TwilioException as error:
            log.warning("a template was refused", code=_code(error))
        await note(self._store, address, asked=notes["heard"])

    async def _create(self, to: str, **what: Any) -> str:
        message = await self._client().messages.create_async(
            to=to, from_=self._sender, status_callback=self._callback, **what
        )
        return str(message.sid or "")

    async def _told(self, address: Address, line: Line, error: TwilioException, script: Script) -> Exception:
        """What a no of Twilio's means, noted for the next line."""
        code, status = _code(error), int(getattr(error, "status", 0) or 0)
        if code in OPTED_OUT:
            await note(self._store, address, out="blocked")
        if code == WINDOW:
            await self.ask_to_write(address, script)
        if status in (401, 403, 404):
            log.error("Twilio refuses the account, the token or the sender", status=status, code=code)
        return error_of(status, code, script.whatsapp.errors)

    async def _turn(self, address: Address) -> None:
        """Wait for a place in the account's rate and in this person's. Raises ``TryLater`` where that is far off."""
        if not self._rate:
            return
        person = Limit(f"pair:{self._store.id_of(address)}", 1 / PAIR_SECONDS, PAIR_BURST)
        limits = [Limit(f"all:{self._sender}", self._rate, max(1.0, self._rate)), person]
        waited = 0.0
        while wait := await seconds_until_allowed(self._store, CHANNEL, limits):
            if waited + wait > PATIENCE_SECONDS:
                raise TryLater(wait)
            await asyncio.sleep(wait)
            waited += wait


def parts_of(line: Line) -> list[Part]:
    """The messages of a line. WhatsApp shows one file a message, and words under pictures alone."""
    files = [file for file in line.attachments if is_own(file)] if line.who == "staff" else []
    texts = pieces(text_of(line)) if line.text.strip() or not files else []
    if files and len(texts) == 1 and files[0].startswith("photo:") and units(texts[0]) <= LONGEST_WITH_MENU:
        return [Part(texts[0], files[0]), *(Part("", file) for file in files[1:])]
    return [*map(Part, texts), *(Part("", file) for file in files)] or [Part("-")]


def is_closed(heard: str, now: datetime | None = None) -> bool:
    """Whether the 24 hours since the patient was heard are over. Where nothing is known, WhatsApp decides."""
    return bool(heard) and (now or datetime.now(UTC)) - datetime.fromisoformat(heard) >= WINDOW_OPEN


def answers(line: Line, heard: str) -> bool:
    """Whether a line answers what the patient wrote, and was not begun by us."""
    return line.who == "bot" and (not heard or line.at <= datetime.fromisoformat(heard))


def is_kept(line: Line, heard: str) -> bool:
    """Whether a line that came too late is worth sending later: a reminder is not."""
    return line.who == "staff" or answers(line, heard)


def template_name(text: str) -> str:
    return named("template", {"twilio/text": {"body": text}})


def template_text(script: Script, name: str) -> str:
    """The words of a template, with the clinic's own filled in."""
    template = script.whatsapp.templates[name]
    text = script.messages[template.message] if template.message else template.text
    for key, value in script.clinic.items():
        text = text.replace("{" + key + "}", value)
    return text.strip()


def _code(error: TwilioException) -> str:
    return str(getattr(error, "code", None) or "")


def _is_final(error: TwilioException) -> bool:
    """Whether the menu, not the account, was refused: then the text may go."""
    return int(getattr(error, "status", 0) or 0) not in (0, 401, 403, 408)
