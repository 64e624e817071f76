"""Every future act is a row with the time at which it falls due."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, func, or_, select, update

from storage.database import Connection, insert_into
from storage.tables import due

MOST_ATTEMPTS = 3
PAUSED = "set aside"  # the outcome of what may be planned again


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


@dataclass(frozen=True)
class Standing:
    """One act as it stands: planned, set aside, or done with an outcome."""

    key: str
    person_id: int | None
    payload: dict[str, Any]
    outcome: str | None
    open: bool


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


async def standing(db: Connection, kind: str, beginning: str) -> list[Standing]:
    """The acts of a kind whose key begins so, whatever became of them."""
    these = (due.c.kind == kind, due.c.key.startswith(beginning, autoescape=True))
    rows = (await db.execute(select(due).where(*these).order_by(due.c.id))).all()
    return [Standing(row.key, row.person_id, row.payload or {}, row.outcome, row.done_at is None) for row in rows]


async def move(db: Connection, key: str, due_at: datetime, payload: dict[str, Any]) -> bool:
    """Gives a planned act another time, set aside or not; False when it has happened or was never planned."""
    moved = update(due).where(due.c.key == key, _ahead()).values(due_at=due_at, payload=payload)
    return (await db.execute(moved.returning(due.c.id))).first() is not None


async def note(db: Connection, kind: str, beginning: str, payload: dict[str, Any]) -> None:
    """Writes what is now known on every act of a kind whose key begins so, done or not."""
    these = (due.c.kind == kind, due.c.key.startswith(beginning, autoescape=True))
    await db.execute(update(due).where(*these).values(payload=payload))


async def again(
    db: Connection, kind: str, key: str, due_at: datetime, person_id: int | None, payload: dict[str, Any]
) -> None:
    """Plans an act that may have happened before."""
    await db.execute(delete(due).where(due.c.key == key))
    await plan(db, kind, key, due_at, person_id, payload)


def _ahead() -> ColumnElement[bool]:
    """What has not happened, set aside or not."""
    return or_(due.c.done_at.is_(None), due.c.outcome == PAUSED)


async def drop(db: Connection, key: str) -> None:
    """Takes a planned act back."""
    await db.execute(delete(due).where(due.c.key == key, _ahead()))


async def forget(db: Connection, person_id: int, kinds: Collection[str], beginning: str = "") -> int:
    """Takes planned acts of these kinds back whose key begins so; how many."""
    these = (due.c.person_id == person_id, due.c.kind.in_(kinds), due.c.key.startswith(beginning, autoescape=True))
    return len((await db.execute(delete(due).where(*these, _ahead()).returning(due.c.id))).all())


async def pause(db: Connection, person_id: int, kinds: Collection[str], now: datetime) -> set[str]:
    """Sets planned acts of these kinds aside until `go_on`; the kinds there were."""
    these = (due.c.person_id == person_id, due.c.kind.in_(kinds), due.c.done_at.is_(None))
    rows = await db.execute(update(due).where(*these).values(done_at=now, outcome=PAUSED).returning(due.c.kind))
    return {row.kind for row in rows.all()}


async def go_on(db: Connection, person_id: int, now: datetime) -> set[str]:
    """Plans again what was set aside, as far as its time is still to come; the kinds there are."""
    these = (due.c.person_id == person_id, due.c.outcome == PAUSED, due.c.due_at > now)
    rows = await db.execute(update(due).where(*these).values(done_at=None, outcome=None).returning(due.c.kind))
    return {row.kind for row in rows.all()}


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
