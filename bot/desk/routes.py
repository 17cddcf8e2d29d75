"""Where the desk's work is done: each address with the right that it asks for."""

from typing import TYPE_CHECKING

from starlette.routing import BaseRoute, Route

from bot.desk.acts import Acts
from bot.desk.cases import Cases
from bot.desk.looking import Looking
from bot.desk.media import LARGEST_UPLOAD, Files
from bot.desk.roles import Right
from bot.desk.security import LARGEST_FORM, Handler

if TYPE_CHECKING:
    from bot.desk import Desk


def working_routes(desk: "Desk") -> list[BaseRoute]:
    """The queue, the conversations, and what may be done with them."""
    cases = Cases(desk.gate, desk.conversations.store)
    files = Files(desk.conversations.store, desk.fetch, cases.address_of, cases.note_opening)
    looking = Looking(desk, cases)
    acts = Acts(desk, cases, looking, files)

    def get(path: str, right: Right, handler: Handler, *, passive: bool = False) -> Route:
        return Route(path, desk.gate.guarded(right, handler, passive=passive), methods=["GET"])

    def post(path: str, right: Right, handler: Handler, *, passive: bool = False, largest: int = LARGEST_FORM) -> Route:
        endpoint = desk.gate.guarded(right, handler, passive=passive, largest=largest)
        return Route(f"/desk/c/{{id}}/{path}", endpoint, methods=["POST"])

    return [
        get("/desk", "queue", looking.queue),
        get("/desk/events", "queue", looking.events, passive=True),
        get("/desk/recent", "read", looking.recent),
        get("/desk/search", "read", looking.search),
        get("/desk/c/{id}", "read", looking.conversation),
        get("/desk/c/{id}/events", "read", looking.thread, passive=True),
        get("/desk/c/{id}/media/{name}", "read", files.show),
        get("/desk/c/{id}/record", "record", looking.record),
        Route("/desk/awake", desk.gate.guarded("queue", acts.awake), methods=["POST"]),
        post("claim", "act", acts.claim),
        post("release", "act", acts.release),
        post("transfer", "act", acts.transfer),
        post("reply", "act", acts.reply),
        post("upload", "act", files.upload, largest=LARGEST_UPLOAD),
        post("note", "act", acts.note),
        post("close", "act", acts.close),
        post("bot", "act", acts.bot),
        post("seen", "act", acts.seen),
        post("again", "act", acts.again),
        post("draft", "act", acts.draft),
        post("typing", "act", acts.typing),
        post("read", "act", acts.read, passive=True),
        post("forget", "forget", acts.forget),
    ]
