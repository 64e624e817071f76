"""Conversations as officers see them: who waits, what was said, by whom."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, select

from domain.notice import OutboxState
from storage.database import Connection
from storage.tables import address, conversation, inbox, message, outbox, person, ticket
from storage.tickets import OPEN

PAGE = 30
QUESTION_WITHIN = 4  # messages of a person among which an officer's words find their question
UNSENT = (OutboxState.WAITING, OutboxState.SENDING, OutboxState.RETRY_AT, OutboxState.FAILED, OutboxState.UNKNOWN)


@dataclass(frozen=True)
class Glance:
    """One conversation in a list; `due_at` is the earliest promise, `cursor` where the next page begins."""

    person_id: int
    name: str | None
    phone: str | None
    channel: str
    owner: str
    officer_id: int | None
    last: str
    last_in: bool
    at: datetime
    due_at: datetime | None = None
    tickets: tuple[str, ...] = ()
    cursor: str = ""


@dataclass(frozen=True)
class Said:
    """One line of a talk; `by` is person, bot or an officer's id, `state` is sent for what was received or sent,
    `typed` tells an officer's own words from what was said on an officer's deed."""

    id: int
    by: str
    text: str
    choices: tuple[str, ...]
    at: datetime
    state: str = "sent"
    typed: bool = False


async def counts(db: Connection, officer_id: int, now: datetime) -> dict[str, int]:
    """How many conversations wait, are overdue, are held by this officer, by anybody."""
    owed = and_(ticket.c.state.in_(OPEN), ticket.c.kind.in_(("HT", "CH")), ticket.c.person_id.is_not(None))
    waiting = select(func.count(ticket.c.person_id.distinct())).where(owed)
    late = select(func.count(ticket.c.person_id.distinct())).where(owed, ticket.c.due_at <= now)
    held = select(func.count()).where(conversation.c.owner == "officer", conversation.c.officer_id.is_not(None))
    mine = select(func.count()).where(conversation.c.officer_id == officer_id, conversation.c.owner == "officer")
    queries = [query.scalar_subquery() for query in (waiting, late, held, mine)]
    row = (await db.execute(select(*queries))).one()
    return dict(zip(("waiting", "late", "held", "mine"), map(int, row), strict=True))


async def waiting(db: Connection, after: str = "", limit: int = PAGE) -> list[Glance]:
    """Who waits for an officer, the earliest due first. `after` is a cursor."""
    first = func.min(ticket.c.due_at).label("due_at")
    owed = (ticket.c.state.in_(OPEN), ticket.c.kind.in_(("HT", "CH")), ticket.c.person_id.is_not(None))
    query = select(ticket.c.person_id, first).where(*owed).group_by(ticket.c.person_id)
    offset = int(after) if after.isdigit() else 0
    query = query.order_by(first, ticket.c.person_id).offset(offset).limit(limit)
    dues = {row.person_id: row.due_at for row in (await db.execute(query)).all()}
    found = await _glances(db, dues)
    return _numbered(found, offset)


async def held_by(db: Connection, officer_id: int | None, after: str = "", limit: int = PAGE) -> list[Glance]:
    """The talks an officer holds now, or any officer."""
    whose = conversation.c.officer_id.is_not(None) if officer_id is None else conversation.c.officer_id == officer_id
    query = select(conversation.c.person_id).where(conversation.c.owner == "officer", whose)
    offset = int(after) if after.isdigit() else 0
    ids = (await db.execute(query.order_by(conversation.c.owned_until).offset(offset).limit(limit))).scalars()
    return _numbered(await _glances(db, list(ids)), offset)


async def recent(db: Connection, after: str = "", limit: int = PAGE) -> list[Glance]:
    """All talks, the newest first."""
    query = select(conversation.c.person_id).where(conversation.c.address_id.is_not(None))
    offset = int(after) if after.isdigit() else 0
    ids = (await db.execute(query.order_by(conversation.c.updated_at.desc()).offset(offset).limit(limit))).scalars()
    return _numbered(await _glances(db, list(ids)), offset)


def _numbered(found: list[Glance], offset: int) -> list[Glance]:
    return [replace(glance, cursor=str(offset + index)) for index, glance in enumerate(found, 1)]


async def _glances(db: Connection, ids: Iterable[int]) -> list[Glance]:
    wanted = list(ids)
    if not wanted:
        return []
    columns = (conversation.c.owner, conversation.c.officer_id, conversation.c.updated_at, address.c.channel)
    query = select(person.c.id, person.c.name, person.c.phone, *columns).join(
        conversation, conversation.c.person_id == person.c.id
    )
    query = query.outerjoin(address, address.c.id == conversation.c.address_id).where(person.c.id.in_(wanted))
    people = {row.id: row for row in (await db.execute(query)).all()}
    of_them = message.c.person_id.in_(wanted)
    newest = select(func.max(message.c.id).label("id")).where(of_them).group_by(message.c.person_id)
    ends = {row.id for row in (await db.execute(newest)).all()}
    newest = newest.where(message.c.direction == "in")
    columns_said = (message.c.id, message.c.person_id, message.c.text, message.c.at)
    lines = (await db.execute(select(*columns_said).where(message.c.id.in_(newest)))).all()
    last = {row.person_id: row for row in lines}
    owed = select(ticket.c.person_id, ticket.c.code, ticket.c.due_at).where(
        ticket.c.person_id.in_(wanted), ticket.c.state.in_(OPEN)
    )
    promises: dict[int, list[Any]] = {}
    for row in (await db.execute(owed.order_by(ticket.c.due_at))).all():
        promises.setdefault(row.person_id, []).append(row)
    return [_glance(people[key], last.get(key), promises.get(key, []), ends) for key in wanted if key in people]


def _glance(who: Any, line: Any, promises: list[Any], ends: set[int]) -> Glance:
    """`line` is what the person said last; `ends` holds the newest line of each talk."""
    return Glance(
        person_id=who.id,
        name=who.name,
        phone=who.phone,
        channel=who.channel or "",
        owner=who.owner,
        officer_id=who.officer_id,
        last=line.text if line else "",
        last_in=bool(line and line.id in ends),
        at=line.at if line else who.updated_at,
        due_at=promises[0].due_at if promises else None,
        tickets=tuple(row.code for row in promises),
    )


async def lines(db: Connection, person_id: int, before: int | None = None, limit: int = 40) -> list[Said]:
    """A person's talk, oldest first, below an id; the newest page ends with what is not yet sent."""
    query = select(message, outbox.c.dedupe_key).outerjoin(outbox, outbox.c.id == message.c.outbox_id)
    query = query.where(message.c.person_id == person_id).order_by(message.c.id.desc()).limit(limit)
    if before is not None:
        query = query.where(message.c.id < before)
    rows = list(reversed((await db.execute(query)).all()))
    said = [_said(row) for row in rows]
    return said if before is not None else said + await _unsent(db, person_id)


