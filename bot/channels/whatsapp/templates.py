"""Contents at Twilio, made to match what the content says: menus, and the templates that WhatsApp approves.

A content is named by a hash of what it shows, so making them twice makes nothing new, and what has changed has another
name. Only contents whose names are ours are ever removed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from twilio.rest import Client
from twilio.rest.content.v1.content import ContentList
from twilio.rest.content.v1.content.approval_create import ApprovalCreateList

from bot.channels.whatsapp.contents import Contents
from bot.channels.whatsapp.rendering import Menu, menu_of
from bot.channels.whatsapp.sending import template_name, template_text
from bot.dialogue.conversation import Option, Pending
from bot.dialogue.script import Script
from bot.dialogue.wording import options

OURS: Final = "tanyakaki_"
LANGUAGE: Final = "id"
SAMPLE: Final = "Halo"
"""What a variable may look like: Twilio asks for an example."""


@dataclass(frozen=True, slots=True)
class Template:
    """A template and what WhatsApp says of it: ``approved``, ``received``, ``rejected``, ``unsubmitted`` and so on."""

    name: str
    content: str
    status: str
    text: str


@dataclass(frozen=True, slots=True)
class Synced:
    """What was made, removed, and left as it was."""

    made: int
    removed: int
    kept: int


async def sync(client: Client, contents: Contents, script: Script) -> Synced:
    """Make Twilio's contents match: every menu that the content offers, and no other of ours."""
    button = script.whatsapp.list_button
    wanted = {menu.name(button): menu.types(button) for menu in [*menus(script), *await contents.wanted()]}
    texts = {template_name(text): {"twilio/text": {"body": text}} for text in _texts(script).values()}
    there = await _there(client)
    ids: dict[str, str] = {}
    for name, types in {**wanted, **texts}.items():
        ids[name] = there.get(name, [""])[0] or await _make(client, name, types)
    stale = [sid for name, sids in there.items() for sid in (sids[1:] if name in ids else sids)]
    for sid in stale:
        await client.content.v1.contents(sid).delete_async()
    await contents.keep(ids, await _approved(client, ids))
    kept = sum(name in there for name in ids)
    return Synced(made=len(ids) - kept, removed=len(stale), kept=kept)


async def submit(client: Client, contents: Contents, script: Script) -> list[Template]:
    """Submit the templates that WhatsApp has not yet been asked about; all of them with their state."""
    await sync(client, contents, script)
    states = {template.content: template.status for template in await listed(client, script)}
    for template in await listed(client, script):
        if states.get(template.content, "unsubmitted") in ("unsubmitted", ""):
            request = {
                "name": template_name(template.text),
                "category": script.whatsapp.templates[template.name].category,
            }
            approval = client.content.v1.contents(template.content).approval_create
            await approval.create_async(ApprovalCreateList.ContentApprovalRequest(request))
    found = await listed(client, script)
    await _keep_approved(client, contents)
    return found


async def listed(client: Client, script: Script) -> list[Template]:
    """The templates as Twilio has them; those that it lacks have no content."""
    states = await _states(client)
    found = []
    for key, text in _texts(script).items():
        content, status = states.get(template_name(text), ("", "missing"))
        found.append(Template(key, content, status, text))
    return found


def menus(script: Script) -> list[Menu]:
    """Every menu that follows from the content: of each question, whole and shrinking, and of the labels that stand
    alone. Others are noted when they are first wanted, and made at the next time."""
    found = [menu for offered in _offers(script) if (menu := menu_of(offered)) is not None]
    return list(dict.fromkeys(found))


def _offers(script: Script) -> Iterable[tuple[Option, ...]]:
    for name, question in script.questions.items():
        yield options(script, question, Pending(question=name, ids=question.ids))
        if question.kind == "multi":
            yield from (options(script, question, Pending(question=name, ids=(id,))) for id in question.ids)
    label = script.messages["more_label"]
    for known in script.entries:
        if known.entry.more:
            yield (Option(id=f"more:{known.entry.id}", label=label),)
    yield (Option(id="human", label=script.messages["human_label"]),)


def _texts(script: Script) -> Mapping[str, str]:
    return {key: template_text(script, key) for key in script.whatsapp.templates}


async def _there(client: Client) -> dict[str, list[str]]:
    """Ids of the contents that are ours, by name."""
    found: dict[str, list[str]] = {}
    for content in await client.content.v1.contents.list_async(page_size=500):
        if (content.friendly_name or "").startswith(OURS):
            found.setdefault(content.friendly_name, []).append(content.sid)
    return found


async def _make(client: Client, name: str, types: dict[str, Any]) -> str:
    variables = {"1": SAMPLE} if "{{1}}" in str(types) else {}
    wanted = {"friendly_name": name, "language": LANGUAGE, "variables": variables, "types": ContentList.Types(types)}
    made = await client.content.v1.contents.create_async(ContentList.ContentCreateRequest(wanted))
    return str(made.sid)


async def _states(client: Client) -> dict[str, tuple[str, str]]:
    """Id and state of approval of the contents that are ours, by name."""
    found = {}
    for content in await client.content.v1.content_and_approvals.list_async(page_size=500):
        if (content.friendly_name or "").startswith(OURS):
            requests = content.approval_requests or {}
            found[content.friendly_name] = (str(content.sid), str(requests.get("status") or "unsubmitted"))
    return found


async def _approved(client: Client, ids: Mapping[str, str]) -> dict[str, str]:
    states = await _states(client)
    return {name: sid for name, sid in ids.items() if states.get(name, ("", ""))[1] == "approved"}


async def _keep_approved(client: Client, contents: Contents) -> None:
    states = await _states(client)
    ids = {name: sid for name, (sid, _) in states.items()}
    await contents.keep(ids, {name: sid for name, (sid, status) in states.items() if status == "approved"})
