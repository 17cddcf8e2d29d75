"""Every way of saying a thing that we could think of: a few may be missed, no more."""

from pathlib import Path

import pytest
import yaml

from bot.language import Reader, Reading

WORDING: dict[str, dict[str, list[str]]] = yaml.safe_load(
    (Path(__file__).parent / "wording.yaml").read_text(encoding="utf-8")
)
ALLOWED = 0.03


def told(reading: Reading) -> dict[str, bool]:
    return {**reading.symptoms, **reading.factors}


@pytest.mark.parametrize("complaint", WORDING["complaints"])
def test_complaints(reader: Reader, complaint: str) -> None:
    missed = [text for text in WORDING["complaints"][complaint] if reader.read(text).complaint != complaint]
    assert len(missed) <= 1, missed


def test_signs(reader: Reader) -> None:
    rows = [(text, sign) for sign, texts in WORDING["signs"].items() for text in texts]
    missed = [(text, sign) for text, sign in rows if not told(reader.read(text)).get(sign)]
    assert len(missed) <= len(rows) * ALLOWED, missed


def test_a_denied_sign_is_no_sign(reader: Reader) -> None:
    rows = ["ga bengkak", "ga merah", "tidak demam", "ga hamil", "tidak diabetes", "ga kesemutan", "tanpa luka"]
    assert [text for text in rows if any(told(reader.read(text)).values())] == []
