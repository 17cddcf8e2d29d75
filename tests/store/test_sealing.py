"""Encryption at rest: only the right key at the right place opens."""

import pytest

from bot.store.sealing import Sealer, SealError

OLD, NEW = "the secret of last year", "the secret of this year"


def test_what_is_sealed_opens_and_shows_nothing() -> None:
    sealer = Sealer([NEW])
    sealed = sealer.seal(b"betis kram", "place")
    assert b"betis" not in sealed
    assert sealer.open(sealed, "place") == b"betis kram"


def test_a_value_moved_to_another_place_does_not_open() -> None:
    sealer = Sealer([NEW])
    with pytest.raises(SealError):
        sealer.open(sealer.seal(b"x", "one"), "other")


def test_rotation_opens_what_the_old_key_sealed_and_keeps_names() -> None:
    before, after = Sealer([OLD]), Sealer([NEW, OLD])
    assert after.open(before.seal(b"x", "place"), "place") == b"x"
    assert before.name("web:1") == after.name("web:1")


def test_a_wrong_key_and_a_damaged_value_are_refused() -> None:
    sealed = Sealer([OLD]).seal(b"x", "place")
    with pytest.raises(SealError, match="another SECRET_KEY"):
        Sealer([NEW]).open(sealed, "place")
    with pytest.raises(SealError, match="damaged"):
        Sealer([OLD]).open(sealed[:-1] + b"\x00", "place")
