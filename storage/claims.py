"""Who takes which row of the outbox: leases by the database's clock, fencing, recovery of what a dead worker held."""

import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import and_, exists, func, or_, select, text, update

from conversation.reply import Wants
from domain.broadcast import BroadcastState
from domain.event import EventState
from domain.notice import Kind, OutboxState
from domain.person import AddressState
from storage.database import Connection, database_clock, insert_into
from storage.outages import OVER
from storage.outbox import Outgoing, files_from, gathering_from
from storage.segments import takes_news
from storage.tables import address, broadcast, conversation, event, outbox, person, worker

LEASE_SECONDS = 75.0
GRACE = 5.0  # seconds before the end of a lease from which on nothing is begun
MOST_RECOVERIES = 20  # of one reply: so often may the process die while it is on its way
MOST_SURE = 2  # tries of a broadcast that must be delivered, of which nobody knows whether they arrived
OPEN = text("outbox.state IN ('waiting', 'retry_at')")  # written out: the index of open rows asks for these very words
NEVER_HELD = ("lapse:%", "desk:%", "remind:%")  # the truth about a promise, officers' own notices, a date tomorrow
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


def _free() -> Any:
    """What may go out: while an officer speaks with a person, answers and the urgent only; other news waits."""
    urgent = or_(outbox.c.kind == Kind.REPLY.value, *(outbox.c.dedupe_key.like(mark) for mark in NEVER_HELD))
    talk = conversation.alias("talk")
    spoken = exists().where(talk.c.person_id == outbox.c.person_id, talk.c.owner == "officer")
    return or_(urgent, ~spoken)


# --- what is due ------------------------------------------------------------------------------------------------
def _running(hours: bool) -> Any:
    """The broadcasts that may be sent at this hour, oldest first."""
    query = select(broadcast.c.id).where(broadcast.c.state == BroadcastState.RUNNING.value)
    return (query if hours else query.where(broadcast.c.urgent != "")).order_by(broadcast.c.id)


async def any_due(db: Connection, now: datetime, hours: bool = True, many: bool = True) -> bool:
    """Whether any row may be sent now or taken back, or a lease has ended; without `many` only what is for one."""
    due = and_(OPEN, outbox.c.run_at <= now, _free())
    for kind in Kind:
        own = select(outbox.c.id).where(outbox.c.broadcast_id.is_(None), outbox.c.kind == kind.value, due).limit(1)
        if (await db.execute(own)).first() is not None:
            return True
    if not many:
        return False
    running = _running(hours).subquery()
    lane = and_(outbox.c.broadcast_id == running.c.id, outbox.c.kind == Kind.BROADCAST.value)  # as the index has it
    waits = select(running.c.id).where(exists().where(lane, due)).limit(1)
    if (await db.execute(waits)).first() is not None:
        return True
    lost = and_(outbox.c.state == OutboxState.SENDING.value, outbox.c.lease_until < database_clock(db))
    back = and_(outbox.c.state == OutboxState.RECALL.value, outbox.c.run_at <= now)
    return (await db.execute(select(outbox.c.id).where(or_(lost, back)).limit(1))).first() is not None


async def claim(
    db: Connection,
    who: str,
    channel: str,
    now: datetime,
    leave: Leave | None = None,
    limit: int = 10,
    only_address: int | None = None,
) -> list[Outgoing]:
    """Takes due rows of this channel for this worker and writes `sending` ahead of the send: replies first, then
    notices, then broadcasts, one after another.

    A person to whom something is on its way waits: their messages arrive in order.
    """
    leave = leave or Leave()
    places: dict[int, Any] = {}
    for kind in (Kind.REPLY,) if leave.only_replies else Kind:
        places |= await _due(db, channel, now, limit - len(places), only_address, set(places), kind)
    if places:
        most = await leave.replies(len(places))
        places = dict(list(places.items())[:most])
    elif leave.look_many and not leave.only_replies:
        places = await _due_to_many(db, channel, now, limit, only_address, leave)
    return await _take(db, who, channel, places) if places else []


async def _due_to_many(
    db: Connection, channel: str, now: datetime, limit: int, only_address: int | None, leave: Leave
) -> dict[int, Any]:
    for broadcast_id in list((await db.execute(_running(leave.hours))).scalars()):
        found = await _due(db, channel, now, limit, only_address, set(), Kind.BROADCAST, broadcast_id)
        if found:
            most = await leave.many(len(found))
            return dict(list(found.items())[:most])
    return {}


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
    flying = outbox.alias("flying")
    on_the_way = exists().where(flying.c.person_id == outbox.c.person_id, flying.c.state == OutboxState.SENDING.value)
    home = func.coalesce(outbox.c.address_id, conversation.c.address_id)
    lane = outbox.c.broadcast_id == broadcast_id if broadcast_id else outbox.c.broadcast_id.is_(None)
    query = (
        select(outbox.c.id, address.c.id.label("address_id"), address.c.external_id, address.c.state)
        .join(conversation, conversation.c.person_id == outbox.c.person_id)
        .join(address, address.c.id == home)
        .where(lane, outbox.c.kind == kind.value, OPEN, outbox.c.run_at <= now)  # as the index has it
        .where(address.c.channel == channel, ~on_the_way, _free())
        .order_by(outbox.c.run_at, outbox.c.id)
        .limit(limit)
    )
    if only_address is not None:
        query = query.where(address.c.id == only_address)
    if db.dialect.name == "postgresql":
        query = query.with_for_update(skip_locked=True, of=outbox)
    return {row.id: row for row in (await db.execute(query)).all() if row.id not in but}


