"""The officers' accounts."""

from sqlalchemy import select

from storage.database import Connection
from storage.tables import officer


async def anybody(db: Connection) -> bool:
    """Whether any officer has an open account."""
    return (await db.execute(select(officer.c.id).where(officer.c.state == "open").limit(1))).first() is not None
