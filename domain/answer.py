"""An approved answer to a policy question, with the one rule of what may be said when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
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
    PULLED = "pulled"  # an officer took it back: it is being checked


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
    number: int = 1
    recheck_days: int = 90
    author: str = ""


def valid_on(version: AnswerVersion, day: date) -> bool:
    """Whether a day lies within the dates of a version, both included."""
    begun = version.valid_from is None or version.valid_from <= day
    return begun and (version.valid_to is None or day <= version.valid_to)


def in_charge(versions: Sequence[AnswerVersion], day: date) -> AnswerVersion | None:
    """Of the approved versions of one answer (oldest first) the one that counts on a day, valid or not.

    The newest that has begun; before the first begins, the one that begins next. None when none is approved.
    """
    held = [version for version in versions if version.state is AnswerState.APPROVED]
    begun = [version for version in held if version.valid_from is None or version.valid_from <= day]
    return begun[-1] if begun else min(held, key=lambda row: row.valid_from or day) if held else None


def standing(version: AnswerVersion | None, day: date, pulled: bool = False) -> Standing:
    """The only place that decides whether a version may be said on a business day."""
    if pulled:
        return Standing.PULLED
    if version is None or version.state is not AnswerState.APPROVED or not valid_on(version, day):
        return Standing.NOT_NOW
    return Standing.UNSURE if version.confidence == "low" else Standing.SAY


def overdue(version: AnswerVersion, day: date) -> bool:
    """Whether nobody has verified a version for longer than it may go unverified."""
    return version.verified_on is None or day > version.verified_on + timedelta(days=version.recheck_days)
