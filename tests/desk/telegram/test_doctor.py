"""``tanyakaki doctor`` says what the group lacks."""

from typing import Any

from bot.channels.telegram.health import examine
from bot.settings import Settings
from tests.channels.telegram.fake import TOKEN
from tests.desk.telegram.forum import GROUP, FakeForum


async def faults(fake: FakeForum, **settings: Any) -> str:
    group = {"telegram_staff_chat": GROUP, "telegram_staff_relay": True, **settings}
    found = await examine(Settings(telegram_token=TOKEN, telegram_api_url=fake.url, **group))
    return " ".join(text for well, text in found if not well)


async def test_a_group_that_is_well(fake: FakeForum) -> None:
    assert await faults(fake) == ""


async def test_what_it_lacks_is_named(fake: FakeForum) -> None:
    fake.rights = {"can_pin_messages"}
    fake.about = {"username": "petugas"}
    told = await faults(fake)
    assert "Manage topics, Delete messages" in told
    assert "no topics" in told
    assert "public" in told
    assert "Manage topics" not in await faults(fake, telegram_staff_relay=False)


async def test_a_wrong_number_is_told(fake: FakeForum) -> None:
    assert "not in the group" in await faults(fake, telegram_staff_chat=-5)
