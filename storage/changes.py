"""The change log: triggers write it, whoever changed the row; we claim what is not done."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, text, update

from storage.database import Connection, Database, insert_into
from storage.tables import change_log, review

MOST_ATTEMPTS = 3


@dataclass(frozen=True)
class Change:
    """One noticed change of an offer or an event; `op` is I, U or D."""

    id: int
    noun: str
    noun_id: str
    op: str
    attempts: int


async def open_changes(db: Connection, limit: int = 200) -> list[Change]:
    """Changes nobody handled yet, oldest first; never by a cursor, which would miss late commits."""
    query = select(change_log).where(change_log.c.done_at.is_(None)).order_by(change_log.c.id).limit(limit)
    rows = (await db.execute(query)).all()
    return [Change(row.id, row.noun, row.noun_id, row.op, row.attempts) for row in rows]


@dataclass(frozen=True)
class Seen:
    """How far a reader of the log has come: what it has taken in of the newest ids, each with its time."""

    count: int
    newest: dict[int, datetime]


OVERLAP = 2000  # ids below the newest that are looked at again, for transactions that commit late


async def news(db: Connection, seen: Seen) -> tuple[Seen, list[tuple[str, str]] | None]:
    """(how far this reader now is, (noun, id) of what changed since); None instead of a list: read everything anew.

    The log is counted as well, so that whatever the window misses (a very late commit, a row taken back) shows.
    """
    row = (await db.execute(select(func.count(), func.coalesce(func.max(change_log.c.id), 0)))).one()
    count, last = int(row[0]), int(row[1])
    if count == seen.count and (not seen.newest or last == max(seen.newest)) and await _same(db, last, seen):
        return seen, []
    low = last - OVERLAP
    query = select(change_log.c.id, change_log.c.noun, change_log.c.noun_id, change_log.c.at)
    rows = (await db.execute(query.where(change_log.c.id > low).order_by(change_log.c.id))).all()
    fresh = [(r.noun, r.noun_id) for r in rows if seen.newest.get(r.id) != r.at]
    now_seen = Seen(count, {r.id: r.at for r in rows})
    known = [at for at in seen.newest if at > low]
    kept = [r.id for r in rows if seen.newest.get(r.id) == r.at]
    whole = len(kept) == len(known) and count - seen.count == len(fresh)
    return now_seen, fresh if whole else None


async def _same(db: Connection, last: int, seen: Seen) -> bool:
    if not last:
        return True
    at = (await db.execute(select(change_log.c.at).where(change_log.c.id == last))).scalar_one_or_none()
    return seen.newest.get(last) == at


async def still_open(db: Connection, change_id: int) -> bool:
    """Locks one change for this transaction; False when another process handled or holds it."""
    query = select(change_log.c.id).where(change_log.c.id == change_id, change_log.c.done_at.is_(None))
    if db.dialect.name == "postgresql":
        query = query.with_for_update(skip_locked=True)
    return (await db.execute(query)).first() is not None


async def handled(db: Connection, change_id: int, outcome: str, now: datetime) -> None:
    """Marks a change as handled in the same transaction as what it led to."""
    await db.execute(update(change_log).where(change_log.c.id == change_id).values(done_at=now, outcome=outcome[:500]))


async def failed(db: Connection, item: Change, reason: str, now: datetime) -> None:
    """Counts a failure; after the third an officer is asked to look."""
    values: dict[str, object] = {"attempts": item.attempts + 1, "outcome": reason[:500]}
    if item.attempts + 1 >= MOST_ATTEMPTS:
        values |= {"done_at": now, "outcome": f"failed: {reason}"[:500]}
        await ask_review(db, item.noun, item.noun_id, "unreadable", now)
    await db.execute(update(change_log).where(change_log.c.id == item.id).values(**values))


async def ask_review(db: Connection, noun: str, noun_id: str, why: str, now: datetime) -> None:
    """Puts something into the officers' review queue, once per reason."""
    row = insert_into(db, review).values(noun=noun, noun_id=noun_id, why=why, created_at=now)
    await db.execute(row.on_conflict_do_nothing(index_elements=["noun", "noun_id", "why"]))


async def ask_review_again(db: Connection, noun: str, noun_id: str, why: str, now: datetime) -> None:
    """Puts something into the officers' review queue, back into it when it was looked at before for this reason."""
    row = insert_into(db, review).values(noun=noun, noun_id=noun_id, why=why, created_at=now)
    fresh = {"created_at": now, "done_at": None}
    await db.execute(row.on_conflict_do_update(index_elements=["noun", "noun_id", "why"], set_=fresh))


async def sqlite_version(db: Connection) -> int:
    """A number that moves when another connection or program changed the SQLite file."""
    return int((await db.execute(text("PRAGMA data_version"))).scalar_one())


async def postgres_notices(database: Database) -> AsyncIterator[str]:
    """The notices the triggers give on PostgreSQL, as they come (needs a direct connection, no transaction pooler)."""
    async with database.engine.connect() as connection:
        raw = await connection.get_raw_connection()
        driver = raw.driver_connection
        assert driver is not None
        await driver.set_autocommit(True)
        await driver.execute("LISTEN nhipcau_change")
        async for notice in driver.notifies():
            yield notice.payload
