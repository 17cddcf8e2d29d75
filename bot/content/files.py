"""The YAML files of ``flows/`` and ``knowledge/``: which there are, and what each holds."""

import hashlib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Literal

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


Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


class HolidaysText(Model):
    """Days that differ from the week: the national holidays, days off of the house, and days on which it is open all
    the same."""

    national: bool = True
    closed: tuple[date, ...] = ()
    open: tuple[date, ...] = ()


class Doctor(Model):
    """A doctor of the clinic: ``sip`` is the number of the practice licence, ``when`` the days in words."""

    name: str
    specialty: str
    sip: str = ""
    when: str = ""


class CannedReply(Model):
    """An answer that the staff can pick. ``{staff}`` is who writes; the clinic's own names are filled in, too."""

    title: str
    text: str


class ClinicFile(Model):
    """The clinic's own facts, in words that may be told to a patient, and its hours. ``messages`` are sentences of the
    house in place of those of ``messages.yaml``, ``replies`` what the desk offers its staff."""

    name: str
    address: str
    phone: str
    timezone: Literal["Asia/Jakarta", "Asia/Pontianak", "Asia/Makassar", "Asia/Jayapura"] = "Asia/Jakarta"
    hours: Mapping[Weekday, str]
    hours_note: str = ""
    holidays: HolidaysText = HolidaysText()
    doctors: tuple[Doctor, ...] = ()
    bpjs: str
    price: str
    booking: str
    parking: str = ""
    messages: Mapping[str, str] = {}
    replies: tuple[CannedReply, ...] = ()


_CONTENT = frozenset({".yaml", ".json"})
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
        for path in sorted(path for path in folder.rglob("*") if path.suffix in _CONTENT):
            digest.update(path.relative_to(folder).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
