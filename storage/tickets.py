"""Promises to people: a human asked for, an answer owed, an erasure."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import select, update

from storage.codes import next_code
from storage.database import Connection
from storage.tables import ticket


class TicketKind(StrEnum):
    """What is owed; the value is the prefix of its code."""

    OFFICER = "HT"  # a human asked for
    ANSWER = "CH"  # a question nobody has answered yet
    ERASURE = "XD"  # data to be erased


@dataclass(frozen=True)
class Ticket:
    """One promise with its due time (UTC)."""

    id: int
    code: str
    kind: TicketKind
    person_id: int | None
    text: str
    state: str
    due_at: datetime
    about: str | None = None  # the answer or programme it waits for


def _ticket(row: Any) -> Ticket:
    return Ticket(row.id, row.code, TicketKind(row.kind), row.person_id, row.text, row.state, row.due_at, row.about)


async def open_ticket(
    db: Connection,
    kind: TicketKind,
    person_id: int,
    text: str,
    now: datetime,
    due_at: datetime,
    about: str | None = None,
) -> Ticket:
    """Opens a ticket; the same open request of the same person about the same thing is not opened twice."""
    same = select(ticket).where(
        ticket.c.person_id == person_id, ticket.c.kind == kind.value, ticket.c.state == "waiting", ticket.c.text == text
    )
    held = (await db.execute(same)).first()
    if held is not None:
        return _ticket(held)
    values = {
        "code": await next_code(db, kind.value),
        "kind": kind.value,
        "person_id": person_id,
        "text": text,
        "about": about,
        "created_at": now,
        "due_at": due_at,
    }
    return _ticket((await db.execute(ticket.insert().values(**values).returning(ticket))).one())


async def find_ticket(db: Connection, code: str) -> Ticket | None:
    """The ticket with this code."""
    row = (await db.execute(select(ticket).where(ticket.c.code == code))).one_or_none()
    return None if row is None else _ticket(row)


async def waiting_about(db: Connection, abouts: list[str]) -> list[Ticket]:
    """The promised answers that people wait for about any of these, oldest first."""
    these = (ticket.c.kind == TicketKind.ANSWER.value, ticket.c.about.in_(abouts))
    query = select(ticket).where(*these, ticket.c.state.in_(("waiting", "taken", "lapsed"))).order_by(ticket.c.id)
    return [_ticket(row) for row in (await db.execute(query)).all()]


async def end_ticket(db: Connection, code: str, state: str, now: datetime) -> None:
    """Ends a ticket as done or lapsed."""
    await db.execute(update(ticket).where(ticket.c.code == code).values(state=state, done_at=now))


async def detach(db: Connection, code: str) -> None:
    """Cuts a ticket off from its person: a receipt that names nobody."""
    await db.execute(update(ticket).where(ticket.c.code == code).values(person_id=None))


async def mark_lapsed(db: Connection, code: str) -> None:
    """Notes that a promise was not kept in time; the ticket goes on waiting."""
    await db.execute(update(ticket).where(ticket.c.code == code).values(state="lapsed"))
