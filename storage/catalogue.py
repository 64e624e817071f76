"""Offers and events of the shared database, whoever wrote them."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, bindparam, or_, select, update

from domain.event import Event, EventState
from domain.offer import Offer, OfferState
from domain.text import plain
from storage.database import Connection, insert_into
from storage.tables import event, offer


def _texts(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    return tuple(str(item) for item in value) if isinstance(value, list) else ()


def _band(least: float | None, most: float | None) -> dict[str, Any]:
    return {} if least is None and most is None else {"min": least, "max": most}


def offer_from(row: Any) -> Offer:
    """A row of the table as an offer."""
    capacity = _band(row.capacity_min, row.capacity_max)
    return Offer(
        id=row.id,
        title=row.title,
        summary=row.summary,
        sector=row.sector,
        products=_texts(row.products),
        processes=_texts(row.processes),
        trl=row.trl,
        transfer_modes=_texts(row.transfer_modes),
        price_million_vnd=_band(row.price_min_million_vnd, row.price_max_million_vnd),
        capacity={**capacity, "unit": row.capacity_unit} if capacity else {},
        owner=row.owner,
        owner_type=row.owner_type,
        owner_province_code=row.owner_province_code,
        serves=row.serves,
        state=OfferState(row.state),
        sample=row.sample,
    )


def event_from(row: Any) -> Event:
    topics = row.topics if isinstance(row.topics, dict) else {}
    return Event(
        id=row.id,
        title=row.title,
        start=row.starts_at,
        end=row.ends_at,
        summary=row.summary,
        place=row.place,
        travel=row.travel,
        seats=row.seats,
        taken=row.taken,
        free=row.free,
        topics={key: _texts(value) for key, value in topics.items()},
        programmes=_texts(row.programmes),
        organiser=row.organiser,
        latitude=row.latitude,
        longitude=row.longitude,
        agenda=row.agenda,
        speakers=row.speakers,
        partners=row.partners,
        revision=row.revision,
        state=EventState(row.state),
        sample=row.sample,
    )


def _valid(day: Any) -> Any:
    return and_(
        offer.c.state == OfferState.VERIFIED.value, or_(offer.c.valid_until.is_(None), offer.c.valid_until >= day)
    )


async def offers(db: Connection, now: datetime) -> list[Offer]:
    """All offers that may be shown."""
    rows = await db.execute(select(offer).where(_valid(now.date())).order_by(offer.c.id))
    return [offer_from(row) for row in rows.all()]


async def public_offer(db: Connection, offer_id: str, now: datetime) -> Offer | None:
    """One offer if it may be shown."""
    row = (await db.execute(select(offer).where(offer.c.id == offer_id, _valid(now.date())))).one_or_none()
    return None if row is None else offer_from(row)


async def some_offers(db: Connection, ids: Sequence[str]) -> list[Offer]:
    """These offers, in no order."""
    rows = (await db.execute(select(offer).where(offer.c.id.in_(list(ids))))).all() if ids else []
    return [offer_from(row) for row in rows]


async def ended(db: Connection, since: date, today: date) -> list[str]:
    """The offers whose last valid day has passed since a day."""
    passed = (offer.c.valid_until.is_not(None), offer.c.valid_until >= since, offer.c.valid_until < today)
    return [row.id for row in (await db.execute(select(offer.c.id).where(*passed))).all()]


async def find_offer(db: Connection, offer_id: str) -> Offer | None:
    """One offer in whatever state."""
    row = (await db.execute(select(offer).where(offer.c.id == offer_id))).one_or_none()
    return None if row is None else offer_from(row)


async def write_offer(db: Connection, item: Offer, writer: str, shipped: str | None = None) -> None:
    """Inserts or replaces an offer."""
    values = {
        "id": item.id,
        "title": item.title,
        "summary": item.summary,
        "sector": item.sector,
        "products": list(item.products),
        "processes": list(item.processes),
        "trl": item.trl,
        "transfer_modes": list(item.transfer_modes),
        "price_min_million_vnd": item.price_million_vnd.get("min"),
        "price_max_million_vnd": item.price_million_vnd.get("max"),
        "capacity_min": item.capacity.get("min"),
        "capacity_max": item.capacity.get("max"),
        "capacity_unit": item.capacity.get("unit"),
        "owner": item.owner,
        "owner_type": item.owner_type,
        "owner_province_code": item.owner_province_code,
        "serves": item.serves,
        "state": item.state.value,
        "written_by": writer,
        "sample": item.sample,
        "shipped": shipped,
    }
    row = insert_into(db, offer).values(**values)
    changed = {key: row.excluded[key] for key in values if key != "id"} | {"revision": offer.c.revision + 1}
    await db.execute(row.on_conflict_do_update(index_elements=["id"], set_=changed))


async def set_offer_state(db: Connection, offer_id: str, state: OfferState) -> None:
    """Moves an offer; we sign for it, so that the rule about who may publish holds."""
    values = {"state": state.value, "written_by": "nhipcau", "revision": offer.c.revision + 1}
    await db.execute(update(offer).where(offer.c.id == offer_id).values(**values))


async def move_offer(db: Connection, offer_id: str, before: Iterable[OfferState], after: OfferState) -> bool:
    """Moves an offer from one of these states to another, signed by us; False when it has moved meanwhile."""
    values = {"state": after.value, "written_by": "nhipcau", "revision": offer.c.revision + 1}
    here = (offer.c.id == offer_id, offer.c.state.in_([state.value for state in before]))
    return (await db.execute(update(offer).where(*here).values(**values).returning(offer.c.id))).first() is not None


async def amend_offer(db: Connection, item: Offer, revision: int) -> bool:
    """Replaces the facts of an offer, not its state; False when it is no longer the revision that was read."""
    values = {
        "title": item.title, "summary": item.summary, "products": list(item.products), "processes": list(item.processes),
        "trl": item.trl, "transfer_modes": list(item.transfer_modes), "serves": item.serves,
        "price_min_million_vnd": item.price_million_vnd.get("min"), "price_max_million_vnd": item.price_million_vnd.get("max"),
        **{f"capacity_{name}": item.capacity.get(name) for name in ("min", "max", "unit")},
    }  # fmt: skip
    same = (offer.c.id == item.id, offer.c.revision == revision)
    done = update(offer).where(*same).values(**values, revision=revision + 1).returning(offer.c.id)
    return (await db.execute(done)).first() is not None


async def set_price(db: Connection, offer_id: str, least: float | None, most: float | None) -> None:
    """Sets what an offer costs, in million VND."""
    values = {"price_min_million_vnd": least, "price_max_million_vnd": most, "revision": offer.c.revision + 1}
    await db.execute(update(offer).where(offer.c.id == offer_id).values(**values))


async def forget_supplier(db: Connection, ids: Sequence[str]) -> None:
    """Withdraws what somebody offered who is erased, without their name and words."""
    gone = {"owner": "", "summary": "", "state": OfferState.WITHDRAWN.value, "revision": offer.c.revision + 1}
    await db.execute(update(offer).where(offer.c.id.in_(list(ids))).values(**gone))


async def set_capacity(db: Connection, offer_id: str, capacity: dict[str, Any]) -> None:
    """Sets how much an offer handles: {"min","max","unit"}."""
    values = {f"capacity_{name}": capacity.get(name) for name in ("min", "max", "unit")}
    await db.execute(update(offer).where(offer.c.id == offer_id).values(**values, revision=offer.c.revision + 1))


async def write_event(db: Connection, item: Event, writer: str, shipped: str | None = None) -> None:
    """Inserts or replaces an event."""
    values = {
        "id": item.id,
        "title": item.title,
        "summary": item.summary,
        "starts_at": item.start,
        "ends_at": item.end,
        "place": item.place,
        "travel": item.travel,
        "seats": item.seats,
        "taken": item.taken,
        "free": item.free,
        "topics": {key: list(value) for key, value in item.topics.items()},
        "programmes": list(item.programmes),
        "organiser": item.organiser,
        "latitude": item.latitude,
        "longitude": item.longitude,
        "agenda": item.agenda,
        "speakers": item.speakers,
        "partners": item.partners,
        "state": item.state.value,
        "written_by": writer,
        "sample": item.sample,
        "shipped": shipped,
    }
    row = insert_into(db, event).values(**values)
    changed = {key: row.excluded[key] for key in values if key != "id"} | {"revision": event.c.revision + 1}
    await db.execute(row.on_conflict_do_update(index_elements=["id"], set_=changed))


COMING = (
    select(event)
    .where(event.c.state == EventState.PUBLISHED.value, event.c.starts_at > bindparam("after"))
    .order_by(event.c.starts_at, event.c.id)
)


async def coming_events(db: Connection, now: datetime) -> list[Event]:
    """Published events that have not begun, soonest first."""
    return [event_from(row) for row in (await db.execute(COMING, {"after": now})).all()]


async def shown_events(db: Connection) -> list[Event]:
    """Every event that was ever published, newest first."""
    query = (
        select(event).where(event.c.state != EventState.SUBMITTED.value).order_by(event.c.starts_at.desc()).limit(500)
    )
    return [event_from(row) for row in (await db.execute(query)).all()]


async def find_event(db: Connection, event_id: str) -> Event | None:
    """One event in whatever state."""
    row = (await db.execute(select(event).where(event.c.id == event_id))).one_or_none()
    return None if row is None else event_from(row)


async def named_in(db: Connection, words: str, now: datetime, limit: int = 3) -> list[str]:
    """The ids of offers that may be shown whose title is said in these words; the longest title first."""
    said = f" {plain(words)} "
    found = [offer for offer in await offers(db, now) if f" {plain(offer.title)} " in said]
    return [offer.id for offer in sorted(found, key=lambda offer: -len(offer.title))[:limit]]
