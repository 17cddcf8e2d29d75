"""What a file is, by its bytes; and how the file of a stranger is answered."""

import pytest
from starlette.requests import Request

from bot.channels.files import OTHER, described, file_name, headers_of, kind_of, plain_name, sniff, told
from bot.channels.serving import file_answer

JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF" + b"\x00" * 20
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 20


@pytest.mark.parametrize(
    ("body", "type", "kind"),
    [
        (JPEG, "image/jpeg", "photo"),
        (PNG, "image/png", "photo"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp", "photo"),
        (b"GIF89a....", "image/gif", "photo"),
        (b"OggS\x00\x02OpusHead", "audio/ogg", "voice"),
        (b"\x1aE\xdf\xa3....webm....A_OPUS", "audio/webm", "audio"),
        (b"\x1aE\xdf\xa3....webm....V_VP9", "video/webm", "video"),
        (b"\x00\x00\x00\x20ftypM4A \x00", "audio/mp4", "audio"),
        (b"\x00\x00\x00\x20ftypisom\x00 soun", "audio/mp4", "audio"),
        (b"\x00\x00\x00\x20ftypisom\x00 hdlr vide", "video/mp4", "video"),
        (b"\x00\x00\x00\x14ftyp3gp4", "video/3gpp", "video"),
        (b"ID3\x04", "audio/mpeg", "audio"),
        (b"\xff\xfb\x90\x00", "audio/mpeg", "audio"),
        (b"#!AMR\n", "audio/amr", "audio"),
        (b"%PDF-1.7", "application/pdf", "document"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'>", OTHER, "document"),
        (b"<!doctype html><script>", OTHER, "document"),
        (b"PK\x03\x04word/document.xml", OTHER, "document"),
        (b"\x00\x00\x00\x18ftypheic", OTHER, "document"),
        (b"MZ\x90", OTHER, "document"),
        (b"", OTHER, "document"),
    ],
)
def test_a_file_is_what_its_bytes_say(body: bytes, type: str, kind: str) -> None:
    assert sniff(body) == type
    assert kind_of(type) == kind


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("Surat%20rujukan.pdf", "Surat rujukan"),
        ("..%2F..%2Fetc%2Fpasswd", "passwd"),
        ("C%3A%5Cfoto%5Cluka.jpg", "luka"),
        ("%3Cscript%3Ealert(1)%3C%2Fscript%3E.pdf", "script"),
        ("%0d%0aSet-Cookie%3A%20x.pdf", "Set-Cookie x"),
        ("%ff%fe.pdf", "\ufffd\ufffd"),
        ("x" * 900, "x" * 100),
        ("", ""),
    ],
)
def test_names_of_files_are_harmless(given: str, name: str) -> None:
    assert plain_name(given) == name


def test_a_name_is_kept_beside_the_type() -> None:
    assert told(described("application/pdf", "Surat; rujukan=1")) == ("application/pdf", "Surat; rujukan=1")
    assert told(described("image/png", "")) == ("image/png", "")
    assert told("Text/HTML; charset=utf-8") == ("text/html", "")
    assert file_name("application/pdf", "") == "lampiran.pdf"
    assert file_name(OTHER, "x") == "x"


def test_only_what_runs_nothing_is_shown() -> None:
    assert headers_of("image/png")["Content-Disposition"].startswith("inline")
    for type in ("application/pdf", "text/html", "image/svg+xml", OTHER):
        assert headers_of(type)["Content-Disposition"].startswith("attachment")
    headers = headers_of("application/pdf", 'a"b\r\nx')
    assert headers["Content-Disposition"] == "attachment; filename*=UTF-8''a%22b%0D%0Ax.pdf"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in headers["Content-Security-Policy"]
    assert "no-store" in headers["Cache-Control"]


def request(range: str = "") -> Request:
    headers = [(b"range", range.encode())] if range else []
    return Request({"type": "http", "method": "GET", "path": "/", "headers": headers})


@pytest.mark.parametrize(
    ("range", "status", "body"),
    [
        ("", 200, b"OggS456789"),
        ("bytes=0-1", 206, b"Og"),
        ("bytes=4-", 206, b"456789"),
        ("bytes=-3", 206, b"789"),
        ("bytes=8-99", 206, b"89"),
        ("bytes=-99", 206, b"OggS456789"),
        ("bytes=10-", 200, b"OggS456789"),
        ("bytes=5-4", 200, b"OggS456789"),
        ("bytes=-0", 200, b"OggS456789"),
        ("bytes=-", 200, b"OggS456789"),
        ("bytes=0-1,4-5", 200, b"OggS456789"),
        ("bytes=" + "9" * 99 + "-", 200, b"OggS456789"),
    ],
)
def test_sound_is_given_in_parts(range: str, status: int, body: bytes) -> None:
    answer = file_answer(request(range), "audio/ogg", b"OggS456789")
    assert (answer.status_code, answer.body, answer.headers["content-type"]) == (status, body, "audio/ogg")


def test_what_is_called_a_page_is_looked_into() -> None:
    assert file_answer(request(), "text/html; charset=utf-8", PNG).headers["content-type"] == "image/png"
    assert file_answer(request(), "image/svg+xml", b"<svg/>").headers["content-type"] == OTHER
