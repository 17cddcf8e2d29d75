"""Encryption at rest. What a patient said is never stored in the clear, nor is where it came from.

Keys are derived from ``SECRET_KEY`` by HKDF; values are sealed by AES-256-GCM with the storage key's name as
associated data, so that a value moved to another key does not open.
"""

import hashlib
import hmac
import os
from collections.abc import Sequence
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

NONCE_BYTES: Final = 12
KEY_ID_BYTES: Final = 4


class SealError(Exception):
    """A stored value that none of the keys opens."""


class Sealer:
    """Seals with the first of ``secrets`` and opens with any: the others are old keys during a rotation."""

    def __init__(self, secrets: Sequence[str]) -> None:
        keys = [_derive(secret, b"data") for secret in secrets]
        self._current = _key_id(keys[0])
        self._ciphers = {_key_id(key): AESGCM(key) for key in keys}
        self._sealing = self._ciphers[self._current]
        self._naming = hmac.new(_derive(secrets[-1], b"names"), digestmod="sha256")

    def seal(self, value: bytes, name: str) -> bytes:
        """``value`` sealed under ``name``, the place where it will stand."""
        nonce = os.urandom(NONCE_BYTES)
        return self._current + nonce + self._sealing.encrypt(nonce, value, name.encode())

    def open(self, sealed: bytes, name: str) -> bytes:
        """What ``seal`` was given. Raises ``SealError`` for a wrong key, a wrong name or a damaged value."""
        key_id, nonce, body = sealed[:KEY_ID_BYTES], sealed[KEY_ID_BYTES:][:NONCE_BYTES], sealed[16:]
        cipher = self._ciphers.get(key_id)
        if cipher is None:
            raise SealError("sealed with another SECRET_KEY")
        try:
            return cipher.decrypt(nonce, body, name.encode())
        except InvalidTag:
            raise SealError("damaged, or sealed for another place") from None

    def name(self, *parts: str) -> str:
        """A keyed hash of ``parts``: the same always, and nothing that leads back to them without the key."""
        naming = self._naming.copy()  # keyed already, which takes longer than the hash itself
        naming.update("\x00".join(parts).encode())
        return naming.hexdigest()[:32]


def _derive(secret: str, purpose: bytes) -> bytes:
    return HKDF(hashes.SHA256(), 32, salt=b"tanyakaki", info=purpose).derive(secret.encode())


def _key_id(key: bytes) -> bytes:
    return hashlib.sha256(b"id" + key).digest()[:KEY_ID_BYTES]
