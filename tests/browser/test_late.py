# ruff: noqa: F401, F811
"""What comes late, or while somebody does something else: an answer, an event, a page. It changes neither where they
are nor what they write, and nothing goes to anybody for whom it was not written."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from bot.conversations import Move
from bot.dialogue import staffing
from bot.dialogue.staffing import Person
from bot.store.drafts import draft_of
from bot.store.records import Address
from tests.browser.clinic import Clinic
from tests.browser.test_desk import RINA, Sit, at, clinic, patient, sit, write
from tests.browser.test_files import picture

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

BUDI = Person("budi", "Budi, pendaftaran")
ALARM = "tiba-tiba dada saya nyeri dan sesak napas"
Deed = Callable[[], None]


def held(page: Page, what: str) -> list[Deed]:
    """From now on, posts of this kind reach the clinic, and their answers come when the test calls for them."""
    answers: list[Deed] = []

    def hold(route: Route) -> None:
        response = route.fetch()
        answers.append(lambda: route.fulfill(response=response))

    page.route(f"**/{what}", hold)
    return answers


def stopped(page: Page, what: str) -> list[Deed]:
    """From now on, requests of this kind go out when the test lets them."""
    gates: list[Deed] = []
    page.route(f"**/{what}", lambda route: gates.append(route.continue_))
    return gates


def failing(page: Page, what: str, *, reached: bool = False) -> list[Deed]:
    """From now on, posts of this kind fail when the test says so, before or after they have ``reached`` the clinic."""
    failures: list[Deed] = []

    def hold(route: Route) -> None:
        if reached:
            route.fetch()
        failures.append(route.abort)

    page.route(f"**/{what}", hold)
    return failures


def one(page: Page, of: list[Deed]) -> Deed:
    """The first of those that wait, once there is one."""
    for _ in range(400):
        if of:
            return of.pop(0)
        page.wait_for_timeout(50)
    raise AssertionError("nothing was asked of the clinic")


def act(clinic: Clinic, address: Address, move: Move) -> None:
    """Somebody else does something."""
    clinic.count += 1
    clinic.do(clinic.conversations.act(address, f"late-{clinic.count}", clinic.clock(), move))


def claims(clinic: Clinic, address: Address, who: Person = BUDI) -> None:
    act(clinic, address, lambda c, s: staffing.claim(c, who, clinic.clock(), s))


def takes_over(clinic: Clinic, address: Address, who: Person = BUDI) -> None:
    act(clinic, address, lambda c, s: staffing.take_over(c, who, clinic.clock(), s))


def told(clinic: Clinic, address: Address, who: str = "staff") -> list[str]:
    return [line.text for line in clinic.lines(address) if line.who == who]


def row(page: Page, clinic: Clinic, address: Address) -> Locator:
    return page.locator(f"#t-{clinic.id_of(address)} a")


def is_idle(page: Page) -> None:
    """Every message that was on its way was answered."""
    expect(page.locator("#composer")).not_to_have_attribute("aria-busy", "true")


# The queue


def test_keys_act_as_soon_as_a_dialog_is_closed(clinic: Clinic, sit: Sit) -> None:
    """The field of a closed dialog has the focus until the browser draws anew: letters are not lost in it."""
    patient(clinic, name="Satu")
    second = patient(clinic, name="Dua")
    rina = sit("rina")
    expect(rina.locator(".ticket")).to_have_count(2)
    rina.keyboard.press("?")
    expect(rina.locator("#keys-on")).to_be_focused()
    rina.evaluate(
        """() => {
            document.querySelector("#help").close();
            for (const key of ["j", "j"]) {
                const press = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true });
                document.activeElement.dispatchEvent(press);
            }
        }"""
    )
    expect(row(rina, clinic, second)).to_be_focused()


def test_a_row_keeps_the_focus_while_it_changes_and_moves(clinic: Clinic, sit: Sit) -> None:
    patient(clinic, name="Satu")
    second = patient(clinic, name="Dua")
    rina = sit("rina")
    expect(rina.locator(".ticket")).to_have_count(2)
    link = row(rina, clinic, second)
    link.focus()
    rina.evaluate("window.link = document.activeElement")
    clinic.hears(second, "masih ada orang?")
    expect(link.locator(".count")).to_contain_text("2")
    expect(link).to_be_focused()
    # Into a group that was not there, then to the top of all.
    claims(clinic, second)
    expect(rina.locator(".group-others .ticket")).to_have_count(1)
    expect(link).to_be_focused()
    clinic.hears(second, ALARM)
    expect(rina.locator(".group-alarm .ticket")).to_have_count(1)
    expect(link).to_be_focused()
    assert rina.evaluate("window.link === document.activeElement")


def test_where_the_focused_row_goes_no_other_patient_takes_its_place(clinic: Clinic, sit: Sit) -> None:
    first, second, third = (patient(clinic, name=name) for name in ("Satu", "Dua", "Tiga"))
    rina = sit("rina")
    expect(rina.locator(".ticket")).to_have_count(3)
    row(rina, clinic, second).focus()
    claims(clinic, second)
    act(clinic, second, lambda c, s: staffing.back_to_bot(c, BUDI, s))
    expect(rina.locator(".ticket")).to_have_count(2)
    rina.keyboard.press("Enter")
    expect(rina.locator("#groups")).to_be_focused()
    assert rina.url.endswith("/desk")
    rina.keyboard.press("j")
    expect(row(rina, clinic, third)).to_be_focused()
    rina.keyboard.press("k")
    expect(row(rina, clinic, first)).to_be_focused()


def test_who_came_in_one_moment_stand_in_one_order(clinic: Clinic, sit: Sit) -> None:
    clinic.clock.stop()
    patients = sorted((patient(clinic) for _ in range(4)), key=clinic.id_of)
    rina, budi = sit("rina"), sit("budi")
    order = [f"t-{clinic.id_of(address)}" for address in patients]
    for address in reversed(patients):
        clinic.hears(address, "halo?")
    for page in (rina, budi):
        expect(page.locator(".ticket .count", has_text="2")).to_have_count(4)
        assert page.locator(".ticket").evaluate_all("rows => rows.map(({ id }) => id)") == order


def test_a_row_that_changes_under_a_press_is_opened(clinic: Clinic, sit: Sit) -> None:
    address = patient(clinic)
    rina = sit("rina")
    row(rina, clinic, address).hover()
    rina.mouse.down()
    clinic.hears(address, "masih ada orang?")
    expect(rina.locator(".ticket .count")).to_contain_text("2")
    rina.mouse.up()
    rina.wait_for_url(re.compile(clinic.id_of(address)))


# The head


def test_an_open_menu_stays_open_while_the_head_changes(clinic: Clinic, sit: Sit) -> None:
    address = patient(clinic)
    claims(clinic, address, RINA)
    rina = sit("rina", at(clinic, address))
    rina.locator("#more-open").click()
    clinic.hears(address, ALARM)
    expect(rina.locator(".talk-alarm")).to_be_visible()
    expect(rina.locator("#more")).to_be_visible()
    rina.get_by_role("button", name="Kembalikan ke bot").click()
    expect(rina.locator(".state.bot")).to_be_visible()


def test_a_press_begun_on_one_act_never_ends_as_another(clinic: Clinic, sit: Sit) -> None:
    """The menu's first row was "hand over" when it was pressed and is "take over" when it is let go."""
    address = patient(clinic)
    claims(clinic, address, RINA)
    rina = sit("rina", at(clinic, address))
    rina.locator("#more-open").click()
    rina.get_by_role("button", name="Lepas ke antrean").hover()
    rina.mouse.down()
    takes_over(clinic, address)
    expect(rina.locator(".state.other")).to_be_visible()
    for _ in range(6):
        rina.mouse.move(*centre(rina.locator("#more .menu-row").first))
        rina.mouse.up()
    expect(rina.locator(".state.other")).to_be_visible()
    assert clinic.do(clinic.store.load(address)).conversation.owner == "staff:budi"


