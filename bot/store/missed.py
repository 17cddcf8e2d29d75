"""What was said and not understood: read out of the transcripts, and kept nowhere else."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Final

from pydantic import ValidationError

from bot.store.keys import Keys
from bot.store.listing import missed_ids
from bot.store.records import Line
from bot.store.sealing import SealError
from bot.store.store import Store, answered

AT_ONCE: Final = 50
MOST: Final = 1_500
"""Conversations that are looked through: enough to learn from. Which ones is chance where there are more."""


async def missed_lines(store: Store, since: datetime, until: datetime) -> AsyncIterator[tuple[str, Line]]:
    """The patients' lines of that time that were not understood, each with its conversation's id."""
    ids = (await missed_ids(store, int(since.timestamp() * 1000)))[:MOST]
    for at in range(0, len(ids), AT_ONCE):
        some = ids[at : at + AT_ONCE]
        pipeline = store.redis.pipeline(transaction=False)
        for id in some:
            pipeline.lrange(Keys(id).transcript, 0, -1)
        for id, sealed in zip(some, await answered(pipeline.execute()), strict=True):
            for line in _opened(store, Keys(id).transcript, sealed):
                if line.missed and since <= line.at < until:
                    yield id, line
        await asyncio.sleep(0)


def _opened(store: Store, place: str, sealed: list[bytes]) -> list[Line]:
    """The lines; none of a conversation that can't be read."""
    try:
        return [Line.model_validate_json(store.sealer.open(line, place)) for line in sealed]
    except (SealError, ValidationError):
        return []
