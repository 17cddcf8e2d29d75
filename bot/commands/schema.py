"""``tanyakaki schema``: JSON Schemas of the YAML files, by which an editor completes and checks while one writes."""

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel

from bot.content.files import (
    COMPLAINT_FILES,
    ClinicFile,
    EntriesFile,
    FirstAidFile,
    MessagesFile,
    OutcomesFile,
    QuestionsFile,
    SignsFile,
    SourcesFile,
)
from bot.content.learned import ExamplesFile
from bot.dialogue.script import FlowText, Timing, TriageText
from bot.language.lexicon import LexiconFile
from bot.simulation import Patients

SCHEMAS: Final[Mapping[str, tuple[type[BaseModel], str]]] = {
    "flow": (FlowText, f"flows/{{{','.join(COMPLAINT_FILES)}}}.yaml"),
    "triage": (TriageText, "flows/triage.yaml"),
    "questions": (QuestionsFile, "flows/questions.yaml"),
    "signs": (SignsFile, "flows/signs.yaml"),
    "outcomes": (OutcomesFile, "flows/outcomes.yaml"),
    "messages": (MessagesFile, "flows/messages.yaml"),
    "timing": (Timing, "flows/timing.yaml"),
    "patients": (Patients, "flows/patients/*.yaml"),
    "entries": (EntriesFile, "knowledge/*.yaml"),
    "first_aid": (FirstAidFile, "knowledge/first_aid.yaml"),
    "sources": (SourcesFile, "knowledge/sources.yaml"),
    "clinic": (ClinicFile, "knowledge/clinic.yaml"),
    "lexicon": (LexiconFile, "knowledge/language/*.yaml"),
    "examples": (ExamplesFile, "knowledge/language/examples/*.yaml"),
}
"""The kinds of content files: the model of each, and which files are of it."""


def add_commands(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser("schema", help="JSON Schemas of the YAML files, for editors")
    parser.add_argument("folder", nargs="?", type=Path, metavar="DIR", help="write one file a schema into this folder")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    if arguments.folder is None:
        print(_json({name: schema_of(name) for name in SCHEMAS}))
        return 0
    arguments.folder.mkdir(parents=True, exist_ok=True)
    print("Put the line of its kind at the top of a file, and the editor's YAML server knows its schema:")
    for name, (_, files) in SCHEMAS.items():
        path = arguments.folder / f"{name}.schema.json"
        path.write_text(_json(schema_of(name)) + "\n", encoding="utf-8")
        print(f"{files:62} # yaml-language-server: $schema={path}")
    return 0


def schema_of(name: str) -> dict[str, Any]:
    """The JSON Schema of one kind of file."""
    model, files = SCHEMAS[name]
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": files, **model.model_json_schema()}


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)