def centre(place: Locator) -> tuple[float, float]:
    box = place.bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_an_act_is_done_once_and_its_late_answer_changes_nothing_else(clinic: Clinic, sit: Sit) -> None:
    """Claimed twice in one moment; before the answer comes, somebody looks for another patient and opens a menu."""
    address = patient(clinic)
    rina = sit("rina", at(clinic, address))
    answers = held(rina, "claim")
    rina.evaluate("for (let n = 0; n < 2; n++) document.getElementById('claim')?.form.requestSubmit()")
    expect(rina.locator(".state.mine")).to_be_visible()
    rina.locator("#find-ref").click()
    rina.keyboard.type("3F")
    with rina.expect_response("**/claim"):
        one(rina, answers)()
    rina.keyboard.type("A9")
    expect(rina.locator("#find-ref")).to_have_value("3FA9")
    expect(rina.locator("#text")).to_have_value("")
    assert not answers
    answers = held(rina, "release")
    rina.locator("#more-open").click()
    rina.get_by_role("button", name="Lepas ke antrean").click()
    expect(rina.locator(".state.waiting")).to_be_visible()
    rina.locator("#more-open").click()
    with rina.expect_response("**/release"):
        one(rina, answers)()
    expect(rina.locator("#more")).to_be_visible()


def test_who_closes_and_goes_to_another_patient_gets_there(clinic: Clinic, sit: Sit) -> None:
    address, other = patient(clinic), patient(clinic)
    claims(clinic, address, RINA)
    rina = sit("rina", at(clinic, address))
    answers = held(rina, "close")
    rina.locator("#close-open").click()
    rina.get_by_label("Selesai dijawab").check()
    rina.get_by_role("button", name="Tutup percakapan").click()
    answer = one(rina, answers)
    gates = stopped(rina, f"c/{clinic.id_of(other)}")
    row(rina, clinic, other).click(no_wait_after=True)
    go = one(rina, gates)
    answer()
    go()
    rina.wait_for_url(re.compile(clinic.id_of(other)))


