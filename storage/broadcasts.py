"""Messages to many: drafts, approval, the rows of each person, stopping, taking back, what became of everybody."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, insert, literal, null, or_, select, update

from conversation.reply import Enclosure, Reply
from domain.broadcast import LOOKED_BACK, RECALL_WITHIN, UNDECIDED, Broadcast, BroadcastState
from domain.notice import Kind, OutboxState
from domain.segment import BadSegment, Either, Segment, read, write
from domain.segment import people as exactly
from storage import leases, segments
from storage import outbox as outbox_rows
from storage.changes import ask_review
from storage.database import Connection, insert_into
from storage.tables import address, broadcast, enterprise, outbox, person
from storage.types import Instant, Json

SENT_KEPT = 300  # of the newest messages that a passed-on text is compared with
UNAPPROVED = tuple(state.value for state in UNDECIDED)
WAITING = (OutboxState.WAITING.value, OutboxState.RETRY_AT.value)
PAGE = 30


# --- drafts -----------------------------------------------------------------------------------------------------
async def draft(db: Connection, title: str, text: str, about: str, audience: list[int], now: datetime) -> bool:
    """Makes a draft broadcast, one per subject; False when it stands already."""
    noun, _, noun_id = about.partition(":")
    row = insert_into(db, broadcast).values(
        title=title,
        text=text,
        about=about,
        audience=write(exactly(audience)),
        event_id=noun_id if noun in ("event", "cluster") else None,
        created_at=now,
    )
    row = row.on_conflict_do_nothing(index_elements=["about"]).returning(broadcast.c.id)
    made = (await db.execute(row)).scalar_one_or_none()
    if made is None:
        return False
    await ask_review(db, "broadcast", str(made), "waits for approval", now)
    return True


async def compose(
    db: Connection, title: str, text: str, audience: Segment, author: str, now: datetime, **more: Any
) -> Broadcast:
    """A new draft; `more` are further columns (buttons, event_id, must_deliver, urgent, corrects, replaces)."""
    values = {"title": title.strip()[:200], "text": text.strip(), "audience": write(audience), "author": author}
    row = broadcast.insert().values(**values, created_at=now, **more).returning(broadcast)
    return _broadcast((await db.execute(row)).one())


async def revise(db: Connection, broadcast_id: int, author: str, **changes: Any) -> bool:
    """Changes a draft, which is its author's from now on; what waits for approval becomes a draft again."""
    if "audience" in changes:
        changes["audience"] = write(changes["audience"])
    values = {**changes, "author": author, "state": BroadcastState.DRAFT.value, "counted": None}
    return await _move(db, broadcast_id, UNDECIDED, **values)


def _broadcast(row: Any) -> Broadcast:
    try:
        audience: Segment = read(row.audience)
    except (BadSegment, TypeError, ValueError):
        audience = Either()  # what cannot be read reaches nobody
    same = ("id", "title", "text", "author", "event_id", "must_deliver", "urgent", "counted", "size", "erased")
    more = ("send_at", "approved_by", "reason", "corrects", "replaces", "created_at")
    return Broadcast(
        audience=audience,
        state=BroadcastState(row.state),
        buttons=tuple(row.buttons or ()),
        **{name: getattr(row, name) for name in (*same, *more)},
    )


async def find(db: Connection, broadcast_id: int) -> Broadcast | None:
    """The broadcast with this id."""
    row = (await db.execute(select(broadcast).where(broadcast.c.id == broadcast_id))).one_or_none()
    return None if row is None else _broadcast(row)


async def listed(db: Connection, state: str = "", before: int | None = None, limit: int = PAGE) -> list[Broadcast]:
    """Broadcasts, the newest first."""
    query = select(broadcast).order_by(broadcast.c.id.desc()).limit(limit)
    if state:
        query = query.where(broadcast.c.state == state)
    if before is not None:
        query = query.where(broadcast.c.id < before)
    return [_broadcast(row) for row in (await db.execute(query)).all()]


async def earlier_sizes(db: Connection, but: int) -> list[int]:
    """How many people the last broadcasts were for, oldest first, without this one."""
    query = select(broadcast.c.size).where(broadcast.c.id != but, broadcast.c.size > 0)
    found = (await db.execute(query.order_by(broadcast.c.id.desc()).limit(LOOKED_BACK))).scalars()
    return list(found)[::-1]


