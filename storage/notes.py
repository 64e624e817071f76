"""What officers note beside a person or a need."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from storage.database import Connection
from storage.tables import note


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
    where = (note.c.noun == noun, note.c.noun_id == noun_id)
    rows = (await db.execute(select(note).where(*where).order_by(note.c.id.desc()).limit(100))).all()
    return [Note(row.text, row.author, row.at) for row in rows]
