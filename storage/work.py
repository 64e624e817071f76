"""What waits for officers, in figures."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, Text, and_, bindparam, func, select

from domain.answer import AnswerState
from domain.need import STANDING, NeedState
from domain.notice import InboxState
from domain.offer import OfferState
from storage.database import Connection, made_once
from storage.tables import answer_version, broadcast, inbox, need, offer, review, ticket
from storage.tickets import OPEN

ALIKE_DAYS = 60
ALIKE_LEAST = 8  # so many standing needs for one process are worth a word
MOST_READ = 1000


@dataclass(frozen=True)
class Figures:
    """Counts of open work."""

    waiting: int  # promises to people still owed
    late: int  # of them overdue
    new_needs: int
    late_needs: int
    mine: int  # standing needs given to this officer
    waiting_for_owner: int
    to_approve: int  # answers in review, broadcasts that wait
    reviews: int
    new_offers: int  # wait for an officer
    unread: int  # messages that no turn could read


@dataclass(frozen=True)
class Counted:
    """A name with how often it occurs."""

    name: str
    count: int


@made_once
def _figures(_: Connection) -> Select[Any]:
    now, officer_id = bindparam("now", type_=ticket.c.due_at.type), bindparam("officer", type_=need.c.officer_id.type)
    owed = and_(ticket.c.state.in_(OPEN), ticket.c.kind.in_(("HT", "CH")))
    new = need.c.state == NeedState.SUBMITTED.value
    mine = and_(need.c.officer_id == officer_id, need.c.state.in_([state.value for state in STANDING]))
    queries = (
        select(func.count()).select_from(ticket).where(owed),
        select(func.count()).select_from(ticket).where(owed, ticket.c.due_at <= now),
        select(func.count()).select_from(need).where(new),
        select(func.count()).select_from(need).where(new, need.c.due_at <= now),
        select(func.count()).select_from(need).where(mine),
        select(func.count()).select_from(need).where(need.c.state == NeedState.WAITING_FOR_OWNER.value),
        select(func.count()).select_from(answer_version).where(answer_version.c.state == AnswerState.IN_REVIEW.value),
        select(func.count()).select_from(broadcast).where(broadcast.c.state == "waiting_for_approval"),
        select(func.count()).select_from(review).where(review.c.done_at.is_(None)),
        select(func.count()).select_from(offer).where(offer.c.state == OfferState.SUBMITTED.value),
        select(func.count()).select_from(inbox).where(inbox.c.state == InboxState.QUARANTINED.value),
    )
    return select(*(query.scalar_subquery() for query in queries))


async def figures(db: Connection, officer_id: int, now: datetime) -> Figures:
    """How much of each kind of work is open."""
    row = (await db.execute(_figures(db), {"officer": officer_id, "now": now})).one()
    return Figures(row[0], row[1], row[2], row[3], row[4], row[5], row[6] + row[7], row[8], row[9], row[10])


@made_once
def _wishes(db: Connection) -> Select[Any, Any]:
    """What the newest standing needs submitted after :since ask for, with how often."""
    states = [state.value for state in STANDING]
    standing = select(need).where(need.c.state.in_(states)).order_by(need.c.id.desc()).limit(MOST_READ)
    if db.dialect.name == "sqlite":  # sorts the ids alone, then reads the rows
        ids = standing.with_only_columns(need.c.id).subquery()
        newest = select(need.c.fields, need.c.submitted_at).join(ids, ids.c.id == need.c.id).subquery()
        wish = func.json_extract(newest.c.fields, "$.wish.value", type_=Text)
    else:  # reads the newest backwards; a join would scan the whole table
        newest = standing.with_only_columns(need.c.fields, need.c.submitted_at).subquery()
        wish = func.jsonb_extract_path_text(newest.c.fields, "wish", "value", type_=Text)
    return select(wish, func.count()).where(newest.c.submitted_at >= bindparam("since")).group_by(wish)


async def alike(db: Connection, now: datetime) -> list[Counted]:
    """Processes that many of the newest standing needs ask for, the most wanted first."""
    counted: dict[str, int] = {}
    for told, count in (await db.execute(_wishes(db), {"since": now - timedelta(days=ALIKE_DAYS)})).all():
        for process in set(json.loads(told) or ()) if told and told.startswith("[") else ():
            counted[str(process)] = counted.get(str(process), 0) + count
    found = [Counted(name, times) for name, times in counted.items() if times >= ALIKE_LEAST]
    return sorted(found, key=lambda row: -row.count)[:3]