def _said(row: Any) -> Said:
    key = row.dedupe_key or ""
    typed = key.startswith("officer:") and key.count(":") == 2
    return Said(row.id, _speaker(row.direction, key), row.text, tuple(row.choices or ()), row.at, typed=typed)


def _speaker(direction: str, key: str | None) -> str:
    if direction == "in":
        return "person"
    return key.split(":")[1] if key and key.startswith("officer:") else "bot"


async def _unsent(db: Connection, person_id: int) -> list[Said]:
    states = [state.value for state in UNSENT]
    shown = and_(outbox.c.person_id == person_id, outbox.c.state.in_(states), outbox.c.kind == "reply")
    rows = (await db.execute(select(outbox).where(shown).order_by(outbox.c.id.desc()).limit(5))).all()
    return [
        Said(0, _speaker("out", row.dedupe_key), row.text, _labels(row), row.created_at, row.state)
        for row in reversed(rows)
    ]


def _labels(row: Any) -> tuple[str, ...]:
    return tuple(choice["label"] for choice in row.choices or ())


async def line(db: Connection, message_id: int) -> Said | None:
    """One line of a talk."""
    query = select(message, outbox.c.dedupe_key).outerjoin(outbox, outbox.c.id == message.c.outbox_id)
    row = (await db.execute(query.where(message.c.id == message_id))).one_or_none()
    if row is None:
        return None
    return _said(row)


async def question_before(db: Connection, message_id: int) -> str:
    """What the person had asked before this line: the newest of the last few messages that says more than a word or
    two ("alo", "đúng rồi"), else simply the newest."""
    whose = select(message.c.person_id).where(message.c.id == message_id).scalar_subquery()
    earlier = (message.c.person_id == whose, message.c.id < message_id, message.c.direction == "in")
    query = select(message.c.text).where(*earlier).order_by(message.c.id.desc()).limit(QUESTION_WITHIN)
    said = list((await db.execute(query)).scalars())
    return next((text for text in said if len(text.split()) > 3), said[0] if said else "")


async def quarantined(db: Connection) -> int:
    """How many messages could not be read by any turn."""
    query = select(func.count()).where(inbox.c.state == "quarantined")
    return int((await db.execute(query)).scalar_one())
