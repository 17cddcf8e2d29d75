"""Each check of the prover is broken once: a copy of the content gets one fault, and the check names it at its place.

The shipped content passing everything is shown by ``tests/commands/test_check.py``.
"""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot.content import ContentError, Fault, load_content, load_proven
from bot.content import proof as proving
from bot.content.checks import (
    Check,
    Subject,
    ending,
    firing,
    free_text,
    length,
    limits,
    messages,
    monotony,
    outcome_limits,
    reachability,
    red_flags,
    references,
    required,
    signs,
    sources,
)
from bot.content.proof import subject_of
from bot.settings import shipped

Break = Callable[[str, str, str], None]


@pytest.fixture
def copy(folder: Path) -> Path:
    """The content that ships, in a folder of its own."""
    for name in ("flows", "knowledge"):
        shutil.copytree(shipped(name), folder / name, ignore=shutil.ignore_patterns("patients", "conversations"))
    return folder


@pytest.fixture
def only_cramp(copy: Path) -> Path:
    """The copy with one flow: what walks costs a sixth."""
    for name in ("twitch", "weakness", "swelling", "numbness", "pain"):
        (copy / "flows" / f"{name}.yaml").unlink()
    return copy


@pytest.fixture
def broken(copy: Path) -> Break:
    """Replaces a piece of one file of the copy; the piece must be there."""

    def change(file: str, old: str, new: str) -> None:
        path = copy / file
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{file} has changed: {old!r} is not in it"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    return change


def faults(check: Check, copy: Path) -> list[Fault]:
    return list(check(subject_of(copy / "flows", copy / "knowledge")))


def line_of(path: Path, piece: str) -> int:
    """The line (from 1) on which ``piece`` first stands."""
    text = path.read_text(encoding="utf-8")
    return text[: text.index(piece)].count("\n") + 1


def assert_told(check: Check, copy: Path, file: str, place: str, *words: str) -> Fault:
    """Some fault is in this file, on the line where ``place`` stands, and says all ``words``."""
    found = faults(check, copy)
    for fault in found:
        at_place = fault.path.endswith(file) and fault.line == line_of(copy / file, place)
        if at_place and all(word in fault.message for word in words):
            return fault
    raise AssertionError(f"not told at {file}:{line_of(copy / file, place)}: {[str(fault) for fault in found]}")


# --- what stands in the files


def test_a_sign_without_words(copy: Path, broken: Break) -> None:
    broken("flows/signs.yaml", "\n  dark_urine:\n", "\n  dark_urin:\n")
    assert_told(signs.check, copy, "flows/signs.yaml", "  dark_urin:", "'dark_urin'", "did you mean 'dark_urine'")
    assert any("no words for the sign 'dark_urine'" in fault.message for fault in faults(signs.check, copy))


def test_a_sign_without_a_phrase(copy: Path, broken: Break) -> None:
    broken("flows/signs.yaml", "phrase: sesak napas", 'phrase: ""')
    assert_told(signs.check, copy, "flows/signs.yaml", 'phrase: ""', "'phrase' of 'dyspnea' is empty")


def test_a_message_that_the_program_says_is_missing(copy: Path, broken: Break) -> None:
    broken("flows/messages.yaml", "\n  resume:", "\n  resumee:")
    found = faults(messages.check, copy)
    assert [fault.message for fault in found] == ["the message 'resume' is missing (did you mean 'resumee'?)"]


@pytest.mark.parametrize(
    ("file", "old", "new", "words"),
    [
        ("flows/messages.yaml", "menghubungi {clinic}", "menghubungi {klinik}", "nobody fills in '{klinik}'"),
        ("flows/messages.yaml", '"Dicatat: {signs}.', '"Dicatat.', "'noted' must hold '{signs}'"),
        ("flows/messages.yaml", "telepon {phone}", "telepon {phone", "a brace without its partner"),
        ("flows/outcomes.yaml", 'why: "Anda menyebut {reasons}."', 'why: "Anda menyebut {reason}."', "'{reason}'"),
        ("flows/questions.yaml", "Sejak kapan {signs} itu", "Sejak kapan {sings} itu", "did you mean 'signs'"),
    ],
)
def test_a_name_in_braces_that_nobody_fills_in(
    copy: Path, broken: Break, file: str, old: str, new: str, words: str
) -> None:
    broken(file, old, new)
    found = faults(messages.check, copy)
    assert [fault for fault in found if words in fault.message and fault.path.endswith(file)], found