def test_nothing_is_written_to_the_patient_who_is_being_left(clinic: Clinic, sit: Sit) -> None:
    """The network is slow: the next patient was chosen, and the last one's page stands there still."""
    address, other = patient(clinic), patient(clinic)
    claims(clinic, address, RINA)
    rina = sit("rina", at(clinic, address))
    expect(rina.locator("#text")).to_be_focused()
    gates = stopped(rina, f"c/{clinic.id_of(other)}")
    row(rina, clinic, other).click(no_wait_after=True)
    go = one(rina, gates)
    for key in "ren":
        rina.keyboard.press(key)
    rina.keyboard.type("Untuk pasien lain")
    rina.keyboard.press("Enter")
    go()
    rina.wait_for_url(re.compile(clinic.id_of(other)))
    assert told(clinic, address) == []
    assert told(clinic, address, "note") == []
    assert clinic.do(draft_of(clinic.store, address, "rina/reply")) == ""
    assert clinic.do(clinic.store.load(address)).conversation.owner == "staff:rina"


def test_who_stays_after_all_goes_on_writing(clinic: Clinic, sit: Sit) -> None:
    address, other = patient(clinic), patient(clinic)
    claims(clinic, address, RINA)
    rina = sit("rina", at(clinic, address))
    rina.route(f"**/c/{clinic.id_of(other)}", lambda route: route.abort("aborted"))
    row(rina, clinic, other).click()
    rina.keyboard.press("r")
    expect(rina.locator("#text")).not_to_be_focused()
    rina.keyboard.press("Escape")
    rina.keyboard.press("r")
    expect(rina.locator("#text")).to_be_focused()
    rina.keyboard.type("Halo Bu")
    rina.keyboard.press("Enter")
    expect(rina.locator(".said.staff")).to_contain_text("Halo Bu")


# The composer


