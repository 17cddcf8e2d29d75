"""What the page makes of a text: nodes, and never HTML."""

from typing import Any

import pytest

from tests.browser.conftest import Visit
from tests.browser.fake import FakeChat

pytestmark = pytest.mark.browser

CASES = [
    ("halo", "<p>halo</p>"),
    ("satu\ndua\n\ntiga", "<p>satu<br>dua</p><p>tiga</p>"),
    ("*tebal* dan _miring_", "<p><strong>tebal</strong> dan <em>miring</em></p>"),
    ("*tebal _dan miring_*", "<p><strong>tebal <em>dan miring</em></strong></p>"),
    ("2*3*4 dan snake_case_name * a *", "<p>2*3*4 dan snake_case_name * a *</p>"),
    ("Lakukan:\n- pijat\n- *regang*", "<p>Lakukan:</p><ul><li>pijat</li><li><strong>regang</strong></li></ul>"),
    ("1. satu\n2. dua", "<ol><li>satu</li><li>dua</li></ol>"),
    ("3. tiga\n\nlalu", '<ol start="3"><li>tiga</li></ol><p>lalu</p>'),
    ("- a\n\n- b", "<ul><li>a</li><li>b</li></ul>"),
    ("<b>x</b> & <img src=x onerror=alert(1)>", "<p>&lt;b&gt;x&lt;/b&gt; &amp; &lt;img src=x onerror=alert(1)&gt;</p>"),
    ("[x](javascript:alert(1)) javascript:alert(1)", "<p>[x](javascript:alert(1)) javascript:alert(1)</p>"),
    ("http://tidak.aman", "<p>http://tidak.aman</p>"),
    ("", ""),
]

CALLS = [
    ("Telepon 119 atau 112.", ["119", "112"]),
    ("(119/112) sekarang", ["119", "112"]),
    ("*119*", ["119"]),
    ("Darurat:119", ["119"]),
    ("tensi 119/80, 1190, 1.119, 119,5 dan 119%", []),
    ("tensi 140/112", []),
    ("Klinik (021) 555-0123, WA +62 812-3456-7890", ["0215550123", "+6281234567890"]),
    ("Buka 08.00-16.00, tanggal 21-11-2026", []),
]


@pytest.fixture
def render(chat: FakeChat, visit: Visit) -> Any:
    page = visit(chat.url)

    def render(text: str, call: bool = False) -> Any:
        return page.evaluate(
            """async ([text, call]) => {
                const { markup } = await import("/static/chat/markup.js");
                const holder = document.createElement("div");
                holder.append(markup(text, { call }));
                const links = Array.from(holder.querySelectorAll("a"), (a) => a.getAttribute("href"));
                return { html: holder.innerHTML, links, text: holder.textContent };
            }""",
            [text, call],
        )

    return render


def test_markup_becomes_nodes(render: Any) -> None:
    for text, html in CASES:
        assert render(text)["html"] == html, text


def test_numbers_to_call_are_told_from_other_numbers(render: Any) -> None:
    for text, numbers in CALLS:
        assert render(text, call=True)["links"] == [f"tel:{number}" for number in numbers], text
        assert render(text)["links"] == [], text


def test_links_are_https_and_end_before_the_full_stop(render: Any) -> None:
    drawn = render("Lihat https://www.nhs.uk/leg-cramps/. Juga (https://who.int).")
    assert drawn["links"] == ["https://www.nhs.uk/leg-cramps/", "https://who.int"]
    assert drawn["text"] == "Lihat https://www.nhs.uk/leg-cramps/. Juga (https://who.int)."
    assert 'rel="noopener noreferrer nofollow"' in drawn["html"]


def test_a_long_text_of_stars_is_drawn_at_once(render: Any) -> None:
    assert render("*a _b " * 700)["text"].startswith("*a _b")
