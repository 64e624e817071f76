"""Officers' tags of people beside what a platform was told of them: what is to be put there, what is to be taken away."""

from dataclasses import dataclass

from sqlalchemy import and_, delete, exists, select

from domain.person import AddressState
from storage.database import Connection, insert_into
from storage.tables import address, person_tag, tag_there


@dataclass(frozen=True)
class Change:
    """A tag to be put on an address, or to be taken away; `external_id` is what the platform calls it."""

    address_id: int
    external_id: str
    tag: str
    put: bool


async def changes(db: Connection, channel: str, limit: int) -> list[Change]:
    """What the platform has not been told yet; what goes away first. What it refused once is not asked again."""
    here, there = address.c, tag_there.c
    stands = exists().where(person_tag.c.person_id == here.person_id, person_tag.c.tag == there.tag)
    gone = (
        select(here.id, here.external_id, there.tag)
        .join(tag_there, there.address_id == here.id)
        .where(here.channel == channel, ~stands)
        .order_by(here.id, there.tag)
        .limit(limit)
    )
    told = and_(there.address_id == here.id, there.tag == person_tag.c.tag)
    fresh = (
        select(here.id, here.external_id, person_tag.c.tag)
        .join(person_tag, person_tag.c.person_id == here.person_id)
        .outerjoin(tag_there, told)
        .where(here.channel == channel, here.state == AddressState.ACTIVE.value, there.address_id.is_(None))
        .order_by(here.id, person_tag.c.tag)
        .limit(limit)
    )
    found: list[Change] = []
    for query, put in ((gone, False), (fresh, True)):
        found += [Change(row.id, row.external_id, row.tag, put) for row in (await db.execute(query)).all()]
    return found[:limit]


async def note(db: Connection, change: Change, refused: bool = False) -> None:
    """The platform was told, or does not want to hear of it."""
    if not change.put:
        here = (tag_there.c.address_id == change.address_id, tag_there.c.tag == change.tag)
        await db.execute(delete(tag_there).where(*here))
        return
    row = insert_into(db, tag_there).values(address_id=change.address_id, tag=change.tag, refused=refused)
    again = row.on_conflict_do_update(index_elements=["address_id", "tag"], set_={"refused": refused})
    await db.execute(again)
