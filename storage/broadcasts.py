"""Messages to many that wait for an officer's approval."""

from datetime import datetime

from storage.changes import ask_review
from storage.database import Connection, insert_into
from storage.tables import broadcast


async def draft(db: Connection, title: str, text: str, about: str, audience: list[int], now: datetime) -> bool:
    """Makes a draft broadcast, one per subject; False when it stands already."""
    row = insert_into(db, broadcast).values(
        title=title, text=text, about=about, audience={"people": audience}, created_at=now
    )
    row = row.on_conflict_do_nothing(index_elements=["about"]).returning(broadcast.c.id)
    made = (await db.execute(row)).scalar_one_or_none()
    if made is None:
        return False
    await ask_review(db, "broadcast", str(made), "waits for approval", now)
    return True
