"""The queue of what an officer should look at, answers that lie near one another among them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select, update

from domain.answer import AnswerState
from domain.likeness import alike
from storage import knowledge
from storage.changes import ask_review
from storage.database import Connection
from storage.tables import review

ALIKE = "alike: "  # begins the reason, the id of the other answer follows
NEAR = 0.25  # share of rare words two answers have in common before somebody looks at them side by side


@dataclass(frozen=True)
class Review:
    """One thing to look at, with the reason."""

    id: int
    noun: str
    noun_id: str
    why: str
    created_at: datetime

    @property
    def other(self) -> str:
        """The answer that lies near this one; empty when the reason is another."""
        return self.why.removeprefix(ALIKE) if self.why.startswith(ALIKE) else ""


async def open_reviews(db: Connection, noun: str = "", after: int = 0, limit: int = 40) -> list[Review]:
    """What waits, oldest first, above an id; of one noun, or of ALIKE answers."""
    query = select(review).where(review.c.done_at.is_(None), review.c.id > after).order_by(review.c.id).limit(limit)
    if noun == ALIKE:
        query = query.where(review.c.why.startswith(ALIKE, autoescape=True))
    elif noun:
        query = query.where(review.c.noun == noun)
    return [Review(row.id, row.noun, row.noun_id, row.why, row.created_at) for row in (await db.execute(query)).all()]


async def count(db: Connection) -> dict[str, int]:
    """How many wait, by noun; under ALIKE how many answers of them lie near another."""
    near = func.count().filter(review.c.why.startswith(ALIKE, autoescape=True))
    query = select(review.c.noun, func.count(), near).where(review.c.done_at.is_(None)).group_by(review.c.noun)
    rows = (await db.execute(query)).all()
    return {**{row[0]: row[1] for row in rows}, ALIKE: sum(row[2] for row in rows)}


async def finish(db: Connection, review_id: int, now: datetime) -> Review | None:
    """Ends one; None when it was ended before."""
    open_one = (review.c.id == review_id, review.c.done_at.is_(None))
    done = update(review).where(*open_one).values(done_at=now).returning(review)
    row = (await db.execute(done)).one_or_none()
    return None if row is None else Review(row.id, row.noun, row.noun_id, row.why, row.created_at)


async def settle(db: Connection, noun: str, noun_id: str, whys: Sequence[str], now: datetime) -> None:
    """Ends what waits about one thing for any of these reasons."""
    these = (review.c.noun == noun, review.c.noun_id == noun_id, review.c.why.in_(whys), review.c.done_at.is_(None))
    await db.execute(update(review).where(*these).values(done_at=now))


async def ask_about_twins(db: Connection, now: datetime, answer_id: str | None = None) -> int:
    """Asks officers to look at answers whose newest texts lie near one another (all, or those near one); the pairs.

    A pair is asked about once: whoever has said why both are needed is not asked again.
    """
    newest = {id_: rows[-1] for id_, rows in (await knowledge.versions(db)).items()}
    texts = {
        id_: f"{row.question} {row.question} {row.short} {row.full}"
        for id_, row in newest.items()
        if row.state is not AnswerState.WITHDRAWN
    }
    pairs = [pair for pair in alike(texts, NEAR) if answer_id is None or answer_id in pair]
    for left, right in pairs:
        await ask_review(db, "answer", left, ALIKE + right, now)
    return len(pairs)


async def twins(db: Connection, answer_id: str) -> list[str]:
    """The answers that were found near this one, looked at or not."""
    either = or_(
        (review.c.noun_id == answer_id) & review.c.why.startswith(ALIKE, autoescape=True),
        review.c.why == ALIKE + answer_id,
    )
    rows = (await db.execute(select(review.c.noun_id, review.c.why).where(review.c.noun == "answer", either))).all()
    found = {row.why.removeprefix(ALIKE) if row.noun_id == answer_id else row.noun_id for row in rows}
    return sorted(found)
