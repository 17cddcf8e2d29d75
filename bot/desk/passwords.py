"""Passwords: argon2id, generated ones, and what a chosen one must be."""

import asyncio
import base64
import re
import secrets
import unicodedata
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST: Final = 12
LONGEST: Final = 256
FEWEST_DIFFERENT: Final = 5

COMMON: Final = (
    *("password", "passwort", "katasandi", "sandi", "rahasia", "qwerty", "qwertyuiop", "asdfghjkl", "zxcvbnm"),
    *("admin", "administrator", "klinik", "sehat", "perawat", "dokter", "bidan", "pasien", "petugas", "kaki", "tanya"),
    *(
        "meja",
        "indonesia",
        "jakarta",
        "bismillah",
        "sayang",
        "cinta",
        "selamat",
        "pagi",
        "datang",
        "welcome",
        "letmein",
    ),
    *("iloveyou", "abcdefghijkl", "abc", "abcd", "abcde", "anjing", "rumah", "sakit", "puskesmas", "staff", "staf"),
)
"""Words of which alone, with any digits and signs, people make passwords at a clinic that others guess first."""

LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"
"""For passwords that are read out and copied by hand: nothing that looks like something else."""


class Passwords:
    """Hashes and checks, one at a time: a hash takes a core and 46 MiB for a tenth of a second, and the other core
    is for the patients.

    The cost is twice what OWASP's cheat sheet on password storage asks (46 MiB, one pass, one lane).
    """

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher(time_cost=2, memory_cost=47_104, parallelism=1)
        self._turn = asyncio.Semaphore(1)
        self.dummy = _unfitting(self._hasher)

    async def hash(self, password: str) -> str:
        async with self._turn:
            return await asyncio.to_thread(self._hasher.hash, _normal(password))

    async def fits(self, hash: str | None, password: str) -> bool:
        """Whether the password is that of the hash. Without a hash it takes as long, and is wrong."""
        async with self._turn:
            return await asyncio.to_thread(self._verify, hash or self.dummy, _normal(password))

    def outdated(self, hash: str) -> bool:
        """Whether the hash was made at another cost than today's."""
        return self._hasher.check_needs_rehash(hash)

    def _verify(self, hash: str, password: str) -> bool:
        try:
            return self._hasher.verify(hash, password)
        except (VerificationError, InvalidHashError):
            return False


def _normal(password: str) -> str:
    """The same password on every keyboard, and no longer than one types: the rest would only cost time."""
    return unicodedata.normalize("NFKC", password[: LONGEST + 1]).encode("utf-8", "replace").decode()


def _unfitting(hasher: PasswordHasher) -> str:
    """A hash that costs what a real one costs, and that no password fits."""
    salt, digest = (
        base64.b64encode(secrets.token_bytes(size)).rstrip(b"=").decode() for size in (hasher.salt_len, hasher.hash_len)
    )
    return f"$argon2id$v=19$m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}${salt}${digest}"


def one_time() -> str:
    """A password for the first log-in: 79 bits in four groups."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(4))


def is_weak(password: str, username: str) -> bool:
    """Whether a chosen password is too short, too long, a number (of a phone, an identity card), a few keys only, or
    made of nothing but the username and words that everybody thinks of."""
    letters = "".join(filter(str.isalpha, password.casefold()))
    for word in sorted({*COMMON, *re.findall(r"[a-z]{3,}", username)}, key=len, reverse=True):
        letters = letters.replace(word, "")
    return not SHORTEST <= len(password) <= LONGEST or len(set(letters)) < FEWEST_DIFFERENT
