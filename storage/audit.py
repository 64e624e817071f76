"""The append-only record of who changed what, when, why."""

from datetime import datetime
from typing import Any

from sqlalchemy import select

from storage.database import Connection
from storage.tables import audit


async def note(
    db: Connection,
    actor: str,
    verb: str,
    noun: str,
    noun_id: str,
    now: datetime,
    reason: str,
    before: Any = None,
    after: Any = None,
) -> None:
    """Adds one line; `before` and `after` are JSON values without personal data."""
    values = {"actor": actor, "verb": verb, "noun": noun, "noun_id": noun_id, "at": now, "reason": reason}
    await db.execute(audit.insert().values(**values, before=before, after=after))


async def of_noun(db: Connection, noun: str, noun_id: str) -> list[tuple[datetime, str, str, str]]:
    """What happened to one thing, oldest first: (when, who, verb, why)."""
    query = select(audit).where(audit.c.noun == noun, audit.c.noun_id == noun_id).order_by(audit.c.id)
    return [(row.at, row.actor, row.verb, row.reason or "") for row in (await db.execute(query)).all()]
