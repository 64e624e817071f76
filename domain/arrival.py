"""Somebody at the door of an event: how they were recognised, what became of the note, the code they show."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

MOST_HEADS = 20
NAMES_KEPT = timedelta(days=30)  # of those who had not registered, after the event
MARK = re.compile(r"[A-Za-z0-9-]{8,64}")
BADGE = re.compile(r"NCHT:(?P<event>.+):(?P<number>\d{1,12}):(?P<signature>[A-Za-z0-9_-]{86})")


class How(StrEnum):
    """How somebody was recognised."""

    QR = "qr"
    CODE = "code"
    NAME = "name"  # found in the list by name or by the last figures of the phone
    WALK_IN = "walk_in"  # had not registered


class Noted(StrEnum):
    """What became of one arrival."""

    NEW = "new"
    AGAIN = "again"  # they were noted before; the earliest time stays
    UNKNOWN = "unknown"  # nobody with this number has anything to do with this event


@dataclass(frozen=True)
class Arrival:
    """One note of one device; `mark` is its own and never used again, `number` that of the registration."""

    mark: str
    device: str
    at: datetime
    how: How
    number: int | None = None
    name: str = ""
    phone: str | None = None
    heads: int = 1


@dataclass(frozen=True)
class Badge:
    """What a QR code holds: the event, the number of the registration, the signature over both (base64url)."""

    event: str
    number: int
    signature: str

    def __str__(self) -> str:
        return f"NCHT:{self.event}:{self.number}:{self.signature}"

    @property
    def signed(self) -> bytes:
        """What the signature is over."""
        return f"{self.event}\n{self.number}".encode()


def read_badge(text: str) -> Badge | None:
    """The badge in the text of a QR code; None when it is none of ours by shape."""
    found = BADGE.fullmatch(text.strip())
    return None if found is None else Badge(found["event"], int(found["number"]), found["signature"])
