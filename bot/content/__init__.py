"""Content: YAML files as typed, checked objects; the prover; the graph."""

from dataclasses import dataclass
from pathlib import Path

from bot.content.lexicon import load_lexicon
from bot.content.load import load_script
from bot.content.source import ContentError, Fault
from bot.dialogue.script import Script
from bot.language import Reader

__all__ = ["Content", "ContentError", "Fault", "load_content"]


@dataclass(frozen=True, slots=True)
class Content:
    """All that a running program says and understands, of one version."""

    script: Script
    reader: Reader


def load_content(flows: Path, knowledge: Path, clinic: Path | None = None) -> Content:
    """Read, compile and check all content: whole, or ``ContentError`` with every fault."""
    script = load_script(flows, knowledge, clinic)
    topics = {known.entry.id: known.entry.asks for known in script.entries if known.entry.audience == "patient"}
    return Content(script, Reader(load_lexicon(knowledge / "language"), script.rules, topics))
