"""Approved answers, programmes, bodies and key products as the database holds them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func as sql
from sqlalchemy import select, tuple_

from domain.answer import AnswerState, AnswerVersion, Standing, in_charge, standing
from domain.document import Document, Documents, DocumentState
from domain.programme import Programme, ProgrammeState, in_force
from storage import pulls
from storage.database import Connection
from storage.tables import answer, answer_shown, answer_version, document, place, programme


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
        number=row.number,
        recheck_days=row.recheck_days,
        author=row.author,
    )


VERSIONS = select(answer_version, answer.c.kind, answer.c.topic).join(answer, answer.c.id == answer_version.c.answer_id)


async def versions(db: Connection) -> dict[str, list[AnswerVersion]]:
    """Every version of every answer, oldest first."""
    found: dict[str, list[AnswerVersion]] = {}
    for row in (await db.execute(VERSIONS.order_by(answer_version.c.answer_id, answer_version.c.number))).all():
        found.setdefault(row.answer_id, []).append(_version(row))
    return found


async def versions_of(db: Connection, answer_id: str) -> list[AnswerVersion]:
    """Every version of one answer, oldest first."""
    query = VERSIONS.where(answer_version.c.answer_id == answer_id).order_by(answer_version.c.number)
    return [_version(row) for row in (await db.execute(query)).all()]


async def questions(db: Connection, ids: Iterable[str]) -> dict[str, str]:
    """The question of each of these answers, in its newest words."""
    query = select(answer_version.c.answer_id, answer_version.c.question).where(
        answer_version.c.answer_id.in_(list(ids))
    )
    rows = (await db.execute(query.order_by(answer_version.c.number))).all()
    return {row.answer_id: row.question for row in rows}


async def find_answer(db: Connection, answer_id: str, day: date) -> AnswerVersion | None:
    """The version of one answer that matters on this day; None when no approved one exists.

    The newest approved one that has begun: when that has expired, no older one takes its place.
    """
    approved = answer_version.c.state == AnswerState.APPROVED.value
    query = VERSIONS.where(answer_version.c.answer_id == answer_id, approved).order_by(answer_version.c.number)
    return in_charge([_version(row) for row in (await db.execute(query)).all()], day)


async def answer_on(db: Connection, answer_id: str, day: date) -> tuple[AnswerVersion | None, Standing]:
    """What may be said of an answer on this day: the version that matters, with its standing."""
    version = await find_answer(db, answer_id, day)
    return version, standing(version, day, pulled=await pulls.stops(db, (answer_id,)))


async def sayable(db: Connection, ids: Iterable[str], day: date) -> list[AnswerVersion]:
    """Of these answers, in their order, the versions that may be said on this day."""
    wanted, held = list(dict.fromkeys(ids)), dict[str, list[AnswerVersion]]()
    approved = answer_version.c.state == AnswerState.APPROVED.value
    query = VERSIONS.where(answer_version.c.answer_id.in_(wanted), approved).order_by(answer_version.c.number)
    for row in (await db.execute(query)).all() if wanted else ():
        held.setdefault(row.answer_id, []).append(_version(row))
    stopped = await pulls.stopped(db) if held else frozenset()
    found = [version for id_ in wanted if (version := in_charge(held.get(id_, []), day)) is not None]
    return [one for one in found if standing(one, day, pulled=one.answer_id in stopped) is Standing.SAY]


async def note_shown(db: Connection, person_id: int, version_id: int, now: datetime) -> None:
    """Logs which version was shown to whom (ids only)."""
    await db.execute(answer_shown.insert().values(person_id=person_id, version_id=version_id, at=now))


def _programme(row: Any) -> Programme:
    return as_programme(
        row.id, row.name, row.short_name, row.state, row.effective_from, row.effective_to, row.data or {}
    )


def as_programme(
    id_: str, name: str, short_name: str, state: str, since: str | None, until: str | None, data: dict[str, Any]
) -> Programme:
    """The noun from its columns and its data."""
    return Programme(
        id=id_,
        name=name,
        short_name=short_name,
        state=ProgrammeState(state),
        summary=data.get("summary") or "",
        state_note=data.get("state_note") or "",
        aliases=tuple(data.get("aliases") or ()),
        effective_from=since,
        effective_to=until,
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


TOPICS = select(answer.c.topic).distinct().order_by(answer.c.topic)
SHORT_NAMES = select(programme.c.id, programme.c.short_name).order_by(programme.c.id)


async def topics(db: Connection) -> list[str]:
    """The topics of all answers."""
    return list((await db.execute(TOPICS)).scalars())


async def short_names(db: Connection) -> dict[str, str]:
    """What each programme is called in short, by id."""
    return {row.id: row.short_name for row in (await db.execute(SHORT_NAMES)).all()}


async def find_programme(db: Connection, programme_id: str) -> Programme | None:
    """One programme."""
    row = (await db.execute(select(programme).where(programme.c.id == programme_id))).one_or_none()
    return None if row is None else _programme(row)


MONEY_KINDS = ("fund", "programme", "sme_support", "provincial", "decree", "tax")  # programmes one can apply to


async def serving(db: Connection, wishes: Iterable[str], day: date) -> list[Programme]:
    """Programmes in force on this day that serve any of these kinds of help (domain.kinds), best first."""
    wanted = set(wishes)
    stopped = await pulls.stopped(db)
    found = []
    for held in (await programmes(db)).values():
        if held.id in stopped or not in_force(held, day.isoformat()):
            continue
        if held.data.get("kind") not in MONEY_KINDS or not held.data.get("supports"):
            continue
        overlap = len(wanted & set(held.data.get("needs") or ()))
        if overlap:
            rank = (overlap, held.confidence == "high", held.data.get("kind") != "decree")
            found.append((rank, held))
    found.sort(key=lambda pair: (pair[0], pair[1].id), reverse=True)
    return [held for _, held in found]


def as_document(data: Mapping[str, Any]) -> Document:
    """The noun from its data."""
    lists = {key: tuple(data.get(key) or ()) for key in ("replaced_by", "names")}
    return Document(**{**data, **lists, "state": DocumentState(data["state"])})


async def documents(db: Connection) -> Documents:
    """All legal documents, found by number or name."""
    rows = (await db.execute(select(document.c.data).order_by(document.c.id))).scalars()
    return Documents(as_document(row) for row in rows)


@dataclass(frozen=True)
class Taught:
    """What one approved answer teaches: its newest approved words with the phrasings that ask for it."""

    id: str
    kind: str
    question: str
    short: str
    full: str
    programmes: tuple[str, ...]
    aliases: tuple[str, ...]
    examples: tuple[str, ...]


async def learned_from(db: Connection) -> tuple[list[Taught], list[Programme]]:
    """What the model is taught beside the acts: the approved answers and the programmes."""
    newest = select(answer_version.c.answer_id, sql.max(answer_version.c.number)).where(
        answer_version.c.state == AnswerState.APPROVED.value
    )
    current = select(answer_version).where(
        tuple_(answer_version.c.answer_id, answer_version.c.number).in_(newest.group_by(answer_version.c.answer_id))
    )
    versions = {row.answer_id: row for row in (await db.execute(current)).all()}
    rows = (await db.execute(select(answer).order_by(answer.c.id))).all()
    taught = [
        Taught(
            row.id,
            row.kind,
            held.question,
            held.short,
            held.full,
            tuple(held.programmes or ()),
            tuple(row.aliases or ()),
            tuple(row.examples or ()),
        )
        for row in rows
        if (held := versions.get(row.id)) is not None
    ]
    return taught, list((await programmes(db)).values())


async def place_points(db: Connection) -> dict[str, tuple[float, float]]:
    """The middle of each present commune whose place on the map is known: (latitude, longitude) by name."""
    rows = (await db.execute(select(place.c.name, place.c.data))).all()
    known = [(row.name, row.data) for row in rows if isinstance(row.data, dict) and "latitude" in row.data]
    return {name: (float(data["latitude"]), float(data["longitude"])) for name, data in known}