def test_an_answer_that_comes_late_changes_nothing_that_was_begun_since(clinic: Clinic, sit: Sit) -> None:
    """The reply stands in the thread, its writer begins a note, and only then is the reply's post answered."""
    address = patient(clinic)
    rina = sit("rina", at(clinic, address))
    answers = held(rina, "reply")
    write(rina, "Baik, Bu.")
    expect(rina.locator(".said.staff")).to_contain_text("Baik, Bu.")
    rina.locator("#kind-note").click()
    rina.keyboard.type("Hanya untuk ")
    one(rina, answers)()
    is_idle(rina)
    rina.keyboard.type("rekan")
    rina.keyboard.press("Enter")
    expect(rina.locator(".said.note")).to_contain_text("Hanya untuk rekan")
    assert told(clinic, address) == ["Baik, Bu."]


def test_after_a_note_only_its_writer_turns_to_the_patient(clinic: Clinic, sit: Sit) -> None:
    """What is typed behind a note is not written to the patient, whether the note's answer has come or not."""
    address = patient(clinic)
    rina = sit("rina", at(clinic, address))
    answers = held(rina, "note")
    rina.locator("#kind-note").click()
    write(rina, "Curiga DVT")
    rina.keyboard.type("dan takut")
    one(rina, answers)()
    is_idle(rina)
    rina.keyboard.type(" jarum")
    rina.keyboard.press("Enter")
    one(rina, answers)()
    expect(rina.locator(".said.note")).to_have_count(2)
    expect(rina.locator("#composer")).to_have_attribute("data-kind", "note")
    assert told(clinic, address, "note") == ["Curiga DVT", "dan takut jarum"]
    assert told(clinic, address) == []


def test_what_is_written_while_a_reply_goes_out_is_the_next_reply(clinic: Clinic, sit: Sit) -> None:
    """And what is only half written when its answer comes stays in the box."""
    address = patient(clinic)
    rina = sit("rina", at(clinic, address))
    answers = held(rina, "reply")
    write(rina, "Baik, Bu.")
    rina.keyboard.type("Silakan datang.")
    rina.keyboard.press("Enter")
    rina.keyboard.type("Apakah ada")
    one(rina, answers)()
    one(rina, answers)()
    expect(rina.locator(".said.staff")).to_have_count(2)
    is_idle(rina)
    expect(rina.locator("#text")).to_have_value("Apakah ada")
    assert told(clinic, address) == ["Baik, Bu.", "Silakan datang."]


def test_enter_in_a_note_never_sends_a_reply_that_is_begun_since(clinic: Clinic, sit: Sit) -> None:
    address = patient(clinic)
    rina = sit("rina", at(clinic, address))
    answers = held(rina, "note")
    rina.locator("#kind-note").click()
    write(rina, "satu")
    write(rina, "dua")
    rina.locator("#kind-reply").click()
    rina.keyboard.type("Selamat")
    one(rina, answers)()
    one(rina, answers)()
    expect(rina.locator(".said.note")).to_have_count(2)
    is_idle(rina)
    expect(rina.locator("#text")).to_have_value("Selamat")
    assert told(clinic, address) == []


def test_a_reply_that_did_not_go_out_comes_back_before_what_was_written_since(clinic: Clinic, sit: Sit) -> None:
    address = patient(clinic)
    rina = sit("rina", at(clinic, address))
    failures = failing(rina, "reply")
    write(rina, "Baik, Bu.")
    rina.keyboard.type("Silakan ")
    one(rina, failures)()
    expect(rina.locator("#draft-state")).to_contain_text("Balasan belum terkirim")
    rina.keyboard.type("datang.")
    expect(rina.locator("#text")).to_have_value("Baik, Bu.\nSilakan datang.")
    rina.unroute("**/reply")
    rina.keyboard.press("Enter")
    expect(rina.locator(".said.staff")).to_have_count(1)
    assert told(clinic, address) == ["Baik, Bu.\nSilakan datang."]


