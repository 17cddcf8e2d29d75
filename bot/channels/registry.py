"""Which channels the settings turn on."""

from collections.abc import Mapping

from bot.channels.channel import Channel
from bot.channels.telegram import Telegram
from bot.settings import Settings
from bot.store.store import Store
from bot.store.wake import Wakes


def channels_of(settings: Settings, store: Store, wakes: Wakes) -> Mapping[str, Channel]:
    """The pushing channels of these settings, by the name that stands in addresses."""
    channels: dict[str, Channel] = {}
    if settings.telegram_token:
        channels["telegram"] = telegram = Telegram(settings, store)
        if settings.telegram_staff_chat:
            # The desk is large, too.
            from bot.desk.telegram import CHANNEL, StaffGroup

            channels[CHANNEL] = telegram.staff = StaffGroup(settings, store, telegram, wakes, channels)
    if settings.twilio_account_sid:
        # Twilio's package is large: who has no WhatsApp does not wait for it.
        from bot.channels.whatsapp import WhatsApp

        channels["whatsapp"] = WhatsApp(settings, store)
    return channels
