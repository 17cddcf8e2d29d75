"""The desk in a real browser: two staff windows and a patient's chat at once."""

import re
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from bot.content import Content
from bot.dialogue import staffing
from bot.dialogue.staffing import Person
from bot.store.notes import note
from bot.store.records import Address
from bot.timers import Timers
from tests.browser.clinic import Clinic, open_clinic
from tests.desk.house import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

SCRIPT = "<img src=x onerror=alert(1)>"
RINA = Person("rina", "Rina, perawat")


@pytest.fixture(scope="module")
def clinic(browser: Browser, redis_url: str, content: Content) -> Iterator[Clinic]:
    with open_clinic(redis_url, content) as clinic:
        clinic.hire("rina", "clinician", "Rina", "perawat")
        clinic.hire("budi", "front_desk", "Budi", "pendaftaran")
        clinic.hire("sari", "admin", "Sari", "koordinator")
        clinic.do(clinic.desk.board.read_all())
        yield clinic


Sit = Callable[..., Page]


@pytest.fixture
def sit(browser: Browser, clinic: Clinic) -> Iterator[Sit]:
    """A window of somebody's, logged in. At the end: no script has failed, no policy was broken, nothing was missed."""
    contexts: list[BrowserContext] = []
    faults: list[str] = []
    clinic.clock.reset()
    clinic.whatsapp.refuses = ""
    clinic.do(clinic.empty())

    def window(
        username: str = "",
        path: str = "/desk",
        width: int = 1440,
        height: int = 900,
        ready: str = "body.ready",
        **more: Any,
    ) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": height}, locale="id-ID", timezone_id="Asia/Jakarta", **more
        )
        contexts.append(context)
        if username:
            context.add_cookies([clinic.cookie(clinic.seat(username))])  # type: ignore[list-item]
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("dialog", lambda dialog: faults.append(f"a dialog: {dialog.message}"))
        page.on("console", lambda message: faults.append(message.text) if "Security Policy" in message.text else None)
        page.goto(clinic.url + path)
        if more.get("java_script_enabled", True):
            page.locator(ready).first.wait_for(timeout=20_000)
        return page

    yield window
    for context in contexts:
        context.close()
    assert not faults


def patient(clinic: Clinic, channel: str = "web", name: str = "", text: str = "petugas") -> Address:
    """Somebody who waits."""
    clinic.count += 1
    address = Address(channel=channel, id=f"patient-{clinic.count:020d}")
    clinic.hears(address, text, name)
    return address


def at(clinic: Clinic, address: Address) -> str:
    return f"/desk/c/{clinic.id_of(address)}"


def write(page: Page, text: str) -> None:
    page.locator("#text").fill(text)
    page.locator("#text").press("Enter")


def chat(page: Page, text: str) -> None:
    """A patient writes in the web chat."""
    page.get_by_label("Tulis pesan", exact=True).fill(text)
    page.get_by_role("button", name="Kirim", exact=True).click()


# Together


def test_a_patient_and_two_windows(clinic: Clinic, sit: Sit, keep_screenshot: Callable[[Page, str], None]) -> None:
    """A patient asks for a person; two claim at once, one has it, both see it; they talk, and the bot goes on."""
    web = sit(path="/")
    rina, budi = sit("rina"), sit("budi")
    chat(web, "petugas")
    rows = [page.locator(".group-waiting .ticket") for page in (rina, budi)]
    for row in rows:
        expect(row).to_have_count(1)
        row.locator("a").click()
    expect(rina).to_have_title(re.compile(r"^\(1\) "))
    for page in (rina, budi):
        page.locator("body.ready").wait_for()
    # At one moment by the machine's clock: one after the other, the second window may already have heard of the first.
    moment = int(time.time() * 1000) + 500
    for page in (rina, budi):
        page.evaluate(
            f"setTimeout(() => document.getElementById('claim')?.form.requestSubmit(), {moment} - Date.now())"
        )
    expect(web.locator("#lines")).to_contain_text("Anda sekarang berbicara dengan")
    winner, loser = (rina, budi) if rina.locator(".state.mine").count() else (budi, rina)
    expect(winner.locator(".state")).to_have_text("Anda yang menangani")
    expect(loser.locator(".state.other")).to_contain_text("Ditangani")
    expect(loser.locator("#text")).to_be_disabled()
    assert web.locator("#lines").inner_text().count("Anda sekarang berbicara dengan") == 1
    name = "Rina, perawat" if winner is rina else "Budi, pendaftaran"

    write(winner, "Halo, ada yang bisa dibantu?")
    expect(web.locator(".row.staff").last).to_contain_text("Halo, ada yang bisa dibantu?")
    expect(web.locator(".row.staff").last).to_contain_text(name)
    chat(web, f"betis saya nyeri {SCRIPT}")
    for page in (winner, loser):
        expect(page.locator(".said.patient").last).to_contain_text(f"betis saya nyeri {SCRIPT}")
        expect(page.locator(".said img")).to_have_count(0)
    loser.locator("#kind-note").click()
    write(loser, "Saya bantu carikan jadwal")
    expect(winner.locator(".said.note")).to_contain_text("Saya bantu carikan jadwal")
    expect(web.locator("#lines")).not_to_contain_text("carikan jadwal")
    keep_screenshot(winner, "desk-together")

    winner.locator("#more-open").click()
    winner.get_by_role("button", name="Kembalikan ke bot").click()
    expect(winner.locator(".state.bot")).to_have_text("Dengan bot")
    expect(web.locator("#subtitle")).to_contain_text("Asisten otomatis")
    expect(loser.locator(".ticket")).to_have_count(0)


