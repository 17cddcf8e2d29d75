"""The small language in which triage rules say when they apply, as a clinician would read it aloud::

    swelling and one_side and (redness or warmth) and days <= 28

Words: every sign of the ontology (true where the patient has it), names that the rules file defines, ``one_side`` and
``both_sides``, ``complaint == cramp``, ``body_part in (calf, shin)``, ``recurrence == frequent``, and comparisons of
``days``, ``age`` and ``episode_seconds`` with a number. ``days`` is the age of the newest sign that the rule names.

What is not known counts as caution: an unknown side is one side, an unknown part of the body is the one that the rule
speaks of, an unknown ``days`` is short. An unknown age or length of an episode makes no comparison true.

``side_settled`` and ``days_settled`` say that side or time was told, or asked in vain. A rule that would send every
"kaki lemas" to emergency care for want of a date waits with them for the question, and is cautious after it.

Rules are monotone in the signs: ``not`` may stand before slots and before ``exercise`` only, so that one more symptom
can never switch a rule off.
"""

import ast
import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from bot.ontology import BODY_PARTS, COMPLAINTS, FACTORS, RECURRENCES, SIDES, SIGNS
from bot.triage.facts import Facts

NEGATABLE: Final = frozenset({*FACTORS}) - {
    "pregnancy",
    "postpartum",
    "prior_dvt",
    "cancer",
    "immobilization",
}
"""Signs that ``not`` may stand before: circumstances, never a symptom or a danger."""

_VALUES: Final[Mapping[str, tuple[str, ...]]] = {
    "complaint": COMPLAINTS,
    "body_part": BODY_PARTS,
    "side": SIDES,
    "recurrence": RECURRENCES,
}
_NUMBERS: Final = ("days", "age", "episode_seconds")
_COMPARISONS: Final[Mapping[type[ast.cmpop], Callable[[float, float], bool]]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}


class ConditionError(ValueError):
    """A condition that can't be read; says what is wrong and at which column (from 1) of the expression."""

    def __init__(self, message: str, column: int = 1, word: str = "") -> None:
        super().__init__(f"{message} (column {column} of the condition)")
        self.column = column
        self.word = word


Test = Callable[[Facts, frozenset[str], float | None], bool]
"""Whether something holds for facts, with these signs taken as true, at this age of them in days."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A compiled condition. ``signs`` are all the signs that it names, by way of definitions too; ``timed`` whether
    it asks for their age. ``needs`` are sets of signs: where none of one set is present, it can't hold."""

    text: str
    tree: ast.expr
    signs: frozenset[str]
    negated: frozenset[str]
    timed: bool
    needs: tuple[frozenset[str], ...]
    test: Test

    def holds(self, facts: Facts, present: frozenset[str]) -> bool:
        """Whether the condition holds for ``facts`` with the signs ``present`` taken as true."""
        for signs in self.needs:
            if signs.isdisjoint(present):
                return False
        days = facts.days(self.signs & present) if self.timed else None
        return self.test(facts, present, days)


def compile_condition(text: str, definitions: Mapping[str, Condition] | None = None) -> Condition:
    """Read ``text``. Raises ``ConditionError`` where a word or a form is not of the language."""
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except SyntaxError as error:
        raise ConditionError(f"cannot be read: {error.msg}", error.offset or 1) from None
    compiler = _Compiler(definitions or {})
    test = compiler.compile(tree, negated=False)
    return Condition(
        text=text,
        tree=tree,
        signs=frozenset(compiler.signs),
        negated=frozenset(compiler.negated),
        timed=compiler.timed,
        needs=_needs(tree, definitions or {}),
        test=test,
    )


