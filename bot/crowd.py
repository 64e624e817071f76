"""Sends what is for many: one last look for all that are claimed, then they leave at once, or one by one."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

import structlog

from bot.channels.base import WRITTEN, Channel, Ending, Outcome, Prompt
from bot.health import Health
from domain.broadcast import MOST_ALIKE, NO_PUSH
from domain.notice import OutboxState
from domain.worktime import WorkTime
from storage import claims, leases, outbox
from storage.database import Connection, Database
from storage.outbox import Outgoing

log = structlog.get_logger()
HOLD_SECONDS = 1.0  # after its last look a message leaves within this time, or it is looked at again
MOMENT = 0.04  # seconds whose messages leave within one look: at 25 a second one by one
MOST_MOMENT = 0.12  # the same where the machine is so busy that looks take longer
TOGETHER_SECONDS = 0.2  # answers that come within this time are written down together
WRITE_SECONDS = 60.0  # how long an ending is tried to be written; then the lease of the row ends
LOOK_AGAIN = 1.0  # seconds, while the database is away
FULL = "no place in this second"  # the platform has got as many as it bears
FULL_SECONDS = 0.015  # between two looks for a place
Ended = tuple[Outgoing, Outcome, datetime]


@dataclass
class Flight:
    """Messages of one channel that were claimed together: how many have no ending yet, whom to tell when one has."""

    channel: str
    left: int
    then: Callable[[], object]
    ended: list[Ended] = field(default_factory=list)  # not yet written down
    coming: int = 0  # on their way, of those that left in one step
    leaving: bool = False  # more may follow them
    some: asyncio.Event = field(default_factory=asyncio.Event)  # one of them has ended, or no more follow
    all: asyncio.Event = field(default_factory=asyncio.Event)  # none is on its way and no more follow

    def came(self, one: Ended) -> None:
        """One has ended."""
        self.ended.append(one)
        self.some.set()
        self._tell()

    def all_left(self) -> None:
        """No more follow."""
        self.leaving = False
        self.some.set()
        self._tell()
        self.then()

    def _tell(self) -> None:
        if not self.leaving and len(self.ended) == self.coming:
            self.all.set()

    def landed(self, count: int) -> None:
        """So many more have their ending."""
        self.left -= count
        self.then()


class Crowd:
    """The sender of messages to many of one process.

    `send` tries one message (never raises), `record` writes endings down (keeps trying while the database is away),
    `enter` tells how many of so many messages may leave a channel at this moment.
    """

    def __init__(
        self,
        database: Database,
        channels: dict[str, Channel],
        worktime: WorkTime,
        health: Health,
        send: Callable[[Outgoing, datetime], Awaitable[Outcome]],
        record: Callable[[list[Ended]], Awaitable[None]],
        enter: Callable[[Connection, str, int], Awaitable[int]],
    ) -> None:
        self.database, self.channels, self.worktime, self.health = database, channels, worktime, health
        self.who = ""
        self._send, self._record, self._enter = send, record, enter
        self._refused: dict[
            int | None, int
        ] = {}  # by broadcast: refusals one after another that are not yet written down
        self._gate = asyncio.Lock()  # whoever holds it has looked, and nothing else for many leaves meanwhile

    async def deliver(self, items: list[Outgoing], now: datetime, flight: Flight) -> None:
        """Sends what was claimed of one channel; after an officer's stop at most one more message leaves."""
        channel = self.channels[flight.channel]
        if not isinstance(channel, Prompt):
            flight.leaving = False
            await asyncio.gather(*(self._leave_alone(item, now, flight) for item in items))
            return
        simple = [item for item in items if channel.is_simple(item)]
        await channel.ready(len(simple))

        async def leave() -> None:
            alone = await self._leave_together(channel, simple, now, flight)
            await asyncio.gather(*(self._leave_alone(item, now, flight) for item in alone))

        others = [self._leave_alone(item, now, flight) for item in items if not channel.is_simple(item)]
        await asyncio.gather(self._land(flight), leave(), *others)

    # --- the last look ------------------------------------------------------------------------------------------------
    async def _look(
        self, items: list[Outgoing], now: datetime, leave: Callable[[dict[int, str]], None]
    ) -> dict[int, str]:
        """Why rows may not leave, by id; FULL: not now. `leave` is called with it while no stop can be written: what it
        hands to the network then has left before any stop. Looks again while the database is away."""
        heard: dict[int, str] | None = None
        while True:
            try:
                async with self.database.write(lasting=False) as db:
                    await leases.let_leave(db)
                    free = await self._enter(db, items[0].channel, len(items))
                    if not free:
                        return {item.id: FULL for item in items}
                    hours = self.worktime.may_broadcast(now + claims.held_for(items[0]))
                    why = await claims.why_not(db, items, self.who, hours, now)
                    for item in items:
                        if item.id not in why and not self.channels[item.channel].may_push(item, now):
                            why[item.id] = NO_PUSH
                    going = [item for item in items if item.id not in why]
                    why |= {item.id: FULL for item in going[free:]}
                    heard = why
                    leave(why)
                return why
            except Exception as error:  # of the database
                if heard is not None:
                    log.warning("the last look did not end well", error=type(error).__name__)
                    return heard
                if time.monotonic() > min(item.deadline for item in items):
                    raise
                log.warning("no last look, trying again", error=type(error).__name__)
                await asyncio.sleep(LOOK_AGAIN)

    async def _hold_back(self, items: list[Outgoing], why: dict[int, str], now: datetime, flight: Flight) -> None:
        """Rows that may not leave go back or end with the reason."""
        if not items:
            return

        async def write() -> None:
            async with self.database.write() as db:
                for item in items:
                    if why[item.id] in (claims.STOPPED, claims.LOST):  # the fence lets nobody write what another holds
                        await outbox.again(db, item, self.who, now, "held back", counts=False)
                    else:
                        await outbox.ended(db, item, self.who, OutboxState.SKIPPED, why[item.id], now)

        await surely(write)
        flight.landed(len(items))

    # --- together -----------------------------------------------------------------------------------------------------
    async def _leave_together(
        self, channel: Prompt, items: list[Outgoing], now: datetime, flight: Flight
    ) -> list[Outgoing]:
        """Lets as many leave within one look as the pace has for a moment, then the next, more of them where a look has
        taken long; what must go alone."""
        rate = self.channels[flight.channel].rate
        alone: list[Outgoing] = []
        at = time.monotonic()  # when the next is due
        try:
            while items:
                if self._refused.get(items[0].broadcast_id, 0) >= MOST_ALIKE:  # it may be paused for that
                    await asyncio.sleep(FULL_SECONDS)
                    continue
                if rate is None:
                    size = len(items)
                else:
                    await asyncio.sleep(max(at - time.monotonic(), 0.0))
                    late = max(time.monotonic() - at, 0.0)
                    size = max(int(rate * min(MOMENT + late, MOST_MOMENT)), 1)
                    at += min(size, len(items)) / rate
                async with self._gate:
                    later, more = await self._leave_at_once(channel, items[:size], now, flight)
                alone += more
                items = later + items[size:]
                if later:
                    await asyncio.sleep(FULL_SECONDS)
        finally:
            flight.all_left()
        return alone

    async def _leave_at_once(
        self, channel: Prompt, items: list[Outgoing], now: datetime, flight: Flight
    ) -> tuple[list[Outgoing], list[Outgoing]]:
        """Lets all that may leave do so within one look; what has no place yet, what must go alone."""
        gone: set[int] = set()

        def leave(why: dict[int, str]) -> None:
            until = time.monotonic() + HOLD_SECONDS
            for item in items:
                if time.monotonic() > until:  # we slept: the database may have let go of what we hold
                    break
                if item.id not in why and channel.hand_over(item, partial(self._came_back, item, now, flight)):
                    self.health.left(item, now)
                    gone.add(item.id)
                    flight.coming += 1

        why = await self._look(items, now, leave)
        later = [item for item in items if why.get(item.id) == FULL]
        held = [item for item in items if why.get(item.id, FULL) != FULL and item.id not in gone]
        await self._hold_back(held, why, now, flight)
        return later, [item for item in items if item.id not in why and item.id not in gone]

    def _came_back(self, item: Outgoing, now: datetime, flight: Flight, outcome: Outcome) -> None:
        self.health.came_back(item, outcome, now)
        refused = outcome.ending is Ending.REFUSED and outcome.address is None
        self._refused[item.broadcast_id] = self._refused.get(item.broadcast_id, 0) + 1 if refused else 0
        flight.came((item, outcome, now))

    async def _land(self, flight: Flight) -> None:
        """Writes endings down, those that come soon after one another together."""
        while flight.leaving or flight.coming:
            await flight.some.wait()
            with suppress(TimeoutError):
                await asyncio.wait_for(flight.all.wait(), TOGETHER_SECONDS)
            ended, flight.ended = flight.ended, []
            flight.coming -= len(ended)
            flight.some.clear()
            if ended:
                try:
                    await self._record(ended)
                finally:
                    for item, _, _ in ended:
                        self._refused.pop(item.broadcast_id, None)
                flight.landed(len(ended))

    # --- alone --------------------------------------------------------------------------------------------------------
    async def _leave_alone(self, item: Outgoing, now: datetime, flight: Flight) -> None:
        """One message that takes more than a step: the next one looks when the bytes of this one have gone."""
        async with self._gate:
            while True:
                why = await self._look([item], now, lambda _: None)
                if why.get(item.id) != FULL:
                    break
                await asyncio.sleep(FULL_SECONDS)
            if why:
                return await self._hold_back([item], why, now, flight)
            written = asyncio.Event()
            WRITTEN.set(written)
            sending = asyncio.ensure_future(self._send(item, now))
            gone = asyncio.ensure_future(written.wait())
            await asyncio.wait({sending, gone}, return_when=asyncio.FIRST_COMPLETED)
            gone.cancel()
        await self._record([(item, await sending, now)])
        flight.landed(1)


async def surely(write: Callable[[], Awaitable[None]]) -> None:
    """Writes, again and again while the database is away; at last the lease of the row ends."""
    until = time.monotonic() + WRITE_SECONDS
    while True:
        try:
            return await write()
        except Exception as error:  # of the database
            if time.monotonic() > until:
                raise
            log.warning("not written, trying again", error=type(error).__name__)
            await asyncio.sleep(1.0)
