"""Which channels the settings turn on."""

from collections.abc import Mapping

from bot.channels.channel import Channel
from bot.channels.telegram import Telegram
from bot.settings import Settings
from bot.store.store import Store


def channels_of(settings: Settings, store: Store) -> Mapping[str, Channel]:
    """The pushing channels of these settings, by the name that stands in addresses."""
    channels: dict[str, Channel] = {}
    if settings.telegram_token:
        channels["telegram"] = Telegram(settings, store)
    if settings.twilio_account_sid:
        # Twilio's package is large: who has no WhatsApp does not wait for it.
        from bot.channels.whatsapp import WhatsApp

        channels["whatsapp"] = WhatsApp(settings, store)
    return channels
