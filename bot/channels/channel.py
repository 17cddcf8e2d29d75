"""What a channel that pushes is to the rest of the program."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from starlette.routing import BaseRoute

from bot.conversations import Conversations
from bot.delivery import PushChannel
from bot.store.records import Address


class FileAway(Exception):
    """The provider does not answer now; the file may be had later."""


class Channel(PushChannel, Protocol):
    """A channel with a life of its own: routes for what its provider posts, and work in the background."""

    def routes(self, conversations: Conversations) -> Sequence[BaseRoute]:
        """Where its provider posts."""
        ...

    async def run(self, conversations: Conversations) -> None:
        """Work until cancelled: fetch what must be fetched, register what must be registered."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


@runtime_checkable
class FileChannel(Protocol):
    """A channel whose provider keeps the files that patients sent."""

    async def media(self, address: Address, attachment: str) -> tuple[str, bytes] | None:
        """A file that the provider keeps of this conversation, by the name in a line's attachments: its content type
        and its bytes. None where there is none, or not any more. Raises ``FileAway``."""
        ...
