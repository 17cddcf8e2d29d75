"""The numbers of the reports. Pure: made of what was counted, which holds no word of anybody."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from bot.dialogue.asking import COMPLAINT, CONSENT, ONSET
from bot.dialogue.script import Script
from bot.ontology import Level

Tally = Mapping[str, int]

PERIODS: Final = (7, 30, 90)
LONGEST: Final = 366
KEPT: Final = 400
"""Days for which the store keeps what was counted."""

BEFORE: Final = "None"
"""As which counters write that no complaint was known yet."""

BY_THEMSELVES: Final = "taken"
"""A handoff for which no patient waited: a member of the staff stepped in."""

LABELS_SHOWN: Final = 3


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days on the clinic's clock, both ends included."""

    first: date
    last: date

    @property
    def days(self) -> tuple[date, ...]:
        return tuple(self.first + timedelta(days=ahead) for ahead in range((self.last - self.first).days + 1))


def period_of(first: str, last: str, days: str, today: date) -> Period:
    """The period that was asked for: from and until as ISO dates, else so many days until today. What can't be read, or
    of which nothing is kept, is put right."""
    asked = int(days) if days.isdecimal() and len(days) < 5 else PERIODS[1]
    end = min(_date(last) or today, today)
    begin = _date(first) or end - timedelta(days=max(1, asked) - 1)
    begin, end = min(begin, end), max(begin, end)
    end = min(end, today)
    oldest = max(today - timedelta(days=KEPT), end - timedelta(days=LONGEST - 1))
    begin = max(begin, oldest)
    return Period(begin, max(begin, end))


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Day:
    """One day: patients' messages by channel, outcomes by level."""

    date: date
    messages: Tally
    outcomes: Mapping[Level, int]

    @property
    def total(self) -> int:
        return sum(self.messages.values())


@dataclass(frozen=True, slots=True)
class Stop:
    """One question of a flow. ``handed``: people took over while it was open. ``stopped``: it was never answered."""

    question: str
    label: str
    asked: int
    answered: int
    handed: int

    @property
    def stopped(self) -> int:
        return max(0, self.asked - self.answered - self.handed)


@dataclass(frozen=True, slots=True)
class Funnel:
    """A flow: how often it was begun and came to an outcome, and its questions in their order. ``flow`` is empty for
    what is asked before a complaint is known."""

    flow: str
    name: str
    begun: int
    done: int
    stops: tuple[Stop, ...]

    @property
    def whole(self) -> int:
        """What the bars are measured by."""
        return max([self.begun, *(stop.asked for stop in self.stops)])

    @property
    def worst(self) -> Stop | None:
        """The question at which most people stop."""
        found = max(self.stops, key=lambda stop: stop.stopped, default=None)
        return found if found is not None and found.stopped else None


@dataclass(frozen=True, slots=True)
class Wait:
    """How long patients waited for the first answer of a person, in seconds. ``why`` is empty for all together."""

    why: str
    count: int
    median: int
    p90: int


@dataclass(frozen=True, slots=True)
class Agreement:
    """The bot's level (first) against the clinician's. ``lower``: the bot had told less urgency than there was."""

    cells: Mapping[tuple[Level, Level], int]
    total: int
    same: int
    higher: int
    lower: int

    @property
    def share(self) -> float | None:
        """The part in which both agree; None where nothing was compared."""
        return self.same / self.total if self.total else None


@dataclass(frozen=True, slots=True)
class Report:
    """All numbers of a period. Whatever is keyed by a string has the identifiers of the program."""

    period: Period
    days: tuple[Day, ...]
    messages: int
    began: int
    missed: int
    channels: Tally
    channel_levels: Mapping[tuple[str, Level], int]
    levels: Mapping[Level, int]
    hours: tuple[int, ...]
    funnels: tuple[Funnel, ...]
    handoffs: Tally
    waits: tuple[Wait, ...]
    closings: Tally
    sent: Tally
    failures: Mapping[tuple[str, str], int]
    agreement: Agreement

    @property
    def outcomes(self) -> int:
        return sum(self.levels.values())

    @property
    def understood(self) -> float | None:
        """The part of the messages that was understood."""
        return 1 - self.missed / self.messages if self.messages else None

    @property
    def failed(self) -> int:
        return sum(self.failures.values())


def report_of(period: Period, counted: Mapping[date, Tally], script: Script) -> Report:
    """The report of a period out of what was counted on its days."""
    total: Counter[str] = Counter()
    for tally in counted.values():
        total.update(tally)
    channels = parts(total, "inbound")
    return Report(
        period=period,
        days=tuple(_day(day, counted.get(day, {})) for day in period.days),
        messages=sum(channels.values()),
        began=sum(parts(total, "began").values()),
        missed=total["not_understood"],
        channels=channels,
        channel_levels=dict(_channel_levels(total)),
        levels=_by_level(parts(total, "outcome")),
        hours=tuple(total[f"hour:{hour:02}"] for hour in range(24)),
        funnels=tuple(_funnels(total, script)),
        handoffs=parts(total, "handoff"),
        waits=tuple(_waits(total)),
        closings=parts(total, "closed"),
        sent=parts(total, "sent"),
        failures=dict(_failures(total)),
        agreement=_agreement(total),
    )


