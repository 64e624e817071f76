"""Needs with the matches found for them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, and_, bindparam, select, update

from domain.need import STANDING, Need, NeedState, Outcome
from domain.person import Alert
from domain.text import plain
from storage.codes import next_code
from storage.database import Connection, insert_into
from storage.tables import match, need, need_version, person


@dataclass(frozen=True)
class Listening:
    """A standing need with its owner's wish for news."""

    need: Need
    alert: Alert
    invites: bool = True  # may be invited to events
    offers: bool = True  # may hear of technology


def need_from(row: Any) -> Need:
    """A row as the noun."""
    return Need(
        id=row.id,
        code=row.code,
        person_id=row.person_id,
        state=NeedState(row.state),
        text=row.text,
        fields=row.fields or {},
        submitted_at=row.submitted_at,
        due_at=row.due_at,
        outcome=Outcome(row.outcome) if row.outcome else None,
        kinds=tuple(row.kinds or ()),
        channel=row.channel,
        revision=row.revision,
        event_id=row.event_id,
    )


def folded(code: str, text: str, summary: str, fields: dict[str, Any]) -> str:
    """A need as search looks at it; nothing of the contact."""
    place = (fields.get("place") or {}).get("words", "")
    return plain(f"{code} {text} {summary} {place}")[:4000]


def unit_of(fields: dict[str, Any]) -> str | None:
    """The commune or ward a need is in."""
    unit = ((fields.get("place") or {}).get("value") or {}).get("unit")
    return str(unit) if unit else None


async def submit(
    db: Connection,
    person_id: int,
    own_words: str,
    summary: str,
    fields: dict[str, Any],
    channel: str,
    now: datetime,
    due_at: datetime,
    kinds: tuple[str, ...] = (),
    state: NeedState = NeedState.SUBMITTED,
    author: str = "owner",
    event_id: str | None = None,
) -> Need:
    """Records a need under a new code, as its first version."""
    values = {
        "code": await next_code(db, "NC"),
        "person_id": person_id,
        "state": state.value,
        "text": own_words,
        "summary": summary,
        "fields": fields,
        "channel": channel,
        "kinds": list(kinds),
        "unit": unit_of(fields),
        "created_at": now,
        "submitted_at": now,
        "due_at": due_at,
        "event_id": event_id,
    }
    values["folded"] = folded(str(values["code"]), own_words, summary, fields)
    made = need_from((await db.execute(need.insert().values(**values).returning(need))).one())
    await _keep_version(db, made.id, 1, own_words, summary, fields, author, now)
    return made


async def _keep_version(
    db: Connection,
    need_id: int,
    number: int,
    text: str,
    summary: str,
    fields: dict[str, Any],
    author: str,
    at: datetime,
) -> None:
    values = {"need_id": need_id, "number": number, "text": text, "summary": summary, "fields": fields}
    await db.execute(need_version.insert().values(**values, author=author, at=at))


async def amend(
    db: Connection, old: Need, text: str, summary: str, fields: dict[str, Any], author: str, now: datetime
) -> Need:
    """A new version of a need; the earlier ones are kept."""
    values = {"text": text, "summary": summary, "fields": fields, "revision": need.c.revision + 1}
    values |= {"unit": unit_of(fields), "folded": folded(old.code, text, summary, fields)}
    changed = update(need).where(need.c.id == old.id).values(**values).returning(need)
    new = need_from((await db.execute(changed)).one())
    await _keep_version(db, new.id, new.revision, text, summary, fields, author, now)
    return new


OF_PERSON = select(need).where(need.c.person_id == bindparam("whose")).order_by(need.c.id.desc())
OF_PERSON = OF_PERSON.limit(bindparam("most", type_=Integer))


async def of_person(db: Connection, person_id: int, limit: int = 1000) -> list[Need]:
    """A person's needs, newest first."""
    return [need_from(row) for row in (await db.execute(OF_PERSON, {"whose": person_id, "most": limit})).all()]


async def by_code(db: Connection, code: str) -> Need | None:
    """The need with this code."""
    row = (await db.execute(select(need).where(need.c.code == code.upper()))).one_or_none()
    return None if row is None else need_from(row)


async def withdraw(db: Connection, need_id: int, now: datetime) -> None:
    """Closes a need because its owner dropped it."""
    values = {"state": NeedState.CLOSED.value, "outcome": Outcome.WITHDRAWN.value, "closed_at": now}
    await db.execute(update(need).where(need.c.id == need_id).values(**values))


WISHES = (person.c.alert, person.c.no_events, person.c.no_offers)


def _listening(row: Any) -> Listening:
    return Listening(need_from(row), Alert(row.alert), not row.no_events, not row.no_offers)


async def listening(db: Connection) -> list[Listening]:
    """All standing needs with their owners' wish for news."""
    query = select(need, *WISHES).join(person, person.c.id == need.c.person_id)
    rows = (await db.execute(query.where(need.c.state.in_(STANDING)).order_by(need.c.id))).all()
    return [_listening(row) for row in rows]


async def heard(db: Connection, need_id: int) -> Listening | None:
    """One standing need with its owner's wish for news; None when it no longer stands."""
    query = select(need, *WISHES).join(person, person.c.id == need.c.person_id)
    row = (await db.execute(query.where(need.c.id == need_id, need.c.state.in_(STANDING)))).one_or_none()
    return None if row is None else _listening(row)


async def find(db: Connection, need_id: int) -> Need | None:
    """One need in whatever state."""
    row = (await db.execute(select(need).where(need.c.id == need_id))).one_or_none()
    return None if row is None else need_from(row)


async def set_state(db: Connection, need_id: int, state: NeedState, outcome: Outcome | None, now: datetime) -> None:
    """Moves a need along its road; a closed one has an outcome."""
    closed = now if state is NeedState.CLOSED else None
    values = {"state": state.value, "outcome": outcome.value if outcome else None, "closed_at": closed}
    await db.execute(update(need).where(need.c.id == need_id).values(**values))


async def keep_match(
    db: Connection,
    need_id: int,
    offer_id: str,
    score: float,
    strong: bool,
    because: list[str],
    doubts: list[str],
    now: datetime,
    shown: bool,
) -> bool:
    """Notes that an offer fits a need; False when the pair was known."""
    row = insert_into(db, match).values(
        need_id=need_id,
        offer_id=offer_id,
        score=score,
        strong=strong,
        because=because,
        doubts=doubts,
        created_at=now,
        state="shown" if shown else "suggested",
        shown_at=now if shown else None,
    )
    row = row.on_conflict_do_nothing(index_elements=["need_id", "offer_id"]).returning(match.c.id)
    return (await db.execute(row)).scalar_one_or_none() is not None


async def mark_shown(db: Connection, need_id: int, offer_ids: list[str], now: datetime) -> None:
    """Notes that the owner has seen these offers."""
    these = and_(match.c.need_id == need_id, match.c.offer_id.in_(offer_ids), match.c.shown_at.is_(None))
    await db.execute(update(match).where(these).values(state="shown", shown_at=now))


async def unshown(db: Connection, person_id: int) -> list[tuple[Need, str, list[str], list[str]]]:
    """Matches a person has not seen yet, best first: (need, offer id, because, doubts)."""
    query = (
        select(need, match.c.offer_id, match.c.because, match.c.doubts)
        .join(match, match.c.need_id == need.c.id)
        .where(need.c.person_id == person_id, need.c.state.in_(STANDING), match.c.shown_at.is_(None))
        .order_by(match.c.score.desc())
    )
    rows = (await db.execute(query)).all()
    return [(need_from(row), row.offer_id, row.because or [], row.doubts or []) for row in rows]
