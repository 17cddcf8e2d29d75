"""What the checks look at: the content, with the places of its parts and the cases of its conditions."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from bot.content.checks.cases import Case, Casebook
from bot.content.checks.people import Person, Turns, Walk, walk
from bot.content.files import ClinicFile
from bot.content.load import Documents
from bot.content.source import Document, Fault, Loc
from bot.dialogue.hearing import told_signs
from bot.dialogue.script import Flow, FlowText, Script
from bot.language import Reader
from bot.ontology import SIGNS
from bot.triage.conditions import Condition, compile_condition
from bot.triage.rules import Rule


@dataclass(frozen=True)
class Subject:
    """The content under proof. Walks are remembered: several checks look at the same ones."""

    documents: Documents
    script: Script
    make_reader: Callable[[], Reader]

    @cached_property
    def reader(self) -> Reader:
        """The reader of free text, made when a check first wants it."""
        return self.make_reader()

    @cached_property
    def definitions(self) -> Mapping[str, Condition]:
        compiled: dict[str, Condition] = {}
        for name, text in self.documents.triage.value.definitions.items():
            compiled[name] = compile_condition(text, compiled)
        return compiled

    @cached_property
    def exemptions(self) -> tuple[tuple[frozenset[str], Condition], ...]:
        """Signs that need not be asked, and of whom."""
        rows = self.documents.triage.value.exempt
        return tuple((frozenset(row.signs), compile_condition(row.when, self.definitions)) for row in rows)

    @cached_property
    def casebook(self) -> Casebook:
        conditions = [
            *(rule.condition for rule in self.script.rules),
            *(step.when for flow in self.script.flows.values() for step in flow.steps if step.when),
            *(condition for _, condition in self.exemptions),
        ]
        definitions = {name: condition.tree for name, condition in self.definitions.items()}
        return Casebook(definitions, [condition.tree for condition in conditions])

    @cached_property
    def _rule_cases(self) -> Mapping[str, tuple[Case, ...]]:
        return {rule.id: tuple(self.casebook.cases(rule.condition)) for rule in self.script.rules}

    @cached_property
    def _turns(self) -> Turns:
        return {}

    @cached_property
    def _walks(self) -> dict[tuple[object, ...], Walk]:
        return {}

    def cases(self, rule: Rule) -> tuple[Case, ...]:
        """Every minimal case in which ``rule`` fires."""
        return self._rule_cases[rule.id]

    def walk(self, person: Person) -> Walk:
        key = (tuple(person.slots.items()), person.present, person.unsure, person.onset)
        if key not in self._walks:
            self._walks[key] = walk(self.script, person, turns=self._turns)
        return self._walks[key]

    def walks(self) -> int:
        """How many different walks were made."""
        return len(self._walks)

    def walked(self, complaint: str) -> list[Walk]:
        """The walks made so far that began with this complaint."""
        return [walk for walk in self._walks.values() if walk.facts.complaint == complaint]

    @cached_property
    def understood(self) -> frozenset[str]:
        """The signs whose own phrase is read as that sign when a patient writes it."""
        return frozenset(id for id, sign in self.script.signs.items() if self.reads(sign.phrase, id))

    def reads(self, text: str, sign: str) -> bool:
        """Whether ``text`` is read as telling of ``sign``."""
        reading = self.reader.read(text)
        return told_signs(reading).get(sign) is True

    def asked_signs(self, flow: Flow) -> frozenset[str]:
        """The signs that some step of this flow asks for."""
        ids = (id for step in flow.steps for id in self.script.questions[step.question].ids)
        return frozenset(id for id in ids if id in SIGNS)

    def required(self, flow: Flow) -> frozenset[str]:
        """The signs and slots that must be known in this flow before ``self_care``."""
        return self.script.required | frozenset(flow.text.required)

    def flows(self) -> Iterator[tuple[Document[FlowText], Flow]]:
        for document in self.documents.flows:
            yield document, self.script.flows[document.value.complaint]

    def rule_fault(self, rule: Rule, message: str, key: str = "when") -> Fault:
        """A fault at the rule's row of the triage table."""
        rows = self.documents.triage.value.rules
        index = next(index for index, row in enumerate(rows) if row.id == rule.id)
        return self.documents.triage.fault(("rules", index, key), message)

    def question_fault(self, question: str, message: str, *loc: int | str) -> Fault:
        place: Loc = ("questions", question, *loc)
        return self.documents.questions.fault(place, message)

    @property
    def clinic(self) -> Document[ClinicFile]:
        return self.documents.clinic