# --- on its way -------------------------------------------------------------------------------------------------
async def _move(db: Connection, broadcast_id: int, before: tuple[BroadcastState, ...], **values: Any) -> bool:
    where = (broadcast.c.id == broadcast_id, broadcast.c.state.in_([state.value for state in before]))
    moved = update(broadcast).where(*where).values(**values).returning(broadcast.c.id)
    return (await db.execute(moved)).first() is not None


async def ask_approval(db: Connection, broadcast_id: int, counted: int, send_at: datetime | None, urgent: str) -> bool:
    """A draft is complete: a second officer is asked for approval."""
    values = {"counted": counted, "send_at": send_at, "urgent": urgent, "state": BroadcastState.WAITING.value}
    return await _move(db, broadcast_id, (BroadcastState.DRAFT,), **values)


async def approve(
    db: Connection,
    held: Broadcast,
    officer: str,
    choices: list[dict[str, Any]],
    now: datetime,
    files: tuple[Enclosure, ...] = (),
) -> int:
    """Writes one row for everybody who fits, in one statement; how many rows. 0 when it was decided meanwhile."""
    later = held.send_at is not None and held.send_at > now
    state = BroadcastState.SCHEDULED if later else BroadcastState.RUNNING
    values = {"state": state.value, "approved_by": officer, "approved_at": now}
    if not await _move(db, held.id, UNDECIDED, **values):
        return 0
    rule = segments.fits(await segments.unfold(db, held.audience), now)
    extras = outbox_rows.extras_of(Reply("", files=files))
    count = await _enqueue(db, held, rule, choices, extras, held.send_at if later and held.send_at else now, now)
    await db.execute(update(broadcast).where(broadcast.c.id == held.id).values(size=count))
    return count


async def _enqueue(
    db: Connection,
    held: Broadcast,
    rule: ColumnElement[bool],
    choices: list[dict[str, Any]],
    extras: dict[str, Any],
    at: datetime,
    now: datetime,
) -> int:
    why = segments.left_out(held.event_id is not None)
    columns: dict[str, Any] = {
        "kind": literal(Kind.BROADCAST.value),
        "broadcast_id": literal(held.id),
        "person_id": person.c.id,
        "channel": address.c.channel,
        "dedupe_key": func.concat(f"broadcast:{held.id}:", person.c.id)
        if db.dialect.name == "postgresql"
        else literal(f"broadcast:{held.id}:").concat(person.c.id),
        "text": _filled(held.text),
        "choices": literal(choices, Json()),
        "quotes": literal([], Json()),
        "extras": literal(extras, Json()),
        "state": case((why == "", OutboxState.WAITING.value), else_=OutboxState.SKIPPED.value),
        "reason": case((why == "", null()), else_=why),
        "run_at": literal(at, Instant()),
        "created_at": literal(now, Instant()),
        "ended_at": case((why == "", null()), else_=literal(now, Instant())),
    }
    chosen = select(*columns.values()).select_from(segments.joined()).where(rule).order_by(person.c.id)
    await db.execute(insert(outbox).from_select(list(columns), chosen, include_defaults=False))
    rows = select(func.count()).select_from(outbox).where(outbox.c.broadcast_id == held.id)
    return int((await db.execute(rows)).scalar_one())


def _filled(text: str) -> Any:
    """The text as each person gets it, put together by the database."""
    made: Any = literal(text)
    name, firm = func.nullif(person.c.name, ""), func.nullif(enterprise.c.name, "")
    for field_name, value in (
        ("ten", func.coalesce(name, "anh/chị")),
        ("co_so", func.coalesce(firm, "cơ sở của anh/chị")),
        ("xa", func.coalesce(enterprise.c.unit, "Lạng Sơn")),
    ):
        if f"{{{field_name}}}" in text:
            made = func.replace(made, f"{{{field_name}}}", value)
    return made


async def begin(db: Connection, broadcast_id: int) -> bool:
    """The time of a scheduled broadcast has come."""
    return await _move(db, broadcast_id, (BroadcastState.SCHEDULED,), state=BroadcastState.RUNNING.value)


async def stop(db: Connection, broadcast_id: int, reason: str) -> bool:
    """Nothing more of it leaves; what has not been sent stays where it is. False when there was nothing to stop."""
    await leases.let_nothing_leave(db)
    before = (BroadcastState.SCHEDULED, BroadcastState.RUNNING, BroadcastState.PAUSED)
    return await _move(db, broadcast_id, before, state=BroadcastState.STOPPED.value, reason=reason[:300])


