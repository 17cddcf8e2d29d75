"""Emergencies go first: whatever the conversation is waiting for, and whoever owns it."""

from datetime import UTC, datetime

import pytest

from bot.content import Content
from bot.dialogue.conversation import Conversation, Heard, Pending, Turn
from bot.dialogue.step import expecting, step
from bot.ontology import COMPLAINTS, Level
from bot.triage.facts import Facts

NOW = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
ALARM = "tolong dok, bapak saya tiba tiba sesak napas berat dan nyeri dada"


def say(content: Content, conversation: Conversation, text: str = "", tap: str = "") -> Turn:
    reading = content.reader.read(text, expecting(conversation, content.script))
    heard = Heard(reading, NOW, (tap,) if tap else (), kind="tap" if tap else "text")
    return step(conversation, heard, content.script)


def states(content: Content, complaint: str) -> list[Conversation]:
    """Every state that a well patient with this complaint goes through, the outcome too."""
    start = Conversation(channel="web").but(facts=Facts(complaint=complaint, body_part="calf"))
    turn = say(content, start, "mau tanya dok")
    found = [turn.conversation]
    for _ in range(20):
        asks = turn.asks
        if asks is None:
            break
        multi = asks.kind == "multi"
        turn = say(content, turn.conversation, tap="none" if multi else "yes" if asks.ids == ("consent",) else "unsure")
        if turn.asks == asks:
            turn = say(content, turn.conversation, tap="no" if asks.kind == "yes_no" else "left")
        found.append(turn.conversation)
    return found


@pytest.mark.parametrize("complaint", COMPLAINTS)
def test_an_emergency_is_told_at_once_in_every_state(content: Content, complaint: str) -> None:
    seen = states(content, complaint)
    assert len(seen) > 6
    for conversation in seen:
        turn = say(content, conversation, ALARM)
        assert turn.replies[0].emergency, conversation.pending
        assert "119" in turn.replies[0].text
        assert turn.conversation.outcome is not None
        assert turn.conversation.outcome.level is Level.emergency_ambulance
        assert turn.asks is None, "asking stops"


@pytest.mark.parametrize("owner", ["waiting", "staff:Rina"])
def test_reading_for_emergencies_never_stops(content: Content, owner: str) -> None:
    conversation = Conversation(owner=owner, channel="web")
    turn = say(content, conversation, ALARM)
    assert turn.replies[0].emergency
    assert turn.conversation.alarm
    assert turn.conversation.owner == owner, "the person keeps the conversation"
    again = say(content, turn.conversation, ALARM)
    assert not any(reply.emergency for reply in again.replies), "once per flag"


def test_staff_talk_is_not_interrupted_by_the_bot(content: Content) -> None:
    assert say(content, Conversation(owner="staff:Rina", channel="web"), "kaki saya kram").replies == ()


@pytest.mark.parametrize("question", ["forget", "consent", "switch", "follow_up"])
def test_questions_about_the_conversation_do_not_hide_an_emergency(content: Content, question: str) -> None:
    conversation = Conversation(pending=Pending(question=question, ids=("consent",), about=("cramp",)), channel="web")
    assert say(content, conversation, ALARM).replies[0].emergency


def test_a_level_that_was_told_never_falls(content: Content) -> None:
    turn = say(content, Conversation(channel="web"), ALARM)
    for text in ("udah ga sesak kok", "ga nyeri dada", "cuma kram betis kiri", "makasih"):
        turn = say(content, turn.conversation, text)
        assert turn.conversation.outcome is None or turn.conversation.outcome.level is Level.emergency_ambulance
        assert turn.conversation.floor is Level.emergency_ambulance


def test_after_an_emergency_was_told_every_answer_keeps_it_in_mind(content: Content) -> None:
    turn = say(content, Conversation(channel="web"), ALARM)
    turn = say(content, turn.conversation, "oke dok")
    assert any(word in turn.replies[-1].text for word in ("119", "IGD"))


def test_an_emergency_without_any_complaint_of_the_leg_is_one_too(content: Content) -> None:
    assert say(content, Conversation(channel="web"), "ibu saya mulutnya mencong dan bicara pelo").replies[0].emergency


def test_a_denied_emergency_is_none(content: Content) -> None:
    turn = say(content, Conversation(channel="web"), "betis kram, ga sesak, ga nyeri dada")
    assert not any(reply.emergency for reply in turn.replies)
