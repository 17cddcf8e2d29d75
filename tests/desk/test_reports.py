"""Reports: what patients and staff really did, by a clock that is moved, is what the figures say."""

import csv
import io
import re
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from xml.etree import ElementTree

import pytest

from bot.conversations import Conversations, Inbound, Received
from bot.delivery import Delivery, Refused
from bot.desk import Desk
from bot.desk.charts import Series, bar, columns
from bot.desk.phrases import phrase_of, phrases_of
from bot.desk.reports import Period, Report, percentile, period_of, question_label, report_of
from bot.desk.tables import as_csv, harmless, phrase_table, tables_of
from bot.dialogue import staffing
from bot.dialogue.hours import ZONES, Hours
from bot.dialogue.staffing import Person
from bot.ontology import Level
from bot.store.keys import SHARDS, Shard
from bot.store.reads import reads_of
from bot.store.records import Address, Line
from bot.store.store import Store
from bot.store.tallies import tallies
from tests.desk.house import Browser, Clock, hire, seat

RINA = Person("rina", "Rina, perawat")
SATURDAY, MONDAY = "2026-11-21", "2026-11-23"
CRAMP = "betis kiri kram sejak kemarin, umur saya 30"
URGENT = "betis kiri saya bengkak sejak kemarin, umur saya 30"
NONSENSE = "Blorp zixqu wakwak 0812-3456-7890!!"


def at(moment: str) -> datetime:
    """A moment on the clinic's clock in Jakarta."""
    return datetime.fromisoformat(f"{moment}+07:00")


class Patient:
    """Somebody who writes, and whom people answer."""

    def __init__(self, conversations: Conversations, name: str, channel: str = "web") -> None:
        self.conversations = conversations
        self.address = Address(channel=channel, id=f"{name:x<24}")
        self.count = 0

    async def says(self, text: str, moment: str, tap: str = "") -> Received:
        self.count += 1
        said = Inbound(f"m{self.count}", self.address, at(moment), text)
        inbound = replace(said, options=(tap,), kind="tap") if tap else said
        return await self.conversations.receive(inbound)

    async def goes_on(self, received: Received, moment: str, answers: int = 99) -> Received:
        """Answers questions until there is an outcome: yes to consent, none of all else."""
        while received.conversation.outcome is None and answers:
            assert received.asks is not None
            received = await self.says("", moment, "yes" if received.asks.ids == ("consent",) else "none")
            answers -= 1
        return received

    async def does(self, move: object, moment: str) -> Received:
        self.count += 1
        return await self.conversations.act(self.address, f"a{self.count}", at(moment), move)  # type: ignore[arg-type]

    async def is_answered(self, moment: str) -> Received:
        return await self.does(lambda c, s: staffing.reply(c, RINA, "Selamat pagi", (), at(moment), s), moment)

    async def is_closed(self, moment: str, disposition: str, level: Level | None = None) -> Received:
        return await self.does(lambda c, s: staffing.close(c, RINA, at(moment), s, disposition, level), moment)


async def report(conversations: Conversations, first: str = SATURDAY, last: str = MONDAY) -> Report:
    period = Period(date.fromisoformat(first), date.fromisoformat(last))
    return report_of(period, await tallies(conversations.store, period.days), conversations.content.script)


async def test_messages_by_day_hour_and_channel(conversations: Conversations) -> None:
    ani, budi = Patient(conversations, "ani"), Patient(conversations, "budi", "telegram")
    await ani.says("halo", f"{SATURDAY}T09:59")
    await ani.says("terima kasih", f"{SATURDAY}T10:00")
    await budi.says("halo", f"{SATURDAY}T23:59")
    await ani.says("halo lagi", f"{MONDAY}T00:00")
    found = await report(conversations)
    assert [dict(day.messages) for day in found.days] == [{"web": 2, "telegram": 1}, {}, {"web": 1}]
    assert {hour: count for hour, count in enumerate(found.hours) if count} == {9: 1, 10: 1, 23: 1, 0: 1}
    assert (found.messages, found.began, dict(found.channels)) == (4, 2, {"web": 3, "telegram": 1})


