"""Whether Telegram works with these settings, for ``tanyakaki doctor``."""

from telegram import WebhookInfo
from telegram.error import InvalidToken, TelegramError

from bot.channels.telegram.client import Client, client_of
from bot.channels.telegram.group_health import examine_group
from bot.channels.telegram.webhook import PATH
from bot.settings import Settings

MANY_PENDING = 100


async def examine(settings: Settings) -> list[tuple[bool, str]]:
    """What was found, each whether it is well and in words; a fault with how to mend it."""
    if settings.telegram_token is None:
        return [(True, "Telegram is off (TELEGRAM_TOKEN is not set)")]
    client = client_of(settings.telegram_token, settings.telegram_api_url)
    try:
        return await _examine(settings, client)
    except InvalidToken:
        return [(False, "Telegram refuses TELEGRAM_TOKEN: copy it again from @BotFather (/mybots, API Token)")]
    except TelegramError as error:
        server = settings.telegram_api_url or "api.telegram.org"
        return [(False, f"Telegram can't be reached at {server} ({error}): check the network, a proxy, the address")]
    finally:
        await client.close_connections()


async def _examine(settings: Settings, client: Client) -> list[tuple[bool, str]]:
    me = await client.get_me()
    found = [(True, f"Telegram knows the token: the bot is @{me.username}")]
    info = await client.get_webhook_info()
    found += [_registered(settings, info), *_waiting(info), *_last_error(info)]
    return [*found, *await examine_group(settings, client, me.id)]


def _registered(settings: Settings, info: WebhookInfo) -> tuple[bool, str]:
    if settings.public_url is None:
        if info.url:
            return True, f"a webhook is registered ({info.url}); `serve` will remove it and poll"
        return True, "no webhook is registered: Telegram is polled"
    wanted = f"{settings.public_url}{PATH}"
    if info.url == wanted:
        return True, f"the webhook is registered: {wanted}"
    there = info.url or "none"
    return False, f"the webhook at Telegram is {there}, not {wanted}: start `tanyakaki serve`, which registers it"


def _waiting(info: WebhookInfo) -> list[tuple[bool, str]]:
    count = info.pending_update_count
    if count > MANY_PENDING:
        return [(False, f"{count} messages wait at Telegram: does `tanyakaki serve` run, and can it be reached?")]
    return [(True, f"{count} messages wait at Telegram")]


def _last_error(info: WebhookInfo) -> list[tuple[bool, str]]:
    if not info.url or not info.last_error_message:
        return []
    at = f" at {info.last_error_date:%Y-%m-%d %H:%M} UTC" if info.last_error_date else ""
    mend = "is PUBLIC_URL reachable from outside, by https with a valid certificate?"
    return [(False, f"Telegram last failed to post{at}: {info.last_error_message}: {mend}")]
