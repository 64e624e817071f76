"""Codes that link a person's channels; two people who turn out to be one become one, or part again."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import PrimaryKeyConstraint, Table, UniqueConstraint, and_, delete, exists, func, select, update

from conversation.talk import Talk
from domain.event import RegistrationState
from domain.person import Alert
from storage.database import Connection
from storage.tables import (
    address,
    arrival,
    broadcast,
    conversation,
    due,
    enterprise,
    event,
    inbox,
    link_code,
    link_try,
    message,
    metadata,
    note,
    outbox,
    person,
    registration,
)

# where a key of a due act or a message to be sent names the person, by its first word
IN_DUE = {"digest": 1, "remind": -2, "deadline": 2, "ripe": -1, "idle": 1}
IN_OUTBOX = {"digest": -1, "remind": -2, "offer": -1, "event": -1, "broadcast": -1, "published": -1}
SHOWN = "Mã liên kết:"  # how a message begins that shows a code
FIGURES = re.compile(r"\b\d{6}\b")
SPECIAL = frozenset(("conversation", "enterprise", "registration"))


@dataclass(frozen=True)
class Code:
    """A code that is good now, and whose it is."""

    id: int
    person_id: int
    address_id: int | None  # where its owner talked last
    channel: str | None


# --- codes ------------------------------------------------------------------------------------------------------
async def give(db: Connection, person_id: int, digest: str, now: datetime, until: datetime) -> None:
    """Keeps the digest of a new code; the person's earlier codes end."""
    await db.execute(
        update(link_code).where(link_code.c.person_id == person_id, link_code.c.until > now).values(until=now)
    )
    values = {"person_id": person_id, "digest": digest, "created_at": now, "until": until}
    await db.execute(link_code.insert().values(**values))


async def given_since(db: Connection, person_id: int, since: datetime) -> int:
    """How many codes a person got since then."""
    mine = (link_code.c.person_id == person_id, link_code.c.created_at > since)
    return int((await db.execute(select(func.count()).select_from(link_code).where(*mine))).scalar_one())


async def find(db: Connection, now: datetime, digest: str | None = None, code_id: int | None = None) -> Code | None:
    """The code that is good now, by its digest or its id; None when there is none."""
    which = link_code.c.digest == digest if code_id is None else link_code.c.id == code_id
    query = (
        select(link_code.c.id, link_code.c.person_id, conversation.c.address_id, address.c.channel)
        .join(conversation, conversation.c.person_id == link_code.c.person_id)
        .outerjoin(address, address.c.id == conversation.c.address_id)
        .where(which, link_code.c.until > now, link_code.c.used_at.is_(None))
        .order_by(link_code.c.id.desc())
    )
    row = (await db.execute(query)).first()
    return None if row is None else Code(row.id, row.person_id, row.address_id, row.channel)


async def hide(db: Connection, person_id: int) -> int:
    """Takes the figures of ended codes out of what was said to a person; how many lines."""
    count = 0
    for table in (message, outbox):
        told = (table.c.person_id == person_id, table.c.text.like(f"%{SHOWN}%"))
        for row in (await db.execute(select(table.c.id, table.c.text).where(*told))).all():
            hidden = FIGURES.sub("••••••", row.text)
            count += hidden != row.text
            await db.execute(update(table).where(table.c.id == row.id).values(text=hidden))
    return count


async def use(db: Connection, code_id: int, now: datetime) -> None:
    """Ends a code: it has linked."""
    await db.execute(update(link_code).where(link_code.c.id == code_id).values(used_at=now))


async def note_try(db: Connection, person_id: int, now: datetime) -> None:
    """Notes a wrong try; those of yesterday are forgotten."""
    await db.execute(delete(link_try).where(link_try.c.at < now - timedelta(days=1)))
    await db.execute(link_try.insert().values(person_id=person_id, at=now))


async def tries(db: Connection, person_id: int, since: datetime) -> list[datetime]:
    """When a person tried wrong codes since then, newest first."""
    mine = (link_try.c.person_id == person_id, link_try.c.at > since)
    return list((await db.execute(select(link_try.c.at).where(*mine).order_by(link_try.c.at.desc()))).scalars())


async def all_tries(db: Connection, since: datetime) -> int:
    """How many wrong codes were tried by anybody since then."""
    return int((await db.execute(select(func.count()).select_from(link_try).where(link_try.c.at > since))).scalar_one())


async def channels(db: Connection, person_id: int) -> list[str]:
    """The channels a person can be reached on, one for each address."""
    query = select(address.c.channel).where(address.c.person_id == person_id).order_by(address.c.id)
    return list((await db.execute(query)).scalars())


