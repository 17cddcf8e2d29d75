"""WhatsApp's 24 hours: after the patient's last message only approved templates go out. Own messages extend nothing."""

from datetime import datetime, timedelta
from typing import Final

from bot.channels.whatsapp.inbound import CHANNEL
from bot.channels.whatsapp.sending import WINDOW_OPEN
from bot.store.records import Address

NUDGE_BEFORE: Final = timedelta(hours=4)
"""From so long before the end on, whoever writes is told to hurry: at 20 hours."""


def closes_at(address: Address, heard: datetime | None) -> datetime | None:
    """Until when anything may be written; None where nothing closes, or nobody knows."""
    return heard + WINDOW_OPEN if address.channel == CHANNEL and heard else None


def is_closed(closes: datetime | None, at: datetime) -> bool:
    return closes is not None and at >= closes
