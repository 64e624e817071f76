"""A support programme or legal instrument with its standing."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any


class ProgrammeState(StrEnum):
    """What the fact base says of a programme's force."""

    IN_FORCE = "in_force"
    UNSURE = "unsure"
    DRAFT = "draft"
    ENDED = "ended"
    REPEALED = "repealed"
    SUPERSEDED = "superseded"


GONE = (ProgrammeState.ENDED, ProgrammeState.REPEALED, ProgrammeState.SUPERSEDED)


@dataclass(frozen=True)
class Programme:
    """One programme; dates may be given as year, month or day, as far as they are confirmed."""

    id: str
    name: str
    short_name: str
    state: ProgrammeState
    summary: str = ""
    state_note: str = ""
    aliases: tuple[str, ...] = ()
    effective_from: str | None = None
    effective_to: str | None = None
    superseded_by: str | None = None
    superseded_note: str | None = None
    confidence: str = "low"
    verified_on: str = ""
    document: dict[str, Any] = field(default_factory=dict)
    data: dict[str, Any] = field(default_factory=dict)

    @property
    def needs(self) -> tuple[str, ...]:
        """The kinds of help it serves (domain.kinds)."""
        return tuple(self.data.get("needs") or ())

    @property
    def deadline(self) -> date | None:
        """The day on which applications close, when one is set."""
        said = (self.data.get("apply") or {}).get("deadline_date")
        return date.fromisoformat(str(said)) if said else None


def ended(programme: Programme, day: str) -> bool:
    """Whether the programme no longer holds on `day` (YYYY-MM-DD); a bare year or month counts to its last day."""
    if programme.state in GONE:
        return True
    until = programme.effective_to
    return bool(until) and day[: len(str(until))] > str(until)


def begun(programme: Programme, day: str) -> bool:
    """Whether the programme has begun by `day` (YYYY-MM-DD); a bare year or month counts from its first day."""
    since = programme.effective_from
    return not since or day[: len(str(since))] >= str(since)


def in_force(programme: Programme, day: str) -> bool:
    """Whether the programme surely holds on `day`."""
    return programme.state is ProgrammeState.IN_FORCE and begun(programme, day) and not ended(programme, day)
