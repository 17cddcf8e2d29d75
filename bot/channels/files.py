"""What a file is: told from its bytes, never from what somebody calls it. Pure."""

import re
from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import quote, unquote

MEBIBYTE: Final = 1024 * 1024
LARGEST: Final = 10 * MEBIBYTE
"""Bytes of a file that is taken from a browser."""

OTHER: Final = "application/octet-stream"
LONGEST_NAME: Final = 100

KINDS: Final[Mapping[str, str]] = {
    "image/jpeg": "photo",
    "image/png": "photo",
    "image/webp": "photo",
    "image/gif": "photo",
    "audio/ogg": "voice",
    "audio/webm": "audio",
    "audio/mp4": "audio",
    "audio/mpeg": "audio",
    "audio/amr": "audio",
    "video/mp4": "video",
    "video/webm": "video",
    "video/3gpp": "video",
    "application/pdf": "document",
}
"""The types that are known, and the kind as which a transcript names each."""

FROM_PATIENTS: Final = frozenset(
    {"image/jpeg", "image/png", "image/webp", "audio/ogg", "audio/webm", "audio/mp4", "audio/mpeg", "application/pdf"}
)
FROM_STAFF: Final = frozenset({"image/jpeg", "image/png", "audio/ogg", "audio/mp4", "audio/mpeg", "application/pdf"})
"""What every channel can carry on."""

INLINE: Final = frozenset(type for type in KINDS if type != "application/pdf")
"""What a browser shows of itself without running anything."""

EXTENSIONS: Final[Mapping[str, str]] = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
    "image/gif": "gif",
    "audio/ogg": "ogg",
    "audio/webm": "weba",
    "audio/mp4": "m4a",
    "audio/mpeg": "mp3",
    "audio/amr": "amr",
    "video/mp4": "mp4",
    "video/webm": "webm",
    "video/3gpp": "3gp",
    "application/pdf": "pdf",
}

_AUDIO_BRANDS: Final = (b"M4A ", b"M4B ", b"F4A ")
_STILL_BRANDS: Final = (b"heic", b"heix", b"mif1", b"msf1", b"avif")


def sniff(body: bytes) -> str:
    """The content type of ``body``; ``application/octet-stream`` for whatever is not known."""
    for begins, type in _SIGNS:
        if begins(body):
            return type
    if body[4:8] == b"ftyp":
        return _boxed(body)
    if body.startswith(b"\x1aE\xdf\xa3"):
        return "video/webm" if re.search(rb"V_(VP8|VP9|AV1|MPEG)", body[: 64 * 1024]) else "audio/webm"
    if body.startswith(b"OggS"):
        return OTHER if b"theora" in body[:4096] else "audio/ogg"
    return OTHER


def _boxed(body: bytes) -> str:
    """MP4 and its kin: by the brand, else by whether it has a picture."""
    brand = body[8:12]
    if brand in _STILL_BRANDS:
        return OTHER
    if brand.startswith(b"3g"):
        return "video/3gpp"
    return "audio/mp4" if brand in _AUDIO_BRANDS or b"vide" not in body else "video/mp4"


_SIGNS: Final[tuple[tuple[Callable[[bytes], bool], str], ...]] = (
    (lambda body: body.startswith(b"\xff\xd8\xff"), "image/jpeg"),
    (lambda body: body.startswith(b"\x89PNG\r\n\x1a\n"), "image/png"),
    (lambda body: body[:4] == b"RIFF" and body[8:12] == b"WEBP", "image/webp"),
    (lambda body: body.startswith((b"GIF87a", b"GIF89a")), "image/gif"),
    (lambda body: body.startswith(b"%PDF-"), "application/pdf"),
    (lambda body: body.startswith(b"#!AMR"), "audio/amr"),
    (
        lambda body: body.startswith(b"ID3") or re.match(rb"\xff[\xe2\xe3\xf2\xf3\xfa\xfb]", body) is not None,
        "audio/mpeg",
    ),
)


def kind_of(type: str) -> str:
    """The kind as which a transcript names a file of this type."""
    return KINDS.get(type, "document")


def headers_of(type: str, name: str = "") -> dict[str, str]:
    """How a file of a stranger is answered, so that it can do a browser no harm: nothing of it runs, and what is no
    picture or sound is only saved."""
    place = "inline" if type in INLINE else "attachment"
    return {
        "Content-Disposition": f"{place}; filename*=UTF-8''{quote(file_name(type, name), safe='')}",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "private, no-store",
    }


def described(type: str, name: str) -> str:
    """A type with the file's own name, as it is kept."""
    return f"{type}; name={quote(name, safe='')}" if name else type


def told(described: str) -> tuple[str, str]:
    """Type and name of what was kept; the name is empty where none is known."""
    type, _, rest = described.partition(";")
    return type.strip().lower(), unquote(rest.strip().removeprefix("name=")) if "name=" in rest else ""


def file_name(type: str, name: str) -> str:
    """What a file is called where it is saved."""
    return f"{name or 'lampiran'}.{EXTENSIONS[type]}" if type in EXTENSIONS else name or "lampiran"


def plain_name(quoted: str) -> str:
    """A file's name as its owner calls it, without its path, its ending and what does not print."""
    name = unquote(quoted[: 3 * LONGEST_NAME], errors="replace").replace("\\", "/").rpartition("/")[2]
    name = "".join(letter for letter in name if letter.isprintable()).rpartition(".")[0] or name
    return " ".join(re.sub(r'[<>:"|?*%;]', " ", name).split()).strip(" .")[:LONGEST_NAME]