async def test_the_day_is_the_clinics_and_not_the_servers(conversations: Conversations) -> None:
    """Seven in the evening in London is the next day in Jakarta."""
    inbound = Inbound(
        "m1", Address(channel="web", id="x" * 24), datetime.fromisoformat("2026-11-20T19:00+00:00"), "hai"
    )
    await conversations.receive(inbound)
    assert (await report(conversations)).days[0].messages == {"web": 1}


async def test_outcomes_by_level_and_the_funnel_with_where_people_stop(conversations: Conversations) -> None:
    done, gone, asks = (Patient(conversations, name) for name in ("done", "gone", "asks"))
    received = await done.goes_on(await done.says(CRAMP, f"{SATURDAY}T09:00"), f"{SATURDAY}T09:01")
    assert received.conversation.outcome is not None
    level = received.conversation.outcome.level
    left = await gone.goes_on(await gone.says(CRAMP, f"{SATURDAY}T09:00"), f"{SATURDAY}T09:05", answers=2)
    asked = await asks.goes_on(await asks.says(CRAMP, f"{SATURDAY}T09:00"), f"{SATURDAY}T09:05", answers=1)
    await asks.says("mau bicara dengan petugas", f"{SATURDAY}T09:06")
    found = await report(conversations)
    assert found.levels == {level: 1}
    assert found.channel_levels == {("web", level): 1}
    assert found.days[0].outcomes == {level: 1}
    (funnel,) = found.funnels
    assert (funnel.flow, funnel.begun, funnel.done) == ("cramp", 3, 1)
    stops = {stop.question: stop for stop in funnel.stops}
    assert [stops["consent"].asked, stops["consent"].answered, stops["consent"].stopped] == [3, 3, 0]
    assert left.conversation.pending is not None
    stopped_at = left.conversation.pending.question
    assert stops[stopped_at].stopped == 1
    assert funnel.worst == stops[stopped_at]
    assert asked.conversation.pending is not None
    assert stops[asked.conversation.pending.question].handed == 1
    assert sum(stop.stopped for stop in funnel.stops) == 1
    assert funnel.stops[0].question == "consent"


async def test_who_begins_anew_has_stopped_and_not_answered(conversations: Conversations) -> None:
    ani = Patient(conversations, "ani")
    await ani.goes_on(await ani.says(CRAMP, f"{SATURDAY}T09:00"), f"{SATURDAY}T09:01", answers=3)
    await ani.says("mulai ulang", f"{SATURDAY}T09:02")
    (before, funnel) = (await report(conversations)).funnels
    assert sum(stop.stopped for stop in funnel.stops) == 1
    assert [(stop.question, stop.asked) for stop in before.stops] == [("complaint", 1)]


async def test_handoffs_waits_closings_and_levels_of_people(conversations: Conversations) -> None:
    urgent, asking, taken = (Patient(conversations, name) for name in ("urgent", "asking", "taken"))
    told = await urgent.goes_on(await urgent.says(URGENT, f"{MONDAY}T10:00"), f"{MONDAY}T10:00")
    assert told.conversation.handoff is not None
    await urgent.is_answered(f"{MONDAY}T10:07")
    await urgent.is_answered(f"{MONDAY}T10:30")
    await urgent.is_closed(f"{MONDAY}T11:00", "referred", Level.consultation)
    await asking.says("mau bicara dengan petugas", "2026-11-22T20:00")
    await asking.is_answered(f"{MONDAY}T08:20")
    await asking.is_closed(f"{MONDAY}T08:40", "booked", Level.consultation)
    await taken.says("halo", f"{MONDAY}T09:00")
    await taken.is_answered(f"{MONDAY}T09:00")
    found = await report(conversations)
    assert found.handoffs == {"asked": 1, "taken": 1, "urgent": 1}
    waits = {wait.why: (wait.count, wait.median, wait.p90) for wait in found.waits}
    # The clinic opens at eight: nobody is late on a Sunday evening. Whom staff wrote to by themselves nobody waited.
    assert waits == {"": (2, 420, 1200), "urgent": (1, 420, 420), "asked": (1, 1200, 1200)}
    assert found.closings == {"booked": 1, "referred": 1}
    assert found.agreement.cells == {(Level.consultation_24, Level.consultation): 1}
    assert (found.agreement.total, found.agreement.higher, found.agreement.lower) == (1, 1, 0)
    assert found.agreement.share == 0


