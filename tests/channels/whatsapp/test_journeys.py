"""Whole conversations through Twilio: typed, tapped, under another name, after an outage, past the window."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from bot.channels.whatsapp import catch_up
from bot.channels.whatsapp.templates import submit, sync
from bot.store.aliases import resolve
from bot.store.media import kept
from bot.store.notes import note
from bot.store.records import Address, Commit, Line
from tests.channels.whatsapp.conftest import Running, Start, eventually
from tests.channels.whatsapp.fake import API, FakeTwilio, Message, units
from tests.pace import PATIENCE

PATIENT = "whatsapp:+6281234567890"
OTHER = "whatsapp:ID.4566546130240823"
ADDRESS = Address(channel="whatsapp", id="+6281234567890")


async def synced(running: Running) -> None:
    script = running.service.conversations.content.script
    await sync(running.channel._client, running.channel.contents, script)


async def begin(running: Running, patient: str = PATIENT) -> Message:
    """The first message, answered with two bubbles; the second, which asks."""
    assert (await running.webhooks.write(patient, "betis kiri kram sudah 3 hari")).is_success
    return (await running.webhooks.twilio.wait_for(2, patient))[1]


async def say(running: Running, text: str, who: str = "staff") -> None:
    """A line that no message of the patient's caused."""
    store = running.service.store
    loaded = await store.load(ADDRESS)
    line = Line(who="staff" if who == "staff" else "bot", text=text, at=datetime.now(UTC), name="dr. *Sari*")
    commit = Commit(ADDRESS, loaded.version, f"m-{text}", line.at, loaded.conversation, [line], push=True)
    await store.commit(commit)
    running.service.delivery.kick(store.id_of(ADDRESS))


async def state_of(running: Running, text: str) -> str:
    lines = await running.service.store.transcript(ADDRESS)
    number = next(number for number, line in lines if line.text == text)
    return (await running.service.store.delivery_states(ADDRESS)).get(number, "")


async def until_outcome(running: Running, answer: str, tap: bool) -> Message:
    """Answer every question, "tidak ada" or by its last row, until the outcome is told."""
    twilio, done = running.webhooks.twilio, 0
    for _ in range(40):
        conversation = (await running.service.store.load(ADDRESS)).conversation
        await asyncio.sleep(0.1)  # the second bubble of a turn
        if conversation.outcome is not None:
            return twilio.sent(PATIENT)[-1]
        done = len(twilio.sent(PATIENT))
        under, offered = twilio.sent(PATIENT)[-1], conversation.offered
        if tap and under.content:
            ids = [option.id for option in offered]
            wanted = next((id for id in ("none", "no") if id in ids), ids[0])
            wanted = "yes" if conversation.pending and conversation.pending.question == "consent" else wanted
            assert (await running.webhooks.tap(PATIENT, under, wanted)).is_success
        else:
            pending = conversation.pending
            typed = (
                "ya"
                if pending and pending.question == "consent"
                else "35"
                if pending and pending.question == "age"
                else answer
            )
            typed = (
                "1"
                if offered and pending and pending.question in ("side", "body_part", "recurrence", "episode")
                else typed
            )
            assert (await running.webhooks.write(PATIENT, typed)).is_success
        await twilio.wait_for(done + 1, PATIENT)
    raise AssertionError("no outcome")


@pytest.mark.parametrize("tap", [False, True], ids=["typed", "tapped"])
async def test_a_journey_to_the_outcome(start: Start, twilio: FakeTwilio, tap: bool) -> None:
    async with start(twilio_rate=0.0) as running:
        if tap:
            await synced(running)
        await begin(running)
        await until_outcome(running, "tidak", tap)
        sent = twilio.sent(PATIENT)
        assert any(m.content for m in sent) == tap
        assert all(units(m.body) <= (1024 if m.content else 1600) for m in sent)
        assert "*" not in "".join(
            str(c["types"]) for c in twilio.contents.values() if "template" not in c["friendly_name"]
        )


