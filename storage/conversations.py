"""One row per person: the talk as it stands."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from conversation.talk import Talk
from storage.database import Connection
from storage.tables import conversation


@dataclass(frozen=True)
class Held:
    """A conversation held for one turn: nobody else works on it until the transaction ends."""

    person_id: int
    talk: Talk
    owner: str
    version: int


async def hold(db: Connection, person_id: int) -> Held | None:
    """Locks a conversation; None when another worker has it."""
    query = select(conversation).where(conversation.c.person_id == person_id)
    if db.dialect.name == "postgresql":
        query = query.with_for_update(skip_locked=True)
    row = (await db.execute(query)).one_or_none()
    return None if row is None else Held(person_id, Talk.load(row.data or {}), row.owner, row.version)


async def keep(db: Connection, held: Held, address_id: int, quick: bool, now: datetime) -> None:
    """Writes the talk back after a turn."""
    await db.execute(
        update(conversation)
        .where(conversation.c.person_id == held.person_id)
        .values(data=held.talk.dump(), version=held.version + 1, address_id=address_id, quick=quick, updated_at=now)
    )


async def keep_talk(db: Connection, held: Held, now: datetime) -> None:
    """Writes the talk back without a turn: where replies go stays as it was."""
    await db.execute(
        update(conversation)
        .where(conversation.c.person_id == held.person_id)
        .values(data=held.talk.dump(), version=held.version + 1, updated_at=now)
    )
