"""The arithmetic of the estimate in ``docs/operating.md``, made again from ``docs/benchmarks.md``."""

import re

from tests.docs.reading import ROOT, Page

TEXT = Page(ROOT / "docs" / "operating.md").text
MEASURED = Page(ROOT / "docs" / "benchmarks.md").text
PATIENTS, DAYS = 1_000_000, 30


def measured(pattern: str) -> int:
    """The one figure that stands there."""
    (found,) = re.findall(pattern, MEASURED)
    return int(found.replace(",", ""))


def test_the_sums_are_right() -> None:
    messages = measured(r"A conversation of (\d+) messages takes")
    size = measured(r"(?m)^\| 20,000 \|.*\| ([\d,]+) \|$")
    pace = measured(r"(?m)^\| and the reply taken from the outbox.*\| (\d+) \| [\d.]+ \|$")
    a_day = PATIENTS * messages
    busiest = a_day // 10
    for figure in (
        f"{messages} a patient",
        f"{a_day:,} a day, {a_day / 86_400:.0f} a second on average",
        f"{busiest:,} in an hour, {busiest / 3600:.0f} a second",
        f"{size:,} bytes a conversation",
        f"{PATIENTS * DAYS:,} conversations, {PATIENTS * DAYS * size / 1e9:.0f} GB",
        f"`RETENTION_DAYS=7` {PATIENTS * 7 * size / 1e9:.0f} GB",
        f"{30 * 3600:,} and {80 * 3600:,}",
        f"{pace} messages a second and core",
        f"{busiest / 3600 / pace:.1f} of a core",
    ):
        assert figure in TEXT, figure
