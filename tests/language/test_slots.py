"""Complaint, part of the body, side, recurrence."""

import pytest

from bot.language import Reader


@pytest.mark.parametrize(
    ("text", "complaint", "part", "side", "recurrence"),
    [
        ("betis kiri sering kram", "cramp", "calf", "left", "frequent"),
        ("naik betis tiap malam", "cramp", "calf", None, "frequent"),
        ("otot ketarik di paha kanan", "cramp", "thigh", "right", None),
        ("betis kejang", "cramp", "calf", None, None),
        ("lutut kiri kedutan terus", "twitch", "knee", "left", "continuous"),
        ("telapak kaki kesemutan", "numbness", "foot", None, None),
        ("dua-duanya bengkak, mata kaki", "swelling", "ankle", "both", None),
        ("kaki kanan dan kiri pegal", "pain", "leg", "both", None),
        ("tulang kering ngilu", "pain", "shin", None, None),
        ("jempol kaki nyeri, kambuh lagi", "pain", "toe", None, "occasional"),
        ("kelopak mata kedutan", "twitch", "other", None, None),
        ("baru sekali kram", "cramp", None, None, "single"),
        # the first of the ontology's order, however many are told
        ("kaki bengkak, pegal dan kram", "cramp", "leg", None, None),
        ("lemas dan nyeri di betis", "weakness", "calf", None, None),
        # set right
        ("bukan kram tapi kedutan", "twitch", None, None, None),
        ("bukan betis, paha yang nyeri", "pain", "thigh", None, None),
        ("bukan yang kanan tapi yang kiri", None, None, "left", None),
        ("biar kaki ga kram gimana", "cramp", "leg", None, None),
        # another story's recurrence
        ("muntah terus", None, None, None, None),
        ("rumah sakit di mana", None, None, None, None),
        # regional
        ("sikil tengen kram terus", "cramp", "leg", "right", "continuous"),
        ("tuur katuhu nyeri", "pain", "knee", "right", None),
        ("lutuik suok sakik", "pain", "knee", "right", None),
        ("batis kejang", "cramp", "leg", None, None),
    ],
)
def test_slots(
    reader: Reader, text: str, complaint: str | None, part: str | None, side: str | None, recurrence: str | None
) -> None:
    reading = reader.read(text)
    assert (reading.complaint, reading.body_part, reading.side, reading.recurrence) == (
        complaint,
        part,
        side,
        recurrence,
    )


def test_what_is_there_counts_before_what_is_asked(reader: Reader) -> None:
    """In every process alike."""
    reading = reader.read("takut betis bengkak. sekarang kaki saya bengkak")
    notes = [note for note in reading.evidence if note.fact == "complaint=swelling"]
    assert notes[0].span[0] > reading.text.index(".")
