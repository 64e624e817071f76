"""Fills an empty database with the shipped knowledge; later releases only add drafts beside what officers approved."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, insert, select, update

from domain.answer import AnswerState
from domain.event import Event
from domain.offer import Offer
from domain.programme import Programme
from knowledge.library import (
    Library,
    ShippedAnswer,
    ShippedDocument,
    ShippedEvent,
    ShippedOffer,
    ShippedProgramme,
    digest,
    fingerprint,
)
from storage import catalogue, reviews
from storage.changes import ask_review
from storage.database import Connection, Database, insert_into
from storage.knowledge import as_programme
from storage.tables import answer, answer_version, body, document, place, product, programme, shipment

FOUNDERS = "khởi tạo 23/11/2026"
FOUNDED_AT = datetime(2026, 11, 22, 17, tzinfo=UTC)  # 23/11/2026 00:00 in Việt Nam
RELEASE = "bản phát hành mới"


async def seed(database: Database, library: Library, now: datetime) -> bool:
    """Brings the shipped knowledge in; False when this very shipment is already here."""
    stamp = digest()
    async with database.write() as db:
        held = (await db.execute(select(shipment.c.digest).where(shipment.c.name == "knowledge"))).scalar_one_or_none()
        if held == stamp:
            return False
        for item in library.answers:
            await _bring_answer(db, item, first=held is None, now=now)
        await reviews.ask_about_twins(db, now)
        for entry in library.programmes:
            await _bring_programme(db, entry, first=held is None, now=now)
        for paper in library.documents:
            await _bring_document(db, paper, now)
        await _replace(
            db, body, [{"id": b.id, "name": b.name, "data": b.model_dump(mode="json")} for b in library.bodies]
        )
        goods = [{"id": p.id, "name": p.name, "data": p.model_dump(mode="json")} for p in library.products]
        await _replace(db, product, goods)
        units = library.places.get("units", [])
        await _replace(db, place, [{"code": u["code"], "name": u["name"], "data": u} for u in units])
        row = insert_into(db, shipment).values(name="knowledge", digest=stamp, at=now)
        changed = {"digest": stamp, "at": now}
        await db.execute(row.on_conflict_do_update(index_elements=["name"], set_=changed))
    return True


async def _replace(db: Connection, table: Any, rows: list[dict[str, Any]]) -> None:
    """Reference lists that nobody edits here are simply laid anew."""
    await db.execute(table.delete())
    if rows:
        await db.execute(insert(table), rows)


async def _bring_answer(db: Connection, item: ShippedAnswer, first: bool, now: datetime) -> None:
    mark = fingerprint(item)
    versions = (
        await db.execute(
            select(answer_version.c.number, answer_version.c.shipped).where(answer_version.c.answer_id == item.id)
        )
    ).all()
    if any(row.shipped == mark for row in versions):
        return
    if not versions:
        values = {"id": item.id, "kind": item.kind, "topic": item.topic}
        await db.execute(insert(answer).values(**values, aliases=list(item.aliases), examples=list(item.examples)))
    values_of_version = {
        "answer_id": item.id,
        "number": max((row.number for row in versions), default=0) + 1,
        "state": (AnswerState.APPROVED if first else AnswerState.DRAFT).value,
        "question": item.question,
        "short": item.short,
        "full": item.full,
        "basis": [basis.model_dump() for basis in item.basis],
        "sources": [source.model_dump() for source in item.sources],
        "programmes": list(item.programmes),
        "valid_from": item.valid_from,
        "valid_to": item.valid_to,
        "verified_on": item.verified_on,
        "confidence": item.confidence,
        "recheck_days": item.recheck_days,
        "author": FOUNDERS if first else RELEASE,
        "approved_by": FOUNDERS if first else None,
        "approved_at": FOUNDED_AT if first else None,
        "shipped": mark,
    }
    await db.execute(insert(answer_version).values(**values_of_version))
    if not first:
        await ask_review(db, "answer", item.id, "newer shipped text", now)
    elif item.confidence != "high":
        await ask_review(db, "answer", item.id, f"{item.confidence} confidence", now)


async def _bring_programme(db: Connection, item: ShippedProgramme, first: bool, now: datetime) -> None:
    mark = fingerprint(item)
    held = (await db.execute(select(programme).where(programme.c.id == item.id))).one_or_none()
    if held is not None and held.shipped == mark:
        return
    data = item.model_dump(mode="json")
    if held is None:
        values = {"id": item.id, "name": item.name, "short_name": item.short_name, "kind": item.kind}
        dates = {"effective_from": item.effective_from, "effective_to": item.effective_to}
        await db.execute(insert(programme).values(**values, **dates, state=item.state.value, data=data, shipped=mark))
        if not first or item.confidence != "high":
            await ask_review(db, "programme", item.id, "new" if not first else f"{item.confidence} confidence", now)
        for limit in item.unconfirmed:
            await ask_review(db, "programme", item.id, f"unconfirmed: {limit}", now)
        return
    beside = {**(held.data or {}), "newer": data}  # a draft: officers decide
    await db.execute(update(programme).where(programme.c.id == item.id).values(data=beside, shipped=mark))
    await ask_review(db, "programme", item.id, "newer shipped text", now)


async def _bring_document(db: Connection, item: ShippedDocument, now: datetime) -> None:
    """Lays a document; one that an officer has changed stays, the newer text waits for review."""
    mark, data = fingerprint(item), item.model_dump(mode="json")
    held = (await db.execute(select(document).where(document.c.id == item.id))).one_or_none()
    if held is None:
        await db.execute(insert(document).values(id=item.id, data=data, shipped=mark))
    elif held.shipped != mark:
        if held.shipped is None:  # an officer's
            await ask_review(db, "document", item.id, "newer shipped text", now)
        else:
            await db.execute(update(document).where(document.c.id == item.id).values(data=data, shipped=mark))


def programme_from(item: ShippedProgramme) -> Programme:
    """A shipped programme as the noun."""
    return as_programme(
        item.id,
        item.name,
        item.short_name,
        item.state.value,
        item.effective_from,
        item.effective_to,
        item.model_dump(mode="json"),
    )


def offer_from(item: ShippedOffer) -> Offer:
    """A shipped offer as the noun."""
    price = {key: value for key, value in (item.price_million_vnd or {}).items() if value is not None}
    capacity = {key: value for key, value in (item.capacity or {}).items() if value is not None}
    values = item.model_dump(exclude={"sector_name", "price_million_vnd", "capacity"})
    return Offer(**values, price_million_vnd=price, capacity=capacity)


def event_from(item: ShippedEvent) -> Event:
    """A shipped event as the noun."""
    return Event(**item.model_dump())


async def seed_samples(
    database: Database, offers: Iterable[ShippedOffer], events: Iterable[ShippedEvent], now: datetime
) -> bool:
    """Lays the invented sample catalogue into a database that has none; False when samples were laid before."""
    async with database.write() as db:
        held = (await db.execute(select(func.count()).where(shipment.c.name == "samples"))).scalar_one()
        if held:
            return False
        for offer_row in offers:
            await catalogue.write_offer(db, offer_from(offer_row), "nhipcau", "sample")
        for event_row in events:
            await catalogue.write_event(db, event_from(event_row), "nhipcau", "sample")
        await db.execute(insert(shipment).values(name="samples", digest=digest("samples"), at=now))
    return True
