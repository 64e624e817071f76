"""Speaks what lies in the outbox: claims, asks for leave, sends, records a named ending."""

import asyncio
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import groupby

import structlog

from bot.channels.base import WRITTEN, Channel, Ending, Outcome, Recalls
from bot.health import Health
from bot.lost import Lost
from bot.together import Together
from domain.broadcast import MOST_ALIKE, NO_PUSH
from domain.notice import Kind, OutboxState
from domain.person import Alert, Purpose
from domain.worktime import WorkTime
from handlers.answers import stop_queued
from handlers.broadcasts import tell_finished, tell_paused
from handlers.outages import late_words
from storage import audit, broadcasts, claims, outages, outbox, people
from storage.claims import Leave
from storage.database import Connection, Database
from storage.outbox import Outgoing
from storage.pace import Bound, DatabasePace, Pace

log = structlog.get_logger()
BATCH = 10
MOST_FLYING = 40  # persons to whom one channel of a process sends at a time
KEPT_FOR_REPLIES = 10  # of these places, so that answers pass news that hangs
MOST_ATTEMPTS = 8
MOST_LOST = 2  # tries of a reply of which nobody knows whether they arrived
MOST_ERRED = 5  # tries of a reply that met errors of the platform
SEND_TIMEOUT = 65.0
WHOLE = 1.04  # all together may be so much faster than broadcasts alone: 26 a second, with its burst never above 30
BURST = 4
PACED = 60.0  # messages a second; whoever is slower looks once more before each message to many
MANY_EVERY = 0.1  # seconds between two looks for messages to many, where their pace is bounded: a few each time
FINISH_EVERY = 2.0  # seconds between two looks for broadcasts that are done
RECORD_SECONDS = 60.0  # how long an ending is tried to be written; then the lease of the row ends
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
        self.pace: Pace = pace or DatabasePace()
        self.health = Health(database, self.channels)
        self._flying: dict[asyncio.Task[None], str] = {}  # sends under way, by channel
        self._endings = Together(self._record)
        self._looks = Together(self._look)
        self._held_back: set[int] = set()  # rows of which a look said no, until they hear it
        self._recovered_at = -RECOVER_EVERY
        self._finished_at = -FINISH_EVERY
        self.lost = Lost(database, self.channels)
        self._gate = asyncio.Lock()  # one message to many at a time between its last look and its leaving
        self._many_at: dict[str, float] = {}  # by channel: when it is worth asking for more messages to many
        self.rest: float | None = None  # seconds after which there is more leave to send than there was

    async def begin(self, now: datetime | None = None) -> None:
        """Notes this boot; rows of earlier boots of the same worker come back at once. With `now` officers are told of
        what was in flight when the earlier one ended."""
        async with self.database.write() as db:
            boot = await claims.start_worker(db, self.name)
            self.who = boot.who
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
            await asyncio.gather(*(self._deliver_all(rows, now) for rows in _by_address(items)))
        return total

    async def step(self, now: datetime, then: Callable[[], object]) -> int:
        """Begins to send what is due without waiting for slow platforms; `then` is called after each send."""
        await self.health.look(now)
        items = await self._claim(now)
        for rows in _by_address(items):
            self._fly(asyncio.ensure_future(self._deliver_all(rows, now)), rows[0].channel, then)
        if self.lost.may_look():
            self._fly(asyncio.ensure_future(self.lost.look(self.who, now)), "", lambda: None)
        return len(items)

    def _fly(self, task: asyncio.Task[None], channel: str, then: Callable[[], object]) -> None:
        self._flying[task] = channel
        task.add_done_callback(self._flying.pop)
        task.add_done_callback(lambda _: then())

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
        until = {name: self._many_at.get(name, 0.0) - time.monotonic() for name in names}
        many = any(left <= 0 for left in until.values())
        self.rest = None if many else max(min(until.values(), default=0.0), 0.0)
        async with self.database.read() as db:  # most looks find nothing: they take no write lock
            if not await claims.any_due(db, now, hours, many):
                return []
        claimed: list[Outgoing] = []
        async with self.database.write() as db:
            if time.monotonic() >= self._recovered_at + RECOVER_EVERY:
                self._recovered_at = time.monotonic()
                await claims.recover_expired(db)
            await stop_queued(self.worktime, db, now)
            for name in names:
                flying = list(self._flying.values()).count(name)
                if flying >= MOST_FLYING:
                    continue
                most = min(BATCH if self.channels[name].rate is not None else MOST_FLYING, limit, able[name])
                leave = self._leave_for(db, self.channels[name], hours, flying >= MOST_FLYING - KEPT_FOR_REPLIES)
                leave = replace(leave, look_many=until[name] <= 0)
                claimed += await claims.claim(db, self.who, name, now, leave, most, only_address)
                if isinstance(self.channels[name], Recalls):
                    claimed += await claims.claim_recalls(db, self.who, name, now, leave.many, BATCH)
        return claimed

    def _able(self, name: str) -> int:
        """How many messages may leave on a channel now: none while it is stopped or its platform does not answer."""
        if self.channels[name].stopped is not None:
            return 0
        most = self.health.most(name, list(self._flying.values()).count(name))
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

    def _leave_for(self, db: Connection, channel: Channel, hours: bool, only_replies: bool) -> Leave:
        """How many may go now: answers by what the platform bears, messages to many by their own slower pace too."""
        rate, burst = channel.rate, min(channel.burst, BURST)
        if rate is None:
            return Leave(hours, only_replies=only_replies)
        whole, lane = Bound(channel.name, rate * WHOLE, burst), Bound(f"{channel.name}:many", rate, burst)

        async def answers(wanted: int) -> int:
            given = await self.pace.take(db, wanted, whole)
            if given < wanted:
                self.rest = 1 / rate
            return given

        async def many(wanted: int) -> int:
            if rate < PACED:
                self._many_at[channel.name] = time.monotonic() + MANY_EVERY
                self.rest = MANY_EVERY
            return await self.pace.take(db, wanted, lane, whole)

        return Leave(hours, answers, many, only_replies)

    async def _deliver_all(self, items: list[Outgoing], now: datetime) -> None:
        for item in items:
            await self._deliver(item, now)

    async def _deliver(self, item: Outgoing, now: datetime) -> None:
        if item.kind is Kind.REPLY:
            item = replace(item, text=late_words(item.text, item.created_at, now))
        if item.platform_id is not None:
            await self._take_back(item, now)
        elif item.broadcast_id is not None:
            await self._deliver_to_many(item, now)
        elif await self._leave(item, now) is None:
            await self._record_surely(item, await self._send(item, now), now)

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

    async def _deliver_to_many(self, item: Outgoing, now: datetime) -> None:
        """After an officer's stop at most one more message leaves this worker: the one that is past its last look."""
        if (self.channels[item.channel].rate or PACED) >= PACED:
            if await self._may_leave(item, now):
                await self._record_surely(item, await self._send(item, now), now)
            return
        async with self._gate:
            if not await self._may_leave(item, now):
                return
            written = asyncio.Event()
            WRITTEN.set(written)
            sending = asyncio.ensure_future(self._send(item, now))
            gone = asyncio.ensure_future(written.wait())
            await asyncio.wait({sending, gone}, return_when=asyncio.FIRST_COMPLETED)
            gone.cancel()
        await self._record_surely(item, await sending, now)

    async def _may_leave(self, item: Outgoing, now: datetime) -> bool:
        """The last look: whether a message to many may still leave; if not, its row says why."""
        await self._looks.add((item, now))
        held = item.id in self._held_back
        self._held_back.discard(item.id)
        return not held

    async def _look(self, asked: list[tuple[Outgoing, datetime]]) -> None:
        items, now = [item for item, _ in asked], asked[-1][1]
        async with self.database.read() as db:
            why = await claims.why_not(db, items, self.who, self.worktime.may_broadcast(now), now)
        for item in items:
            if item.id not in why and not self.channels[item.channel].may_push(item, now):
                why[item.id] = NO_PUSH
        if not why:
            return
        async with self.database.write() as db:
            for item in (one for one in items if one.id in why):
                self._held_back.add(item.id)
                if why[item.id] in (claims.STOPPED, claims.LOST):  # the fence lets nobody write what another holds
                    await outbox.again(db, item, self.who, now, "held back", counts=False)
                else:
                    await outbox.ended(db, item, self.who, OutboxState.SKIPPED, why[item.id], now)

    async def _take_back(self, item: Outgoing, now: datetime) -> None:
        channel = self.channels[item.channel]
        assert isinstance(channel, Recalls)
        outcome = await channel.recall(item)
        async with self.database.write() as db:
            if outcome.ending in (Ending.SENT, Ending.REFUSED):
                why = None if outcome.ending is Ending.SENT else outcome.reason
                await claims.recalled(db, item, self.who, why, now)
            elif item.attempt >= MOST_ATTEMPTS:
                await claims.recalled(db, item, self.who, outcome.reason, now)
            else:
                later = outcome.wait if outcome.pause is None else outcome.pause
                await claims.recall_later(db, item, self.who, now + timedelta(seconds=later))

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
                if outcome.pause is not None and channel.rate is not None:
                    burst = min(channel.burst, BURST)
                    await self.pace.pause(db, channel.name, outcome.pause, channel.rate * WHOLE, burst)
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


def _by_address(items: list[Outgoing]) -> list[list[Outgoing]]:
    """The rows of each address together, in their order."""
    ordered = sorted(items, key=lambda item: item.address_id)  # stable: the order within an address stays
    return [list(rows) for _, rows in groupby(ordered, key=lambda item: item.address_id)]