def test_a_red_flag_while_a_person_has_it(clinic: Clinic, sit: Sit) -> None:
    """The bot says the emergency text at once, and everybody at the desk sees the alarm."""
    address = patient(clinic)
    rina, budi = sit("rina", at(clinic, address)), sit("budi")
    rina.get_by_role("button", name="Ambil").click()
    expect(budi.locator(".group-others .ticket")).to_have_count(1)
    clinic.hears(address, "tiba-tiba dada saya nyeri dan sesak napas")
    expect(rina.locator(".said.emergency")).to_contain_text("119")
    expect(rina.locator(".talk-alarm")).to_contain_text("Tanda bahaya baru")
    expect(budi.locator(".group-alarm .ticket")).to_have_count(1)
    rina.get_by_role("button", name="Sudah saya lihat").click()
    expect(rina.locator(".talk-alarm")).to_have_count(0)
    expect(budi.locator(".group-others .ticket")).to_have_count(1)
    expect(rina.locator(".state.mine")).to_be_visible()


def test_the_window_of_whatsapp_closes(clinic: Clinic, sit: Sit, keep_screenshot: Callable[[Page, str], None]) -> None:
    """The composer hurries, then closes with the reason; what is kept says so, and goes when they write."""
    address = patient(clinic, "whatsapp", "Ibu Sari")
    rina = sit("rina", at(clinic, address))
    write(rina, "Halo Bu")
    expect(rina.locator(".said.staff").last).to_contain_text("Terkirim")

    def heard(hours: float) -> None:
        clinic.do(note(clinic.store, address, heard=(clinic.clock() - timedelta(hours=hours)).isoformat()))
        clinic.wake(address)

    expect(rina.locator("#window")).to_be_hidden()
    heard(20.5)
    expect(rina.locator("#window")).to_contain_text("tertutup dalam 3 j")
    expect(rina.locator("#text")).to_be_enabled()
    heard(24.1)
    expect(rina.locator("#window")).to_contain_text("sudah tertutup")
    expect(rina.locator("#text")).to_be_disabled()
    expect(rina.locator("#send")).to_be_hidden()
    keep_screenshot(rina, "desk-window-closed")
    clinic.whatsapp.refuses = "63016: Lewat 24 jam sejak pesan terakhir pasien."
    rina.get_by_role("button", name="Tulis untuk nanti").click()
    rina.locator("#text").fill("Hasilnya sudah ada")
    rina.get_by_role("button", name="Simpan untuk nanti").click()
    expect(rina.locator(".said.staff").last).to_contain_text("Disimpan, dikirim setelah pasien menulis lagi")
    heard(0)
    expect(rina.locator("#window")).to_be_hidden()
    expect(rina.locator("#text")).to_be_enabled()


