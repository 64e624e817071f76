"""Our own messages as a platform says they arrived: what became of a send that got no answer; who
looked at them."""

import hashlib
import unicodedata
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, select, update

from storage.database import Connection, insert_into
from storage.tables import address, echo, outbox


def digest_of(text: str) -> str:
    """By what a message is known again; the words themselves are not kept."""
    words = " ".join(unicodedata.normalize("NFC", text).split())
    return hashlib.sha256(words.encode("utf-8", "replace")).hexdigest()


async def keep(db: Connection, channel: str, platform_id: str, external_id: str, text: str, at: datetime) -> None:
    """Notes one echo; a second time does nothing."""
    row = insert_into(db, echo).values(
        channel=channel, platform_id=platform_id, external_id=external_id, digest=digest_of(text), at=at
    )
    await db.execute(row.on_conflict_do_nothing(index_elements=["channel", "platform_id"]))


async def like(db: Connection, channel: str, external_id: str, text: str, since: datetime) -> list[str]:
    """The platform's ids of messages with these words, oldest first."""
    query = select(echo.c.platform_id).where(
        echo.c.external_id == external_id,
        echo.c.digest == digest_of(text),
        echo.c.channel == channel,
        echo.c.at >= since,
    )
    return list((await db.execute(query.order_by(echo.c.at))).scalars())


async def unowned(db: Connection, platform_ids: list[str], person_id: int) -> list[str]:
    """Those of these ids that no row of this person has for its own, in their order."""
    if not platform_ids:
        return []
    query = select(outbox.c.platform_id).where(outbox.c.person_id == person_id, outbox.c.platform_id.in_(platform_ids))
    owned = set((await db.execute(query)).scalars())
    return [one for one in platform_ids if one not in owned]


async def looked_at(db: Connection, channel: str, external_id: str, platform_ids: Collection[str], at: datetime) -> int:
    """Notes that a person has looked at these messages, the first time only; how many were ours."""
    who = select(address.c.person_id).where(address.c.channel == channel, address.c.external_id == external_id)
    mine = (outbox.c.person_id.in_(who), outbox.c.channel == channel, outbox.c.platform_id.in_(list(platform_ids)))
    row = update(outbox).where(*mine, outbox.c.seen_at.is_(None)).values(seen_at=at)
    return int((await db.execute(row)).rowcount)


async def forget(db: Connection, before: datetime) -> None:
    """Drops echoes older than this."""
    await db.execute(delete(echo).where(echo.c.at < before))