def test_a_reply_that_did_not_go_out_comes_back_to_the_replies(clinic: Clinic, sit: Sit) -> None:
    address = patient(clinic)
    rina = sit("rina", at(clinic, address))
    failures = failing(rina, "reply")
    write(rina, "Baik, Bu.")
    rina.locator("#kind-note").click()
    rina.keyboard.type("Hanya ")
    one(rina, failures)()
    expect(rina.locator("#draft-state")).to_contain_text("Balasan belum terkirim")
    rina.keyboard.type("rekan")
    expect(rina.locator("#text")).to_have_value("Hanya rekan")
    rina.locator("#kind-reply").click()
    expect(rina.locator("#text")).to_have_value("Baik, Bu.")


def test_a_reply_whose_answer_is_lost_is_not_written_again(clinic: Clinic, sit: Sit) -> None:
    """Its line stands in the thread: it arrived, whatever the network says."""
    address = patient(clinic)
    rina = sit("rina", at(clinic, address))
    failures = failing(rina, "reply", reached=True)
    write(rina, "Baik, Bu.")
    fail = one(rina, failures)
    expect(rina.locator(".said.staff")).to_contain_text("Baik, Bu.")
    fail()
    is_idle(rina)
    expect(rina.locator("#text")).to_have_value("")
    expect(rina.locator("#draft-state")).to_be_empty()


@pytest.mark.parametrize("changed", [False, True])
def test_a_reply_that_arrived_unseen_is_sent_once_and_a_changed_one_is_another(
    clinic: Clinic, sit: Sit, changed: bool
) -> None:
    """Neither its answer nor its line came: the same words sent again are the same reply, other words are not lost."""
    address = patient(clinic)
    rina = sit("rina", at(clinic, address))
    rina.route("**/events?*", lambda route: route.abort())
    rina.evaluate("dispatchEvent(new Event('online'))")
    failures = failing(rina, "reply", reached=True)
    write(rina, "Baik, Bu.")
    one(rina, failures)()
    expect(rina.locator("#text")).to_have_value("Baik, Bu.")
    rina.unroute("**/reply")
    if changed:
        rina.locator("#text").fill("Baik, Bu. Besok pagi?")
    rina.locator("#text").press("Enter")
    is_idle(rina)
    expect(rina.locator("#text")).to_have_value("")
    expected = ["Baik, Bu.", "Baik, Bu. Besok pagi?"] if changed else ["Baik, Bu."]
    assert told(clinic, address) == expected


def test_a_line_that_comes_late_takes_its_words_out_of_the_box(clinic: Clinic, sit: Sit) -> None:
    address = patient(clinic)
    rina = sit("rina", at(clinic, address))
    rina.route("**/events?*", lambda route: route.abort())
    rina.evaluate("dispatchEvent(new Event('online'))")
    failures = failing(rina, "reply", reached=True)
    write(rina, "Baik, Bu.")
    one(rina, failures)()
    expect(rina.locator("#text")).to_have_value("Baik, Bu.")
    rina.locator("#text").press_sequentially(" Besok?")
    rina.unroute("**/events?*")
    rina.evaluate("dispatchEvent(new Event('online'))")
    expect(rina.locator(".said.staff")).to_contain_text("Baik, Bu.")
    expect(rina.locator("#text")).to_have_value("Besok?")


def test_a_page_left_while_its_reply_goes_out_neither_loses_it_nor_shows_it_as_unsent(clinic: Clinic, sit: Sit) -> None:
    address = patient(clinic)
    rina = sit("rina", at(clinic, address))
    held(rina, "reply")
    write(rina, "Baik, Bu.")
    expect(rina.locator(".said.staff")).to_contain_text("Baik, Bu.")
    rina.reload()
    rina.locator("body.ready").wait_for()
    expect(rina.locator(".said.staff")).to_have_count(1)
    expect(rina.locator("#text")).to_have_value("")
    rina.unroute("**/reply")
    rina.route("**/reply", lambda route: None)
    write(rina, "Silakan datang.")
    expect(rina.locator("#text")).to_have_value("")
    rina.reload()
    rina.locator("body.ready").wait_for()
    expect(rina.locator("#text")).to_have_value("Silakan datang.")
    expect(rina.locator("#draft-state")).to_contain_text("Belum pasti terkirim")
    rina.unroute("**/reply")
    rina.locator("#text").press("Enter")
    expect(rina.locator(".said.staff")).to_have_count(2)
    assert told(clinic, address) == ["Baik, Bu.", "Silakan datang."]


