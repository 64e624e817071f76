"""What understanding returns for one message."""

from dataclasses import asdict, dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True)
class Context:
    """What the talk was about when the message came: the open question's name, the last programme, the reference day."""

    question: str | None = None
    programme: str | None = None


@dataclass(frozen=True)
class Guess:
    """One reading of a message; confidence is a calibrated probability between 0 and 1."""

    act: str
    confidence: float
    answer: str | None = None
    programme: str | None = None


@dataclass(frozen=True)
class Understanding:
    """The best reading with its alternatives; `sure` says whether to act on it without asking."""

    text: str
    act: str
    confidence: float
    sure: bool
    answer: str | None = None
    programme: str | None = None
    alternatives: tuple[Guess, ...] = ()
    entities: dict[str, Any] = field(default_factory=dict)
    asks: bool = False  # the message reads as a question
    roles: dict[str, float] = field(default_factory=dict)  # of a message to an open question: score by role

    @property
    def readings(self) -> tuple[Guess, ...]:
        """All readings, the best one first."""
        return (Guess(self.act, self.confidence, self.answer, self.programme), *self.alternatives)

    def as_json(self) -> dict[str, Any]:
        """The record that `nhipcau understand` prints."""
        shown = asdict(self)
        del shown["asks"], shown["roles"]
        return shown


class Mind(Protocol):
    """Anything that understands: the embedded model, or a service in its place."""

    def understand(self, text: str, context: Context, at: Any) -> Understanding:
        """Reads one message at the instant `at` (aware datetime)."""
        ...
