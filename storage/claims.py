"""Who takes which row of the outbox: leases by the database's clock, fencing, recovery of what a dead worker held."""

import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Float, Integer, and_, bindparam, exists, func, or_, select, text, update

from conversation.reply import Wants
from domain.broadcast import BroadcastState
from domain.event import EventState
from domain.notice import Kind, OutboxState
from domain.person import AddressState
from storage.database import Connection, among, database_clock, insert_into, made_once
from storage.outages import OVER
from storage.outbox import Allowance, Outgoing, files_from, gathering_from
from storage.segments import UNINVITED, takes_news
from storage.tables import address, allowance, broadcast, conversation, event, outbox, person, worker
from storage.types import Instant

LEASE_SECONDS = 75.0
GRACE = 5.0  # seconds before the end of a lease from which on nothing is begun
MOST_RECOVERIES = 20  # of one reply: so often may the process die while it is on its way
MOST_SURE = 2  # tries of a broadcast that must be delivered, of which nobody knows whether they arrived
OPEN = text("outbox.state IN ('waiting', 'retry_at')")  # written out: the index of open rows asks for these very words
NEVER_HELD = ("lapse:%", "desk:%", "remind:%")  # the truth about a promise, officers' own notices, a date tomorrow
PLACE = (
    address.c.id.label("address_id"),
    address.c.external_id,
    address.c.state,
    address.c.seen_at,
    allowance.c.kind,
    allowance.c.remain,
    allowance.c.total,
    allowance.c.at.label("told_at"),
    select(broadcast.c.must_deliver)
    .where(broadcast.c.id == outbox.c.broadcast_id)
    .scalar_subquery()
    .label("must_deliver"),
)
CLAIMED = (
    outbox.c.id,
    outbox.c.kind,
    outbox.c.person_id,
    outbox.c.text,
    outbox.c.choices,
    outbox.c.extras,
    outbox.c.attempt,
    outbox.c.dedupe_key,
    outbox.c.broadcast_id,
    outbox.c.platform_id,
    outbox.c.created_at,
)
Allow = Callable[[int], Awaitable[int]]


async def _as_many(wanted: int) -> int:
    return wanted


@dataclass(frozen=True)
class Leave:
    """What may leave now. `replies` and `many` tell how many of so many rows may go; `hours`: whether messages to
    many may go at this hour; `only_replies`: nothing but answers; `look_many`: whether it is worth asking for more."""

    hours: bool = True
    replies: Allow = _as_many
    many: Allow = _as_many
    only_replies: bool = False
    look_many: bool = True


@cache
def _free() -> Any:
    """What may go out: while an officer speaks with a person, answers and the urgent only; other news waits."""
    urgent = or_(outbox.c.kind == Kind.REPLY.value, *(outbox.c.dedupe_key.like(mark) for mark in NEVER_HELD))
    talk = conversation.alias("talk")
    spoken = exists().where(talk.c.person_id == outbox.c.person_id, talk.c.owner == "officer")
    return or_(urgent, ~spoken)


# --- what is due (statements are made once: to put one together costs more than to run it) ------------------------
@dataclass(frozen=True)
class Due:
    """What there is to do now: kinds of rows for one, whether any are for many, whether any are to be taken back."""

    kinds: tuple[Kind, ...] = ()
    many: bool = False
    back: bool = False
    lost: bool = False  # the lease of a row has ended

    def __bool__(self) -> bool:
        return bool(self.kinds) or self.many or self.back or self.lost


@cache
def _running(hours: bool) -> Any:
    """The broadcasts that may be sent at this hour, oldest first."""
    query = select(broadcast.c.id).where(broadcast.c.state == BroadcastState.RUNNING.value)
    return (query if hours else query.where(broadcast.c.urgent != "")).order_by(broadcast.c.id)


