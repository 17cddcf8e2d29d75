"""The web chat over real HTTP: a message has its effect once, the stream resumes, bad posts are refused."""

import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.pace import within
from tests.serving import Serving, serving


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    with serving(tmp_path_factory.mktemp("web")) as running:
        yield running


@pytest.fixture
def browser(service: Serving) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=service.url, timeout=30) as client:
        client.get("/").raise_for_status()
        yield client


def post(browser: httpx.Client, text: str = "", **more: Any) -> httpx.Response:
    body = {"client_id": uuid.uuid4().hex, "text": text, **more}
    return browser.post("/chat/messages", json={key: value for key, value in body.items() if value is not None})


def lines(browser: httpx.Client, after: int = 0, enough: int = 1) -> list[dict[str, Any]]:
    """The transcript as the stream tells it, until there are ``enough`` lines."""
    found: list[dict[str, Any]] = []
    headers = {"Last-Event-ID": str(after)} if after else {}
    with browser.stream("GET", "/chat/events", headers=headers) as stream:
        kind = ""
        for row in stream.iter_lines():
            if row.startswith("event: "):
                kind = row.removeprefix("event: ")
            elif row.startswith("data: ") and kind == "line":
                found.append(json.loads(row.removeprefix("data: ")))
            elif row.startswith("data: ") and len(found) >= enough:
                return found
    return found


def test_the_page_is_served_with_a_strict_policy_and_a_session(service: Serving) -> None:
    answer = httpx.get(f"{service.url}/")
    assert answer.status_code == 200
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie


def test_a_message_is_answered_on_the_stream(browser: httpx.Client) -> None:
    assert post(browser, "betis kiri kram").status_code == 202
    said = lines(browser, enough=3)
    assert said[0]["who"] == "patient"
    assert said[0]["text"] == "betis kiri kram"
    assert said[-1]["asks"] == {"kind": "yes_no", "ids": ["consent"]}
    assert [line["n"] for line in said] == [1, 2, 3]


def test_the_stream_resumes_where_it_was(browser: httpx.Client) -> None:
    post(browser, "betis kiri kram")
    whole = lines(browser, enough=3)
    assert lines(browser, after=1, enough=2) == whole[1:]


def test_a_live_stream_is_woken_at_once(browser: httpx.Client) -> None:
    post(browser, "halo")
    with browser.stream("GET", "/chat/events") as stream:
        rows = stream.iter_lines()
        for row in rows:
            if row.startswith("event: state"):
                break
        with within(2):
            post(browser, "betis kiri kram")
            assert any("betis kiri kram" in row for row in rows if row.startswith("data: "))


def test_a_message_sent_again_has_one_effect(browser: httpx.Client) -> None:
    body = {"client_id": "the-same-one", "text": "kedutan lutut"}
    answers = [browser.post("/chat/messages", json=body) for _ in range(3)]
    assert [answer.json()["seen"] for answer in answers] == [False, True, True]
    assert sum(line["who"] == "patient" for line in lines(browser, enough=2)) == 1


def test_a_tap_is_kept_by_its_words_and_understood_by_its_id(browser: httpx.Client) -> None:
    post(browser, "betis kiri kram sejak kemarin")
    post(browser, None, option="yes", label="Ya")
    said = lines(browser, enough=5)
    assert [line["text"] for line in said if line["who"] == "patient"][-1] == "Ya"
    assert said[-1]["asks"]["kind"] == "multi"


def test_a_tap_answers_only_the_question_that_it_stood_under(browser: httpx.Client) -> None:
    """Another window still shows a question that was answered: its "Ya" is no answer to the next."""
    post(browser, "betis kiri kram sejak kemarin")
    consent = lines(browser, enough=3)[-1]
    post(browser, option="yes", label="Ya", under=consent["n"])
    signs = lines(browser, enough=5)[-1]
    assert signs["asks"]["kind"] == "multi"
    post(browser, option="none", label="Tidak ada", under=consent["n"])
    again = lines(browser, enough=7)[-1]
    assert again["asks"] == signs["asks"], "it is asked again, and nothing was denied"
    ticked = [option for option in signs["options"] if option["id"] in signs["asks"]["ids"]][:1]
    post(browser, options=[ticked[0]["id"]], label=ticked[0]["label"], under=signs["n"])
    answered = lines(browser, enough=9)[-1]
    assert answered["asks"] != signs["asks"], "the same question asked again is the same question"


@pytest.mark.parametrize("under", [-1, "3", 1.5])
def test_a_line_is_a_number(browser: httpx.Client, under: object) -> None:
    assert post(browser, option="yes", label="Ya", under=under).status_code == 400


def test_an_emergency_is_marked(browser: httpx.Client) -> None:
    post(browser, "tolong bapak saya tiba2 sesak napas dan nyeri dada")
    assert any(line["emergency"] for line in lines(browser, enough=2))


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"[]", 400),
        (b'{"text": "x"}', 400),
        (b'{"client_id": "12345678", "text": 5}', 400),
        (b'{"client_id": "12345678", "options": "x"}', 400),
        (b'{"client_id": "12345678", "text": "' + b"x" * 100_000 + b'"}', 413),
        (b"[" * 50_000, 400),
        (b"\xff", 400),
    ],
)
def test_a_bad_post_is_refused_with_a_reason(browser: httpx.Client, body: bytes, status: int) -> None:
    answer = browser.post("/chat/messages", content=body)
    assert answer.status_code == status
    assert answer.json()["error"]


def test_half_a_surrogate_is_no_trouble(browser: httpx.Client) -> None:
    raw = b'{"client_id": "surrogate", "text": "kram \\ud83d"}'
    assert browser.post("/chat/messages", content=raw).status_code == 202
    assert lines(browser, enough=2)


def test_without_a_session_nothing_is_taken(service: Serving) -> None:
    assert httpx.post(f"{service.url}/chat/messages", json={}).status_code == 401
    assert httpx.get(f"{service.url}/chat/events").status_code == 401


def test_health(service: Serving) -> None:
    assert httpx.get(f"{service.url}/healthz").status_code == 200
    assert httpx.get(f"{service.url}/readyz").status_code == 200


def test_a_stop_signal_ends_it_soon_though_streams_are_open(tmp_path: Path) -> None:
    with serving(tmp_path) as service, httpx.Client(base_url=service.url) as client:
        client.get("/")
        with client.stream("GET", "/chat/events") as stream:
            next(stream.iter_lines())
            with within(6):
                assert service.stop() == 0
    assert "Traceback" not in service.output.read_text(encoding="utf-8")
