"""The arithmetic of the estimate in ``docs/operating.md``, made again from its own assumptions."""

from tests.docs.reading import ROOT, Page

TEXT = Page(ROOT / "docs" / "operating.md").text
PATIENTS, MESSAGES, BYTES, DAYS = 1_000_000, 11, 19_186, 30


def test_the_sums_are_right() -> None:
    a_day = PATIENTS * MESSAGES
    busiest = a_day // 10
    for figure in (
        f"{a_day:,} a day, {a_day / 86_400:.0f} a second on average",
        f"{busiest:,} in an hour, {busiest / 3600:.0f} a second",
        f"{BYTES:,} bytes a conversation of {MESSAGES} messages",
        f"{PATIENTS * DAYS:,} conversations, {PATIENTS * DAYS * BYTES / 1e9:.0f} GB",
        f"`RETENTION_DAYS=7` {PATIENTS * 7 * BYTES / 1e9:.0f} GB",
        f"{30 * 3600:,} and {80 * 3600:,}",
        f"{busiest / 3600:.0f} ÷ *p*",
    ):
        assert figure in TEXT, figure