async def pause(db: Connection, broadcast_id: int, reason: str) -> bool:
    """The system holds it until an officer has looked."""
    running = (BroadcastState.RUNNING,)
    return await _move(db, broadcast_id, running, state=BroadcastState.PAUSED.value, reason=reason[:300])


async def go_on(db: Connection, broadcast_id: int) -> bool:
    """What is left of a stopped or paused broadcast is sent after all."""
    before = (BroadcastState.STOPPED, BroadcastState.PAUSED, BroadcastState.FINISHED)
    return await _move(db, broadcast_id, before, state=BroadcastState.RUNNING.value, reason="")


async def drop_rest(db: Connection, broadcast_id: int, reason: str, now: datetime) -> int:
    """Whoever has not got it will not get it; how many."""
    where = (outbox.c.broadcast_id == broadcast_id, outbox.c.state.in_(WAITING))
    values = {"state": outbox_rows.unsent(OutboxState.SKIPPED), "reason": reason[:500], "ended_at": now}
    return int((await db.execute(update(outbox).where(*where).values(**values))).rowcount)


async def send_again(db: Connection, broadcast_id: int, states: tuple[OutboxState, ...], now: datetime) -> int:
    """An officer wishes that rows that ended in these states are tried anew; how many. Blocked people stay left out."""
    where = (outbox.c.broadcast_id == broadcast_id, outbox.c.state.in_([state.value for state in states]))
    values = {"state": OutboxState.WAITING.value, "run_at": now, "ended_at": None, "lease_until": None}
    values["attempt"] = case((outbox.c.state == OutboxState.UNKNOWN.value, 1), else_=0)  # a copy may be there
    count = int((await db.execute(update(outbox).where(*where).values(**values))).rowcount)
    if count:
        await go_on(db, broadcast_id)
    return count


async def any_running(db: Connection) -> bool:
    """Whether any broadcast is on its way."""
    query = select(broadcast.c.id).where(broadcast.c.state == BroadcastState.RUNNING.value).limit(1)
    return (await db.execute(query)).first() is not None


async def finish(db: Connection) -> list[int]:
    """Ends the running broadcasts of which nothing is left to send; their ids."""
    left = select(outbox.c.id).where(
        outbox.c.broadcast_id == broadcast.c.id, outbox.c.state.in_((*WAITING, OutboxState.SENDING.value))
    )
    done = update(broadcast).where(broadcast.c.state == BroadcastState.RUNNING.value, ~left.exists())
    done = done.values(state=BroadcastState.FINISHED.value).returning(broadcast.c.id)
    return list((await db.execute(done)).scalars())


async def alike_in_a_row(db: Connection, broadcast_id: int, most: int) -> str | None:
    """The reason for which the last `most` rows were all refused, if it is one and the same."""
    ended = (OutboxState.SENT.value, OutboxState.FAILED.value)
    query = select(outbox.c.state, outbox.c.reason).where(
        outbox.c.broadcast_id == broadcast_id, outbox.c.state.in_(ended)
    )
    rows = (await db.execute(query.order_by(outbox.c.ended_at.desc(), outbox.c.id.desc()).limit(most))).all()
    same = len(rows) == most and len({(row.state, row.reason) for row in rows}) == 1
    return rows[0].reason if same and rows[0].state == OutboxState.FAILED.value else None


# --- taking back ------------------------------------------------------------------------------------------------
def _can_be_recalled(now: datetime) -> ColumnElement[bool]:
    within = [
        and_(outbox.c.channel == channel, outbox.c.ended_at > now - span) for channel, span in RECALL_WITHIN.items()
    ]
    return and_(outbox.c.state == OutboxState.SENT.value, outbox.c.platform_id.is_not(None), or_(*within))


async def recall(db: Connection, broadcast_id: int, now: datetime) -> tuple[int, int]:
    """Asks to take back what has been sent: (rows that are taken back now, rows that no platform takes back)."""
    reached = (outbox.c.broadcast_id == broadcast_id, outbox.c.state == OutboxState.SENT.value)
    values = {"state": OutboxState.RECALL.value, "attempt": 0, "lease_until": None, "run_at": now}
    asked = int((await db.execute(update(outbox).where(*reached, _can_be_recalled(now)).values(**values))).rowcount)
    left = (await db.execute(select(func.count()).select_from(outbox).where(*reached))).scalar_one()
    return asked, int(left)


