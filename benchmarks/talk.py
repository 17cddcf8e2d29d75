"""What patients write in the measurements: talks of scripted patients who answer in words.

Each opens with one labelled message of the tests instead of the patient's own words, and has another in its middle:
whole sentences, slang, typing errors, regional words, emergencies, what is none of our business. So no two talks are
alike, and the dialogue goes through all that it can. Answers in a word or two come again as they do in life, and are
what the program may remember (``bot/language/memory.py``); sentences do not.
"""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from bot.content import Content
from bot.evaluation import utterances
from bot.settings import shipped
from bot.simulation import play, read_patients

UTTERANCES: Final = Path(__file__).parents[1] / "tests" / "language" / "utterances"
SECOND: Final = 3
"""Where in a talk the second labelled message stands: after the opening, the consent and one answer."""


def labelled() -> list[str]:
    """The labelled messages of the tests."""
    return [utterance.text for utterance in utterances(sorted(UTTERANCES.glob("*.jsonl")))]


def talks(content: Content, seed: int) -> Iterator[list[str]]:
    """The messages of one patient after the other, always the same ones for a ``seed``."""
    patients, texts = read_patients(shipped("flows") / "patients"), labelled()
    chance = random.Random(seed)
    while True:
        opening, second = chance.choice(texts), chance.choice(texts)
        patient = chance.choice(patients).model_copy(update={"opening": opening})
        said = [text for who, text in play(patient, content, "words").lines if who == "patient"]
        yield [*said[:SECOND], second, *said[SECOND:]]
