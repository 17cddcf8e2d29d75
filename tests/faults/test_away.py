"""Redis goes away while the service runs: it says so, stays alive, and goes on when Redis is back."""

import time
import uuid
from pathlib import Path

import httpx

from tests.faults.rig import SECRET, tell
from tests.pace import within
from tests.redis_servers import await_true, durable, running
from tests.serving import serving


def post(browser: httpx.Client, text: str) -> httpx.Response:
    return browser.post("/chat/messages", json={"client_id": uuid.uuid4().hex, "text": text})


def test_the_service_outlives_redis(tmp_path: Path) -> None:
    server = durable(tmp_path / "redis")
    settings = {"REDIS_URL": server.url, "SECRET_KEY": SECRET}
    with (
        running(server),
        serving(tmp_path, settings) as service,
        httpx.Client(base_url=service.url, timeout=20) as browser,
    ):
        browser.get("/")
        assert post(browser, "betis kiri kram").status_code == 202
        server.kill()
        begun = time.monotonic()
        with within(6):
            refused = post(browser, "sejak kemarin")
        seconds = time.monotonic() - begun
        assert refused.status_code == 503
        assert refused.headers["retry-after"]
        assert browser.get("/readyz").status_code == 503
        assert browser.get("/healthz").status_code == 200
        assert service.process.poll() is None
        server.start()
        begun = time.monotonic()
        await_true("the service goes on", lambda: post(browser, "sejak kemarin").status_code == 202, 60)
        back = time.monotonic() - begun
        assert browser.get("/readyz").status_code == 200
    tell("Redis away", answered_503_after=f"{seconds:.2f} s", served_again_after=f"{back:.2f} s")
    assert "Traceback" not in service.output.read_text(encoding="utf-8")
