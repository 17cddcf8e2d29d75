"""What is taken from Twilio's posts and what is refused."""

import random
from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest
from redis.asyncio import Redis
from twilio.request_validator import RequestValidator

from bot.channels.whatsapp import WhatsApp
from bot.channels.whatsapp.inbound import Posted
from bot.channels.whatsapp.reception import Reception
from bot.channels.whatsapp.signature import FRAGMENT
from bot.conversations import Conversations
from bot.settings import Settings
from bot.store.aliases import resolve
from bot.store.notes import noted
from bot.store.records import Address
from tests.channels.whatsapp.conftest import PUBLIC, Running, Start
from tests.channels.whatsapp.fake import TOKEN, FakeTwilio
from tests.redis_servers import reads

PATIENT = "whatsapp:+6281234567890"
ADDRESS = Address(channel="whatsapp", id="+6281234567890")


async def test_a_message_is_answered_through_the_api(running: Running, twilio: FakeTwilio) -> None:
    answer = await running.webhooks.write(PATIENT, "betis kiri kram sudah 3 hari")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/xml")
    assert answer.text.endswith("<Response/>")
    (reply,) = await twilio.wait_for(1, PATIENT)
    assert reply.callback == f"{PUBLIC}/webhooks/twilio/status"


OTHER = Address(channel="whatsapp", id="ID.4566546130240823")


@pytest.mark.parametrize(("names", "trips"), [((ADDRESS,), 2), ((OTHER, ADDRESS), 4)], ids=["number", "number and id"])
async def test_a_message_is_few_round_trips(
    settings: Settings, conversations: Conversations, redis: Redis, names: tuple[Address, ...], trips: int
) -> None:
    store = conversations.store
    reception = Reception(conversations, WhatsApp(settings, store).attachments)
    said = ("betis kiri kram sudah 3 hari", "ya", "tidak ada", "STOP", "kaki saya bengkak", "hapus data saya")
    made = []
    for number, text in enumerate(said):
        before = await reads(redis)
        await reception.take(Posted(f"SM{number}", names, ADDRESS.id, text), datetime.now(UTC))
        made.append(await reads(redis) - before)
    assert made[1:] == [trips] * 5, "the first one brings the script"
    lines = [line.text for _, line in await store.transcript(names[0]) if line.who == "patient"]
    assert lines == list(said)
    assert await noted(store, names[0], "to", "out") == {"to": ADDRESS.id, "out": ""}
    assert await resolve(store, [ADDRESS]) == names[0]


@pytest.mark.parametrize("path", ["/webhooks/twilio", "/webhooks/twilio?kanal=wa&b=%C3%A9+%2B&a="])
@pytest.mark.parametrize("fragment", ["", FRAGMENT])
async def test_the_address_that_twilio_saw_is_signed(running: Running, path: str, fragment: str) -> None:
    running.webhooks.path, running.webhooks.fragment = path, fragment
    assert (await running.webhooks.write(PATIENT, "halo")).status_code == 200


async def test_a_port_and_two_tokens(start: Start, twilio: FakeTwilio) -> None:
    async with start(twilio_auth_token=f"a newer token, {TOKEN}", public_url="https://chat.klinik.example:8443") as one:
        one.webhooks.public = "https://chat.klinik.example:8443"
        assert (await one.webhooks.write(PATIENT, "halo")).status_code == 200
    async with start(public_url="https://chat.klinik.example") as one:
        one.webhooks.public = "https://chat.klinik.example:443"
        assert (await one.webhooks.write(PATIENT, "halo")).status_code == 200


async def test_a_thousand_forged_posts_are_refused(running: Running, twilio: FakeTwilio) -> None:
    dice = random.Random(7)
    hooks = running.webhooks
    for number in range(1000):
        form = hooks.form(twilio.arrive(PATIENT, f"kaki kram {number}"))
        good = RequestValidator(TOKEN).compute_signature(hooks.public + hooks.path, form)
        forgeries = [
            (form, ""),
            (form, "".join(dice.choices("abcdefghijklmnopqrstuvwxyz+/", k=27)) + "="),
            (form, RequestValidator("another token").compute_signature(hooks.public + hooks.path, form)),
            ({**form, "Body": form["Body"] + "."}, good),
            ({**form, "From": "whatsapp:+628999"}, good),
            ({**form, "New": ""}, good),
            ({name: value for name, value in form.items() if value}, good),
            (form, RequestValidator(TOKEN).compute_signature("http://inside:8000" + hooks.path, form)),
            (form, RequestValidator(TOKEN).compute_signature(hooks.public + hooks.path + "/", form)),
            (form, good[:-2] + ("A=" if good[-2] != "A" else "B=")),
        ]
        wrong, signature = forgeries[number % len(forgeries)]
        assert (await hooks.post(wrong, signature=signature)).status_code == 403
    assert running.channel.posts.refused[403] == 1000
    assert not await running.service.store.transcript(ADDRESS)
    assert not twilio.sent()


