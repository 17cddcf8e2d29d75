"""Every setting is documented, and what is documented is a setting."""

import re

from bot.settings import Settings
from tests.packaging.image import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCS = [README, *(path.read_text(encoding="utf-8") for path in sorted((ROOT / "docs").rglob("*.md")))]
OF_COMPOSE = {"REDIS_PASSWORD", "REDIS_MEMORY"}
"""What ``docker-compose.yml`` reads from ``.env`` for itself."""


def settings() -> set[str]:
    return {name.upper() for name in Settings.model_fields}


def named_in_tables(text: str) -> set[str]:
    """The names in the first column of tables whose rows begin with names of settings."""
    rows = re.findall(r"^\| *((?:`[A-Z][A-Z_]+`[, ]*)+)\|", text, re.MULTILINE)
    return {name for row in rows for name in re.findall(r"`([A-Z_]+)`", row)}


def test_every_setting_stands_in_a_table() -> None:
    tables = set().union(*map(named_in_tables, DOCS))
    assert settings() - tables == set()


def test_no_table_names_a_setting_that_is_none() -> None:
    for text in DOCS:
        assert named_in_tables(text) - settings() - OF_COMPOSE == set()


def test_the_guard_reads_tables() -> None:
    assert named_in_tables("| `A_B`, `CC` | both |\n| `D_E` | one |\n| name | of |\n") == {"A_B", "CC", "D_E"}
    assert "REDIS_URL" in named_in_tables(README)
