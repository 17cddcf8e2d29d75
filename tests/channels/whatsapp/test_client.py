"""The connection to Twilio: its package's two faults shown and mended, and no credentials for anybody else."""

import time
from collections.abc import AsyncIterator

import pytest
from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.rest import Client

from bot.channels.whatsapp.client import Gateway, UnknownHost, client_of
from bot.channels.whatsapp.inbound import read
from bot.channels.whatsapp.media import Attachments
from bot.channels.whatsapp.rendering import harmless, menu_of, pieces, units
from bot.dialogue.conversation import Option
from bot.settings import SettingsError, load_settings
from bot.store.store import Store
from tests.channels.whatsapp.fake import ACCOUNT, API, SENDER, TOKEN, FakeTwilio

CONTENT = {"friendly_name": "x", "language": "id", "variables": {}, "types": {"twilio/text": {"body": "halo"}}}


@pytest.fixture
async def gateway(twilio: FakeTwilio) -> AsyncIterator[Gateway]:
    gateway = Gateway(twilio.url, seconds=0.3)
    yield gateway
    await gateway.close()


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
async def test_the_package_ignores_its_time_out_and_ours_does_not(twilio: FakeTwilio, gateway: Gateway) -> None:
    twilio.slow = 1.0
    theirs, began = AsyncTwilioHttpClient(timeout=0.3), time.monotonic()
    await theirs.request("GET", f"{twilio.url}{API}.json", auth=(ACCOUNT, TOKEN), headers={})
    assert time.monotonic() - began >= 1
    await theirs.close()
    twilio.slow = 5.0
    client = client_of(ACCOUNT, TOKEN, gateway)
    with pytest.raises(TimeoutError):
        await client.api.v2010.accounts(ACCOUNT).fetch_async()


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
async def test_the_package_sends_json_as_a_form_and_ours_does_not(twilio: FakeTwilio, gateway: Gateway) -> None:
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    theirs = AsyncTwilioHttpClient()
    try:
        broken = await theirs.request(
            "POST", f"{twilio.url}/v1/Content", data=CONTENT, headers=headers, auth=(ACCOUNT, TOKEN)
        )
        worked = broken.status_code < 300
    except (TypeError, ValueError):
        worked = False
    assert not worked, "mended upstream: Gateway may go"
    await theirs.close()
    made = await gateway.request(
        "POST", "https://content.twilio.com/v1/Content", data=CONTENT, headers=headers, auth=(ACCOUNT, TOKEN)
    )
    assert made.status_code == 201


HOSTILE = [
    "http://api.twilio.com/x",
    "https://api.twilio.com.evil.example/x",
    "https://evil.example/api.twilio.com",
    "https://api.twilio.com@evil.example/x",
    "https://user:pass@api.twilio.com/x",
    "https://api.twilio.com:8443/x",
    "http://169.254.169.254/latest/meta-data",
    "http://localhost/x",
    "http://127.0.0.1:1/x",
    "file:///etc/passwd",
    "https://eviltwilio.com/x",
    "",
]


@pytest.mark.parametrize("url", HOSTILE)
async def test_no_other_host_is_called(store: Store, twilio: FakeTwilio, gateway: Gateway, url: str) -> None:
    attachments = Attachments(store, gateway, (ACCOUNT, TOKEN))
    with pytest.raises(UnknownHost):
        await attachments.fetch(url)
    with pytest.raises(UnknownHost):
        Gateway().address_of(url)
    twilio.media["ME1"] = ("image/png", b"x")
    twilio.redirect = url or "http://127.0.0.1:1/"
    with pytest.raises(UnknownHost):
        await attachments.fetch(f"https://api.twilio.com{API}/Messages/MM1/Media/ME1")


async def test_a_call_of_the_client_reaches_only_known_hosts(twilio: FakeTwilio, gateway: Gateway) -> None:
    client: Client = client_of(ACCOUNT, TOKEN, gateway)
    with pytest.raises(UnknownHost):
        await client.lookups.v2.phone_numbers("+62").fetch_async()
    await gateway.close()
    assert not twilio.requests


def test_texts_are_cut_and_words_of_others_made_harmless() -> None:
    text = "Paragraf satu. " * 300 + "🌸" * 900
    assert all(0 < units(piece) <= 1600 for piece in pieces(text))
    assert "".join(pieces(text)).replace(" ", "") == text.replace(" ", "")
    assert "*tebal*" not in harmless("*tebal* https://jahat.example")
    assert "https://" not in harmless("https://jahat.example")


def test_menus_fit_or_are_none() -> None:
    def some(count: int, label: str = "Ya") -> tuple[Option, ...]:
        return tuple(Option(id=str(number), label=f"{label}{number}") for number in range(count))

    kinds = [menu.kind if (menu := menu_of(some(count))) else None for count in (0, 1, 3, 4, 10, 11)]
    assert kinds == [None, "quick-reply", "quick-reply", "list-picker", "list-picker", None]
    assert menu_of(some(2, "x" * 20)) is not None
    assert menu_of(some(2, "x" * 24)) is None
    menu = menu_of((Option(id="a", label="*Ya*"),))
    assert menu is not None
    assert menu.options[0].label == "Ya"


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"NumMedia": "1", "MediaUrl0": "https://x", "MediaContentType0": "image/jpeg"}, "photo"),
        ({"NumMedia": "1", "MediaUrl0": "https://x", "MediaContentType0": "audio/ogg; codecs=opus"}, "voice"),
        ({"NumMedia": "1", "MediaContentType0": "video/mp4"}, "video"),
        ({"NumMedia": "1", "MediaContentType0": "application/pdf"}, "document"),
        ({"NumMedia": "1", "MediaContentType0": "image/webp"}, "sticker"),
        ({"NumMedia": "1", "MediaContentType0": "text/vcard"}, "contact"),
        ({"Latitude": "-6.2", "Longitude": "106.8", "Label": "RS Jantung"}, "location"),
        ({"MessageType": "contacts"}, "contact"),
        ({"MessageType": "reaction", "Body": "👍"}, "other"),
        ({"MessageType": "something new"}, "other"),
        ({"MessageType": "text", "Body": "halo"}, ""),
        ({"NumMedia": "1", "MediaContentType0": "image/jpeg", "Body": "dada saya nyeri"}, ""),
        ({"NumMedia": "x"}, "other"),
    ],
)
def test_what_is_no_text_has_a_name(fields: dict[str, str], kind: str) -> None:
    posted = read({"MessageSid": "SM1", "From": "whatsapp:+62811", **fields})
    assert posted is not None
    assert posted.kind == kind


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TWILIO_ACCOUNT_SID", "x"),
        ("TWILIO_AUTH_TOKEN", "a,"),
        ("TWILIO_WHATSAPP_FROM", "+1415"),
        ("TWILIO_RATE", "-1"),
        ("TWILIO_API_URL", "ftp://x"),
        ("PUBLIC_URL", ""),
    ],
)
def test_a_wrong_setting_is_told_in_one_line(name: str, value: str) -> None:
    right = {"TWILIO_ACCOUNT_SID": ACCOUNT, "TWILIO_AUTH_TOKEN": TOKEN, "TWILIO_WHATSAPP_FROM": SENDER}
    with pytest.raises(SettingsError, match=rf"^{name} [^\n]*for example {name}="):
        load_settings({**right, "PUBLIC_URL": "https://x.example", name: value})
