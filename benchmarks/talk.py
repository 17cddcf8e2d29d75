"""What patients write in the measurements."""

TEXTS = (
    "dok betis kiri saya kram sejak kemarin malam",
    "ya",
    "tidak ada",
    "umur saya 47",
    "sering kambuh tiap malam, ga bengkak",
    "apa penyebabnya?",
    "kurang tahu",
    "makasih dok",
)
