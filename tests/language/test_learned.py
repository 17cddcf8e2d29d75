"""What examples teach: a second opinion on intent, complaint and emergency."""

import pytest

from bot.content.learned import own_words
from bot.content.load import load_script
from bot.language import Reader
from bot.language.learned import COMPLAINT, EMERGENCY, HEAVIEST, INTENT, Learned, features, packed, unpacked
from bot.training import Example, learn, tried
from tests.language.conftest import ROOT

CALM = ("betis kram habis lari", "kaki pegal habis lari", "betis pegal habis jalan", "kaki kram habis jalan")
URGENT = ("betis biru dingin kaku", "kaki biru dingin pucat", "betis pucat dingin kaku", "kaki pucat biru kaku")


def examples(reader: Reader) -> list[Example]:
    def example(text: str, urgent: str) -> Example:
        labels = {INTENT: "complaint", COMPLAINT: "cramp", EMERGENCY: urgent}
        return Example(frozenset(feature for feature, _ in features(reader.message(text))), labels)

    return [example(text, urgent) for urgent, texts in (("no", CALM), ("yes", URGENT)) for text in texts]


def test_the_same_examples_teach_the_same(reader: Reader) -> None:
    assert learn(examples(reader)) == learn(examples(reader))


def test_what_was_taught_is_known_of_new_messages(reader: Reader) -> None:
    learned = learn(examples(reader))
    urgent, calm = (learned.judge(reader.message(text)).danger for text in ("tangan biru dingin", "tangan habis lari"))
    assert urgent is not None
    assert calm is not None
    assert urgent > 0.8
    assert calm < 0.2


def test_each_example_is_tried_by_what_the_others_teach(reader: Reader) -> None:
    found = tried(examples(reader), 4)[EMERGENCY]
    assert found.total() == len(CALM) + len(URGENT)
    assert found["yes", True] + found["no", True] >= 6


def test_a_packed_row_gives_its_weights_back() -> None:
    rows = [[1, -2, HEAVIEST], [0, -HEAVIEST, 5]]
    assert unpacked(packed(rows[0]), 3) == rows[0]
    assert unpacked(sum(map(packed, rows)), 3, len(rows)) == [1, -2 - HEAVIEST, HEAVIEST + 5]


def test_likelihoods_are_of_all_classes_and_make_one(reader: Reader) -> None:
    for head in (INTENT, COMPLAINT, EMERGENCY):
        likely = reader.learned.judge(reader.message("betis kiri kram, kenapa ya dok")).likelihoods(head)
        assert set(likely) == set(reader.learned.classes[head])
        assert sum(likely.values()) == pytest.approx(1)


def test_nothing_learned_changes_nothing(reader: Reader, rules_alone: Reader) -> None:
    assert Learned().judge(reader.message("kaki kram")).danger is None
    assert rules_alone.read("kaki sering kram").intent == "complaint"


def test_the_words_that_decided_are_told(reader: Reader, rules_alone: Reader) -> None:
    """Where the examples overrule the rules the evidence says so, and what the rules had said."""
    texts = [text for text in OVERRULED if reader.read(text).intent != rules_alone.read(text).intent]
    assert texts
    for text in texts:
        (why,) = [one for one in reader.read(text).evidence if one.fact.startswith("intent=")]
        assert why.rule.startswith(f"like the examples, not {rules_alone.read(text).intent}")


OVERRULED = (
    "paling lama 30 detik terus ilang sendiri kedutannya",
    "lutut saya kok tiap pagi kaku kira2 setengah jam baru enakan ya dok",
    "bukannya ga mau ke puskesmas, saya takut jarum. kram betis bisa hilang sendiri kan?",
)


@pytest.mark.parametrize("text", ["hapus data saya", "ulang dari awal", "berhenti"])
def test_what_the_program_is_told_to_do_is_never_guessed(reader: Reader, rules_alone: Reader, text: str) -> None:
    assert reader.read(text).intent == rules_alone.read(text).intent


def test_an_alarm_that_rests_on_examples_alone_has_a_sign_of_its_own(reader: Reader, rules_alone: Reader) -> None:
    text = "sikil loro loro ora iso obah kawit mau isuk"
    assert not rules_alone.read(text).emergency
    reading = reader.read(text)
    assert reading.emergency
    assert reading.dangers == {"unnamed_danger": True}


def test_a_sign_in_a_message_that_does_not_sound_like_it_is_asked(reader: Reader, rules_alone: Reader) -> None:
    """Neither believed nor thrown away: what the rules alone take for an emergency becomes a question."""
    text = LOOSE
    assert rules_alone.read(text).emergency
    reading = reader.read(text)
    assert not reading.emergency
    assert reading.loose
    assert reading.loose <= {**reading.symptoms, **reading.dangers}.keys()


LOOSE = "apakah kejang otot sama dengan epilepsi"


@pytest.mark.parametrize(
    "text", ["muntah", "jantung deg degan", "kopi hitam", "setengah jam", "kaki digips", "luka paku"]
)
def test_few_words_alarm_only_by_the_rules(reader: Reader, text: str) -> None:
    assert not reader.read(text).emergency


def test_what_the_program_says_itself_alarms_only_by_the_rules(reader: Reader, rules_alone: Reader) -> None:
    words = own_words(load_script(ROOT / "flows", ROOT / "knowledge"))
    wrong = [text for text in words if reader.read(text).emergency and not rules_alone.read(text).emergency]
    assert len(wrong) <= len(words) * 0.005, wrong
