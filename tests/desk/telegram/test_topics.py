"""Topics come, go and come back: deleted by hand, forgotten with the patient, kept up by whoever runs."""

import asyncio
import itertools
import threading
from datetime import UTC, datetime

import pytest

from bot.channels.telegram.updates import address_of
from bot.conversations import Inbound
from bot.service import Service
from bot.store.topics import Topics
from tests.channels.telegram.conftest import until
from tests.channels.telegram.fake import bad, labels
from tests.desk.telegram.conftest import Running
from tests.desk.telegram.forum import GROUP, FakeForum
from tests.desk.telegram.test_relay import ANI, HUMAN, RINA, STORY, hears, opened, says, shows


@pytest.fixture(autouse=True)
def quick_sweeps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.desk.telegram.mirror.SWEEP_SECONDS", 0.3)


async def registered(service: Service) -> dict[int, str]:
    return await Topics(service.store, GROUP).register()


async def test_a_topic_deleted_by_hand_is_made_anew_with_all_of_the_episode(fake: FakeForum, running: Running) -> None:
    async with running(relay=True) as service:
        first = await opened(fake)
        fake.write(RINA, "Halo Ibu", first)
        await hears(fake, "Halo Ibu")
        fake.remove(first)
        fake.say(ANI, "masih bengkak")
        await until(lambda: fake.threads and fake.thread.pinned)
        second = fake.thread
        await shows(second, "masih bengkak")
        said = "\n".join(second.texts)
        assert said.index(STORY) < said.index("Halo Ibu") < said.index("masih bengkak")
        assert "Tutup" in labels(second.card)
        fake.write(RINA, "Saya di sini", second)
        await hears(fake, "Saya di sini")
        assert list(await registered(service)) == [second.id]


async def test_a_card_deleted_by_hand_is_sent_and_pinned_again(fake: FakeForum, running: Running) -> None:
    async with running(relay=True):
        thread = await opened(fake)
        thread.shown.remove(thread.card)
        fake.write(RINA, "Halo", thread)
        await hears(fake, "Halo")
        await until(lambda: len(thread.pinned) == 2)
        assert "Dilayani Rina" in thread.card["text"]


async def test_a_patient_who_is_forgotten_takes_the_topic_along(fake: FakeForum, running: Running) -> None:
    async with running(relay=True) as service:
        thread = await opened(fake)
        await says(fake, "/hapus")
        fake.press(ANI, "Ya")
        await until(lambda: thread in fake.deleted)
        assert not fake.threads
        await until_none(service)
        keys = [key async for key in service.store.redis.scan_iter(f"*{service.store.id_of(address_of(ANI))}*")]
        assert not any(b":state:" in key for key in keys)


async def test_with_the_relay_switched_off_the_topics_of_the_forgotten_go_all_the_same(
    fake: FakeForum, running: Running
) -> None:
    async with running(relay=True):
        thread = await opened(fake)
    async with running() as service:
        fake.say(ANI, "masih di sini")
        await until(lambda: not fake.pending)
        await service.store.forget(address_of(ANI))
        await until(lambda: thread in fake.deleted)
    assert "masih di sini" not in "\n".join(thread.texts)


async def test_the_operators_forget_deletes_topics_of_every_episode_and_the_next_life_is_its_own(
    fake: FakeForum, running: Running
) -> None:
    async with running(relay=True) as service:
        first = await opened(fake)
        fake.tap(RINA, "Ambil", first)
        await until(lambda: "Kembalikan ke bot" in labels(first.card))
        fake.tap(RINA, "Kembalikan ke bot", first)
        await until(lambda: first.closed)
        await says(fake, HUMAN)
        await until(lambda: len(fake.threads) == 2)
        await service.store.forget(address_of(ANI))
        await says(fake, HUMAN)
        await until(lambda: len(fake.deleted) == 2)
        await until(lambda: fake.threads and fake.thread.pinned)
        await shows(fake.thread, HUMAN)
        assert STORY not in "\n".join(fake.thread.texts)


async def test_who_is_forgotten_while_a_topic_is_made_leaves_none_to_the_next_life(
    fake: FakeForum, running: Running
) -> None:
    """Telegram is asked for the topic of a second episode; before it answers the patient is forgotten, and writes."""
    asked, go = threading.Event(), threading.Event()

    def slow(method: str, given: dict[str, str]) -> None:
        if method == "createForumTopic" and not asked.is_set():
            asked.set()
            go.wait(60)

    async with running(relay=True) as service:
        first = await opened(fake)
        fake.tap(RINA, "Ambil", first)
        await until(lambda: "Kembalikan ke bot" in labels(first.card))
        fake.tap(RINA, "Kembalikan ke bot", first)
        await until(lambda: first.closed)
        fake.fault = slow
        fake.say(ANI, HUMAN)
        await until(asked.is_set)
        await service.store.forget(address_of(ANI))
        inbound = Inbound("the-next-life", address_of(ANI), datetime.now(UTC), HUMAN)
        await service.conversations.receive(inbound)
        go.set()
        await until(lambda: len(fake.deleted) == 2)
        await until(lambda: fake.threads and fake.thread.pinned)
        await shows(fake.thread, HUMAN)
        assert STORY not in "\n".join(fake.thread.texts)
        assert list(await registered(service)) == [fake.thread.id]


