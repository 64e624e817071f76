"""Versions of answers from draft over review to approval, withdrawal; the queues of what wants looking at."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select, update

from domain.answer import AnswerState, AnswerVersion, in_charge, overdue, valid_on
from storage import audit
from storage.database import Connection
from storage.knowledge import versions
from storage.officers import must_approve
from storage.pulls import announce
from storage.reviews import ask_about_twins
from storage.tables import answer, answer_version, ticket

TEXTS = ("question", "short", "full", "basis", "sources", "programmes", "valid_from", "valid_to", "verified_on")
FIELDS = (*TEXTS, "confidence", "recheck_days")


class WrongState(Exception):
    """A version cannot go this way from where it stands."""


async def draft(
    db: Connection, answer_id: str, fields: Mapping[str, Any], actor: str, reason: str, now: datetime
) -> int:
    """Writes a new version (FIELDS; what is left out is taken from the newest one); its id.

    An answer that is new needs all of question, short, full, verified_on, confidence, besides kind and topic.
    """
    newest = (
        await db.execute(
            select(answer_version)
            .where(answer_version.c.answer_id == answer_id)
            .order_by(answer_version.c.number.desc())
            .limit(1)
        )
    ).first()
    empty: dict[str, Any] = {"basis": [], "sources": [], "programmes": [], "valid_from": None, "valid_to": None}
    values = {**empty, "recheck_days": 90} if newest is None else {name: getattr(newest, name) for name in FIELDS}
    values |= {name: fields[name] for name in FIELDS if name in fields}
    if newest is None:
        row = {"id": answer_id, "kind": fields.get("kind", "answer"), "topic": fields["topic"]}
        examples = list(fields.get("examples") or ())
        await db.execute(answer.insert().values(**row, aliases=list(fields.get("aliases") or ()), examples=examples))
    made = answer_version.insert().values(
        **values,
        answer_id=answer_id,
        number=1 if newest is None else newest.number + 1,
        state=AnswerState.DRAFT.value,
        author=actor,
    )
    version_id: int = (await db.execute(made.returning(answer_version.c.id))).scalar_one()
    await audit.note(db, actor, "draft", "answer", answer_id, now, reason, after={"version": version_id})
    return version_id


async def submit(db: Connection, version_id: int, actor: str, reason: str, now: datetime) -> None:
    """Sends a draft to review, with the question whether answers near it are needed beside it. Raises WrongState."""
    await _move(db, version_id, AnswerState.DRAFT, AnswerState.IN_REVIEW, actor, "submit", reason, now)
    row = (await db.execute(select(answer_version.c.answer_id).where(answer_version.c.id == version_id))).one()
    await ask_about_twins(db, now, row.answer_id)


async def approve(db: Connection, version_id: int, actor: str, reason: str, now: datetime) -> None:
    """Approves a version in review; its author may not. Whoever waits for the answer is told by the watch.

    Raises WrongState, NotAllowed.
    """
    row = (await db.execute(select(answer_version).where(answer_version.c.id == version_id))).one()
    await must_approve(db, actor, other_than=row.author)
    await _move(db, version_id, AnswerState.IN_REVIEW, AnswerState.APPROVED, actor, "approve", reason, now)
    stamp = {"approved_by": actor, "approved_at": now}
    await db.execute(update(answer_version).where(answer_version.c.id == version_id).values(**stamp))
    await announce(db, "answer", row.answer_id, now)


async def withdraw(db: Connection, version_id: int, actor: str, reason: str, now: datetime) -> None:
    """Takes an approved version back for good. Raises WrongState, NotAllowed."""
    await must_approve(db, actor)
    await _move(db, version_id, AnswerState.APPROVED, AnswerState.WITHDRAWN, actor, "withdraw", reason, now)


async def rewrite(
    db: Connection, version_id: int, fields: Mapping[str, Any], actor: str, reason: str, now: datetime
) -> None:
    """Writes into a draft; whoever writes becomes its author. Raises WrongState when it is no draft any more."""
    values = {name: fields[name] for name in FIELDS if name in fields}
    this = (answer_version.c.id == version_id, answer_version.c.state == AnswerState.DRAFT.value)
    done = update(answer_version).where(*this).values(**values, author=actor).returning(answer_version.c.answer_id)
    answer_id = (await db.execute(done)).scalar_one_or_none()
    if answer_id is None:
        raise WrongState(f"version {version_id} is no draft")
    await audit.note(db, actor, "draft", "answer", answer_id, now, reason, after={"version": version_id})


async def send_back(db: Connection, version_id: int, actor: str, reason: str, now: datetime) -> None:
    """Gives a version in review back to its author. Raises WrongState, NotAllowed."""
    await must_approve(db, actor)
    await _move(db, version_id, AnswerState.IN_REVIEW, AnswerState.DRAFT, actor, "send_back", reason, now)


async def _move(
    db: Connection,
    version_id: int,
    before: AnswerState,
    after: AnswerState,
    actor: str,
    verb: str,
    reason: str,
    now: datetime,
) -> None:
    this = (answer_version.c.id == version_id, answer_version.c.state == before.value)
    moved = update(answer_version).where(*this).values(state=after.value).returning(answer_version.c.answer_id)
    answer_id = (await db.execute(moved)).scalar_one_or_none()
    if answer_id is None:
        raise WrongState(f"version {version_id} is not {before.value}")
    change = {"version": version_id, "state": after.value}
    await audit.note(db, actor, verb, "answer", answer_id, now, reason, {"state": before.value}, change)


async def link_questions(db: Connection, codes: Iterable[str], answer_id: str, actor: str, now: datetime) -> int:
    """Says which answer promised questions wait for; they are told when it is approved. How many were linked."""
    these = (ticket.c.code.in_(list(codes)), ticket.c.state.in_(("waiting", "taken", "lapsed")))
    rows = (await db.execute(update(ticket).where(*these).values(about=answer_id).returning(ticket.c.code))).all()
    await audit.note(db, actor, "link", "answer", answer_id, now, "", after={"questions": [row.code for row in rows]})
    return len(rows)


async def expiring(
    db: Connection, day: date, within: int = 30, held: Mapping[str, list[AnswerVersion]] | None = None
) -> list[AnswerVersion]:
    """Answers that nobody may say any more within so many days because no approved version follows, soonest first.

    Whoever has read the versions already hands them in as `held`.
    """
    found = []
    end = day + timedelta(days=within)
    for rows in (await versions(db) if held is None else held).values():
        now, then = in_charge(rows, day), in_charge(rows, end)
        if now is not None and valid_on(now, day) and (then is None or not valid_on(then, end)):
            found.append(now)
    return sorted(found, key=lambda row: (row.valid_to or date.max, row.answer_id))


async def unverified(
    db: Connection, day: date, held: Mapping[str, list[AnswerVersion]] | None = None
) -> list[AnswerVersion]:
    """Answers in use that nobody has verified for longer than they may go (90 days, calls 30), longest first."""
    charged = [in_charge(rows, day) for rows in (await versions(db) if held is None else held).values()]
    found = [row for row in charged if row is not None and valid_on(row, day) and overdue(row, day)]
    return sorted(found, key=lambda row: (row.verified_on or date.min, row.answer_id))


async def in_review(db: Connection) -> list[AnswerVersion]:
    """Versions that wait for approval, oldest first."""
    listed = [row for rows in (await versions(db)).values() for row in rows if row.state is AnswerState.IN_REVIEW]
    return sorted(listed, key=lambda row: row.id)


async def count_waiting(db: Connection, answer_id: str) -> int:
    """How many people wait for this answer."""
    open_states = ticket.c.state.in_(("waiting", "taken", "lapsed"))
    query = select(func.count()).select_from(ticket).where(ticket.c.about == answer_id, open_states)
    return int((await db.execute(query)).scalar_one())
