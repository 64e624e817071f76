"""Numbers that grow when something happens: what open pages watch."""

from dataclasses import dataclass

from sqlalchemy import func, select

from storage.database import Connection
from storage.tables import audit, message, need, ticket

LATE = 20  # rows of transactions that commit late have lower numbers: look a little further back


@dataclass(frozen=True)
class Mark:
    """The newest message, the newest piece of work."""

    message: int
    work: tuple[int, int, int]


async def newest(db: Connection) -> Mark:
    """Where the tables stand now."""
    columns = [
        select(func.coalesce(func.max(table.c.id), 0)).scalar_subquery() for table in (message, audit, ticket, need)
    ]
    row = (await db.execute(select(*columns))).one()
    return Mark(row[0], (row[1], row[2], row[3]))


async def people_since(db: Connection, message_id: int) -> list[int]:
    """Who said or was told something since."""
    query = select(message.c.person_id).where(message.c.id > message_id - LATE).distinct().limit(200)
    return list((await db.execute(query)).scalars())
