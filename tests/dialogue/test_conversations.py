"""Whole conversations, written as data beside the flows, run through the real store: the state is written down and
read back between every two turns."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.conversations import Conversations, Inbound, Received
from bot.settings import shipped
from bot.store.records import Address

NOW = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
LONGEST = 20

FILES = sorted((shipped("flows") / "conversations").glob("*.yaml"))
SCRIPTED = [conversation for path in FILES for conversation in yaml.safe_load(path.read_text(encoding="utf-8"))]


class Talk:
    """A scripted conversation as it goes."""

    def __init__(self, conversations: Conversations, address: Address, script: Mapping[str, Any]) -> None:
        self.conversations = conversations
        self.address = address
        self.script = script
        self.never: set[str] = set()
        self.count = 0

    async def run(self) -> Received:
        received = Received(self.address, None)  # type: ignore[arg-type]
        for turn in self.script["turns"]:
            if "until_outcome" in turn:
                received = await self._until_outcome(turn.get("answers", {}), received)
            else:
                received = await self._say(turn.get("user", ""), turn.get("tap"))
            self._compare(turn, received)
        return received

    async def _say(self, text: str, tap: str | list[str] | None = None) -> Received:
        self.count += 1
        options = tuple(tap) if isinstance(tap, list) else (tap,) if tap else ()
        received = await self.conversations.receive(
            Inbound(
                f"m{self.count}",
                self.address,
                NOW,
                text=text,
                options=options,
                complete=isinstance(tap, list),
                kind="tap" if options else "text",
            )
        )
        assert received.replies or received.conversation.mode != "bot", "the bot always answers"
        assert all(reply.text for reply in received.replies)
        asked = set(received.asks.ids) if received.asks else set()
        assert not asked & self.never, f"asked again: {asked & self.never}"
        return received

    async def _until_outcome(self, answers: Mapping[str, Any], received: Received) -> Received:
        for _ in range(LONGEST):
            if received.conversation.outcome or received.asks is None:
                return received
            wanted = received.asks.ids[0]
            if received.asks.kind == "multi":
                received = await self._say("tidak ada")
            elif wanted == "consent":
                received = await self._say("", "yes")
            elif wanted in answers:
                received = await self._say("", str(answers[wanted]))
            else:
                received = await self._say("tidak" if received.asks.kind == "yes_no" else "kurang tahu")
        raise AssertionError(f"no outcome; still asked: {received.asks}")

    def _compare(self, turn: Mapping[str, Any], received: Received) -> None:
        self.never |= set(turn.get("not_asks", ()))
        asked = list(received.asks.ids) if received.asks else None
        if "asks" in turn:
            assert asked is None if turn["asks"] is None else set(turn["asks"]) <= set(asked or ()), (turn, asked)
        assert received.conversation.mode == turn.get("mode", received.conversation.mode)
        for slot, value in turn.get("facts", {}).items():
            self._compare_fact(slot, value, received)

    def _compare_fact(self, slot: str, value: Any, received: Received) -> None:
        facts = received.conversation.facts
        if slot in ("symptoms", "factors"):
            told = {sign: facts.signs.get(sign) for sign in value}
            assert told == {sign: "yes" if present else "no" for sign, present in value.items()}
        else:
            assert getattr(facts, slot) == value, slot


@pytest.mark.parametrize("script", SCRIPTED, ids=[script["name"] for script in SCRIPTED])
async def test_a_conversation(conversations: Conversations, address: Address, script: Mapping[str, Any]) -> None:
    received = await Talk(conversations, address, script).run()
    expected, outcome = script.get("outcome"), received.conversation.outcome
    if expected is None:
        return
    assert outcome is not None
    assert outcome.level.name == expected["level"]
    assert set(expected.get("rules", ())) <= set(outcome.rules)


def test_there_are_scripted_conversations_for_every_flow() -> None:
    named = {Path(path).stem for path in FILES}
    assert len(SCRIPTED) >= 25, named
