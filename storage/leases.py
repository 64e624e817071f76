"""Who does what only one process may do at a time."""

from sqlalchemy import delete, func, or_, select

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


# --- who may stop what is leaving (PostgreSQL; on SQLite a writing transaction is alone in any case) -----------------
LEAVING = 12  # the advisory lock that whoever lets messages to many leave shares, whoever ends their right to has alone
HELD_SECONDS = 5  # a worker that sleeps in between keeps nobody from stopping for longer


async def let_leave(db: Connection) -> None:
    """Until this transaction ends nothing can be stopped; whoever waits to stop something goes before the next."""
    if db.dialect.name == "postgresql":
        bounded = func.set_config("idle_in_transaction_session_timeout", f"{HELD_SECONDS}s", True)
        await db.execute(select(bounded, func.pg_advisory_xact_lock_shared(LEAVING)))


async def let_nothing_leave(db: Connection) -> None:
    """Waits for messages to many that are just leaving; until this transaction ends no more do, and those that look
    afterwards see what it wrote. Taken before rows of events and broadcasts are locked, always in this order."""
    if db.dialect.name == "postgresql":
        await db.execute(select(func.pg_advisory_xact_lock(LEAVING)))