class _Compiler:
    def __init__(self, definitions: Mapping[str, Condition]) -> None:
        self.definitions = definitions
        self.signs: set[str] = set()
        self.negated: set[str] = set()
        self.timed = False

    def compile(self, node: ast.expr, *, negated: bool) -> Test:
        match node:
            case ast.BoolOp(op=op, values=values):
                tests = [self.compile(value, negated=negated) for value in values]
                return _all_of(tests) if isinstance(op, ast.And) else _any_of(tests)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                inner = self.compile(operand, negated=not negated)
                return lambda facts, present, days: not inner(facts, present, days)
            case ast.Name(id=name):
                return self._word(name, node.col_offset + 1, negated)
            case ast.Compare(left=ast.Name(id=name), ops=[op], comparators=[right]):
                return self._comparison(name, op, right, node.col_offset + 1)
        raise ConditionError(f"{ast.unparse(node)!r} is no form of this language", node.col_offset + 1)

    def _word(self, name: str, column: int, negated: bool) -> Test:
        if name in SIGNS:
            if negated and name not in NEGATABLE:
                raise ConditionError(
                    f"'not' may not stand before {name!r}: a symptom may never switch a rule off", column
                )
            (self.negated if negated else self.signs).add(name)
            return lambda facts, present, days: name in present
        if name in self.definitions:
            inner = self.definitions[name]
            if negated and not inner.signs <= NEGATABLE:
                raise ConditionError(f"'not' may not stand before {name!r}: it names symptoms", column)
            self.signs |= inner.signs
            self.negated |= inner.negated
            self.timed |= inner.timed
            return inner.test
        if name == "one_side":
            return lambda facts, present, days: facts.one_side()
        if name == "both_sides":
            return lambda facts, present, days: facts.side in (SIDES[2], None)
        if name == "side_settled":
            return lambda facts, present, days: facts.knows("side")
        if name == "days_settled":
            self.timed = True
            return lambda facts, present, days: days is not None or facts.knows("duration_days")
        raise ConditionError(f"unknown word {name!r}", column, name)

    def _comparison(self, name: str, op: ast.cmpop, right: ast.expr, column: int) -> Test:
        if name in _VALUES:
            wanted = frozenset(_names(right))
            unknown = wanted - set(_VALUES[name])
            if unknown:
                raise ConditionError(f"unknown {name} {min(unknown)!r}", column, min(unknown))
            return _slot_test(name, op, wanted, column)
        if name in _NUMBERS and type(op) in _COMPARISONS and isinstance(right, ast.Constant):
            self.timed |= name == "days"
            return _number_test(name, type(op), float(right.value))  # type: ignore[arg-type]
        raise ConditionError(f"{name!r} can't be compared in this way", column, name)


def _slot_test(name: str, op: ast.cmpop, wanted: frozenset[str], column: int) -> Test:
    if isinstance(op, ast.Eq | ast.In):
        # An unknown place or side may be the one the rule speaks of; the complaint and its rhythm are told or not.
        cautious = {None} if name in ("body_part", "side") else set()
        accepted = wanted | cautious
        return lambda facts, present, days: getattr(facts, name) in accepted
    if isinstance(op, ast.NotEq | ast.NotIn):
        return lambda facts, present, days: getattr(facts, name) not in wanted
    raise ConditionError(f"{name!r} is compared by ==, !=, in, not in", column)


def _number_test(name: str, op: type[ast.cmpop], bound: float) -> Test:
    compare = _COMPARISONS[op]
    if name == "days":
        short = op in (ast.Lt, ast.LtE)
        return lambda facts, present, days: short if days is None else compare(days, bound)

    def test(facts: Facts, present: frozenset[str], days: float | None) -> bool:
        value = getattr(facts, name)
        return value is not None and compare(value, bound)

    return test


def _needs(node: ast.expr, definitions: Mapping[str, Condition]) -> tuple[frozenset[str], ...]:
    match node:
        case ast.BoolOp(op=ast.And(), values=values):
            return tuple(signs for value in values for signs in _needs(value, definitions))
        case ast.BoolOp(values=values):
            needs = [_needs(value, definitions) for value in values]
            return (frozenset().union(*(min(sets, key=len) for sets in needs)),) if all(needs) else ()
        case ast.Name(id=name):
            return definitions[name].needs if name in definitions else (frozenset({name}),) if name in SIGNS else ()
    return ()


def _names(node: ast.expr) -> Iterator[str]:
    for part in node.elts if isinstance(node, ast.Tuple) else [node]:
        if not isinstance(part, ast.Name):
            raise ConditionError("a name or (a, list, of, names) is wanted here", part.col_offset + 1)
        yield part.id


def _all_of(tests: list[Test]) -> Test:
    def test(facts: Facts, present: frozenset[str], days: float | None) -> bool:
        for each in tests:  # noqa: SIM110 - a third faster than all(), and triage runs at every turn
            if not each(facts, present, days):
                return False
        return True

    return test


def _any_of(tests: list[Test]) -> Test:
    def test(facts: Facts, present: frozenset[str], days: float | None) -> bool:
        for each in tests:  # noqa: SIM110 - as above
            if each(facts, present, days):
                return True
        return False

    return test
