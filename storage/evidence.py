"""What people sent besides words: noted in the turn, fetched later, hung on a form and then on its need."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, delete, func, or_, select, update

from domain.evidence import WITH_FILE, EvidenceKind, EvidenceState, Limits, Refusal, Sent
from storage.database import Connection, database_clock, insert_into
from storage.tables import attachment, evidence, loose_file, worker

LEASE_SECONDS = 120.0
MOST_ATTEMPTS = 6
WAITS = tuple(timedelta(seconds=seconds) for seconds in (5, 30, 120, 600, 3600))
RECENT = timedelta(hours=24)


@dataclass(frozen=True)
class Piece:
    """One row: `size` in bytes as kept, or as the channel told it while it waits."""

    id: int
    person_id: int
    kind: EvidenceKind
    state: EvidenceState
    reason: str | None
    caption: str
    name: str
    sha256: str | None
    mime: str | None
    size: int | None
    channel: str
    file_id: str | None
    form_id: str | None
    need_id: int | None
    turn: int
    attempt: int
    latitude: float | None
    longitude: float | None


def _piece(row: Any) -> Piece:
    held = {name: getattr(row, name) for name in Piece.__dataclass_fields__}
    return Piece(**{**held, "kind": EvidenceKind(row.kind), "state": EvidenceState(row.state)})


# --- noting -----------------------------------------------------------------------------------------------------
async def note(
    db: Connection,
    person_id: int,
    form_id: str | None,
    channel: str,
    turn: int,
    item: Sent,
    limits: Limits,
    now: datetime,
) -> Piece | None:
    """Notes one thing; None when this very content hangs on this form already, or the message was noted before."""
    if item.ref is not None and await _held(db, person_id, form_id, item.ref):
        return None
    state, reason = EvidenceState.KEPT, None
    if item.kind in WITH_FILE:
        state = EvidenceState.WAITING
        image = item.kind is EvidenceKind.PHOTO or item.mime.startswith("image/")
        if item.file_id is None:
            state, reason = EvidenceState.REFUSED, Refusal.GONE
        elif item.size is not None and not limits.allows(item.size, image):
            state, reason = EvidenceState.REFUSED, Refusal.TOO_LARGE
    row = insert_into(db, evidence).values(
        person_id=person_id,
        form_id=form_id,
        kind=item.kind.value,
        state=state.value,
        reason=reason.value if reason else None,
        caption=item.caption[:4000],
        forwarded=item.forwarded,
        name=item.name[:200],
        mime=item.mime[:100] or None,
        size=item.size,
        latitude=item.latitude,
        longitude=item.longitude,
        channel=channel,
        file_id=item.file_id,
        ref=item.ref,
        album=item.album,
        turn=turn,
        inbox_id=item.inbox_id,
        created_at=now,
        ended_at=None if state is EvidenceState.WAITING else now,
        run_at=now,
    )
    made = row.on_conflict_do_nothing(index_elements=["inbox_id"]).returning(evidence)
    stored = (await db.execute(made)).one_or_none()
    return None if stored is None else _piece(stored)


async def _held(db: Connection, person_id: int, form_id: str | None, ref: str) -> bool:
    same = (evidence.c.person_id == person_id, evidence.c.ref == ref, evidence.c.state != EvidenceState.REFUSED.value)
    where = evidence.c.form_id == form_id if form_id is not None else evidence.c.form_id.is_(None)
    return (await db.execute(select(evidence.c.id).where(*same, where).limit(1))).first() is not None


async def answered_album(db: Connection, person_id: int, album: str, turn: int) -> bool:
    """Whether an earlier turn held things of this album."""
    earlier = (evidence.c.person_id == person_id, evidence.c.album == album, evidence.c.turn != turn)
    return (await db.execute(select(evidence.c.id).where(*earlier).limit(1))).first() is not None


# --- belonging --------------------------------------------------------------------------------------------------
async def hang_on_form(db: Connection, person_id: int, form_id: str, now: datetime) -> list[Piece]:
    """Hangs what was sent lately without a form on the form that was opened; what was hung."""
    changed = update(evidence).where(*_lately_loose(person_id, now)).values(form_id=form_id).returning(evidence)
    return _standing(await db.execute(changed))


async def hang_on_need(db: Connection, form_id: str | None, need_id: int) -> list[Piece]:
    """Hangs what belongs to a form on the need it became; what was hung."""
    changed = update(evidence).where(evidence.c.form_id == form_id).values(need_id=need_id).returning(evidence)
    return _standing(await db.execute(changed))


async def add_to_need(db: Connection, person_id: int, need_id: int, now: datetime) -> list[Piece]:
    """Hangs what was sent lately without a form on a standing need; what was hung."""
    changed = update(evidence).where(*_lately_loose(person_id, now)).values(need_id=need_id).returning(evidence)
    return _standing(await db.execute(changed))


async def hang_on_ticket(db: Connection, ids: list[int], code: str) -> None:
    """Lets a ticket carry these, and no form."""
    await db.execute(update(evidence).where(evidence.c.id.in_(ids)).values(ticket=code, form_id=None))


def _lately_loose(person_id: int, now: datetime) -> tuple[Any, ...]:
    loose = (evidence.c.form_id.is_(None), evidence.c.need_id.is_(None), evidence.c.ticket.is_(None))
    return (evidence.c.person_id == person_id, *loose, evidence.c.created_at >= now - RECENT)


def _standing(rows: Any) -> list[Piece]:
    pieces = sorted((_piece(row) for row in rows.all()), key=lambda piece: piece.id)
    return [piece for piece in pieces if piece.state is not EvidenceState.REFUSED]


async def of_form(db: Connection, form_id: str) -> list[Piece]:
    """What hangs on a form, refused things left out."""
    standing = (evidence.c.form_id == form_id, evidence.c.state != EvidenceState.REFUSED.value)
    rows = await db.execute(select(evidence).where(*standing).order_by(evidence.c.id))
    return [_piece(row) for row in rows.all()]


async def of_need(db: Connection, need_id: int) -> list[Piece]:
    """What hangs on a need, refused things left out."""
    standing = (evidence.c.need_id == need_id, evidence.c.state != EvidenceState.REFUSED.value)
    rows = await db.execute(select(evidence).where(*standing).order_by(evidence.c.id))
    return [_piece(row) for row in rows.all()]


async def kinds_of_person(db: Connection, person_id: int) -> list[EvidenceKind]:
    """The kind of each thing that is kept of a person."""
    kept = (evidence.c.person_id == person_id, evidence.c.state != EvidenceState.REFUSED.value)
    return [EvidenceKind(kind) for kind in (await db.execute(select(evidence.c.kind).where(*kept))).scalars()]


# --- fetching ---------------------------------------------------------------------------------------------------
async def start_worker(db: Connection, name: str) -> str:
    """Notes a new boot of a fetching process; what its earlier boots held comes back at once. Returns "name#boot"."""
    row = insert_into(db, worker).values(name=name, boot=1, beat=database_clock(db))
    changed = {"boot": worker.c.boot + 1, "beat": database_clock(db)}
    row = row.on_conflict_do_update(index_elements=["name"], set_=changed).returning(worker.c.boot)
    who = f"{name}#{(await db.execute(row)).scalar_one()}"
    earlier = and_(evidence.c.worker.like(f"{name}#%"), evidence.c.worker != who)
    await db.execute(update(evidence).where(earlier).values(lease_until=None, worker=None))
    return who


def _due(db: Connection, now: datetime) -> Any:
    free = or_(evidence.c.lease_until.is_(None), evidence.c.lease_until < database_clock(db))
    return and_(evidence.c.state == EvidenceState.WAITING.value, evidence.c.run_at <= now, free)


async def any_due(db: Connection, now: datetime) -> bool:
    """Whether anything waits to be fetched."""
    return (await db.execute(select(evidence.c.id).where(_due(db, now)).limit(1))).first() is not None


async def claim(db: Connection, who: str, channels: list[str], now: datetime, limit: int) -> list[Piece]:
    """Takes what waits in these channels for this worker, oldest first."""
    query = select(evidence.c.id).where(_due(db, now), evidence.c.channel.in_(channels)).order_by(evidence.c.id)
    query = query.limit(limit)
    if db.dialect.name == "postgresql":
        query = query.with_for_update(skip_locked=True)
    ids = list((await db.execute(query)).scalars())
    held = {"worker": who, "lease_until": database_clock(db) + LEASE_SECONDS, "attempt": evidence.c.attempt + 1}
    rows = await db.execute(update(evidence).where(evidence.c.id.in_(ids)).values(**held).returning(evidence))
    return sorted((_piece(row) for row in rows.all()), key=lambda piece: piece.id)


async def awaited(db: Connection) -> set[str]:
    """What the channels call the files that wait to be fetched."""
    waiting = evidence.c.state == EvidenceState.WAITING.value
    return {str(name) for name in (await db.execute(select(evidence.c.file_id).where(waiting))).scalars()}


def _mine(piece: Piece, who: str) -> Any:
    fence = (evidence.c.worker == who, evidence.c.attempt == piece.attempt)
    return and_(evidence.c.id == piece.id, evidence.c.state == EvidenceState.WAITING.value, *fence)


async def kept(db: Connection, piece: Piece, who: str, sha256: str, mime: str, size: int, now: datetime) -> bool:
    """Ends a row as kept; False when the row is gone or was taken away. The file may be put in place after this,
    before the transaction ends: nobody removes it meanwhile."""
    await db.execute(insert_into(db, loose_file).values(sha256=sha256).on_conflict_do_nothing())
    await db.execute(update(loose_file).where(loose_file.c.sha256 == sha256).values(sha256=sha256))  # locks the row
    values = {"state": EvidenceState.KEPT.value, "sha256": sha256, "mime": mime, "size": size, "ended_at": now}
    done = update(evidence).where(_mine(piece, who)).values(**values, lease_until=None).returning(evidence.c.id)
    return (await db.execute(done)).first() is not None


async def refused(db: Connection, piece: Piece, who: str, reason: Refusal, now: datetime) -> bool:
    """Ends a row as refused; False when the row is gone or was taken away."""
    values = {"state": EvidenceState.REFUSED.value, "reason": reason.value, "ended_at": now, "lease_until": None}
    done = update(evidence).where(_mine(piece, who)).values(**values).returning(evidence.c.id)
    return (await db.execute(done)).first() is not None


async def again(db: Connection, piece: Piece, who: str, now: datetime) -> bool:
    """Puts a row back for a later try; False when there have been enough."""
    if piece.attempt >= MOST_ATTEMPTS:
        return False
    wait = WAITS[min(piece.attempt, len(WAITS)) - 1]
    await db.execute(update(evidence).where(_mine(piece, who)).values(run_at=now + wait, lease_until=None))
    return True


# --- forgetting -------------------------------------------------------------------------------------------------
async def forget(db: Connection, *which: Any) -> int:
    """Destroys rows; their files go when nothing else needs them (see `unneeded`). How many rows."""
    rows = await db.execute(delete(evidence).where(*which).returning(evidence.c.sha256))
    gone = [row.sha256 for row in rows.all()]
    for sha256 in {sha256 for sha256 in gone if sha256}:
        await db.execute(insert_into(db, loose_file).values(sha256=sha256).on_conflict_do_nothing())
    return len(gone)


async def forget_person(db: Connection, person_id: int) -> int:
    """Destroys all that a person sent."""
    return await forget(db, evidence.c.person_id == person_id)


async def forget_form(db: Connection, form_id: str) -> int:
    """Destroys what hangs on a form that became no need."""
    return await forget(db, evidence.c.form_id == form_id, evidence.c.need_id.is_(None))


async def forget_loose(db: Connection, turn: int) -> int:
    """Destroys what came with one burst, if it hangs on nothing."""
    loose = (evidence.c.form_id.is_(None), evidence.c.need_id.is_(None), evidence.c.ticket.is_(None))
    return await forget(db, evidence.c.turn == turn, *loose)


async def loose_files(db: Connection, limit: int = 100) -> list[str]:
    """Hashes whose file may no longer be needed."""
    return list((await db.execute(select(loose_file.c.sha256).limit(limit))).scalars())


async def unneeded(db: Connection, sha256: str) -> bool:
    """Whether no row needs this file; the mark is taken away, and the file may be removed before the transaction ends."""
    query = select(loose_file.c.sha256).where(loose_file.c.sha256 == sha256)
    if db.dialect.name == "postgresql":
        query = query.with_for_update(skip_locked=True)
    if (await db.execute(query)).first() is None:
        return False
    used = 0
    for table in (evidence, attachment):
        used += (await db.execute(select(func.count()).where(table.c.sha256 == sha256))).scalar_one()
    await db.execute(delete(loose_file).where(loose_file.c.sha256 == sha256))
    return not used
