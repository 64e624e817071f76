"""Who came through the door of an event: notes of several devices, each taken once, merged into one list."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select, update

from domain.arrival import Arrival, Noted
from domain.event import RegistrationState
from storage import seats
from storage.database import Connection, insert_into
from storage.tables import arrival, event, person, registration


@dataclass(frozen=True)
class Guest:
    """One line of the list at the door; `number` None: somebody who had not registered."""

    number: int | None
    name: str
    last3: str
    heads: int
    waiting: int
    state: RegistrationState
    code: str
    came_at: datetime | None


async def listed(db: Connection, event_id: str) -> list[Guest]:
    """Everybody the door may have to do with: registered, waiting, gone, walked in."""
    r = registration.c
    query = select(person.c.name, person.c.phone, r.id, r.heads, r.waiting, r.offered, r.state, r.code, r.came_at)
    query = query.join(registration, r.person_id == person.c.id).where(r.event_id == event_id)
    known = [
        Guest(
            row.id, row.name or "", (row.phone or "")[-3:], row.heads + row.offered, row.waiting + row.offered,
            RegistrationState(row.state), row.code or "", row.came_at,
        )
        for row in (await db.execute(query.order_by(person.c.name, r.id))).all()
    ]  # fmt: skip
    came = RegistrationState.CAME
    walked = [
        Guest(None, row.name, (row.phone or "")[-3:], row.heads, 0, came, "", row.at)
        for row in await walk_ins(db, event_id)
    ]
    return known + walked


async def walk_ins(db: Connection, event_id: str) -> Sequence[Any]:
    """Those who came without having registered and whom we do not know: name, phone, heads, at; by time."""
    where = (arrival.c.event_id == event_id, arrival.c.registration_id.is_(None))
    return (await db.execute(select(arrival).where(*where).order_by(arrival.c.at, arrival.c.id))).all()


async def walked_in(db: Connection, event_id: str) -> int:
    """How many walk-ins there are, in heads."""
    where = (arrival.c.event_id == event_id, arrival.c.registration_id.is_(None))
    return int((await db.execute(select(func.coalesce(func.sum(arrival.c.heads), 0)).where(*where))).scalar_one())


async def note(db: Connection, event_id: str, one: Arrival, officer: str, now: datetime) -> tuple[Noted, int | None]:
    """Takes one note of a device: what became of it, who came (None: nobody we know). The earliest time stays."""
    await db.execute(select(event.c.id).where(event.c.id == event_id).with_for_update())  # one after another
    if (await db.execute(select(arrival.c.id).where(arrival.c.mark == one.mark))).first() is not None:
        return Noted.AGAIN, None
    number, who, before = one.number, None, None
    if number is None and one.phone is not None:
        number = await _known_number(db, event_id, one)
        if number is None and await _walked_in_before(db, event_id, one):
            return Noted.AGAIN, None
    if number is not None:
        held = select(registration.c.came_at).where(registration.c.id == number)
        before = (await db.execute(held)).scalar_one_or_none()
        who = await seats.came_by_number(db, event_id, number, one.at)
        if who is None:
            return Noted.UNKNOWN, None
    values: dict[str, Any] = {"mark": one.mark, "device": one.device, "registration_id": number, "how": one.how.value}
    own = {} if number is not None else {"name": one.name, "phone": one.phone}
    values |= {"event_id": event_id, "heads": one.heads, "officer": officer, "at": one.at, "received_at": now}
    row = insert_into(db, arrival).values(**values, **own)
    await db.execute(row.on_conflict_do_nothing(index_elements=["mark"]))
    return Noted.NEW if before is None else Noted.AGAIN, who


async def _known_number(db: Connection, event_id: str, one: Arrival) -> int | None:
    """The registration behind the phone of somebody who says they have none: theirs after all, or a new one of a
    person we know without doubt."""
    people = list((await db.execute(select(person.c.id).where(person.c.phone == one.phone).limit(2))).scalars())
    if len(people) != 1:
        return None
    return await seats.place_without_seat(db, event_id, people[0], one.at)


async def _walked_in_before(db: Connection, event_id: str, one: Arrival) -> bool:
    same = (arrival.c.event_id == event_id, arrival.c.registration_id.is_(None), arrival.c.phone == one.phone)
    held = (await db.execute(select(arrival.c.id, arrival.c.at).where(*same))).first()
    if held is None:
        return False
    await db.execute(update(arrival).where(arrival.c.id == held.id).values(at=min(held.at, one.at)))
    return True


async def forget_names(db: Connection, event_id: str) -> int:
    """Blanks what walk-ins said of themselves; that they came is still counted."""
    told = (arrival.c.event_id == event_id, or_(arrival.c.name != "", arrival.c.phone.is_not(None)))
    return int((await db.execute(update(arrival).where(*told).values(name="", phone=None))).rowcount)
