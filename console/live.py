"""Tells open pages that something changed: one look a second for all of them, only while a page is open."""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator

from storage import marks
from storage.database import Database

LOOK_EVERY = 1.0  # seconds
KEEP_ALIVE = 20.0
LONGEST = 600.0  # then the page asks anew, and whoever is no longer signed in gets no more


class Bell:
    """Looks at the database's marks and rings for every page that listens."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._listeners: set[asyncio.Queue[str]] = set()
        self._task: asyncio.Task[None] | None = None

    async def _look(self) -> None:
        held = None
        while self._listeners:
            with contextlib.suppress(OSError):
                async with self.database.read() as db:
                    mark = await marks.newest(db)
                    people: list[int] = [] if held is None else await marks.people_since(db, held.message)
                if held is not None and mark != held:
                    line = json.dumps({"people": people, "work": mark.work != held.work})
                    for queue in self._listeners:
                        queue.put_nowait(line)
                held = mark
            await asyncio.sleep(LOOK_EVERY)

    async def lines(self) -> AsyncIterator[str]:
        """Server-sent events for one page."""
        queue: asyncio.Queue[str] = asyncio.Queue()
        self._listeners.add(queue)
        if self._task is None or self._task.done():
            self._task = asyncio.ensure_future(self._look())
        try:
            yield "retry: 3000\n\n"
            until = time.monotonic() + LONGEST
            while time.monotonic() < until:
                try:
                    line = await asyncio.wait_for(queue.get(), KEEP_ALIVE)
                    yield f"event: changed\ndata: {line}\n\n"
                except TimeoutError:
                    yield ": here\n\n"
        finally:
            self._listeners.discard(queue)