def test_a_failed_line_is_sent_again(clinic: Clinic, sit: Sit) -> None:
    address = patient(clinic, "whatsapp")
    rina = sit("rina", at(clinic, address))
    expect(rina.locator("#text")).to_be_enabled()
    clinic.whatsapp.refuses = "63024: Nomor ini tidak bisa menerima pesan WhatsApp."
    write(rina, "Halo Bu")
    failed = rina.locator(".said.staff").last
    expect(failed).to_contain_text("Gagal: Nomor ini tidak bisa menerima pesan WhatsApp.")
    clinic.whatsapp.refuses = ""
    before = len(clinic.whatsapp.sent)
    failed.get_by_role("button", name="Kirim ulang").click()
    expect(failed).to_contain_text("Terkirim")
    assert [line.text for _, line in clinic.whatsapp.sent[before:]] == ["Halo Bu"]


def test_what_was_typed_survives(clinic: Clinic, sit: Sit) -> None:
    """A reload, and a colleague who was faster."""
    address = patient(clinic)
    rina = sit("rina", at(clinic, address))
    rina.locator("#text").fill("Selamat siang, Bu")
    expect(rina.locator("#draft-state")).to_have_text("Draf tersimpan")
    rina.evaluate("sessionStorage.clear()")
    rina.reload()
    expect(rina.locator("#text")).to_have_value("Selamat siang, Bu")
    rina.locator("body.ready").wait_for()
    budi = Person("budi", "Budi, pendaftaran")
    clinic.do(
        clinic.conversations.act(
            address, "budi-claims", clinic.clock(), lambda c, s: staffing.claim(c, budi, clinic.clock(), s)
        )
    )
    expect(rina.locator("#blocked")).to_contain_text("Budi, pendaftaran yang menangani pasien ini")
    expect(rina.locator("#text")).to_have_value("Selamat siang, Bu")
    expect(rina.locator("#text")).to_be_disabled()


def test_a_note_never_turns_into_an_answer(clinic: Clinic, sit: Sit) -> None:
    """Each has its own words, also after a reload."""
    address = patient(clinic)
    rina = sit("rina", at(clinic, address))
    rina.locator("#text").fill("Untuk pasien")
    rina.locator("#kind-note").click()
    expect(rina.locator("#text")).to_have_value("")
    rina.locator("#text").fill("Hanya untuk rekan")
    expect(rina.locator("#draft-state")).to_have_text("Draf tersimpan")
    rina.evaluate("sessionStorage.clear()")
    rina.reload()
    rina.locator("body.ready").wait_for()
    expect(rina.locator("#text")).to_have_value("Untuk pasien")
    rina.locator("#kind-note").click()
    expect(rina.locator("#text")).to_have_value("Hanya untuk rekan")
    rina.locator("#text").press("Enter")
    expect(rina.locator(".said.note")).to_contain_text("Hanya untuk rekan")
    expect(rina.locator("#text")).to_have_value("")
    rina.locator("#kind-reply").click()
    expect(rina.locator("#text")).to_have_value("Untuk pasien")
    assert [line.who for line in clinic.lines(address)].count("staff") == 0


def test_who_is_there_and_who_writes(clinic: Clinic, sit: Sit) -> None:
    address = patient(clinic)
    rina, budi = sit("rina", at(clinic, address)), sit("budi", at(clinic, address))
    expect(rina.locator("#people")).to_contain_text("Budi, pendaftaran juga melihat")
    budi.locator("#text").press_sequentially("Halo")
    expect(rina.locator("#people")).to_contain_text("Budi, pendaftaran sedang menulis")
    budi.goto("about:blank")
    expect(rina.locator("#people")).to_be_empty()


def test_the_patient_sees_that_somebody_writes(clinic: Clinic, sit: Sit) -> None:
    """An answer, not a note; and no longer than it is written."""
    web = sit(path="/")
    chat(web, "petugas")
    rina = sit("rina")
    rina.locator(".ticket a").click()
    rina.get_by_role("button", name="Ambil").click()
    expect(rina.locator(".state.mine")).to_be_visible()
    rina.locator("#kind-note").click()
    rina.locator("#text").press_sequentially("Catatan")
    expect(rina.locator("#draft-state")).to_have_text("Draf tersimpan")
    expect(web.locator("#typing")).to_be_hidden()
    rina.locator("#kind-reply").click()
    rina.locator("#text").press_sequentially(" Halo")
    expect(web.locator("#subtitle")).to_contain_text("sedang mengetik")
    rina.locator("#text").press("Enter")
    expect(web.locator(".row.staff")).to_contain_text("Halo")
    expect(web.locator("#typing")).to_be_hidden()


