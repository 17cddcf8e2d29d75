"""From the bot to people and back, through the real store: one owner, calls that end, and a patient who always knows
who is talking."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from bot.conversations import Conversations, Inbound, NoSuchConversation, Received
from bot.delivery import Delivery
from bot.dialogue import staffing
from bot.dialogue.conversation import Conversation, Turn
from bot.dialogue.script import Script
from bot.dialogue.staffing import NotAllowed, Person
from bot.ontology import Level
from bot.store.listing import open_ids, recent_ids
from bot.store.records import Address, Line
from bot.store.store import Store
from bot.timers import Timers

OPEN = datetime.fromisoformat("2026-11-23T10:00+07:00")
CLOSED = datetime.fromisoformat("2026-11-22T10:00+07:00")
RINA, BUDI = Person("rina", "Rina, perawat"), Person("budi", "dr. Budi")
URGENT = "betis kiri saya bengkak sejak kemarin"
MOST = 20
ALARM = "tiba-tiba dada saya nyeri dan sesak napas"


class Desk:
    """A patient in the web chat and the people of the clinic."""

    def __init__(self, conversations: Conversations, address: Address) -> None:
        self.conversations = conversations
        self.address = address.model_copy(update={"channel": "web"})
        self.count = 0

    async def says(self, text: str = "", tap: str = "", at: datetime = OPEN) -> Received:
        self.count += 1
        options = (tap,) if tap else ()
        kind = "tap" if tap else "text"
        inbound = Inbound(f"m{self.count}", self.address, at, text, options, kind=kind)  # type: ignore[arg-type]
        return await self.conversations.receive(inbound)

    async def reaches_outcome(self, text: str, at: datetime = OPEN) -> Received:
        received = await self.says(text, at=at)
        for _ in range(MOST):
            if received.conversation.outcome is not None:
                return received
            assert received.asks is not None
            agreed = received.asks.ids == ("consent",)
            tap = "yes" if agreed else {"multi": "none", "yes_no": "no", "choice": "left"}.get(received.asks.kind, "")
            received = await self.says("30", tap=tap, at=at)
        raise AssertionError("no outcome")

    async def does(self, move: object, at: datetime = OPEN, id: str = "") -> Received:
        self.count += 1
        return await self.conversations.act(self.address, id or f"a{self.count}", at, move)  # type: ignore[arg-type]

    async def claims(self, person: Person, at: datetime = OPEN) -> Received:
        return await self.does(lambda c, s: staffing.claim(c, person, at, s), at)

    async def replies(self, person: Person, text: str, at: datetime = OPEN, id: str = "") -> Received:
        return await self.does(lambda c, s: staffing.reply(c, person, text, (), at, s), at, id)

    async def lines(self) -> Sequence[Line]:
        return [line for _, line in await self.conversations.store.transcript(self.address)]

    async def listed(self) -> bool:
        return self.conversations.store.id_of(self.address) in await open_ids(self.conversations.store)

    async def state(self) -> Conversation:
        return (await self.conversations.store.load(self.address)).conversation


@pytest.fixture
def desk(conversations: Conversations, address: Address) -> Desk:
    return Desk(conversations, address)


async def test_who_asks_for_a_person_waits_on_the_desk(desk: Desk) -> None:
    received = await desk.says("mau bicara dengan petugas")
    assert received.conversation.mode == "waiting"
    assert received.conversation.handoff is not None
    assert received.conversation.handoff.why == "asked"
    assert await desk.listed()
    assert await recent_ids(desk.conversations.store, 5) == [desk.conversations.store.id_of(desk.address)]


async def test_out_of_hours_it_is_said_when_somebody_answers(desk: Desk) -> None:
    received = await desk.says("mau bicara dengan petugas", at=CLOSED)
    assert "besok pukul 08.00" in received.replies[0].text
    assert "119" in received.replies[0].text
    assert received.conversation.mode == "waiting"


async def test_an_urgent_outcome_goes_to_the_clinic_while_it_is_open(desk: Desk) -> None:
    received = await desk.reaches_outcome(URGENT)
    assert received.conversation.outcome is not None
    assert received.conversation.outcome.level == Level.consultation_24
    assert received.conversation.mode == "waiting"
    assert "sudah diberi tahu" in received.replies[-1].text
    assert all(option.id != "human" for option in received.replies[-1].options)


async def test_at_night_an_urgent_patient_is_not_told_to_wait_for_anybody(desk: Desk) -> None:
    received = await desk.reaches_outcome(URGENT, at=CLOSED)
    assert received.conversation.mode == "bot"
    assert any(option.id == "human" for option in received.replies[-1].options)


async def test_a_patient_who_is_well_goes_to_nobody(desk: Desk) -> None:
    received = await desk.reaches_outcome("betis kiri kram sejak kemarin, umur saya 30")
    assert received.conversation.mode == "bot"
    assert not await desk.listed()


async def test_an_emergency_alarms_the_desk_by_day_and_night(desk: Desk) -> None:
    received = await desk.says(ALARM, at=CLOSED)
    assert received.conversation.alarm
    assert await desk.listed()
    seen = await desk.does(lambda c, s: staffing.seen(c))
    assert not seen.conversation.alarm
    assert not await desk.listed()


async def test_nobody_understood_is_handed_to_people(desk: Desk) -> None:
    received = await desk.says("halo")
    for _ in range(5):
        received = await desk.says("blorp zixqu wakwak")
    assert received.conversation.mode == "waiting"
    assert received.conversation.handoff is not None
    assert received.conversation.handoff.why == "not_understood"


async def test_a_claim_is_one_persons(desk: Desk) -> None:
    await desk.says("mau bicara dengan petugas")
    claimed = await desk.claims(RINA)
    assert claimed.conversation.owner == "staff:rina"
    assert "Rina, perawat" in claimed.replies[0].text
    with pytest.raises(NotAllowed) as refused:
        await desk.claims(BUDI)
    assert refused.value.owner == "rina"
    with pytest.raises(NotAllowed):
        await desk.replies(BUDI, "Halo")


async def test_any_reply_is_a_claim_and_is_said_once(desk: Desk) -> None:
    await desk.says("betis kiri kram")
    for _ in range(2):
        await desk.replies(RINA, "Selamat pagi, saya bantu.", id="draft-1")
    state, lines = await desk.state(), await desk.lines()
    assert state.owner == "staff:rina"
    assert state.handoff is not None
    assert state.handoff.answered_at == OPEN
    assert [line.text for line in lines if line.who == "staff"] == ["Selamat pagi, saya bantu."]
    assert next(line.name for line in lines if line.who == "staff") == "Rina, perawat"


async def test_the_bot_is_silent_while_a_person_speaks_but_for_emergencies(desk: Desk) -> None:
    await desk.says("betis kiri kram")
    await desk.claims(RINA)
    assert (await desk.says("kakinya masih kram dok, kenapa ya?")).replies == ()
    alarmed = await desk.says(ALARM)
    assert alarmed.replies[0].emergency
    assert alarmed.conversation.owner == "staff:rina"
    assert alarmed.conversation.alarm


async def test_a_claim_takes_back_what_the_bot_was_about_to_say(
    conversations: Conversations, store: Store, address: Address
) -> None:
    conversations.push = frozenset({"web"})
    desk = Desk(conversations, address)
    await desk.says("betis kiri kram")
    await desk.says(ALARM)
    await desk.claims(RINA)
    states = await store.delivery_states(desk.address)
    said = {number: line for number, line in await store.transcript(desk.address) if number in states}
    assert {states[number] for number, line in said.items() if line.emergency} == {"queued"}
    routine = [states[n] for n, line in said.items() if not line.emergency and "Rina" not in line.text]
    assert routine
    assert set(routine) == {"cancelled"}
    assert next(states[n] for n, line in said.items() if "Rina" in line.text) == "queued"
    sent: list[str] = []

    class Channel:
        async def send(self, address: Address, line: Line) -> str:
            sent.append(line.text)
            return ""

    delivery = Delivery(store, {"web": Channel()})
    delivery.kick(store.id_of(desk.address))
    await delivery.finish(5)
    assert len(sent) == len(states) - len(routine)


async def test_a_note_is_for_the_staff_alone(desk: Desk) -> None:
    await desk.says("betis kiri kram")
    await desk.does(lambda c, s: staffing.note(c, RINA, "Sudah pernah datang tahun lalu"))
    assert (await desk.lines())[-1].who == "note"
    assert (await desk.state()).mode == "bot"


async def test_release_and_transfer(desk: Desk) -> None:
    await desk.says("mau bicara dengan petugas")
    await desk.claims(RINA)
    moved = await desk.does(lambda c, s: staffing.transfer(c, RINA, BUDI, OPEN, s))
    assert moved.conversation.owner == "staff:budi"
    assert "dr. Budi" in moved.replies[0].text
    later = OPEN + timedelta(minutes=4)
    back = await desk.does(lambda c, s: staffing.release(c, BUDI, later, s), later)
    assert back.conversation.mode == "waiting"
    assert back.conversation.handoff is not None
    assert back.conversation.handoff.since == later


async def test_back_to_the_bot_it_goes_on_where_it_was(desk: Desk) -> None:
    first = await desk.says("betis kiri kram")
    asked = await desk.says(tap="yes")
    assert first.asks is not None
    assert asked.asks is not None
    await desk.claims(RINA)
    back = await desk.does(lambda c, s: staffing.back_to_bot(c, RINA, s))
    assert back.conversation.mode == "bot"
    assert back.asks == asked.asks
    assert (await desk.says(tap=asked.asks.ids[0] if asked.asks.kind != "choice" else "left")).replies


async def test_after_closing_the_bot_answers_and_offers_the_way_back_once(desk: Desk) -> None:
    await desk.says("mau bicara dengan petugas")
    await desk.claims(RINA)
    closed = await desk.does(lambda c, s: staffing.close(c, RINA, OPEN, s, "advised", None))
    assert closed.conversation.mode == "bot"
    assert "Rina, perawat" in closed.replies[0].text
    assert not await desk.listed()
    first, second = await desk.says("makasih ya"), await desk.says("makasih ya")
    assert [option.id for option in first.replies[-1].options] == ["human"]
    assert all(option.id != "human" for option in second.replies[-1].options)
    again = await desk.says(tap="human")
    assert again.conversation.mode == "waiting"


async def test_a_clinicians_level_may_be_lower(desk: Desk) -> None:
    await desk.reaches_outcome(URGENT)
    await desk.claims(RINA)
    closed = await desk.does(lambda c, s: staffing.close(c, RINA, OPEN, s, "advised", Level.self_care))
    assert closed.conversation.outcome is not None
    assert closed.conversation.outcome.level == closed.conversation.floor == Level.self_care
    assert closed.conversation.served is not None
    assert closed.conversation.served.level == Level.self_care


async def test_the_staff_are_called_at_once_again_and_the_patient_is_told(desk: Desk) -> None:
    await desk.reaches_outcome(URGENT)
    timers, store = Timers(desk.conversations), desk.conversations.store
    assert [due.kind for due in await store.due_timers(OPEN)] == ["call"]
    assert await timers.fire(OPEN) == 1
    assert await timers.fire(OPEN + timedelta(minutes=4)) == 0
    said = len(await desk.lines())
    assert await timers.fire(OPEN + timedelta(minutes=5)) == 1
    assert len(await desk.lines()) == said
    assert await timers.fire(OPEN + timedelta(minutes=6)) == 1, "those who might come are called again"
    assert await timers.fire(OPEN + timedelta(minutes=10)) == 1
    assert "belum sempat membalas" in (await desk.lines())[-1].text
    state = await desk.state()
    assert state.mode == "waiting"
    assert state.handoff is not None
    assert state.handoff.stage == 2


async def test_a_claim_ends_the_calling(desk: Desk) -> None:
    await desk.says("mau bicara dengan petugas")
    await desk.claims(RINA)
    assert await desk.conversations.store.due_timers(OPEN + timedelta(days=2)) == []


async def test_at_night_nobody_is_called_until_the_clinic_opens(desk: Desk) -> None:
    await desk.says("mau bicara dengan petugas", at=CLOSED)
    store = desk.conversations.store
    assert await store.due_timers(CLOSED + timedelta(hours=12)) == []
    morning = datetime.fromisoformat("2026-11-23T08:00+07:00")
    assert [due.kind for due in await store.due_timers(morning)] == ["call"]


async def test_while_waiting_questions_are_answered_and_the_rest_is_kept(desk: Desk) -> None:
    await desk.says("mau bicara dengan petugas")
    kept = await desk.says("betis kiri saya bengkak")
    assert kept.conversation.mode == "waiting"
    assert kept.conversation.facts.signs["swelling"] == "yes"
    assert kept.asks is None
    answered = await desk.says("apa penyebab kram betis?")
    assert len(answered.replies[0].text) > len(kept.replies[0].text)


async def test_nobody_writes_to_a_conversation_that_is_gone(desk: Desk) -> None:
    with pytest.raises(NoSuchConversation):
        await desk.claims(RINA)


async def test_staff_and_patient_at_once_make_one_history(desk: Desk) -> None:
    """The person's act was computed on a state that is gone by then: it is computed again."""
    await desk.says("betis kiri kram")
    raced: list[int] = []

    def claim(conversation: Conversation, script: Script) -> Turn:
        raced.append(1)
        return staffing.claim(conversation, RINA, OPEN, script)

    store = desk.conversations.store
    commit = store.commit

    async def commit_late(*arguments: object) -> object:
        if len(raced) == 1:
            raced.append(0)
            await desk.says("ya")
        return await commit(*arguments)  # type: ignore[arg-type]

    store.commit = commit_late  # type: ignore[method-assign,assignment]
    await desk.does(claim)
    assert raced == [1, 0, 1]
    assert [line.who for line in await desk.lines()][-1] == "bot"
    assert (await desk.state()).owner == "staff:rina"