@made_once
def _any_due(db: Connection, hours: bool, many: bool) -> Any:
    now = bindparam("now", type_=Instant())
    due = and_(OPEN, outbox.c.run_at <= now, _free())
    own = [and_(outbox.c.broadcast_id.is_(None), outbox.c.kind == kind.value, due) for kind in Kind]
    looks = [exists().where(lane).label(kind.value) for kind, lane in zip(Kind, own, strict=True)]
    if many:
        running = _running(hours).subquery()
        lane = and_(outbox.c.broadcast_id == running.c.id, outbox.c.kind == Kind.BROADCAST.value)  # as the index has it
        looks.append(exists(select(running.c.id).where(exists().where(lane, due))).label("many"))
        lost = and_(outbox.c.state == OutboxState.SENDING.value, outbox.c.lease_until < database_clock(db))
        looks.append(exists().where(lost).label("lost"))
        looks.append(exists().where(outbox.c.state == OutboxState.RECALL.value, outbox.c.run_at <= now).label("back"))
    return select(*looks)


async def any_due(db: Connection, now: datetime, hours: bool = True, many: bool = True) -> Due:
    """What may be sent now or taken back, whether a lease has ended; without `many` only what is for one."""
    row = (await db.execute(_any_due(db, hours, many), {"now": now})).one()
    kinds = tuple(kind for kind in Kind if getattr(row, kind.value))
    return Due(kinds, bool(row.many), bool(row.back), bool(row.lost)) if many else Due(kinds)


async def claim(
    db: Connection,
    who: str,
    channel: str,
    now: datetime,
    leave: Leave | None = None,
    limit: int = 10,
    only_address: int | None = None,
    kinds: tuple[Kind, ...] = tuple(Kind),
) -> list[Outgoing]:
    """Takes due rows of this channel for this worker and writes `sending` ahead of the send: replies first, then
    notices, then broadcasts, one after another. `kinds`: of what is for one, so much is due.

    A person to whom something is on its way waits: their messages arrive in order.
    """
    leave = leave or Leave()
    places: dict[int, Any] = {}
    for kind in (Kind.REPLY,) if leave.only_replies else kinds:
        places |= await _due(db, channel, now, limit - len(places), only_address, set(places), kind)
    if places:
        most = await leave.replies(len(places))
        places = dict(list(places.items())[:most])
    elif leave.look_many and not leave.only_replies:
        places = await _due_to_many(db, channel, now, limit, only_address, leave)
    return await _take(db, who, channel, places, now) if places else []


async def _due_to_many(
    db: Connection, channel: str, now: datetime, limit: int, only_address: int | None, leave: Leave
) -> dict[int, Any]:
    for broadcast_id in list((await db.execute(_running(leave.hours))).scalars()):
        found = await _due(db, channel, now, limit, only_address, set(), Kind.BROADCAST, broadcast_id)
        if found:
            most = await leave.many(len(found))
            return dict(list(found.items())[:most])
    return {}


@made_once
def _due_query(db: Connection, to_many: bool, one_address: bool) -> Any:
    flying = outbox.alias("flying")
    on_the_way = exists().where(flying.c.person_id == outbox.c.person_id, flying.c.state == OutboxState.SENDING.value)
    home = func.coalesce(outbox.c.address_id, conversation.c.address_id)
    lane = outbox.c.broadcast_id == bindparam("broadcast") if to_many else outbox.c.broadcast_id.is_(None)
    due = outbox.c.run_at <= bindparam("now", type_=Instant())
    query = (
        select(outbox.c.id, *PLACE)
        .join(conversation, conversation.c.person_id == outbox.c.person_id)
        .join(address, address.c.id == home)
        .outerjoin(allowance, allowance.c.address_id == address.c.id)
        .where(lane, outbox.c.kind == bindparam("kind"), OPEN, due)  # as the index has it
        .where(address.c.channel == bindparam("channel"), ~on_the_way, _free())
        .order_by(outbox.c.run_at, outbox.c.id)
        .limit(bindparam("most", type_=Integer()))
    )
    if one_address:
        query = query.where(address.c.id == bindparam("place"))
    return query.with_for_update(skip_locked=True, of=outbox) if db.dialect.name == "postgresql" else query


