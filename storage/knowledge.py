"""Approved answers, programmes, bodies and key products as the database holds them."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import func as sql
from sqlalchemy import select, tuple_

from domain.answer import AnswerState, AnswerVersion
from domain.programme import Programme, ProgrammeState, ended
from storage.database import Connection
from storage.tables import answer, answer_shown, answer_version, place, programme


def _version(row: Any) -> AnswerVersion:
    return AnswerVersion(
        id=row.id,
        answer_id=row.answer_id,
        kind=row.kind,
        topic=row.topic,
        state=AnswerState(row.state),
        question=row.question,
        short=row.short,
        full=row.full,
        basis=tuple(row.basis or ()),
        programmes=tuple(row.programmes or ()),
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        verified_on=row.verified_on,
        confidence=row.confidence,
    )


async def answers(db: Connection, day: date) -> dict[str, AnswerVersion]:
    """Each answer's version that matters on this day: the newest approved one in its dates, else any approved."""
    joined = select(answer_version, answer.c.kind, answer.c.topic).join(
        answer, answer.c.id == answer_version.c.answer_id
    )
    query = joined.where(answer_version.c.state == AnswerState.APPROVED.value).order_by(answer_version.c.number)
    found: dict[str, AnswerVersion] = {}
    for row in (await db.execute(query)).all():
        version = _version(row)
        held = found.get(version.answer_id)
        fits = (version.valid_from is None or version.valid_from <= day) and (
            version.valid_to is None or day <= version.valid_to
        )
        if held is None or fits:
            found[version.answer_id] = version
    return found


async def find_answer(db: Connection, answer_id: str, day: date) -> AnswerVersion | None:
    """The version of one answer that matters on this day; None when no approved one exists."""
    joined = select(answer_version, answer.c.kind, answer.c.topic).join(
        answer, answer.c.id == answer_version.c.answer_id
    )
    approved = answer_version.c.state == AnswerState.APPROVED.value
    query = joined.where(answer_version.c.answer_id == answer_id, approved).order_by(answer_version.c.number)
    best: AnswerVersion | None = None
    for row in (await db.execute(query)).all():
        version = _version(row)
        fits = (version.valid_from is None or version.valid_from <= day) and (
            version.valid_to is None or day <= version.valid_to
        )
        if best is None or fits:
            best = version
    return best


async def note_shown(db: Connection, person_id: int, version_id: int, now: datetime) -> None:
    """Logs which version was shown to whom (ids only)."""
    await db.execute(answer_shown.insert().values(person_id=person_id, version_id=version_id, at=now))


def _programme(row: Any) -> Programme:
    data = row.data or {}
    return Programme(
        id=row.id,
        name=row.name,
        short_name=row.short_name,
        state=ProgrammeState(row.state),
        summary=data.get("summary") or "",
        state_note=data.get("state_note") or "",
        aliases=tuple(data.get("aliases") or ()),
        effective_from=row.effective_from,
        effective_to=row.effective_to,
        superseded_by=data.get("superseded_by"),
        superseded_note=data.get("superseded_note"),
        confidence=data.get("confidence") or "low",
        verified_on=str(data.get("verified_on") or ""),
        document=data.get("document") or {},
        data=data,
    )


async def programmes(db: Connection) -> dict[str, Programme]:
    """All programmes by id."""
    rows = (await db.execute(select(programme).order_by(programme.c.id))).all()
    return {row.id: _programme(row) for row in rows}


async def find_programme(db: Connection, programme_id: str) -> Programme | None:
    """One programme."""
    row = (await db.execute(select(programme).where(programme.c.id == programme_id))).one_or_none()
    return None if row is None else _programme(row)


MONEY_KINDS = ("fund", "programme", "sme_support", "provincial", "decree", "tax")  # programmes one can apply to


async def serving(db: Connection, wishes: Iterable[str], day: date) -> list[Programme]:
    """Programmes in force on this day that serve any of these kinds of help (domain.kinds), best first."""
    wanted = set(wishes)
    found = []
    for held in (await programmes(db)).values():
        if held.state is not ProgrammeState.IN_FORCE or ended(held, day.isoformat()):
            continue
        if held.data.get("kind") not in MONEY_KINDS or not held.data.get("supports"):
            continue
        overlap = len(wanted & set(held.data.get("needs") or ()))
        if overlap:
            rank = (overlap, held.confidence == "high", held.data.get("kind") != "decree")
            found.append((rank, held))
    found.sort(key=lambda pair: (pair[0], pair[1].id), reverse=True)
    return [held for _, held in found]


async def learned_from(db: Connection) -> dict[str, Any]:
    """What the model is trained on beside the acts: answers' examples and programmes' names."""
    newest = select(answer_version.c.answer_id, sql.max(answer_version.c.number)).where(
        answer_version.c.state == AnswerState.APPROVED.value
    )
    current = select(answer_version.c.answer_id, answer_version.c.question).where(
        tuple_(answer_version.c.answer_id, answer_version.c.number).in_(newest.group_by(answer_version.c.answer_id))
    )
    questions = {row.answer_id: row.question for row in (await db.execute(current)).all()}
    rows = (await db.execute(select(answer).order_by(answer.c.id))).all()
    named = (await db.execute(select(programme).order_by(programme.c.id))).all()
    return {
        "answers": [
            {"id": r.id, "kind": r.kind, "aliases": r.aliases, "examples": [*r.examples, questions.get(r.id, "")]}
            for r in rows
        ],
        "programmes": [
            {
                "id": r.id,
                "name": r.name,
                "short_name": r.short_name,
                "aliases": (r.data or {}).get("aliases") or [],
                "number": ((r.data or {}).get("document") or {}).get("number"),
            }
            for r in named
        ],
    }


async def place_points(db: Connection) -> dict[str, tuple[float, float]]:
    """The middle of each present commune whose place on the map is known: (latitude, longitude) by name."""
    rows = (await db.execute(select(place.c.name, place.c.data))).all()
    known = [(row.name, row.data) for row in rows if isinstance(row.data, dict) and "latitude" in row.data]
    return {name: (float(data["latitude"]), float(data["longitude"])) for name, data in known}
