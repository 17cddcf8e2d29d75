"""The safety gate: no red flag is missed, however it is typed."""

import random
from pathlib import Path

import pytest
import yaml

from bot.language import Reader

FOLDER = Path(__file__).parent
RED_FLAGS: dict[str, list[str]] = yaml.safe_load((FOLDER / "red_flags.yaml").read_text(encoding="utf-8"))["present"]
SENTENCES = (
    "{}",
    "dok {} tolong",
    "selamat malam dok, saya mau tanya, {}, ini kenapa ya",
    "umur 55 tahun punya darah tinggi, {}",
    "{} terus betis kiri juga kram",
    "{}!!! gimana ini dok",
    "maaf panjang ya dok. kemarin saya lari pagi seperti biasa. hari ini {}. terima kasih",
)
RECALL, RECALL_WITH_SLIPS = 0.99, 0.93


def slip(text: str, chance: random.Random) -> str:
    """The message with one letter swapped, dropped or doubled in its longest word."""
    words = text.split()
    place = max(range(len(words)), key=lambda index: len(words[index]))
    word = words[place]
    if len(word) < 5:
        return text
    at = chance.randrange(1, len(word) - 2)
    how = chance.choice(("swap", "drop", "double"))
    swapped = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    slips = {"swap": swapped, "drop": word[:at] + word[at + 1 :], "double": word[:at] + word[at] + word[at:]}
    return " ".join([*words[:place], slips[how], *words[place + 1 :]])


@pytest.mark.parametrize("flag", RED_FLAGS)
def test_red_flag_is_an_emergency_in_every_sentence(reader: Reader, flag: str) -> None:
    messages = [sentence.format(told) for told in RED_FLAGS[flag] for sentence in SENTENCES]
    missed = [message for message in messages if not reader.read(message).emergency]
    assert len(missed) <= len(messages) * (1 - RECALL), missed


def test_red_flags_typed_with_slips(reader: Reader) -> None:
    chance = random.Random(7)
    messages = [slip(told, chance) for flags in RED_FLAGS.values() for told in flags for _ in range(2)]
    missed = [message for message in messages if not reader.read(message).emergency]
    assert len(missed) <= len(messages) * (1 - RECALL_WITH_SLIPS), missed


@pytest.mark.parametrize("flag", ["chest_pain", "dyspnea", "coughing_blood", "seizure", "syncope"])
def test_a_plain_denial_silences_the_alarm(reader: Reader, flag: str) -> None:
    plain = {
        "chest_pain": "nyeri dada",
        "dyspnea": "sesak napas",
        "coughing_blood": "batuk darah",
        "seizure": "kejang",
        "syncope": "pingsan",
    }[flag]
    for denial in ("tidak ada {}", "ga {}", "{} tidak ada", "nggak ada {} kok dok", "{} sih enggak", "belum pernah {}"):
        assert not reader.read(denial.format(plain)).emergency, denial.format(plain)


def test_the_gate_would_notice_a_reader_without_rules(reader: Reader) -> None:
    deaf = Reader(reader.lexicon)
    assert not any(deaf.read(told).emergency for told in RED_FLAGS["dyspnea"])
