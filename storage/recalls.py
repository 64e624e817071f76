"""Messages to many that are taken back: who takes which row, how it ends."""

import time
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select, update

from domain.notice import OutboxState
from storage import claims
from storage.database import Connection, database_clock
from storage.outbox import Outgoing
from storage.tables import address, allowance, outbox


async def claim(
    db: Connection, who: str, channel: str, now: datetime, allow: claims.Allow, limit: int = 10
) -> list[Outgoing]:
    """Takes messages that are to be taken back; to take back twice does no harm, so an ended lease is all it needs."""
    free = or_(outbox.c.lease_until.is_(None), outbox.c.lease_until < database_clock(db))
    query = (
        select(outbox.c.id, *claims.PLACE)
        .join(address, address.c.id == outbox.c.address_id)
        .outerjoin(allowance, allowance.c.address_id == address.c.id)
        .where(outbox.c.state == OutboxState.RECALL.value, outbox.c.run_at <= now, address.c.channel == channel, free)
        .order_by(outbox.c.id)
        .limit(limit)
    )
    if db.dialect.name == "postgresql":
        query = query.with_for_update(skip_locked=True, of=outbox)
    places = {row.id: row for row in (await db.execute(query)).all()}
    places = dict(list(places.items())[: await allow(len(places))]) if places else {}
    if not places:
        return []
    held = {"worker": who, "attempt": outbox.c.attempt + 1, "lease_until": database_clock(db) + claims.LEASE_SECONDS}
    marked = update(outbox).where(outbox.c.id.in_(places)).values(**held).returning(*claims.CLAIMED)
    rows = (await db.execute(marked)).all()
    deadline = time.monotonic() + claims.LEASE_SECONDS - claims.GRACE
    made = [(row, claims.outgoing_of(row, places[row.id], channel, deadline, now)) for row in rows]
    return [replace(item, platform_id=row.platform_id) for row, item in made]


async def ended(db: Connection, item: Outgoing, who: str, why_not_back: str | None, now: datetime) -> None:
    """Ends a taking back: the message is gone, or it stays where it is for a reason."""
    mine = (outbox.c.id == item.id, outbox.c.worker == who, outbox.c.attempt == item.attempt)
    values: dict[str, Any] = {"state": OutboxState.REMOVED.value, "reason": "taken back"}
    if why_not_back is not None:
        values = {"state": OutboxState.SENT.value, "reason": f"not taken back: {why_not_back}"[:500]}
    recall = outbox.c.state == OutboxState.RECALL.value
    await db.execute(update(outbox).where(*mine, recall).values(**values, lease_until=None))


async def later(db: Connection, item: Outgoing, who: str, run_at: datetime) -> None:
    """The platform asked to wait: the taking back is tried again then."""
    mine = (outbox.c.id == item.id, outbox.c.worker == who, outbox.c.attempt == item.attempt)
    await db.execute(update(outbox).where(*mine).values(run_at=run_at, lease_until=None))