async def test_a_topic_goes_when_the_time_of_the_conversation_is_over(fake: FakeForum, running: Running) -> None:
    async with running(relay=True) as service:
        thread = await opened(fake)
        for key in service.store.keys_of(address_of(ANI)).all():
            await service.store.redis.delete(key)
        await until(lambda: thread in fake.deleted)
        await until_none(service)


async def test_what_is_said_while_nothing_runs_is_shown_once_it_does(fake: FakeForum, running: Running) -> None:
    async with running(relay=True):
        thread = await opened(fake)
    fake.say(ANI, "saya menulis ketika mati")
    fake.write(RINA, "saya juga", thread)
    async with running(relay=True):
        await shows(thread, "saya menulis ketika mati")
        await hears(fake, "saya juga")
    assert sum("menulis ketika mati" in text for text in thread.texts) == 1
    assert len(fake.threads) == 1


async def test_whoever_dies_in_the_middle_no_line_is_lost_and_one_comes_twice_at_most(
    fake: FakeForum, running: Running
) -> None:
    """The program ends in the moment in which Telegram takes every second message."""
    said = [f"pesan nomor {number}{' panjang' * 200} selesai" for number in range(6)]
    for text in [*said, HUMAN]:
        fake.say(ANI, text)
    died, calls = 0, itertools.count(1)
    while not whole(fake):
        taken, dead = threading.Event(), threading.Event()

        def fault(
            method: str, given: dict[str, str], taken: threading.Event = taken, dead: threading.Event = dead
        ) -> None:
            if "message_thread_id" in given and not dead.is_set() and next(calls) % 2 == 0:
                taken.set()
                dead.wait(1)  # Telegram takes it, and nobody is there any more to be told

        fake.fault = fault
        async with running(relay=True):
            await until(lambda taken=taken: taken.is_set() or whole(fake))
            died += taken.is_set()
        dead.set()
    assert died >= 2
    texts = [text for text in whole(fake) if text]
    assert [text for text in said if text not in "\n".join(texts)] == [], texts
    assert len(texts) - len(set(texts)) <= died, "each death repeats one message at most"


def whole(fake: FakeForum) -> list[str]:
    """The texts of the topic that has the last line, too."""
    return next((topic.texts for topic in fake.threads.values() if HUMAN in "\n".join(topic.texts[1:])), [])


async def test_without_the_right_to_manage_topics_it_is_told_and_the_rest_works(
    fake: FakeForum, running: Running, caplog: pytest.LogCaptureFixture
) -> None:
    fake.rights.clear()
    async with running(relay=True):
        await says(fake, HUMAN)
        await until(lambda: any("the group refuses" in one.getMessage() for one in caplog.records))
        assert not fake.threads
        fake.rights.update({"can_manage_topics", "can_pin_messages"})
        await until(lambda: fake.threads)


async def test_a_message_that_telegram_cannot_show_holds_up_no_other_and_stands_in_no_log(
    fake: FakeForum, running: Running, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    async with running(relay=True):
        thread = await opened(fake)

        def fault(method: str, given: dict[str, str]) -> None:
            if method == "sendMessage" and "aneh" in given.get("text", ""):
                raise bad("can't parse entities: something new")

        fake.fault = fault
        fake.say(ANI, "pesan aneh")
        await shows(thread, "tidak bisa ditampilkan")
        fake.say(ANI, "pesan biasa")
        await shows(thread, "pesan biasa")
    own = [one for one in caplog.records if one.name.startswith("bot.")]
    assert own
    assert not any(word in str(vars(one)) for one in own for word in ("aneh", "biasa", "bengkak", str(ANI)))


async def test_one_conversation_that_fails_holds_up_no_other(
    fake: FakeForum, running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    def text_of(card: object, id: str, *others: object) -> str:
        if id == poison:
            raise RuntimeError("a fault of ours")
        return "kartu"

    async with running(relay=True) as service:
        poison = service.store.id_of(address_of(ANI))
        monkeypatch.setattr("bot.desk.telegram.card.text_of", text_of)
        for chat in (ANI, 8, 9):
            await says(fake, HUMAN, chat)
        await until(lambda: sum("kartu" in topic.texts for topic in fake.threads.values()) == 2)


async def test_a_topic_closed_by_hand_is_opened_again_where_the_bot_may_not_write(
    fake: FakeForum, running: Running
) -> None:
    async with running(relay=True):
        thread = await opened(fake)
        thread.closed = True
        closed = True

        def fault(method: str, given: dict[str, str]) -> None:
            if method == "sendMessage" and closed and thread.closed:
                raise bad("TOPIC_CLOSED")

        fake.fault = fault
        fake.say(ANI, "halo?")
        await shows(thread, "halo?")
        assert not thread.closed


async def test_two_processes_make_one_topic(fake: FakeForum, running: Running) -> None:
    async with running(relay=True), running(relay=True):
        thread = await opened(fake)
        for number in range(5):
            fake.say(ANI, f"kalimat {number}.")
        await shows(thread, "kalimat 4.")
    assert fake.calls["createForumTopic"] == 1
    shown = "\n".join(thread.texts)
    assert all(shown.count(f"kalimat {number}.") == 1 for number in range(5))


async def until_none(service: Service) -> None:
    for _ in range(500):
        if not await registered(service):
            return
        await asyncio.sleep(0.02)
    raise AssertionError("the register still has it")