async def test_options_are_readable_as_text_with_and_without_menus(running: Running, twilio: FakeTwilio) -> None:
    plain = await begin(running)
    assert "1. Ya\n2. Tidak" in plain.body
    assert not plain.content
    await synced(running)
    menu = await begin(running, "whatsapp:+62899")
    assert "1. Ya\n2. Tidak" in menu.body
    assert menu.content


async def test_sync_is_idempotent_and_removes_only_what_is_stale(running: Running, twilio: FakeTwilio) -> None:
    twilio.contents["HXforeign"] = {"friendly_name": "promo", "language": "id", "types": {}, "variables": {}}
    twilio.contents["HXstale"] = {
        "friendly_name": "tanyakaki_list_picker_0",
        "language": "id",
        "types": {},
        "variables": {},
    }
    channel, script = running.channel, running.service.conversations.content.script
    first = await sync(channel._client, channel.contents, script)
    again = await sync(channel._client, channel.contents, script)
    assert first.made > 5
    assert first.removed == 1
    assert (again.made, again.removed) == (0, 0)
    assert "HXforeign" in twilio.contents


async def test_a_refused_menu_goes_as_text(running: Running, twilio: FakeTwilio) -> None:
    await synced(running)
    twilio.contents.clear()
    plain = await begin(running)
    assert not plain.content
    assert "1. Ya" in plain.body


async def test_a_late_tap_does_not_answer_another_question(running: Running, twilio: FakeTwilio) -> None:
    await synced(running)
    consent = await begin(running)
    await running.webhooks.tap(PATIENT, consent, "yes")
    await twilio.wait_for(3, PATIENT)
    before = (await running.service.store.load(ADDRESS)).conversation
    await running.webhooks.tap(PATIENT, consent, "no")
    await twilio.wait_for(4, PATIENT)
    after = (await running.service.store.load(ADDRESS)).conversation
    assert after.facts == before.facts
    assert after.pending is not None
    assert before.pending is not None
    assert after.pending.question == before.pending.question
    assert after.consent == before.consent


async def test_a_conversation_survives_another_name(running: Running, twilio: FakeTwilio) -> None:
    store = running.service.store
    await running.webhooks.write(PATIENT, "betis kiri kram sudah 3 hari")
    await running.webhooks.write(PATIENT, "ya", ExternalUserId=OTHER)
    await twilio.wait_for(2, PATIENT)
    await running.webhooks.write(OTHER, "tidak ada", ExternalUserId=OTHER, WaId="")
    await twilio.wait_for(1, OTHER)
    lines = [line.text for _, line in await store.transcript(ADDRESS) if line.who == "patient"]
    assert lines == ["betis kiri kram sudah 3 hari", "ya", "tidak ada"]
    other = Address(channel="whatsapp", id="ID.4566546130240823")
    assert await resolve(store, [other]) == ADDRESS
    await store.forget(ADDRESS)
    assert await resolve(store, [other]) == other
    assert not [key async for key in store.redis.scan_iter("tk:alias:*")]


async def test_a_user_without_a_number_is_known_by_the_id(running: Running, twilio: FakeTwilio) -> None:
    await running.webhooks.write(OTHER, "betis kiri kram", ExternalUserIdentifier=OTHER)
    await twilio.wait_for(1, OTHER)
    assert await running.service.store.transcript(Address(channel="whatsapp", id="ID.4566546130240823"))


async def test_what_no_webhook_brought_is_caught_up(start: Start, twilio: FakeTwilio) -> None:
    async with start() as running:
        await begin(running)
    twilio.arrive(PATIENT, "ya", datetime.now(UTC) - timedelta(seconds=2))
    twilio.arrive("whatsapp:+62877", "dada saya nyeri dan sesak napas", datetime.now(UTC) - timedelta(seconds=1))
    async with start() as running:
        (urgent, *_) = await twilio.wait_for(1, "whatsapp:+62877")
        assert "119" in urgent.body
        await twilio.wait_for(3, PATIENT)
        await asyncio.sleep(0.5)  # the reading at the start has ended
        assert await running.channel._catch_up.read(datetime.now(UTC)) >= 3, "read again, with no second effect"
        lines = await running.service.store.transcript(ADDRESS)
        assert [line.text for _, line in lines if line.who == "patient"] == ["betis kiri kram sudah 3 hari", "ya"]


