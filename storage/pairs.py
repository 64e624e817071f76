"""Needs with offers on their way: states, opinions, wishes, suppliers, introductions."""

from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, func, select, update

from domain.pairing import Introduction, MatchState, Opinion, Reason, Wish
from storage.codes import next_code
from storage.database import Connection, insert_into
from storage.tables import introduction, match, need, need_wish, offer, opinion, supplier


# --- the pair ---------------------------------------------------------------------------------------------------
async def state_of(db: Connection, need_id: int, offer_id: str) -> MatchState | None:
    """How a need and an offer stand; None for a pair nobody noted."""
    query = select(match.c.state).where(match.c.need_id == need_id, match.c.offer_id == offer_id)
    found = (await db.execute(query)).scalar_one_or_none()
    return None if found is None else MatchState(found)


async def why(db: Connection, need_id: int, offer_id: str) -> tuple[list[str], list[str]]:
    """(because, doubts) of a pair as they were told; two empty lists for a pair nobody noted."""
    these = (match.c.need_id == need_id, match.c.offer_id == offer_id)
    row = (await db.execute(select(match.c.because, match.c.doubts).where(*these))).one_or_none()
    return ([], []) if row is None else (row.because or [], row.doubts or [])


async def move(
    db: Connection, need_id: int, offer_id: str, state: MatchState, now: datetime, reason: Reason | None = None
) -> None:
    """Sets how a need and an offer stand; makes the pair when nobody noted it."""
    values = {"state": state.value, "reason": reason.value if reason else None, "changed_at": now}
    row = insert_into(db, match).values(
        need_id=need_id, offer_id=offer_id, score=0.0, because=[], doubts=[], created_at=now, shown_at=now, **values
    )
    await db.execute(row.on_conflict_do_update(index_elements=["need_id", "offer_id"], set_=values))


async def set_value(db: Connection, need_id: int, offer_id: str, band: str | None) -> None:
    """Notes about how much a contract is worth, in words; None when nobody says."""
    these = and_(match.c.need_id == need_id, match.c.offer_id == offer_id)
    await db.execute(update(match).where(these).values(value_band=band))


async def refresh_words(
    db: Connection, need_id: int, offer_id: str, score: float, strong: bool, because: list[str], doubts: list[str]
) -> None:
    """Replaces what a pair says when the need or the offer has changed."""
    these = and_(match.c.need_id == need_id, match.c.offer_id == offer_id)
    values = {"score": score, "strong": strong, "because": because, "doubts": doubts}
    await db.execute(update(match).where(these).values(**values))


async def last_shown(db: Connection, need_ids: list[int]) -> tuple[int, str] | None:
    """(need, offer) of the pair that was shown last for any of these needs."""
    query = select(match.c.need_id, match.c.offer_id).where(
        match.c.need_id.in_(need_ids), match.c.shown_at.is_not(None)
    )
    row = (await db.execute(query.order_by(match.c.shown_at.desc(), match.c.score.desc()).limit(1))).one_or_none()
    return None if row is None else (row.need_id, row.offer_id)


async def live_pairs(db: Connection, need_id: int) -> list[tuple[str, MatchState]]:
    """The offers that a need's owner wants or is in talks about."""
    ended = (MatchState.SUGGESTED, MatchState.SHOWN, MatchState.DECLINED, MatchState.NO_HELP, MatchState.UNREACHABLE)
    query = select(match.c.offer_id, match.c.state).where(match.c.need_id == need_id)
    rows = (await db.execute(query.where(match.c.state.not_in([state.value for state in ended])))).all()
    return [(row.offer_id, MatchState(row.state)) for row in rows]


# --- what people say of it --------------------------------------------------------------------------------------
async def keep_opinion(db: Connection, person_id: int, offer_id: str, reason: Reason, now: datetime) -> None:
    """Notes why somebody declined an offer; a newer word replaces the older."""
    row = insert_into(db, opinion).values(person_id=person_id, offer_id=offer_id, reason=reason.value, at=now)
    changed = {"reason": reason.value, "at": now}
    await db.execute(row.on_conflict_do_update(index_elements=["person_id", "offer_id"], set_=changed))


