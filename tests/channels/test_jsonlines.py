"""The JSON-lines channel: one line out for each line in, whatever comes in."""

import json
from typing import Any

import pytest

from bot.channels.jsonlines import answer_lines
from bot.conversations import Conversations


async def answers(conversations: Conversations, *lines: bytes | dict[str, Any]) -> list[dict[str, Any]]:
    raw = [line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines]
    return [json.loads(line) async for line in answer_lines(conversations, raw)]


async def test_a_reply_has_the_shape_of_the_protocol(conversations: Conversations) -> None:
    [out] = await answers(conversations, {"conversation": "a", "text": "betis kiri saya kedutan udh 2 minggu"})
    assert out["conversation"] == "a"
    assert out["asks"] == {"kind": "yes_no", "ids": ["consent"]}
    assert out["mode"] == "bot"
    assert out["emergency"] is False
    assert out["triage"] is None
    assert out["facts"]["complaint"] == "twitch"
    assert out["facts"]["duration_days"] == 14
    assert out["replies"][-1]["options"][0] == {"id": "yes", "label": "Ya"}


async def test_what_was_told_is_not_asked_again(conversations: Conversations) -> None:
    asked: set[str] = set()
    lines: list[dict[str, Any]] = [{"conversation": "a", "text": "betis kiri saya kedutan udh 2 minggu"}]
    for _ in range(14):
        out = (await answers(conversations, lines[-1]))[0]
        if out["triage"]:
            break
        asked |= set(out["asks"]["ids"])
        lines.append({"conversation": "a", **_answer(out["asks"])})
    assert out["triage"]["level"] == "consultation"
    assert not asked & {"side", "duration_days", "body_part", "complaint"}


def _answer(asks: dict[str, Any]) -> dict[str, str]:
    if asks["kind"] == "multi":
        return {"option": "none"}
    if asks["ids"] == ["age"]:
        return {"text": "34"}
    return {"option": "yes" if asks["ids"] == ["consent"] else "no"}


async def test_a_single_tap_on_several_choices_asks_for_the_rest(conversations: Conversations) -> None:
    _, first = await answers(
        conversations,
        {"conversation": "a", "text": "betis kiri kram sejak kemarin"},
        {"conversation": "a", "option": "yes"},
    )
    assert first["asks"]["kind"] == "multi"
    sign = first["asks"]["ids"][0]
    assert sign == "dyspnea", "an emergency ends the asking, so another sign is tapped"
    [second] = await answers(conversations, {"conversation": "a", "option": "none"})
    while second["asks"]["kind"] != "multi":
        [second] = await answers(conversations, {"conversation": "a", "option": "left"})
    [third] = await answers(conversations, {"conversation": "a", "option": "warmth"})
    assert third["asks"]["kind"] == "multi"
    assert "warmth" not in third["asks"]["ids"]
    assert third["facts"]["symptoms"]["warmth"] is True
    assert "redness" in third["asks"]["ids"]


async def test_several_ticks_are_a_whole_answer(conversations: Conversations) -> None:
    *_, last = await answers(
        conversations,
        {"conversation": "a", "text": "betis kiri kram sejak kemarin"},
        {"conversation": "a", "option": "yes"},
        {"conversation": "a", "option": ["palpitations"]},
    )
    assert last["facts"]["symptoms"]["palpitations"] is True
    assert last["facts"]["symptoms"]["dyspnea"] is False


@pytest.mark.parametrize(
    ("line", "error"),
    [
        (b"{", "not JSON"),
        (b"[]", "no JSON object"),
        (b"\xff\xfe", "not UTF-8"),
        (b'{"text": "kram"}', '"conversation" is missing'),
        (b'{"conversation": "a"}', '"text" or "option" is missing'),
        (b'{"conversation": "a", "text": 5}', "must be a string"),
        (b'{"conversation": "a", "option": 5}', '"option" must be'),
        (b'{"conversation": "a", "text": "x", "at": "kemarin"}', '"at" must be a time'),
        (b"[" * 100_000, "not JSON"),
        (b"", "not JSON"),
    ],
)
async def test_a_bad_line_gets_an_error_and_the_next_is_read(
    conversations: Conversations, line: bytes, error: str
) -> None:
    bad, good = await answers(conversations, line, {"conversation": "a", "text": "kaki sering kram"})
    assert error in bad["error"]
    assert good["facts"]["complaint"] == "cramp"


@pytest.mark.parametrize(
    "text",
    ["", "   ", "\x00\x01\x02", "😀😀", "a" * 10_000, "kram " * 2_000, "\ud83d", "\u202ekaki", "?", "<b>kram</b>"],
)
async def test_odd_text_gets_a_fitting_answer(conversations: Conversations, text: str) -> None:
    [out] = await answers(conversations, {"conversation": "a", "text": text})
    assert out["replies"]
    assert out["replies"][0]["text"]


async def test_the_clock_of_a_message_is_given(conversations: Conversations) -> None:
    *_, out = await answers(
        conversations,
        {"conversation": "a", "text": "betis kanan bengkak dan sesak napas", "at": "2026-01-02T03:04:05+07:00"},
    )
    assert out["emergency"] is True
    assert out["triage"]["level"] == "emergency_ambulance"
    assert "dyspnea" in out["triage"]["reasons"]


async def test_two_patients_with_the_same_words_get_the_same_replies(conversations: Conversations) -> None:
    one, two = await answers(
        conversations, {"conversation": "a", "text": "kaki kram"}, {"conversation": "b", "text": "kaki kram"}
    )
    assert one["replies"] == two["replies"]
