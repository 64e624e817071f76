"""Who does what only one process may do at a time."""

from sqlalchemy import delete, or_

from storage.database import Connection, database_clock, insert_into
from storage.tables import lease


async def hold(db: Connection, name: str, holder: str, seconds: float) -> bool:
    """Takes or keeps a lease for so many seconds by the database's clock; False while another holds it."""
    until = database_clock(db) + seconds
    row = insert_into(db, lease).values(name=name, holder=holder, until=until)
    free = or_(lease.c.holder == holder, lease.c.until < database_clock(db))
    row = row.on_conflict_do_update(index_elements=["name"], set_={"holder": holder, "until": until}, where=free)
    return (await db.execute(row.returning(lease.c.name))).first() is not None


async def let_go(db: Connection, name: str, holder: str) -> None:
    """Ends a lease of one's own before its time."""
    await db.execute(delete(lease).where(lease.c.name == name, lease.c.holder == holder))