async def opinions(db: Connection, person_id: int) -> list[Opinion]:
    """What somebody said against offers, newest first."""
    query = (
        select(opinion.c.offer_id, opinion.c.reason, opinion.c.at, offer.c.title, offer.c.products, offer.c.processes,
               offer.c.price_min_million_vnd)
        .join(offer, offer.c.id == opinion.c.offer_id)
        .where(opinion.c.person_id == person_id)
        .order_by(opinion.c.at.desc())
    )  # fmt: skip
    return [
        Opinion(
            row.offer_id, row.title, Reason(row.reason), tuple(row.products or ()), tuple(row.processes or ()),
            row.price_min_million_vnd, row.at,
        )
        for row in (await db.execute(query)).all()
    ]  # fmt: skip


async def set_wish(db: Connection, need_id: int, wish: Wish, now: datetime) -> None:
    """Notes what news about a need its owner wants."""
    row = insert_into(db, need_wish).values(need_id=need_id, wish=wish.value, at=now)
    changed = {"wish": wish.value, "at": now}
    await db.execute(row.on_conflict_do_update(index_elements=["need_id"], set_=changed))


async def wish_of(db: Connection, need_id: int) -> Wish:
    """What news about a need its owner wants."""
    found = (await db.execute(select(need_wish.c.wish).where(need_wish.c.need_id == need_id))).scalar_one_or_none()
    return Wish.ALL if found is None else Wish(found)


# --- who supplies -----------------------------------------------------------------------------------------------
async def supplied_by(db: Connection, offer_id: str) -> int | None:
    """The person who offers this by chat, if anybody does."""
    query = select(supplier.c.person_id).where(supplier.c.offer_id == offer_id)
    found: int | None = (await db.execute(query)).scalar_one_or_none()
    return found


async def set_supplier(db: Connection, offer_id: str, person_id: int, now: datetime) -> None:
    """Notes who offers this by chat."""
    row = insert_into(db, supplier).values(offer_id=offer_id, person_id=person_id, since=now, confirmed_at=now)
    changed = {"person_id": person_id, "confirmed_at": now}
    await db.execute(row.on_conflict_do_update(index_elements=["offer_id"], set_=changed))


async def confirm_supply(db: Connection, offer_id: str, now: datetime) -> None:
    """Notes that the supplier says the offer still stands."""
    await db.execute(update(supplier).where(supplier.c.offer_id == offer_id).values(confirmed_at=now))


async def confirmed_at(db: Connection, offer_id: str) -> datetime | None:
    """When the supplier last said that the offer still stands."""
    query = select(supplier.c.confirmed_at).where(supplier.c.offer_id == offer_id)
    found: datetime | None = (await db.execute(query)).scalar_one_or_none()
    return found


async def offered_by(db: Connection, person_id: int) -> list[str]:
    """The ids of what somebody offers by chat, newest first."""
    query = select(supplier.c.offer_id).where(supplier.c.person_id == person_id).order_by(supplier.c.since.desc())
    return [row.offer_id for row in (await db.execute(query)).all()]


# --- both sides' consent ----------------------------------------------------------------------------------------
def _introduction(row: Any) -> Introduction:
    return Introduction(
        id=row.id, code=row.code, need_id=row.need_id, offer_id=row.offer_id, owner_id=row.owner_id,
        supplier_id=row.supplier_id, owner_agreed_at=row.owner_agreed_at, asked_at=row.asked_at,
        supplier_agreed_at=row.supplier_agreed_at, released_at=row.released_at, withdrawn_at=row.withdrawn_at,
    )  # fmt: skip


def _introductions() -> Any:
    return (
        select(introduction, need.c.person_id.label("owner_id"), supplier.c.person_id.label("supplier_id"))
        .join(need, need.c.id == introduction.c.need_id)
        .outerjoin(supplier, supplier.c.offer_id == introduction.c.offer_id)
    )


async def introduced(db: Connection, need_id: int, offer_id: str) -> Introduction | None:
    """The introduction of a pair, if one was begun."""
    these = (introduction.c.need_id == need_id, introduction.c.offer_id == offer_id)
    row = (await db.execute(_introductions().where(*these))).one_or_none()
    return None if row is None else _introduction(row)