async def test_an_outage_in_between_is_found_too(
    running: Running, twilio: FakeTwilio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catch_up, "GRACE", timedelta(0))
    twilio.arrive(PATIENT, "betis kiri kram sudah 3 hari", datetime.now(UTC) - timedelta(seconds=50))
    await running.webhooks.write("whatsapp:+62877", "halo")
    await asyncio.sleep(0.5)  # the reading at the start has ended
    assert await running.channel._catch_up.read(datetime.now(UTC)) == 2
    await twilio.wait_for(1, PATIENT)


async def test_outside_the_window_a_reply_waits_until_the_patient_writes(running: Running, twilio: FakeTwilio) -> None:
    channel, script = running.channel, running.service.conversations.content.script
    await submit(channel._client, channel.contents, script)
    await submit(channel._client, channel.contents, script)
    await begin(running)
    long_ago = datetime.now(UTC) - timedelta(hours=25)
    twilio.last_inbound[PATIENT] = long_ago
    await note(running.service.store, ADDRESS, heard=long_ago.isoformat())
    await say(running, "Silakan kontrol hari Senin")
    await say(running, "Bawa obatnya juga")
    asked = await twilio.wait_for(3, PATIENT)
    assert "Ada balasan untuk Anda" in asked[-1].body
    async with asyncio.timeout(PATIENCE):
        while not (await state_of(running, "Bawa obatnya juga")).startswith("failed:63016"):  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    assert len(twilio.sent(PATIENT)) == 3, "asked once"
    await running.webhooks.write(PATIENT, "halo")
    bodies = [m.body for m in await twilio.wait_for(7, PATIENT)]
    assert bodies[-2].endswith("Silakan kontrol hari Senin")
    assert bodies[-1].endswith("Bawa obatnya juga")


async def test_a_late_reminder_is_refused_and_not_kept(running: Running, twilio: FakeTwilio) -> None:
    await begin(running)
    await note(running.service.store, ADDRESS, heard=(datetime.now(UTC) - timedelta(hours=25)).isoformat())
    await say(running, "Masih ada?", who="bot")
    async with asyncio.timeout(PATIENCE):
        while not (await state_of(running, "Masih ada?")).startswith("failed:63016"):  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    await running.webhooks.write(PATIENT, "halo")
    await twilio.wait_for(3, PATIENT)
    await asyncio.sleep(0.3)
    assert not any("Masih ada?" in m.body for m in twilio.sent(PATIENT))


async def test_states_only_move_forward_and_tell_why(running: Running, twilio: FakeTwilio) -> None:
    hooks = running.webhooks
    await begin(running)
    reply, other = twilio.sent(PATIENT)
    await hooks.tell(other, "read")
    for status in ("delivered", "sent", "read", "delivered", "queued"):
        assert (await hooks.tell(reply, status)).is_success
    states = await running.service.store.delivery_states(ADDRESS)
    assert set(states.values()) == {"read"}
    assert (await hooks.tell(reply, "failed", "63018")).is_success
    assert set((await running.service.store.delivery_states(ADDRESS)).values()) == {"read"}
    await hooks.write(PATIENT, "ya")
    second = (await twilio.wait_for(3, PATIENT))[-1]
    await hooks.tell(second, "undelivered", "63024")
    assert any(
        "63024: Nomor penerima" in state for state in (await running.service.store.delivery_states(ADDRESS)).values()
    )