async def test_a_level_of_people_is_not_compared_with_another_of_people(conversations: Conversations) -> None:
    ani = Patient(conversations, "ani")
    await ani.goes_on(await ani.says(URGENT, f"{MONDAY}T10:00"), f"{MONDAY}T10:00")
    for minute, level in (("10", Level.consultation), ("40", Level.self_care)):
        await ani.is_answered(f"{MONDAY}T10:{minute}")
        await ani.is_closed(f"{MONDAY}T10:{minute}", "answered", level)
    assert (await report(conversations)).agreement.total == 1


class Fussy:
    """A channel that refuses every second line."""

    def __init__(self) -> None:
        self.count = 0

    async def send(self, address: Address, line: Line) -> str:
        self.count += 1
        if self.count % 2 == 0:
            raise Refused("63016: Sudah lewat 24 jam")
        return f"SM{self.count}"


async def test_deliveries_that_failed_by_channel_and_reason(store: Store, conversations: Conversations) -> None:
    pushed = Conversations(store, conversations.content, frozenset({"whatsapp"}))
    store.today = lambda: SATURDAY
    ani = Patient(pushed, "ani", "whatsapp")
    for minute in range(4):
        await ani.says("halo", f"{SATURDAY}T09:0{minute}")
    delivery = Delivery(store, {"whatsapp": Fussy()})
    delivery.kick(store.id_of(ani.address))
    await delivery.finish(10)
    found = await report(conversations)
    assert found.sent == {"whatsapp": 2}
    assert found.failures == {("whatsapp", "63016"): 2}


async def test_days_expire_after_more_than_a_year(store: Store, conversations: Conversations) -> None:
    ani = Patient(conversations, "ani")
    await ani.says("halo", f"{SATURDAY}T09:00")
    key = Shard(int(store.id_of(ani.address)[:8], 16) % SHARDS).day(SATURDAY)
    assert 399 < await store.redis.ttl(key) / 86_400 <= 400
    await store.redis.expire(key, 1000)
    await ani.says("halo", f"{SATURDAY}T09:01")
    assert await store.redis.ttl(key) <= 1000


async def test_ninety_full_days_are_read_in_less_than_a_second(store: Store) -> None:
    days = [date(2026, 11, 21) - timedelta(days=back) for back in range(90)]
    counters = {f"asked:cramp:question{number}": number for number in range(100)}
    await store.redis.hset("full", mapping=counters)
    pipeline = store.redis.pipeline(transaction=False)
    for day in days:
        for number in range(SHARDS):
            pipeline.execute_command("COPY", "full", Shard(number).day(day.isoformat()))
    await pipeline.execute()
    began = time.process_time()
    found = await tallies(store, days)
    assert time.process_time() - began < 1.0
    assert found[days[0]]["asked:cramp:question7"] == 7 * SHARDS


# Pure parts


@pytest.mark.parametrize(
    ("first", "last", "days", "expected"),
    [
        ("", "", "", ("2026-10-23", SATURDAY)),
        ("", "", "7", ("2026-11-15", SATURDAY)),
        ("", "", "1", (SATURDAY, SATURDAY)),
        ("2026-11-01", "2026-11-03", "", ("2026-11-01", "2026-11-03")),
        ("2026-11-03", "2026-11-01", "", ("2026-11-01", "2026-11-03")),
        ("2026-11-01", "2027-11-03", "", ("2026-11-01", SATURDAY)),
        ("2030-01-01", "2030-02-01", "", (SATURDAY, SATURDAY)),
        ("0001-01-01", SATURDAY, "", ("2025-11-21", SATURDAY)),
        ("x", "'; --", "9" * 40, ("2026-10-23", SATURDAY)),
        ("", "", "0", (SATURDAY, SATURDAY)),
        ("2020-01-01", "2020-02-01", "", ("2025-10-17", "2025-10-17")),
    ],
)
def test_whatever_is_asked_for_is_a_period(first: str, last: str, days: str, expected: tuple[str, str]) -> None:
    found = period_of(first, last, days, date.fromisoformat(SATURDAY))
    assert (found.first.isoformat(), found.last.isoformat()) == expected


