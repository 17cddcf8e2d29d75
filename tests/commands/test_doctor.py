"""``tanyakaki doctor``: each fault with how to mend it. The settings of Telegram: each wrong value one line."""

import pytest

from bot.commands.doctor import check_telegram
from bot.settings import Settings, SettingsError, load_settings
from tests.channels.telegram.fake import TOKEN, FakeTelegram, telegram

RIGHT = {"telegram_token": TOKEN}


async def texts(fake: FakeTelegram, **settings: str) -> dict[bool, str]:
    chosen = Settings(**{**RIGHT, "telegram_api_url": fake.url, **settings})
    found = list(await check_telegram(chosen))
    return {well: " ".join(one.text for one in found if one.well is well) for well in (True, False)}


async def test_what_is_well_is_said() -> None:
    with telegram() as fake:
        told = await texts(fake)
    assert "@kaki_bot" in told[True]
    assert told[False] == ""


async def test_each_fault_is_told_with_its_mending() -> None:
    public = {"public_url": "https://chat.klinik.example", "telegram_webhook_secret": "abc"}
    with telegram() as fake:
        assert "BotFather" in (await texts(fake, telegram_token="1:wrong"))[False]
        assert "start `tanyakaki serve`" in (await texts(fake, **public))[False]
        fake.webhook = {
            "url": "https://chat.klinik.example/webhooks/telegram",
            "last_error_date": 1795257018,
            "last_error_message": "Connection refused",
        }
        assert "Connection refused" in (await texts(fake, **public))[False]
        for chat in range(1, 150):
            fake.say(chat, "halo")
        assert "149 messages wait" in (await texts(fake, **public))[False]
        url = fake.url
    gone = [one.text for one in await check_telegram(Settings(**RIGHT, telegram_api_url=url)) if not one.well]
    assert "can't be reached" in gone[0]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TELEGRAM_TOKEN", "abc"),
        ("TELEGRAM_API_URL", "127.0.0.1:80"),
        ("TELEGRAM_WEBHOOK_SECRET", "has blanks"),
        ("TELEGRAM_RATE", "-1"),
        ("TELEGRAM_RATE", "fast"),
    ],
)
def test_a_wrong_setting_is_one_line_with_an_example(name: str, value: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings({name: value})
    assert str(caught.value).startswith(name)
    assert f"for example {name}=" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_webhook_needs_its_secret() -> None:
    with pytest.raises(SettingsError, match="TELEGRAM_WEBHOOK_SECRET is required"):
        load_settings({"TELEGRAM_TOKEN": TOKEN, "PUBLIC_URL": "https://x.example"})
    load_settings({"TELEGRAM_TOKEN": TOKEN})
    load_settings({"PUBLIC_URL": "https://x.example"})