@pytest.mark.parametrize(
    ("file", "old", "new", "place", "words"),
    [
        ("flows/questions.yaml", "      - coughing_blood\n", "      - cough_blood\n", "- cough_blood", "did you mean"),
        ("flows/questions.yaml", "{id: calf, label", "{id: calve, label", "calve", "unknown body_part 'calve'"),
        ("flows/questions.yaml", '{id: "30", label', '{id: "abc", label', '"abc"', "no number for 'episode_seconds'"),
        (
            "flows/questions.yaml",
            "{id: right, label: Kanan}",
            "{id: left, label: Kanan}",
            "options:\n      - {id: left",
            "here twice",
        ),
        ("flows/cramp.yaml", "selective:\n", "selective:\n  - snake_bite\n", "- snake_bite", "no step of this flow"),
        ("flows/cramp.yaml", "selective:\n", "selective:\n  - swelling\n", "- swelling", "required of everybody"),
        ("flows/outcomes.yaml", "causes:\n", "causes:\n  nobody: {name: x, sources: [A]}\n", "  nobody:", "no rule"),
    ],
)
def test_a_reference_that_dangles(
    copy: Path, broken: Break, file: str, old: str, new: str, place: str, words: str
) -> None:
    broken(file, old, new)
    assert_told(references.check, copy, file, place, words)


def test_a_question_that_no_flow_asks(copy: Path, broken: Break) -> None:
    extra = "  unasked:\n    kind: yes_no\n    ids: [fever]\n    text: Demam?\n    again: Demam?\n"
    broken("flows/questions.yaml", "questions:\n", f"questions:\n{extra}")
    assert_told(references.check, copy, "flows/questions.yaml", "  unasked:", "no flow asks the question 'unasked'")


def test_an_id_that_stands_twice(copy: Path) -> None:
    path = copy / "knowledge" / "faq.yaml"
    text = path.read_text(encoding="utf-8")
    first = text.index("  - id: ")
    second = text.index("  - id: ", first + 1)
    path.write_text(text + "\n" + text[first:second], encoding="utf-8")
    assert any("stands in" in fault.message for fault in faults(references.check, copy))


def test_words_that_two_entries_answer(copy: Path, broken: Break) -> None:
    twin = "entries:\n  - {id: twin, kind: faq, title: x, short: x, sources: [A], asks: [kram harus diapain]}\n"
    broken("knowledge/faq.yaml", "entries:\n", twin)
    found = faults(references.check, copy)
    assert any("'kram harus diapain' is answered by 'twin' too" in fault.message for fault in found)


def test_a_source_that_nobody_knows_or_cites(copy: Path, broken: Break) -> None:
    broken("flows/outcomes.yaml", "{name: tetanus, sources: [O]}", "{name: tetanus, sources: [XX]}")
    broken("knowledge/sources.yaml", "sources:\n", "sources:\n  ZZ: {title: x, publisher: y}\n")
    assert_told(sources.check, copy, "flows/outcomes.yaml", "sources: [XX]", "unknown sources 'XX'")
    assert_told(sources.check, copy, "knowledge/sources.yaml", "  ZZ:", "nothing cites the source 'ZZ'")


def test_a_statement_without_a_source_is_not_even_read(copy: Path, broken: Break) -> None:
    broken("flows/triage.yaml", "    sources: [E]\n", "    sources: []\n")
    with pytest.raises(ContentError, match="at least 1 item"):
        load_content(copy / "flows", copy / "knowledge")


# --- what fits a channel


