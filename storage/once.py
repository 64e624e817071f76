"""Links and codes that serve once: the first account, an invitation, the tie between an account and a chat."""

import secrets
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import delete, select, update

from storage.database import Connection
from storage.sessions import digest_of
from storage.tables import once


class OncePurpose(StrEnum):
    """What a link or code is for."""

    FIRST = "first"  # makes the first account
    INVITE = "invite"  # lets an account choose its password
    CHAT = "chat"  # ties a chat to an account


LIVES = {
    OncePurpose.FIRST: timedelta(hours=24),
    OncePurpose.INVITE: timedelta(days=3),
    OncePurpose.CHAT: timedelta(minutes=10),
}


async def make(db: Connection, purpose: OncePurpose, officer_id: int | None, now: datetime) -> str:
    """A new secret for this purpose; earlier ones of the same officer and purpose end."""
    await db.execute(
        delete(once).where(once.c.purpose == purpose.value, once.c.officer_id.is_not_distinct_from(officer_id))
    )
    if officer_id is not None:
        await db.execute(delete(once).where(once.c.purpose == purpose.value, once.c.officer_id == officer_id))
    token = f"{secrets.randbelow(10**8):08d}" if purpose is OncePurpose.CHAT else secrets.token_urlsafe(24)
    times = {"created_at": now, "ends_at": now + LIVES[purpose]}
    row = once.insert().values(digest=digest_of(token), purpose=purpose.value, officer_id=officer_id, **times)
    await db.execute(row)
    return token


async def look(db: Connection, purpose: OncePurpose, token: str, now: datetime) -> tuple[int | None] | None:
    """The officer a standing secret is for, in a tuple of one; None when it is unknown, used or over."""
    where = (once.c.digest == digest_of(token), once.c.purpose == purpose.value)
    query = select(once.c.officer_id).where(*where, once.c.used_at.is_(None), once.c.ends_at > now)
    row = (await db.execute(query)).one_or_none()
    return None if row is None else (row.officer_id,)


async def use(db: Connection, purpose: OncePurpose, token: str, now: datetime) -> tuple[int | None] | None:
    """Uses a secret up; None when it did not stand."""
    where = (once.c.digest == digest_of(token), once.c.purpose == purpose.value)
    mark = update(once).where(*where, once.c.used_at.is_(None), once.c.ends_at > now).values(used_at=now)
    row = (await db.execute(mark.returning(once.c.officer_id))).one_or_none()
    return None if row is None else (row.officer_id,)
