"""The dialogue trees as a picture and as data: for Mermaid, and for the page that a clinician reads."""

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import RootModel

from bot.content.source import read
from bot.dialogue.script import Flow, QuestionText, Script, Step
from bot.dialogue.wording import listed
from bot.ontology import SIGNS, Level
from bot.triage.conditions import Condition
from bot.triage.facts import Facts
from bot.triage.rules import Rule, triage

FOLDER: Final = Path(__file__).parent / "page"
Part = str | dict[str, list["Part"]]
_COMPARED: Final[Mapping[type[ast.cmpop], str]] = {
    ast.Lt: "below",
    ast.LtE: "at_most",
    ast.Gt: "above",
    ast.GtE: "at_least",
}


class Words(RootModel[Mapping[str, str]]):
    """The page's own words."""

    def say(self, key: str, **values: object) -> str:
        return self.root[key].format(**values)


def load_words() -> Words:
    """The words in which conditions and levels are told to a clinician."""
    return read(FOLDER / "words.yaml", Words).value


class Teller:
    """Tells conditions in a clinician's words."""

    def __init__(self, script: Script, words: Words) -> None:
        self.script = script
        self.words = words
        self._names = {
            option.id: option.label.lower()
            for name in ("body_part", "side", "recurrence")
            if name in script.questions
            for option in script.questions[name].options
        } | {complaint: flow.text.name for complaint, flow in script.flows.items()}

    def condition(self, condition: Condition) -> str:
        """The condition as a sentence's part."""
        return self._sentence(self.parts(condition.tree), inside="")

    def parts(self, node: ast.expr) -> Part:
        """The condition as it nests: words, or ``{"and": […]}``, ``{"or": […]}``, ``{"not": […]}``."""
        match node:
            case ast.BoolOp(op=op, values=values):
                return {"and" if isinstance(op, ast.And) else "or": [self.parts(value) for value in values]}
            case ast.UnaryOp(operand=operand):
                return {"not": [self.parts(operand)]}
            case ast.Name(id=name):
                return self._word(name)
            case ast.Compare(left=ast.Name(id=name), ops=[op], comparators=[right]):
                return self._comparison(name, op, right)
        raise AssertionError(f"the compiler let {ast.unparse(node)!r} pass")

    def _sentence(self, part: Part, inside: str) -> str:
        if isinstance(part, str):
            return part
        ((word, parts),) = part.items()
        if word == "not":
            return self.words.say("not", what=self._sentence(parts[0], "not"))
        told = f" {self.words.root[word]} ".join(self._sentence(each, word) for each in parts)
        return f"({told})" if inside and inside != word else told

    def _word(self, name: str) -> str:
        if name in self.script.signs:
            return self.script.signs[name].label.lower()
        return self.words.root.get(name, name)

    def _comparison(self, name: str, op: ast.cmpop, right: ast.expr) -> str:
        if isinstance(right, ast.Constant):
            how = self.words.say(_COMPARED[type(op)], number=right.value)
            return self.words.say(name, how=how)
        values = [self._names.get(part.id, part.id) for part in ast.walk(right) if isinstance(part, ast.Name)]
        told = f" {self.words.root['or']} ".join([", ".join(values[:-1]), values[-1]] if values[1:] else values)
        told = self.words.say("not", what=told) if isinstance(op, ast.NotEq | ast.NotIn) else told
        return self.words.say(name, how=told)


def as_data(script: Script, words: Words) -> dict[str, Any]:
    """Everything that the page shows."""
    teller = Teller(script, words)
    return {
        "version": script.version,
        "levels": {level.name: plain(script.outcomes[level].headline) for level in sorted(Level, reverse=True)},
        "flows": [_flow(flow, script, teller) for flow in script.flows.values()],
        "rules": [_rule(rule, script, teller) for rule in script.rules],
        "sources": {id: source.model_dump() for id, source in script.sources.items()},
    }


def _flow(flow: Flow, script: Script, teller: Teller) -> dict[str, Any]:
    required = script.required.union(flow.text.required)
    return {
        "id": flow.text.complaint,
        "name": flow.text.name,
        "opening": flow.text.opening,
        "steps": [_step(step, flow, script, teller, required) for step in flow.steps],
    }