async def _due(
    db: Connection,
    channel: str,
    now: datetime,
    limit: int,
    only_address: int | None,
    but: set[int],
    kind: Kind,
    broadcast_id: int | None = None,
) -> dict[int, Any]:
    """The first due rows of one lane, by id, each with where it goes."""
    if limit <= 0:
        return {}
    query = _due_query(db, broadcast_id is not None, only_address is not None)
    given = {"now": now, "kind": kind.value, "channel": channel, "most": limit}
    given |= {"broadcast": broadcast_id} if broadcast_id is not None else {}
    given |= {"place": only_address} if only_address is not None else {}
    return {row.id: row for row in (await db.execute(query, given)).all() if row.id not in but}


@made_once
def _taking(db: Connection) -> Any:
    talk = select(conversation.c.address_id).where(conversation.c.person_id == outbox.c.person_id).scalar_subquery()
    held = {
        "state": OutboxState.SENDING.value,
        "worker": bindparam("by"),
        "attempt": outbox.c.attempt + 1,
        "tried_id": func.coalesce(outbox.c.address_id, talk),
        "lease_until": database_clock(db) + bindparam("seconds", type_=Float()),
    }
    return update(outbox).where(among(db, outbox.c.id, "rows")).values(**held).returning(*CLAIMED)


async def _take(db: Connection, who: str, channel: str, places: dict[int, Any], now: datetime) -> list[Outgoing]:
    given = {"by": who, "seconds": LEASE_SECONDS, "rows": list(places)}
    taken = {row.id: row for row in (await db.execute(_taking(db), given)).all()}
    deadline = time.monotonic() + LEASE_SECONDS - GRACE
    found = [(taken[key], place) for key, place in places.items() if key in taken]
    return [outgoing_of(row, place, channel, deadline, now) for row, place in found]


def outgoing_of(row: Any, place: Any, channel: str, deadline: float, now: datetime) -> Outgoing:
    """A claimed row with where it goes (PLACE)."""
    extras = row.extras or {}
    told = place.told_at is not None and place.told_at > place.seen_at  # else what the person did began a new one
    return Outgoing(
        id=row.id,
        kind=Kind(row.kind),
        person_id=row.person_id,
        address_id=place.address_id,
        channel=channel,
        external_id=place.external_id,
        text=row.text,
        choices=tuple(row.choices or ()),
        attempt=row.attempt,
        key=row.dedupe_key,
        wants=Wants(extras["wants"]) if extras.get("wants") else None,
        gathering=gathering_from(extras.get("gathering")),
        files=files_from(extras),
        reachable=place.state == AddressState.ACTIVE.value,
        broadcast_id=row.broadcast_id,
        must_deliver=bool(place.must_deliver),
        deadline=deadline,
        at=now,
        created_at=row.created_at,
        seen_at=place.seen_at,
        allowance=Allowance(place.kind, place.remain, place.total) if told else None,
    )


# --- the last look before a message to many leaves --------------------------------------------------------------
STOPPED = "stopped"  # goes back to where it was
LOST = "lost"  # another worker has it by now


@made_once
def _looking(db: Connection) -> Any:
    twin = outbox.alias("twin")
    got = (OutboxState.SENT.value, OutboxState.SENDING.value, OutboxState.UNKNOWN.value)
    double = exists().where(
        twin.c.broadcast_id == outbox.c.broadcast_id,
        twin.c.person_id == outbox.c.person_id,
        twin.c.id != outbox.c.id,
        twin.c.state.in_(got),
    )
    begun = and_(broadcast.c.approved_at < event.c.starts_at, event.c.starts_at <= bindparam("now", type_=Instant()))
    return (
        select(
            outbox.c.id,
            outbox.c.attempt,
            outbox.c.worker,
            broadcast.c.state,
            broadcast.c.urgent,
            event.c.state.label("event"),
            begun.label("late"),
            takes_news().label("wanted"),
            and_(broadcast.c.event_id.is_not(None), person.c.no_events).label("uninvited"),
            double.label("double"),
        )
        .join(broadcast, broadcast.c.id == outbox.c.broadcast_id)
        .join(person, person.c.id == outbox.c.person_id)
        .outerjoin(event, event.c.id == broadcast.c.event_id)
        .where(among(db, outbox.c.id, "ids"), outbox.c.state == OutboxState.SENDING.value)
        .where(outbox.c.lease_until > database_clock(db))
    )


