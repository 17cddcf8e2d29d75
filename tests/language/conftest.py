"""What the tests of reading share: the shipped content, read once."""

from pathlib import Path

import pytest

from bot.content.learned import load_learned
from bot.content.lexicon import load_lexicon
from bot.content.load import load_script
from bot.language import Lexicon, Reader

ROOT = Path(__file__).parents[2]
WORDS = ROOT / "knowledge" / "language"


@pytest.fixture(scope="session")
def lexicon() -> Lexicon:
    return load_lexicon(WORDS)


@pytest.fixture(scope="session")
def reader(lexicon: Lexicon) -> Reader:
    script = load_script(ROOT / "flows", ROOT / "knowledge")
    return Reader(lexicon, script.rules, learned=load_learned(WORDS))


@pytest.fixture(scope="session")
def rules_alone(reader: Reader) -> Reader:
    """The reader without what examples taught it."""
    return Reader(reader.lexicon, reader.rules)
