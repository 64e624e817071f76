"""Does for many at once what is dear one by one: what comes while a batch is under way forms the next batch."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Together(Generic[T]):
    """Hands items to `act` in batches, in the order in which they came; each caller waits for its own batch.

    When a batch fails, its items are tried one by one, so that nobody suffers from a neighbour; when two fail alone too,
    the rest share their error. When the work is cancelled, so is everybody who waits for it.
    """

    def __init__(self, act: Callable[[list[T]], Awaitable[object]]) -> None:
        self._act = act
        self._waiting: list[tuple[T, asyncio.Future[None]]] = []
        self._working: asyncio.Task[None] | None = None

    async def add(self, item: T) -> None:
        """Returns when the item's batch is done; raises what went wrong with this item."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, done))
        if self._working is None:
            self._working = asyncio.ensure_future(self._work())
        await done

    async def _work(self) -> None:
        batch: list[tuple[T, asyncio.Future[None]]] = []
        try:
            while self._waiting:
                batch, self._waiting = self._waiting, []
                try:
                    await self._act([item for item, _ in batch])
                except Exception as error:  # handed to whoever waits
                    await self._one_by_one(batch, error)
                else:
                    for _, done in batch:
                        _end(done)
        finally:
            for _, done in (*batch, *self._waiting):  # none, unless the work was cancelled
                done.cancel()
            self._waiting, self._working = [], None

    async def _one_by_one(self, batch: list[tuple[T, asyncio.Future[None]]], error: Exception) -> None:
        failed = 2 if len(batch) == 1 else 0
        for item, done in batch:
            if failed == 2:
                _end(done, error)
                continue
            try:
                await self._act([item])
            except Exception as own:  # handed to whoever waits
                failed, error = failed + 1, own
                _end(done, own)
            else:
                _end(done)


def _end(done: asyncio.Future[None], error: Exception | None = None) -> None:
    """Tells a caller, unless it has given up waiting."""
    if done.done():
        return
    if error is None:
        done.set_result(None)
    else:
        done.set_exception(error)
