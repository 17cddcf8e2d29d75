"""The lexicon's patterns and traits as the reader uses them."""

from collections.abc import Mapping

from bot.language.lexicon import Lexicon
from bot.language.message import Atoms
from bot.language.patterns import Pattern, compile_pattern
from bot.language.signs import Traits
from bot.language.vocabulary import canonical


def compiled_patterns(lexicon: Lexicon, forms: Mapping[str, str], atoms: Atoms) -> list[Pattern]:
    """Every pattern of the lexicon, each under its kind and name: ``sign:swelling``."""
    parts = {
        "sign": lexicon.signs,
        "denial": lexicon.denials,
        "complaint": lexicon.complaints,
        "body_part": lexicon.body_parts,
        "side": lexicon.sides,
        "recurrence": lexicon.recurrences,
        "question": lexicon.questions,
        "hint": lexicon.cues,
        "choice": lexicon.choices,
        "mask": {"mask": lexicon.masks},
    }
    return [
        compile_pattern(f"{kind}:{name}", canonical(source, forms), atoms)
        for kind, table in parts.items()
        for name, sources in table.items()
        for source in sources
    ]


def compiled_traits(lexicon: Lexicon) -> Traits:
    """How signs behave in a reading."""
    named = {kind: frozenset(lexicon.traits.get(kind, ())) for kind in lexicon.traits if kind != "implies"}
    implies = tuple((pair.partition(":")[0], pair.partition(":")[2]) for pair in lexicon.traits.get("implies", ()))
    return Traits(**named, implies=implies)
