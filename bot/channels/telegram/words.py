"""The sentences that only this channel says, from the content."""

from bot.channels.telegram.updates import COMMANDS
from bot.conversations import Conversations
from bot.dialogue.wording import say


class Words:
    """Sentences from the content as it is now."""

    def __init__(self, conversations: Conversations) -> None:
        self._conversations = conversations

    def __call__(self, key: str) -> str:
        return say(self._conversations.content.script, key)

    def commands(self) -> list[tuple[str, str]]:
        """The menu: each command and its description."""
        return [(name, self(f"command_{wish}")) for name, wish in COMMANDS.items()]
