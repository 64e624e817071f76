"""Messages to many that wait for an officer's approval."""

from datetime import datetime

from sqlalchemy import and_, or_, select

from domain.notice import Kind, OutboxState
from storage.changes import ask_review
from storage.database import Connection, insert_into
from storage.tables import broadcast, outbox

SENT_KEPT = 300  # of the newest messages that a passed-on text is compared with
UNAPPROVED = ("draft", "waiting_for_approval")


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


async def told(db: Connection, person_id: int) -> list[tuple[str, datetime]]:
    """What we have said to many, and all to this person: (text, when), newest first, each text once."""
    many = outbox.c.kind.in_((Kind.NOTICE.value, Kind.BROADCAST.value))
    said = and_(outbox.c.state == OutboxState.SENT.value, or_(many, outbox.c.person_id == person_id))
    query = select(outbox.c.text, outbox.c.created_at).where(said).order_by(outbox.c.id.desc()).limit(SENT_KEPT)
    rows = [(row.text, row.created_at) for row in (await db.execute(query)).all()]
    approved = select(broadcast.c.text, broadcast.c.created_at).where(broadcast.c.state.not_in(UNAPPROVED))
    rows += [(row.text, row.created_at) for row in (await db.execute(approved)).all()]
    return list({text: (text, at) for text, at in reversed(rows) if text}.values())
