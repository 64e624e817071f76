"""A gathering: workshop, training, fair."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

LENGTH = timedelta(hours=3)  # of an event that does not say when it ends
ASKED_AFTER = timedelta(hours=2)  # whoever came is asked so long after the end


class EventState(StrEnum):
    """Whether an event may be shown and pushed."""

    SUBMITTED = "submitted"  # written by anybody, not looked at yet
    PUBLISHED = "published"
    CANCELLED = "cancelled"
    OVER = "over"


class RegistrationState(StrEnum):
    """Where one person's place at an event stands."""

    INVITED = "invited"
    REGISTERED = "registered"
    WAITLISTED = "waitlisted"
    OFFERED_SEAT = "offered_seat"
    CANCELLED = "cancelled"
    CAME = "came"


@dataclass(frozen=True)
class Event:
    """One event; times are UTC, `seats` None means without limit, `taken` counts people registered."""

    id: str
    title: str
    start: datetime
    end: datetime | None = None
    summary: str = ""
    place: str = ""
    seats: int | None = None
    taken: int = 0
    free: bool | None = None
    topics: dict[str, tuple[str, ...]] = field(default_factory=dict)
    programmes: tuple[str, ...] = ()
    organiser: str = ""
    latitude: float | None = None
    longitude: float | None = None
    agenda: str = ""
    speakers: str = ""
    partners: str = ""  # who organises it with us
    revision: int = 1
    state: EventState = EventState.PUBLISHED
    sample: bool = False

    @property
    def over_at(self) -> datetime:
        """When it ends, or is likely to."""
        return self.end or self.start + LENGTH

    @property
    def seats_left(self) -> int | None:
        """Free seats, never negative; None without a limit."""
        return None if self.seats is None else max(0, self.seats - self.taken)
