"""A file as an answer over HTTP."""

import re

from starlette.requests import Request
from starlette.responses import Response

from bot.channels.files import INLINE, headers_of, sniff, told


def file_answer(request: Request, described: str, body: bytes, name: str = "") -> Response:
    """The file, or the part of it that was asked for: Safari plays no sound without parts. Only what is on the list is
    shown as what somebody calls it; all else is looked into."""
    type, own_name = told(described)
    type = type if type in INLINE else sniff(body)
    headers = {**headers_of(type, name or own_name), "Accept-Ranges": "bytes"}
    part = _part(request.headers.get("range", ""), len(body))
    if part is None:
        return Response(body, media_type=type, headers=headers)
    first, last = part
    headers["Content-Range"] = f"bytes {first}-{last}/{len(body)}"
    return Response(body[first : last + 1], 206, headers, type)


def _part(asked: str, length: int) -> tuple[int, int] | None:
    """The first and the last byte of a part; None for the whole, also where what is asked for makes no sense."""
    found = re.fullmatch(r"bytes=(\d{0,12})-(\d{0,12})", asked)
    if found is None or not (found[1] or found[2]):
        return None
    if not found[1]:
        return (max(0, length - int(found[2])), length - 1) if int(found[2]) > 0 and length else None
    first, last = int(found[1]), min(int(found[2] or length), length - 1)
    return (first, last) if first <= last else None