async def test_who_opted_out_is_written_to_no_more(running: Running, twilio: FakeTwilio) -> None:
    await begin(running)
    await running.webhooks.write(PATIENT, "STOP", OptOutType="STOP")
    await say(running, "Apa kabar?")
    async with asyncio.timeout(PATIENCE):
        while not (await state_of(running, "Apa kabar?")).startswith("failed:21610"):  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    assert len(twilio.sent(PATIENT)) == 2
    await running.webhooks.write(PATIENT, "halo", OptOutType="START")
    await twilio.wait_for(3, PATIENT)


async def test_twilio_s_own_refusal_is_respected(running: Running, twilio: FakeTwilio) -> None:
    await begin(running)
    twilio.opted_out.add(PATIENT)
    for text in ("Satu", "Dua"):
        await say(running, text)
    async with asyncio.timeout(PATIENCE):
        while not (await state_of(running, "Dua")).startswith("failed:21610"):  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    assert twilio.requests.count(("POST", f"{API}/Messages.json")) == 3


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_a_busy_twilio_is_asked_again_and_the_order_kept(
    running: Running, twilio: FakeTwilio, status: int
) -> None:
    twilio.faults = [(status, 20429)] * 2
    await running.webhooks.write(PATIENT, "betis kiri kram sudah 3 hari")
    await say(running, "Kedua")
    bodies = [m.body for m in await twilio.wait_for(3, PATIENT)]
    assert bodies[1].endswith("2. Tidak")
    assert bodies[2].endswith("Kedua")
    assert bodies[2].startswith("*dr. *\u200bSari*\u200b*")


async def test_two_processes_serve_one_patient(start: Start, twilio: FakeTwilio) -> None:
    async with start() as one, start() as two:
        form = one.webhooks.form(twilio.arrive(PATIENT, "betis kiri kram sudah 3 hari"))
        answers = await asyncio.gather(*(each.webhooks.post(form) for each in (one, two) * 10))
        assert all(answer.status_code == 200 for answer in answers)
        await twilio.wait_for(2, PATIENT)
        await two.webhooks.write(PATIENT, "ya")
        await twilio.wait_for(3, PATIENT)
        lines = await one.service.store.transcript(ADDRESS)
        assert [line.who for _, line in lines] == ["patient", "bot", "bot", "patient", "bot"]


async def test_the_rate_is_kept_by_all_processes(start: Start, twilio: FakeTwilio) -> None:
    async with start(twilio_rate=4.0) as one, start(twilio_rate=4.0) as two:
        began = asyncio.get_running_loop().time()
        for number in range(12):
            await (one, two)[number % 2].webhooks.write(f"whatsapp:+62800{number}", "halo")
        await twilio.wait_for(12)
        assert asyncio.get_running_loop().time() - began > 1.6


async def test_media_are_fetched_kept_and_deleted(running: Running, twilio: FakeTwilio) -> None:
    twilio.media["ME1"] = ("audio/ogg", b"voice" * 1000)
    await running.webhooks.write(PATIENT, "betis kiri kram")
    message = twilio.arrive(PATIENT, "", media=["ME1"])
    url = f"https://api.twilio.com{API}/Messages/{message.sid}/Media/ME1"
    fields = {"NumMedia": "1", "MediaUrl0": url, "MediaContentType0": "audio/ogg", "MessageType": "audio"}
    await running.webhooks.post(running.webhooks.form(message, **fields))
    await eventually(lambda: twilio.deleted == ["ME1"])
    name = f"voice:whatsapp/{message.sid}/0"
    assert await kept(running.service.store, ADDRESS, name) == ("audio/ogg", b"voice" * 1000)
    assert twilio.seen_authorization == [None], "no credentials after the redirect"
    lines = [line for _, line in await running.service.store.transcript(ADDRESS) if line.who == "patient"]
    assert lines[-1].attachments == (name,)
    await running.service.store.forget(ADDRESS)
    assert await kept(running.service.store, ADDRESS, name) is None