# --- what became of everybody -----------------------------------------------------------------------------------
@dataclass(frozen=True)
class Ledger:
    """How many rows stand where: by state, by channel within a state, by reason for those that did not arrive."""

    states: Mapping[str, int]
    channels: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    reasons: Mapping[str, int] = field(default_factory=dict)
    recallable: int = 0
    seen: int = 0  # of those who have it, who looked at it, where the platform tells

    def of(self, *states: OutboxState) -> int:
        """How many are in one of these states."""
        return sum(self.states.get(state.value, 0) for state in states)

    @property
    def total(self) -> int:
        """Everybody it was for."""
        return sum(self.states.values())

    @property
    def reached(self) -> int:
        """Who has it now."""
        return self.of(OutboxState.SENT, OutboxState.RECALL)

    @property
    def waiting(self) -> int:
        """Who has not got it yet."""
        return self.of(OutboxState.WAITING, OutboxState.RETRY_AT, OutboxState.CLAIMED)


async def ledger(db: Connection, broadcast_id: int, now: datetime) -> Ledger:
    """Counts all rows of a broadcast."""
    quiet = outbox.c.state.in_((OutboxState.FAILED.value, OutboxState.SKIPPED.value, OutboxState.UNKNOWN.value))
    why = case((or_(quiet, outbox.c.state == OutboxState.REMOVED.value), func.coalesce(outbox.c.reason, "")), else_="")
    can, seen = case((_can_be_recalled(now), 1), else_=0), func.count(outbox.c.seen_at).label("seen")
    query = select(
        outbox.c.state, outbox.c.channel, why.label("why"), func.count().label("n"), func.sum(can).label("can"), seen
    ).where(outbox.c.broadcast_id == broadcast_id)
    states: dict[str, int] = {}
    channels: dict[str, dict[str, int]] = {}
    reasons: dict[str, int] = {}
    recallable = looked = 0
    for row in (await db.execute(query.group_by(outbox.c.state, outbox.c.channel, why))).all():
        states[row.state] = states.get(row.state, 0) + row.n
        by_channel = channels.setdefault(row.state, {})
        by_channel[row.channel or ""] = by_channel.get(row.channel or "", 0) + row.n
        if row.why:
            reasons[row.why] = reasons.get(row.why, 0) + row.n
        recallable += int(row.can or 0)
        looked += row.seen if row.state == OutboxState.SENT.value else 0
    return Ledger(states, channels, reasons, recallable, looked)


async def overlap(db: Connection, earlier: int, rule: Segment, now: datetime) -> int:
    """How many of those who fit a rule have got an earlier broadcast, whether it was taken back or not."""
    got = (*segments.REACHED, OutboxState.RECALL.value, OutboxState.REMOVED.value)
    had = select(outbox.c.person_id).where(outbox.c.broadcast_id == earlier, outbox.c.state.in_(got))
    fits = segments.fits(await segments.unfold(db, rule), now)
    query = select(func.count()).select_from(person).where(fits, person.c.id.in_(had))
    return int((await db.execute(query)).scalar_one())


async def erase(db: Connection, person_id: int) -> None:
    """A person's rows go; that they were there is still counted."""
    mine = select(func.count()).where(outbox.c.broadcast_id == broadcast.c.id, outbox.c.person_id == person_id)
    touched = select(outbox.c.broadcast_id).where(outbox.c.person_id == person_id, outbox.c.broadcast_id.is_not(None))
    values = {"erased": broadcast.c.erased + mine.scalar_subquery()}
    await db.execute(update(broadcast).where(broadcast.c.id.in_(touched)).values(**values))


async def told(db: Connection, person_id: int) -> list[tuple[str, datetime]]:
    """What we have said to many, and all to this person: (text, when), newest first, each text once."""
    many = outbox.c.kind.in_((Kind.NOTICE.value, Kind.BROADCAST.value))
    said = and_(outbox.c.state == OutboxState.SENT.value, or_(many, outbox.c.person_id == person_id))
    query = select(outbox.c.text, outbox.c.created_at).where(said).order_by(outbox.c.id.desc()).limit(SENT_KEPT)
    rows = [(row.text, row.created_at) for row in (await db.execute(query)).all()]
    approved = select(broadcast.c.text, broadcast.c.created_at).where(broadcast.c.state.not_in(UNAPPROVED))
    rows += [(row.text, row.created_at) for row in (await db.execute(approved)).all()]
    return list({text: (text, at) for text, at in reversed(rows) if text}.values())
