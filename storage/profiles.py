"""People as officers see them: search, profile, duplicates, merging."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, func, or_, select

from domain.text import plain
from storage import links, people
from storage.conversations import Held
from storage.database import Connection, among, made_once
from storage.tables import (
    address,
    allowance,
    consent,
    conversation,
    enterprise,
    message,
    need,
    person,
    registration,
    ticket,
)

PAGE = 30
WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Glance:
    """One person in a list."""

    id: int
    name: str | None
    phone: str | None
    unit: str | None
    created_at: datetime
    needs: int
    channels: tuple[str, ...]


@dataclass(frozen=True)
class Place:
    """One address with what was said to it lately, and what the platform lets us still say there."""

    channel: str
    state: str
    seen_at: datetime
    told: int  # messages of ours within the last seven days
    remain: int | None  # as the platform last told, when that still holds
    total: int | None


@dataclass(frozen=True)
class Profile:
    """All that is kept about a person, but for the talk."""

    glance: Glance
    addresses: list[Place]
    consents: list[Any]
    enterprise: dict[str, Any] | None
    needs: list[Any]
    tickets: list[Any]
    registrations: list[Any]
    messages: int


async def listed(db: Connection, search: str = "", before: int | None = None, limit: int = PAGE) -> list[Glance]:
    """People with a name or a number like this, the newest first."""
    query = select(person).order_by(person.c.id.desc()).limit(limit)
    for word in plain(search).split()[:6]:
        query = query.where(person.c.folded.contains(word, autoescape=True))
    if before is not None:
        query = query.where(person.c.id < before)
    return await _glances(db, (await db.execute(query)).all())


def _of(table: Any, *order: Any) -> Any:
    """What of a table belongs to the person :whose."""
    return select(table).where(table.c.person_id == bindparam("whose")).order_by(*order)


ONE = select(person).where(person.c.id == bindparam("whose"))
FIRM = _of(enterprise)
CONSENTS = _of(consent, consent.c.given_at.desc())
NEEDS = _of(need, need.c.id.desc())
TICKETS = _of(ticket, ticket.c.id.desc())
REGISTRATIONS = _of(registration, registration.c.id.desc())
SAID = select(func.count()).select_from(message).where(message.c.person_id == bindparam("whose"))
TOLD = SAID.where(  # by person, which has the index
    message.c.address_id == address.c.id, message.c.direction == "out", message.c.at > bindparam("since")
).scalar_subquery()
PLACES = (
    select(address, TOLD.label("told"), allowance.c.remain, allowance.c.total, allowance.c.at.label("told_at"))
    .outerjoin(allowance, allowance.c.address_id == address.c.id)
    .where(address.c.person_id == bindparam("whose"))
    .order_by(address.c.seen_at.desc())
)


async def glance(db: Connection, person_id: int) -> Glance | None:
    """One person in short."""
    found = await _glances(db, (await db.execute(ONE, {"whose": person_id})).all())
    return found[0] if found else None


@made_once
def _needs_of(db: Connection) -> Any:
    counted = select(need.c.person_id, func.count().label("n"), func.max(need.c.unit).label("unit"))
    return counted.where(among(db, need.c.person_id, "ids")).group_by(need.c.person_id)


@made_once
def _channels_of(db: Connection) -> Any:
    return select(address.c.person_id, address.c.channel).where(among(db, address.c.person_id, "ids"))


async def _glances(db: Connection, rows: Any) -> list[Glance]:
    ids = {"ids": [row.id for row in rows]}
    if not ids["ids"]:
        return []
    needs = {row.person_id: row for row in (await db.execute(_needs_of(db), ids)).all()}
    channels: dict[int, list[str]] = {}
    for row in (await db.execute(_channels_of(db), ids)).all():
        channels.setdefault(row.person_id, []).append(row.channel)
    return [
        Glance(
            row.id,
            row.name,
            row.phone,
            needs[row.id].unit if row.id in needs else None,
            row.created_at,
            needs[row.id].n if row.id in needs else 0,
            tuple(dict.fromkeys(channels.get(row.id, ()))),
        )
        for row in rows
    ]


async def profile(db: Connection, person_id: int, now: datetime) -> Profile | None:
    """What is kept about one person."""
    short = await glance(db, person_id)
    if short is None:
        return None

    async def rows(query: Any) -> list[Any]:
        return list((await db.execute(query, {"whose": person_id})).all())

    firm = next(iter(await rows(FIRM)), None)
    ((messages,),) = await rows(SAID)
    return Profile(
        glance=short,
        addresses=await _places(db, person_id, now),
        consents=await rows(CONSENTS),
        enterprise=dict(firm._mapping) if firm else None,
        needs=await rows(NEEDS),
        tickets=await rows(TICKETS),
        registrations=await rows(REGISTRATIONS),
        messages=messages,
    )


async def _places(db: Connection, person_id: int, now: datetime) -> list[Place]:
    found = []
    for row in (await db.execute(PLACES, {"whose": person_id, "since": now - WEEK})).all():
        holds = row.told_at is not None and row.told_at > row.seen_at
        left = (row.remain, row.total) if holds else (None, None)
        found.append(Place(row.channel, row.state, row.seen_at, row.told, *left))
    return found


async def make(db: Connection, now: datetime) -> int:
    """A person without any chat, whom an officer serves at the desk."""
    person_id: int = (await db.execute(person.insert().values(created_at=now).returning(person.c.id))).scalar_one()
    await db.execute(conversation.insert().values(person_id=person_id, data={}, updated_at=now))
    return person_id


async def with_chat(db: Connection, digits: str) -> int | None:
    """Who can be reached in a chat under this phone number (digits, with 0 or 84 in front); the newest one."""
    tail = digits[-9:]
    if len(tail) < 9:
        return None
    query = select(person.c.id).join(conversation, conversation.c.person_id == person.c.id)
    query = query.where(person.c.phone == f"+84{tail}", conversation.c.address_id.is_not(None))
    found: int | None = (await db.execute(query.order_by(person.c.id.desc()).limit(1))).scalar_one_or_none()
    return found


async def alike(db: Connection, who: Glance) -> list[Glance]:
    """Who is likely the same person: the same number, or the very same name."""
    same = []
    if who.phone:
        same.append(person.c.phone == who.phone)
    if who.name:
        same.append(person.c.folded.like(f"{plain(who.name)}%"))
    if not same:
        return []
    rows = (await db.execute(select(person).where(or_(*same), person.c.id != who.id).limit(5))).all()
    return await _glances(db, rows)


async def merge(db: Connection, kept: Held, gone: Held) -> None:
    """Makes two records of one person one; all that belonged to `gone` belongs to `kept`. The talk goes on where an
    officer speaks, else where the person wrote last, with the open form of either."""
    columns = (conversation.c.person_id, conversation.c.address_id, conversation.c.updated_at, conversation.c.owner)
    query = select(*columns)
    rows = (await db.execute(query.where(conversation.c.person_id.in_((kept.person_id, gone.person_id))))).all()
    last = max(rows, key=lambda row: (row.address_id is not None, row.owner == "officer", row.updated_at))
    first, second = (kept.talk, gone.talk) if last.person_id == kept.person_id else (gone.talk, kept.talk)
    if first.form is None and second.form is not None:
        first.form, first.form_id, first.own_words = second.form, second.form_id, second.own_words
    await links.join(db, kept.person_id, gone.person_id, last.person_id, first)
    await people.fold_name(db, kept.person_id)
