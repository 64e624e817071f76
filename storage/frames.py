"""Who stands in which frame of a channel that counts the time since a person's last word, and what is left to say there."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, String, and_, bindparam, case, func, literal, or_, select

from domain.frames import MARGIN, SPANS, Frame, Terms
from domain.person import AddressState
from storage.database import Connection, made_once
from storage.outbox import Allowance
from storage.tables import address, allowance

OF_A_PERSON = "reply"  # an allowance of a person's own frame; any other kind is the whole account's


def told(at: Any = address, held: Any = allowance) -> ColumnElement[bool]:
    """Whether what a platform said of the messages left is younger than what the person said last."""
    return and_(held.c.at.is_not(None), held.c.at > at.c.seen_at)


def frame(now: datetime, terms: Terms, at: Any = address, held: Any = allowance) -> ColumnElement[str]:
    """The frame of an address (with its allowance, joined from outside) as SQL; see domain.frames.standing."""
    return _frame(_edges(now), terms.reserve, at, held)


def _edges(now: datetime) -> dict[str, datetime]:
    """The last word from which each frame still stands, by the name of channel and frame."""
    spans = {f"{channel}_{name}": getattr(held, name) for channel, held in SPANS.items() for name in ("free", "paid")}
    return {name: now - span + MARGIN for name, span in spans.items()}


def _frame(edges: Mapping[str, Any], reserve: Any, at: Any = address, held: Any = allowance) -> ColumnElement[str]:
    # told of the account's package within the free time: the person's own messages were used up
    spent = and_(told(at, held), or_(held.c.kind != OF_A_PERSON, held.c.remain <= reserve))
    rules: list[tuple[Any, Any]] = []
    for channel in SPANS:
        here = at.c.channel == channel
        fresh = at.c.seen_at >= edges[f"{channel}_free"]
        rules += [
            (and_(here, fresh, spent), literal(Frame.SPENT.value, String)),
            (and_(here, fresh), literal(Frame.FREE.value, String)),
            (and_(here, at.c.seen_at >= edges[f"{channel}_paid"]), literal(Frame.PAID.value, String)),
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


@made_once
def _counted(_: Connection) -> Select[Any]:
    """How many people stand in each frame of each channel now, with the messages left to them."""
    edges = {name: bindparam(name, type_=address.c.seen_at.type) for name in _edges(datetime.now(UTC))}
    stands = _frame(edges, bindparam("reserve", type_=Integer)).label("frame")
    mine = and_(told(), allowance.c.kind == OF_A_PERSON)
    return (
        select(
            address.c.channel, stands, func.count().label("n"), func.sum(case((mine, allowance.c.remain))).label("left")
        )
        .outerjoin(allowance, allowance.c.address_id == address.c.id)
        .where(address.c.channel.in_(SPANS), address.c.state == AddressState.ACTIVE.value)
        .group_by(address.c.channel, stands)
    )


async def reach(db: Connection, now: datetime, terms: Terms) -> dict[str, Reach]:
    """The channels with frames on which anybody can be reached, by name."""
    people: dict[str, dict[Frame, int]] = {}
    left: dict[str, int] = {}
    for row in (await db.execute(_counted(db), {**_edges(now), "reserve": terms.reserve})).all():
        people.setdefault(row.channel, {})[Frame(row.frame)] = row.n
        if row.left is not None and row.frame in (Frame.FREE.value, Frame.SPENT.value):
            left[row.channel] = left.get(row.channel, 0) + int(row.left)
    newest = (await db.execute(_last_told(db))).all() if people else []
    packages = {row.channel: Allowance(row.kind, row.remain, row.total) for row in newest if row.kind != OF_A_PERSON}
    told_at = {row.channel: row.at for row in sorted(newest, key=lambda row: row.at)}
    return {name: Reach(held, left.get(name), packages.get(name), told_at.get(name)) for name, held in people.items()}


@made_once
def _last_told(_: Connection) -> Select[Any]:
    """The newest allowance of a person's frame, the newest of the account, of each channel."""
    of_a_person = allowance.c.kind == OF_A_PERSON
    place = func.row_number().over(partition_by=(address.c.channel, of_a_person), order_by=allowance.c.at.desc())
    told_of = select(allowance, address.c.channel, place.label("place"))
    told_of = told_of.join(address, address.c.id == allowance.c.address_id).where(address.c.channel.in_(SPANS))
    ranked = told_of.subquery()
    return select(ranked).where(ranked.c.place == 1)


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
