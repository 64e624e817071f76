"""The needs as officers see and move them: filters, search without diacritics, assignment, states."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, or_, select, update

from domain.need import Need, NeedState, Outcome, called
from domain.text import plain
from storage.database import Connection
from storage.needs import need_from
from storage.tables import match, need, need_version, offer, officer, person

PAGE = 30
MOST_EXPORTED = 5000


@dataclass(frozen=True)
class Filter:
    """What is wanted of the board; empty values do not restrict. `before` and `after` are ids for paging."""

    state: str = ""
    officer_id: int | None = None
    nobody: bool = False
    unit: str = ""
    search: str = ""
    late_by: datetime | None = None
    before: int | None = None
    oldest_first: bool = False


@dataclass(frozen=True)
class Row:
    """One need in a list."""

    id: int
    code: str
    state: str
    outcome: str | None
    title: str
    unit: str | None
    name: str | None
    phone: str | None
    officer: str | None
    channel: str
    submitted_at: datetime | None
    due_at: datetime | None
    fields: dict[str, Any]
    text: str
    asked: bool
    answered: bool


@dataclass(frozen=True)
class Version:
    """One earlier or present wording of a need."""

    number: int
    author: str
    at: datetime
    text: str
    fields: dict[str, Any]


@dataclass(frozen=True)
class Matched:
    """An offer found for a need."""

    offer_id: str
    title: str
    owner: str
    state: str
    score: float
    because: tuple[str, ...]
    doubts: tuple[str, ...]


def _where(query: Select[Any], wanted: Filter) -> Select[Any]:
    if wanted.state:
        query = query.where(need.c.state == wanted.state)
    else:
        query = query.where(need.c.state != NeedState.DRAFT.value)
    if wanted.officer_id is not None:
        query = query.where(need.c.officer_id == wanted.officer_id)
    if wanted.nobody:
        query = query.where(need.c.officer_id.is_(None))
    if wanted.unit:
        query = query.where(need.c.unit == wanted.unit)
    if wanted.late_by is not None:
        query = query.where(need.c.due_at <= wanted.late_by, need.c.state == NeedState.SUBMITTED.value)
    if wanted.before is not None:
        query = query.where(need.c.id > wanted.before if wanted.oldest_first else need.c.id < wanted.before)
    for word in sorted(plain(wanted.search).split()[:8], key=len, reverse=True):  # the rarest first, most likely
        named = select(person.c.id).where(person.c.folded.contains(word, autoescape=True))
        query = query.where(or_(need.c.folded.contains(word, autoescape=True), need.c.person_id.in_(named)))
    return query


def _joined(*columns: Any) -> Select[Any]:
    query = select(*columns).join(person, person.c.id == need.c.person_id)
    return query.outerjoin(officer, officer.c.id == need.c.officer_id)


LISTED = _joined(need, person.c.name.label("owner"), person.c.phone, officer.c.name.label("who"))
BY_STATE = select(need.c.state, func.count()).group_by(need.c.state)
UNITS = select(need.c.unit).where(need.c.unit.is_not(None)).distinct().order_by(need.c.unit)


async def listed(db: Connection, wanted: Filter, limit: int = PAGE) -> list[Row]:
    """The needs a filter lets through, newest first."""
    query = _where(LISTED, wanted)
    query = query.order_by(need.c.id if wanted.oldest_first else need.c.id.desc()).limit(limit)
    return [_row(row) for row in (await db.execute(query)).all()]


def _row(row: Any) -> Row:
    fields = row.fields or {}
    title = called(fields)
    asked = row.asked or {}
    return Row(
        id=row.id,
        code=row.code,
        state=row.state,
        outcome=row.outcome,
        title=title,
        unit=row.unit,
        name=row.owner,
        phone=row.phone,
        officer=row.who,
        channel=row.channel,
        submitted_at=row.submitted_at or row.created_at,
        due_at=row.due_at if row.state == NeedState.SUBMITTED.value else None,
        fields=fields,
        text=row.text,
        asked=bool(asked),
        answered=bool(asked.get("answer")),
    )


async def by_state(db: Connection) -> dict[str, int]:
    """How many needs stand in each state."""
    rows = (await db.execute(BY_STATE)).all()
    return {row[0]: row[1] for row in rows}


async def units(db: Connection) -> list[str]:
    """The communes and wards that needs come from."""
    return [str(unit) for unit in (await db.execute(UNITS)).scalars()]


# --- one need ---------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Sheet:
    """One need with what officers keep beside it."""

    need: Need
    summary: str
    officer_id: int | None
    asked: dict[str, Any] | None
    behalf: dict[str, Any] | None
    slip: str | None
    unit: str | None


async def sheet(db: Connection, code: str) -> Sheet | None:
    """The need with this code."""
    row = (await db.execute(select(need).where(need.c.code == code.upper()))).one_or_none()
    if row is None:
        return None
    return Sheet(need_from(row), row.summary, row.officer_id, row.asked, row.behalf, row.slip, row.unit)


async def versions(db: Connection, need_id: int) -> list[Version]:
    """All wordings of a need, newest first."""
    query = select(need_version).where(need_version.c.need_id == need_id).order_by(need_version.c.number.desc())
    rows = (await db.execute(query)).all()
    return [Version(row.number, row.author, row.at, row.text, row.fields or {}) for row in rows]


async def matches(db: Connection, need_id: int) -> list[Matched]:
    """The offers found for a need, best first."""
    query = select(match, offer.c.title, offer.c.owner).join(offer, offer.c.id == match.c.offer_id)
    rows = (await db.execute(query.where(match.c.need_id == need_id).order_by(match.c.score.desc()).limit(12))).all()
    return [
        Matched(
            row.offer_id, row.title, row.owner, row.state, row.score, tuple(row.because or ()), tuple(row.doubts or ())
        )
        for row in rows
    ]


async def move(
    db: Connection,
    need_id: int,
    before: Iterable[NeedState],
    after: NeedState,
    now: datetime,
    outcome: Outcome | None = None,
) -> bool:
    """Moves a need from one of these states to another; False when it has moved meanwhile."""
    closed = now if after is NeedState.CLOSED else None
    values = {"state": after.value, "outcome": outcome.value if outcome else None, "closed_at": closed}
    here = (need.c.id == need_id, need.c.state.in_([state.value for state in before]))
    return (await db.execute(update(need).where(*here).values(**values).returning(need.c.id))).first() is not None


async def assign(db: Connection, need_id: int, officer_id: int | None) -> None:
    """Gives a need to an officer, or to nobody."""
    await db.execute(update(need).where(need.c.id == need_id).values(officer_id=officer_id))


async def ask(db: Connection, need_id: int, asked: dict[str, Any] | None) -> None:
    """Keeps the one question back, with its answer when it has come."""
    await db.execute(update(need).where(need.c.id == need_id).values(asked=asked))


async def set_behalf(db: Connection, need_id: int, behalf: dict[str, Any], slip: str | None) -> None:
    """Keeps how a need was filled in for somebody."""
    await db.execute(update(need).where(need.c.id == need_id).values(behalf=behalf, slip=slip))


async def submitted(db: Connection, need_id: int, now: datetime, due_at: datetime) -> None:
    """The owner has confirmed: the promise runs from here."""
    await db.execute(update(need).where(need.c.id == need_id).values(submitted_at=now, due_at=due_at))


async def by_slip(db: Connection, slip: str) -> tuple[Need, str | None] | None:
    """The need a slip's code belongs to, with its owner's phone number."""
    query = select(need, person.c.phone.label("owner_phone")).join(person, person.c.id == need.c.person_id)
    row = (await db.execute(query.where(need.c.slip == slip))).one_or_none()
    return None if row is None else (need_from(row), row.owner_phone)


async def awaiting_answer(db: Connection, person_id: int) -> tuple[Need, dict[str, Any]] | None:
    """The newest need of a person whose question back is not answered yet."""
    states = (NeedState.SUBMITTED.value, NeedState.OPEN.value)
    where = (need.c.person_id == person_id, need.c.state.in_(states), need.c.asked.is_not(None))
    for row in (await db.execute(select(need).where(*where).order_by(need.c.id.desc()).limit(5))).all():
        if row.asked and not row.asked.get("answer"):
            return need_from(row), dict(row.asked)
    return None
