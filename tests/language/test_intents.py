"""What a message wants."""

from pathlib import Path

import pytest
import yaml

from bot.language import Reader

EXAMPLES = Path(__file__).parents[2] / "knowledge" / "language" / "examples"


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("Bicara petugas", "human"),
        ("Hubungi petugas lagi", "human"),
        ("mau bicara langsung dengan petugas", "human"),
        ("kaki sering kram", "complaint"),
        ("kram", "complaint"),
        ("napas sesak", "complaint"),
        ("apa itu kedutan otot", "ask_definition"),
        ("kenapa betis sering kram", "ask_causes"),
        ("betis kiri sering kram, kenapa ya", "ask_causes"),
        ("penyebab kedutan lutut", "ask_causes"),
        ("cara mengatasi kram betis", "ask_first_aid"),
        ("boleh diurut ga kaki bengkak", "ask_first_aid"),
        ("biar ga kram lagi gimana", "ask_prevention"),
        ("bagaimana cara mencegah kram saat tidur", "ask_prevention"),
        ("kram betis apakah berbahaya", "ask_danger"),
        ("kaki sering kram, indikasi penyakit apa?", "ask_danger"),
        ("kaki kram kurang vitamin apa", "ask_nutrient"),
        ("makanan apa yang bagus buat kram", "ask_nutrient"),
        ("obat kram betis apa dok", "ask_medicine"),
        ("harus ke dokter spesialis apa", "ask_doctor"),
        ("perlu rontgen ga lutut saya", "ask_doctor"),
        ("arti kedutan betis kiri menurut primbon", "ask_meaning"),
        ("jam buka klinik", "clinic_info"),
        ("biaya konsul berapa", "clinic_info"),
        ("bisa pakai bpjs?", "clinic_info"),
        ("mau bicara sama dokter", "human"),
        ("admin dong", "human"),
        ("halo", "greet"),
        ("assalamualaikum min", "greet"),
        ("makasih dok", "thanks"),
        ("dadah", "bye"),
        ("menu", "help"),
        ("ulang dari awal", "restart"),
        ("stop", "stop"),
        ("iya dok", "affirm"),
        ("nggak", "deny"),
        ("kurang tau", "unsure"),
        ("hapus data saya", "delete_data"),
        ("3 hari", "inform"),
        ("yang kiri", "inform"),
        ("ga bengkak kok", "inform"),
        ("harga cabai hari ini", "out_of_scope"),
        ("kucing saya lemas", "out_of_scope"),
        ("resep rendang dong", "out_of_scope"),
        ("", "out_of_scope"),
        # a greeting before a question is no greeting
        ("selamat pagi dok, kenapa betis saya kram", "ask_causes"),
    ],
)
def test_intent(reader: Reader, text: str, intent: str) -> None:
    assert reader.read(text).intent == intent


def test_every_intent_of_the_phrase_bank_finds_its_own_phrases(reader: Reader) -> None:
    bank = [(intent, text) for intent, texts in reader.lexicon.phrases.items() for text in texts]
    missed = [(text, intent, got) for intent, text in bank if (got := reader.read(text).intent) != intent]
    assert len(missed) <= len(bank) * 0.01, missed


def test_intents_in_peoples_own_words(reader: Reader) -> None:
    asked = yaml.safe_load((EXAMPLES / "intents.yaml").read_text(encoding="utf-8"))["intents"]
    messages = [(intent, text) for intent, texts in asked.items() for text in texts]
    wrong = [(intent, text) for intent, text in messages if reader.read(text).intent != intent]
    assert len(wrong) <= len(messages) * 0.05, wrong
