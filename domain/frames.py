"""How long after a person's last word a channel lets us speak, and for how much."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Frame(StrEnum):
    """What may be said to a person on a channel now."""

    OPEN = "open"  # the channel sets no time
    FREE = "free"  # messages cost nothing
    SPENT = "spent"  # within the free time, but what is left is kept for answers
    PAID = "paid"  # each message costs money: what concerns the person goes, news does not
    SHUT = "shut"  # only an approved template, until the person writes again


@dataclass(frozen=True)
class Spans:
    """Counted from the person's last word."""

    free: timedelta
    paid: timedelta


MARGIN = timedelta(minutes=5)  # each frame is closed so much earlier, since clocks differ
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


# --- what news costs --------------------------------------------------------------------------------------------------
class Way(StrEnum):
    """How news reaches a person."""

    FREE = "free"
    PAID = "paid"  # a message that costs money
    TEMPLATE = "template"  # an approved template, which costs money too
    NONE = ""  # not at all


@dataclass(frozen=True)
class Terms:
    """What is paid for where a channel has frames. Prices: đồng for one message before VAT; 0: not known."""

    reserve: int = 2  # messages of a free frame that are kept for answers
    paid: bool = False
    template: bool = False
    own_template: bool = False  # one for what concerns the person is approved
    price: int = 0
    template_price: int = 0
    template_signs: int = 300  # how long the text within a template may be

    def way(self, frame: Frame) -> Way:
        """How news goes to whoever stands in this frame."""
        if frame in (Frame.OPEN, Frame.FREE):
            return Way.FREE
        if frame is Frame.PAID and self.paid:
            return Way.PAID
        if self.template:
            return Way.TEMPLATE
        return Way.PAID if frame is Frame.SPENT and self.paid else Way.NONE

    def answers(self, frame: Frame) -> bool:
        """Whether what concerns the person reaches whoever stands in this frame."""
        return frame is not Frame.SHUT or self.own_template

    def cost(self, frame: Frame) -> int:
        """What one message to this frame costs; 0: nothing, or not known."""
        return {Way.PAID: self.price, Way.TEMPLATE: self.template_price}.get(self.way(frame), 0)
