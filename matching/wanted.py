"""What a need asks for and what a match tells, as both directions of matching see it."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

MOST_KEPT = 50  # the best offers of one need that are noted


@dataclass(frozen=True)
class Wanted:
    """One need as matching sees it.

    `capacity` is {"value"} or {"min","max"} with "unit" and "per"; `budget` {"min","max"} in VND;
    `province_code` is the NSO code of the present province without leading zeros ("20" is Lạng Sơn).
    """

    text: str
    products: tuple[str, ...] = ()
    processes: tuple[str, ...] = ()
    capacity: dict[str, Any] = field(default_factory=dict)
    budget: dict[str, Any] = field(default_factory=dict)
    province_code: str | None = None
    excluded: tuple[str, ...] = ()
    trl_min: int | None = None  # lowest readiness asked for, 1 to 9
    modes: tuple[str, ...] = ()  # ways of transfer asked for, see domain.offer
    stated: bool = False  # the terms were stated or confirmed by the person, not only read out of the text


@dataclass(frozen=True)
class Match:
    """How well one offer serves one need, with the reasons and doubts in Vietnamese words."""

    offer: str
    score: float  # calibrated, 0 to 1
    shown: bool  # a person would see it
    strong: bool  # fits in every stated respect: may be pushed at once
    because: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sought:
    """One key to look up in a store that keeps the other side by keys; `strength` is what a hit is worth."""

    kind: str  # product | process | word
    key: str
    strength: float


class Decision(StrEnum):
    """What to do with a need's matches."""

    SHOW = "show"
    ASK = "ask"
    NONE = "none"


@dataclass(frozen=True)
class Found:
    """The ranked matches of one need with the decision; `ask` is a question in Vietnamese when one thing is missing."""

    decision: Decision
    matches: tuple[Match, ...] = ()
    ask: str | None = None
