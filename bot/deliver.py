"""Speaks what lies in the outbox: claims, asks for leave, sends, records a named ending."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from itertools import groupby
from typing import Any

import structlog

from bot.channels.base import Channel, Ending, Outcome, Recalls
from bot.crowd import Crowd, Ended, Flight, surely
from bot.health import Health
from bot.limits import BATCH, Limits
from bot.lost import Lost
from bot.together import Together
from domain.broadcast import MOST_ALIKE, NO_PUSH
from domain.notice import Kind, OutboxState
from domain.person import Alert, Purpose
from domain.worktime import WorkTime
from handlers.answers import stop_queued
from handlers.broadcasts import tell_finished, tell_paused
from handlers.outages import late_words
from storage import audit, broadcasts, claims, outages, outbox, people, recalls
from storage.database import Connection, Database
from storage.outbox import Outgoing
from storage.pace import DatabasePace, Pace

log = structlog.get_logger()
MOST_FLYING = 200  # persons to whom one channel of a process sends at a time
KEPT_FOR_REPLIES = 100  # of these places, so that answers pass news that hangs, and many are claimed at a time
MOST_LEAVING = 2  # groups of messages to many of which not all have left: more would grow stale in line
MOST_ATTEMPTS = 8
MOST_LOST = 2  # tries of a reply of which nobody knows whether they arrived
MOST_ERRED = 5  # tries of a reply that met errors of the platform
SEND_TIMEOUT = 65.0
FINISH_EVERY = 2.0  # seconds between two looks for broadcasts that are done
WAITS_AT_MOST = timedelta(days=30)  # for the person to write again
WAITS_STEP = timedelta(days=1)
RESTARTED_BY = "hệ thống"
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
        self.limits = Limits(pace or DatabasePace(), self.channels)
        self.health = Health(database, self.channels)
        self._flying: dict[asyncio.Task[None], Flight] = {}  # sends under way
        self._endings = Together(self._record)
        self.crowd = Crowd(
            database, self.channels, worktime, self.health, self._send, self._record_surely, self.limits.enter
        )
        self._recovered_at = -RECOVER_EVERY
        self._finished_at = -FINISH_EVERY
        self.lost = Lost(database, self.channels)

    async def begin(self, now: datetime | None = None) -> None:
        """Notes this boot; rows of earlier boots of the same worker come back at once. With `now` officers are told of
        what was in flight when the earlier one ended."""
        async with self.database.write() as db:
            boot = await claims.start_worker(db, self.name)
            self.who = self.crowd.who = boot.who
            if now is not None and boot.unknown + boot.again:
                told = f"{boot.unknown} tin không rõ, {boot.again} câu trả lời gửi lại"
                await audit.note(db, RESTARTED_BY, "restart", "system", self.name, now, told)
        await self.health.begin()

    async def drain(self, now: datetime, only_address: int | None = None, most: int = 1000) -> int:
        """Sends what is due and waits for it; how many rows were claimed."""
        await self.health.look(now)
        await self.lost.look(self.who, now)
        total = 0
        while total < most:
            items = await self._claim(now, only_address, most - total)
            if not items and self.rest is not None:  # leave to send comes back in a moment
                await asyncio.sleep(self.rest)
                items = await self._claim(now, only_address, most - total)
            if not items:
                break
            total += len(items)
            await asyncio.gather(*(self._deliver_all(rows, now, flight) for rows, flight in _flights(items)))
        return total

    async def step(self, now: datetime, then: Callable[[], object]) -> int:
        """Begins to send what is due without waiting for slow platforms; `then` is called after each send."""
        await self.health.look(now)
        items = await self._claim(now)
        for rows, flight in _flights(items, then):
            self._fly(self._deliver_all(rows, now, flight), flight)
        if self.lost.may_look():
            self._fly(self.lost.look(self.who, now), Flight("", 0, lambda: None))
        return len(items)

    def _fly(self, work: Coroutine[Any, Any, None], flight: Flight) -> None:
        task = asyncio.ensure_future(work)
        self._flying[task] = flight
        task.add_done_callback(self._flying.pop)
        task.add_done_callback(lambda _: flight.then())

    def _under_way(self, channel: str) -> int:
        return sum(flight.left for flight in self._flying.values() if flight.channel == channel)

    @property
    def rest(self) -> float | None:
        """Seconds after which there is more leave to send than there was."""
        return self.limits.rest

    @property
    def flying(self) -> int:
        """How many messages are under way."""
        return sum(flight.left for flight in self._flying.values())

    async def finish(self, seconds: float) -> None:
        """Waits so long for sends under way; what is left is recovered at the next start."""
        if self._flying:
            await asyncio.wait(self._flying, timeout=seconds)
        await self.health.finish()
        for task in list(self._flying):
            task.cancel()

    async def _claim(self, now: datetime, only_address: int | None = None, limit: int = MOST_FLYING) -> list[Outgoing]:
        able = {name: self._able(name) for name in self.channels}
        names = [name for name, most in able.items() if most]
        hours = self.worktime.may_broadcast(now)
        await self._finish_broadcasts(now)
        flying = {name: self._under_way(name) for name in names}
        until = {name: self.limits.many_at.get(name, 0.0) - time.monotonic() for name in names}
        leaving = Counter(flight.channel for flight in self._flying.values() if flight.leaving)
        free = {
            name for name in names if leaving[name] < MOST_LEAVING and flying[name] < MOST_FLYING - KEPT_FOR_REPLIES
        }
        room = {name for name in free if until[name] <= 0}
        self.limits.rest = None if room else max(min(until.values(), default=0.0), 0.0) or None
        async with self.database.read() as db:  # most looks find nothing: they take no write lock
            due = await claims.any_due(db, now, hours, bool(room))
        claimed: list[Outgoing] = []
        if not due:
            return claimed
        async with self.database.write() as db:
            if due.lost and time.monotonic() >= self._recovered_at + RECOVER_EVERY:
                self._recovered_at = time.monotonic()
                await claims.recover_expired(db)
            await stop_queued(self.worktime, db, now)
            for name in (one for one in names if flying[one] < MOST_FLYING):
                most = min(BATCH if self.channels[name].rate is not None else MOST_FLYING - flying[name], limit)
                crowded = flying[name] >= MOST_FLYING - KEPT_FOR_REPLIES
                leave = self.limits.leave_for(db, self.channels[name], hours, crowded)
                leave = replace(leave, look_many=due.many and name in room)
                claimed += await claims.claim(
                    db, self.who, name, now, leave, min(most, able[name]), only_address, due.kinds
                )
                if due.back and isinstance(self.channels[name], Recalls):
                    claimed += await recalls.claim(db, self.who, name, now, leave.many, BATCH)
        return claimed

    def _able(self, name: str) -> int:
        """How many messages may leave on a channel now: none while it is stopped or its platform does not answer."""
        if self.channels[name].stopped is not None:
            return 0
        most = self.health.most(name, self._under_way(name))
        return MOST_FLYING if most is None else most

    async def _finish_broadcasts(self, now: datetime) -> None:
        if time.monotonic() < self._finished_at + FINISH_EVERY:
            return
        self._finished_at = time.monotonic()
        async with self.database.read() as db:
            if not await broadcasts.any_running(db):
                return
        async with self.database.write() as db:
            for broadcast_id in await broadcasts.finish(db):
                await tell_finished(db, broadcast_id, now)

    async def _deliver_all(self, items: list[Outgoing], now: datetime, flight: Flight) -> None:
        if _to_many(items[0]):
            return await self.crowd.deliver(items, now, flight)
        for item in items:
            await self._deliver(item, now)

    async def _deliver(self, item: Outgoing, now: datetime) -> None:
        if item.kind is Kind.REPLY:
            item = replace(item, text=late_words(item.text, item.created_at, now))
        if item.platform_id is not None:
            await self._take_back(item, now)
        elif await self._leave(item, now) is None:
            await self._record_surely([(item, await self._send(item, now), now)])

    async def _send(self, item: Outgoing, now: datetime) -> Outcome:
        self.health.left(item, now)
        outcome = await self._try(item)
        self.health.came_back(item, outcome, now)
        return outcome

    async def _try(self, item: Outgoing) -> Outcome:
        if time.monotonic() > item.deadline:  # we slept so long that others count this row as lost
            return Outcome(Ending.UNSENT, reason="woke too late")
        try:
            return await asyncio.wait_for(self.channels[item.channel].send(item), SEND_TIMEOUT)
        except TimeoutError:
            return Outcome(Ending.UNKNOWN, reason="no answer in time")
        except Exception as error:  # a channel's fault must not stop the others
            log.error("send failed", channel=item.channel, error=type(error).__name__, exc_info=True)
            return Outcome(Ending.UNKNOWN, reason=type(error).__name__)

    async def _take_back(self, item: Outgoing, now: datetime) -> None:
        channel = self.channels[item.channel]
        assert isinstance(channel, Recalls)
        outcome = await channel.recall(item)
        async with self.database.write() as db:
            if outcome.ending in (Ending.SENT, Ending.REFUSED):
                why = None if outcome.ending is Ending.SENT else outcome.reason
                await recalls.ended(db, item, self.who, why, now)
            elif item.attempt >= MOST_ATTEMPTS:
                await recalls.ended(db, item, self.who, outcome.reason, now)
            else:
                later = outcome.wait if outcome.pause is None else outcome.pause
                await recalls.later(db, item, self.who, now + timedelta(seconds=later))

    async def _leave(self, item: Outgoing, now: datetime) -> str | None:
        """Why a notice may not go now; None when it may. Replies always may."""
        if item.kind is Kind.REPLY:
            return None
        if await self._is_over(item, now):
            return outages.OVER
        hours = self.worktime.may_push(now) or item.at_any_hour
        if item.about_self and item.reachable and hours:
            return None
        async with self.database.write() as db:
            if not item.reachable:
                await outbox.ended(db, item, self.who, OutboxState.SKIPPED, "the address cannot be reached", now)
                return "not reachable"
            person = await people.find(db, await outbox.person_of(db, item))
            refused = person.alert is Alert.OFF or not await people.has_consent(db, person.id, Purpose.NEWS)
            if refused and not item.about_self:
                await outbox.ended(db, item, self.who, OutboxState.SKIPPED, "the person wants no news", now)
                return "no consent"
            if not hours:
                await outbox.again(db, item, self.who, self.worktime.next_push(now), "quiet hours", counts=False)
                return "quiet hours"
            if not self.channels[item.channel].may_push(item, now):
                await outbox.ended(db, item, self.who, OutboxState.SKIPPED, NO_PUSH, now)
                return "no leave"
        return None

    async def _is_over(self, item: Outgoing, now: datetime) -> bool:
        """News that is older than its event, which has begun, is dropped."""
        if not item.key.startswith(outages.OF_EVENTS):
            return False
        async with self.database.write() as db:
            over = await outages.is_over(db, item.key, now)
            if over:
                await outbox.ended(db, item, self.who, OutboxState.SKIPPED, outages.OVER, now)
        return over

    async def _record_surely(self, ended: list[Ended]) -> None:
        """Writes endings, again when the database is away: a reply that was sent must not be sent twice."""
        try:
            await self._endings.add(ended)
        except Exception:  # of the database, or of one of them: each for itself
            await asyncio.gather(*(surely(partial(self._endings.add, [one])) for one in ended))

    async def _record(self, brought: list[list[Ended]]) -> None:
        """Writes endings with what they taught, in one transaction."""
        ended = [one for some in brought for one in some]
        async with self.database.write() as db:
            plain = [one for one in ended if one[0].broadcast_id is not None and one[1].ending is Ending.SENT]
            if plain:
                named = [(item, outcome.platform_id) for item, outcome, _ in plain]
                await outbox.sent_to_many(db, named, self.who, plain[-1][2])
            for item, outcome, now in ended:
                if item.broadcast_id is not None and outcome.ending is Ending.SENT:
                    if outcome.allowance is not None:
                        await people.keep_allowance(db, item.address_id, outcome.allowance, now)
                    continue
                channel = self.channels[item.channel]
                if outcome.address is not None:
                    await people.set_address_state(db, item.address_id, outcome.address)
                if outcome.allowance is not None:
                    await people.keep_allowance(db, item.address_id, outcome.allowance, now)
                if outcome.no_news:
                    await people.choose_alert(db, await outbox.person_of(db, item), Alert.OFF)
                if outcome.moved_to is not None:
                    await people.move_address(db, item.address_id, outcome.moved_to)
                if outcome.pause is not None:
                    await self.limits.pause(db, channel, outcome.pause)
                await self._end(db, item, outcome, now)

    async def _end(self, db: Connection, item: Outgoing, outcome: Outcome, now: datetime) -> None:
        later = now + timedelta(seconds=outcome.wait if outcome.pause is None else outcome.pause)
        # a reply is said at least once: what may have been lost is said once more; a notice at most once
        tries = {Ending.UNSENT: MOST_ATTEMPTS}
        if item.kind is Kind.REPLY or item.must_deliver:
            tries |= {Ending.UNKNOWN: MOST_LOST, Ending.ERRED: MOST_ERRED if item.kind is Kind.REPLY else MOST_LOST}
        # what a stop or the limits held back is no try; a message to many that never left is tried without end
        held_back = self.channels[item.channel].stopped is not None or item.broadcast_id is not None
        if outcome.ending is Ending.SENT:
            await outbox.sent(db, item, self.who, outcome.platform_id, now)
        elif outcome.pause is not None or (held_back and outcome.ending is Ending.UNSENT):
            await outbox.again(db, item, self.who, later, outcome.reason, counts=False)
        elif outcome.ending is Ending.NO_LEAVE:
            await self._end_without_leave(db, item, outcome, now)
        elif item.attempt < tries.get(outcome.ending, 0):
            await outbox.again(db, item, self.who, later, outcome.reason)
        elif outcome.ending in (Ending.UNKNOWN, Ending.ERRED):
            await outbox.ended(db, item, self.who, OutboxState.UNKNOWN, outcome.reason, now)
        elif item.broadcast_id is not None and outcome.address is not None:  # a person who blocked us is no failure
            await outbox.ended(db, item, self.who, OutboxState.SKIPPED, f"{outcome.address.value}", now)
        else:
            await outbox.ended(db, item, self.who, OutboxState.FAILED, outcome.reason, now)
            if item.broadcast_id is not None:
                await self._check_content(db, item.broadcast_id, now)

    async def _end_without_leave(self, db: Connection, item: Outgoing, outcome: Outcome, now: datetime) -> None:
        """An answer waits until the person writes again, for a month; whatever else is skipped with the reason."""
        fresh = item.created_at is not None and now < item.created_at + WAITS_AT_MOST
        if item.worth_waiting and item.broadcast_id is None and fresh:
            await outbox.again(db, item, self.who, now + WAITS_STEP, outbox.WAITS, counts=False)
        else:
            await outbox.ended(db, item, self.who, OutboxState.SKIPPED, outcome.reason, now)

    async def _check_content(self, db: Connection, broadcast_id: int, now: datetime) -> None:
        """Refused for the same reason again and again: the content is wrong; an officer must look."""
        reason = await broadcasts.alike_in_a_row(db, broadcast_id, MOST_ALIKE)
        if reason is not None and await broadcasts.pause(db, broadcast_id, reason):
            await tell_paused(db, broadcast_id, reason, now)


def _to_many(item: Outgoing) -> bool:
    return item.broadcast_id is not None and item.platform_id is None  # what has one is to be taken back


def _flights(
    items: list[Outgoing], then: Callable[[], object] = lambda: None
) -> Iterator[tuple[list[Outgoing], Flight]]:
    """What goes together: messages to many by channel, others by address, in their order."""

    def place(item: Outgoing) -> tuple[str, int]:
        return (item.channel, 0) if _to_many(item) else ("", item.address_id)

    ordered = sorted(items, key=place)  # stable: the order within an address stays
    for _, group in groupby(ordered, key=place):
        rows = list(group)
        yield rows, Flight(rows[0].channel, len(rows), then, leaving=_to_many(rows[0]))
