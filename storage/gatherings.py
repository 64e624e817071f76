"""Events as officers look after them: the list, who has a place, what came of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, case, func, or_, select, update

from domain.event import Event, EventState, RegistrationState
from domain.notice import OutboxState
from domain.segment import EVERYBODY, Either, Is, Segment, Trait
from storage import arrivals, leases
from storage.catalogue import event_from
from storage.database import Connection
from storage.tables import broadcast, event, need, outbox, person, registration

PAGE = 60
RAISED_WITHIN = timedelta(days=14)
TELL_LOOKS = ("zalo",)  # channels that tell when somebody looked at a message


async def listed(db: Connection, now: datetime) -> list[Event]:
    """Events to come, soonest first, then those that are over, newest first."""
    coming, over = event.c.starts_at > now, event.c.starts_at <= now
    order = (case((coming, 0), else_=1), case((coming, event.c.starts_at)), case((over, event.c.starts_at)).desc())
    query = select(event).order_by(*order).limit(PAGE)
    return [event_from(row) for row in (await db.execute(query)).all()]


async def set_state(db: Connection, event_id: str, state: EventState) -> None:
    """Moves an event; we sign for it, so that the rule about who may publish holds. Once it is
    cancelled, no invitation leaves."""
    if state is EventState.CANCELLED:
        await leases.let_nothing_leave(db)
    values = {"state": state.value, "written_by": "nhipcau", "revision": event.c.revision + 1}
    await db.execute(update(event).where(event.c.id == event_id).values(**values))


async def places(db: Connection, event_id: str) -> list[Any]:
    """Who has or had a place: name, phone, heads, waiting, offered, state; those with a seat first."""
    r = registration.c
    query = select(person.c.id, person.c.name, person.c.phone, r.heads, r.waiting, r.offered, r.state, r.came_at)
    query = query.join(registration, r.person_id == person.c.id).where(r.event_id == event_id)
    return list((await db.execute(query.order_by((r.heads > 0).desc(), r.waits_since, r.id))).all())


@dataclass(frozen=True)
class Report:
    """What came of an event, in people: invited, reached by the invitation, registered, came, needs raised since."""

    invited: int
    reached: int
    registered: int
    came: int
    needs: int
    useful: int = 0
    rated: int = 0
    seen: int = 0  # of those reached, who looked at the invitation, where the platform tells
    telling: int = 0  # of those reached, who were reached where the platform tells
    walked: int = 0  # of those who came, people who had not registered and whom we do not know


async def report(db: Connection, event_id: str, over_at: datetime) -> Report:
    """Counts of everything that hangs on an event; a need belongs to it that says so, or that somebody who came
    raised within two weeks."""
    notice = outbox.c.dedupe_key.like(f"event:{event_id}:%")
    sent = or_(notice, outbox.c.broadcast_id.in_(select(broadcast.c.id).where(broadcast.c.event_id == event_id)))
    who = func.count(func.distinct(outbox.c.person_id))
    invited = (await db.execute(select(who).where(sent))).scalar_one()
    reached = (await db.execute(select(who).where(sent, outbox.c.state == OutboxState.SENT.value))).scalar_one()
    told = (sent, outbox.c.state == OutboxState.SENT.value, outbox.c.channel.in_(TELL_LOOKS))
    looked = func.count(func.distinct(case((outbox.c.seen_at.is_not(None), outbox.c.person_id))))
    seen, telling = (await db.execute(select(looked, who).where(*told))).one()
    r = registration.c
    mine = (r.event_id == event_id, r.state != RegistrationState.CANCELLED.value)
    tests = (r.came_at.is_not(None), r.useful == "yes", r.useful.is_not(None))
    sums = [func.sum(case((test, 1), else_=0)) for test in tests]
    registered, *rest = (await db.execute(select(func.count(), *sums).where(*mine))).one()
    came, useful, rated = (int(value or 0) for value in rest)
    soon = and_(need.c.event_id.is_(None), need.c.created_at.between(r.came_at, over_at + RAISED_WITHIN))
    came_themselves = select(r.person_id).where(r.event_id == event_id, r.person_id == need.c.person_id, soon).exists()
    raised = select(func.count()).select_from(need).where(or_(need.c.event_id == event_id, came_themselves))
    needs = (await db.execute(raised)).scalar_one()
    walked = await arrivals.walked_in(db, event_id)
    return Report(invited, reached, registered, came, needs, useful, rated, seen, telling, walked)


async def who_came(db: Connection, event_id: str) -> list[Any]:
    """Those we know who came: registration, person, name; by name."""
    r = registration.c
    query = select(r.id, r.person_id, person.c.name, r.came_at).join(person, person.c.id == r.person_id)
    query = query.where(r.event_id == event_id, r.came_at.is_not(None)).order_by(person.c.name, r.id)
    return list((await db.execute(query)).all())


def invitees(item: Event) -> Segment:
    """Whom an invitation is for at first: those whose needs fit the topics; everybody when it has none."""
    terms = [term for terms in item.topics.values() for term in terms]
    return Either(tuple(Is(Trait.PRODUCT, (term,)) for term in terms)) if terms else EVERYBODY
