"""Messages of every intent in people's own words. The held-back third of them stands nowhere: it is measured only."""

import pytest

from bot.language import Reader

SAID = {
    "affirm": (
        "betul kak",
        "siap dok",
    ),
    "ask_causes": (
        "dok betis saya kok sering ketarik pas subuh, itu karena apa ya",
        "knp ya kaki kiri mama mertua bengkak kalo abis perjalanan jauh",
        "faktor yg bikin kaki sering kebas apa aja",
        "apa gara2 kurang minum ya dok betis jd kram",
        "penyebab kedutan otot paha",
        "apa ada hubungannya asam urat sama kram",
    ),
    "ask_danger": (
        "lutut bunyi kretek tiap jongkok bahaya ga sih",
        "wajar ga sih kaki bengkak pas hamil tua",
        "kedutan di betis tanda stroke bukan dok",
        "ini saraf kejepit ya dok?",
        "bisa sembuh total ga dok varises",
        "takut dvt dok, betis kanan saya sakit sebelah",
        "kaki kebas seminggu perlu khawatir ga",
        "apakah kram waktu hamil berbahaya untuk janin",
        "serius gak dok kalo kedutannya pindah2",
    ),
    "ask_definition": (
        "apa bedanya kram sama kejang otot",
        "neuropati itu penyakit apa sih",
        "jelasin dong soal dvt",
    ),
    "ask_doctor": (
        "tumit saya sakit sebulan lebih, baiknya ke poli mana ya",
        "kapan saya harus periksa ke rs dok",
        "mending ke dokter saraf apa ortopedi",
        "tes darah apa yang perlu buat kaki kebas",
        "kalo ga sembuh2 mesti ke dokter apa ya",
    ),
    "ask_first_aid": (
        "gimana cara ngilangin kesemutan di telapak kaki",
        "solusi kaki pegal habis kerja berdiri",
        "kaki kram abis futsal, boleh langsung diurut ga",
        "terapi di rumah buat saraf kejepit gimana",
        "apa yang harus saya lakukan kalo kram pas nyetir",
        "boleh lari lagi ga dok kalo lutut masih nyeri",
    ),
    "ask_meaning": (
        "arti kedut paha kiri wanita",
        "primbon kedutan telapak kaki kanan",
    ),
    "ask_medicine": (
        "salep buat pegel linu kaki yg aman buat lansia apa ya kak",
        "boleh minum ibuprofen ga dok buat nyeri lutut, saya ada maag",
        "obat kesemutan di apotik namanya apa",
        "vitamin b12 diminum berapa kali sehari",
        "obat kram betis yang ampuh",
        "amlodipin bikin kaki bengkak, ganti obat apa ya",
    ),
    "ask_nutrient": (
        "kaki sering kesemutan kurang vit apa ya bun",
        "makanan yg bagus buat orang yg suka kram apa aja",
        "pisang bisa ngilangin kram ga",
    ),
    "ask_prevention": (
        "supaya ga kram pas renang harus gimana",
        "biar ga kesemutan pas duduk lama gmn",
    ),
    "bye": (
        "ya udah dok saya pamit dulu ya",
        "sampai ketemu lagi",
    ),
    "clinic_info": (
        "kliniknya buka hari sabtu ga kak",
        "konsul sekali berapa ya min",
        "lokasinya deket stasiun mana",
        "dokter sarafnya praktek hari apa aja",
        "bisa booking buat besok pagi",
        "nomor wa kliniknya dong",
        "fisioterapi ada ga disitu",
    ),
    "complaint": (
        "jempol kaki saya kaku tiap bangun tidur",
        "betis sy ketarik td malem smp nangis",
        "telapak kaki serasa ditusuk jarum",
        "paha kram mulu tiap main futsal",
        "mata kaki bengkak abis keseleo 2 hari lalu",
        "sikilku gringgingen wis rong dina",
        "suku abdi keram unggal peuting",
        "tungkai kanan nyut2an kalo kedinginan",
        "lutut aye bengkak dah seminggu bang",
        "kaki sy lemes banget abis diare seharian",
        "suami saya kram paha habis nyangkul",
        "kesemutan terus dok dari pinggang ke kaki",
        "kaki kananku mati rasa abis duduk bersila",
        "otot betis keras kyk batu",
        "jari kelingking kaki bengkak kejepit pintu",
    ),
    "deny": (
        "ngga ada dok",
        "enggak kok dok",
    ),
    "greet": (
        "siang dok",
        "assalamualaikum min",
    ),
    "help": ("cara pakai ini gimana min",),
    "human": (
        "saya mau ngobrol sama dokter beneran aja",
        "jangan bot dong, orang aja",
        "bisa telpon dokternya langsung ga",
    ),
    "inform": (
        "yang sebelah kanan dok",
        "kurang lebih dua minggu",
        "cuma pas malem aja",
        "umur saya 54",
        "abis olahraga kemarin",
        "nggak minum obat rutin",
        "diabetes iya, darah tinggi enggak",
        "sekitar 5 menitan tiap kambuh",
        "udah dari lebaran",
        "baru sekali ini",
        "dari kecil memang begini",
        "di betis belakang",
        "tensi saya 150/90",
        "barusan aja",
        "sejak abis operasi",
        "enggak, cuma yang kiri",
    ),
    "out_of_scope": (
        "aplikasinya ngelag terus min",
        "motor saya susah distarter kenapa ya",
        "gigi geraham saya berlubang, minum apa ya",
        "resep ceker ayam pedas",
        "cerita horor dong",
        "cara cepat dapat adsense",
        "dokternya lama banget balesnya, kecewa",
        "dok telinga saya berdenging kenapa",
        "mata saya minus, bisa lasik?",
        "haid ga lancar minum apa dok",
        "beli sepatu futsal ukuran 42 dimana",
        "prediksi skor indonesia vs jepang",
        "rating jelek, cs nya ga ramah",
        "jerawat punggung ga ilang2",
        "pelatih gym terbaik dimana ya",
        "saya stres mikirin skripsi",
        "ayam goreng paha atas dua",
        "jual kaki palsu robot gundam",
    ),
    "restart": ("ulangi dari awal dong",),
    "stop": (
        "udah stop ga usah tanya lagi",
        "batalkan saja",
    ),
    "thanks": (
        "oke dok terimakasih atas jawabannya",
        "matur nuwun dok",
    ),
    "unsure": (
        "waduh kurang tau saya dok",
        "lupa2 inget",
        "mungkin ya, ga yakin",
    ),
}


@pytest.mark.parametrize(("intent", "text"), [(intent, text) for intent, texts in SAID.items() for text in texts])
def test_intent(reader: Reader, intent: str, text: str) -> None:
    assert reader.read(text).intent == intent