@pytest.mark.parametrize(
    ("values", "median", "p90"),
    [({}, 0, 0), ({5: 1}, 5, 5), ({1: 1, 2: 1}, 1, 2), ({10: 9, 700: 1}, 10, 10), ({10: 8, 700: 2}, 10, 700)],
)
def test_percentiles(values: dict[int, int], median: int, p90: int) -> None:
    assert (percentile(values, 50), percentile(values, 90)) == (median, p90)


@pytest.mark.parametrize(
    ("since", "until", "seconds"),
    [
        ("2026-11-23T10:00", "2026-11-23T10:07", 420),
        ("2026-11-21T13:50", "2026-11-23T08:10", 20 * 60),
        ("2026-11-22T01:00", "2026-11-22T05:00", 0),
        ("2026-11-21T07:00", "2026-11-21T20:00", 6 * 3600),
    ],
)
def test_time_counts_while_the_clinic_is_open(since: str, until: str, seconds: int) -> None:
    hours = Hours(ZONES["Asia/Jakarta"], (*[((480, 1200),)] * 5, ((480, 840),), ()))
    assert hours.open_seconds(at(since), at(until)) == seconds


def test_questions_are_named_by_the_content(conversations: Conversations) -> None:
    script = conversations.content.script
    assert question_label("consent", script) == "Boleh saya simpan dan gunakan jawaban Anda untuk memberi saran?"
    assert question_label("pregnancy_signs", script) == ", ".join(
        script.signs[id].label for id in script.questions["pregnancy_signs"].ids
    )
    assert question_label("danger", script).count(",") == 3
    assert question_label("gone_from_the_content", script) == "gone_from_the_content"
    assert all(
        0 < len(question_label(id, script)) < 200 and "*" not in question_label(id, script) for id in script.questions
    )


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("  Sakiiiit   BANGET!! ", "sakit banget"),
        ("hub 0812-3456-7890 ya", "hub # ya"),
        ("NIK 3174 0101 0190 0001", "nik #"),
        ("lihat https://evil.example/x?y=1 dong", "lihat … dong"),
        ("surel ani@contoh.id", "surel …"),
        ("kata\x00\u202eaneh", "kata aneh"),
        ("x " * 200, ("x " * 70).rstrip() + "…"),
        ("?!", ""),
    ],
)
def test_phrases_are_counted_alike_and_without_numbers(text: str, phrase: str) -> None:
    assert phrase_of(text) == phrase


def test_the_commonest_phrases_are_those_of_most_people() -> None:
    said = [("a", "blorp"), ("a", "Blorp!"), ("a", "blorp"), ("b", "zix 1"), ("c", "ZIX 2"), ("d", "")]
    found = phrases_of(said)
    assert [(phrase.text, len(phrase.conversations), phrase.times) for phrase in found] == [
        ("zix #", 2, 2),
        ("blorp", 1, 3),
    ]
    assert len(phrases_of([("a", f"kata {'abcdefgh'[n % 8]}{'xyzuvw'[n // 8]}") for n in range(48)])) == 30


@pytest.mark.parametrize("text", ["=1+1", "+62", "-3", "@SUM", " =cmd", "\t=x", "＝1", "|x", "%0A", "\u00a0=x"])
def test_no_text_begins_a_formula(text: str) -> None:
    assert harmless(text).startswith("'")


def test_harmless_text_stays_as_it_is() -> None:
    assert [harmless(text) for text in ("sakit", "3 hari", "a=b", "")] == ["sakit", "3 hari", "a=b", ""]


def test_a_file_opens_in_a_spreadsheet_as_it_was_meant() -> None:
    data = as_csv(phrase_table(phrases_of([("a", '=HYPERLINK("x";"y")'), ("b", "baris; satu")])))
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=";"))
    assert rows[0] == ["Kalimat", "Percakapan", "Kali"]
    assert rows[1:] == [['\'=hyperlink("x";"y")', "1", "1"], ["baris; satu", "1", "1"]]


