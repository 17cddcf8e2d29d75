"""The identifiers that the program, its YAML files and its JSON output share.

Text that people read is Indonesian and stands in YAML; identifiers are English and stand here, once.
"""

from enum import IntEnum
from typing import Final


class Level(IntEnum):
    """Urgency of care. The order is the order of urgency, so ``max`` picks the level that must be told."""

    self_care = 0
    consultation = 1
    consultation_24 = 2
    emergency = 3
    emergency_ambulance = 4


INTENTS: Final = (
    "complaint",
    "ask_definition",
    "ask_causes",
    "ask_first_aid",
    "ask_prevention",
    "ask_danger",
    "ask_nutrient",
    "ask_medicine",
    "ask_doctor",
    "ask_meaning",
    "clinic_info",
    "human",
    "greet",
    "thanks",
    "bye",
    "help",
    "restart",
    "stop",
    "affirm",
    "deny",
    "unsure",
    "delete_data",
    "inform",
    "out_of_scope",
)
"""What a message wants. One a message."""

COMPLAINTS: Final = ("cramp", "twitch", "weakness", "swelling", "numbness", "pain")
"""Where several are told, the first of this order is the complaint."""

BODY_PARTS: Final = ("calf", "knee", "thigh", "shin", "ankle", "foot", "toe", "leg", "other")
SIDES: Final = ("left", "right", "both")
RECURRENCES: Final = ("single", "occasional", "frequent", "continuous")

LEG_SYMPTOMS: Final = (
    "swelling",
    "redness",
    "warmth",
    "severe_pain",
    "persistent_pain",
    "numbness",
    "weakness",
    "unable_to_walk",
    "skin_pale_or_blue",
    "cold_foot",
    "open_wound",
    "trauma",
    "deformity",
    "muscle_wasting",
    "claudication",
    "varicose_veins",
)
BODY_SYMPTOMS: Final = (
    "chest_pain",
    "dyspnea",
    "coughing_blood",
    "palpitations",
    "syncope",
    "fever",
    "dark_urine",
    "vomiting_diarrhea",
    "seizure",
    "lockjaw",
    "weight_loss",
)
NERVE_SYMPTOMS: Final = (
    "facial_droop",
    "slurred_speech",
    "one_sided_weakness",
    "dysphagia",
    "incontinence",
    "saddle_numbness",
    "back_pain",
    "spreading_twitch",
    "confusion",
    "severe_headache",
    "vision_loss",
    "snake_bite",
    "overdose",
)
LIFE_SYMPTOMS: Final = ("disturbs_sleep", "suicidal")
SYMPTOMS: Final = LEG_SYMPTOMS + BODY_SYMPTOMS + NERVE_SYMPTOMS + LIFE_SYMPTOMS

FACTORS: Final = (
    "pregnancy",
    "postpartum",
    "elderly",
    "child",
    "diabetes",
    "kidney_disease",
    "thyroid_disease",
    "heart_disease",
    "hypertension",
    "cancer",
    "prior_dvt",
    "immobilization",
    "estrogen",
    "diuretic",
    "statin",
    "corticosteroid",
    "antidepressant",
    "anticoagulant",
    "exercise",
    "heat",
    "standing_long",
    "sitting_long",
    "night",
    "dehydration",
    "caffeine",
    "alcohol",
    "stress",
    "poor_sleep",
    "new_shoes",
    "cold",
)

DANGERS: Final = (
    "half_body_numbness",
    "stiff_neck",
    "uncontrolled_bleeding",
    "rib_pain",
    "yellow_eyes",
    "gangrene",
    "pulseless",
    "crush_injury",
    "general_weakness",
    "tetany",
    "rising_numbness",
    "dirty_wound",
    "plaster",
    "cramp_now",
    "thyroid_surgery",
    "unnamed_danger",
)
"""Signs beyond the public ontology that free text may tell of and that triage rules use. Never in JSON output."""

SIGNS: Final = SYMPTOMS + FACTORS + DANGERS
"""Everything that can be present, absent or unsure in a patient."""

SLOTS: Final = (
    "complaint",
    "body_part",
    "side",
    "duration_days",
    "episode_seconds",
    "recurrence",
    "age",
    "consent",
    "progress",
)
"""Facts that have a value instead of a polarity."""
