"""Speaks what lies in the outbox: claims, asks for leave, sends, records a named ending."""

import asyncio
import time
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from itertools import groupby

import structlog

from bot.channels.base import Channel, Ending, Outcome
from bot.together import Together
from domain.notice import Kind, OutboxState
from domain.person import Alert, Purpose
from domain.worktime import WorkTime
from handlers.answers import stop_queued
from storage import outbox, people
from storage.database import Connection, Database
from storage.outbox import Allow, Outgoing
from storage.pace import DatabasePace, Pace

log = structlog.get_logger()
BATCH = 10
MOST_FLYING = 40  # persons to whom one channel of a process sends at a time
KEPT_FOR_REPLIES = 10  # of these places, so that answers pass news that hangs
MOST_ATTEMPTS = 8
MOST_LOST = 2  # tries of a reply of which nobody knows whether they arrived
MOST_ERRED = 5  # tries of a reply that met errors of the platform
SEND_TIMEOUT = 65.0
RECORD_SECONDS = 60.0  # how long an ending is tried to be written; then the lease of the row ends
RECOVER_EVERY = 5.0  # seconds between two looks for rows whose lease has ended


class Deliverer:
    """Sends due rows of the channels it was given."""

    def __init__(
        self,
        database: Database,
        channels: Iterable[Channel],
        worktime: WorkTime,
        name: str,
        pace: Pace | None = None,
    ) -> None:
        self.database = database
        self.channels = {channel.name: channel for channel in channels}
        self.worktime = worktime
        self.name = name
        self.who = ""
        self.pace: Pace = pace or DatabasePace()
        self._flying: dict[asyncio.Task[None], str] = {}  # sends under way, by channel
        self._endings = Together(self._record)
        self._recovered_at = -RECOVER_EVERY

    async def begin(self) -> None:
        """Notes this boot; rows of earlier boots of the same worker come back at once."""
        async with self.database.write() as db:
            self.who = await outbox.start_worker(db, self.name)

    async def drain(self, now: datetime, only_address: int | None = None, most: int = 1000) -> int:
        """Sends what is due and waits for it; how many rows were claimed."""
        total = 0
        while total < most:
            items = await self._claim(now, only_address)
            if not items:
                break
            total += len(items)
            await asyncio.gather(*(self._deliver_all(rows, now) for rows in _by_address(items)))
        return total

    async def step(self, now: datetime, then: Callable[[], object]) -> int:
        """Begins to send what is due without waiting for slow platforms; `then` is called after each send."""
        items = await self._claim(now, None)
        for rows in _by_address(items):
            task = asyncio.ensure_future(self._deliver_all(rows, now))
            self._flying[task] = rows[0].channel
            task.add_done_callback(self._flying.pop)
            task.add_done_callback(lambda _: then())
        return len(items)

    async def finish(self, seconds: float) -> None:
        """Waits so long for sends under way; what is left is recovered at the next start."""
        if self._flying:
            await asyncio.wait(self._flying, timeout=seconds)
        for task in list(self._flying):
            task.cancel()

    async def _claim(self, now: datetime, only_address: int | None) -> list[Outgoing]:
        names = [name for name, channel in self.channels.items() if channel.stopped is None]
        async with self.database.read() as db:  # most looks find nothing: they take no write lock
            if not await outbox.any_due(db, now):
                return []
        claimed: list[Outgoing] = []
        async with self.database.write() as db:
            if time.monotonic() >= self._recovered_at + RECOVER_EVERY:
                self._recovered_at = time.monotonic()
                await outbox.recover_expired(db)
            await stop_queued(self.worktime, db, now)
            for name in names:
                flying = list(self._flying.values()).count(name)
                if flying >= MOST_FLYING:
                    continue
                replies = flying >= MOST_FLYING - KEPT_FOR_REPLIES
                allow = self._allow(db, self.channels[name])
                claimed += await outbox.claim(db, self.who, name, now, BATCH, only_address, allow, replies)
        return claimed

    def _allow(self, db: Connection, channel: Channel) -> Allow | None:
        rate, burst = channel.rate, channel.burst
        if rate is None:
            return None
        return lambda wanted: self.pace.take(db, channel.name, wanted, rate, burst)

    async def _deliver_all(self, items: list[Outgoing], now: datetime) -> None:
        for item in items:
            await self._deliver(item, now)

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
        await self._record_surely(item, outcome, now)

    async def _leave(self, item: Outgoing, now: datetime) -> str | None:
        """Why a notice may not go now; None when it may. Replies always may."""
        if item.kind is Kind.REPLY or (item.about_self and item.reachable):
            return None
        async with self.database.write() as db:
            if not item.reachable:
                await outbox.ended(db, item, self.who, OutboxState.SKIPPED, "the address cannot be reached", now)
                return "not reachable"
            person = await people.find(db, item.person_id)
            if person.alert is Alert.OFF or not await people.has_consent(db, item.person_id, Purpose.NEWS):
                await outbox.ended(db, item, self.who, OutboxState.SKIPPED, "the person wants no news", now)
                return "no consent"
            if not self.worktime.may_push(now):
                await outbox.again(db, item, self.who, self.worktime.next_push(now), "quiet hours", counts=False)
                return "quiet hours"
            if not self.channels[item.channel].may_push(item, now):
                await outbox.ended(db, item, self.who, OutboxState.SKIPPED, "the channel allows no push", now)
                return "no leave"
        return None

    async def _record_surely(self, item: Outgoing, outcome: Outcome, now: datetime) -> None:
        """Writes the ending, again when the database is away: a reply that was sent must not be sent twice."""
        until = time.monotonic() + RECORD_SECONDS
        while True:
            try:
                return await self._endings.add((item, outcome, now))
            except Exception as error:  # the lease of the row ends at last
                if time.monotonic() > until:
                    raise
                log.warning("ending not written, trying again", row=item.id, error=type(error).__name__)
                await asyncio.sleep(1.0)

    async def _record(self, ended: list[tuple[Outgoing, Outcome, datetime]]) -> None:
        """Writes endings with what they taught, in one transaction."""
        async with self.database.write() as db:
            for item, outcome, now in ended:
                channel = self.channels[item.channel]
                if outcome.address is not None:
                    await people.set_address_state(db, item.address_id, outcome.address)
                if outcome.moved_to is not None:
                    await people.move_address(db, item.address_id, outcome.moved_to)
                if outcome.pause is not None and channel.rate is not None:
                    await self.pace.pause(db, channel.name, outcome.pause, channel.rate, channel.burst)
                await self._end(db, item, outcome, now)

    async def _end(self, db: Connection, item: Outgoing, outcome: Outcome, now: datetime) -> None:
        later = now + timedelta(seconds=outcome.wait if outcome.pause is None else outcome.pause)
        # a reply is said at least once: what may have been lost is said once more; a notice at most once
        tries = {Ending.UNSENT: MOST_ATTEMPTS}
        if item.kind is Kind.REPLY:
            tries |= {Ending.UNKNOWN: MOST_LOST, Ending.ERRED: MOST_ERRED}
        if outcome.ending is Ending.SENT:
            await outbox.sent(db, item, self.who, outcome.platform_id, now)
        elif outcome.pause is not None or self.channels[item.channel].stopped is not None:
            await outbox.again(db, item, self.who, later, outcome.reason, counts=False)
        elif item.attempt < tries.get(outcome.ending, 0):
            await outbox.again(db, item, self.who, later, outcome.reason)
        elif outcome.ending in (Ending.UNKNOWN, Ending.ERRED):
            await outbox.ended(db, item, self.who, OutboxState.UNKNOWN, outcome.reason, now)
        else:
            await outbox.ended(db, item, self.who, OutboxState.FAILED, outcome.reason, now)


def _by_address(items: list[Outgoing]) -> list[list[Outgoing]]:
    """The rows of each address together, in their order."""
    ordered = sorted(items, key=lambda item: item.address_id)  # stable: the order within an address stays
    return [list(rows) for _, rows in groupby(ordered, key=lambda item: item.address_id)]