def test_a_forgotten_patient_leaves_nothing_on_the_screen(clinic: Clinic, sit: Sit) -> None:
    address = patient(clinic, name="Ibu Sari")
    clinic.hears(address, "ini rahasia")
    rina = sit("rina", at(clinic, address))
    expect(rina.locator("#lines")).to_contain_text("ini rahasia")
    clinic.do(clinic.store.forget(address))
    clinic.wake(address)
    expect(rina.locator(".talk")).to_contain_text("sudah dihapus")
    expect(rina.locator("body")).not_to_contain_text("rahasia")


def test_closing_asks_what_became_of_it(clinic: Clinic, sit: Sit) -> None:
    address = patient(clinic)
    rina = sit("rina", at(clinic, address))
    rina.get_by_role("button", name="Ambil").click()
    rina.get_by_role("button", name="Tutup…").click()
    rina.get_by_label("Janji dibuat").check()
    rina.get_by_label("Tingkat menurut tenaga kesehatan").select_option("1")
    rina.get_by_role("button", name="Tutup percakapan").click()
    rina.wait_for_url(re.compile(r"/desk$"))
    expect(rina.locator("#nobody")).to_be_visible()
    loaded = clinic.do(clinic.store.load(address))
    assert loaded.conversation.served is not None
    assert loaded.conversation.served.disposition == "booked"


def test_the_session_ends_on_every_screen(clinic: Clinic, sit: Sit) -> None:
    """Whoever is shut out sees nothing more, without a click."""
    address = patient(clinic)
    rina = sit("rina", at(clinic, address))
    clinic.do(clinic.desk.accounts.set_disabled("rina", True))
    try:
        rina.wait_for_url(re.compile(r"/desk/login\?next="), timeout=30_000)
    finally:
        clinic.do(clinic.desk.accounts.set_disabled("rina", False))


def test_whoever_is_idle_is_told_in_time_and_may_stay(clinic: Clinic, sit: Sit) -> None:
    patient(clinic)
    rina = sit("rina")
    expect(rina.locator("#leaving")).to_be_hidden()
    clinic.clock.forward(minutes=28)
    rina.reload()
    # What a page does by itself is no activity of a person: the reload was one, so the end is near again only later.
    expect(rina.locator("#leaving")).to_be_hidden()
    clinic.clock.forward(minutes=28)
    rina.evaluate("import('/static/desk/presence.js').then(({ createPresence }) => createPresence(() => null))")
    expect(rina.locator("#leaving")).to_contain_text("Anda akan keluar dalam 2 menit")
    rina.get_by_role("button", name="Tetap masuk").click()
    expect(rina.locator("#leaving")).to_be_hidden()
    clinic.clock.forward(minutes=28)
    rina.reload()
    expect(rina.locator(".ticket")).to_have_count(1)


# Without a mouse, without much room, without scripts


def test_by_keyboard_alone(clinic: Clinic, sit: Sit) -> None:
    first, second = patient(clinic, name="Satu"), patient(clinic, name="Dua")
    rina = sit("rina")
    expect(rina.locator(".ticket")).to_have_count(2)
    press = rina.keyboard.press
    press("?")
    expect(rina.locator("#help")).to_be_visible()
    press("Escape")
    expect(rina.locator("#help")).to_be_hidden()
    press("j")
    press("j")
    expect(rina.locator(f"#t-{clinic.id_of(second)} a")).to_be_focused()
    press("k")
    expect(rina.locator(f"#t-{clinic.id_of(first)} a")).to_be_focused()
    press("Enter")
    rina.wait_for_url(re.compile(clinic.id_of(first)))
    rina.locator("body.ready").wait_for()
    press("r")
    expect(rina.locator("#text")).to_be_focused()
    press("/")
    expect(rina.locator("#canned button").first).to_be_focused()
    press("ArrowDown")
    press("Enter")
    expect(rina.locator("#text")).to_have_value(re.compile("^Boleh kirim foto"))
    press("Enter")
    expect(rina.locator(".said.staff")).to_contain_text("Boleh kirim foto")
    press("Escape")
    press("n")
    rina.keyboard.type("Sudah dibalas")
    expect(rina.locator("#composer")).to_have_attribute("data-kind", "note")
    press("Enter")
    expect(rina.locator(".said.note")).to_contain_text("Sudah dibalas")
    press("Escape")
    press("e")
    expect(rina.get_by_label("Selesai dijawab")).to_be_focused()
    press("Space")
    press("Enter")
    rina.wait_for_url(re.compile(r"/desk$"))
    expect(rina.locator(".ticket")).to_have_count(1)