# --- one person -------------------------------------------------------------------------------------------------
async def older(db: Connection, left: int, right: int) -> tuple[int, int]:
    """(the one we have known longer, the other)."""
    query = select(person.c.id).where(person.c.id.in_((left, right))).order_by(person.c.created_at, person.c.id)
    first, second = (await db.execute(query)).scalars()
    return first, second


async def join(db: Connection, stays: int, goes: int, speaks: int, talk: Talk) -> None:
    """Moves all that hangs on one person to the other, who goes on with this talk where `speaks` (one of the two)
    was written to last; the emptied row goes."""
    await _join_seats(db, stays, goes)
    await _join_enterprises(db, stays, goes)
    await _rename_keys(db, due, due.c.key, IN_DUE, stays, goes)
    await _join_copies(db, stays, goes)
    await _rename_keys(db, outbox, outbox.c.dedupe_key, IN_OUTBOX, stays, goes)
    await _join_talks(db, stays, goes, speaks, talk)
    await _join_audiences(db, stays, goes)
    about = (note.c.noun == "person", note.c.noun_id == str(goes))
    await db.execute(update(note).where(*about).values(noun_id=str(stays)))
    for table in metadata.sorted_tables:
        if "person_id" in table.c and table.name not in SPECIAL:
            await _drop_doubles(db, table, stays, goes)
            await db.execute(update(table).where(table.c.person_id == goes).values(person_id=stays))
    await _join_people(db, stays, goes)


async def _drop_doubles(db: Connection, table: Table, stays: int, goes: int) -> None:
    """Where a table bears only one row of its kind for each person, the one of the person who stays is kept."""
    for rule in table.constraints:
        if isinstance(rule, UniqueConstraint | PrimaryKeyConstraint) and "person_id" in rule.columns:
            twin = table.alias("twin")
            same = [twin.c[column.name] == column for column in rule.columns if column.name != "person_id"]
            held = exists().where(twin.c.person_id == stays, *same)
            await db.execute(delete(table).where(table.c.person_id == goes, held))


async def _join_seats(db: Connection, stays: int, goes: int) -> None:
    """The same human does not come twice: of two bookings for one event the larger is kept, seats are given back."""
    rows = (await db.execute(select(registration).where(registration.c.person_id == goes))).all()
    for row in rows:
        same = (registration.c.event_id == row.event_id, registration.c.person_id == stays)
        held = (await db.execute(select(registration).where(*same))).one_or_none()
        if held is None:
            await db.execute(update(registration).where(registration.c.id == row.id).values(person_id=stays))
            continue
        booked = [r for r in (held, row) if r.state == RegistrationState.REGISTERED.value]
        if len(booked) == 2:
            spare = min(held.heads, row.heads)
            await db.execute(update(event).where(event.c.id == row.event_id).values(taken=event.c.taken - spare))
        best = max((held, row), key=lambda r: (r in booked, r.state != RegistrationState.CANCELLED.value, r.heads))
        await db.execute(update(arrival).where(arrival.c.registration_id == row.id).values(registration_id=held.id))
        await db.execute(delete(registration).where(registration.c.id == row.id))
        kept = {name: getattr(best, name) for name in ("heads", "state", "waiting", "waits_since")}
        came = [one.came_at for one in (held, row) if one.came_at is not None]
        kept |= {"code": held.code or row.code, "came_at": min(came, default=None)}
        if came:
            kept["state"] = RegistrationState.CAME.value
        await db.execute(update(registration).where(registration.c.id == held.id).values(**kept))


async def _join_enterprises(db: Connection, stays: int, goes: int) -> None:
    """One enterprise a person: what is not known of the first comes from the second."""
    rows = (await db.execute(select(enterprise).where(enterprise.c.person_id.in_((stays, goes))))).all()
    mine = next((row for row in rows if row.person_id == stays), None)
    other = next((row for row in rows if row.person_id == goes), None)
    if other is None:
        return
    if mine is None:
        await db.execute(update(enterprise).where(enterprise.c.id == other.id).values(person_id=stays))
        return
    facts = other._mapping
    missing = {key: value for key, value in facts.items() if value is not None and mine._mapping[key] is None}
    profile = {**(other.profile or {}), **(mine.profile or {})}
    await db.execute(update(enterprise).where(enterprise.c.id == mine.id).values(**missing, profile=profile))
    await db.execute(delete(enterprise).where(enterprise.c.id == other.id))


