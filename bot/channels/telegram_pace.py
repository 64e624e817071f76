"""Tells when one more message may leave this process for Telegram: by chat, by second, after a call for silence."""

import asyncio
import math
from collections import deque

CHAT_SECONDS = 1.05  # between two messages to one chat; Telegram asks for one second
CHAT_BURST = 2  # so many at once are borne
MOST_A_SECOND = 29  # of this process, counted over any second; Telegram bears 30
MOST_CHATS = 10_000  # whose pace is remembered
LONGEST_PAUSE = 30.0  # while the platform cannot be reached


class Pacer:
    """The pace of one process towards one bot account. Times are of the loop's clock, in seconds."""

    def __init__(self) -> None:
        self._chats: dict[str, float] = {}  # until when each chat has heard enough
        self._second: deque[float] = deque(maxlen=MOST_A_SECOND)  # when the last messages left
        self._quiet_until = 0.0  # the platform asked for silence, or is out of reach
        self._misses = 0  # connections that failed one after another

    def forget(self) -> None:
        """Drops the chats that may hear us again, when there are many."""
        now = _now()
        if len(self._chats) > MOST_CHATS:
            self._chats = {name: until for name, until in self._chats.items() if until > now}

    @property
    def quiet(self) -> float:
        """Seconds of silence that are left; not positive when there is none."""
        return self._quiet_until - _now()

    def chat_wait(self, chat: str) -> float:
        """Seconds until this chat may hear one more message, which counts as said."""
        now = _now()
        until = max(self._chats.get(chat, now), now)
        self._chats[chat] = until + CHAT_SECONDS
        return max(until - now - (CHAT_BURST - 1) * CHAT_SECONDS, 0.0)

    def second_wait(self, rate: float | None) -> float:
        """Seconds until one more message may leave, which counts as gone then; unbounded where the rate is higher."""
        now = _now()
        if not self._bounded(rate) or len(self._second) < MOST_A_SECOND:
            self._second.append(now)
            return 0.0
        at = max(now, self._second[0] + 1.0)
        self._second.append(at)
        return at - now

    def _bounded(self, rate: float | None) -> bool:
        return bound(rate) is not None

    def at_once(self, chat: str, rate: float | None) -> bool:
        """Whether a message to this chat may leave without waiting; if so, it counts as gone."""
        now = _now()
        full = len(self._second) == MOST_A_SECOND and self._second[0] + 1.0 > now and self._bounded(rate)
        until = max(self._chats.get(chat, now), now)
        if full or until > now + (CHAT_BURST - 1) * CHAT_SECONDS or self._quiet_until > now:
            return False
        self._chats[chat] = until + CHAT_SECONDS
        self._second.append(now)
        return True

    def rest(self, seconds: float) -> float:
        """Lets this process send nothing for so long; the seconds that are left."""
        self._quiet_until = max(self._quiet_until, _now() + seconds)
        return self.quiet

    def missed(self) -> float:
        """No connection was made: longer silence each time; its seconds."""
        if self.quiet <= 0:  # those that failed together count once
            self._misses += 1
        return self.rest(min(2.0 ** min(self._misses, 9) / 2, LONGEST_PAUSE))

    def reached(self) -> None:
        """The platform took a call."""
        self._misses = 0

    def answered(self) -> None:
        """The platform answers again: a silence for that is over, one for a limit is not."""
        if self._misses:
            self._misses, self._quiet_until = 0, 0.0


def bound(rate: float | None) -> int | None:
    """How many messages may leave in any second; None for a bot that may send faster than others."""
    return MOST_A_SECOND if (rate or math.inf) <= MOST_A_SECOND else None


def _now() -> float:
    return asyncio.get_running_loop().time()
