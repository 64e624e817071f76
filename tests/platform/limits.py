"""How many messages a bot may send: all together, to one chat, to one group."""

import math
from collections import defaultdict, deque
from dataclasses import dataclass, field

ALL_PER_SECOND = 30
PAID_PER_SECOND = 1000
CHAT_BURST = 3
CHAT_PER_SECOND = 1.0
GROUP_PER_MINUTE = 20


@dataclass
class Limiter:
    """`take` tells how many seconds to wait, or None when the message may go; times are virtual seconds."""

    on: bool = True
    per_second: int = ALL_PER_SECOND
    per_chat: float = CHAT_PER_SECOND
    chat_burst: int = CHAT_BURST
    per_group_minute: int = GROUP_PER_MINUTE
    refused: int = 0
    _all: deque[float] = field(default_factory=deque)
    _paid: deque[float] = field(default_factory=deque)
    _chats: dict[int, float] = field(default_factory=dict)
    _groups: dict[int, deque[float]] = field(default_factory=lambda: defaultdict(deque))

    def take(self, chat_id: int, group: bool, paid: bool, now: float) -> int | None:
        """Counts a message to this chat unless a limit forbids it."""
        if not self.on:
            return None
        window, most = (self._paid, PAID_PER_SECOND) if paid else (self._all, self.per_second)
        waits = [_wait(window, most, 1.0, now)]
        if group:
            waits.append(_wait(self._groups[chat_id], self.per_group_minute, 60.0, now))
        step = 1.0 / self.per_chat
        held = max(self._chats.get(chat_id, 0.0), now)
        waits.append(held + step - now - self.chat_burst * step)
        longest = max(waits)
        if longest > 1e-9:
            self.refused += 1
            return max(1, math.ceil(longest))
        window.append(now)
        if group:
            self._groups[chat_id].append(now)
        self._chats[chat_id] = held + step
        return None


def _wait(window: deque[float], most: int, seconds: float, now: float) -> float:
    while window and window[0] <= now - seconds:
        window.popleft()
    return window[0] + seconds - now if len(window) >= most else 0.0
