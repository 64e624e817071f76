"""What may have arrived is looked for where a platform can be asked: found, it was sent; not there, it goes out."""

import time
from collections.abc import Mapping
from datetime import datetime

from bot.channels.base import Channel, Ending, Looks
from storage import unknown
from storage.database import Database
from storage.outbox import Outgoing

EVERY = 5.0  # seconds between two looks
BATCH = 10


class Lost:
    """Looks for the rows of unknown fate of those channels that can tell."""

    def __init__(self, database: Database, channels: Mapping[str, Channel]) -> None:
        self.database = database
        self.able = {name: channel for name, channel in channels.items() if isinstance(channel, Looks)}
        self.looked_at = -EVERY

    def may_look(self) -> bool:
        """Whether it is time, and anybody can be asked."""
        asked = any(channel.stopped is None for channel in self.able.values())
        return asked and time.monotonic() >= self.looked_at + EVERY

    async def look(self, who: str, now: datetime) -> None:
        """Takes some rows for this worker and ends each as its platform says."""
        if not self.may_look():
            return
        self.looked_at = time.monotonic()
        async with self.database.read() as db:  # most looks find nothing: they take no write lock
            if not await unknown.any_due(db, now):
                return
        for name in self.able:
            async with self.database.write() as db:
                items = await unknown.claim(db, who, name, now, BATCH)
            for item in items:
                await self._ask(item, who, now)

    async def _ask(self, item: Outgoing, who: str, now: datetime) -> None:
        outcome = await self.able[item.channel].look(item)
        async with self.database.write() as db:
            if outcome.ending is Ending.SENT:
                await unknown.was_there(db, item, who, outcome.platform_id or "", now)
            elif outcome.ending is Ending.UNSENT:
                await unknown.was_not_there(db, item, who, now)
            else:
                await unknown.not_known_yet(db, item, who)
