"""The offers as officers see them: what waits first, one with whoever made it, what was asked of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Integer, Select, and_, bindparam, case, func, literal, select

from domain.offer import Offer, OfferState
from domain.text import plain
from storage.catalogue import offer_from
from storage.database import Connection, made_once
from storage.notes import Note
from storage.tables import match, need, note, offer, person, supplier, ticket
from storage.tickets import OPEN

PAGE = 30
SUPPLIER = "nơi chào"  # the author of what a supplier adds
ABOUT = "supply:"  # begins what the ticket of an offer is about, the id follows


@dataclass(frozen=True)
class Row:
    """One offer in a list; `due_at` is the promise to its supplier that is still owed."""

    id: str
    title: str
    state: OfferState
    owner: str
    products: tuple[str, ...]
    since: datetime | None
    due_at: datetime | None


@dataclass(frozen=True)
class Sheet:
    """One offer with what is kept beside it; without `person_id` nobody of it has a chat."""

    offer: Offer
    revision: int
    written_by: str
    contact: str
    valid_until: date | None
    person_id: int | None
    name: str | None
    phone: str | None
    since: datetime | None
    due_at: datetime | None


@dataclass(frozen=True)
class Fitting:
    """A need that this offer was found for."""

    code: str
    summary: str
    state: str


def _joined(*columns: Any) -> Select[Any]:
    owed = (
        select(ticket.c.about, func.min(ticket.c.due_at).label("due_at"))
        .where(ticket.c.state.in_(OPEN), ticket.c.about.startswith(ABOUT, autoescape=True))
        .group_by(ticket.c.about)
        .subquery()
    )
    query = select(*columns, supplier.c.person_id, supplier.c.since, owed.c.due_at)
    query = query.outerjoin(supplier, supplier.c.offer_id == offer.c.id)
    return query.outerjoin(owed, owed.c.about == literal(ABOUT).concat(offer.c.id)).order_by(
        case((offer.c.state == OfferState.SUBMITTED.value, 0), else_=1),
        case((owed.c.due_at.is_(None), 1), else_=0),
        owed.c.due_at,
        offer.c.id.desc(),
    )


@made_once
def _list(_: Connection, of_state: bool, paged: bool) -> Select[Any]:
    query = _joined(offer.c.id, offer.c.title, offer.c.state, offer.c.owner, offer.c.products, offer.c.processes)
    if of_state:
        query = query.where(offer.c.state == bindparam("state"))
    return query.offset(bindparam("start", type_=Integer)).limit(bindparam("most", type_=Integer)) if paged else query


async def listed(db: Connection, state: str = "", search: str = "", start: int = 0, limit: int = PAGE) -> list[Row]:
    """The offers of a state whose code, title, supplier or terms hold all words; the longest promised first."""
    words, asked = plain(search).split()[:8], {"state": state} if state else {}
    if not words:
        rows = await db.execute(_list(db, bool(state), True), {**asked, "start": start, "most": limit})
        return [_row(row) for row in rows.all()]
    rows = await db.execute(_list(db, bool(state), False), asked)
    found = [row for row in rows.all() if all(word in _said(row) for word in words)]
    return [_row(row) for row in found[start : start + limit]]


def _said(row: Any) -> str:
    return plain(" ".join((row.id, row.title, row.owner, *(row.products or ()), *(row.processes or ()))))


def _row(row: Any) -> Row:
    state, products = OfferState(row.state), tuple(row.products or ())
    return Row(row.id, row.title, state, row.owner, products, row.since, row.due_at)


async def by_state(db: Connection) -> dict[str, int]:
    """How many offers stand in each state."""
    rows = (await db.execute(select(offer.c.state, func.count()).group_by(offer.c.state))).all()
    return {row[0]: row[1] for row in rows}


async def sheet(db: Connection, offer_id: str) -> Sheet | None:
    """The offer with this id."""
    query = _joined(offer, person.c.name.label("who"), person.c.phone).where(offer.c.id == offer_id)
    row = (await db.execute(query.outerjoin(person, person.c.id == supplier.c.person_id))).one_or_none()
    if row is None:
        return None
    return Sheet(
        offer_from(row), row.revision, row.written_by, row.contact or "", row.valid_until, row.person_id, row.who,
        row.phone, row.since, row.due_at,
    )  # fmt: skip


async def fitting(db: Connection, offer_id: str, limit: int = 8) -> list[Fitting]:
    """The needs that this offer was found for, best first."""
    query = select(need.c.code, need.c.summary, match.c.state).join(match, match.c.need_id == need.c.id)
    rows = await db.execute(query.where(match.c.offer_id == offer_id).order_by(match.c.score.desc()).limit(limit))
    return [Fitting(row.code, row.summary, row.state) for row in rows.all()]


async def asked_last(db: Connection, ids: Sequence[str]) -> dict[str, Note]:
    """The newest note beside each of these offers, where there is one: an officer's question, or a supplier's answer."""
    these = and_(note.c.noun == "offer", note.c.noun_id.in_(list(ids)))
    rows = (await db.execute(select(note).where(these).order_by(note.c.id))).all() if ids else []
    return {row.noun_id: Note(row.text, row.author, row.at) for row in rows}


async def asked_of(db: Connection, person_id: int, since: datetime) -> tuple[str, str] | None:
    """(offer, question) of this person's submitted offer about which an officer has asked since then, not answered yet."""
    query = select(note.c.noun_id, note.c.text, note.c.author, note.c.at).join(offer, offer.c.id == note.c.noun_id)
    mine = (note.c.noun == "offer", note.c.person_id == person_id, offer.c.state == OfferState.SUBMITTED.value)
    row = (await db.execute(query.where(*mine).order_by(note.c.id.desc()).limit(1))).one_or_none()
    return None if row is None or row.author == SUPPLIER or row.at < since else (row.noun_id, row.text)
