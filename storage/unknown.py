"""Looking for what may have arrived: rows of unknown fate are taken, and end as what the platform says."""

import time
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import case, func, or_, select, update

from domain.notice import OutboxState
from storage.claims import GRACE, LEASE_SECONDS, PLACE, outgoing_of
from storage.database import Connection, database_clock, insert_into
from storage.outbox import Outgoing
from storage.tables import address, allowance, message, outbox

LOOK_AFTER = timedelta(seconds=60)  # when it can no longer be on its way
LOOK_FOR = timedelta(hours=48)  # and no longer than this


async def any_due(db: Connection, now: datetime) -> bool:
    """Whether any row may be looked for."""
    query = select(outbox.c.id).where(outbox.c.state == OutboxState.UNKNOWN.value, outbox.c.run_at <= now - LOOK_AFTER)
    recent = or_(outbox.c.ended_at.is_(None), outbox.c.ended_at > now - LOOK_FOR)
    return (await db.execute(query.where(recent).limit(1))).first() is not None


async def claim(db: Connection, who: str, channel: str, now: datetime, limit: int = 10) -> list[Outgoing]:
    """Takes rows of which nobody knows whether they arrived, to look for them where they were sent."""
    free = or_(outbox.c.lease_until.is_(None), outbox.c.lease_until < database_clock(db))
    query = (
        select(outbox.c.id, *PLACE)
        .join(address, address.c.id == outbox.c.tried_id)
        .outerjoin(allowance, allowance.c.address_id == address.c.id)
        .where(outbox.c.state == OutboxState.UNKNOWN.value, address.c.channel == channel, free)
        .where(outbox.c.run_at <= now - LOOK_AFTER)
        .where(or_(outbox.c.ended_at.is_(None), outbox.c.ended_at.between(now - LOOK_FOR, now - LOOK_AFTER)))
        .order_by(outbox.c.id)
        .limit(limit)
    )
    if db.dialect.name == "postgresql":
        query = query.with_for_update(skip_locked=True, of=outbox)
    places = {row.id: row for row in (await db.execute(query)).all()}
    if not places:
        return []
    held = {"worker": who, "lease_until": database_clock(db) + LEASE_SECONDS, "run_at": now}
    held["ended_at"] = func.coalesce(outbox.c.ended_at, now - LOOK_AFTER)
    marked = update(outbox).where(outbox.c.id.in_(places)).values(**held).returning(outbox)
    rows = (await db.execute(marked)).all()
    deadline = time.monotonic() + LEASE_SECONDS - GRACE
    return [outgoing_of(row, places[row.id], channel, deadline, now) for row in rows]


async def was_there(db: Connection, item: Outgoing, who: str, platform_id: str, now: datetime) -> None:
    """Ends a row of unknown fate as sent: the platform shows it."""
    mine = (outbox.c.id == item.id, outbox.c.worker == who, outbox.c.state == OutboxState.UNKNOWN.value)
    values: dict[str, Any] = {"state": OutboxState.SENT.value, "platform_id": platform_id}
    values["reason"] = "found at the platform"
    values |= {"ended_at": now, "address_id": item.address_id, "channel": item.channel, "lease_until": None}
    done = await db.execute(update(outbox).where(*mine).values(**values).returning(outbox.c.person_id))
    row = done.first()
    if row is not None:
        shown = insert_into(db, message).values(
            person_id=row.person_id, address_id=item.address_id, direction="out", text=item.text,
            choices=[choice["label"] for choice in item.choices], at=now, outbox_id=item.id,
        )  # fmt: skip
        await db.execute(shown.on_conflict_do_nothing(index_elements=["outbox_id"]))


async def not_known_yet(db: Connection, item: Outgoing, who: str) -> None:
    """The platform could not be asked: the row is looked for again later."""
    mine = (outbox.c.id == item.id, outbox.c.worker == who, outbox.c.state == OutboxState.UNKNOWN.value)
    await db.execute(update(outbox).where(*mine).values(lease_until=None))


async def was_not_there(db: Connection, item: Outgoing, who: str, now: datetime) -> None:
    """A row of unknown fate surely did not arrive: it is sent as if it had never left."""
    mine = (outbox.c.id == item.id, outbox.c.worker == who, outbox.c.state == OutboxState.UNKNOWN.value)
    values: dict[str, Any] = {"state": OutboxState.RETRY_AT.value, "run_at": now, "reason": "not found at the platform"}
    values["attempt"] = outbox.c.attempt - case((outbox.c.broadcast_id.is_not(None), 1), else_=0)  # it was no copy
    await db.execute(update(outbox).where(*mine).values(**values, ended_at=None, lease_until=None))