def held_for(item: Outgoing) -> timedelta:
    """How long ago a row was claimed, by the monotonic clock."""
    return timedelta(seconds=max(time.monotonic() - item.deadline + LEASE_SECONDS - GRACE, 0.0))


async def why_not(db: Connection, items: Iterable[Outgoing], who: str, hours: bool, now: datetime) -> dict[int, str]:
    """For rows of broadcasts that must not leave any more, by id: STOPPED, LOST or the reason to skip them."""
    wanted = {item.id: item for item in items}
    rows = {row.id: row for row in (await db.execute(_looking(db), {"ids": list(wanted), "now": now})).all()}
    found = {key: _why(rows.get(key), item, who, hours) for key, item in wanted.items()}
    return {key: why for key, why in found.items() if why}


def _why(row: Any, item: Outgoing, who: str, hours: bool) -> str:
    if row is None or row.worker != who or row.attempt != item.attempt or time.monotonic() > item.deadline:
        return LOST
    if row.state != BroadcastState.RUNNING.value or not (hours or row.urgent):
        return STOPPED
    if row.event == EventState.CANCELLED.value:
        return "the event was cancelled"
    if row.late:
        return OVER
    if not item.reachable:
        return "the address cannot be reached"
    if not row.wanted:
        return "the person wants no news"
    if row.uninvited:
        return UNINVITED
    return "has it at another address" if row.double else ""


# --- workers ----------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Boot:
    """A start of a worker, "name#boot", and what its earlier boot had in flight: nobody knows, said again."""

    who: str
    unknown: int
    again: int


async def clock(db: Connection) -> float:
    """What the database's clock shows, in seconds since 1970."""
    return float((await db.execute(select(database_clock(db)))).scalar_one())


async def start_worker(db: Connection, name: str) -> Boot:
    """Notes a new boot of a worker; rows of its earlier boots come back at once."""
    row = insert_into(db, worker).values(name=name, boot=1, beat=database_clock(db))
    row = row.on_conflict_do_update(
        index_elements=["name"], set_={"boot": worker.c.boot + 1, "beat": database_clock(db)}
    ).returning(worker.c.boot)
    boot = (await db.execute(row)).scalar_one()
    unknown, again = await _recover(db, and_(outbox.c.worker.like(f"{name}#%"), outbox.c.worker != f"{name}#{boot}"))
    return Boot(f"{name}#{boot}", unknown, again)


async def recover_expired(db: Connection) -> None:
    """Gives back what workers held whose lease ended."""
    await _recover(db, outbox.c.lease_until < database_clock(db))


async def _recover(db: Connection, whose: Any) -> tuple[int, int]:
    """Replies in flight are said again, once more also what must be delivered; all else in flight stays unknown.
    (How many of these, how many of those before)."""
    flying = and_(outbox.c.state == OutboxState.SENDING.value, whose)
    retry = and_(flying, outbox.c.kind == Kind.REPLY.value, outbox.c.attempt < MOST_RECOVERIES)
    back = {"state": OutboxState.WAITING.value, "lease_until": None, "reason": "said again after a restart"}
    again = (await db.execute(update(outbox).where(retry).values(**back))).rowcount
    sure = select(broadcast.c.id).where(broadcast.c.must_deliver)
    once_more = and_(flying, outbox.c.broadcast_id.in_(sure), outbox.c.attempt < MOST_SURE)
    again += (await db.execute(update(outbox).where(once_more).values(**back))).rowcount
    lost = {"state": OutboxState.UNKNOWN.value, "lease_until": None, "reason": "in flight when its worker stopped"}
    unknown = (await db.execute(update(outbox).where(flying).values(**lost))).rowcount
    return int(unknown), int(again)
