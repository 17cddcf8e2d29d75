"""Limits, refusals and losses: what Telegram refuses, delays or drops."""

import asyncio
import time

import pytest

from bot.channels.telegram.updates import address_of
from bot.service import Service
from tests.channels.telegram.conftest import Running, until
from tests.channels.telegram.fake import SLOW_SECONDS, TOKEN, ApiError, FakeTelegram, bad, telegram
from tests.channels.telegram.test_journeys import answered

ANI, BUDI = 7, 8


async def states(service: Service, chat: int) -> set[str]:
    return set((await service.store.delivery_states(address_of(chat))).values())


async def reached(service: Service, chat: int, state: str) -> None:
    for _ in range(200):
        if state in await states(service, chat):
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"{await states(service, chat)}")


async def test_a_storm_of_429_delays_that_chat_alone(fake: FakeTelegram, running: Running) -> None:
    async with running():
        ani, began = fake.chat(ANI), time.monotonic()
        ani.is_slow = True
        fake.say(ANI, "betis kiri kram")
        for chat in range(20, 40):
            fake.say(chat, "betis kiri kram")
        await until(lambda: all(len(fake.chat(chat).shown) == 2 for chat in range(20, 40)))
        await until(lambda: ani.refused_slow)
        assert not ani.shown
        assert ani.refused_slow <= (time.monotonic() - began) / SLOW_SECONDS + 1, "it was not asked again and again"
        ani.is_slow = False
        await until(lambda: len(ani.shown) == 2)


async def test_one_message_a_second_into_a_chat(fake: FakeTelegram, running: Running) -> None:
    async with running(telegram_rate=30):
        for chat in (ANI, BUDI) * 4:
            fake.say(chat, "/privasi")
        await until(lambda: len(fake.chat(ANI).shown) == len(fake.chat(BUDI).shown) == 4)
    for times in (fake.chat(ANI).sent_at, fake.chat(BUDI).sent_at):
        assert times[-1] - times[0] > 2, "three seconds as they were sent; the first may be slow to arrive"


async def test_the_rate_in_all_is_kept(fake: FakeTelegram, running: Running) -> None:
    async with running(telegram_rate=10):
        for chat in range(20, 60):
            fake.say(chat, "/privasi")
        await until(lambda: sum(len(fake.chat(chat).shown) for chat in range(20, 60)) == 40)
    times = sorted(at for chat in range(20, 60) for at in fake.chat(chat).sent_at)
    assert times[-1] - times[0] > 2, "ten at once, then ten a second: three seconds, less what the first was late"


REFUSED = [
    (ApiError(403, "Forbidden: bot was blocked by the user"), "failed:blocked"),
    (ApiError(403, "Forbidden: user is deactivated"), "failed:account deleted"),
    (ApiError(403, "Forbidden: something new"), "failed:forbidden"),
    (bad("chat not found"), "failed:chat not found"),
    (bad("PEER_ID_INVALID"), "failed:chat not found"),
    (bad("message is too long"), "failed:too long"),
    (bad("not enough rights to send text messages to the chat"), "failed:no right to write"),
    (bad("something new"), "failed:bad request"),
    (ApiError(400, "Bad Request: upgraded", migrate_to_chat_id=-5), "failed:group has a new number"),
]


@pytest.mark.parametrize(("error", "state"), REFUSED, ids=lambda value: str(value)[:40])
async def test_a_refusal_is_noted_with_its_reason(
    fake: FakeTelegram, running: Running, error: ApiError, state: str
) -> None:
    def fault(method: str, given: dict[str, str]) -> None:
        if method == "sendMessage":
            raise error

    fake.fault = fault
    async with running() as service:
        fake.say(ANI, "/privasi")
        await reached(service, ANI, state)


