"""What the tests of reading share: the shipped content, read once."""

from pathlib import Path

import pytest

from bot.content.lexicon import load_lexicon
from bot.content.load import load_script
from bot.language import Lexicon, Reader

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def lexicon() -> Lexicon:
    return load_lexicon(ROOT / "knowledge" / "language")


@pytest.fixture(scope="session")
def reader(lexicon: Lexicon) -> Reader:
    return Reader(lexicon, load_script(ROOT / "flows", ROOT / "knowledge").rules)
