"""The content's markup as HTML: always escaped, always whole, never too long."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.telegram.buttons import digest_of, keyboard, parse, resolve, ticked, with_ticks
from bot.channels.telegram.rendering import as_html, as_plain, pieces, units
from bot.dialogue.conversation import Asks, Option, Pending
from bot.store.records import Line
from tests.channels.telegram.fake import visible

TABLE = [
    ("telepon *119* sekarang", "telepon <b>119</b> sekarang"),
    ("_miring_ dan *tebal*", "<i>miring</i> dan <b>tebal</b>"),
    ("a < b & c > d", "a &lt; b &amp; c &gt; d"),
    ("*a <b> c*", "<b>a &lt;b&gt; c</b>"),
    ("2*3*4 dan snake_case_name", "2*3*4 dan snake_case_name"),
    ("*tidak\nditutup*", "*tidak\nditutup*"),
    ("- satu\n- dua", "• satu\n• dua"),
    ("nol\x00byte", "nolbyte"),
]


@pytest.mark.parametrize(("text", "expected"), TABLE)
def test_markup(text: str, expected: str) -> None:
    assert as_html(text) == expected


@given(st.text(alphabet="ab*_-<>& \n🦵", max_size=60))
def test_whatever_is_written_telegram_can_read_it(text: str) -> None:
    visible(as_html(text), "HTML")
    as_plain(text)


@given(st.lists(st.text(alphabet="abc. \n🦵", max_size=40), max_size=20))
def test_pieces_fit_and_lose_nothing(parts: list[str]) -> None:
    text = "\n\n".join(parts)
    found = pieces(text, 50)
    assert all(0 < units(piece) <= 50 for piece in found)
    assert "".join("".join(found).split()) == "".join(text.split())


def test_a_long_text_is_cut_between_paragraphs() -> None:
    text = "\n\n".join(["satu dua tiga. " * 100] * 5)
    found = pieces(text)
    assert len(found) == 3
    assert all(piece.endswith("tiga.") for piece in found)


def line(*options: str, ids: tuple[str, ...] = ()) -> Line:
    question = Pending(question="q", ids=ids) if ids else None
    asks = Asks(kind="multi", ids=ids) if ids else None
    offered = tuple(Option(id=id, label=id[:20]) for id in options)
    return Line(who="bot", text="?", at=datetime.now(UTC), options=offered, asks=asks, question=question)


def test_data_fits_and_a_long_id_is_found_again() -> None:
    long = "more:" + "+".join(["penyebab"] * 20)
    markup = keyboard(line("yes", long), "Selesai")
    assert markup is not None
    datas = [str(button.callback_data) for row in markup.inline_keyboard for button in row]
    assert all(len(data.encode()) <= 64 for data in datas)
    pressed = parse(datas[1])
    assert pressed is not None
    assert pressed.option == digest_of(long)
    assert resolve(pressed.option, [Option(id=long, label="x")]) == long


def test_ticks_live_in_the_keyboard() -> None:
    markup = keyboard(line("a", "b", "none", ids=("a", "b")), "Selesai")
    assert markup is not None
    assert ticked(markup) == []
    data = str(markup.inline_keyboard[1][0].callback_data)
    assert ticked(with_ticks(markup, {data: True})) == [("b", "b")]


@pytest.mark.parametrize("data", ["", "x:1:2", "o", "o:1", "d:1:2", "\x00", "t::"])
def test_foreign_data_means_nothing(data: str) -> None:
    assert parse(data) is None
