"""Standing needs of the last weeks with what has been found for them: what clusters are made of."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from domain.need import STANDING
from storage.database import Connection
from storage.tables import consent, match, need


@dataclass(frozen=True)
class Recent:
    """One standing need: what it asks for, where, whether any offer fits, whether its owner takes news."""

    id: int
    code: str
    person_id: int
    text: str
    fields: dict[str, Any]
    matches: int
    takes_news: bool


async def recent(db: Connection, since: datetime) -> list[Recent]:
    """The standing needs sent since then, oldest first."""
    fitting = select(func.count()).where(match.c.need_id == need.c.id).scalar_subquery()
    news = (
        select(func.count())
        .where(consent.c.person_id == need.c.person_id, consent.c.purpose == "news", consent.c.withdrawn_at.is_(None))
        .scalar_subquery()
    )
    query = select(
        need.c.id,
        need.c.code,
        need.c.person_id,
        need.c.text,
        need.c.fields,
        fitting.label("matches"),
        news.label("news"),
    ).where(need.c.state.in_(STANDING), need.c.submitted_at >= since)
    rows = (await db.execute(query.order_by(need.c.id))).all()
    return [Recent(r.id, r.code, r.person_id, r.text, r.fields or {}, r.matches, bool(r.news)) for r in rows]
