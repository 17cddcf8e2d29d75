"""What ``doctor`` finds."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; of a fault ``text`` says how to mend it. A ``note`` is well, and worth knowing."""

    well: bool
    text: str
    note: bool = False

    def __str__(self) -> str:
        kind = "FAULT" if not self.well else "note" if self.note else "ok"
        return f"{kind:5} {self.text}"


def ok(text: str) -> Finding:
    return Finding(True, text)


def note(text: str) -> Finding:
    return Finding(True, text, note=True)


def fault(text: str) -> Finding:
    return Finding(False, text)
