"""What a monitor sees of WhatsApp: messages, sends and what became of them, forged posts."""

from bot.delivery import Delivery
from tests.channels.whatsapp.conftest import Running, eventually
from tests.channels.whatsapp.fake import FakeTwilio
from tests.monitors import scraped, value

PATIENT = "whatsapp:+6281234567890"


async def test_whatsapp_is_counted(running: Running, twilio: FakeTwilio) -> None:
    hooks = running.webhooks
    twilio.faults.append((500, 0))
    message = hooks.form(twilio.arrive(PATIENT, "betis kiri kram"))
    for _ in range(2):
        await hooks.post(message)
    sent = await twilio.wait_for(2)
    assert (await hooks.post(message, signature="x")).status_code == 403
    await hooks.tell(sent[0], "undelivered", "63024")
    await eventually(lambda: _idle(running.service.delivery))
    numbers = await scraped(hooks.client)
    assert value(numbers, "turns_total", came="inbound", channel="whatsapp") == 1
    assert (value(numbers, "messages_again_total", channel="whatsapp") or 0) >= 1, "the list of messages has it, too"
    results = {
        result: value(numbers, "sends_total", channel="whatsapp", result=result)
        for result in ("sent", "later", "refused", "undelivered")
    }
    assert results == {"sent": 2, "later": 1, "refused": 0, "undelivered": 1}
    assert value(numbers, "delivery_seconds_count", channel="whatsapp") == 2
    assert value(numbers, "webhooks_refused_total", channel="whatsapp", status="403") == 1
    assert value(numbers, "outbox_conversations") == 0


async def test_a_refused_send_is_counted(running: Running, twilio: FakeTwilio) -> None:
    twilio.opted_out.add(PATIENT)
    await running.webhooks.write(PATIENT, "betis kiri kram")
    await eventually(lambda: _idle(running.service.delivery))
    numbers = await scraped(running.webhooks.client)
    assert value(numbers, "sends_total", channel="whatsapp", result="refused") == 2


def _idle(delivery: Delivery) -> bool:
    return not delivery._tasks