def parts(total: Tally, name: str) -> dict[str, int]:
    """Counters ``name:REST`` by their rest, the largest first."""
    found = {key.partition(":")[2]: count for key, count in total.items() if key.startswith(f"{name}:")}
    return dict(sorted(found.items(), key=lambda pair: (-pair[1], pair[0])))


def grouped(days: Sequence[Day], size: int) -> tuple[Day, ...]:
    """So many days as one, named by its first: a year does not fit a chart day by day."""
    return tuple(_sum(days[at : at + size]) for at in range(0, len(days), size))


def _sum(days: Sequence[Day]) -> Day:
    messages: Counter[str] = Counter()
    outcomes: Counter[Level] = Counter()
    for day in days:
        messages.update(day.messages)
        outcomes.update(day.outcomes)
    return Day(days[0].date, messages, outcomes)


def _day(day: date, tally: Tally) -> Day:
    return Day(day, parts(tally, "inbound"), _by_level(parts(tally, "outcome")))


def _by_level(named: Tally) -> dict[Level, int]:
    """The most urgent first."""
    return {level: named[level.name] for level in reversed(Level) if named.get(level.name)}


def _channel_levels(total: Tally) -> Iterator[tuple[tuple[str, Level], int]]:
    for key, count in parts(total, "outcome_by").items():
        channel, _, name = key.partition(":")
        if name in Level.__members__:
            yield (channel, Level[name]), count


def _failures(total: Tally) -> Iterator[tuple[tuple[str, str], int]]:
    for key, count in parts(total, "failed").items():
        channel, _, reason = key.partition(":")
        yield (channel, reason), count


def _funnels(total: Tally, script: Script) -> Iterator[Funnel]:
    """First what comes before a complaint is known, then the flows that were begun, the commonest first."""
    before = _stops(total, BEFORE, (CONSENT, COMPLAINT), script)
    if before:
        yield Funnel("", "", 0, 0, before)
    found = []
    for name, flow in script.flows.items():
        questions = (CONSENT, COMPLAINT, *(step.question for step in flow.steps), ONSET)
        stops = _stops(total, name, questions, script)
        begun = total.get(f"flow:{name}", 0)
        if begun or stops:
            found.append(Funnel(name, flow.text.name, begun, total.get(f"done:{name}", 0), stops))
    yield from sorted(found, key=lambda funnel: -funnel.begun)


def _stops(total: Tally, flow: str, questions: Iterable[str], script: Script) -> tuple[Stop, ...]:
    return tuple(
        Stop(
            question,
            question_label(question, script),
            total.get(f"asked:{flow}:{question}", 0),
            total.get(f"answered:{flow}:{question}", 0),
            total.get(f"handed:{flow}:{question}", 0),
        )
        for question in dict.fromkeys(questions)
        if total.get(f"asked:{flow}:{question}")
    )


def question_label(id: str, script: Script) -> str:
    """A question in few words of the content: what a list asks for, else its own sentence that asks."""
    question = script.questions.get(id)
    if question is None:
        return id
    if question.kind == "multi":
        labels = [script.signs[sign].label for sign in question.ids if sign in script.signs]
        return ", ".join(labels[:LABELS_SHOWN]) + (", …" if len(labels) > LABELS_SHOWN else "")
    plain = re.sub(r"\{\w+\}", "…", question.text.replace("*", ""))
    asking = re.findall(r"[^.!?\n]*\?", plain)
    return (asking[-1] if asking else plain.partition("\n")[0]).strip()


def _waits(total: Tally) -> Iterator[Wait]:
    """All together first, then by reason. Those of whom nobody was awaited are left out."""
    by_why: dict[str, Counter[int]] = defaultdict(Counter)
    for key, count in parts(total, "first_response").items():
        why, _, seconds = key.partition(":")
        if seconds.isdecimal() and why != BY_THEMSELVES:
            by_why[why][int(seconds)] += count
    if by_why:
        yield _wait("", sum(by_why.values(), Counter()))
    for why in sorted(by_why, key=lambda why: -by_why[why].total()):
        yield _wait(why, by_why[why])


def _wait(why: str, seconds: Counter[int]) -> Wait:
    return Wait(why, seconds.total(), percentile(seconds, 50), percentile(seconds, 90))


def percentile(values: Mapping[int, int], percent: int) -> int:
    """The least value that so many percent of all stay at or below. ``values`` maps values to how often they are."""
    wanted, seen = sum(values.values()) * percent / 100, 0
    for value in sorted(values):
        seen += values[value]
        if seen >= wanted:
            return value
    return 0


def _agreement(total: Tally) -> Agreement:
    cells = {}
    for key, count in parts(total, "agreement").items():
        told, _, given = key.partition(":")
        if told in Level.__members__ and given in Level.__members__:
            cells[Level[told], Level[given]] = count
    return Agreement(
        cells,
        total=sum(cells.values()),
        same=sum(count for (told, given), count in cells.items() if told == given),
        higher=sum(count for (told, given), count in cells.items() if told > given),
        lower=sum(count for (told, given), count in cells.items() if told < given),
    )