def test_a_colleague_takes_over_in_the_middle_of_a_word(clinic: Clinic, sit: Sit) -> None:
    """The rest of it is no command, no note, and goes to nobody."""
    address = patient(clinic)
    claims(clinic, address, RINA)
    rina = sit("rina", at(clinic, address))
    expect(rina.locator("#text")).to_be_focused()
    rina.keyboard.type("Sebe")
    takes_over(clinic, address)
    expect(rina.locator("#blocked")).to_contain_text("Budi, pendaftaran")
    rina.keyboard.type("nar?")
    rina.keyboard.press("Enter")
    expect(rina.locator("#text")).to_be_focused()
    expect(rina.locator("#text")).to_have_value("Sebe")
    expect(rina.locator("#composer")).to_have_attribute("data-kind", "reply")
    expect(rina.locator("#help")).to_be_hidden()
    assert told(clinic, address) == []


def test_a_draft_that_hangs_holds_up_no_reply_and_does_not_outlive_it(clinic: Clinic, sit: Sit) -> None:
    address = patient(clinic)
    rina = sit("rina", at(clinic, address))
    gates = stopped(rina, "draft")
    rina.locator("#text").fill("Baik, Bu.")
    late = one(rina, gates)
    rina.locator("#text").press("Enter")
    expect(rina.locator(".said.staff")).to_contain_text("Baik, Bu.")
    is_idle(rina)
    with rina.expect_response("**/draft"):
        late()
    with rina.expect_response("**/draft"):
        one(rina, gates)()
    assert clinic.do(draft_of(clinic.store, address, "rina/reply")) == ""


def test_the_newest_draft_is_the_last(clinic: Clinic, sit: Sit) -> None:
    address = patient(clinic)
    rina = sit("rina", at(clinic, address))
    gates = stopped(rina, "draft")
    rina.locator("#text").fill("Baik")
    first = one(rina, gates)
    rina.locator("#text").fill("Baik, Bu. Besok?")
    rina.wait_for_timeout(1_000)
    assert not gates
    first()
    one(rina, gates)()
    expect(rina.locator("#draft-state")).to_have_text("Draf tersimpan")
    assert clinic.do(draft_of(clinic.store, address, "rina/reply")) == "Baik, Bu. Besok?"


def test_what_the_server_does_not_have_yet_survives_and_is_its_writers_alone(clinic: Clinic, sit: Sit) -> None:
    """The newer words of this window stand before the older draft; who logs in after sees none of them."""
    address = patient(clinic)
    rina = sit("rina", at(clinic, address))
    rina.locator("#text").fill("Halo")
    expect(rina.locator("#draft-state")).to_have_text("Draf tersimpan")
    rina.route("**/draft", lambda route: route.abort())
    rina.locator("#text").fill("Halo Bu Sari")
    rina.reload()
    rina.locator("body.ready").wait_for()
    expect(rina.locator("#text")).to_have_value("Halo Bu Sari")
    rina.context.add_cookies([clinic.cookie(clinic.seat("budi"))])  # type: ignore[list-item]
    rina.reload()
    rina.locator("body.ready").wait_for()
    expect(rina.locator("#text")).to_have_value("")


def test_what_was_sent_from_another_window_is_no_draft_in_this(clinic: Clinic, sit: Sit) -> None:
    address = patient(clinic)
    one_window = sit("rina", at(clinic, address))
    one_window.locator("#text").fill("Baik, Bu.")
    expect(one_window.locator("#draft-state")).to_have_text("Draf tersimpan")
    other = sit("rina", at(clinic, address))
    expect(other.locator("#text")).to_have_value("Baik, Bu.")
    other.locator("#text").press("Enter")
    expect(one_window.locator(".said.staff")).to_contain_text("Baik, Bu.")
    is_idle(other)
    one_window.reload()
    one_window.locator("body.ready").wait_for()
    expect(one_window.locator("#text")).to_have_value("")


