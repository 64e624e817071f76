"""When a channel could not be reached, what waits for it, who can be reached elsewhere."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, exists, func, not_, select, update

from domain.broadcast import BroadcastState
from domain.frames import Frame, Terms, Way
from domain.notice import Kind, OutboxState
from domain.person import AddressState, Purpose
from storage.database import Connection, insert_into
from storage.frames import frame
from storage.outbox import unsent
from storage.segments import UNREACHABLE, takes_news
from storage.tables import address, allowance, broadcast, consent, conversation, event, message, outage, outbox, person

OPEN = (OutboxState.WAITING.value, OutboxState.RETRY_AT.value)
UNENDED = (*OPEN, OutboxState.CLAIMED.value, OutboxState.SENDING.value)
OF_EVENTS = ("event:", "remind:", "seat:")  # keys of news that name an event next
OVER = "the event is over"
LOOKED_BACK = 500  # lines of all talks among which a sign of life of a channel is looked for
SHUT = (AddressState.BLOCKED.value, AddressState.INVALID.value, UNREACHABLE)  # why nothing arrived at an address
ALONE = ("terminal",)  # channels of which no running system speaks


@dataclass(frozen=True)
class Outage:
    """One time that a channel could not be reached."""

    id: int
    channel: str
    since: datetime
    reason: str
    ended_at: datetime | None = None
    dropped: int = 0


@dataclass(frozen=True)
class Waiting:
    """How many messages wait for a channel."""

    replies: int = 0
    notices: int = 0
    many: int = 0


@dataclass(frozen=True)
class Elsewhere:
    """Of a broadcast that waits for channels that stand still: who has no other way, who has one, by channel."""

    only: int
    others: Mapping[str, int]

    @property
    def count(self) -> int:
        """Who can be reached elsewhere."""
        return sum(self.others.values())


def _outage(row: Any) -> Outage:
    return Outage(row.id, row.channel, row.since, row.reason, row.ended_at, row.dropped)


CURRENT = select(outage).where(outage.c.ended_at.is_(None)).order_by(outage.c.id)


async def current(db: Connection) -> dict[str, Outage]:
    """The channels that cannot be reached now."""
    rows = (await db.execute(CURRENT)).all()
    return {row.channel: _outage(row) for row in rows}


async def find(db: Connection, outage_id: int) -> Outage | None:
    """The outage with this id."""
    row = (await db.execute(select(outage).where(outage.c.id == outage_id))).one_or_none()
    return None if row is None else _outage(row)


async def heard_since(db: Connection, channel: str, since: datetime) -> bool:
    """Whether any process has sent something on this channel since then: the others have no trouble."""
    last = select(message.c.address_id, message.c.direction, message.c.at).order_by(message.c.id.desc())
    newest = last.limit(LOOKED_BACK).subquery()
    query = select(newest.c.at).join(address, address.c.id == newest.c.address_id)
    query = query.where(address.c.channel == channel, newest.c.direction == "out", newest.c.at > since)
    return (await db.execute(query.limit(1))).first() is not None


async def begin(db: Connection, channel: str, since: datetime, reason: str, now: datetime) -> Outage | None:
    """Notes that a channel cannot be reached; None when that is known already."""
    if channel in await current(db):
        return None
    row = insert_into(db, outage).values(channel=channel, since=since, told_at=now, reason=reason[:300])
    made = (await db.execute(row.on_conflict_do_nothing().returning(outage))).one_or_none()
    return None if made is None else _outage(made)


async def end(db: Connection, outage_id: int, now: datetime, dropped: int) -> bool:
    """Notes that a channel is back; False when another process has noted it."""
    open_ = (outage.c.id == outage_id, outage.c.ended_at.is_(None))
    done = update(outage).where(*open_).values(ended_at=now, dropped=dropped).returning(outage.c.id)
    return (await db.execute(done)).first() is not None


# --- what waits -------------------------------------------------------------------------------------------------
def _waits_for(channels: Collection[str], states: Collection[str] = OPEN) -> Any:
    """The open rows (or those in other states) that go to an address on one of these channels."""
    home = func.coalesce(outbox.c.address_id, conversation.c.address_id)
    joined = outbox.join(conversation, conversation.c.person_id == outbox.c.person_id).join(
        address, address.c.id == home
    )
    return joined, (outbox.c.state.in_(list(states)), address.c.channel.in_(list(channels)))


async def waiting(db: Connection, channel: str) -> Waiting:
    """What waits for a channel, with what is being tried at this moment: none of it has ended."""
    joined, where = _waits_for((channel,), UNENDED)
    query = select(outbox.c.kind, func.count()).select_from(joined).where(*where).group_by(outbox.c.kind)
    found = {row[0]: row[1] for row in (await db.execute(query)).all()}
    return Waiting(*(found.get(kind.value, 0) for kind in (Kind.REPLY, Kind.NOTICE, Kind.BROADCAST)))


async def is_over(db: Connection, key: str, now: datetime) -> bool:
    """Whether a row with this key tells of an event that has begun."""
    parts = key.split(":")
    if not key.startswith(OF_EVENTS) or len(parts) < 3:
        return False
    query = select(event.c.starts_at).where(event.c.id == parts[1], event.c.starts_at <= now)
    return (await db.execute(query)).first() is not None


async def drop_stale(db: Connection, channel: str, now: datetime) -> int:
    """Ends the waiting news of a channel that is older than its event, which has begun; how many."""
    joined, where = _waits_for((channel,))
    told = (
        select(outbox.c.id, outbox.c.dedupe_key).select_from(joined).where(*where, outbox.c.kind == Kind.NOTICE.value)
    )
    rows = (await db.execute(told)).all()
    stale = [row.id for row in rows if await is_over(db, row.dedupe_key, now)]
    late = (broadcast.c.approved_at < event.c.starts_at, event.c.starts_at <= now)
    many = select(outbox.c.id).select_from(
        joined.join(broadcast, broadcast.c.id == outbox.c.broadcast_id).join(event, event.c.id == broadcast.c.event_id)
    )
    stale += list((await db.execute(many.where(*where, *late))).scalars())
    values = {"state": unsent(OutboxState.SKIPPED), "reason": OVER, "ended_at": now}
    done = update(outbox).where(outbox.c.id.in_(stale), outbox.c.state.in_(OPEN)).values(**values)
    return int((await db.execute(done)).rowcount) if stale else 0


async def dropped_since(db: Connection, channel: str, since: datetime) -> int:
    """How much news of a channel was dropped since then because its event had begun."""
    home = func.coalesce(outbox.c.address_id, conversation.c.address_id)
    joined = outbox.join(conversation, conversation.c.person_id == outbox.c.person_id)
    query = select(func.count()).select_from(joined.join(address, address.c.id == home))
    over = (outbox.c.state == OutboxState.SKIPPED.value, outbox.c.reason == OVER, outbox.c.ended_at >= since)
    return int((await db.execute(query.where(*over, address.c.channel == channel))).scalar_one())


# --- elsewhere --------------------------------------------------------------------------------------------------
async def held_broadcasts(db: Connection, channel: str) -> list[int]:
    """The running broadcasts of which something waits for this channel."""
    joined, where = _waits_for((channel,))
    running = (broadcast.c.id == outbox.c.broadcast_id, broadcast.c.state == BroadcastState.RUNNING.value)
    query = select(broadcast.c.id).select_from(joined.join(broadcast, running[0])).where(*where, running[1])
    return list((await db.execute(query.distinct().order_by(broadcast.c.id))).scalars())


async def _ways(
    db: Connection,
    down: Collection[str],
    running: Collection[str] | None,
    stands: tuple[datetime, Terms, Callable[[Frame], bool]],
    *rows: Any,
    states: Collection[str] = OPEN,
) -> tuple[int, dict[int, Any]]:
    """(how many rows in these states wait for `down`, for each that may go elsewhere the address used last there).

    Elsewhere may only go what is for a person who agreed that the channels are one, to a channel that works and lets
    us speak to them; `stands`: when, what is paid for, and in which frames that is so. Whoever it does not, waits.
    """
    joined, where = _waits_for(down, states)
    count = (await db.execute(select(func.count()).select_from(joined).where(*where, *rows))).scalar_one()
    return int(count), await _others(db, joined, (*where, *rows), down, running, stands)


async def _others(
    db: Connection,
    joined: Any,
    where: tuple[Any, ...],
    down: Collection[str],
    running: Collection[str] | None,
    stands: tuple[datetime, Terms, Callable[[Frame], bool]],
) -> dict[int, Any]:
    """For each of these rows that may go elsewhere, the address used last there."""
    now, terms, may = stands
    other, left = address.alias("other"), allowance.alias("left")
    agreed = exists().where(
        consent.c.person_id == outbox.c.person_id,
        consent.c.purpose == Purpose.LINK.value,
        consent.c.withdrawn_at.is_(None),
    )
    query = (
        select(
            outbox.c.id, other.c.id.label("address_id"), other.c.channel, frame(now, terms, other, left).label("frame")
        )
        .select_from(joined.join(other, other.c.person_id == outbox.c.person_id))
        .outerjoin(left, left.c.address_id == other.c.id)
        .where(*where, agreed, other.c.state == AddressState.ACTIVE.value)
        .where(other.c.channel.not_in([*down, *ALONE]))
        .order_by(outbox.c.id, other.c.seen_at.desc(), other.c.id)
    )
    if running is not None:
        query = query.where(other.c.channel.in_(list(running)))
    ways: dict[int, Any] = {}
    for row in (await db.execute(query)).all():
        if may(Frame(row.frame)):
            ways.setdefault(row.id, row)
    return ways


def _news(now: datetime, terms: Terms) -> tuple[datetime, Terms, Callable[[Frame], bool]]:
    return now, terms, lambda held: terms.way(held) is not Way.NONE


async def elsewhere(
    db: Connection,
    broadcast_id: int,
    down: Collection[str],
    now: datetime,
    terms: Terms,
    running: Collection[str] | None = None,
) -> Elsewhere:
    """Whom a broadcast that waits for the channels `down` could reach on another, whom it is just being tried for among
    them; `running`: the channels there are."""
    of = outbox.c.broadcast_id == broadcast_id
    count, ways = await _ways(db, down, running, _news(now, terms), of, states=UNENDED)
    return Elsewhere(count - len(ways), _by_channel(ways))


def _by_channel(ways: Mapping[int, Any]) -> dict[str, int]:
    found: dict[str, int] = {}
    for way in ways.values():
        found[way.channel] = found.get(way.channel, 0) + 1
    return found


async def _refused(
    db: Connection, broadcast_id: int, now: datetime, terms: Terms, running: Collection[str] | None
) -> tuple[int, dict[int, Any]]:
    """(how many people a broadcast did not reach because their address takes nothing, the ways to those who still want
    news and linked another). What was refused has not arrived: it may go elsewhere."""
    joined = outbox.join(person, person.c.id == outbox.c.person_id)
    ended = (outbox.c.state == OutboxState.SKIPPED.value, outbox.c.reason.in_(SHUT))
    where = (outbox.c.broadcast_id == broadcast_id, *ended)
    count = int((await db.execute(select(func.count()).select_from(joined).where(*where))).scalar_one())
    invites = select(broadcast.c.id).where(broadcast.c.id == broadcast_id, broadcast.c.event_id.is_not(None)).exists()
    wanted = (takes_news(), not_(and_(person.c.no_events, invites)))
    return count, await _others(db, joined, (*where, *wanted), (), running, _news(now, terms))


async def refused(
    db: Connection, broadcast_id: int, now: datetime, terms: Terms, running: Collection[str] | None = None
) -> Elsewhere:
    """Of those who blocked the channel or left it: who could get the broadcast on another one."""
    count, ways = await _refused(db, broadcast_id, now, terms, running)
    return Elsewhere(count - len(ways), _by_channel(ways))


async def send_refused(
    db: Connection, broadcast_id: int, now: datetime, terms: Terms, running: Collection[str] | None = None
) -> int:
    """What was refused goes to the people's other channel, the same row; how many."""
    _, ways = await _refused(db, broadcast_id, now, terms, running)
    values = {"state": OutboxState.WAITING.value, "run_at": now, "ended_at": None, "reason": None, "attempt": 0}
    moved = 0
    for key, way in ways.items():
        still = (outbox.c.id == key, outbox.c.state == OutboxState.SKIPPED.value)
        row = update(outbox).where(*still).values(address_id=way.address_id, channel=way.channel, **values)
        moved += int((await db.execute(row)).rowcount)
    return moved


