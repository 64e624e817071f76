"""Who did what, when, why; only added to."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, bindparam, select

from storage.database import Connection
from storage.tables import audit

NEWEST = select(audit).where(audit.c.noun == bindparam("noun")).order_by(audit.c.id.desc())
NEWEST = NEWEST.limit(bindparam("most", type_=Integer))
OF = NEWEST.where(audit.c.noun_id == bindparam("named"))
LATEST = NEWEST.where(audit.c.verb == bindparam("verb"), audit.c.at >= bindparam("since"))


@dataclass(frozen=True)
class Entry:
    """One deed; `before` and `after` hold the words of what changed, by name."""

    id: int
    at: datetime
    actor: str
    verb: str
    noun: str
    noun_id: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    reason: str | None


def _entry(row: Any) -> Entry:
    return Entry(row.id, row.at, row.actor, row.verb, row.noun, row.noun_id, row.before, row.after, row.reason)


async def note(
    db: Connection,
    actor: str,
    verb: str,
    noun: str,
    noun_id: str,
    now: datetime,
    reason: str | None = None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Writes a deed down in the transaction that does it; only what differs of before and after is kept."""
    if before is not None and after is not None:
        changed = {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
        before = {key: value for key, value in before.items() if key in changed}
        after = {key: value for key, value in after.items() if key in changed}
    values = {"at": now, "actor": actor, "verb": verb, "noun": noun, "noun_id": noun_id}
    words = {"before": before or None, "after": after or None, "reason": (reason or "").strip()[:1000] or None}
    await db.execute(audit.insert().values(**values, **words))


async def of(db: Connection, noun: str, noun_id: str, limit: int = 50) -> list[Entry]:
    """What was done to one thing, newest first."""
    rows = (await db.execute(OF, {"noun": noun, "named": noun_id, "most": limit})).all()
    return [_entry(row) for row in rows]


async def latest(db: Connection, noun: str, verb: str, since: datetime) -> Entry | None:
    """The newest deed of this kind since then."""
    row = (await db.execute(LATEST, {"noun": noun, "verb": verb, "since": since, "most": 1})).first()
    return None if row is None else _entry(row)


async def page(
    db: Connection, before_id: int | None = None, actor: str = "", noun: str = "", limit: int = 50
) -> list[Entry]:
    """The log, newest first, below an id."""
    query = select(audit).order_by(audit.c.id.desc()).limit(limit)
    if before_id is not None:
        query = query.where(audit.c.id < before_id)
    if actor:
        query = query.where(audit.c.actor == actor)
    if noun:
        query = query.where(audit.c.noun == noun)
    return [_entry(row) for row in (await db.execute(query)).all()]