def test_charts_say_in_words_what_they_show() -> None:
    series = [Series("Web <b>", "one", [3, 0]), Series("Telegram", "two", [1, 12_000])]
    svg = str(columns("c1", 'Judul "x"', "Uraian & isi", ["1 Nov", "<script>"], series))
    root = ElementTree.fromstring(svg)
    assert root.attrib["role"] == "img"
    ids = {element.attrib.get("id"): element.text for element in root}
    assert [ids[id] for id in root.attrib["aria-labelledby"].split()] == ['Judul "x"', "Uraian & isi"]
    tips = [group.findtext("title") for group in root.iter("g")]
    assert tips == ["1 Nov: Web <b> 3, Telegram 1", "<script>: Telegram 12000"]
    assert "style" not in svg
    assert "<script>" not in svg


def test_columns_stay_within_their_chart() -> None:
    svg = str(columns("c", "t", "d", [str(n) for n in range(90)], [Series("a", "one", list(range(90)))]))
    for rect in re.findall(r'<rect class="part[^>]*>', svg):
        x, width, y, height = (float(n) for n in re.findall(r'(?:x|width|y|height)="([\d.]+)', rect))
        assert 8 <= x <= x + width <= 100.01
        assert 18 <= y <= y + height <= 178.01


@pytest.mark.parametrize("values", [[], [0, 0]])
def test_charts_of_nothing_are_drawn_all_the_same(values: Sequence[int]) -> None:
    ElementTree.fromstring(str(columns("c", "t", "d", ["a"] * len(values), [Series("a", "one", values)])))
    assert "part" not in bar([("one", 0)], 0)


# Pages


@pytest.fixture
async def rina(desk: Desk, browser: Browser, clock: Clock) -> Browser:
    clock.at = at(f"{MONDAY}T12:00")
    await seat(desk, browser, await hire(desk, "rina", "viewer"))
    return browser


async def what_was_done(desk: Desk) -> list[str]:
    return [entry.what for entry in (await desk.audit.page()).entries]


async def test_the_page_shows_the_figures_with_tables_and_without_inline_style(
    rina: Browser, conversations: Conversations
) -> None:
    ani = Patient(conversations, "ani")
    await ani.goes_on(await ani.says(URGENT, f"{MONDAY}T10:00"), f"{MONDAY}T10:00")
    await ani.is_answered(f"{MONDAY}T10:07")
    await ani.is_closed(f"{MONDAY}T11:00", "referred", Level.consultation)
    page = await rina.get("/desk/reports?days=7")
    assert page.status_code == 200
    assert "7 menit" in page.text
    assert "Dirujuk ke IGD atau spesialis" in page.text
    assert not re.search(r"\sstyle=|<style|\son\w+=", page.text)
    charts = re.findall(r'<svg class="chart".*?</svg>', page.text, re.DOTALL)
    assert len(charts) == 2
    assert all("<desc" in chart and 'role="img"' in chart for chart in charts)
    assert page.text.count("Lihat tabel") >= 6
    assert 'aria-current="true">7 hari' in page.text


async def test_a_year_without_anything_is_a_calm_page(rina: Browser) -> None:
    page = await rina.get("/desk/reports?from=2025-12-01&to=2026-11-30")
    assert page.status_code == 200
    assert "Belum ada pesan dalam waktu ini." in page.text


async def test_a_year_is_shown_by_weeks(rina: Browser, conversations: Conversations) -> None:
    await Patient(conversations, "ani").says("halo", f"{SATURDAY}T09:00")
    page = await rina.get("/desk/reports?from=2025-12-01&to=2026-11-30")
    assert "Pesan per minggu" in page.text
    assert page.text.count('<g class="column">') == 52 + 24


