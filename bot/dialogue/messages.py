"""The sentences that the dialogue says by their key in ``messages.yaml``, each with the names it fills in."""

from collections.abc import Mapping
from typing import Final

FILLED: Final[Mapping[str, tuple[str, ...]]] = {
    "because": ("reason",),
    "media": ("kind",),
    "noted": ("signs",),
    "see_whom": ("see",),
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
    "human_waiting",
    "noted",
    "nothing_changed",
    "offer_human",
    "out_of_area",
    "out_of_scope",
    "privacy",
    "reminder",
    "same_advice",
    "still_waiting",
    "stop",
    "thanks",
)
"""Messages that are a reply of their own."""

WITHIN: Final = (
    "and",
    "because",
    "causes_intro",
    "cramp_now",
    "do_intro",
    "level_raised",
    "media_other",
    "or",
    "see_whom",
    "sources_intro",
    "suspicion",
)
"""Parts of longer replies."""

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

HEARD: Final = ("question_modals", "question_own", "question_softly", "question_tags", "question_words")
"""What is not said but listened for: words that make a message a question."""

SAID: Final = frozenset({*LEADS, *LABELS, *HINTS, *ALONE, *WITHIN, *CHANNELS, *HEARD})
"""Every key that the program needs; ``tanyakaki check`` proves that the content has each."""