def test_single_letters_can_be_switched_off(clinic: Clinic, sit: Sit) -> None:
    patient(clinic)
    rina = sit("rina")
    rina.keyboard.press("?")
    rina.get_by_label("Pakai tombol pintas satu huruf").uncheck()
    rina.keyboard.press("Escape")
    rina.keyboard.press("?")
    expect(rina.locator("#help")).to_be_hidden()


def test_on_a_phone(clinic: Clinic, sit: Sit, keep_screenshot: Callable[[Page, str], None]) -> None:
    address = patient(
        clinic, "telegram", "Ibu Wulandari Kusumaningtyas Hadiningrat", "betis kiri bengkak sejak kemarin"
    )
    clinic.hears(address, "petugas")
    rina = sit("rina", width=360, height=740, is_mobile=True, has_touch=True)
    fits(rina)
    keep_screenshot(rina, "desk-phone-queue")
    rina.locator(".ticket a").tap()
    rina.wait_for_url(re.compile("/desk/c/"))
    rina.locator("body.ready").wait_for()
    expect(rina.locator(".queue")).to_be_hidden()
    fits(rina)
    keep_screenshot(rina, "desk-phone-conversation")
    rina.get_by_role("link", name="Kartu pasien").tap()
    expect(rina.locator("#sbar")).to_be_in_viewport()
    expect(rina.locator("#card-close")).to_be_focused()
    keep_screenshot(rina, "desk-phone-card")
    rina.locator("#card-close").tap()
    rina.locator("#text").fill("Halo Bu")
    rina.get_by_role("button", name="Kirim").tap()
    expect(rina.locator(".said.staff")).to_contain_text("Halo Bu")
    rina.get_by_role("link", name="Kembali ke antrean").tap()
    rina.wait_for_url(re.compile(r"/desk$"))


def fits(page: Page) -> None:
    """Nothing is wider than the screen."""
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_without_scripts(clinic: Clinic, sit: Sit) -> None:
    """Reading, claiming and replying need none."""
    address = patient(clinic)
    rina = sit("rina", at(clinic, address), java_script_enabled=False)
    rina.get_by_role("button", name="Ambil").click()
    expect(rina.locator(".state.mine")).to_be_visible()
    rina.locator("#text").fill("Halo tanpa skrip")
    rina.get_by_role("button", name="Kirim").click()
    expect(rina.locator(".said.staff")).to_contain_text("Halo tanpa skrip")
    rina.locator("#text").fill("Catatan tanpa skrip")
    rina.get_by_role("button", name="Simpan catatan").click()
    expect(rina.locator(".said.note")).to_contain_text("Catatan tanpa skrip")


def test_the_door(clinic: Clinic, sit: Sit) -> None:
    """With name and password, to where one wanted to go."""
    address = patient(clinic)
    page = sit(path="/")
    page.goto(clinic.url + at(clinic, address))
    page.get_by_label("Nama pengguna").fill("budi")
    page.get_by_label("Kata sandi").fill(PASSWORD)
    page.get_by_role("button", name="Masuk").click()
    page.wait_for_url(re.compile(clinic.id_of(address)))


def test_the_sound_is_off_until_somebody_wants_it(clinic: Clinic, sit: Sit) -> None:
    rina = sit("rina")
    button = rina.get_by_role("button", name="Suara dan pemberitahuan")
    expect(button).to_have_attribute("aria-pressed", "false")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    rina.reload()
    expect(button).to_have_attribute("aria-pressed", "true")


def test_nobody_comes(clinic: Clinic, sit: Sit) -> None:
    """After half an hour the staff are called again, and the patient is told honestly; nobody is sent away."""
    open_up(clinic)
    address = patient(clinic, "whatsapp", "Ibu Sari")
    rina = sit("rina")
    expect(rina.locator(".group-waiting .ticket")).to_have_count(1)
    expect(rina.locator(".stage")).to_have_count(0)
    clinic.clock.forward(minutes=31)
    clinic.do(Timers(clinic.conversations).fire(clinic.clock()))
    expect(rina.locator(".stage")).to_have_text("Dipanggil 1×")
    told = clinic.lines(address)[-1]
    assert told.who == "bot"
    assert clinic.content.script.clinic["phone"] in told.text
    assert clinic.do(clinic.store.load(address)).conversation.owner == "waiting"


