"""How fast messages are read, against plain fuzzy matching over the same phrase bank in the same run.

python -m benchmarks.language
"""

import time
from collections.abc import Callable
from pathlib import Path

from rapidfuzz import fuzz, process

from bot.content.lexicon import load_lexicon
from bot.content.load import load_script
from bot.evaluation import utterances
from bot.language import Reader

ROOT = Path(__file__).parents[1]
HOSTILE = {
    "one word 800 times": "kram " * 800,
    "denials": "tidak kram " * 400,
    "red flags": "sakit dada nyeri tidak sesak bengkak " * 110,
    "parts and sides": "tangan kaki kiri kanan lemas tidak kuat " * 100,
    "numbers": "1 " * 2_000,
    "emoji": "🦵" * 4_000,
    "10,000 characters": "betis saya kram tiap malam, ga bengkak. " * 250,
}


def milliseconds(act: Callable[[str], object], texts: list[str]) -> list[float]:
    """How long each text took, sorted."""
    took = []
    for text in texts:
        started = time.perf_counter()
        act(text)
        took.append((time.perf_counter() - started) * 1_000)
    return sorted(took)


def main() -> None:
    started = time.perf_counter()
    lexicon = load_lexicon(ROOT / "knowledge" / "language")
    reader = Reader(lexicon, load_script(ROOT / "flows", ROOT / "knowledge").rules)
    print(f"content read and indexed in {time.perf_counter() - started:.2f} s")
    folder = ROOT / "tests" / "language" / "utterances"
    texts = [utterance.text for utterance in utterances(sorted(folder.glob("*.jsonl")))]
    phrases = [phrase for bank in reader.lexicon.phrases.values() for phrase in bank]
    acts: dict[str, Callable[[str], object]] = {
        "read, first time": reader.read,
        "read, again": reader.read,
        "plain extractOne (WRatio)": lambda text: process.extractOne(text.lower(), phrases, scorer=fuzz.WRatio),
    }
    print(f"{len(texts)} messages, {len(phrases)} phrases; milliseconds a message")
    for name, act in acts.items():
        took = milliseconds(act, texts)
        mean = sum(took) / len(took)
        print(
            f"{name:28} mean {mean:6.3f}  median {took[len(took) // 2]:6.3f}  99 % {took[len(took) * 99 // 100]:7.3f}"
        )
    for name, text in HOSTILE.items():
        print(f"hostile: {name:19} best of 5 {milliseconds(reader.read, [text] * 5)[0]:7.2f}")


if __name__ == "__main__":
    main()
