"""What platforms gave us to speak with: one row a channel, every step of a renewal written down before it is taken."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select, update

from storage.database import Connection, insert_into
from storage.tables import channel_grant


class GrantState(StrEnum):
    """Where the right to speak stands."""

    ASKED = "asked"  # an officer was sent to the platform to consent
    HELD = "held"
    RENEWING = "renewing"  # the renewing token is being used: whoever finds this with nobody at work must not use it
    LOST = "lost"  # only a new consent helps


@dataclass(frozen=True)
class Grant:
    """One row; `held` is encrypted, `version` grows with every new pair."""

    channel: str
    state: GrantState
    version: int
    held: str
    refresh_at: datetime
    expires_at: datetime
    seed: str
    reason: str
    changed_at: datetime


async def find(db: Connection, channel: str) -> Grant | None:
    """The grant of a channel."""
    row = (await db.execute(select(channel_grant).where(channel_grant.c.channel == channel))).one_or_none()
    return None if row is None else Grant(**{**row._mapping, "state": GrantState(row.state)})


async def put(
    db: Connection,
    channel: str,
    held: str,
    refresh_at: datetime,
    expires_at: datetime,
    now: datetime,
    seed: str | None = None,
    state: GrantState = GrantState.HELD,
) -> int:
    """Writes a new pair over the old one, whatever stood there; its version. `seed` None: as it was."""
    values = {"state": state.value, "held": held, "refresh_at": refresh_at, "expires_at": expires_at}
    values |= {"reason": "", "changed_at": now}
    row = insert_into(db, channel_grant).values(channel=channel, version=1, seed=seed or "", **values)
    kept = {} if seed is None else {"seed": seed}
    row = row.on_conflict_do_update(
        index_elements=["channel"], set_={**values, **kept, "version": channel_grant.c.version + 1}
    )
    return int((await db.execute(row.returning(channel_grant.c.version))).scalar_one())


async def begin_renewing(db: Connection, grant: Grant, now: datetime) -> bool:
    """Notes that this pair's renewing token is about to be used; False when the row has changed meanwhile."""
    return await _change(db, grant, GrantState.RENEWING, "", now)


async def not_begun(db: Connection, grant: Grant, now: datetime) -> bool:
    """The platform was never reached: the renewing token is as good as before."""
    return await _change(db, grant, GrantState.HELD, "", now)


async def lose(db: Connection, grant: Grant, reason: str, now: datetime) -> bool:
    """Notes that only a new consent helps; True for the one caller who found out, and raises the alarm."""
    return await _change(db, grant, GrantState.LOST, reason[:300], now)


async def _change(db: Connection, grant: Grant, state: GrantState, reason: str, now: datetime) -> bool:
    mine = (channel_grant.c.channel == grant.channel, channel_grant.c.version == grant.version)
    other = channel_grant.c.state != state.value
    values = {"state": state.value, "reason": reason, "changed_at": now}
    row = update(channel_grant).where(*mine, other).values(**values).returning(channel_grant.c.version)
    return (await db.execute(row)).first() is not None
