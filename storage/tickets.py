"""Promises to people: a human asked for, an answer owed, an erasure."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import or_, select, update

from storage.codes import next_code
from storage.database import Connection
from storage.tables import ticket

PROMISE = "promise"  # a ticket about what an officer promised when handing back


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
    about: str | None = None  # the answer or programme it waits for, or PROMISE
    officer_id: int | None = None


def _ticket(row: Any) -> Ticket:
    return Ticket(
        row.id,
        row.code,
        TicketKind(row.kind),
        row.person_id,
        row.text,
        row.state,
        row.due_at,
        row.about,
        row.officer_id,
    )


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


async def waiting_about(db: Connection, abouts: list[str], kind: TicketKind = TicketKind.ANSWER) -> list[Ticket]:
    """The promised answers (or promises of another kind) that people wait for about any of these, oldest first."""
    these = (ticket.c.kind == kind.value, ticket.c.about.in_(abouts))
    query = select(ticket).where(*these, ticket.c.state.in_(("waiting", "taken", "lapsed"))).order_by(ticket.c.id)
    return [_ticket(row) for row in (await db.execute(query)).all()]


LONGEST = 1000  # characters of a ticket


async def add_words(db: Connection, code: str, words: str) -> None:
    """Adds what was said later to what is asked of a human."""
    said = (await db.execute(select(ticket.c.text).where(ticket.c.code == code))).scalar_one()
    await db.execute(update(ticket).where(ticket.c.code == code).values(text=f"{said}\n{words}"[:LONGEST]))


async def end_ticket(db: Connection, code: str, state: str, now: datetime) -> None:
    """Ends a ticket as done or lapsed."""
    await db.execute(update(ticket).where(ticket.c.code == code).values(state=state, done_at=now))


OPEN = ("waiting", "taken", "lapsed")  # states of a promise that is still owed


async def take_all(db: Connection, person_id: int, officer_id: int) -> None:
    """Notes that an officer has begun on what this person waits for."""
    mine = (ticket.c.person_id == person_id, ticket.c.state.in_(OPEN), ticket.c.kind != TicketKind.ERASURE.value)
    await db.execute(update(ticket).where(*mine).values(officer_id=officer_id))
    waiting = (*mine, ticket.c.state == "waiting", ticket.c.kind == TicketKind.OFFICER.value)
    await db.execute(update(ticket).where(*waiting).values(state="taken"))


async def answered(db: Connection, person_id: int, now: datetime) -> list[str]:
    """Ends what was asked of a human: a human has spoken. Tells the codes; what was promised by an officer stays."""
    asked = (ticket.c.person_id == person_id, ticket.c.kind == TicketKind.OFFICER.value, ticket.c.state.in_(OPEN))
    kept = or_(ticket.c.about.is_(None), ticket.c.about != PROMISE)
    done = update(ticket).where(*asked, kept).values(state="done", done_at=now).returning(ticket.c.code)
    return list((await db.execute(done)).scalars())


async def of_person(db: Connection, person_id: int) -> list[Ticket]:
    """What is owed to a person, the earliest due first."""
    where = (ticket.c.person_id == person_id, ticket.c.state.in_(OPEN))
    rows = (await db.execute(select(ticket).where(*where).order_by(ticket.c.due_at))).all()
    return [_ticket(row) for row in rows]


async def detach(db: Connection, code: str) -> None:
    """Cuts a ticket off from its person: a receipt that names nobody."""
    await db.execute(update(ticket).where(ticket.c.code == code).values(person_id=None))


async def mark_lapsed(db: Connection, code: str) -> None:
    """Notes that a promise was not kept in time; the ticket goes on waiting."""
    await db.execute(update(ticket).where(ticket.c.code == code).values(state="lapsed"))
