"""The queue of what an officer should look at."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update

from storage.database import Connection
from storage.tables import review


@dataclass(frozen=True)
class Review:
    """One thing to look at, with the reason."""

    id: int
    noun: str
    noun_id: str
    why: str
    created_at: datetime


async def open_reviews(db: Connection, noun: str = "", after: int = 0, limit: int = 40) -> list[Review]:
    """What waits, oldest first, above an id."""
    query = select(review).where(review.c.done_at.is_(None), review.c.id > after).order_by(review.c.id).limit(limit)
    if noun:
        query = query.where(review.c.noun == noun)
    return [Review(row.id, row.noun, row.noun_id, row.why, row.created_at) for row in (await db.execute(query)).all()]


async def count(db: Connection) -> dict[str, int]:
    """How many wait, by noun."""
    query = select(review.c.noun, func.count()).where(review.c.done_at.is_(None)).group_by(review.c.noun)
    return {row[0]: row[1] for row in (await db.execute(query)).all()}


async def finish(db: Connection, review_id: int, now: datetime) -> Review | None:
    """Ends one; None when it was ended before."""
    open_one = (review.c.id == review_id, review.c.done_at.is_(None))
    done = update(review).where(*open_one).values(done_at=now).returning(review)
    row = (await db.execute(done)).one_or_none()
    return None if row is None else Review(row.id, row.noun, row.noun_id, row.why, row.created_at)