@pytest.mark.parametrize(
    ("file", "old", "new", "place", "words"),
    [
        ("flows/signs.yaml", "label: Bengkak", f"label: {'B' * 21}", "BBBB", "21 characters, 20 fit"),
        ("flows/questions.yaml", "label: Betis}", f"label: {'B' * 25}}}", "text: Di bagian", "25 characters, 24 fit"),
        (
            "flows/questions.yaml",
            "text: Di bagian",
            f"text: {'A ' * 500}Di bagian",
            "text: A A",
            "1024 fit one message",
        ),
        ("flows/messages.yaml", "  thanks: ", f"  thanks: {'A ' * 850}", "thanks: A A", "1600 fit one message"),
        ("knowledge/faq.yaml", "    short: >-\n", f"    short: >-\n      {'A ' * 600}\n", "short: >-", "1024 fit"),
    ],
)
def test_a_text_that_is_too_long(
    copy: Path, broken: Break, file: str, old: str, new: str, place: str, words: str
) -> None:
    broken(file, old, new)
    assert_told(limits.check, copy, file, place, words)


def test_an_outcome_that_is_too_long_when_it_is_composed(copy: Path, broken: Break) -> None:
    broken("flows/outcomes.yaml", 'why: "Anda menyebut {reasons}."', f'why: "{"Anda " * 120}{{reasons}}."')
    assert_told(outcome_limits.check, copy, "flows/triage.yaml", "when: chest_pain or dyspnea", "emergency_ambulance")


# --- what rules rest on


def test_a_rule_that_contradicts_itself(copy: Path, broken: Break) -> None:
    broken("flows/triage.yaml", "when: lockjaw\n", "when: lockjaw and elderly and child\n")
    assert_told(firing.check, copy, "flows/triage.yaml", "when: lockjaw and", "R105 can never fire")


def test_a_rule_that_never_comes_to_light(copy: Path, broken: Break) -> None:
    broken("flows/signs.yaml", "phrase: gigitan ular", "phrase: xyzzy")
    assert_told(
        firing.check, copy, "flows/triage.yaml", "when: snake_bite\n", "R112b never comes to light", "snake_bite"
    )


def test_a_red_flag_that_free_text_does_not_tell(copy: Path, broken: Break) -> None:
    broken("flows/signs.yaml", "phrase: sesak napas", "phrase: xyzzy")
    assert_told(free_text.check, copy, "flows/signs.yaml", "phrase: xyzzy", "'xyzzy' is not understood as 'dyspnea'")


# --- the walks


def test_a_question_that_is_never_settled(copy: Path, broken: Break) -> None:
    extra = "  open:\n    kind: yes_no\n    ids: [age]\n    text: Tua?\n    again: Tua?\n"
    broken("flows/questions.yaml", "questions:\n", f"questions:\n{extra}")
    broken("flows/cramp.yaml", "  - ask: age\n", "  - ask: open\n")
    assert_told(ending.check, copy, "flows/cramp.yaml", "- ask: open", "stays open when the answer is 'yes'")


def test_a_step_that_nobody_reaches(only_cramp: Path, broken: Break) -> None:
    broken("flows/cramp.yaml", "when: severe_pain\n", "when: severe_pain and elderly and child\n")
    assert_told(reachability.check, only_cramp, "flows/cramp.yaml", "and elderly and child", "ever asked 'episode'")


def test_a_step_that_asks_what_is_known(only_cramp: Path, broken: Break) -> None:
    broken("flows/cramp.yaml", "  - ask: age\n", "  - ask: age\n  - ask: leg\n")
    found = faults(reachability.check, only_cramp)
    assert any("'leg': all that it asks is known before it" in fault.message for fault in found)


def test_too_many_questions(only_cramp: Path, broken: Break) -> None:
    more = "".join(f"  - ask: {name}\n" for name in ("nerves", "further_signs", "conditions_habits", "body_pain"))
    broken("flows/cramp.yaml", "  - ask: conditions\n", f"  - ask: conditions\n{more}")
    fault = assert_told(length.check, only_cramp, "flows/cramp.yaml", "steps:", "more than 15", "danger: Kurang tahu")
    assert fault.message.count(" > ") > 15


