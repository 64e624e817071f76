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
        self._batch: list[tuple[T, asyncio.Future[None]]] = []  # under way
        self._working: asyncio.Task[None] | None = None

    async def add(self, item: T) -> None:
        """Returns when the item's batch is done; raises what went wrong with this item."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, done))
        if self._working is None:
            self._begin()
        await done

    def _begin(self) -> None:
        self._working = asyncio.ensure_future(self._work())
        self._working.add_done_callback(self._over)  # also of a task that is cancelled before its first step

    def _over(self, task: asyncio.Task[None]) -> None:
        self._working = None
        if task.cancelled():
            left = (*self._batch, *self._waiting)
            self._batch, self._waiting = [], []
            for _, done in left:
                done.cancel()
        elif self._waiting:  # came in the last moment
            self._begin()

    async def _work(self) -> None:
        while self._waiting:
            self._batch, self._waiting = self._waiting, []
            try:
                await self._act([item for item, _ in self._batch])
            except Exception as error:  # handed to whoever waits
                await self._one_by_one(self._batch, error)
            else:
                for _, done in self._batch:
                    _end(done)

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
