"""The officers' accounts."""

from sqlalchemy import select

from storage.database import Connection
from storage.tables import officer

APPROVERS = ("approver", "admin")


class NotAllowed(Exception):
    """The officer may not do this; the message says why."""


async def anybody(db: Connection) -> bool:
    """Whether any officer has an open account."""
    return (await db.execute(select(officer.c.id).where(officer.c.state == "open").limit(1))).first() is not None


async def must_approve(db: Connection, name: str, other_than: str | None = None) -> None:
    """Raises NotAllowed unless this is an open account that may approve, and not the one who asked for it."""
    query = select(officer.c.role).where(officer.c.name == name, officer.c.state == "open")
    role = (await db.execute(query)).scalar_one_or_none()
    if role not in APPROVERS:
        raise NotAllowed(f"{name} may not approve")
    if name == other_than:
        raise NotAllowed("the author may not approve")
