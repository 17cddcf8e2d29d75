"""Whether the settings of WhatsApp are right: credentials, sender, webhook address, templates."""

from collections.abc import Iterator

from twilio.base.exceptions import TwilioException
from twilio.rest import Client

from bot.channels.whatsapp import INBOUND, tokens_of
from bot.channels.whatsapp.client import Gateway, client_of
from bot.channels.whatsapp.signature import FRAGMENT
from bot.channels.whatsapp.templates import OURS
from bot.delivery import TryLater
from bot.settings import Settings

Finding = tuple[bool, str]
"""Whether something is well, and what it is or how to mend it."""


async def examine(settings: Settings) -> list[Finding]:
    """What is well and what is not; nothing where WhatsApp is off."""
    if settings.twilio_account_sid is None:
        return []
    gateway = Gateway(settings.twilio_api_url, seconds=15)
    client = client_of(settings.twilio_account_sid, tokens_of(settings)[0], gateway)
    try:
        return [*await _account(client), *await _sender(client, settings), *await _contents(client)]
    except TwilioException as error:
        status = getattr(error, "status", "")
        return [(False, f"Twilio answers {status}: are TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN those of the console?")]
    except (OSError, TryLater) as error:
        return [(False, f"Twilio can't be reached ({type(error).__name__}): is the network, or TWILIO_API_URL, right?")]
    finally:
        await gateway.close()


async def _account(client: Client) -> list[Finding]:
    account = await client.api.v2010.accounts(client.account_sid).fetch_async()
    well = account.status == "active"
    return [(well, f"the Twilio account is {account.status}{'' if well else ': mend it in the console'}")]


async def _sender(client: Client, settings: Settings) -> list[Finding]:
    """The sender and where it posts. The sandbox's number is in no list: there only the address is told."""
    wanted = f"{settings.public_url}{INBOUND}"
    try:
        senders = await client.messaging.v2.channels_senders.list_async(channel="whatsapp", page_size=100)
    except TwilioException:
        senders = []
    own = next((sender for sender in senders if sender.sender_id == settings.twilio_whatsapp_from), None)
    if own is None:
        hint = f"in the console set its webhook to {wanted}{FRAGMENT}"
        return [(True, f"{settings.twilio_whatsapp_from} is in no list of senders, as the sandbox's number is; {hint}")]
    return list(_told(str(own.status), str((own.webhook or {}).get("callback_url") or ""), wanted))


def _told(status: str, address: str, wanted: str) -> Iterator[Finding]:
    online = status.upper().startswith("ONLINE")
    yield online, f"the sender is {status}{'' if online else ': finish its registration in the console'}"
    well = address.partition("#")[0] == wanted
    yield well, f"the sender posts to {address or 'nowhere'}" + ("" if well else f": set it to {wanted}{FRAGMENT}")


async def _contents(client: Client) -> list[Finding]:
    found = [
        content
        for content in await client.content.v1.content_and_approvals.list_async(page_size=500)
        if (content.friendly_name or "").startswith(OURS)
    ]
    approved = sum((content.approval_requests or {}).get("status") == "approved" for content in found)
    if not found:
        return [(False, "Twilio has no menus of ours, options go as numbered text: run `tanyakaki whatsapp sync`")]
    mend = "" if approved else "; none is approved, so nothing goes out after 24 hours: `tanyakaki whatsapp templates`"
    return [(True, f"Twilio has {len(found)} menus and templates of ours, {approved} approved{mend}")]
