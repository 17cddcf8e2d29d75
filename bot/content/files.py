"""The YAML files of ``flows/`` and ``knowledge/``: which there are, and what each holds."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from bot.dialogue.script import (
    CareText,
    CauseText,
    Entry,
    FirstAid,
    LevelName,
    OutcomeText,
    QuestionText,
    Sign,
    Source,
)
from bot.model import Model

COMPLAINT_FILES = ("cramp", "twitch", "weakness", "swelling", "numbness", "pain")


class SignsFile(Model):
    signs: Mapping[str, Sign]


class QuestionsFile(Model):
    questions: Mapping[str, QuestionText]


class OutcomesFile(Model):
    outcomes: Mapping[LevelName, OutcomeText]
    causes: Mapping[str, CauseText]
    care: Mapping[str, CareText]


class MessagesFile(Model):
    messages: Mapping[str, str]


class EntriesFile(Model):
    entries: tuple[Entry, ...]


class FirstAidFile(Model):
    first_aid: tuple[FirstAid, ...]


class SourcesFile(Model):
    sources: Mapping[str, Source]


class ClinicFile(Model):
    """The clinic's own facts, in words that may be told to a patient."""

    name: str
    address: str
    phone: str
    hours: str
    bpjs: str
    price: str
    booking: str
    parking: str = ""


NOT_ENTRIES = frozenset({"first_aid.yaml", "sources.yaml", "clinic.yaml"})


def flow_files(flows: Path) -> list[Path]:
    """The dialogue trees that this folder has, one a complaint."""
    return [path for name in COMPLAINT_FILES if (path := flows / f"{name}.yaml").exists()]


def entry_files(knowledge: Path) -> list[Path]:
    return sorted(path for path in knowledge.glob("*.yaml") if path.name not in NOT_ENTRIES)


def version_of(*folders: Path) -> str:
    """A hash of all content, by which an outcome can be explained a year later."""
    digest = hashlib.sha256()
    for folder in folders:
        for path in sorted(folder.rglob("*.yaml")):
            digest.update(path.relative_to(folder).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
