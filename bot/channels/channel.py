"""What a channel that pushes is to the rest of the program."""

from collections.abc import Sequence
from typing import Protocol

from starlette.routing import BaseRoute

from bot.conversations import Conversations
from bot.delivery import PushChannel


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
