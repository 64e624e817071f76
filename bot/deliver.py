"""Speaks what lies in the outbox: claims, asks for leave, sends, records a named ending."""

import asyncio
from collections.abc import Iterable
from datetime import datetime, timedelta

import structlog

from bot.channels.base import Channel, Ending, Outcome
from domain.notice import Kind, OutboxState
from domain.person import Alert, Purpose
from domain.worktime import WorkTime
from storage import outbox, people
from storage.database import Database
from storage.outbox import Outgoing

log = structlog.get_logger()
BATCH = 10
MOST_ATTEMPTS = 8
SEND_TIMEOUT = 60.0


class Deliverer:
    """Sends due rows of the channels it was given."""

    def __init__(self, database: Database, channels: Iterable[Channel], worktime: WorkTime, name: str) -> None:
        self.database = database
        self.channels = {channel.name: channel for channel in channels}
        self.worktime = worktime
        self.name = name
        self.who = ""

    async def begin(self) -> None:
        """Notes this boot; rows of earlier boots of the same worker come back at once."""
        async with self.database.write() as db:
            self.who = await outbox.start_worker(db, self.name)

    async def drain(self, now: datetime, only_address: int | None = None, most: int = 1000) -> int:
        """Sends what is due; how many rows were claimed."""
        total = 0
        while total < most:
            async with self.database.write() as db:
                await outbox.recover_expired(db)
                items = await outbox.claim(db, self.who, tuple(self.channels), now, BATCH, only_address)
            if not items:
                break
            total += len(items)
            await asyncio.gather(*(self._deliver(item, now) for item in items))
        return total

    async def _deliver(self, item: Outgoing, now: datetime) -> None:
        why_not = await self._leave(item, now)
        if why_not is not None:
            return
        channel = self.channels[item.channel]
        try:
            outcome = await asyncio.wait_for(channel.send(item), SEND_TIMEOUT)
        except TimeoutError:
            outcome = Outcome(Ending.UNKNOWN, reason="no answer in time")
        except Exception as error:  # a channel's fault must not stop the others
            log.error("send failed", channel=item.channel, error=type(error).__name__, exc_info=True)
            outcome = Outcome(Ending.UNKNOWN, reason=type(error).__name__)
        await self._record(item, outcome, now)

    async def _leave(self, item: Outgoing, now: datetime) -> str | None:
        """Why a notice may not go now; None when it may. Replies always may."""
        if item.kind is Kind.REPLY or item.about_self:
            return None
        async with self.database.write() as db:
            person = await people.find(db, item.person_id)
            if person.alert is Alert.OFF or not await people.has_consent(db, item.person_id, Purpose.NEWS):
                await outbox.ended(db, item, self.who, OutboxState.SKIPPED, "the person wants no news", now)
                return "no consent"
            if not self.worktime.may_push(now):
                await outbox.again(db, item, self.who, self.worktime.next_push(now), "quiet hours")
                return "quiet hours"
            if not self.channels[item.channel].may_push(item, now):
                await outbox.ended(db, item, self.who, OutboxState.SKIPPED, "the channel allows no push", now)
                return "no leave"
        return None

    async def _record(self, item: Outgoing, outcome: Outcome, now: datetime) -> None:
        async with self.database.write() as db:
            if outcome.ending is Ending.SENT:
                await outbox.sent(db, item, self.who, outcome.platform_id, now)
            elif outcome.ending is Ending.UNSENT and item.attempt < MOST_ATTEMPTS:
                later = now + timedelta(seconds=outcome.wait)
                await outbox.again(db, item, self.who, later, outcome.reason)
            elif outcome.ending is Ending.UNKNOWN:
                await outbox.ended(db, item, self.who, OutboxState.UNKNOWN, outcome.reason, now)
            else:
                await outbox.ended(db, item, self.who, OutboxState.FAILED, outcome.reason, now)
