"""Twilio's side of the webhooks, signed by Twilio's own ``RequestValidator``."""

from dataclasses import dataclass
from urllib.parse import urlencode

import httpx
from twilio.request_validator import RequestValidator

from tests.channels.whatsapp.fake import ACCOUNT, TOKEN, FakeTwilio, Message


@dataclass
class Webhooks:
    """Twilio's side of the webhooks of a program at ``url``, which it knows by ``public``."""

    twilio: FakeTwilio
    client: httpx.AsyncClient
    public: str
    path: str = "/webhooks/twilio"
    fragment: str = ""

    def form(self, message: Message, **fields: str) -> dict[str, str]:
        """The fields that a real webhook has, blank ones too."""
        sid = message.sid
        return {
            "MessageSid": sid,
            "SmsMessageSid": sid,
            "SmsSid": sid,
            "AccountSid": ACCOUNT,
            "MessagingServiceSid": "",
            "From": message.sender,
            "To": message.to,
            "Body": message.body,
            "WaId": message.sender.removeprefix("whatsapp:+"),
            "ProfileName": "Bu *Sri* 🌸",
            "NumMedia": "0",
            "NumSegments": "1",
            "MessageType": "text",
            "SmsStatus": "received",
            "ApiVersion": "2010-04-01",
            "ChannelMetadata": '{"type":"whatsapp"}',
            **fields,
        }

    async def post(self, form: dict[str, str], path: str = "", signature: str | None = None) -> httpx.Response:
        """One signed post."""
        target = path or self.path
        signed = RequestValidator(TOKEN).compute_signature(self.public + target + self.fragment, form)
        headers = {
            "X-Twilio-Signature": signed if signature is None else signature,
            "Content-Type": "application/x-www-form-urlencoded; charset=utf-8",
        }
        return await self.client.post(target, content=urlencode(form), headers=headers)

    async def write(self, sender: str, text: str, **fields: str) -> httpx.Response:
        """A patient types."""
        return await self.post(self.form(self.twilio.arrive(sender, text), **fields))

    async def tap(self, sender: str, under: Message, id: str) -> httpx.Response:
        """A patient taps what stands under a message of ours."""
        (kind, type), *_ = self.twilio.contents[under.content]["types"].items()
        if kind == "twilio/quick-reply":
            label = next(a["title"] for a in type["actions"] if a["id"] == id)
            fields = {"ButtonText": label, "ButtonPayload": id}
        else:
            label = next(i["item"] for i in type["items"] if i["id"] == id)
            fields = {"ListId": id, "ListTitle": label}
        message = self.twilio.arrive(sender, label)
        extra = {"MessageType": "interactive", "OriginalRepliedMessageSid": under.sid, **fields}
        return await self.post(self.form(message, **extra))

    async def tell(self, message: Message, status: str, code: str = "") -> httpx.Response:
        """A status callback, to the address that came with the message."""
        path = message.callback.removeprefix(self.public)
        form = {
            "MessageSid": message.sid,
            "SmsSid": message.sid,
            "MessageStatus": status,
            "SmsStatus": status,
            "To": message.to,
            "From": message.sender,
            "AccountSid": ACCOUNT,
            "ApiVersion": "2010-04-01",
        }
        return await self.post({**form, **({"ErrorCode": code} if code else {})}, path)
