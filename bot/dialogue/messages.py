"""The sentences that the dialogue says by their key in ``messages.yaml``, each with the names it fills in."""

from collections.abc import Mapping
from typing import Final

FILLED: Final[Mapping[str, tuple[str, ...]]] = {
    "because": ("reason",),
    "group_again": ("count",),
    "group_assessment": ("present", "unsure", "not_asked", "denied", "rules"),
    "group_background": ("factors", "medicines", "served"),
    "group_bot": ("time",),
    "group_call": ("level", "reference"),
    "group_card": ("level", "reference"),
    "group_days": ("days",),
    "group_edited": ("time",),
    "group_failed": ("reason",),
    "group_file": ("file",),
    "group_hours": ("hours", "minutes"),
    "group_minutes": ("minutes",),
    "group_note": ("staff", "time"),
    "group_owned": ("staff",),
    "group_patient": ("time",),
    "group_person": ("name",),
    "group_recommendation": ("headline", "see", "first_aid"),
    "group_situation": ("complaint", "days", "age", "why"),
    "group_staff": ("staff", "time"),
    "group_topic": ("level", "reference"),
    "group_waiting": ("since",),
    "group_waits": ("wait", "since"),
    "group_with": ("staff",),
    "human_closed": ("opens",),
    "media": ("kind",),
    "noted": ("signs",),
    "opens_day": ("day", "date", "time"),
    "opens_today": ("time",),
    "opens_tomorrow": ("time",),
    "see_whom": ("see",),
    "staff_closed": ("staff",),
    "staff_corrected": ("said",),
    "staff_joined": ("staff",),
    "staff_left": ("staff",),
    "staff_released": ("staff",),
    "staff_transferred": ("staff",),
    "suspicion": ("causes",),
}
"""Messages into which more is filled than what the clinic says of itself."""

LEADS: Final = (
    "consent_thanks",
    "empty",
    "follow_up_worse",
    "forget_cancelled",
    "kept",
    "media",
    "not_understood",
    "option_old",
    "restarted",
    "resume",
    "stale",
    "switch_kept",
    "too_long",
    "which",
)
"""Messages that may stand before a question, in one reply with it."""

LABELS: Final = tuple(
    f"{name}_label"
    for name in (
        "cause",
        "day",
        "human",
        "more",
        "no",
        "none",
        "prevention",
        "reopen",
        "source",
        "three_days",
        "unsure",
        "yes",
    )
)
"""Words on options that the program offers itself."""

HINTS: Final = ("choice_hint", "several_hint")
"""How to answer where nothing can be tapped."""

ALONE: Final = (
    "bye",
    "clinic_info",
    "consent_declined",
    "did_you_mean",
    "emergency_again",
    "failed",
    "flood",
    "follow_up_better",
    "follow_up_same",
    "follow_up_set",
    "forgotten",
    "greet",
    "help",
    "human_closed",
    "human_waiting",
    "nobody_yet",
    "noted",
    "nothing_changed",
    "offer_human",
    "out_of_area",
    "out_of_scope",
    "privacy",
    "reminder",
    "same_advice",
    "staff_closed",
    "staff_joined",
    "staff_left",
    "staff_released",
    "staff_transferred",
    "still_waiting",
    "stop",
    "thanks",
    "waiting_kept",
)
"""Messages that are a reply of their own."""

WITHIN: Final = (
    "and",
    "because",
    "causes_intro",
    "connected",
    "cramp_now",
    "do_intro",
    "level_raised",
    "media_other",
    "opens_day",
    "opens_today",
    "opens_tomorrow",
    "or",
    "see_whom",
    "sources_intro",
    "suspicion",
)
"""Parts of longer replies."""

CALENDAR: Final = ("until", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
"""Words for opening hours."""

COMMANDS: Final = ("start", "help", "restart", "human", "forget", "privacy")
"""What a channel's menu offers; ``command_…`` are its words in it."""

CHANNELS: Final = (
    *(f"command_{name}" for name in COMMANDS),
    "blocked_note",
    "private_only",
    "tick_done",
    "tick_first",
    "tick_hint",
    "unblocked_note",
)
"""What only a channel says: beside its buttons, in its menu, in groups, and in the clinic's transcript."""

LEVELS: Final = ("emergency_ambulance", "emergency", "consultation_24", "consultation", "self_care", "unknown")
REASONS: Final = ("asked", "urgent", "emergency", "not_understood", "taken")
ACTS: Final = ("claim", "seen", "close", "bot", "release", "back")
ENDS: Final = ("answered", "booked", "come_today", "referred", "unreachable", "other")

GROUP: Final = (
    *(f"group_level_{level}" for level in LEVELS),
    *(f"group_why_{why}" for why in REASONS),
    *(f"group_do_{act}" for act in ACTS),
    *(f"group_end_{end}" for end in ENDS),
    "group_again",
    "group_alarm",
    "group_anonymous",
    "group_assessment",
    "group_background",
    "group_bot",
    "group_call",
    "group_card",
    "group_closed",
    "group_days",
    "group_edited",
    "group_everybody",
    "group_failed",
    "group_file",
    "group_file_away",
    "group_hours",
    "group_kept",
    "group_minutes",
    "group_no_command",
    "group_no_file",
    "group_not_allowed",
    "group_not_shown",
    "group_not_yours",
    "group_note",
    "group_over",
    "group_owned",
    "group_patient",
    "group_person",
    "group_recommendation",
    "group_situation",
    "group_staff",
    "group_today",
    "group_topic",
    "group_waiting",
    "group_waits",
    "group_with",
    "staff_corrected",
)
"""What the staff read in their group: calls, the card and its buttons, who said what; and how a patient is told of a
correction."""

SAID: Final = frozenset({*LEADS, *LABELS, *HINTS, *ALONE, *WITHIN, *CALENDAR, *CHANNELS, *GROUP})
"""Every key that the program needs; ``tanyakaki check`` proves that the content has each."""
