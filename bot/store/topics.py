"""Which topic of the staff's group belongs to which conversation, and how far it was brought.

The conversation's own note says which topic it has: it goes when the patient is forgotten. The register of the group
stays until the topic itself is deleted; a topic there that no note speaks of must go.
"""

from collections.abc import Iterable
from typing import Final

from pydantic import BaseModel, ConfigDict, ValidationError

from bot.store import scripts
from bot.store.keys import Keys
from bot.store.notes import noted
from bot.store.records import Address
from bot.store.store import Store, answered

NOTE: Final = "topic"
TOGETHER: Final = 500


class Topic(BaseModel):
    """A conversation's topic. ``thread`` is Telegram's number of it, 0 where it must be made (anew). ``first`` is the
    last line before the episode, ``line`` the last that is shown, ``card`` the message with the card, ``shown`` a
    digest of what it says, ``name`` the topic's. ``failed`` are lines of which the staff were told that they did not go
    out; ``old`` are the topics of earlier episodes."""

    model_config = ConfigDict(frozen=True)

    thread: int = 0
    first: int = 0
    line: int = 0
    card: int = 0
    shown: str = ""
    name: str = ""
    failed: tuple[int, ...] = ()
    closed: bool = False
    old: tuple[int, ...] = ()


class Topics:
    """The topics of one group."""

    def __init__(self, store: Store, chat: int) -> None:
        self.store = store
        self.key = f"tk:topics:{store.sealer.name('topics', str(chat))}"

    async def of(self, address: Address) -> Topic | None:
        """What is noted of a conversation's topic."""
        text = (await noted(self.store, address, NOTE))[NOTE]
        try:
            return Topic.model_validate_json(text) if text else None
        except ValidationError:
            return None

    async def keep(self, address: Address, topic: Topic) -> bool:
        """Note it. False where the conversation is gone."""
        keys = self.store.keys_of(address)
        sealed = self.store.sealer.seal(topic.model_dump_json(exclude_defaults=True).encode(), keys.state)
        return bool(await answered(scripts.run(self.store.redis, "note", (keys.state,), (f"n:{NOTE}", sealed))))

    async def put(self, thread: int, conversation: str) -> None:
        """Enter a topic in the register."""
        await answered(self.store.redis.hset(self.key, str(thread), conversation))

    async def drop(self, thread: int) -> None:
        await answered(self.store.redis.hdel(self.key, str(thread)))

    async def conversation_of(self, thread: int) -> str | None:
        found = await answered(self.store.redis.hget(self.key, str(thread)))
        return found.decode() if found else None

    async def register(self) -> dict[int, str]:
        """Every topic with its conversation's id."""
        found = await answered(self.store.redis.hgetall(self.key))
        return {int(thread): conversation.decode() for thread, conversation in found.items()}

    async def without_note(self, conversations: Iterable[str]) -> set[str]:
        """Those that are gone, or began anew."""
        known = list(dict.fromkeys(conversations))
        gone: set[str] = set()
        for at in range(0, len(known), TOGETHER):
            some = known[at : at + TOGETHER]
            pipeline = self.store.redis.pipeline(transaction=False)
            for id in some:
                pipeline.hexists(Keys(id).state, f"n:{NOTE}")
            gone |= {id for id, there in zip(some, await answered(pipeline.execute()), strict=True) if not there}
        return gone
