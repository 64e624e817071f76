"""What officers note beside a person or a need."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select

from storage.database import Connection
from storage.tables import note

OF = (
    select(note.c.text, note.c.author, note.c.at)
    .where(note.c.noun == bindparam("noun"), note.c.noun_id == bindparam("named"))
    .order_by(note.c.id.desc())
    .limit(100)
)


@dataclass(frozen=True)
class Note:
    """One note."""

    text: str
    author: str
    at: datetime


async def add(
    db: Connection, noun: str, noun_id: str, person_id: int | None, text: str, author: str, now: datetime
) -> None:
    """Adds a note; it goes when the person's data go."""
    values = {"noun": noun, "noun_id": noun_id, "person_id": person_id, "text": text[:4000], "author": author}
    await db.execute(note.insert().values(**values, at=now))


async def of(db: Connection, noun: str, noun_id: str) -> list[Note]:
    """The notes beside one thing, newest first."""
    rows = (await db.execute(OF, {"noun": noun, "named": noun_id})).all()
    return [Note(row.text, row.author, row.at) for row in rows]