def _step(step: Step, flow: Flow, script: Script, teller: Teller, required: frozenset[str]) -> dict[str, Any]:
    question = script.questions[step.question]
    answers = [_sign(id, flow, script, required) for id in question.ids if id in SIGNS]
    return {
        "question": step.question,
        "kind": question.kind,
        "text": question.text,
        "again": question.again,
        "why": question.why,
        "when": teller.parts(step.when.tree) if step.when else "",
        "answers": answers or [{"id": "", "label": option.label} for option in question.options],
    }


def _sign(id: str, flow: Flow, script: Script, required: frozenset[str]) -> dict[str, Any]:
    """A sign as an answer, with the level that it reaches by itself."""
    alone = triage(Facts(complaint=flow.text.complaint, side="left").with_signs([id], "yes"), script.rules).level
    bare = triage(Facts(complaint=flow.text.complaint, side="left"), script.rules).level
    sign = script.signs[id]
    level = alone.name if alone > bare else ""
    return {"id": id, "label": sign.label, "explain": sign.explain, "level": level, "required": id in required}


def _rule(rule: Rule, script: Script, teller: Teller) -> dict[str, Any]:
    aid = {known.first_aid.id: known.first_aid.title for known in script.first_aid}
    return {
        "id": rule.id,
        "level": rule.level.name,
        "when": teller.parts(rule.condition.tree),
        "signs": sorted(rule.condition.signs),
        "causes": [script.causes[cause].name for cause in rule.causes],
        "see": [script.care[care].name for care in rule.see],
        "first_aid": [aid[id] for id in rule.first_aid],
        "sources": list(rule.sources),
    }


def mermaid(flow: Flow, script: Script, words: Words) -> str:
    """One flow as a Mermaid flowchart: asked from above to below, what ends it at once to the side."""
    return "\n".join(_mermaid(flow, script, words))


def _mermaid(flow: Flow, script: Script, words: Words) -> Iterator[str]:
    teller = Teller(script, words)
    yield "flowchart TD"
    yield f"  start([{_quoted(flow.text.name)}])"
    before = "start"
    for number, step in enumerate(flow.steps, 1):
        here = f"q{number}"
        yield f"  {here}[{_quoted(_in_short(script.questions[step.question], script))}]"
        yield from _urgent_edges(here, step, flow, script)
        if step.when is None:
            yield f"  {before} --> {here}"
            before = here
            continue
        yield f"  {here}_when{{{{{_quoted(words.say('asked_if', what=teller.condition(step.when)))}}}}}"
        yield f"  {before} --> {here}_when -->|{words.root['yes']}| {here} --> {here}_on(( ))"
        yield f"  {here}_when -->|{words.root['no']}| {here}_on"
        before = f"{here}_on"
    yield f"  {before} --> rules{{{{{_quoted(words.root['rules_decide'])}}}}}"
    for level in sorted(Level, reverse=True):
        yield f"  rules --> {level.name}([{_quoted(words.root[level.name])}])"


def _urgent_edges(here: str, step: Step, flow: Flow, script: Script) -> Iterator[str]:
    """The signs of a question that end the asking at once."""
    required = script.required.union(flow.text.required)
    signs = [_sign(id, flow, script, required) for id in script.questions[step.question].ids if id in SIGNS]
    for level in (Level.emergency_ambulance, Level.emergency):
        labels = [sign["label"] for sign in signs if sign["level"] == level.name]
        if labels:
            yield f"  {here} -->|{_quoted(listed(script, labels))}| {level.name}"


def _in_short(question: QuestionText, script: Script) -> str:
    """The question's first sentence, and its signs."""
    first = re.split(r"(?<=[.?!])\s", plain(question.text).replace("\n", " "))[0]
    signs = [script.signs[id].label for id in question.ids if id in SIGNS and question.kind == "multi"]
    return f"{first}<br/>{', '.join(signs)}" if signs else first


def plain(text: str) -> str:
    """Text without the markup of bold and italics."""
    return re.sub(r"(?<!\w)[*_]|[*_](?!\w)", "", text)


def _quoted(text: str) -> str:
    return '"' + text.replace('"', "'") + '"'
