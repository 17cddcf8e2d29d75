"""What Twilio posts for a patient's message: a signed form with the fields that a real one has."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode

from twilio.request_validator import RequestValidator

PATH: Final = "/webhooks/twilio"
ACCOUNT: Final = "AC" + "0" * 32
TOKEN: Final = "a token for measuring"
SENDER: Final = "whatsapp:+6221000000"
PUBLIC_URL: Final = "https://chat.klinik.example"

_VALIDATOR: Final = RequestValidator(TOKEN)


def post(number: str, sid: str, text: str) -> bytes:
    """The request that brings ``text`` from a patient's ``number``, as HTTP/1.1 over a connection that stays open."""
    form = _form(number, sid, text)
    body = urlencode(form).encode()
    head = (
        f"POST {PATH} HTTP/1.1\r\nHost: chat.klinik.example\r\nUser-Agent: TwilioProxy/1.1\r\nAccept: */*\r\n"
        "Content-Type: application/x-www-form-urlencoded; charset=UTF-8\r\n"
        f"X-Twilio-Signature: {_VALIDATOR.compute_signature(PUBLIC_URL + PATH, form)}\r\n"
        f"I-Twilio-Idempotency-Token: {sid}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _form(number: str, sid: str, text: str) -> Mapping[str, str]:
    return {
        "SmsMessageSid": sid,
        "NumMedia": "0",
        "ProfileName": "Sari",
        "MessageType": "text",
        "SmsSid": sid,
        "WaId": number.removeprefix("+"),
        "SmsStatus": "received",
        "Body": text,
        "To": SENDER,
        "NumSegments": "1",
        "ReferralNumMedia": "0",
        "MessageSid": sid,
        "AccountSid": ACCOUNT,
        "From": f"whatsapp:{number}",
        "ApiVersion": "2010-04-01",
    }
