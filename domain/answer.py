"""An approved answer to a policy question, with the one rule of what may be said when."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any


class AnswerState(StrEnum):
    """Where one version of an answer stands."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    APPROVED = "approved"
    WITHDRAWN = "withdrawn"


class Standing(StrEnum):
    """What may be done with an answer on a given day."""

    SAY = "say"  # approved, in its dates, confident enough
    UNSURE = "unsure"  # low confidence: only "chưa chắc", an officer answers
    NOT_NOW = "not_now"  # not approved, not yet valid or expired: an officer answers


@dataclass(frozen=True)
class AnswerVersion:
    """One version; `basis` holds {"document","label","article","confirmed"}, dates are business days."""

    id: int
    answer_id: str
    kind: str
    topic: str
    state: AnswerState
    question: str
    short: str
    full: str
    basis: tuple[dict[str, Any], ...]
    programmes: tuple[str, ...]
    valid_from: date | None
    valid_to: date | None
    verified_on: date | None
    confidence: str


def standing(version: AnswerVersion, day: date) -> Standing:
    """The only place that decides whether a version may be said on a business day."""
    if version.state is not AnswerState.APPROVED:
        return Standing.NOT_NOW
    if version.valid_from is not None and day < version.valid_from:
        return Standing.NOT_NOW
    if version.valid_to is not None and day > version.valid_to:
        return Standing.NOT_NOW
    return Standing.UNSURE if version.confidence == "low" else Standing.SAY
