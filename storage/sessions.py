"""Who is signed in: sessions kept on the server, known by the digest of what the browser holds."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, or_, select, update

from domain.officer import Officer, OfficerState, Role
from storage.database import Connection
from storage.tables import officer, session

IDLE = timedelta(hours=2)
LONGEST = timedelta(hours=12)
TOUCH_EVERY = timedelta(minutes=5)  # a look does not write more often than this
FOUND = (
    select(session, officer.c.id, officer.c.name, officer.c.login, officer.c.role, officer.c.state)
    .join(officer, officer.c.id == session.c.officer_id)
    .where(session.c.digest == bindparam("digest"))
)


@dataclass(frozen=True)
class Session:
    """One signed-in browser; `guard` must come back with every form."""

    digest: str
    guard: str
    agent: str
    created_at: datetime
    seen_at: datetime


def digest_of(token: str) -> str:
    """What is kept of a secret that only the browser or the link holds."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


async def begin(db: Connection, officer_id: int, agent: str, now: datetime) -> str:
    """Starts a session; the token for the cookie comes back."""
    token = secrets.token_urlsafe(32)
    values = {"digest": digest_of(token), "officer_id": officer_id, "guard": secrets.token_hex(16)}
    times = {"created_at": now, "seen_at": now, "ends_at": now + LONGEST}
    await db.execute(session.insert().values(**values, agent=agent[:200], **times))
    return token


async def find(db: Connection, token: str, now: datetime) -> tuple[Session, Officer] | None:
    """The session of a cookie with its officer; None when it has ended or the account is not open."""
    row = (await db.execute(FOUND, {"digest": digest_of(token)})).one_or_none()
    if row is None or now >= row.ends_at or now - row.seen_at >= IDLE or row.state != OfficerState.OPEN.value:
        return None
    who = Officer(row.officer_id, row.name, row.login or "", Role(row.role), OfficerState(row.state))
    return Session(row.digest, row.guard, row.agent, row.created_at, row.seen_at), who


async def touch(db: Connection, digest: str, now: datetime) -> None:
    """Notes that a session is in use."""
    await db.execute(update(session).where(session.c.digest == digest).values(seen_at=now))


async def of_officer(db: Connection, officer_id: int, now: datetime) -> list[Session]:
    """An officer's sessions that still count, newest first."""
    where = (session.c.officer_id == officer_id, session.c.ends_at > now, session.c.seen_at > now - IDLE)
    rows = (await db.execute(select(session).where(*where).order_by(session.c.created_at.desc()))).all()
    return [Session(row.digest, row.guard, row.agent, row.created_at, row.seen_at) for row in rows]


async def end(db: Connection, digest: str) -> None:
    """Ends one session."""
    await db.execute(delete(session).where(session.c.digest == digest))


async def end_others(db: Connection, officer_id: int, kept: str = "") -> None:
    """Ends an officer's sessions but one."""
    await db.execute(delete(session).where(session.c.officer_id == officer_id, session.c.digest != kept))


async def forget_ended(db: Connection, now: datetime) -> None:
    """Drops the rows of sessions that are over."""
    await db.execute(delete(session).where(or_(session.c.ends_at <= now, session.c.seen_at <= now - IDLE)))
