"""Which channels the settings turn on."""

from collections.abc import Mapping

from bot.channels.channel import Channel
from bot.settings import Settings
from bot.store.store import Store


def channels_of(settings: Settings, store: Store) -> Mapping[str, Channel]:
    """The pushing channels of these settings, by the name that stands in addresses."""
    return {}
