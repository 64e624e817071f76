"""Watches the channels: holds what a silent platform would swallow, tells officers once, lets all go on by itself."""

import asyncio
import time
from collections.abc import Mapping
from datetime import datetime

import structlog

from bot.channels.base import Channel, Ending, Outcome, Probes
from bot.pulse import HANGS, Pulse
from handlers import outages as telling
from storage import outages
from storage.database import Database
from storage.outbox import Outgoing

log = structlog.get_logger()
PATIENCE = 60.0  # seconds of silence before anybody is told
LOOK_EVERY = 0.5  # seconds between two looks at the own channels
READ_EVERY = 5.0  # and at what other processes noted
PROBE_EVERY = 30.0  # a platform of which nothing was heard for so long is asked


class Health:
    """The pulses of the channels of one process. `patience` in seconds."""

    def __init__(self, database: Database, channels: Mapping[str, Channel], patience: float = PATIENCE) -> None:
        self.database, self.channels, self.patience = database, channels, patience
        self.pulses = {name: Pulse() for name in channels}
        self._flying: dict[int, tuple[str, float, datetime]] = {}  # sends under way: channel, since when
        self._looked_at = self._read_at = float("-inf")
        self._noted: dict[str, float] = {}  # outages that are noted, by channel: since when we know
        self._asked: set[str] = set()  # channels that this process finds silent, while another may not
        self._apart: set[str] = set()  # channels whose trouble officers know by a notice of its own
        self._probing: set[asyncio.Task[None]] = set()

    async def begin(self) -> None:
        """What was noted before this process began still holds until the platform answers."""
        async with self.database.read() as db:
            for name, held in (await outages.current(db)).items():
                if name in self.pulses:
                    self.pulses[name].trip(held.since, time.monotonic(), held.reason)
                    self.pulses[name].look_at = float("-inf")  # asked at once

    def most(self, channel: str, flying: int) -> int | None:
        """How many messages may leave now; None: as many as wished."""
        pulse = self.pulses[channel]
        if pulse.held:
            return 0
        return max(1 - flying, 0) if pulse.trying else None

    # --- what sends teach -----------------------------------------------------------------------------------------
    def left(self, item: Outgoing, now: datetime) -> None:
        """A message is on its way."""
        self._flying[item.id] = (item.channel, time.monotonic(), now)

    def came_back(self, item: Outgoing, outcome: Outcome, now: datetime) -> None:
        """What became of it."""
        self._flying.pop(item.id, None)
        pulse = self.pulses[item.channel]
        if outcome.away or outcome.ending in (Ending.ERRED, Ending.UNKNOWN):
            if not pulse.held:  # those that were on their way tell nothing new
                pulse.miss(now, time.monotonic(), outcome.reason)
        elif outcome.ending in (Ending.SENT, Ending.REFUSED):
            pulse.hit(time.monotonic())

    # --- looking --------------------------------------------------------------------------------------------------
    async def look(self, now: datetime) -> None:
        """Asks silent platforms, notes what lasts and what is over; called often, does little."""
        clock = time.monotonic()
        if clock < self._looked_at + LOOK_EVERY:
            return
        self._looked_at = clock
        for channel, since, at in list(self._flying.values()):
            heard = self.pulses[channel].heard_at
            if clock - since > HANGS and (heard is None or heard < since):
                self.pulses[channel].trip(at, clock, "no answer")
        for name, pulse in self.pulses.items():
            self._begin_anew(name, pulse, clock)
            if self.channels[name].stopped is not None:
                pulse.trip(now, clock, self.channels[name].stopped or "")
            elif pulse.misses:
                if clock >= pulse.look_at:
                    self._ask(name, now)
            elif clock > max(pulse.heard_at or float("-inf"), pulse.look_at) + PROBE_EVERY:
                self._ask(name, now)
        await self._note(now, clock)

    def _begin_anew(self, name: str, pulse: Pulse, clock: float) -> None:
        """What was told apart is over: its failures are no part of an outage that may follow."""
        if getattr(self.channels[name], "told_apart", False):
            self._apart.add(name)
        elif name in self._apart:
            self._apart.remove(name)
            pulse.hit(clock)

    def _ask(self, name: str, now: datetime) -> None:
        channel, pulse = self.channels[name], self.pulses[name]
        if not isinstance(channel, Probes):
            pulse.answered(time.monotonic())  # only a message can tell
            return
        pulse.look_at = time.monotonic() + (PROBE_EVERY if pulse.misses else 0.0)  # until this one is back
        task = asyncio.ensure_future(self._probe(channel, pulse, now))
        self._probing.add(task)
        task.add_done_callback(self._probing.discard)

    async def _probe(self, channel: Probes, pulse: Pulse, now: datetime) -> None:
        outcome = await channel.probe()
        if outcome.ending is Ending.SENT:
            pulse.answered(time.monotonic())
        elif outcome.away or outcome.ending in (Ending.ERRED, Ending.UNKNOWN):
            pulse.miss(now, time.monotonic(), outcome.reason)

    async def _note(self, now: datetime, clock: float) -> None:
        lasting = {name: one for name, one in self.pulses.items() if self._lasts(name, one, clock)}
        fresh = lasting.keys() - self._noted.keys()
        if clock < self._read_at + READ_EVERY and fresh <= self._asked and not self._is_over():
            return
        self._read_at, self._asked = clock, set(fresh)
        async with self.database.read() as db:
            held = await outages.current(db)
        self._noted = {name: self._noted.get(name, clock) for name in held if name in self.pulses}
        over = self._is_over()
        if not over and not lasting.keys() - self._noted.keys():
            return
        async with self.database.write() as db:
            for name in sorted(lasting.keys() - self._noted.keys()):
                if getattr(self.channels[name], "told_apart", False):
                    continue  # its officers know already, with what to do
                pulse = lasting[name]
                since = pulse.since or now
                if await outages.heard_since(db, name, since) and self.channels[name].stopped is None:
                    continue  # it is this process that cannot reach it
                begun = await outages.begin(db, name, since, pulse.reason, now)
                if begun is not None:
                    log.error("channel away", channel=name, since=since.isoformat(), reason=pulse.reason)
                    stopped = self.channels[name].stopped is not None
                    remedy = getattr(self.channels[name], "remedy", "") if stopped else ""
                    await telling.tell_begun(db, begun, now, remedy)
                    self._noted[name] = clock  # from now on: whatever is heard later ends it
            for name in over:
                log.info("channel back", channel=name)
                await telling.tell_over(db, held[name], now)
        for name in over:
            self._noted.pop(name, None)

    def _lasts(self, name: str, pulse: Pulse, clock: float) -> bool:
        return self.channels[name].stopped is not None or pulse.down_for(clock) >= self.patience > 0

    def _is_over(self) -> list[str]:
        """Noted outages of channels that this process has reached since it learned of them."""
        found = [(name, self.pulses[name], since) for name, since in self._noted.items()]
        return [
            name for name, one, since in found if not one.misses and one.heard_at is not None and one.heard_at > since
        ]

    async def finish(self) -> None:
        """Gives up what is being asked."""
        for task in list(self._probing):
            task.cancel()
        await asyncio.gather(*self._probing, return_exceptions=True)
