"""Seats at events: booked, waited for in order, offered for a time; never more than there are."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, case, func, literal, or_, select, update

from domain.event import Event, RegistrationState
from storage.catalogue import event_from
from storage.database import Connection, insert_into
from storage.tables import event, registration
from storage.types import Instant

GONE = RegistrationState.CANCELLED.value


@dataclass(frozen=True)
class Place:
    """What one person has at an event: seats, heads in the line, freed seats kept for them until an instant."""

    event: Event
    heads: int
    waiting: int
    offered: int
    offered_until: datetime | None
    state: RegistrationState
    turn: int = 0  # where in the line, from 1; 0 outside it
    code: str = ""  # six digits for the door
    number: int = 0  # of the registration; stands in the QR code


@dataclass(frozen=True)
class Freed:
    """Seats that have just been offered to the next in the line."""

    event_id: str
    person_id: int
    seats: int


def _state(heads: int, waiting: int, offered: int) -> str:
    if offered:
        return RegistrationState.OFFERED_SEAT.value
    if heads:
        return RegistrationState.REGISTERED.value
    return RegistrationState.WAITLISTED.value if waiting else GONE


async def _lock(db: Connection, event_id: str) -> Any:
    """The event's row, which nobody else may change before this transaction ends."""
    return (await db.execute(select(event).where(event.c.id == event_id).with_for_update())).one()


async def _mine(db: Connection, event_id: str, person_id: int) -> Any:
    where = (registration.c.event_id == event_id, registration.c.person_id == person_id)
    return (await db.execute(select(registration).where(*where))).one_or_none()


async def _put(
    db: Connection, event_id: str, person_id: int, before: int, now: datetime, heads: int, waiting: int, since: Any
) -> None:
    """Writes what a person has from now on; `before`: seats that were held for them. No offer is left."""
    values = {"heads": heads, "waiting": waiting, "waits_since": since if waiting else None, "offered": 0}
    values |= {"offered_until": None, "state": _state(heads, waiting, 0)}
    row = insert_into(db, registration).values(event_id=event_id, person_id=person_id, created_at=now, **values)
    row = row.on_conflict_do_update(index_elements=["event_id", "person_id"], set_=values)
    made = (await db.execute(row.returning(registration.c.id, registration.c.code))).one()
    if heads and made.code is None:
        code = await _new_code(db, event_id)
        await db.execute(update(registration).where(registration.c.id == made.id).values(code=code))
    if heads != before:
        taken = event.c.taken - before + heads
        await db.execute(update(event).where(event.c.id == event_id).values(taken=taken))


async def _new_code(db: Connection, event_id: str) -> str:
    """Six digits that nobody else at this event has; the event is locked."""
    query = select(registration.c.code).where(registration.c.event_id == event_id, registration.c.code.is_not(None))
    given = set((await db.execute(query)).scalars())
    while (code := f"{secrets.randbelow(10**6):06d}") in given:
        pass
    return code


async def register(db: Connection, event_id: str, person_id: int, heads: int, now: datetime) -> Place:
    """Wants `heads` seats in all for a person: those there are, the rest waits. Nobody passes those who wait."""
    row = await _lock(db, event_id)
    held = await _mine(db, event_id, person_id)
    had = held.heads + held.offered if held is not None and held.state != GONE else 0
    others = await _in_line(db, event_id, but=person_id)
    free = heads if row.seats is None else max(0, row.seats - row.taken)
    booked = min(heads, had + (0 if others else free))
    since = held.waits_since if held is not None and held.waits_since else now
    await _put(db, event_id, person_id, had, now, booked, heads - booked, since)
    found = await place(db, event_id, person_id)
    assert found is not None
    return found


async def _in_line(db: Connection, event_id: str, but: int | None = None) -> Sequence[Any]:
    waits = and_(registration.c.event_id == event_id, registration.c.waiting > 0, registration.c.state != GONE)
    query = select(registration).where(waits).order_by(registration.c.waits_since, registration.c.id)
    return (await db.execute(query if but is None else query.where(registration.c.person_id != but))).all()


async def unregister(db: Connection, event_id: str, person_id: int, now: datetime) -> int:
    """Gives a person's seats and place in the line back; how many seats were freed."""
    await _lock(db, event_id)
    held = await _mine(db, event_id, person_id)
    if held is None or held.state == GONE:
        return 0
    had: int = held.heads + held.offered
    await _put(db, event_id, person_id, had, now, 0, 0, None)
    return had


async def offer_freed(db: Connection, event_id: str, until: datetime) -> list[Freed]:
    """Offers free seats to those who wait, in order; they are kept for them until then."""
    row = await _lock(db, event_id)
    free = 0 if row.seats is None else row.seats - row.taken
    made = []
    for one in await _in_line(db, event_id):
        if free <= 0:
            break
        if one.offered:
            continue
        given = min(free, one.waiting)
        free -= given
        values = {"offered": given, "waiting": one.waiting - given, "offered_until": until}
        values["state"] = RegistrationState.OFFERED_SEAT.value
        await db.execute(update(registration).where(registration.c.id == one.id).values(**values))
        await db.execute(update(event).where(event.c.id == event_id).values(taken=event.c.taken + given))
        made.append(Freed(event_id, one.person_id, given))
    return made


async def accept(db: Connection, event_id: str, person_id: int, now: datetime) -> Place | None:
    """Takes the seats that were offered; None when none are offered any more."""
    await _lock(db, event_id)
    held = await _mine(db, event_id, person_id)
    if held is None or not held.offered:
        return None
    had = held.heads + held.offered
    await _put(db, event_id, person_id, had, now, had, held.waiting, held.waits_since)
    return await place(db, event_id, person_id)


