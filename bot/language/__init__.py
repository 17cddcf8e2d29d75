"""Language, pure: what a patient typed in, a reading of it out. No I/O, no clock, no randomness."""

from bot.language.lexicon import Lexicon
from bot.language.reader import Reader
from bot.language.reading import Answer, Evidence, Expecting, Reading

__all__ = ["Answer", "Evidence", "Expecting", "Lexicon", "Reader", "Reading"]