async def _turn(db: Connection, ways: Mapping[int, Any], now: datetime, **values: Any) -> int:
    moved = 0
    for key, way in ways.items():
        still = (outbox.c.id == key, outbox.c.state.in_(OPEN))
        row = update(outbox).where(*still).values(address_id=way.address_id, run_at=now, **values)
        moved += int((await db.execute(row)).rowcount)
    return moved


async def send_elsewhere(
    db: Connection,
    broadcast_id: int,
    down: Collection[str],
    now: datetime,
    terms: Terms,
    running: Collection[str] | None = None,
) -> int:
    """What has not left goes to the people's other channel, the same row, so that nobody gets it on both; how many."""
    _, ways = await _ways(db, down, running, _news(now, terms), outbox.c.broadcast_id == broadcast_id)
    return await _turn(db, ways, now)


async def answer_elsewhere(
    db: Connection,
    channel: str,
    down: Collection[str],
    opening: str,
    now: datetime,
    terms: Terms,
    running: Collection[str] | None,
) -> int:
    """Answers that wait for a channel go to the person's other one and begin with `opening`; how many."""
    _, ways = await _ways(db, (channel,), None, (now, terms, terms.answers), outbox.c.kind == Kind.REPLY.value)
    ways = {
        key: way for key, way in ways.items() if way.channel not in down and (running is None or way.channel in running)
    }
    return await _turn(db, ways, now, text=opening + outbox.c.text)
