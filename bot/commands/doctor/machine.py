"""What is ours alone: the files, the folder, the port and the public address."""

import asyncio
import http.client
import re
import shutil
import socket
import ssl
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from bot.commands.doctor.finding import Finding, fault, note, ok
from bot.content import Content, ContentError
from bot.service import proven_content_of
from bot.settings import Settings, SettingsError, unwritable

DAYS_TOLD: Final = re.compile(r"(\d+) hari")

LEAST_FREE: Final = 200 * 1024 * 1024
"""Bytes of a disk that is not yet full; the embedded store writes its whole file anew now and then."""

REACHED_SECONDS: Final = 10.0

LOCAL: Final = ("localhost", "127.0.0.1", "::1")


async def check_content(settings: Settings) -> list[Finding]:
    """As ``serve`` reads it: sound, and proven to miss no red flag."""
    try:
        content = await asyncio.to_thread(proven_content_of, settings)
    except ContentError as error:
        return [*map(fault, map(str, error.faults)), fault("the content is not sound: mend it, see `tanyakaki check`")]
    found = [ok(f"the content is sound and proven (version {content.script.version})")]
    if settings.clinic is None:
        found.append(note("CLINIC is not set: patients are told of a sample clinic; `tanyakaki init` writes a file"))
    return [*found, *_check_promise(content, settings.retention_days)]


def _check_promise(content: Content, kept: int) -> Iterator[Finding]:
    """That nothing is kept longer than the sentences promise that ask for consent and tell of privacy."""
    consent = content.script.questions["consent"]
    told = {
        int(days)
        for text in (consent.text, consent.again, content.script.messages["privacy"])
        for days in DAYS_TOLD.findall(text)
    }
    if told == {kept}:
        yield ok(f"patients are told how long their data are kept: {kept} days")
        return
    promised = ", ".join(map(str, sorted(told))) or "no number of"
    yield fault(
        f"patients are promised that their data are kept for {promised} days, and RETENTION_DAYS is {kept}: change the"
        " setting, or the question `consent` in questions.yaml and the sentence `privacy` in messages.yaml"
    )


async def check_key(settings: Settings) -> list[Finding]:
    """That there is a key, and that nobody else of this machine can read it."""
    try:
        settings.secrets()
    except SettingsError as error:
        return [fault(str(error))]
    kept = [Path(".env"), *([] if settings.secret_key else [settings.data_dir / "secret_key"])]
    return [ok("there is a key for what is stored"), *(note(text) for path in kept for text in _readable(path))]


def _readable(path: Path) -> Iterator[str]:
    if path.is_file() and path.stat().st_mode & 0o077:
        yield f"{path} has secrets, and others of this machine may read it: chmod 600 {path}"


async def check_folder(settings: Settings) -> list[Finding]:
    """That the embedded store can write, and goes on being able to."""
    if settings.redis_url is not None:
        return []
    folder = settings.data_dir
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"a few bytes")
    except OSError as error:
        return [fault(unwritable(folder, error))]
    free = shutil.disk_usage(folder).free
    if free < LEAST_FREE:
        return [fault(f"the disk of DATA_DIR {folder} has {free >> 20} MB left: make room, or set another folder")]
    return [ok(f"DATA_DIR {folder} can be written ({free >> 30} GB free)")]


async def check_public_url(settings: Settings) -> list[Finding]:
    if settings.public_url is None:
        return [ok("there is no PUBLIC_URL: Telegram is polled, and the web chat is for this network")]
    parts = urlsplit(settings.public_url)
    if parts.scheme == "https" or parts.hostname in LOCAL:
        return [ok(f"the public address is {settings.public_url}")]
    mend = "patients' words would go open over the net, and Telegram and Twilio post to https alone"
    return [fault(f"PUBLIC_URL {settings.public_url} is not https: {mend}; put a proxy with TLS before the program")]


async def check_reached(settings: Settings, host: str, port: int) -> list[Finding]:
    """Where the program runs: that the public address leads to it, with a certificate that others accept."""
    if settings.public_url is None or not await asyncio.to_thread(_is_ours, host, port):
        return []
    return [await asyncio.to_thread(_reached, settings.public_url, port)]


def _reached(url: str, port: int) -> Finding:
    try:
        with urllib.request.urlopen(f"{url}/healthz", timeout=REACHED_SECONDS) as answer:  # noqa: S310
            told = str(answer.status) if not _is_alive(answer) else ""
    except urllib.error.HTTPError as error:
        told = str(error.code)
    except (OSError, ValueError, http.client.HTTPException) as error:
        reason = getattr(error, "reason", error)
        if isinstance(reason, ssl.SSLCertVerificationError):
            mend = "Telegram, Twilio and browsers refuse it; renew it, with its whole chain"
            return fault(f"the certificate of {url} is not valid ({reason.verify_message}): {mend}")
        return note(f"{url} can't be reached from this machine ({type(reason).__name__}); can it from a telephone?")
    if told:
        mend = f"have the proxy pass everything on to port {port}"
        return fault(f"{url}/healthz is not answered by this program ({told}): {mend}")
    return ok(f"{url} leads to this program")


async def check_port(host: str, port: int) -> list[Finding]:
    """That ``serve`` can listen, or does."""
    if await asyncio.to_thread(_is_ours, host, port):
        return [ok(f"tanyakaki serves on {host} port {port}")]
    try:
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError as error:
        mend = f"end what listens there, or `tanyakaki serve --port {port + 1}`"
        return [fault(f"{host} port {port} can't be listened on ({error.strerror}): {mend}")]
    return [ok(f"{host} port {port} is free for `tanyakaki serve`")]


def _is_ours(host: str, port: int) -> bool:
    """Whether a service of ours answers there."""
    reached = "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104
    name = f"[{reached}]" if ":" in reached else reached
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(f"http://{name}:{port}/healthz", timeout=3) as answer:
            return _is_alive(answer)
    except (OSError, ValueError, http.client.HTTPException):
        return False


def _is_alive(answer: http.client.HTTPResponse) -> bool:
    return answer.read(16).startswith(b"alive")
