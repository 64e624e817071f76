"""A gathering: workshop, training, fair."""

import re
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
    travel: str = ""  # how to get there: the bus, where vehicles are left
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
    def map_address(self) -> str:
        """Where a phone opens the place on its map; empty when nobody said where it is."""
        if self.latitude is None or self.longitude is None:
            return ""
        return f"https://www.google.com/maps?q={self.latitude:.5f},{self.longitude:.5f}"

    @property
    def over_at(self) -> datetime:
        """When it ends, or is likely to."""
        return self.end or self.start + LENGTH

    @property
    def seats_left(self) -> int | None:
        """Free seats, never negative; None without a limit."""
        return None if self.seats is None else max(0, self.seats - self.taken)


POINT = re.compile(r"(-?\d{1,3}\.\d{2,})\s*(?:,|%2C|;|\s|!4d)\s*(-?\d{1,3}\.\d{2,})")
SOUTH, NORTH, WEST, EAST = 8.0, 23.6, 102.0, 110.0  # degrees around Việt Nam


def point_in(text: str) -> tuple[float, float] | None:
    """Latitude and longitude, in degrees, in what was copied from a map: "21.85361, 106.76101" or a link that holds
    them; None when there are none within Việt Nam."""
    for found in POINT.finditer(text):
        latitude, longitude = float(found[1]), float(found[2])
        if SOUTH <= latitude <= NORTH and WEST <= longitude <= EAST:
            return latitude, longitude
    return None