async def test_forged_posts_leave_no_word_in_the_log(running: Running, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("DEBUG"):
        await running.webhooks.post({"Body": "rahasia", "From": PATIENT, "MessageSid": "SM1"}, signature="x")
        await running.webhooks.write(PATIENT, "kaki saya rahasia sekali kram")
        await running.webhooks.twilio.wait_for(1)
    told = "\n".join(
        f"{record.getMessage()} {vars(record)}" for record in caplog.records if record.name.startswith("bot")
    )
    assert "rahasia" not in told
    assert "6281234567890" not in told


async def test_large_bodies_and_other_types_are_refused(running: Running) -> None:
    client = running.webhooks.client
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    big = await client.post("/webhooks/twilio", content=b"a=" + b"x" * 10_000_000, headers=form)
    assert big.status_code == 413
    typed = await client.post("/webhooks/twilio", content=b"{}", headers={"Content-Type": "application/json"})
    assert typed.status_code == 415
    garbage = await client.post("/webhooks/twilio", content=b"\xff\xfe&%zz=%ff", headers=form)
    assert 400 <= garbage.status_code < 500
    fields = await client.post("/webhooks/twilio", content=urlencode([("a", "")] * 5000), headers=form)
    assert fields.status_code == 400
    assert (await client.get("/webhooks/twilio")).status_code == 405


async def test_a_signed_body_that_is_no_message_is_refused(running: Running) -> None:
    assert (await running.webhooks.post({"Hello": "world"})).status_code == 400
    assert (await running.webhooks.post({"MessageSid": "SM1"})).status_code == 400


async def test_a_signed_body_that_is_no_form_is_refused(running: Running) -> None:
    body = '{"not": "a form"}'
    validator = RequestValidator(TOKEN)
    digest = validator.compute_hash(body)
    path = f"/webhooks/twilio?bodySHA256={digest}"
    headers = {"X-Twilio-Signature": validator.compute_signature(PUBLIC + path, {}), "Content-Type": "application/json"}
    assert (await running.webhooks.client.post(path, content=body, headers=headers)).status_code == 415


async def test_fields_may_be_missing_and_new_ones_come(running: Running, twilio: FakeTwilio) -> None:
    message = twilio.arrive(PATIENT, "betis kiri kram")
    assert (
        await running.webhooks.post({"MessageSid": message.sid, "From": PATIENT, "Body": "betis kiri kram"})
    ).is_success
    await twilio.wait_for(1, PATIENT)
    again = running.webhooks.form(
        twilio.arrive(PATIENT, "halo"), SomethingNew="ya 🙂", Forwarded="true", ReferralBody=""
    )
    assert (await running.webhooks.post(again)).is_success


async def test_a_message_that_comes_again_changes_nothing(running: Running, twilio: FakeTwilio) -> None:
    form = running.webhooks.form(twilio.arrive(PATIENT, "betis kiri kram sudah 3 hari"))
    for _ in range(5):
        assert (await running.webhooks.post(form)).status_code == 200
    await twilio.wait_for(1, PATIENT)
    lines = await running.service.store.transcript(ADDRESS)
    assert [line.who for _, line in lines].count("patient") == 1


async def test_a_genuine_post_gets_503_while_the_store_is_away(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object, **__: object) -> None:
        raise ConnectionError

    with monkeypatch.context() as patch:
        patch.setattr(type(running.service.store.redis), "execute_command", away)
        answer = await running.webhooks.write(PATIENT, "halo")
        forged = await running.webhooks.post({"MessageSid": "SM1", "From": PATIENT}, signature="x")
    assert answer.status_code == 503
    assert answer.headers["retry-after"]
    assert forged.status_code == 403
