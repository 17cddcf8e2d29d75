"""All content, read, compiled and checked: whole or not at all."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from bot.content.clinic import clinic_names, hours_of, wrong_spans
from bot.content.files import (
    ClinicFile,
    EntriesFile,
    FirstAidFile,
    MessagesFile,
    OutcomesFile,
    QuestionsFile,
    SignsFile,
    SourcesFile,
    entry_files,
    flow_files,
    version_of,
)
from bot.content.source import ContentError, Document, Fault, Loc, did_you_mean, read
from bot.dialogue.hours import Hours
from bot.dialogue.script import (
    Flow,
    FlowText,
    Known,
    KnownFirstAid,
    Script,
    Step,
    Timing,
    TriageText,
    WhatsAppText,
)
from bot.model import Model
from bot.ontology import SIGNS, SLOTS, Level
from bot.triage.conditions import Condition, ConditionError, compile_condition
from bot.triage.rules import Rule, by_urgency

T = TypeVar("T", bound=Model)


@dataclass(frozen=True, slots=True)
class Documents:
    """Every content file as a checked document."""

    triage: Document[TriageText]
    signs: Document[SignsFile]
    questions: Document[QuestionsFile]
    outcomes: Document[OutcomesFile]
    messages: Document[MessagesFile]
    timing: Document[Timing]
    flows: tuple[Document[FlowText], ...]
    entries: tuple[Document[EntriesFile], ...]
    first_aid: Document[FirstAidFile]
    sources: Document[SourcesFile]
    clinic: Document[ClinicFile]
    whatsapp: Document[WhatsAppText]


def load_script(flows: Path, knowledge: Path, clinic: Path | None = None) -> Script:
    """Read and compile all content. Raises ``ContentError`` with every fault of every file."""
    return compile_script(read_documents(flows, knowledge, clinic), version_of(flows, knowledge))


def compile_script(documents: Documents, version: str) -> Script:
    """Compile what was read. Raises ``ContentError`` with every fault."""
    compiler = _Compiler(documents)
    script = compiler.script(version)
    if compiler.faults:
        raise ContentError(compiler.faults)
    return script


def read_documents(flows: Path, knowledge: Path, clinic: Path | None = None) -> Documents:
    """Read every file by itself, gathering the faults of all of them before giving up."""
    reader = _Reader()
    found = (
        reader.read(flows / "triage.yaml", TriageText),
        reader.read(flows / "signs.yaml", SignsFile),
        reader.read(flows / "questions.yaml", QuestionsFile),
        reader.read(flows / "outcomes.yaml", OutcomesFile),
        reader.read(flows / "messages.yaml", MessagesFile),
        reader.read(flows / "timing.yaml", Timing),
        tuple(reader.read(path, FlowText) for path in flow_files(flows)),
        tuple(reader.read(path, EntriesFile) for path in entry_files(knowledge)),
        reader.read(knowledge / "first_aid.yaml", FirstAidFile),
        reader.read(knowledge / "sources.yaml", SourcesFile),
        reader.read(clinic or knowledge / "clinic.yaml", ClinicFile),
        reader.read(flows / "whatsapp.yaml", WhatsAppText),
    )
    if reader.faults:
        raise ContentError(reader.faults)
    return Documents(*found)  # type: ignore[arg-type]


class _Reader:
    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def read(self, path: Path, model: type[T]) -> Document[T] | None:
        try:
            return read(path, model)
        except ContentError as error:
            self.faults += error.faults
            return None


class _Compiler:
    """Compiles the documents, noting every condition that can't be read and every name that leads nowhere."""

    def __init__(self, documents: Documents) -> None:
        self.documents = documents
        self.faults: list[Fault] = []
        self.definitions: dict[str, Condition] = {}

    def script(self, version: str) -> Script:
        documents = self.documents
        outcomes = documents.outcomes.value
        rules = by_urgency(self._rules())
        flows: dict[str, Flow] = {document.value.complaint: self._flow(document) for document in documents.flows}
        self._outcome_references()
        self._required_references()
        return Script(
            version=version,
            signs=documents.signs.value.signs,
            questions=documents.questions.value.questions,
            flows=flows,
            rules=rules,
            required=frozenset(documents.triage.value.required),
            onset_matters=frozenset(documents.triage.value.onset_matters),
            loose=documents.triage.value.loose,
            outcomes={Level[name]: text for name, text in outcomes.outcomes.items()},
            causes=outcomes.causes,
            care=outcomes.care,
            messages=self._messages(),
            timing=documents.timing.value,
            entries=tuple(self._entries()),
            first_aid=tuple(self._first_aid()),
            sources=documents.sources.value.sources,
            clinic=clinic_names(documents.clinic.value, documents.messages.value.messages),
            hours=self._hours(),
            canned=tuple((reply.title, reply.text) for reply in documents.clinic.value.replies),
            whatsapp=self._whatsapp(),
        )

    def _whatsapp(self) -> WhatsAppText:
        document = self.documents.whatsapp
        messages = self.documents.messages.value.messages
        for name, template in document.value.templates.items():
            if template.message is not None:
                self._known(document, ("templates", name, "message"), [template.message], messages)
            elif not template.text:
                self.faults.append(document.fault(("templates", name), "must have a 'text' or a 'message'"))
        self._known(document, ("reopen",), [document.value.reopen], document.value.templates)
        return document.value

    def _messages(self) -> Mapping[str, str]:
        """The sentences, with those of the house in place of ours."""
        document, messages = self.documents.clinic, self.documents.messages.value.messages
        for key in document.value.messages:
            if key not in messages:
                self.faults.append(document.fault(("messages", key), f"unknown message{did_you_mean(key, messages)}"))
        return {**messages, **document.value.messages}

    def _hours(self) -> Hours:
        document = self.documents.clinic
        wrong = list(wrong_spans(document.value))
        self.faults += [document.fault(("hours", day), problem) for day, problem in wrong]
        return hours_of(document.value.model_copy(update={"hours": {}}) if wrong else document.value)

    def _rules(self) -> list[Rule]:
        document = self.documents.triage
        for name, text in document.value.definitions.items():
            self.definitions[name] = self._condition(document, ("definitions", name), text)
        rules = []
        for index, row in enumerate(document.value.rules):
            loc: Loc = ("rules", index)
            condition = self._condition(document, (*loc, "when"), row.when)
            self._known(document, (*loc, "causes"), row.causes, self.documents.outcomes.value.causes)
            self._known(document, (*loc, "see"), row.see, self.documents.outcomes.value.care)
            self._known(document, (*loc, "first_aid"), row.first_aid, self._first_aid_ids())
            self._known(document, (*loc, "sources"), row.sources, self.documents.sources.value.sources)
            if row.message is not None:
                self._known(document, (*loc, "message"), [row.message], self.documents.messages.value.messages)
            rules.append(
                Rule(
                    row.id,
                    Level[row.level],
                    condition,
                    row.causes,
                    row.see,
                    row.first_aid,
                    row.sources,
                    row.message,
                    row.alarm,
                )
            )
        return rules

    def _flow(self, document: Document[FlowText]) -> Flow:
        steps = []
        for index, step in enumerate(document.value.steps):
            loc: Loc = ("steps", index)
            self._known(document, (*loc, "ask"), [step.ask], self.documents.questions.value.questions)
            when = self._condition(document, (*loc, "when"), step.when) if step.when else None
            steps.append(Step(step.ask, when))
        self._known(document, ("required",), document.value.required, SIGNS)
        return Flow(document.value, tuple(steps))

    def _entries(self) -> Iterator[Known]:
        for document in self.documents.entries:
            for index, entry in enumerate(document.value.entries):
                loc: Loc = ("entries", index)
                self._known(document, (*loc, "sources"), entry.sources, self.documents.sources.value.sources)
                when = self._condition(document, (*loc, "when"), entry.when) if entry.when else None
                yield Known(entry, when)

    def _first_aid(self) -> Iterator[KnownFirstAid]:
        document = self.documents.first_aid
        for index, first_aid in enumerate(document.value.first_aid):
            loc: Loc = ("first_aid", index)
            self._known(document, (*loc, "sources"), first_aid.sources, self.documents.sources.value.sources)
            when = self._condition(document, (*loc, "when"), first_aid.when) if first_aid.when else None
            yield KnownFirstAid(first_aid, when)

    def _first_aid_ids(self) -> frozenset[str]:
        return frozenset(first_aid.id for first_aid in self.documents.first_aid.value.first_aid)

    def _outcome_references(self) -> None:
        document = self.documents.outcomes
        for name, outcome in document.value.outcomes.items():
            self._known(document, ("outcomes", name, "see"), outcome.see, document.value.care)
            self._known(document, ("outcomes", name, "sources"), outcome.sources, self.documents.sources.value.sources)
        for level in Level:
            if level.name not in document.value.outcomes:
                self.faults.append(document.fault(("outcomes",), f"there is no outcome for the level {level.name!r}"))

    def _required_references(self) -> None:
        document = self.documents.triage
        self._known(document, ("required",), document.value.required, (*SIGNS, *SLOTS))
        for index, exemption in enumerate(document.value.exempt):
            self._known(document, ("exempt", index, "signs"), exemption.signs, document.value.required)
            self._condition(document, ("exempt", index, "when"), exemption.when)
        self._known(document, ("onset_matters",), document.value.onset_matters, SIGNS)
        for sign, reasons in document.value.loose.items():
            self._known(document, ("loose", sign), (sign, *reasons), SIGNS)

    def _condition(self, document: Document[T], loc: Loc, text: str) -> Condition:
        try:
            return compile_condition(text, self.definitions)
        except ConditionError as error:
            hint = did_you_mean(error.word, [*SIGNS, *self.definitions]) if error.word else ""
            self.faults.append(document.fault(loc, f"{error}{hint}"))
            return compile_condition("age > 200")

    def _known(self, document: Document[T], loc: Loc, names: tuple[str, ...] | list[str], known: object) -> None:
        words = list(known)  # type: ignore[call-overload]
        for index, name in enumerate(names):
            if name not in words:
                place = loc if len(names) == 1 and loc[-1] in ("ask", "message", "reopen") else (*loc, index)
                self.faults.append(document.fault(place, f"unknown {loc[-1]} {name!r}{did_you_mean(name, words)}"))
