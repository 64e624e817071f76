"""Reads the change log of the shared database: what other programs wrote is matched, then told."""

import asyncio
from datetime import datetime

import structlog

from handlers import answers, introductions, moving, news, supply
from handlers.turn import Office
from storage import changes
from storage.changes import Change
from storage.database import Connection, Database
from storage.pulls import NOUNS

log = structlog.get_logger()


async def handle_changes(database: Database, office: Office, now: datetime) -> int:
    """Handles all open changes, each in one transaction with what it led to; how many were handled."""
    count = 0
    while True:
        async with database.read() as db:
            waiting = await changes.open_changes(db)
        if not waiting:
            return count
        for change in waiting:
            count += 1
            try:
                async with database.write() as db:
                    if not await changes.still_open(db, change.id):
                        continue
                    await office.refresh(now)
                    tell = answers.tell_waiting if change.noun in NOUNS else _follow
                    told = await tell(office, db, change, now)
                    await changes.handled(db, change.id, str(told), now)
            except asyncio.CancelledError:
                raise
            except Exception as error:
                log.error(
                    "change failed", noun=change.noun, id=change.noun_id, error=type(error).__name__, exc_info=True
                )
                async with database.write() as db:
                    await changes.failed(db, change, type(error).__name__, now)


async def _follow(office: Office, db: Connection, change: Change, now: datetime) -> news.Told:
    """What one change leads to: news for people, the next step of those in touch with one another."""
    told = await news.notice_change(office, db, change, now)
    if change.op != "D":
        if change.noun == "need":
            await introductions.need_changed(office, db, int(change.noun_id), now)
        elif change.noun == "offer":
            await supply.offer_changed(office, db, change.noun_id, now)
        elif change.noun == "event":
            await moving.follow(office, db, change.noun_id, now)
    return told


class Waker:
    """Tells when another program may have changed the database: a hint only, polling stays the backstop."""

    def __init__(self, database: Database, every: float = 1.0) -> None:
        self.database = database
        self.every = every
        self.woken = asyncio.Event()

    async def listen(self) -> None:
        """On PostgreSQL hears the notice the triggers give; on SQLite polls the file's change number."""
        if self.database.sqlite:
            await self._poll_sqlite()
        else:
            await self._listen_postgres()

    async def _poll_sqlite(self) -> None:
        seen: int | None = None
        async with self.database.engine.connect() as connection:
            while True:
                number = await changes.sqlite_version(connection)
                await connection.rollback()
                if number != seen:
                    seen = number
                    self.woken.set()
                await asyncio.sleep(min(self.every, 0.5))

    async def _listen_postgres(self) -> None:
        while True:
            try:
                async for _ in changes.postgres_notices(self.database):
                    self.woken.set()
            except asyncio.CancelledError:
                raise
            except Exception as error:
                log.warning("listening stopped, trying again", error=type(error).__name__)
                await asyncio.sleep(5)

    async def wait(self, longest: float) -> None:
        """Returns when woken, or after `longest` seconds."""
        try:
            await asyncio.wait_for(self.woken.wait(), longest)
        except TimeoutError:
            pass
        self.woken.clear()