@pytest.mark.parametrize("code", [500, 502, 401, 429])
async def test_what_is_no_refusal_is_tried_again(
    fake: FakeTelegram, running: Running, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.delivery.backoff", lambda tries: 0.05)
    monkeypatch.setattr("bot.channels.telegram.errors.REFUSED_SECONDS", 0.05)
    failures = iter([code, code])

    def fault(method: str, given: dict[str, str]) -> None:
        if method == "sendMessage" and next(failures, None):
            raise ApiError(code, "trouble", **({"retry_after": 1} if code == 429 else {}))

    fake.fault = fault
    async with running():
        said = await answered(fake, lambda: fake.say(ANI, "/privasi"))
    assert len(said) == 1


async def test_refused_markup_is_sent_plain_and_refused_buttons_as_numbers(
    fake: FakeTelegram, running: Running
) -> None:
    def fault(method: str, given: dict[str, str]) -> None:
        if method == "sendMessage" and given.get("parse_mode"):
            raise bad("can't parse entities: Unsupported start tag")
        if method == "sendMessage" and given.get("reply_markup"):
            raise bad("BUTTON_DATA_INVALID")

    fake.fault = fault
    async with running():
        await answered(fake, lambda: fake.say(ANI, "betis kiri kram"))
    await until(lambda: len(fake.chat(ANI).shown) == 2)
    assert "1. Ya" in fake.chat(ANI).texts[1]
    assert "*" not in "".join(fake.chat(ANI).texts)


async def test_an_unreachable_server_is_waited_for_and_told_of_once(
    running: Running, fake: FakeTelegram, caplog: pytest.LogCaptureFixture
) -> None:
    def away(method: str, given: dict[str, str]) -> None:
        raise ApiError(502, "Bad Gateway")

    fake.fault = away
    async with running():
        await until(lambda: sum(fake.calls.values()) > 2)
        told = [one for one in caplog.records if "can't be reached" in one.getMessage()]
        fake.fault = lambda method, given: None
        await answered(fake, lambda: fake.say(ANI, "betis kiri kram"))
    assert 1 <= len(told) <= 2


async def test_reading_is_watched_as_long_as_it_goes_on(running: Running, fake: FakeTelegram) -> None:
    async with running() as service:
        await until(lambda: fake.calls["getUpdates"])
        assert "telegram" in service.metrics.silent()
        async with running() as other:
            await answered(fake, lambda: fake.say(ANI, "betis kiri kram"))
            assert "telegram" not in other.metrics.silent(), "it stands by"
    assert "telegram" not in service.metrics.silent()


async def test_a_second_poller_is_told_clearly(
    fake: FakeTelegram, running: Running, caplog: pytest.LogCaptureFixture
) -> None:
    refusals = iter([True])

    def conflict(method: str, given: dict[str, str]) -> None:
        if method == "getUpdates" and next(refusals, None):
            raise ApiError(409, "Conflict: terminated by other getUpdates request")

    fake.fault = conflict
    async with running():
        await until(lambda: any("another program polls" in one.getMessage() for one in caplog.records))


async def test_a_webhook_is_removed_before_polling_and_nothing_is_dropped(fake: FakeTelegram, running: Running) -> None:
    fake.webhook = {"url": "https://old.example/hook", "secret": ""}
    fake.say(ANI, "betis kiri kram")
    async with running():
        await until(lambda: fake.chat(ANI).shown)
    assert fake.webhook["url"] == ""


async def test_a_wrong_token_is_told_and_harms_nothing_else(
    redis_url: str, running: Running, caplog: pytest.LogCaptureFixture
) -> None:
    async with running(telegram_token="1:wrong") as service:
        await until(lambda: any("refuses TELEGRAM_TOKEN" in one.getMessage() for one in caplog.records))
        await service.store.ping()


async def test_no_words_stand_in_the_log(
    fake: FakeTelegram, running: Running, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    async with running():
        await answered(fake, lambda: fake.say(77001, "betis kiri kram rahasia"), 77001)
    own = [one for one in caplog.records if one.name.startswith("bot.")]
    assert not any("rahasia" in str(vars(one)) or "77001" in str(vars(one)) for one in own)


def test_the_fake_is_strict() -> None:
    """The guard itself: what Telegram refuses, the fake refuses."""
    import httpx

    with telegram() as server:
        server.chat(ANI)

        def send(**given: str) -> str:
            body = {"chat_id": str(ANI), "text": "x", **given}
            return str(httpx.post(f"{server.url}/bot{TOKEN}/sendMessage", data=body).json().get("description", "ok"))

        keyboard = '{"inline_keyboard": [[{"text": "a", "callback_data": "%s"}]]}'
        assert send() == "ok"
        assert "too long" in send(text="🦵" * 2049)
        assert send(text="🦵" * 2048) == "ok"
        assert "can't parse" in send(text="a < b", parse_mode="HTML")
        assert "can't parse" in send(text="<b>a", parse_mode="HTML")
        assert "can't parse" in send(text="a &nbsp b", parse_mode="HTML")
        assert "BUTTON_DATA_INVALID" in send(reply_markup=keyboard % ("x" * 65))
        assert send(reply_markup=keyboard % ("x" * 64)) == "ok"
        assert "chat not found" in send(chat_id="5")