async def test_phrases_are_read_by_who_asks_and_that_is_noted(
    rina: Browser, desk: Desk, conversations: Conversations
) -> None:
    ani = Patient(conversations, "ani")
    await ani.says(NONSENSE, f"{MONDAY}T09:00")
    await ani.says("<script>blorp</script>", f"{MONDAY}T09:01")
    plain = await rina.get("/desk/reports?days=7")
    assert "zixqu" not in plain.text
    assert "phrases" not in await what_was_done(desk)
    for _ in range(2):
        page = await rina.get("/desk/reports?days=7&kalimat=1")
        assert "blorp zixqu wakwak #" in page.text
        assert "<script>" not in page.text
        assert "&lt;script&gt;blorp&lt;/script&gt;" in page.text
    assert (await what_was_done(desk)).count("phrases") == 1
    assert [(read.who, read.what) for read in await reads_of(desk.conversations.store, ani.address)] == [
        ("rina", "phrases")
    ]


async def test_phrases_of_a_forgotten_patient_are_gone(rina: Browser, conversations: Conversations) -> None:
    ani = Patient(conversations, "ani")
    await ani.says(NONSENSE, f"{MONDAY}T09:00")
    await conversations.store.forget(ani.address)
    assert "zixqu" not in (await rina.get("/desk/reports?days=7&kalimat=1")).text


async def test_phrases_of_another_time_are_not_shown(rina: Browser, conversations: Conversations) -> None:
    await Patient(conversations, "ani").says(NONSENSE, f"{SATURDAY}T09:00")
    assert "zixqu" not in (await rina.get(f"/desk/reports?from={MONDAY}&to={MONDAY}&kalimat=1")).text
    assert "zixqu" in (await rina.get(f"/desk/reports?from={SATURDAY}&to={SATURDAY}&kalimat=1")).text


async def test_each_table_is_a_file_and_its_download_is_noted(
    rina: Browser, desk: Desk, conversations: Conversations
) -> None:
    await Patient(conversations, "ani").says(NONSENSE, f"{MONDAY}T09:00")
    page = await rina.get("/desk/reports?days=7&kalimat=1")
    links = re.findall(r'href="(/desk/reports\.csv\?[^"]+)"', page.text)
    assert len(links) == 11
    for link in links:
        file = await rina.get(link.replace("&amp;", "&"))
        assert file.status_code == 200, link
        assert file.headers["content-type"] == "text/csv; charset=utf-8"
        assert "attachment" in file.headers["content-disposition"]
        rows = list(csv.reader(io.StringIO(file.content.decode("utf-8-sig"), newline=""), delimiter=";"))
        assert all(len(row) == len(rows[0]) for row in rows)
    assert (await what_was_done(desk)).count("reports") == 11
    assert (await rina.get("/desk/reports.csv?table=../x")).status_code == 404


async def test_the_tables_agree_with_the_report(rina: Browser, desk: Desk, conversations: Conversations) -> None:
    ani = Patient(conversations, "ani", "telegram")
    await ani.goes_on(await ani.says(URGENT, f"{MONDAY}T10:00"), f"{MONDAY}T10:00")
    file = await rina.get(f"/desk/reports.csv?table=hari&from={SATURDAY}&to={MONDAY}")
    rows = list(csv.DictReader(io.StringIO(file.content.decode("utf-8-sig")), delimiter=";"))
    assert [row["Tanggal"] for row in rows] == [SATURDAY, "2026-11-22", MONDAY]
    assert int(rows[2]["Telegram"]) == int(rows[2]["Pesan"]) == ani.count
    assert rows[2]["Dokter dalam 24 jam"] == "1"


async def test_every_table_has_as_many_names_as_columns(desk: Desk, conversations: Conversations) -> None:
    from bot.desk.reporting import Reports

    found = tables_of(await report(conversations), Reports(desk)._words())
    assert all(len(row) == len(table.head) for table in found.values() for row in table.rows)


async def test_refusals_are_told_in_words(rina: Browser, store: Store) -> None:
    await store.redis.hset(Shard(0).day(MONDAY), mapping={"failed:whatsapp:63016": 2, "failed:telegram:blocked": 1})
    page = await rina.get("/desk/reports?days=7")
    assert "Gagal: Sudah lewat 24 jam" in page.text
    assert "Gagal: blocked" in page.text


async def test_who_is_not_logged_in_sees_nothing(browser: Browser) -> None:
    for path in ("/desk/reports", "/desk/reports.csv?table=hari"):
        answer = await browser.get(path)
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/desk/login")
