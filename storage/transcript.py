"""The visible talk: what both sides said, in order."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from conversation.reply import Enclosure
from storage.database import Connection
from storage.outbox import files_from
from storage.tables import address, message, outbox


@dataclass(frozen=True)
class Line:
    """One line of the talk; `direction` is in or out."""

    id: int
    direction: str
    text: str
    choices: tuple[str, ...]
    at: datetime
    files: tuple[Enclosure, ...] = ()
    calendar: str = ""  # where the event that it is about can be had for a calendar


async def lines_after(
    db: Connection, channel: str, account: str, external_id: str, cursor: int, limit: int = 200
) -> list[Line]:
    """The lines of one address with an id above the cursor, oldest first."""
    query = (
        select(message, outbox.c.extras)
        .outerjoin(outbox, outbox.c.id == message.c.outbox_id)
        .join(address, address.c.id == message.c.address_id)
        .where(address.c.channel == channel, address.c.account == account, address.c.external_id == external_id)
        .where(message.c.id > cursor)
        .order_by(message.c.id.desc())
        .limit(limit)
    )
    rows = (await db.execute(query)).all()
    return [_line(row) for row in reversed(rows)]


def _line(row: Any) -> Line:
    extras = row.extras or {}
    calendar = (extras.get("gathering") or {}).get("url", "")
    return Line(row.id, row.direction, row.text, tuple(row.choices or ()), row.at, files_from(extras), calendar)
