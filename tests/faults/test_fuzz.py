"""Whatever is said, in whatever order: the pure core raises nothing, and answers."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import pytest

from bot.content import Content
from bot.dialogue.conversation import Conversation, Heard, Turn
from bot.dialogue.step import expecting, step
from tests.faults.rig import sized, tell

INPUTS = sized(3_000, 1_000_000)
MUTATED = sized(1_000, 100_000)
SEED: Final = 20261121

SOUP: Final = "".join(
    [
        "abcdefghijklmnopqrstuvwxyzAEIOU0123456789 .,!?-/'\"()*_~\n\t",
        "éñüıİßﬁＡ①½²",
        "😭🙏🏽👨‍👩‍👧🇮🇩",
        "\u0000\u0007\u200b\u200d\u202e\ufeff\u0301\ufe0f",
        "مساعدة日本語கால்",
    ]
)
SEEDS: Final = (
    "betis kiri kram sejak 2 minggu",
    "bapak saya tiba2 sesak napas dan nyeri dada",
    "ga bengkak tapi merah dan panas",
    "umur 47 thn, hamil 7 bulan",
    "kedutan lutut udh 3 hr ga ilang2",
    "tidak",
    "ya",
    "kurang tahu",
    "1, 3",
    "2",
    "hapus data saya",
    "mau bicara dengan dokter",
    "ulang",
    "makasih dok",
    "kenapa kaki saya kesemutan?",
    "lemas sebelah, bicara pelo",
    "apa itu dvt",
    "memburuk",
    "sudah membaik",
)


@pytest.fixture
def chance() -> random.Random:
    return random.Random(SEED)


def soup(chance: random.Random) -> str:
    return "".join(chance.choices(SOUP, k=chance.choice((0, 1, 3, 12, 60, 400))))


def mixed(chance: random.Random) -> str:
    words = [word for seed in chance.sample(SEEDS, 3) for word in seed.split()]
    return " ".join(chance.sample(words, chance.randint(1, len(words))))


def mutated(chance: random.Random) -> str:
    text = list(chance.choice(SEEDS))
    for _ in range(chance.randint(1, 6)):
        place = chance.randrange(len(text) + 1)
        match chance.randrange(4):
            case 0:
                text[place:place] = chance.choice(SOUP)
            case 1:
                del text[place : place + chance.randint(1, 3)]
            case 2:
                text[place : place + 1] = chance.choice(SOUP)
            case _:
                text[place:place] = text[place : place + 5] * chance.randint(1, 4)
    return "".join(text)


def taps(chance: random.Random, conversation: Conversation, known: Sequence[str]) -> tuple[str, ...]:
    offered = [option.id for option in conversation.offered]
    wild = [chance.choice(known), soup(chance), "more:nowhere", "follow_up:1", "none"]
    return tuple(chance.sample([*offered, *wild], chance.randint(1, 3)))


def hear(chance: random.Random, content: Content, conversation: Conversation, text: str, at: datetime) -> Heard:
    kind = chance.choices(("text", "tap", "media", "empty", "timer"), (70, 20, 4, 3, 3))[0]
    tapped = taps(chance, conversation, [*content.script.questions, *content.script.signs]) if kind == "tap" else ()
    said = text if kind in ("text", "tap") else ""
    detail = chance.choice(("reminder", "follow_up", "voice", "image", "nothing")) if kind != "text" else ""
    reading = content.reader.read(said, expecting(conversation, content.script))
    return Heard(reading, at, tapped, chance.random() < 0.5, kind, detail, cut=chance.random() < 0.01)


def assert_answers(turn: Turn, heard: Heard, before: Conversation, content: Content) -> None:
    flooded = turn.conversation.burst > content.script.timing.flood_messages
    if before.mode == "bot" and heard.kind != "timer" and not flooded:
        assert turn.replies, f"no answer to {heard}"
    assert all(reply.text.strip() for reply in turn.replies)


def wander(chance: random.Random, content: Content, most: int, said: Sequence[object]) -> int:
    """One conversation with so many inputs; its state is written out and read back between them."""
    conversation, at = Conversation(channel=chance.choice(("web", "terminal", "whatsapp"))), datetime.now(UTC)
    for _ in range(most):
        text = chance.choice(said)(chance)  # type: ignore[operator]
        at += timedelta(seconds=chance.choice((1, 60, 4_000, 100_000)))
        heard = hear(chance, content, conversation, text, at)
        turn = step(conversation, heard, content.script)
        assert_answers(turn, heard, conversation, content)
        conversation = Conversation.model_validate_json(turn.conversation.model_dump_json())
    return most


@pytest.mark.timeout(sized(180, 7200))
def test_random_inputs_raise_nothing_and_are_answered(content: Content, chance: random.Random) -> None:
    done = 0
    while done < INPUTS:
        done += wander(chance, content, chance.randint(1, 25), (soup, mixed, lambda c: c.choice(SEEDS)))
    tell("random inputs", inputs=done, seed=SEED, exceptions=0)


@pytest.mark.timeout(sized(180, 3600))
def test_mutated_inputs_raise_nothing_and_are_answered(content: Content, chance: random.Random) -> None:
    done = 0
    while done < MUTATED:
        done += wander(chance, content, chance.randint(1, 12), (mutated,))
    tell("mutated inputs", inputs=done, seed=SEED, exceptions=0)
