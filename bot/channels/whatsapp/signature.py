"""Whether a webhook comes from Twilio: an HMAC over the address that Twilio saw and every field of the form."""

from collections.abc import Sequence
from typing import Final

from starlette.datastructures import ImmutableMultiDict
from twilio.request_validator import (
    HMAC_SHA1,
    HMAC_SHA256,
    SIGNATURE_HEADER,
    SIGNATURE_SETTINGS_HEADER,
    RequestValidator,
    get_signature_algorithm,
)

FRAGMENT: Final = "#rc=4&rp=all&ct=2000&rt=3000"
"""Stands after the documented webhook address: four more tries, for any fault, 2 s to connect, 3 s to answer. It never
reaches us; whether Twilio signs it is not documented, so both are taken."""

Form = ImmutableMultiDict[str, str]


class Signatures:
    """Checks signatures by one auth token, or by two of them while rotating. ``public_url`` is what Twilio posts to,
    never what a request behind a proxy shows."""

    def __init__(self, tokens: Sequence[str], public_url: str) -> None:
        self._validators = [RequestValidator(token) for token in tokens]
        self._public_url = public_url

    def holds(self, target: str, form: Form, signature: str, settings: str = "") -> bool:
        """Whether one of the tokens made ``signature`` for ``target``, the raw path with the raw query. ``settings`` is
        the header that names another algorithm."""
        algorithm = get_signature_algorithm(settings)
        if not signature or algorithm.upper() not in (HMAC_SHA1, HMAC_SHA256):
            return False
        url = self._public_url + target
        return any(
            validator.validate(address, form, signature, algorithm)
            for validator in self._validators
            for address in (url, url + FRAGMENT)
        )


__all__ = ["FRAGMENT", "SIGNATURE_HEADER", "SIGNATURE_SETTINGS_HEADER", "Form", "Signatures"]
