"""Every future act is a row with the time at which it falls due."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, func, select, update

from storage.database import Connection, insert_into
from storage.tables import due

MOST_ATTEMPTS = 3


@dataclass(frozen=True)
class Due:
    """One due thing; `key` is unique, so nothing is planned twice."""

    id: int
    kind: str
    key: str
    person_id: int | None
    payload: dict[str, Any]
    due_at: datetime
    attempts: int


async def plan(
    db: Connection,
    kind: str,
    key: str,
    due_at: datetime,
    person_id: int | None = None,
    payload: dict[str, Any] | None = None,
) -> bool:
    """Plans an act; False when one with this key was planned before."""
    row = insert_into(db, due).values(kind=kind, key=key, person_id=person_id, payload=payload or {}, due_at=due_at)
    row = row.on_conflict_do_nothing(index_elements=["key"]).returning(due.c.id)
    return (await db.execute(row)).scalar_one_or_none() is not None


async def drop(db: Connection, key: str) -> None:
    """Takes a planned act back."""
    await db.execute(delete(due).where(due.c.key == key, due.c.done_at.is_(None)))


async def first_due(db: Connection, until: datetime) -> Due | None:
    """The earliest open act due by then, locked for this transaction."""
    query = select(due).where(due.c.done_at.is_(None), due.c.due_at <= until).order_by(due.c.due_at, due.c.id).limit(1)
    if db.dialect.name == "postgresql":
        query = query.with_for_update(skip_locked=True)
    row = (await db.execute(query)).one_or_none()
    if row is None:
        return None
    return Due(row.id, row.kind, row.key, row.person_id, row.payload or {}, row.due_at, row.attempts)


async def done(db: Connection, due_id: int, outcome: str, now: datetime) -> None:
    """Ends an act with a named outcome."""
    await db.execute(update(due).where(due.c.id == due_id).values(done_at=now, outcome=outcome[:500]))


async def failed(db: Connection, item: Due, reason: str, now: datetime, again_at: datetime) -> None:
    """Counts a failure; after the third the act ends as failed."""
    values: dict[str, Any] = {"attempts": item.attempts + 1, "outcome": reason[:500], "due_at": again_at}
    if item.attempts + 1 >= MOST_ATTEMPTS:
        values |= {"done_at": now, "outcome": f"failed: {reason}"[:500]}
    await db.execute(update(due).where(and_(due.c.id == item.id, due.c.done_at.is_(None))).values(**values))


async def next_due(db: Connection) -> datetime | None:
    """When the next act falls due."""
    found: datetime | None = (
        await db.execute(select(func.min(due.c.due_at)).where(due.c.done_at.is_(None)))
    ).scalar_one_or_none()
    return found