async def introduction_by_code(db: Connection, code: str) -> Introduction | None:
    """The introduction with this code."""
    row = (await db.execute(_introductions().where(introduction.c.code == code.upper()))).one_or_none()
    return None if row is None else _introduction(row)


async def introductions_of(db: Connection, person_id: int) -> list[Introduction]:
    """The introductions somebody takes part in, on either side."""
    mine = (need.c.person_id == person_id) | (supplier.c.person_id == person_id)
    rows = (await db.execute(_introductions().where(mine).order_by(introduction.c.id))).all()
    return [_introduction(row) for row in rows]


async def waiting_for_supplier(db: Connection, need_id: int) -> list[Introduction]:
    """Introductions of a need to which only the owner has agreed and that no supplier was asked about yet."""
    query = _introductions().where(
        introduction.c.need_id == need_id, introduction.c.owner_agreed_at.is_not(None), introduction.c.asked_at.is_(None),
        introduction.c.withdrawn_at.is_(None),
    )  # fmt: skip
    return [_introduction(row) for row in (await db.execute(query)).all()]


async def standing(db: Connection, need_id: int) -> list[Introduction]:
    """The introductions of a need that nobody has withdrawn."""
    query = _introductions().where(introduction.c.need_id == need_id, introduction.c.withdrawn_at.is_(None))
    return [_introduction(row) for row in (await db.execute(query)).all()]


async def standing_of_offer(db: Connection, offer_id: str) -> list[Introduction]:
    """The introductions of an offer that nobody has withdrawn."""
    query = _introductions().where(introduction.c.offer_id == offer_id, introduction.c.withdrawn_at.is_(None))
    return [_introduction(row) for row in (await db.execute(query)).all()]


async def owner_agrees(db: Connection, need_id: int, offer_id: str, wording: str, now: datetime) -> Introduction:
    """The owner says yes to this one supplier, in these words."""
    row = insert_into(db, introduction).values(
        code=await next_code(db, "GT"), need_id=need_id, offer_id=offer_id, owner_wording=wording, owner_agreed_at=now
    )
    again = {
        "owner_wording": wording, "owner_agreed_at": now, "withdrawn_at": None, "withdrawn_by": None, "asked_at": None,
        "supplier_agreed_at": None, "supplier_wording": None, "released_at": None,
    }  # fmt: skip
    await db.execute(row.on_conflict_do_update(index_elements=["need_id", "offer_id"], set_=again))
    made = await introduced(db, need_id, offer_id)
    assert made is not None
    return made


async def supplier_asked(db: Connection, intro_id: int, now: datetime) -> None:
    """Notes that the supplier has been shown the need."""
    await db.execute(update(introduction).where(introduction.c.id == intro_id).values(asked_at=now))


async def supplier_agrees(db: Connection, intro_id: int, wording: str, now: datetime) -> bool:
    """The supplier says yes; True when by this both have, so that contacts may be released."""
    both = (
        introduction.c.id == intro_id,
        introduction.c.owner_agreed_at.is_not(None),
        introduction.c.withdrawn_at.is_(None),
    )
    values = {"supplier_wording": wording, "supplier_agreed_at": now, "released_at": now}
    done = await db.execute(update(introduction).where(*both).values(**values))
    return bool(done.rowcount == 1)


async def withdraw(db: Connection, intro_id: int, by: str, now: datetime) -> None:
    """One side takes its consent back; what was released is recorded as withdrawn."""
    values = {"withdrawn_at": now, "withdrawn_by": by}
    standing = (introduction.c.id == intro_id, introduction.c.withdrawn_at.is_(None))
    await db.execute(update(introduction).where(*standing).values(**values))


async def takers(db: Connection, need_id: int) -> int:
    """How many suppliers have agreed to help with a need."""
    these = (
        introduction.c.need_id == need_id, introduction.c.released_at.is_not(None), introduction.c.withdrawn_at.is_(None),
    )  # fmt: skip
    return int((await db.execute(select(func.count()).select_from(introduction).where(*these))).scalar_one())


async def forget_person(db: Connection, person_id: int) -> None:
    """Drops what these tables keep about a person; offers stay, without the link to who offered them."""
    for table in (opinion, supplier):
        await db.execute(delete(table).where(table.c.person_id == person_id))