CALLS = """
    window.calls = [];
    window.Notification = class {
        static permission = "granted";
        constructor(title, { body }) { window.calls.push(`${title} / ${body}`); }
        close() {}
    };
    document.hasFocus = () => false;
    localStorage.setItem("desk.sound", "on");
"""


def test_who_looks_elsewhere_is_called_until_somebody_comes(clinic: Clinic, sit: Sit) -> None:
    """A notification stands on locked screens: it says nothing of the patient but the reference."""
    rina, budi = sit("rina"), sit("budi")
    rina.add_init_script(CALLS)
    rina.clock.install()
    rina.reload()
    rina.locator("body.ready").wait_for()
    address = patient(clinic, name="Ibu Sari", text="betis kiri saya bengkak sejak kemarin")
    clinic.hears(address, "petugas")
    expect(rina.locator(".group-waiting .ticket")).to_have_count(1)
    rina.wait_for_function("window.calls.length === 1")
    rina.clock.run_for(70_000)
    calls: list[str] = rina.evaluate("window.calls")
    assert len(calls) == 2
    reference = clinic.id_of(address)[:6].upper()
    for call in calls:
        assert re.fullmatch(rf"1 pasien menunggu / Rujukan {reference}\. Paling lama (baru saja|\d m)\.", call)
    expect(rina).to_have_title(re.compile(r"^\(1\) "))
    budi.locator(".ticket a").click()
    budi.get_by_role("button", name="Ambil").click()
    expect(rina.locator(".group-others .ticket")).to_have_count(1)
    rina.clock.run_for(130_000)
    assert len(rina.evaluate("window.calls")) == 2
    expect(rina).to_have_title(re.compile(r"^Antrean"))


# For everybody


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 820, 1440])
def test_accessibility(clinic: Clinic, sit: Sit, scheme: str, width: int) -> None:
    """axe finds nothing on queue, conversation and dialogs."""
    address = crowd(clinic)
    rina = sit("rina", width=width, color_scheme=scheme)
    passes_axe(rina)
    rina.goto(clinic.url + at(clinic, address))
    rina.locator("body.ready").wait_for()
    passes_axe(rina)
    rina.keyboard.press("Escape")
    rina.keyboard.press("n")
    passes_axe(rina)
    rina.keyboard.press("Escape")
    rina.keyboard.press("e")
    expect(rina.locator("#close")).to_be_visible()
    passes_axe(rina)
    rina.keyboard.press("Escape")
    rina.keyboard.press("?")
    expect(rina.locator("#help")).to_be_visible()
    passes_axe(rina)
    rina.goto(f"{clinic.url}/desk/recent")
    passes_axe(rina)


def crowd(clinic: Clinic) -> Address:
    """An emergency, some who wait, and one of Rina's, with notes and failures."""
    patient(clinic, "whatsapp", "Dewi Lestari", "tiba-tiba bapak saya sesak napas dan nyeri dada")
    patient(clinic, "telegram", "Pak Joko")
    patient(clinic)
    address = patient(clinic, "whatsapp", "Ibu Wulandari", "betis kiri saya bengkak, merah dan hangat sejak kemarin")
    clinic.reaches_outcome(address, "umur saya 47", "Ibu Wulandari")
    clinic.hears(address, "petugas")

    def act(id: str, move: Any) -> None:
        clinic.do(clinic.conversations.act(address, f"{clinic.count}-{id}", clinic.clock(), move))

    act("reply", lambda c, s: staffing.reply(c, RINA, "Halo Bu, saya Rina.", (), clinic.clock(), s))
    act("note", lambda c, s: staffing.note(c, RINA, "Curiga DVT, minta pendapat dr. Budi."))
    clinic.whatsapp.refuses = "63024: Nomor ini tidak bisa menerima pesan WhatsApp."
    act("failed", lambda c, s: staffing.reply(c, RINA, "Alamat IGD: RS Contoh.", (), clinic.clock(), s))
    clinic.do(note(clinic.store, address, heard=(clinic.clock() - timedelta(hours=21)).isoformat()))
    clinic.do(clinic.desk.board.read_all())
    return address


