"""Content: YAML files as typed, checked objects; the prover; the graph."""

from bot.content.proof import Content, load_content, load_proven, load_unchecked
from bot.content.source import ContentError, Fault

__all__ = ["Content", "ContentError", "Fault", "load_content", "load_proven", "load_unchecked"]