async def _take(db: Connection, who: str, channel: str, places: dict[int, Any]) -> list[Outgoing]:
    held = {"state": OutboxState.SENDING.value, "worker": who, "attempt": outbox.c.attempt + 1}
    until = database_clock(db) + LEASE_SECONDS
    marked = update(outbox).where(outbox.c.id.in_(places)).values(**held, lease_until=until).returning(outbox)
    taken = {row.id: row for row in (await db.execute(marked)).all()}
    sure = await _must_deliver(db, {row.broadcast_id for row in taken.values() if row.broadcast_id is not None})
    deadline = time.monotonic() + LEASE_SECONDS - GRACE
    return [_outgoing(taken[key], place, channel, sure, deadline) for key, place in places.items() if key in taken]


async def _must_deliver(db: Connection, ids: set[int]) -> frozenset[int]:
    if not ids:
        return frozenset()
    query = select(broadcast.c.id).where(broadcast.c.id.in_(ids), broadcast.c.must_deliver)
    return frozenset((await db.execute(query)).scalars())


def _outgoing(row: Any, place: Any, channel: str, sure: frozenset[int], deadline: float) -> Outgoing:
    extras = row.extras or {}
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
        must_deliver=row.broadcast_id in sure,
        deadline=deadline,
        created_at=row.created_at,
    )


# --- the last look before a message to many leaves --------------------------------------------------------------
STOPPED = "stopped"  # goes back to where it was
LOST = "lost"  # another worker has it by now


async def why_not(db: Connection, items: Iterable[Outgoing], who: str, hours: bool, now: datetime) -> dict[int, str]:
    """For rows of broadcasts that must not leave any more, by id: STOPPED, LOST or the reason to skip them."""
    wanted = {item.id: item for item in items}
    twin = outbox.alias("twin")
    got = (OutboxState.SENT.value, OutboxState.SENDING.value, OutboxState.UNKNOWN.value)
    double = exists().where(
        twin.c.broadcast_id == outbox.c.broadcast_id,
        twin.c.person_id == outbox.c.person_id,
        twin.c.id != outbox.c.id,
        twin.c.state.in_(got),
    )
    query = (
        select(
            outbox.c.id,
            outbox.c.attempt,
            outbox.c.worker,
            broadcast.c.state,
            broadcast.c.urgent,
            event.c.state.label("event"),
            and_(broadcast.c.approved_at < event.c.starts_at, event.c.starts_at <= now).label("late"),
            takes_news().label("wanted"),
            double.label("double"),
        )
        .join(broadcast, broadcast.c.id == outbox.c.broadcast_id)
        .join(person, person.c.id == outbox.c.person_id)
        .outerjoin(event, event.c.id == broadcast.c.event_id)
        .where(outbox.c.id.in_(wanted), outbox.c.state == OutboxState.SENDING.value)
        .where(outbox.c.lease_until > database_clock(db))
    )
    rows = {row.id: row for row in (await db.execute(query)).all()}
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
    return "has it at another address" if row.double else ""


# --- taking back ------------------------------------------------------------------------------------------------
async def claim_recalls(
    db: Connection, who: str, channel: str, now: datetime, allow: Allow, limit: int = 10
) -> list[Outgoing]:
    """Takes messages that are to be taken back; to take back twice does no harm, so an ended lease is all it needs."""
    free = or_(outbox.c.lease_until.is_(None), outbox.c.lease_until < database_clock(db))
    query = (
        select(outbox.c.id, address.c.id.label("address_id"), address.c.external_id, address.c.state)
        .join(address, address.c.id == outbox.c.address_id)
        .where(outbox.c.state == OutboxState.RECALL.value, outbox.c.run_at <= now, address.c.channel == channel, free)
        .order_by(outbox.c.id)
        .limit(limit)
    )
    if db.dialect.name == "postgresql":
        query = query.with_for_update(skip_locked=True, of=outbox)
    places = {row.id: row for row in (await db.execute(query)).all()}
    places = dict(list(places.items())[: await allow(len(places))]) if places else {}
    if not places:
        return []
    held = {"worker": who, "attempt": outbox.c.attempt + 1, "lease_until": database_clock(db) + LEASE_SECONDS}
    marked = update(outbox).where(outbox.c.id.in_(places)).values(**held).returning(outbox)
    rows = (await db.execute(marked)).all()
    deadline = time.monotonic() + LEASE_SECONDS - GRACE
    made = [(row, _outgoing(row, places[row.id], channel, frozenset(), deadline)) for row in rows]
    return [replace(item, platform_id=row.platform_id) for row, item in made]


async def recalled(db: Connection, item: Outgoing, who: str, why_not_back: str | None, now: datetime) -> None:
    """Ends a taking back: the message is gone, or it stays where it is for a reason."""
    mine = (outbox.c.id == item.id, outbox.c.worker == who, outbox.c.attempt == item.attempt)
    values: dict[str, Any] = {"state": OutboxState.REMOVED.value, "reason": "taken back"}
    if why_not_back is not None:
        values = {"state": OutboxState.SENT.value, "reason": f"not taken back: {why_not_back}"[:500]}
    recall = outbox.c.state == OutboxState.RECALL.value
    await db.execute(update(outbox).where(*mine, recall).values(**values, lease_until=None))


async def recall_later(db: Connection, item: Outgoing, who: str, run_at: datetime) -> None:
    """The platform asked to wait: the taking back is tried again then."""
    mine = (outbox.c.id == item.id, outbox.c.worker == who, outbox.c.attempt == item.attempt)
    await db.execute(update(outbox).where(*mine).values(run_at=run_at, lease_until=None))


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
