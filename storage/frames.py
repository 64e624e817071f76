"""Who stands in which frame of a channel that counts the time since a person's last word, and what is left to say there."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, String, and_, case, func, literal, or_, select

from domain.frames import MARGIN, SPANS, Frame, Terms
from domain.person import AddressState
from storage.database import Connection
from storage.outbox import Allowance
from storage.tables import address, allowance

OF_A_PERSON = "reply"  # an allowance of a person's own frame; any other kind is the whole account's


def told(at: Any = address, held: Any = allowance) -> ColumnElement[bool]:
    """Whether what a platform said of the messages left is younger than what the person said last."""
    return and_(held.c.at.is_not(None), held.c.at > at.c.seen_at)


def frame(now: datetime, terms: Terms, at: Any = address, held: Any = allowance) -> ColumnElement[str]:
    """The frame of an address (with its allowance, joined from outside) as SQL; see domain.frames.standing."""
    # told of the account's package within the free time: the person's own messages were used up
    spent = and_(told(at, held), or_(held.c.kind != OF_A_PERSON, held.c.remain <= terms.reserve))
    rules: list[tuple[Any, Any]] = []
    for channel, spans in SPANS.items():
        here = at.c.channel == channel
        fresh = at.c.seen_at >= now - spans.free + MARGIN
        rules += [
            (and_(here, fresh, spent), literal(Frame.SPENT.value, String)),
            (and_(here, fresh), literal(Frame.FREE.value, String)),
            (and_(here, at.c.seen_at >= now - spans.paid + MARGIN), literal(Frame.PAID.value, String)),
            (here, literal(Frame.SHUT.value, String)),
        ]
    return case(*rules, else_=literal(Frame.OPEN.value, String))


@dataclass(frozen=True)
class Reach:
    """Whom one channel with frames reaches now: people by frame, free messages left with those who were told of, the
    account's own package as it was last told, and when the platform last said anything."""

    people: Mapping[Frame, int] = field(default_factory=dict)
    left: int | None = None
    package: Allowance | None = None
    told_at: datetime | None = None


async def reach(db: Connection, now: datetime, terms: Terms) -> dict[str, Reach]:
    """The channels with frames on which anybody can be reached, by name."""
    stands = frame(now, terms).label("frame")
    mine = and_(told(), allowance.c.kind == OF_A_PERSON)
    query = (
        select(
            address.c.channel, stands, func.count().label("n"), func.sum(case((mine, allowance.c.remain))).label("left")
        )
        .outerjoin(allowance, allowance.c.address_id == address.c.id)
        .where(address.c.channel.in_(SPANS), address.c.state == AddressState.ACTIVE.value)
        .group_by(address.c.channel, stands)
    )
    people: dict[str, dict[Frame, int]] = {}
    left: dict[str, int] = {}
    for row in (await db.execute(query)).all():
        people.setdefault(row.channel, {})[Frame(row.frame)] = row.n
        if row.left is not None and row.frame in (Frame.FREE.value, Frame.SPENT.value):
            left[row.channel] = left.get(row.channel, 0) + int(row.left)
    return {name: Reach(held, left.get(name), *await _last_told(db, name)) for name, held in people.items()}


async def _last_told(db: Connection, channel: str) -> tuple[Allowance | None, datetime | None]:
    query = select(allowance).join(address, address.c.id == allowance.c.address_id).where(address.c.channel == channel)
    newest = query.order_by(allowance.c.at.desc()).limit(1)
    any_row = (await db.execute(newest)).one_or_none()
    row = (await db.execute(newest.where(allowance.c.kind != OF_A_PERSON))).one_or_none()
    package = None if row is None else Allowance(row.kind, row.remain, row.total)
    return package, None if any_row is None else any_row.at


async def least_known(
    db: Connection, channel: str, now: datetime, before: datetime, limit: int
) -> list[tuple[int, str]]:
    """Addresses within the free time of which a platform said nothing since `before`, or since their last word: the id and
    what the platform calls them, first those of whom least is known."""
    query = (
        select(address.c.id, address.c.external_id)
        .outerjoin(allowance, allowance.c.address_id == address.c.id)
        .where(address.c.channel == channel, address.c.state == AddressState.ACTIVE.value)
        .where(address.c.seen_at >= now - SPANS[channel].free + MARGIN)
        .where(func.coalesce(and_(told(), allowance.c.at >= before), False).is_(False))
        .order_by(case((allowance.c.at.is_(None), 0), else_=1), allowance.c.at, address.c.id)
        .limit(limit)
    )
    return [(row.id, row.external_id) for row in (await db.execute(query)).all()]
