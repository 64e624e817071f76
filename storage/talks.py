"""Conversations as officers see them: who waits, what was said, by whom."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, Select, and_, bindparam, case, func, select

from domain.notice import OutboxState
from storage.database import Connection, among, made_once
from storage.tables import address, conversation, message, outbox, person, ticket
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


OFFSET, LIMIT = bindparam("offset", type_=Integer), bindparam("most", type_=Integer)


@made_once
def _counts(_: Connection) -> Select[Any]:
    now, officer_id = bindparam("now", type_=ticket.c.due_at.type), bindparam("officer", type_=Integer)
    owed = and_(ticket.c.state.in_(OPEN), ticket.c.kind.in_(("HT", "CH")), ticket.c.person_id.is_not(None))
    waiting = select(func.count(ticket.c.person_id.distinct())).where(owed)
    late = select(func.count(ticket.c.person_id.distinct())).where(owed, ticket.c.due_at <= now)
    held = select(func.count()).where(conversation.c.owner == "officer", conversation.c.officer_id.is_not(None))
    mine = select(func.count()).where(conversation.c.officer_id == officer_id, conversation.c.owner == "officer")
    return select(*(query.scalar_subquery() for query in (waiting, late, held, mine)))


async def counts(db: Connection, officer_id: int, now: datetime) -> dict[str, int]:
    """How many conversations wait, are overdue, are held by this officer, by anybody."""
    row = (await db.execute(_counts(db), {"officer": officer_id, "now": now})).one()
    return dict(zip(("waiting", "late", "held", "mine"), map(int, row), strict=True))


@made_once
def _waiting(_: Connection) -> Select[Any]:
    first = func.min(ticket.c.due_at).label("due_at")
    owed = (ticket.c.state.in_(OPEN), ticket.c.kind.in_(("HT", "CH")), ticket.c.person_id.is_not(None))
    query = select(ticket.c.person_id, first).where(*owed).group_by(ticket.c.person_id)
    return query.order_by(first, ticket.c.person_id).offset(OFFSET).limit(LIMIT)


async def waiting(db: Connection, after: str = "", limit: int = PAGE) -> list[Glance]:
    """Who waits for an officer, the earliest due first. `after` is a cursor."""
    offset = int(after) if after.isdigit() else 0
    rows = await db.execute(_waiting(db), {"offset": offset, "most": limit})
    return _numbered(await _glances(db, rows.scalars()), offset)


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


@made_once
def _people(db: Connection) -> Select[Any]:
    """The people :ids, each with the talk's state, what the person said last, whether it is the newest line."""
    theirs = case((message.c.direction == "in", message.c.id))
    ends = (
        select(message.c.person_id, func.max(message.c.id).label("end"), func.max(theirs).label("theirs"))
        .where(among(db, message.c.person_id, "ids"))
        .group_by(message.c.person_id)
        .subquery()
    )
    talk = (conversation.c.owner, conversation.c.officer_id, conversation.c.updated_at, address.c.channel)
    return (
        select(person.c.id, person.c.name, person.c.phone, *talk, message.c.text, message.c.at)
        .add_columns((ends.c.end == ends.c.theirs).label("last_in"))
        .join(conversation, conversation.c.person_id == person.c.id)
        .outerjoin(address, address.c.id == conversation.c.address_id)
        .outerjoin(ends, ends.c.person_id == person.c.id)
        .outerjoin(message, message.c.id == ends.c.theirs)
        .where(among(db, person.c.id, "ids"))
    )


@made_once
def _promises(db: Connection) -> Select[Any]:
    owed = (among(db, ticket.c.person_id, "ids"), ticket.c.state.in_(OPEN))
    return select(ticket.c.person_id, ticket.c.code, ticket.c.due_at).where(*owed).order_by(ticket.c.due_at)


async def _glances(db: Connection, ids: Iterable[int]) -> list[Glance]:
    wanted = {"ids": list(ids)}
    if not wanted["ids"]:
        return []
    people = {row.id: row for row in (await db.execute(_people(db), wanted)).all()}
    promises: dict[int, list[Any]] = {}
    for row in (await db.execute(_promises(db), wanted)).all():
        promises.setdefault(row.person_id, []).append(row)
    return [_glance(people[key], promises.get(key, [])) for key in wanted["ids"] if key in people]


def _glance(who: Any, promises: list[Any]) -> Glance:
    return Glance(
        person_id=who.id,
        name=who.name,
        phone=who.phone,
        channel=who.channel or "",
        owner=who.owner,
        officer_id=who.officer_id,
        last=who.text or "",
        last_in=bool(who.last_in),
        at=who.at or who.updated_at,
        due_at=promises[0].due_at if promises else None,
        tickets=tuple(row.code for row in promises),
    )


LINE = select(
    message.c.id, message.c.direction, message.c.text, message.c.choices, message.c.at, outbox.c.dedupe_key
).outerjoin(outbox, outbox.c.id == message.c.outbox_id)
LINES = LINE.where(message.c.person_id == bindparam("whose")).order_by(message.c.id.desc()).limit(LIMIT)
NOT_SENT = (
    select(outbox.c.dedupe_key, outbox.c.text, outbox.c.choices, outbox.c.created_at, outbox.c.state)
    .where(outbox.c.person_id == bindparam("whose"), outbox.c.kind == "reply")
    .where(outbox.c.state.in_([state.value for state in UNSENT]))
    .order_by(outbox.c.id.desc())
    .limit(5)
)


async def lines(db: Connection, person_id: int, before: int | None = None, limit: int = 40) -> list[Said]:
    """A person's talk, oldest first, below an id; the newest page ends with what is not yet sent."""
    asked = {"whose": person_id, "most": limit}
    if before is None:
        rows = (await db.execute(LINES, asked)).all()
    else:
        rows = (await db.execute(LINES.where(message.c.id < bindparam("before")), {**asked, "before": before})).all()
    rows = rows[::-1]
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
    rows = (await db.execute(NOT_SENT, {"whose": person_id})).all()
    return [
        Said(0, _speaker("out", row.dedupe_key), row.text, _labels(row), row.created_at, row.state)
        for row in reversed(rows)
    ]


def _labels(row: Any) -> tuple[str, ...]:
    return tuple(choice["label"] for choice in row.choices or ())


async def line(db: Connection, message_id: int) -> Said | None:
    """One line of a talk."""
    row = (await db.execute(LINE.where(message.c.id == message_id))).one_or_none()
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