@pytest.mark.parametrize(
    ("old", "new", "place", "words"),
    [
        ("  - ask: danger\n", "", "steps:", "'dyspnea'"),
        ("  - ask: danger\n", "  - ask: danger\n    when: elderly\n", "steps:", "'dyspnea'"),
        ("  - ask: conditions\n", "  - ask: conditions\n    when: heat\n", "- claudication", "'claudication'"),
        ("  - ask: age\n", "", "steps:", "'age'"),
    ],
)
def test_a_way_home_past_a_red_flag(
    only_cramp: Path, broken: Break, old: str, new: str, place: str, words: str
) -> None:
    broken("flows/cramp.yaml", old, new)
    assert_told(required.check, only_cramp, "flows/cramp.yaml", place, words, "asked or told", "> self_care")


def test_what_is_not_asked_must_be_exempt(only_cramp: Path, broken: Break) -> None:
    broken("flows/triage.yaml", "when: elderly or age < 12\n", "when: age < 12\n")
    for sign in ("estrogen", "pregnancy", "postpartum"):
        assert_told(required.check, only_cramp, "flows/cramp.yaml", "steps:", f"'{sign}'", "age: 60")


def test_a_path_below_a_red_flag(only_cramp: Path, broken: Break) -> None:
    broken("flows/cramp.yaml", "redness or trauma or open_wound", "redness or open_wound")
    place = "when: trauma and severe_pain\n"
    fault = assert_told(red_flags.check, only_cramp, "flows/triage.yaml", place, "below 'consultation_24' of R313")
    assert "body: Jatuh atau terkilir" in fault.message


def test_a_symptom_that_makes_an_illness_look_newer(only_cramp: Path, broken: Break) -> None:
    rule = "  - {id: R499, level: consultation, when: (caffeine or stress) and days > 100, sources: [A]}\n"
    broken("flows/triage.yaml", "rules:\n", f"rules:\n{rule}")
    broken("flows/cramp.yaml", "  - ask: conditions\n", "  - ask: conditions\n    when: not heat\n")
    found = faults(monotony.check, only_cramp)
    assert any(f.path.endswith("triage.yaml") and "a further symptom lowers the level" in f.message for f in found)
    assert any(f.path.endswith("cramp.yaml") and "heat" in f.message and "ends below" in f.message for f in found)


# --- loading


def test_content_with_a_fault_is_not_loaded(copy: Path, broken: Break) -> None:
    broken("flows/messages.yaml", "menghubungi {clinic}", "menghubungi {klinik}")
    with pytest.raises(ContentError, match="klinik"):
        load_content(copy / "flows", copy / "knowledge")


def test_content_that_misses_a_red_flag_is_loaded_but_not_for_patients(
    copy: Path, broken: Break, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert {required.check, red_flags.check, ending.check} <= {*proving.AT_START}
    monkeypatch.setattr(proving, "AT_START", (required.check,))
    broken("flows/cramp.yaml", "  - ask: danger\n", "")
    assert load_content(copy / "flows", copy / "knowledge")
    with pytest.raises(ContentError, match="asked or told"):
        load_proven(copy / "flows", copy / "knowledge", proofs=copy / "proofs")
    assert not list(copy.glob("proofs/*"))


def test_a_proof_is_remembered_for_this_content_only(
    copy: Path, broken: Break, monkeypatch: pytest.MonkeyPatch
) -> None:
    proven: list[str] = []

    def note(subject: Subject) -> Iterator[Fault]:
        proven.append(subject.script.version)
        yield from ()

    monkeypatch.setattr(proving, "AT_START", (note,))
    for _ in range(2):
        load_proven(copy / "flows", copy / "knowledge", proofs=copy / "proofs")
    assert len(proven) == 1
    broken("flows/messages.yaml", "Terima kasih.", "Terima kasih banyak.")
    load_proven(copy / "flows", copy / "knowledge", proofs=copy / "proofs")
    assert len(proven) == len(set(proven)) == 2
