"""WhatsApp through Twilio: webhooks in, the REST API out.

    POST /webhooks/twilio          a patient's message: signature, commit, empty TwiML at once
    POST /webhooks/twilio/status   what became of a message of ours
    GET  /media/TOKEN/NAME         a file of the staff's, for Twilio to fetch

Replies go through the outbox. What no webhook brought is read from the account's list (``catch_up``).
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route
from twilio.rest import Client

from bot.channels.whatsapp.catch_up import CatchUp
from bot.channels.whatsapp.client import Gateway, client_of
from bot.channels.whatsapp.contents import Contents
from bot.channels.whatsapp.inbound import CHANNEL, Posted, read
from bot.channels.whatsapp.links import Links
from bot.channels.whatsapp.media import Attachments
from bot.channels.whatsapp.posted import BadPost, Posts
from bot.channels.whatsapp.reception import Reception
from bot.channels.whatsapp.sending import Sender
from bot.channels.whatsapp.signature import Signatures
from bot.channels.whatsapp.status import Statuses
from bot.conversations import Conversations
from bot.dialogue.script import Script
from bot.settings import Settings
from bot.store.records import Address, Line
from bot.store.store import Store, StoreAway

INBOUND: Final = "/webhooks/twilio"
STATUS: Final = "/webhooks/twilio/status"
TWIML: Final = '<?xml version="1.0" encoding="UTF-8"?><Response/>'

Take = Callable[[Mapping[str, str]], Awaitable[None]]


class WhatsApp:
    """The channel of one WhatsApp sender."""

    def __init__(self, settings: Settings, store: Store) -> None:
        account, tokens, sender = settings.twilio_account_sid, tokens_of(settings), settings.twilio_whatsapp_from
        assert account is not None
        assert sender is not None
        assert settings.public_url is not None
        self._store = store
        self._gateway = Gateway(settings.twilio_api_url)
        self._client: Client = client_of(account, tokens[0], self._gateway)
        self._conversations: Conversations | None = None
        self.posts = Posts(Signatures(tokens, settings.public_url))
        self.contents = Contents(store, account)
        self.attachments = Attachments(store, self._gateway, (account, tokens[0]))
        self.links = Links(store, settings.public_url)
        self.sender = Sender(
            store,
            lambda: self._client,
            self.contents,
            sender,
            settings.public_url + STATUS,
            settings.twilio_rate,
            self._script,
            self.links,
        )
        self._catch_up = CatchUp(store, lambda: self._client, sender, self._take)

    async def send(self, address: Address, line: Line) -> str:
        """Send one line. Raises ``Refused`` or ``TryLater``."""
        return await self.sender.send(address, line)

    async def media(self, address: Address, attachment: str) -> tuple[str, bytes] | None:
        """A file that a patient sent. Raises ``FileAway``."""
        return await self.attachments.media(address, attachment)

    def routes(self, conversations: Conversations) -> Sequence[BaseRoute]:
        self._conversations = conversations
        return [
            Route(INBOUND, self.inbound, methods=["POST"]),
            Route(STATUS, self.status, methods=["POST"]),
            self.links.route(),
        ]

    async def run(self, conversations: Conversations) -> None:
        """Catch up and fetch media until cancelled."""
        self._conversations = conversations
        # With ``return_exceptions`` a cancel ends this only once both have ended.
        await asyncio.gather(self._catch_up.run(), self.attachments.run(), return_exceptions=True)

    async def close(self) -> None:
        await self._gateway.close()

    async def inbound(self, request: Request) -> Response:
        """A patient's message. Answered once it has had its effect; the replies go their own way."""
        return await self._answer(request, self._inbound)

    async def status(self, request: Request) -> Response:
        """What became of a message of ours."""
        assert self._conversations is not None
        return await self._answer(request, Statuses(self._conversations, self.sender).take)

    async def _answer(self, request: Request, take: Take) -> Response:
        try:
            await take(await self.posts.form(request))
        except BadPost as error:
            self._count_refused(error.status)
            return _plain(str(error), error.status)
        except StoreAway:
            self._catch_up.wanted.set()
            return _plain("the store is away; send it again", 503)
        except TimeoutError:
            return _plain("too slow; send it again", 503)
        return Response(TWIML, media_type="text/xml")

    def _count_refused(self, status: int) -> None:
        if self._conversations is not None:
            self._conversations.metrics.webhooks_refused.labels(CHANNEL, status).inc()

    async def _inbound(self, form: Mapping[str, str]) -> None:
        posted = read(form)
        if posted is None:
            raise BadPost(400, "the form is no message")
        await self._take(posted, datetime.now(UTC))

    async def _take(self, posted: Posted, at: datetime) -> None:
        assert self._conversations is not None
        await Reception(self._conversations, self.attachments).take(posted, at)

    def _script(self) -> Script | None:
        return self._conversations.content.script if self._conversations is not None else None


def tokens_of(settings: Settings) -> list[str]:
    """The auth tokens, the one in force first."""
    return [token.strip() for token in (settings.twilio_auth_token or "").split(",")]


def _plain(text: str, status: int) -> Response:
    """An answer that is no TwiML. Twilio sends a text that comes with 200 to the patient: this never does."""
    headers = {"Retry-After": "2"} if status == 503 else {}
    return PlainTextResponse(text, status, headers)