def test_files_that_come_late_stay_where_they_were_chosen(clinic: Clinic, sit: Sit) -> None:
    """Enter says why it waits; beside a note no file is shown; one that was taken away does not come back."""
    address = patient(clinic)
    rina = sit("rina", at(clinic, address))
    answers = held(rina, "upload")
    rina.locator("#file").set_input_files([picture("satu.png"), picture("dua.png")])
    first, second = one(rina, answers), one(rina, answers)
    write(rina, "Ini hasilnya")
    expect(rina.locator("#draft-state")).to_contain_text("masih diunggah")
    expect(rina.locator("#text")).to_have_value("Ini hasilnya")
    rina.get_by_role("button", name="Buang lampiran satu.png").click()
    rina.locator("#kind-note").click()
    first()
    second()
    rina.locator("#kind-note").click()
    expect(rina.locator("#attached")).to_be_hidden()
    rina.locator("#kind-reply").click()
    expect(rina.locator("#attached li")).to_have_count(1)
    expect(rina.locator("#attached")).to_contain_text("dua.png · 0,1 MB")
    rina.locator("#text").press("Enter")
    expect(rina.locator(".said.staff img")).to_have_count(1)


def test_files_of_a_reply_that_failed_come_back_with_it(clinic: Clinic, sit: Sit) -> None:
    address = patient(clinic)
    rina = sit("rina", at(clinic, address))
    rina.locator("#file").set_input_files(picture("satu.png"))
    expect(rina.locator("#send")).to_be_enabled()
    failures = failing(rina, "reply")
    write(rina, "Ini hasilnya")
    expect(rina.locator("#attached li")).to_have_count(0)
    rina.locator("#file").set_input_files(picture("dua.png"))
    expect(rina.locator("#attached li")).to_contain_text("dua.png · 0,1 MB")
    one(rina, failures)()
    expect(rina.locator("#attached li")).to_have_count(2)
    rina.unroute("**/reply")
    rina.locator("#text").press("Enter")
    expect(rina.locator(".said.staff img")).to_have_count(2)
    expect(rina.locator(".said.staff")).to_contain_text("Ini hasilnya")


def test_of_a_forgotten_patient_nothing_is_written_any_more(clinic: Clinic, sit: Sit) -> None:
    """What was begun is in no box, no draft and no store of the browser, and no key brings it back."""
    address = patient(clinic)
    rina = sit("rina", at(clinic, address))
    gates = stopped(rina, "draft")
    rina.locator("#text").fill("Rahasia")
    one(rina, gates)
    clinic.do(clinic.store.forget(address))
    clinic.wake(address)
    expect(rina.locator(".talk")).to_contain_text("sudah dihapus")
    for key in "rne":
        rina.keyboard.press(key)
    clinic.hears(address, "petugas")
    expect(rina.locator(".ticket")).to_have_count(1)
    assert "Rahasia" not in rina.evaluate("JSON.stringify(sessionStorage)")
    rina.goto("about:blank")
    assert clinic.do(draft_of(clinic.store, address, "rina/reply")) == ""


def test_who_stays_is_not_warned_by_an_older_look(clinic: Clinic, sit: Sit) -> None:
    rina = sit("rina")
    clinic.clock.forward(minutes=28)
    answers = held(rina, "session")
    rina.evaluate("import('/static/desk/presence.js').then(({ createPresence }) => createPresence(() => null))")
    old = one(rina, answers)
    rina.evaluate("document.querySelector('#leaving').hidden = false")
    rina.locator("#stay").click()
    one(rina, answers)()
    expect(rina.locator("#leaving")).to_be_hidden()
    with rina.expect_response("**/session"):
        old()
    rina.wait_for_function("new Promise((done) => setTimeout(done, 100, true))")
    expect(rina.locator("#leaving")).to_be_hidden()
