"""Whether a channel's platform answers: when nothing more is tried, when one message is, when all goes on."""

from dataclasses import dataclass
from datetime import datetime

TRIPS = 3  # failures one after another after which nothing but a trial leaves
HANGS = 15.0  # seconds without any answer count as that many failures
LONGEST = 30.0  # seconds between two looks at a platform that does not answer
CALM = 30.0  # seconds in which nothing was to be sent: good answers to probes are enough then


@dataclass
class Pulse:
    """One channel in one process. Times in seconds are of the monotonic clock, `since` is business time."""

    since: datetime | None = None  # the first of the failures that follow one another
    began: float = 0.0
    misses: int = 0
    look_at: float = float("-inf")  # when the platform was asked last, while it fails when it is asked again
    trial_at: float | None = None  # since when one message may try
    heard_at: float | None = None  # when the platform last took a message or answered a probe for good
    reason: str = ""

    @property
    def held(self) -> bool:
        """Whether nothing may leave now."""
        return self.misses >= TRIPS and self.trial_at is None

    @property
    def trying(self) -> bool:
        """Whether one message may leave, to see what becomes of it."""
        return self.misses >= TRIPS and self.trial_at is not None

    def hit(self, clock: float) -> None:
        """The platform took something: all goes on."""
        self.since, self.misses, self.trial_at, self.reason = None, 0, None, ""
        self.heard_at = clock

    def miss(self, now: datetime, clock: float, reason: str) -> None:
        """The platform did not answer, or failed by itself."""
        if self.since is None:
            self.since, self.began = now, clock
        self.misses, self.trial_at, self.reason = self.misses + 1, None, reason
        self.look_at = clock + min(2.0 ** max(self.misses - TRIPS, 0), LONGEST)

    def trip(self, now: datetime, clock: float, reason: str) -> None:
        """As many failures as it takes at once."""
        if self.misses < TRIPS:
            self.misses = TRIPS - 1
            self.miss(now, clock, reason)

    def answered(self, clock: float) -> None:
        """A probe came back well: one message may try; when none was to be sent for a while, all goes on."""
        if self.misses < TRIPS:
            self.heard_at = clock
        elif self.trial_at is None:
            self.trial_at, self.look_at = clock, clock + CALM / 6
        elif clock - self.trial_at >= CALM:
            self.hit(clock)
        else:
            self.look_at = clock + CALM / 6

    def down_for(self, clock: float) -> float:
        """Seconds since the first failure while nothing leaves; 0 while all is well."""
        return clock - self.began if self.misses >= TRIPS else 0.0
