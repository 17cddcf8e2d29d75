"""What Twilio's error codes mean for us, and for the clinic's desk."""

from collections.abc import Mapping
from typing import Final

from bot.delivery import Refused, TryLater

WINDOW: Final = "63016"
OPTED_OUT: Final = ("21610", "63014")
TOO_FAST: Final = ("63018", "63119", "20429", "63032")
MENU_REFUSED: Final = ("63005", "63013", "63021", "21655", "21656", "21657", "21658")
OURS: Final = ("20003", "20404", "20006", "20008", "63007", "21606", "21603", "21212")
"""Faults of the account or of our settings: once they are mended the message goes, so it is kept."""

MEND_SECONDS: Final = 60.0
SLOW_SECONDS: Final = 12.0


def refused(code: str, reasons: Mapping[str, str]) -> Refused:
    """The refusal with the reason that the desk shows."""
    return Refused(f"{code}: {reasons.get(code, reasons['other'])}" if code else reasons["other"])


def error_of(status: int, code: str, reasons: Mapping[str, str]) -> Exception:
    """What to raise for an answer of Twilio that is no yes."""
    if code in TOO_FAST:
        return TryLater(SLOW_SECONDS)
    if status in (401, 403, 404, 408) or code in OURS:
        return TryLater(MEND_SECONDS)
    return refused(code or str(status), reasons)
