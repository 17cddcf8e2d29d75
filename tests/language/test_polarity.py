"""Whether a sign that is named is there."""

import random
from collections.abc import KeysView
from pathlib import Path

import pytest

from bot.evaluation import utterances
from bot.language import Reader, generality
from bot.language.scopes import Scopes

YES, NO, SILENT = True, False, None


@pytest.mark.parametrize(
    ("text", "sign", "expected"),
    [
        ("betis saya bengkak", "swelling", YES),
        ("betis ga bengkak", "swelling", NO),
        ("ga bengkak cuma kram", "swelling", NO),
        ("ga bengkak tapi merah", "redness", YES),
        ("bengkak sih enggak, merah iya", "swelling", NO),
        ("bengkak sih enggak, merah iya", "redness", YES),
        ("tidak ada sesak ataupun nyeri dada", "dyspnea", NO),
        ("tidak ada sesak ataupun nyeri dada", "chest_pain", NO),
        ("tidak ada bengkak, kemerahan, atau demam", "fever", NO),
        ("tidak ada bengkak, tapi demam", "fever", YES),
        ("sesak? enggak. kaki bengkak", "dyspnea", NO),
        ("sesak? enggak. kaki bengkak", "swelling", YES),
        ("sudah tidak bengkak lagi", "swelling", NO),
        ("demamnya sudah turun", "fever", NO),
        ("kemarin sempat muntah, sekarang sudah ga muntah", "vomiting_diarrhea", NO),
        ("bukan nggak bengkak dok, bengkak banget", "swelling", YES),
        ("nggak cuma kram, bengkak juga", "swelling", YES),
        ("bukan cuma bengkak tapi merah", "swelling", YES),
        ("selain bengkak ga ada apa-apa", "swelling", YES),
        ("kencingnya ga kayak teh", "dark_urine", NO),
        ("masih bisa jalan kok", "unable_to_walk", NO),
        ("ga sampai ga bisa jalan", "unable_to_walk", NO),
        ("ga bisa jalan", "unable_to_walk", YES),
        ("bicara jelas, wajah simetris", "slurred_speech", NO),
        ("ga ada riwayat jantung", "heart_disease", NO),
        ("ginjal aman", "kidney_disease", NO),
        ("kata dokter jantung saya sehat", "heart_disease", NO),
        ("sesak nggak ada nyeri dada nggak ada", "dyspnea", NO),
        ("sesak nggak ada nyeri dada nggak ada", "chest_pain", NO),
        ("bengkak ga merah ga", "swelling", NO),
        ("sesaknya ga ada demam juga ga ada", "dyspnea", NO),
        ("tidak bengkak, kesemutan di kaki", "swelling", NO),
        ("kaki kesemutan hilang timbul", "numbness", YES),
        ("paha kebas normal ya om", "numbness", YES),
        ("bengkaknya ilang sendiri ga?", "swelling", YES),
        ("bengkaknya sudah hilang ya dok", "swelling", NO),
        ("sakit luar biasa dan pipis warnanya seperti air coca cola", "dark_urine", YES),
        # what was once says nothing of what is told beside it
        ("bapak ada riwayat jantung, dadanya sakit", "chest_pain", YES),
        ("ibu riwayat darah tinggi mulutnya mencong", "facial_droop", YES),
        ("saya riwayat gula kakinya kesemutan", "numbness", YES),
        ("dulu pernah patah kaki, dada saya sesak", "dyspnea", YES),
        ("riwayat kejang dan pingsan", "syncope", SILENT),
        ("dulu pernah kejang demam", "seizure", SILENT),
        # a passing stroke sign counts, though it has gone
        ("tadi pagi mulut mencong, sekarang sudah normal", "facial_droop", YES),
        # feared, asked about, imagined
        ("takut stroke dok", "one_sided_weakness", SILENT),
        ("apakah kram bisa bikin sesak napas", "dyspnea", SILENT),
        ("kalau sesak harus ke mana", "dyspnea", SILENT),
        ("tanda-tanda stroke apa saja", "one_sided_weakness", SILENT),
        # but a symptom that comes with something is told
        ("kalau jalan sesak napas dok", "dyspnea", YES),
        ("kaki bengkak, bahaya ga dok", "swelling", YES),
        # old stories and those of others
        ("dulu pernah pingsan waktu SMA, sekarang cuma kram", "syncope", SILENT),
        ("temen saya sesak napas, kalau saya cuma kram", "dyspnea", SILENT),
        ("ibu saya sesak napas", "dyspnea", YES),
        # metaphor
        ("sesak lihat harga obat", "dyspnea", SILENT),
        ("mimpi digigit ular", "snake_bite", SILENT),
        ("hampir mati ketawa", "suicidal", SILENT),
        # the muscle's cramp is no fit
        ("betis kejang", "seizure", SILENT),
        ("kejang seluruh badan", "seizure", YES),
        # of another part of the body it is not this sign
        ("jari tangan bengkak", "swelling", SILENT),
    ],
)
def test_polarity(reader: Reader, text: str, sign: str, expected: bool | None) -> None:
    reading = reader.read(text)
    told = {**reading.symptoms, **reading.factors, **reading.dangers}
    assert told.get(sign) is expected


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("kayaknya agak bengkak", "swelling"),
        ("ga tau bengkak apa enggak", "swelling"),
        ("mungkin bengkak", "swelling"),
        ("kurang yakin demam atau tidak", "fever"),
    ],
)
def test_doubt_is_neither_yes_nor_no(reader: Reader, text: str, sign: str) -> None:
    reading = reader.read(text)
    assert sign in reading.doubts
    assert sign not in reading.symptoms


def test_one_sign_more_is_one_sign_more(reader: Reader) -> None:
    reading = reader.read("betis kiri kram 3 hari, bengkak, merah, ga demam, saya hamil 7 bulan")
    assert dict(reading.symptoms) == {"swelling": True, "redness": True, "fever": False}
    assert dict(reading.factors) == {"pregnancy": True}
    assert reading.duration_days == 3


UTTERANCES = sorted((Path(__file__).parent / "utterances").glob("*.jsonl"))


class Everything(KeysView[str]):
    """As if a message had every word there is."""

    def __init__(self) -> None:
        super().__init__({})

    def __contains__(self, atom: object) -> bool:
        return True

    def isdisjoint(self, other: object) -> bool:
        return False


def test_no_rule_is_passed_by_that_would_speak(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rules are skipped where their words are not in the message. Who gives a rule another word must name it there."""
    texts = [utterance.text for utterance in utterances(UTTERANCES)]
    words, chance = " ".join(texts).split(), random.Random(1)
    texts += [" ".join(chance.choices(words, k=9)) for _ in range(1_000)]
    for text in texts:
        message = reader.message(text)
        matches = reader._matcher.find(message)
        quick = [Scopes(message, matches).polarity(match) for match in matches]
        monkeypatch.setattr(generality, "_SAID_OF_ANYBODY", tuple(message.places))
        slow = Scopes(message, matches)
        slow.heard = Everything()
        assert [slow.polarity(match) for match in matches] == quick, text
        monkeypatch.undo()
