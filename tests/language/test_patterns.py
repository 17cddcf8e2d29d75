"""The small language of the lexicon's patterns."""

import pytest

from bot.language.message import Atoms, Message
from bot.language.patterns import Matcher, PatternError, compile_pattern
from bot.language.tokens import tokenize

GROUPS = {"part": ("betis", "tulang_kering"), "negation": ("tidak",), "contrast": ("tapi",), "particle": ("dok",)}
PLAIN = frozenset({"saya", "yang", "dok"})


def found(pattern: str, text: str) -> bool:
    atoms = Atoms(GROUPS, PLAIN)
    compiled = compile_pattern("sign", pattern, atoms)
    tokens = tokenize(text, {})
    for token in tokens:
        token.word = token.surface
    return bool(Matcher([compiled]).find(Message(text, tokens, atoms)))


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("nyeri dada", "dada saya nyeri", True),
        ("nyeri dada", "nyeri betis. dada aman", False),
        ("nyeri dada", "nyeri itu sangat jauh dari dada", False),
        ("nyeri dada ~4", "nyeri itu sangat jauh dari dada", True),
        ("> darah batuk", "darah waktu batuk", True),
        ("> darah batuk", "batuk darah", False),
        ("nyeri|sakit @part", "sakit tulang kering", True),
        ("nyeri @part", "nyeri tulang", False),
        ("kejang !otot", "kejang otot", False),
        ("kejang !otot", "otot itu kejang", False),
        ("kejang !otot", "kejang", True),
        ("mati_rasa", "mati rasa", True),
        ("mati_rasa", "rasa mati", False),
        ("terus$", "kram terus dok", True),
        ("terus$", "kram terus jatuh", False),
        ("^malam", "malam dok", True),
        ("^malam", "tiap malam", False),
        # a negation within a pattern denies what stands right after it
        ("kaki tidak kuat", "kaki tidak kuat", True),
        ("kaki tidak kuat", "kaki kuat, tidak pelo", False),
    ],
)
def test_patterns(pattern: str, text: str, expected: bool) -> None:
    assert found(pattern, text) is expected


@pytest.mark.parametrize("pattern", ["", "!kram", "@nobody kram", "~2"])
def test_a_pattern_that_cannot_be_read_is_refused(pattern: str) -> None:
    with pytest.raises(PatternError):
        compile_pattern("sign", pattern, Atoms(GROUPS, PLAIN))