async def _rename_keys(
    db: Connection, table: Table, column: Any, places: dict[str, int], stays: int, goes: int
) -> None:
    """Keys name the person, so that nothing is planned or told twice: they name the one who stays from now on."""
    for row in (await db.execute(select(table.c.id, column).where(table.c.person_id == goes))).all():
        parts = row[1].split(":")
        at = places.get(parts[0])
        if at is None or len(parts) < 3 or parts[at] != str(goes):
            continue
        parts[at] = str(stays)
        new = ":".join(parts)
        if (await db.execute(select(table.c.id).where(column == new))).first() is None:
            await db.execute(update(table).where(table.c.id == row.id).values({column: new}))
        else:
            await db.execute(delete(table).where(table.c.id == row.id))


async def _join_talks(db: Connection, stays: int, goes: int, speaks: int, talk: Talk) -> None:
    rows = (await db.execute(select(conversation).where(conversation.c.person_id.in_((stays, goes))))).all()
    last = next(row for row in rows if row.person_id == speaks)
    led = next((row for row in rows if row.owner != "bot"), last)
    values = {"data": talk.dump(), "address_id": last.address_id, "quick": last.quick, "updated_at": last.updated_at}
    version = max(row.version for row in rows) + 1
    await db.execute(
        update(conversation)
        .where(conversation.c.person_id == stays)
        .values(**values, owner=led.owner, officer_id=led.officer_id, owned_until=led.owned_until, version=version)
    )
    await db.execute(delete(conversation).where(conversation.c.person_id == goes))


async def _join_copies(db: Connection, stays: int, goes: int) -> None:
    """Of two rows of one broadcast only one is kept: the one that may have arrived, so that nobody gets it twice."""
    twin = outbox.alias("twin")
    query = (
        select(outbox.c.id, outbox.c.state, outbox.c.broadcast_id, twin.c.id.label("other"))
        .join(twin, twin.c.broadcast_id == outbox.c.broadcast_id)
        .where(outbox.c.person_id == goes, twin.c.person_id == stays)
    )
    for row in (await db.execute(query)).all():
        spare = row.id if row.state in ("waiting", "retry_at", "skipped", "failed") else row.other
        await db.execute(delete(outbox).where(outbox.c.id == spare))
        more = {"erased": broadcast.c.erased + 1}
        await db.execute(update(broadcast).where(broadcast.c.id == row.broadcast_id).values(**more))


async def _join_audiences(db: Connection, stays: int, goes: int) -> None:
    """Messages to many that name the one who goes name the one who stays."""
    for row in (await db.execute(select(broadcast.c.id, broadcast.c.audience))).all():
        for key in ("person", "people"):
            named = [int(one) for one in (row.audience or {}).get(key) or ()]
            if goes in named:
                people = list(dict.fromkeys(stays if one == goes else one for one in named))
                values = {"audience": {**row.audience, key: people}}
                await db.execute(update(broadcast).where(broadcast.c.id == row.id).values(**values))


async def _join_people(db: Connection, stays: int, goes: int) -> None:
    rows = {row.id: row for row in (await db.execute(select(person).where(person.c.id.in_((stays, goes))))).all()}
    mine, other = rows[stays], rows[goes]
    alert = mine.alert if mine.alert != Alert.OFF.value else other.alert
    values = {"name": mine.name or other.name, "phone": mine.phone or other.phone, "alert": alert}
    values |= {name: mine._mapping[name] or other._mapping[name] for name in ("no_events", "no_offers")}
    await db.execute(update(person).where(person.c.id == stays).values(**values))
    await db.execute(delete(person).where(person.c.id == goes))


# --- two again --------------------------------------------------------------------------------------------------
async def part(db: Connection, person_id: int, address_id: int, now: datetime) -> int:
    """Gives one address a person of its own, with what was written there; needs, consents and all else stay. The new
    person's id."""
    made = person.insert().values(created_at=now).returning(person.c.id)
    new = int((await db.execute(made)).scalar_one())
    fresh = Talk(met=True).dump()
    await db.execute(conversation.insert().values(person_id=new, address_id=address_id, data=fresh, updated_at=now))
    await db.execute(update(address).where(address.c.id == address_id).values(person_id=new))
    for table in (inbox, message, outbox):
        here = and_(table.c.person_id == person_id, table.c.address_id == address_id)
        await db.execute(update(table).where(here).values(person_id=new))
    left = select(address.c.id).where(address.c.person_id == person_id).order_by(address.c.seen_at.desc()).limit(1)
    values = {"address_id": left.scalar_subquery()}
    await db.execute(update(conversation).where(conversation.c.person_id == person_id).values(**values))
    return new
