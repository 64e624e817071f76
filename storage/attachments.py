"""Files and links that go with a broadcast, an event, a registration; each file is kept once under its hash."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update

from storage.database import Connection, insert_into
from storage.tables import attachment, loose_file, registration


@dataclass(frozen=True)
class Attachment:
    """One file (`sha256`) or one link (`url`); `name` is what people read."""

    id: int
    noun: str  # broadcast | event | registration
    noun_id: str
    name: str
    mime: str
    size: int
    sha256: str
    url: str

    @property
    def picture(self) -> bool:
        """Whether it can be looked at where it stands."""
        return self.mime.startswith("image/")


def _attachment(row: Any) -> Attachment:
    return Attachment(row.id, row.noun, row.noun_id, row.name, row.mime, row.size, row.sha256 or "", row.url)


async def add(
    db: Connection, noun: str, noun_id: str, name: str, author: str, now: datetime, **more: Any
) -> Attachment:
    """Hangs something on a noun: `mime`, `size`, `sha256` of a file, or the `url` of a link. The file may be put in
    place after this, before the transaction ends: nobody removes it meanwhile."""
    if sha256 := more.get("sha256"):
        await db.execute(insert_into(db, loose_file).values(sha256=sha256).on_conflict_do_nothing())
        await db.execute(update(loose_file).where(loose_file.c.sha256 == sha256).values(sha256=sha256))  # locks the row
    values = {"noun": noun, "noun_id": noun_id, "name": name, "author": author, "created_at": now, **more}
    return _attachment((await db.execute(attachment.insert().values(**values).returning(attachment))).one())


async def of(db: Connection, noun: str, noun_id: str) -> list[Attachment]:
    """All that hangs on a noun, in the order in which it was added."""
    where = (attachment.c.noun == noun, attachment.c.noun_id == noun_id)
    return [
        _attachment(row) for row in (await db.execute(select(attachment).where(*where).order_by(attachment.c.id))).all()
    ]


async def copy(db: Connection, noun: str, source: str, target: str, now: datetime) -> None:
    """Hangs what hangs on one noun on another of its kind as well."""
    for item in await of(db, noun, source):
        more = {"mime": item.mime, "size": item.size, "sha256": item.sha256 or None, "url": item.url}
        await add(db, noun, target, item.name, "", now, **more)


async def find(db: Connection, attachment_id: int) -> Attachment | None:
    """One of them."""
    row = (await db.execute(select(attachment).where(attachment.c.id == attachment_id))).one_or_none()
    return None if row is None else _attachment(row)


async def remove(db: Connection, *which: Any) -> int:
    """Takes them away; a file goes when nothing else needs it."""
    gone = (await db.execute(delete(attachment).where(*which).returning(attachment.c.sha256))).scalars().all()
    for sha256 in {one for one in gone if one}:
        await db.execute(insert_into(db, loose_file).values(sha256=sha256).on_conflict_do_nothing())
    return len(gone)


async def drop(db: Connection, noun: str, noun_id: str, attachment_id: int) -> bool:
    """Takes one away from its noun; False when it does not hang there."""
    mine = (attachment.c.id == attachment_id, attachment.c.noun == noun, attachment.c.noun_id == noun_id)
    return await remove(db, *mine) > 0


async def forget_person(db: Connection, person_id: int) -> None:
    """Takes away what was made out to a person."""
    query = select(registration.c.id).where(registration.c.person_id == person_id)
    mine = [str(number) for number in (await db.execute(query)).scalars()]
    if mine:
        await remove(db, attachment.c.noun == "registration", attachment.c.noun_id.in_(mine))
