"""Counts wrong tries by key; after a few the key rests for a while."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update

from storage.database import Connection, insert_into
from storage.tables import attempt


async def locked_until(db: Connection, key: str, now: datetime) -> datetime | None:
    """Until when this key rests; None when it does not."""
    row = (await db.execute(select(attempt.c.locked_until).where(attempt.c.key == key))).one_or_none()
    until: datetime | None = None if row is None else row.locked_until
    return until if until is not None and until > now else None


async def _row(db: Connection, key: str, now: datetime) -> Any:
    """What is noted of a key, made at its first try; whoever comes at the same instant waits here in line."""
    made = insert_into(db, attempt).values(key=key, failures=0, last_at=now)
    await db.execute(made.on_conflict_do_nothing(index_elements=["key"]))
    return (await db.execute(select(attempt).where(attempt.c.key == key).with_for_update())).one()


async def hold(db: Connection, keys: Iterable[str], now: datetime) -> None:
    """Until this transaction ends nobody else tries with any of these keys."""
    for key in keys:
        await _row(db, key, now)


async def fail(db: Connection, key: str, most: int, rest: timedelta, now: datetime) -> None:
    """Notes a wrong try; the `most`-th within `rest` locks the key for `rest`."""
    row = await _row(db, key, now)
    fresh = row.locked_until is None and now - row.last_at < rest
    failures = row.failures + 1 if fresh else 1
    until = now + rest if failures >= most else None
    values = {"failures": failures, "last_at": now, "locked_until": until}
    await db.execute(update(attempt).where(attempt.c.key == key).values(**values))


async def clear(db: Connection, key: str) -> None:
    """Forgets the wrong tries of a key."""
    await db.execute(delete(attempt).where(attempt.c.key == key))
