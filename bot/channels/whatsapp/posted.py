"""What Twilio posts, read no further than is allowed: a signed form, or a status to answer with."""

from collections import Counter
from typing import Final
from urllib.parse import parse_qsl

from starlette.datastructures import ImmutableMultiDict
from starlette.requests import ClientDisconnect, Request

from bot.channels.whatsapp.signature import SIGNATURE_HEADER, SIGNATURE_SETTINGS_HEADER, Form, Signatures
from bot.logs import logger_of

log = logger_of(__name__)

LARGEST_BODY: Final = 256 * 1024
MOST_FIELDS: Final = 500
FORM: Final = "application/x-www-form-urlencoded"


class BadPost(Exception):
    """A post that is not taken."""

    def __init__(self, status: int, problem: str) -> None:
        super().__init__(problem)
        self.status = status


class Posts:
    """Reads posts; ``refused`` counts those that were not taken, by status."""

    def __init__(self, signatures: Signatures) -> None:
        self._signatures = signatures
        self.refused: Counter[int] = Counter()

    async def form(self, request: Request) -> Form:
        """The form of a genuine post. Raises ``BadPost``."""
        try:
            return await self._form(request)
        except BadPost as error:
            self.refused[error.status] += 1
            # Every tenfold is told, so that a flood of forged posts fills no disk.
            if str(self.refused[error.status]).strip("0") == "1":
                log.warning("a webhook was refused", status=error.status, count=self.refused[error.status])
            raise

    async def _form(self, request: Request) -> Form:
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
            raise BadPost(415, "the body is no form")
        form = _parsed(await _body(request))
        signature = request.headers.get(SIGNATURE_HEADER, "")
        if not self._signatures.holds(
            _target(request), form, signature, request.headers.get(SIGNATURE_SETTINGS_HEADER, "")
        ):
            raise BadPost(403, "the signature is not Twilio's")
        return form


async def _body(request: Request) -> bytes:
    declared = request.headers.get("content-length", "0")
    if declared.isdecimal() and int(declared) > LARGEST_BODY:
        raise BadPost(413, "the body is too large")
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > LARGEST_BODY:
                raise BadPost(413, "the body is too large")
    except ClientDisconnect:
        raise BadPost(400, "the body was cut off") from None
    return bytes(body)


def _parsed(body: bytes) -> Form:
    """Blank fields are kept: they are signed, too."""
    try:
        pairs = parse_qsl(body.decode("utf-8"), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS)
    except ValueError:
        raise BadPost(400, "the body is no form") from None
    return ImmutableMultiDict(pairs)


def _target(request: Request) -> str:
    """The path and the query as they were sent, before anybody decoded them."""
    path = request.scope.get("raw_path") or request.url.path.encode()
    query = request.scope.get("query_string", b"")
    return bytes(path).partition(b"?")[0].decode("latin-1") + (f"?{query.decode('latin-1')}" if query else "")
