"""How fast messages are read, against plain fuzzy matching over the same phrase bank in the same run.

What is measured is read for the first time, after half as many other messages: words come again, messages do not, but
for the short answers that everybody gives. The reader remembers those, so they are measured both ways.
"""

import random
import resource
import time
from collections.abc import Callable, Sequence

from rapidfuzz import fuzz, process

from benchmarks.table import show
from benchmarks.talk import labelled
from bot.content import load_content
from bot.settings import shipped

ANSWERS = ("ya", "tidak ada", "3 hari", "umur saya 47", "betis kiri", "kurang tahu")
NEW_ANSWERS = [answer + " " * blanks for blanks in range(1, 51) for answer in ANSWERS]
"""The same as the reader sees them, and yet none was said before."""

HOSTILE = {
    "one word 800 times": "kram " * 800,
    "denials": "tidak kram " * 400,
    "red flags": "sakit dada nyeri tidak sesak bengkak " * 110,
    "parts and sides": "tangan kaki kiri kanan lemas tidak kuat " * 100,
    "numbers": "1 " * 2_000,
    "emoji": "🦵" * 4_000,
    "10,000 characters": "betis saya kram tiap malam, ga bengkak. " * 250,
}


def milliseconds(act: Callable[[str], object], texts: Sequence[str]) -> list[float]:
    """The processor time of each text, sorted."""
    took = []
    for text in texts:
        began = time.process_time_ns()
        act(text)
        took.append((time.process_time_ns() - began) / 1e6)
    return sorted(took)


def main() -> None:
    began = time.process_time()
    content = load_content(shipped("flows"), shipped("knowledge"))
    reader = content.reader
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"content read, proven and indexed in {time.process_time() - began:.1f} s; {megabytes:.0f} MB in memory")
    texts = labelled()
    random.Random(1).shuffle(texts)
    warming, measured = texts[: len(texts) // 3], texts[len(texts) // 3 :]
    phrases = [phrase for bank in reader.lexicon.phrases.values() for phrase in bank]

    def plain(text: str) -> object:
        return process.extractOne(text.lower(), phrases, scorer=fuzz.WRatio)

    milliseconds(reader.read, warming)
    took = {
        "a message, never read before": milliseconds(reader.read, measured),
        "the same, by plain extractOne": milliseconds(plain, measured),
        "a short answer, said for the first time": milliseconds(reader.read, NEW_ANSWERS),
        "a short answer, said before": milliseconds(reader.read, ANSWERS * 50),
        "the same, by plain extractOne ": milliseconds(plain, ANSWERS * 50),
    }
    rows = [(name, sum(all) / len(all), all[len(all) // 2], all[len(all) * 99 // 100]) for name, all in took.items()]
    print(f"{len(measured):,} messages, {len(phrases):,} phrases; milliseconds a message")
    show(("read", "mean", "median", "99 %"), rows)
    print("\nhostile messages; milliseconds, the best of five")
    show(("read", "ours"), [(name, milliseconds(reader.read, [text] * 5)[0]) for name, text in HOSTILE.items()])
