"""The pages of the reports."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bot.desk.audit import Entry
from bot.desk.charts import Series, bar, columns, short_number
from bot.desk.phrases import Phrase, phrases_of
from bot.desk.reports import PERIODS, Day, Period, Report, grouped, period_of, report_of
from bot.desk.security import Refused, Visitor
from bot.desk.tables import CHANNELS, LEVELS, Table, Words, as_csv, channels_of, phrase_table, shown, tables_of
from bot.desk.templates import MONTHS
from bot.ontology import Level
from bot.store.missed import missed_lines
from bot.store.reads import Read, note_read
from bot.store.store import answered
from bot.store.tallies import tallies

if TYPE_CHECKING:
    from bot.desk import Desk

NOTED_EVERY: Final = timedelta(minutes=10)
"""Within so long, looking at the same phrases again is the same reading."""

MOST_COLUMNS: Final = 120
WEEK: Final = 7
PHRASES: Final = "kalimat"
TONES: Final = dict(zip(CHANNELS, ("one", "two", "three", "four"), strict=True))


class Reports:
    """Reports and their files."""

    def __init__(self, desk: "Desk") -> None:
        self._gate = desk.gate
        self._conversations = desk.conversations
        self._store = desk.conversations.store

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/desk/reports", self._gate.guarded("reports", self.page), methods=["GET"]),
            Route("/desk/reports.csv", self._gate.guarded("reports", self.file), methods=["GET"]),
        ]

    async def page(self, request: Request, visitor: Visitor) -> Response:
        """All of it. What people said and was not understood is read only for whoever asks for it."""
        period, words = self._period(request), self._words()
        report = await self._report(period)
        phrases = await self._phrases(visitor, period) if PHRASES in request.query_params else None
        return self._gate.templates.page(
            "reports.html",
            visitor=visitor,
            csrf=visitor.csrf,
            report=report,
            period=period,
            today=self._today(),
            periods=PERIODS,
            asked=urlencode({"from": period.first.isoformat(), "to": period.last.isoformat()}),
            tables=tables_of(report, words),
            phrases=phrase_table(phrases) if phrases is not None else None,
            days=shown_days(report),
            day_labels=[short_day(day.date) for day in shown_days(report)],
            by_day=series_of(shown_days(report), channels_of(report), words),
            by_hour=[Series("pesan", TONES["web"], report.hours)],
            hours=[f"{hour:02}" for hour in range(24)],
            levels=LEVELS,
            words=words,
            tones=TONES,
            columns=columns,
            bar=bar,
            number=short_number,
            shown=shown,
        )

    async def file(self, request: Request, visitor: Visitor) -> Response:
        """One table for a spreadsheet. That it left the house is noted."""
        period, key = self._period(request), request.query_params.get("table", "")
        table = await self._table(visitor, period, key)
        span = f"{period.first.isoformat()}-{period.last.isoformat()}"
        await self._note(visitor, "reports", f"{key} {span}")
        headers = {"Content-Disposition": f'attachment; filename="laporan-{key}-{span}.csv"'}
        return Response(as_csv(table), media_type="text/csv; charset=utf-8", headers=headers)

    async def _table(self, visitor: Visitor, period: Period, key: str) -> Table:
        if key == PHRASES:
            return phrase_table(await self._phrases(visitor, period))
        table = tables_of(await self._report(period), self._words()).get(key)
        if table is None:
            raise Refused("gone")
        return table

    async def _report(self, period: Period) -> Report:
        counted = await tallies(self._store, period.days)
        return report_of(period, counted, self._conversations.content.script)

    async def _phrases(self, visitor: Visitor, period: Period) -> Sequence[Phrase]:
        """The commonest of what was not understood. These are patients' words: the reading is noted, and where they are
        one patient's alone, with that patient, too."""
        zone = self._conversations.content.script.hours.zone
        since = datetime.combine(period.first, time(), zone)
        until = datetime.combine(period.last + timedelta(days=1), time(), zone)
        phrases = phrases_of([(id, line.text) async for id, line in missed_lines(self._store, since, until)])
        if phrases and await self._is_new(visitor, period):
            await self._note(visitor, "phrases", f"{period.first.isoformat()} {period.last.isoformat()}")
            read = Read(at=self._gate.now(), who=visitor.username, what="phrases")
            for id in {phrase.conversations[0] for phrase in phrases if len(phrase.conversations) == 1}:
                address = await self._store.address_of(id)
                if address is not None:
                    await note_read(self._store, address, read)
        return phrases

    async def _is_new(self, visitor: Visitor, period: Period) -> bool:
        key = f"tk:{{desk}}:opened:{self._store.sealer.name('phrases', visitor.username, str(period))}"
        return bool(await answered(self._store.redis.set(key, 1, ex=NOTED_EVERY, nx=True)))

    async def _note(self, visitor: Visitor, what: str, detail: str) -> None:
        await self._gate.audit.note(Entry(at=self._gate.now(), who=visitor.username, what=what, detail=detail))

    def _period(self, request: Request) -> Period:
        asked = request.query_params
        return period_of(asked.get("from", ""), asked.get("to", ""), asked.get("days", ""), self._today())

    def _today(self) -> date:
        return self._conversations.content.script.hours.local(self._gate.now()).date()

    def _words(self) -> Words:
        said = self._gate.templates.words()
        levels: Mapping[int, Mapping[str, str]] = said["LEVELS"]
        return Words(
            {level: levels[int(level)]["long"] for level in Level},
            said["CHANNELS"],
            said["WHY"],
            said["DISPOSITIONS"],
            self._conversations.content.script.whatsapp.errors,
        )


def shown_days(report: Report) -> Sequence[Day]:
    """The days of the chart: weeks, where days would be too many."""
    return report.days if len(report.days) <= MOST_COLUMNS else grouped(report.days, WEEK)


def series_of(days: Sequence[Day], channels: Sequence[str], words: Words) -> list[Series]:
    """Messages by channel."""
    return [Series(words.channels[id], TONES[id], [day.messages.get(id, 0) for day in days]) for id in channels]


def short_day(day: date) -> str:
    return f"{day.day} {MONTHS[day.month - 1]}"
