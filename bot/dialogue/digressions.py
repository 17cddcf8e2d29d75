"""What is said beside the questions: more of an answer, the nearest meanings, the way to a person."""

from bot.dialogue import knowing
from bot.dialogue.conversation import Conversation, Option, Reply
from bot.dialogue.script import Script
from bot.dialogue.wording import bullets, paragraphs, say
from bot.language import Reading

NEAREST = 3
_KIND_INTENTS = {"cause": "ask_causes", "prevention": "ask_prevention"}


def more(wanted: str, conversation: Conversation, script: Script) -> Reply | None:
    """What an option ``more:…`` gives: sources, a page of knowledge, or the longer version of an entry."""
    _, _, what = wanted.partition(":")
    if what == "source":
        return _sources(conversation, script)
    kind, _, start = what.partition(":")
    intent = _KIND_INTENTS.get(kind, kind)
    if intent in knowing.KINDS:
        return knowing.page(script, intent, conversation.facts, int(start) if start.isdecimal() else 0)
    return knowing.entry_more(script, what.split("+"))


def offer_human(script: Script) -> Reply:
    return Reply(text=say(script, "offer_human"), options=(Option(id="human", label=script.messages["human_label"]),))


def did_you_mean(reading: Reading, script: Script) -> Reply | None:
    """The three nearest topics for a message that was not understood, as options."""
    titles = {known.entry.id: known.entry.title for known in script.entries if known.entry.audience == "patient"}
    near = [Option(id=f"more:{id}", label=titles[id][:24]) for id, _ in reading.topics if id in titles][:NEAREST]
    return Reply(text=say(script, "did_you_mean"), options=tuple(near)) if near else None


def _sources(conversation: Conversation, script: Script) -> Reply | None:
    """The sources of the outcome: those of its rules, else those of the causes told."""
    if conversation.outcome is None:
        return None
    ids = dict.fromkeys(
        source for rule in script.rules if rule.id in conversation.outcome.rules for source in rule.sources
    )
    for known in script.entries:
        if known.entry.id in conversation.outcome.causes:
            ids |= dict.fromkeys(known.entry.sources)
    ids |= dict.fromkeys(script.outcomes[conversation.outcome.level].sources)
    lines = [
        f"{script.sources[id].title} ({script.sources[id].publisher})" for id in list(ids)[:8] if id in script.sources
    ]
    return Reply(text=paragraphs(say(script, "sources_intro"), bullets(lines)))
