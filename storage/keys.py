"""Offers with needs by the keys of matching: candidates for either side are found with numbers checked, all in SQL."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import (
    ColumnElement,
    Float,
    Select,
    Text,
    and_,
    case,
    cast,
    delete,
    false,
    func,
    insert,
    literal,
    or_,
    select,
    union_all,
)

from domain.need import STANDING
from domain.offer import OfferState
from storage.database import Connection
from storage.tables import need, need_key, offer, offer_key

CANDIDATES = 300
TOO_DEAR = 2.04  # beyond this factor a price breaks a budget; the same as in matching
AT_ONCE = 400  # rows of one VALUES list


class Sought(Protocol):
    """One key to look up, with its kind (product, process, word) and what a hit is worth."""

    @property
    def kind(self) -> str: ...

    @property
    def key(self) -> str: ...

    @property
    def strength(self) -> float: ...


async def keep_offer(db: Connection, offer_id: str, keys: Sequence[str]) -> None:
    """Replaces the keys of an offer."""
    await db.execute(delete(offer_key).where(offer_key.c.offer_id == offer_id))
    if keys:
        await db.execute(insert(offer_key), [{"key": key, "offer_id": offer_id} for key in keys])


async def keep_need(db: Connection, need_id: int, keys: Sequence[str]) -> None:
    """Replaces the keys of a need."""
    await db.execute(delete(need_key).where(need_key.c.need_id == need_id))
    if keys:
        await db.execute(insert(need_key), [{"key": key, "need_id": need_id} for key in keys])


async def drop_offer(db: Connection, offer_id: str) -> None:
    """Forgets the keys of an offer."""
    await db.execute(delete(offer_key).where(offer_key.c.offer_id == offer_id))


async def drop_need(db: Connection, need_id: int) -> None:
    """Forgets the keys of a need."""
    await db.execute(delete(need_key).where(need_key.c.need_id == need_id))


def _best(sought: Iterable[Sought]) -> list[tuple[str, str, float]]:
    """Each key of a kind once, with its greatest strength."""
    best: dict[tuple[str, str], float] = {}
    for item in sought:
        best[item.kind, item.key] = max(best.get((item.kind, item.key), 0.0), item.strength)
    return [(kind, key, strength) for (kind, key), strength in best.items()]


def _hits(table: Any, noun: Any, sought: Iterable[Sought]) -> Any:
    """(noun, kind, strength) of every stored key that is looked up."""
    parts: list[Select[Any]] = []
    for kind in ("product", "process", "word"):
        rows = [(key, strength) for found, key, strength in _best(sought) if found == kind]
        for start in range(0, len(rows), AT_ONCE):
            part = dict(rows[start : start + AT_ONCE])
            worth = case(part, value=table.c.key, else_=0.0)
            parts.append(select(noun.label("noun"), literal(kind).label("kind"), worth.label("strength"))
                         .where(table.c.key.in_(list(part))))  # fmt: skip
    if not parts:
        parts.append(
            select(noun.label("noun"), literal("").label("kind"), literal(0.0).label("strength")).where(false())
        )
    return union_all(*parts).subquery()


def _sides(hits: Any) -> Any:
    """For each noun the best product, the best process, the weight of the words."""

    def of(kind: str, how: Any) -> Any:
        return func.coalesce(how(case((hits.c.kind == kind, hits.c.strength))), 0.0)

    return (
        select(hits.c.noun, of("product", func.max).label("product"), of("process", func.max).label("process"),
               of("word", func.sum).label("word"))
        .group_by(hits.c.noun)
        .subquery()
    )  # fmt: skip


async def offers_for(
    db: Connection, sought: Sequence[Sought], most_vnd: float | None, now: datetime, limit: int = CANDIDATES
) -> list[str]:
    """The ids of the offers that promise most for what is sought; those that break the budget come behind the others."""
    sides = _sides(_hits(offer_key, offer_key.c.offer_id, sought))
    told = sum(item.strength for item in sought if item.kind == "word") or 1.0
    promise = 2 * sides.c.product * sides.c.process + sides.c.product + sides.c.process + sides.c.word / told
    dear: ColumnElement[int] = literal(0)
    if most_vnd is not None:
        dear = case((offer.c.price_min_million_vnd * 1e6 > most_vnd * TOO_DEAR, 1), else_=0)
    valid = and_(
        offer.c.state == OfferState.VERIFIED.value,
        or_(offer.c.valid_until.is_(None), offer.c.valid_until >= now.date()),
    )
    query = select(offer.c.id).join(sides, sides.c.noun == offer.c.id).where(valid)
    ordered = query.order_by((promise - 0.5 * dear).desc(), offer.c.id).limit(limit)
    return [row.id for row in (await db.execute(ordered)).all()]


async def needs_for(db: Connection, sought: Sequence[Sought], price_vnd: float | None) -> list[int]:
    """The ids of all standing needs that an offer may serve: some product and some step agree, or many words do."""
    sides = _sides(_hits(need_key, need_key.c.need_id, sought))
    agrees = or_(and_(sides.c.product > 0, sides.c.process > 0), sides.c.word > 0)
    query = select(need.c.id).join(sides, sides.c.noun == need.c.id).where(need.c.state.in_(STANDING), agrees)
    if price_vnd is not None:
        most: ColumnElement[float] = func.json_extract(need.c.fields, "$.budget.value.max", type_=Float)
        if db.dialect.name == "postgresql":
            path = ("budget", "value", "max")
            most = cast(func.jsonb_extract_path_text(need.c.fields, *path, type_=Text), Float)
        query = query.where(or_(most.is_(None), most * TOO_DEAR >= price_vnd))
    return [row.id for row in (await db.execute(query.order_by(need.c.id))).all()]
