"""A client of Redis that sends together what is asked at the same time."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from redis.asyncio import Redis


@dataclass(frozen=True, slots=True)
class Asked:
    """A command, redis-py's options for its answer, and who waits for that."""

    command: tuple[Any, ...]
    options: dict[str, Any]
    answer: asyncio.Future[Any]


class GatheringRedis(Redis):
    """What is asked within one pass of the event loop goes to the server as one pipeline, in its order: one write, one
    read, one connection, where each command costs as much alone.

    Nothing waits for others that may come. Each command has its own answer or its own error, and it alone ends where
    its caller gives up; but a connection that breaks has broken for all of a pipeline. Commands that block the server's
    connection (``BLPOP`` and the like) would hold up what is asked beside them: none is used here.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._asked: list[Asked] = []
        self._sending: set[asyncio.Task[None]] = set()

    async def execute_command(self, *command: Any, **options: Any) -> Any:
        loop = asyncio.get_running_loop()
        if not self._asked:
            loop.call_soon(self._send)
        asked = Asked(command, options, loop.create_future())
        self._asked.append(asked)
        return await asked.answer

    async def aclose(self, close_connection_pool: bool | None = None) -> None:
        """End what is under way, and the connections."""
        for sending in self._sending:
            sending.cancel()
        await asyncio.gather(*self._sending, return_exceptions=True)
        await super().aclose(close_connection_pool)

    def _send(self) -> None:
        asked, self._asked = [one for one in self._asked if not one.answer.done()], []
        if not asked:
            return
        sending = asyncio.get_running_loop().create_task(self._exchange(asked))
        self._sending.add(sending)
        sending.add_done_callback(self._sending.discard)
        for one in asked:
            one.answer.add_done_callback(partial(_give_up, sending, asked))

    async def _exchange(self, asked: Sequence[Asked]) -> None:
        try:
            answers = await (self._one(asked[0]) if len(asked) == 1 else self._several(asked))
        except Exception as error:
            answers = [error] * len(asked)
        except asyncio.CancelledError:
            for one in asked:
                one.answer.cancel()
            raise
        for one, answer in zip(asked, answers, strict=True):
            _settle(one.answer, answer)

    async def _one(self, asked: Asked) -> list[Any]:
        return [await super().execute_command(*asked.command, **asked.options)]  # type: ignore[no-untyped-call]

    async def _several(self, asked: Sequence[Asked]) -> list[Any]:
        pipeline = self.pipeline(transaction=False)
        for one in asked:
            pipeline.execute_command(*one.command, **one.options)
        return list(await pipeline.execute(raise_on_error=False))


def _settle(waiting: asyncio.Future[Any], answer: Any) -> None:
    if waiting.done():
        return  # its caller gave up
    if isinstance(answer, Exception):
        waiting.set_exception(answer)
    else:
        waiting.set_result(answer)


def _give_up(sending: asyncio.Task[None], asked: Sequence[Asked], answer: asyncio.Future[Any]) -> None:
    """Once all callers of a pipeline gave up it ends, and its connection is closed: a server that does not answer would
    keep one after the other."""
    if answer.cancelled() and all(one.answer.done() for one in asked):
        sending.cancel()