def passes_axe(page: Page) -> None:
    # Things that come in softly are not what they will be: contrast is measured once they are there.
    page.evaluate("Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => null)))")
    rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    found = Axe().run(page, options={"runOnly": rules})
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize(
    ("name", "width", "scheme"), [("wide", 1320, "light"), ("dark", 1320, "dark"), ("tablet", 820, "light")]
)
def test_pictures(
    clinic: Clinic, sit: Sit, keep_screenshot: Callable[[Page, str], None], name: str, width: int, scheme: str
) -> None:
    """A Monday morning, as the manual shows it."""
    address = monday(clinic)
    rina = sit("rina", "/desk/password", width=width, height=800, color_scheme=scheme, ready="main")
    rina.clock.set_system_time(clinic.clock())
    for path, picture in (("/desk", "queue"), (at(clinic, address), "conversation")):
        rina.goto(clinic.url + path)
        rina.locator("body.ready").wait_for()
        expect(rina.locator(".ticket")).to_have_count(5)
        keep_screenshot(rina, f"desk-{picture}-{name}")


def open_up(clinic: Clinic) -> None:
    """It is next Monday, ten minutes past eight in Jakarta."""
    now = clinic.clock()
    opening = now.replace(hour=1, minute=10, second=0, microsecond=0) + timedelta(days=7 - now.weekday())
    clinic.clock.moved += opening - now


def monday(clinic: Clinic) -> Address:
    """Five patients within an hour and a half; one of them is Rina's."""
    open_up(clinic)

    def staff(who: Person, id: str, address: Address, text: str = "", noted: bool = False) -> None:
        def move(c: Any, s: Any) -> Any:
            if noted:
                return staffing.note(c, who, text)
            if text:
                return staffing.reply(c, who, text, (), clinic.clock(), s)
            return staffing.claim(c, who, clinic.clock(), s)

        clinic.do(clinic.conversations.act(address, f"{clinic.count}-{id}", clinic.clock(), move))

    sari = patient(clinic, "whatsapp", "Ibu Wulandari", "betis kiri saya bengkak, merah dan hangat sejak kemarin")
    clinic.reaches_outcome(sari, "umur saya 47", "Ibu Wulandari")
    clinic.clock.forward(minutes=15)
    joko = patient(clinic, "telegram", "Pak Joko", "kaki saya sering kram malam hari, sudah 2 minggu")
    clinic.reaches_outcome(joko, "umur 58", "Pak Joko", age="58")
    clinic.hears(joko, "saya mau bicara dengan petugas", "Pak Joko")
    clinic.clock.forward(minutes=10)
    staff(RINA, "r1", sari, "Halo Bu Wulandari, saya Rina. Apakah betis kanan terasa sama?")
    clinic.clock.forward(minutes=4)
    clinic.hears(sari, "Yang kanan biasa saja mbak. Yang kiri sakit kalau dipencet.", "Ibu Wulandari")
    clinic.clock.forward(minutes=3)
    staff(RINA, "n1", sari, "Curiga DVT. Sudah saya sampaikan ke dr. Budi: ke IGD hari ini.", noted=True)
    ning = patient(clinic, "telegram", "Bu Ningsih", "telapak kaki saya kebas sejak 3 bulan, saya diabetes")
    clinic.reaches_outcome(ning, "umur 61", "Bu Ningsih", age="61")
    clinic.hears(ning, "petugas", "Bu Ningsih")
    staff(Person("budi", "Budi, pendaftaran"), "b1", ning)
    clinic.clock.forward(minutes=20)
    patient(clinic)
    clinic.clock.forward(minutes=9)
    patient(clinic, "whatsapp", "Dewi Lestari", "tiba-tiba bapak saya sesak napas dan nyeri dada")
    clinic.clock.forward(minutes=2)
    staff(RINA, "r2", sari, "Baik Bu. Dokter kami minta Ibu ke IGD hari ini untuk diperiksa. Ada yang bisa mengantar?")
    clinic.clock.forward(minutes=1)
    clinic.hears(sari, "Ada, suami saya. Kami berangkat sekarang.", "Ibu Wulandari")
    clinic.do(clinic.desk.board.read_all())
    return sari
