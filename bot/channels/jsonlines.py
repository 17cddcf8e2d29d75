"""``tanyakaki chat --json``: one object a line in, exactly one a line out, for scripts and checks."""

import json
import uuid
from collections.abc import AsyncIterator, Iterable
from datetime import datetime
from typing import Any

from bot.conversations import Conversations, Inbound, Received
from bot.dialogue.conversation import Conversation, Outcome
from bot.ontology import FACTORS, SYMPTOMS, Level
from bot.store.records import Address


class BadLine(ValueError):
    """An input line that can't be used; says why."""


async def answer_lines(conversations: Conversations, lines: Iterable[bytes]) -> AsyncIterator[str]:
    """Answer each line of ``lines`` by one line of JSON. A bad line gets an error, and the next is read."""
    for raw in lines:
        try:
            name, inbound = parse(raw)
        except BadLine as error:
            yield json.dumps({"error": str(error)}, ensure_ascii=False)
            continue
        received = await conversations.receive(inbound)
        yield json.dumps(describe(name, received), ensure_ascii=False)


def parse(raw: bytes) -> tuple[str, Inbound]:
    """A line as the name of its conversation and the message in it. Raises ``BadLine``."""
    data = _object(raw)
    name = _string(data, "conversation")
    if not name:
        raise BadLine('"conversation" is missing; for example {"conversation": "c1", "text": "kaki sering kram"}')
    at = _moment(data.get("at"))
    address = Address(channel="terminal", id=name)
    option = data.get("option")
    if option is not None:
        return name, Inbound(
            uuid.uuid4().hex, address, at, options=_options(option), complete=_complete(option), kind="tap"
        )
    if "text" not in data:
        raise BadLine('"text" or "option" is missing')
    return name, Inbound(uuid.uuid4().hex, address, at, text=_string(data, "text"))


def describe(name: str, received: Received) -> dict[str, Any]:
    """What a message led to, in the shape of the protocol."""
    conversation = received.conversation
    urgent = conversation.outcome is not None and conversation.outcome.level >= Level.emergency
    return {
        "conversation": name,
        "replies": [
            {"text": reply.text, "options": [option.model_dump() for option in reply.options]}
            for reply in received.replies
        ],
        "asks": received.asks.model_dump(mode="json") if received.asks else None,
        "triage": _triage(conversation.outcome),
        "mode": conversation.mode,
        "emergency": urgent or any(reply.emergency for reply in received.replies),
        "facts": _facts(conversation),
    }


def _triage(outcome: Outcome | None) -> dict[str, Any] | None:
    if outcome is None:
        return None
    return {
        "level": outcome.level.name,
        "reasons": [sign for sign in outcome.reasons if sign in SYMPTOMS or sign in FACTORS],
        "see": list(outcome.see),
        "causes": list(outcome.causes),
        "rules": list(outcome.rules),
    }


def _facts(conversation: Conversation) -> dict[str, Any]:
    facts = conversation.facts
    told = {sign: answer != "no" for sign, answer in facts.signs.items() if answer != "unsure"}
    return {
        "complaint": facts.complaint,
        "body_part": facts.body_part,
        "side": facts.side,
        "duration_days": facts.duration_days,
        "episode_seconds": facts.episode_seconds,
        "recurrence": facts.recurrence,
        "age": facts.age,
        "symptoms": {sign: present for sign, present in told.items() if sign in SYMPTOMS},
        "factors": {sign: present for sign, present in told.items() if sign in FACTORS},
        "unsure": sorted(sign for sign, answer in facts.signs.items() if answer == "unsure"),
    }


def _object(raw: bytes) -> dict[str, Any]:
    try:
        data = json.loads(raw.decode("utf-8"))
    except UnicodeDecodeError:
        raise BadLine("the line is not UTF-8 text") from None
    except (json.JSONDecodeError, RecursionError) as error:
        raise BadLine(f"the line is not JSON: {error}") from None
    if not isinstance(data, dict):
        raise BadLine('the line is no JSON object; for example {"conversation": "c1", "text": "kaki sering kram"}')
    return data


def _string(data: dict[str, Any], key: str) -> str:
    value = data.get(key, "")
    if not isinstance(value, str):
        raise BadLine(f'"{key}" must be a string')
    return value.encode("utf-8", "replace").decode("utf-8")


def _options(option: Any) -> tuple[str, ...]:
    """One tapped option, or several as a list or joined by commas."""
    parts = option if isinstance(option, list) else str(option).split(",")
    if not isinstance(option, str | list) or not all(isinstance(part, str) for part in parts):
        raise BadLine('"option" must be the id of an option, or a list of them')
    return tuple(part.strip() for part in parts if part.strip())


def _complete(option: Any) -> bool:
    """A single tap on a question with several answers may be followed by more; a list is the whole answer."""
    return isinstance(option, list) or "," in option


def _moment(value: Any) -> datetime:
    if value is None:
        return datetime.now().astimezone()
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise BadLine('"at" must be a time like "2026-11-21T20:00:00+07:00"') from None
    return moment if moment.tzinfo else moment.astimezone()