async def decline(db: Connection, event_id: str, person_id: int, now: datetime, until: datetime | None = None) -> int:
    """Gives offered seats back and leaves the line; how many. With `until` only an offer that ends then."""
    await _lock(db, event_id)
    held = await _mine(db, event_id, person_id)
    if held is None or not held.offered or (until is not None and held.offered_until != until):
        return 0
    offered: int = held.offered
    await _put(db, event_id, person_id, held.heads + offered, now, held.heads, 0, None)
    return offered


async def came(db: Connection, event_id: str, person_id: int, now: datetime) -> bool:
    """Notes that a person came, at the earliest time they were seen; False when they never had a place."""
    where = (registration.c.event_id == event_id, registration.c.person_id == person_id)
    return await _came(db, now, *where) is not None


async def came_by_number(db: Connection, event_id: str, number: int, at: datetime) -> int | None:
    """The same by the number of the registration; whose it is, None when it is none of this event's."""
    return await _came(db, at, registration.c.event_id == event_id, registration.c.id == number)


async def _came(db: Connection, at: datetime, *where: Any) -> int | None:
    this = literal(at, Instant())
    first = case((registration.c.came_at < this, registration.c.came_at), else_=this)
    values = {"state": RegistrationState.CAME.value, "came_at": first}
    noted = update(registration).where(*where).values(**values).returning(registration.c.person_id)
    who: int | None = (await db.execute(noted)).scalar_one_or_none()
    return who


async def place_without_seat(db: Connection, event_id: str, person_id: int, now: datetime) -> int:
    """The number of a person's registration, of a new one without a seat if they had none."""
    values = {"event_id": event_id, "person_id": person_id, "heads": 0, "created_at": now}
    row = insert_into(db, registration).values(**values, state=RegistrationState.REGISTERED.value)
    await db.execute(row.on_conflict_do_nothing(index_elements=["event_id", "person_id"]))
    query = select(registration.c.id).where(registration.c.event_id == event_id, registration.c.person_id == person_id)
    return int((await db.execute(query)).scalar_one())


async def rate(db: Connection, event_id: str, person_id: int, useful: str) -> bool:
    """Keeps what somebody who came says of it; False for anybody else."""
    where = (registration.c.event_id == event_id, registration.c.person_id == person_id)
    said = update(registration).where(*where, registration.c.came_at.is_not(None)).values(useful=useful)
    return (await db.execute(said.returning(registration.c.id))).first() is not None


async def leave_all(db: Connection, person_id: int) -> None:
    """The seats of somebody who is erased are free again."""
    query = select(registration).where(registration.c.person_id == person_id, registration.c.state != GONE)
    for row in (await db.execute(query)).all():
        taken = event.c.taken - row.heads - row.offered
        await db.execute(update(event).where(event.c.id == row.event_id).values(taken=taken))


# --- looking ----------------------------------------------------------------------------------------------------
def _place(row: Any, turn: int = 0) -> Place:
    return Place(
        event_from(row), row.heads, row.waiting, row.offered, row.offered_until, RegistrationState(row.place_state), turn,
        row.code or "", row.number,
    )  # fmt: skip


def _places() -> Any:
    columns: list[Any] = [
        registration.c[name] for name in ("heads", "waiting", "offered", "offered_until", "code", "person_id")
    ]
    columns += [registration.c.id.label("number"), registration.c.state.label("place_state")]
    query = select(event, *columns)
    return query.join(registration, registration.c.event_id == event.c.id).where(registration.c.state != GONE)


async def place(db: Connection, event_id: str, person_id: int) -> Place | None:
    """What a person has at an event, with where they stand in the line."""
    where = (event.c.id == event_id, registration.c.person_id == person_id)
    row = (await db.execute(_places().where(*where))).one_or_none()
    if row is None:
        return None
    line = [one.person_id for one in await _in_line(db, event_id)]
    return _place(row, line.index(person_id) + 1 if person_id in line else 0)


async def by_number(db: Connection, number: int) -> Place | None:
    """The place behind the number of a registration; None when it was given back or never was."""
    row = (await db.execute(_places().where(registration.c.id == number))).one_or_none()
    return None if row is None else _place(row)


async def of_person(db: Connection, person_id: int, now: datetime) -> list[Place]:
    """A person's places at coming events, soonest first."""
    query = _places().where(registration.c.person_id == person_id, event.c.starts_at > now)
    return [_place(row) for row in (await db.execute(query.order_by(event.c.starts_at))).all()]


@dataclass(frozen=True)
class Line:
    """How an event stands: who has what, in figures."""

    booked: int
    offered: int
    waiting: int
    people: int
    came: int


async def figures(db: Connection, event_id: str) -> Line:
    """Counts of one event."""
    r = registration.c
    there = func.sum(case((r.came_at.is_not(None), 1), else_=0))
    sums = select(func.sum(r.heads), func.sum(r.offered), func.sum(r.waiting), func.count(), there)
    row = (await db.execute(sums.where(r.event_id == event_id, r.state != GONE))).one()
    return Line(*(int(value or 0) for value in row))


async def everybody(db: Connection, event_id: str) -> list[tuple[int, Place]]:
    """Everybody with a place at an event, the line in its order: (person, place)."""
    order = or_(registration.c.heads > 0, registration.c.offered > 0)
    query = _places().where(event.c.id == event_id)
    query = query.order_by(order.desc(), registration.c.waits_since, registration.c.id)
    return [(row.person_id, _place(row)) for row in (await db.execute(query)).all()]
