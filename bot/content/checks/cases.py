"""The ways in which a condition can hold, found symbolically.

A condition is brought into cases: signs that are present, signs that are absent, and for every slot the values that
are left. Numbers matter to a condition only on which side of a bound they lie, so a few numbers around each bound that
the content names stand for all numbers. What is found here is exact for what was told; that the unknown counts as
caution is the business of ``bot.triage.conditions``.
"""

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from bot.ontology import BODY_PARTS, COMPLAINTS, RECURRENCES, SIDES, SIGNS
from bot.triage.conditions import Condition
from bot.triage.facts import ADULT_FROM, ELDERLY_FROM

Value = str | float
Trees = Mapping[str, ast.expr]

SLOT_OF: Final = {"days": "duration_days"}
_NAMED: Final[Mapping[str, tuple[str, ...]]] = {
    "complaint": COMPLAINTS,
    "body_part": BODY_PARTS,
    "side": SIDES,
    "recurrence": RECURRENCES,
}
_NUMBERS: Final = ("days", "age", "episode_seconds")
_FIRST: Final[Mapping[str, tuple[float, ...]]] = {
    "days": (0.5, 400.0),
    "age": (1.0, ADULT_FROM - 1.0, ADULT_FROM, 40.0, ELDERLY_FROM - 1.0, ELDERLY_FROM, 80.0),
    "episode_seconds": (30.0,),
}


@dataclass(frozen=True, slots=True)
class Case:
    """One way in which a condition holds. ``allowed`` has the slots that it limits, by their name in ``Facts``."""

    present: frozenset[str] = frozenset()
    absent: frozenset[str] = frozenset()
    allowed: Mapping[str, frozenset[Value]] = field(default_factory=dict)

    def joined(self, other: "Case") -> "Case | None":
        """Both cases at once, or None where they contradict each other."""
        present, absent = self.present | other.present, self.absent | other.absent
        allowed = dict(self.allowed)
        for slot, values in other.allowed.items():
            allowed[slot] = allowed.get(slot, values) & values
        if present & absent or not all(allowed.values()):
            return None
        return Case(present, absent, allowed)


class Casebook:
    """Finds cases. ``definitions`` are the named conditions of the triage table, ``conditions`` all the content has."""

    def __init__(self, definitions: Trees, conditions: Iterable[ast.expr]) -> None:
        self._definitions = definitions
        self.numbers = _representatives([*definitions.values(), *conditions])

    def cases(self, condition: Condition) -> list[Case]:
        """Every minimal case of ``condition``: none contains another."""
        return _minimal(self._cases(condition.tree, True))

    def against(self, condition: Condition) -> list[Case]:
        """Every minimal case in which ``condition`` does not hold."""
        return _minimal(self._cases(condition.tree, False))

    def _cases(self, node: ast.expr, wanted: bool) -> list[Case]:
        match node:
            case ast.BoolOp(op=op, values=values):
                parts = [self._cases(value, wanted) for value in values]
                return _together(parts) if isinstance(op, ast.And) is wanted else _either(parts)
            case ast.UnaryOp(operand=operand):
                return self._cases(operand, not wanted)
            case ast.Name(id=name) if name in self._definitions:
                return self._cases(self._definitions[name], wanted)
            case ast.Name(id=name):
                return _word(name, wanted, self.numbers["age"])
            case ast.Compare(left=ast.Name(id=name), ops=[op], comparators=[right]):
                return [Case(allowed={SLOT_OF.get(name, name): self._values(name, op, right, wanted)})]
        raise AssertionError(f"the compiler let {ast.unparse(node)!r} pass")

    def _values(self, name: str, op: ast.cmpop, right: ast.expr, wanted: bool) -> frozenset[Value]:
        if name in _NAMED:
            named = {part.id for part in ast.walk(right) if isinstance(part, ast.Name)}
            inside = isinstance(op, ast.Eq | ast.In) is wanted
            return frozenset(value for value in _NAMED[name] if (value in named) is inside)
        assert isinstance(right, ast.Constant)
        text = ast.unparse(ast.Compare(ast.Name("x"), [op], [right]))
        test = eval(f"lambda x: {text}", {"__builtins__": {}})  # noqa: S307 - a number, compared with a number
        return frozenset(value for value in self.numbers[name] if bool(test(value)) is wanted)


def _word(name: str, wanted: bool, ages: Sequence[float]) -> list[Case]:
    if name in ("side_settled", "days_settled"):
        return [Case()] if wanted else []
    if name in ("one_side", "both_sides"):
        both = (name == "both_sides") is wanted
        return [Case(allowed={"side": frozenset(SIDES[2:] if both else SIDES[:2])})]
    if name in ("elderly", "child"):
        inside = {age for age in ages if (age >= ELDERLY_FROM if name == "elderly" else age < ADULT_FROM)}
        return [Case(allowed={"age": frozenset(inside if wanted else set(ages) - inside)})]
    assert name in SIGNS, name
    return [Case(present=frozenset({name})) if wanted else Case(absent=frozenset({name}))]


def _either(parts: Iterable[list[Case]]) -> list[Case]:
    return [case for part in parts for case in part]


def _together(parts: Iterable[list[Case]]) -> list[Case]:
    joined = [Case()]
    for part in parts:
        joined = [both for one in joined for other in part if (both := one.joined(other))]
    return joined


def _minimal(cases: Sequence[Case]) -> list[Case]:
    kept: list[Case] = []
    for case in sorted(cases, key=lambda case: len(case.present) + len(case.absent) + len(case.allowed)):
        if not any(_covers(other, case) for other in kept):
            kept.append(case)
    return kept


def _covers(wide: Case, narrow: Case) -> bool:
    """Whether whatever fits ``narrow`` fits ``wide`` too."""
    slots = all(narrow.allowed.get(slot, frozenset()) <= values for slot, values in wide.allowed.items())
    limited = wide.allowed.keys() <= narrow.allowed.keys()
    return wide.present <= narrow.present and wide.absent <= narrow.absent and limited and slots


def _representatives(trees: Iterable[ast.expr]) -> Mapping[str, tuple[float, ...]]:
    """For each number a few values: below, at and above every bound that any condition names."""
    found: dict[str, set[float]] = {name: set(_FIRST[name]) for name in _NUMBERS}
    for name, bound in _bounds(trees):
        found[name] |= {bound - 1.0, bound, bound + 1.0} if bound >= 2 else {bound / 2, bound, bound + 1.0}
    return {name: tuple(sorted(values)) for name, values in found.items()}


def _bounds(trees: Iterable[ast.expr]) -> Iterator[tuple[str, float]]:
    for tree in trees:
        for node in ast.walk(tree):
            match node:
                case ast.Compare(left=ast.Name(id=name), comparators=[ast.Constant(value=bound)]):
                    yield name, float(bound)  # type: ignore[arg-type]
