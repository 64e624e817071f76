"""How long after a person's last word a channel lets us speak, and for how much."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Frame(StrEnum):
    """What may be said to a person on a channel now."""

    OPEN = "open"  # the channel sets no time
    FREE = "free"  # messages cost nothing
    PAID = "paid"  # each message costs money: what concerns the person goes, news does not
    SHUT = "shut"  # only an approved template, until the person writes again


@dataclass(frozen=True)
class Spans:
    """Counted from the person's last word."""

    free: timedelta
    paid: timedelta


SPANS = {"zalo": Spans(timedelta(hours=48), timedelta(days=7))}


@dataclass(frozen=True)
class Standing:
    """A frame with its end; None: it has none."""

    frame: Frame
    until: datetime | None = None


def standing(channel: str, seen_at: datetime, now: datetime, margin: timedelta = timedelta(0)) -> Standing:
    """Where a person stands; `margin` closes each frame so much earlier, since clocks differ."""
    spans = SPANS.get(channel)
    if spans is None:
        return Standing(Frame.OPEN)
    for frame, span in ((Frame.FREE, spans.free), (Frame.PAID, spans.paid)):
        if now <= seen_at + span - margin:
            return Standing(frame, seen_at + span - margin)
    return Standing(Frame.SHUT)
