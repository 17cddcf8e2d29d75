"""Who may do what at the desk."""

from collections.abc import Mapping
from typing import Final, Literal, get_args

Role = Literal["viewer", "front_desk", "clinician", "admin"]
Right = Literal["queue", "read", "reports", "act", "level", "record", "staff", "audit", "forget"]

ROLES: Final[tuple[Role, ...]] = get_args(Role)
RIGHTS: Final[tuple[Right, ...]] = get_args(Right)

_LOOK: Final[frozenset[Right]] = frozenset({"queue", "read", "reports"})
_WORK: Final[frozenset[Right]] = _LOOK | {"act"}
_HEAL: Final[frozenset[Right]] = _WORK | {"level", "record"}

MATRIX: Final[Mapping[Role, frozenset[Right]]] = {
    "viewer": _LOOK,
    "front_desk": _WORK,
    "clinician": _HEAL,
    "admin": frozenset(RIGHTS),
}
"""``act``: claim, release, transfer, reply, note, seen, again, close. ``level``: the clinician's level at closing.
``record``: the conversation as a file for the medical record."""


def allows(role: Role, right: Right) -> bool:
    return right in MATRIX[role]
