"""How much may leave now: answers by what a platform bears, messages to many by their own slower pace too."""

import time

from bot.channels.base import Channel, Prompt
from storage.claims import Leave
from storage.database import Connection
from storage.pace import Bound, Pace, Places

BATCH = 10
BURST = 4
WHOLE = 1.04  # all together may be so much faster than messages to many alone, where no second has a limit of its own
KEEPS = 2.0  # seconds of leave for messages to many that are made up for when the machine was too busy to use them
KEPT = 1  # of the messages that a platform bears in one second, answers have these for themselves
WAY_SECONDS = 0.1  # so long nothing for many leaves after an answer found no place
MANY_EVERY = 0.1  # seconds between two looks for messages to many, where their pace is bounded: a few each time


class Limits:
    """The limits as one process asks for them; kept by `pace` for all.

    A platform that bears so many messages in any one second (`Prompt.most_a_second`) has places: a message to many
    takes its place when it leaves, an answer when it is claimed, right before. Elsewhere all is allowed when it is
    claimed.
    """

    def __init__(self, pace: Pace, channels: dict[str, Channel]) -> None:
        self.pace, self.channels = pace, channels
        self.rest: float | None = None  # seconds after which there is more leave to send than there was
        self.many_at: dict[str, float] = {}  # by channel: when it is worth asking for more messages to many
        self._way: dict[str, float] = {}  # by channel: until when answers that wait go before all else

    def leave_for(self, db: Connection, channel: Channel, hours: bool, only_replies: bool) -> Leave:
        """What may be claimed of a channel."""
        rate, burst = channel.rate, min(channel.burst, BURST)
        if rate is None:
            return Leave(hours, only_replies=only_replies)
        places, whole = _places(channel), Bound(channel.name, rate * WHOLE, burst)
        lane = Bound(f"{channel.name}:many", rate, burst, KEEPS if places else 0.0)

        async def answers(wanted: int) -> int:
            if places is None:
                given = await self.pace.take(db, wanted, whole)
            else:
                given = await self.pace.enter(db, wanted, places, answers=True)
            if given < wanted:
                self.rest = 1 / rate
                if places is not None:  # nothing for many in their stead, in no process
                    self._way[channel.name] = time.monotonic() + WAY_SECONDS
                    await self.pace.take(db, wanted - given, lane)
            return given

        async def many(wanted: int) -> int:
            if rate * MANY_EVERY < BATCH:
                self.many_at[channel.name] = time.monotonic() + MANY_EVERY
                self.rest = MANY_EVERY
            return await self.pace.take(db, wanted, lane, *(() if places else (whole,)))

        return Leave(hours, answers, many, only_replies)

    async def enter(self, db: Connection, channel: str, wanted: int) -> int:
        """How many messages to many, claimed before, may leave at this moment."""
        places = _places(self.channels[channel])
        if time.monotonic() < self._way.get(channel, 0.0):
            return 0
        return wanted if places is None else await self.pace.enter(db, wanted, places)

    async def pause(self, db: Connection, channel: Channel, seconds: float) -> None:
        """All processes keep quiet on this channel for so long, then begin gently."""
        if channel.rate is None:
            return
        if (places := _places(channel)) is not None:
            await self.pace.fill(db, places, seconds, channel.rate)
        else:
            await self.pace.pause(db, channel.name, seconds, channel.rate * WHOLE, min(channel.burst, BURST))


def _places(channel: Channel) -> Places | None:
    most = channel.most_a_second if isinstance(channel, Prompt) else None
    return None if most is None else Places(channel.name, most, KEPT)
