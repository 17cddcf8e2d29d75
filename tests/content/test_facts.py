"""Whether the patients' facts of the seed articles are found when somebody asks for them in a patient's words.

Every question opens a conversation of its own; every option for more that is offered is followed, up to three times.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from bot.content import Content, load_content
from bot.dialogue.conversation import Conversation, Heard, Turn
from bot.dialogue.step import step
from bot.settings import shipped

NOW = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
QUESTIONS = Path(__file__).parent / "fact_questions"
PAGES = 3
GATES = {"tuning": 0.98, "held_back": 0.94}


@dataclass(frozen=True)
class Asked:
    """A question, the fact that it asks for, and what the bot told."""

    fact: str
    question: str
    told: tuple[str, ...]


def ask(question: str, content: Content) -> tuple[str, ...]:
    """All that is told to a question and to three taps on whatever offers more."""
    turn = step(Conversation(), Heard(reading=content.reader.read(question), at=NOW), content.script)
    told = [reply.text for reply in turn.replies]
    for option in _more(turn):
        told += _pages(turn, option, PAGES, content)
    return tuple(told)


def _pages(turn: Turn, option: str, most: int, content: Content) -> list[str]:
    """What one option gives, and the options for more that follow it."""
    heard = Heard(reading=content.reader.read(""), at=NOW, tapped=(option,), kind="tap")
    after = step(turn.conversation, heard, content.script)
    further = _more(after)[:1] if most > 1 else ()
    told = [text for each in further for text in _pages(after, each, most - 1, content)]
    return [reply.text for reply in after.replies] + told


def _more(turn: Turn) -> Sequence[str]:
    return [option.id for reply in turn.replies for option in reply.options if option.id.startswith("more:")]


def texts_of(fact: str, content: Content) -> Iterable[tuple[str, ...]]:
    """The texts that state a fact: an entry's short or longer text, or all steps of a first aid."""
    for known in content.script.entries:
        if fact in known.entry.facts and known.entry.audience == "patient":
            yield (known.entry.short,)
            if known.entry.more:
                yield (known.entry.more,)
    for aid in content.script.first_aid:
        if fact in aid.first_aid.facts:
            yield aid.first_aid.steps


def found(asked: Asked, content: Content) -> bool:
    everything = "\n".join(asked.told)
    return any(all(part.strip() in everything for part in parts) for parts in texts_of(asked.fact, content))


def ask_all(name: str, content: Content) -> list[Asked]:
    rows = yaml.safe_load((QUESTIONS / f"{name}.yaml").read_text(encoding="utf-8"))
    return [Asked(row["fact"], row["question"], ask(row["question"], content)) for row in rows]


def rate(name: str, content: Content) -> tuple[float, list[Asked]]:
    """The part of the questions whose fact is found, and those where it is not."""
    asked = ask_all(name, content)
    missed = [each for each in asked if not found(each, content)]
    return 1 - len(missed) / len(asked), missed


@pytest.mark.parametrize("name", sorted(GATES))
def test_facts_are_found(name: str, content: Content) -> None:
    share, missed = rate(name, content)
    print(f"{name}: {share:.1%}")
    hint = [f"{each.fact}: {each.question}" for each in missed] if name == "tuning" else []
    assert share >= GATES[name], hint


def test_every_patient_fact_is_asked_for(content: Content) -> None:
    entries = [known.entry for known in content.script.entries if known.entry.audience == "patient"]
    listed = {fact for entry in entries for fact in entry.facts}
    for name in GATES:
        rows = yaml.safe_load((QUESTIONS / f"{name}.yaml").read_text(encoding="utf-8"))
        assert {row["fact"] for row in rows} <= listed


if __name__ == "__main__":
    loaded = load_content(shipped("flows"), shipped("knowledge"))
    for each in GATES:
        share, missed = rate(each, loaded)
        print(f"{each}: {share:.1%}")
        if each == "tuning":
            print(*(f"  {miss.fact}: {miss.question}" for miss in missed), sep="\n")
