"""The reports' tables, in words: under each chart, and as files for a spreadsheet. Pure."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from bot.desk.phrases import Phrase
from bot.desk.reports import Report
from bot.ontology import Level

Cell = str | int | float | date

CHANNELS: Final = ("web", "telegram", "whatsapp", "terminal")
LEVELS: Final = tuple(reversed(Level))
DANGEROUS: Final = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n", "|", "%")
"""What a spreadsheet may take for a formula, in full width, too; and what begins a command in old ones."""

BOM: Final = "\ufeff"


@dataclass(frozen=True, slots=True)
class Words:
    """What the desk calls the program's identifiers (``pages/words.html``), and the content the codes of refusals."""

    levels: Mapping[Level, str]
    channels: Mapping[str, str]
    why: Mapping[str, str]
    dispositions: Mapping[str, str]
    refusals: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """``key`` stands in the URL of its file. A float is a part of a whole."""

    key: str
    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


def tables_of(report: Report, words: Words) -> dict[str, Table]:
    """Every table of a report but that of phrases, by its key."""
    made = (
        Table("hari", "Pesan dan hasil per hari", _day_head(report, words), tuple(_days(report))),
        Table("tingkat", "Hasil triase", _level_head(report, words), tuple(_levels(report, words))),
        Table("saluran", "Pesan per saluran", ("Saluran", "Pesan", "Bagian"), tuple(_channels(report, words))),
        Table("jam", "Pesan per jam", ("Jam", "Pesan"), tuple((_hour(h), n) for h, n in enumerate(report.hours))),
        Table("alur", "Alur pertanyaan", FUNNEL_HEAD, tuple(_funnel(report))),
        Table("serah-terima", "Ke petugas", ("Sebab", "Jumlah"), tuple(_named(report.handoffs, words.why))),
        Table("balasan", "Balasan pertama", WAIT_HEAD, tuple(_waits(report, words))),
        Table("penutupan", "Penutupan", ("Hasil", "Jumlah"), tuple(_named(report.closings, words.dispositions))),
        Table("pengiriman", "Pengiriman", ("Saluran", "Keadaan", "Jumlah"), tuple(_deliveries(report, words))),
        Table("kesesuaian", "Tingkat bot dan klinisi", _agreement_head(words), tuple(_agreement(report, words))),
    )
    return {table.key: table for table in made}


FUNNEL_HEAD: Final = ("Alur", "Pertanyaan", "Ditanyakan", "Dijawab", "Ke petugas", "Berhenti", "Bagian berhenti")
WAIT_HEAD: Final = ("Sebab", "Jumlah", "Median (menit)", "90% dalam (menit)")
BEFORE: Final = "Sebelum keluhan diketahui"


def phrase_table(phrases: Sequence[Phrase]) -> Table:
    """What was not understood."""
    rows = tuple((phrase.text, len(phrase.conversations), phrase.times) for phrase in phrases)
    return Table("kalimat", "Kalimat yang tidak dimengerti", ("Kalimat", "Percakapan", "Kali"), rows)


def channels_of(report: Report) -> tuple[str, ...]:
    """The channels with anything to tell, always in the same order; the usual ones where there is nothing."""
    found = {*report.channels, *(channel for channel, _ in report.channel_levels)}
    return tuple(channel for channel in CHANNELS if channel in found) or CHANNELS[:3]


def _day_head(report: Report, words: Words) -> tuple[str, ...]:
    levels = (words.levels[level] for level in LEVELS)
    return ("Tanggal", *(words.channels[channel] for channel in channels_of(report)), "Pesan", *levels)


def _days(report: Report) -> Iterator[tuple[Cell, ...]]:
    for day in report.days:
        messages = [day.messages.get(channel, 0) for channel in channels_of(report)]
        yield day.date, *messages, sum(day.messages.values()), *(day.outcomes.get(level, 0) for level in LEVELS)


def _level_head(report: Report, words: Words) -> tuple[str, ...]:
    return ("Tingkat", *(words.channels[channel] for channel in channels_of(report)), "Jumlah", "Bagian")


def _levels(report: Report, words: Words) -> Iterator[tuple[Cell, ...]]:
    for level in LEVELS:
        count = report.levels.get(level, 0)
        by_channel = (report.channel_levels.get((channel, level), 0) for channel in channels_of(report))
        yield words.levels[level], *by_channel, count, _share(count, report.outcomes)


def _channels(report: Report, words: Words) -> Iterator[tuple[Cell, ...]]:
    for channel in channels_of(report):
        count = report.channels.get(channel, 0)
        yield words.channels[channel], count, _share(count, report.messages)


def _funnel(report: Report) -> Iterator[tuple[Cell, ...]]:
    for funnel in report.funnels:
        for stop in funnel.stops:
            numbers = (stop.asked, stop.answered, stop.handed, stop.stopped, _share(stop.stopped, stop.asked))
            yield funnel.name or BEFORE, stop.label, *numbers


def _waits(report: Report, words: Words) -> Iterator[tuple[Cell, ...]]:
    for wait in report.waits:
        why = words.why.get(wait.why, wait.why) if wait.why else "Semua"
        yield why, wait.count, _minutes(wait.median), _minutes(wait.p90)


def _deliveries(report: Report, words: Words) -> Iterator[tuple[Cell, ...]]:
    for channel, count in report.sent.items():
        yield words.channels.get(channel, channel), "Terkirim", count
    for (channel, reason), count in report.failures.items():
        yield words.channels.get(channel, channel), f"Gagal: {words.refusals.get(reason, reason)}", count


def _agreement_head(words: Words) -> tuple[str, ...]:
    return ("Bot", *(f"Klinisi: {words.levels[level]}" for level in LEVELS))


def _agreement(report: Report, words: Words) -> Iterator[tuple[Cell, ...]]:
    for told in LEVELS:
        yield words.levels[told], *(report.agreement.cells.get((told, given), 0) for given in LEVELS)


def _named(counts: Mapping[str, int], names: Mapping[str, str]) -> Iterator[tuple[Cell, ...]]:
    yield from ((names.get(id, id), count) for id, count in counts.items())


def _hour(hour: int) -> str:
    return f"{hour:02}.00"


def _share(count: int, whole: int) -> float:
    return count / whole if whole else 0.0


def _minutes(seconds: int) -> str:
    return f"{seconds / 60:.1f}".replace(".", ",")


def shown(cell: Cell) -> str:
    """A cell as people in Indonesia write it."""
    if isinstance(cell, float):
        return f"{100 * cell:.1f}".replace(".", ",").removesuffix(",0") + "%"
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def as_csv(table: Table) -> bytes:
    """The table as Excel in Indonesia opens it at a double click: UTF-8 that says so, semicolons between cells, since
    the comma is the decimal mark there. Numbers stay bare; no text can begin a formula."""
    file = io.StringIO()
    writer = csv.writer(file, delimiter=";", lineterminator="\r\n")
    writer.writerow([harmless(name) for name in table.head])
    writer.writerows([[harmless(cell) if isinstance(cell, str) else shown(cell) for cell in row] for row in table.rows])
    return (BOM + file.getvalue()).encode()


def harmless(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.lstrip(" \u00a0\u200b").startswith(DANGEROUS) or text.startswith(DANGEROUS) else text
