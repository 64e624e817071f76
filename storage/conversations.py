"""One row per person: the talk as it stands."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, or_, select, update

from conversation.talk import Talk
from domain.person import AddressState, Alert, Person
from storage.database import Connection
from storage.tables import address, conversation, person


@dataclass(frozen=True)
class Held:
    """A conversation held for one turn: nobody else works on it until the transaction ends."""

    person_id: int
    talk: Talk
    owner: str
    version: int


async def hold(db: Connection, person_id: int) -> Held | None:
    """Locks a conversation; None when another worker has it."""
    query = select(conversation).where(conversation.c.person_id == person_id)
    if db.dialect.name == "postgresql":
        query = query.with_for_update(skip_locked=True)
    row = (await db.execute(query)).one_or_none()
    return None if row is None else Held(person_id, Talk.load(row.data or {}), row.owner, row.version)


@dataclass(frozen=True)
class Holding:
    """Whose turn it is to speak in one conversation; `until` when it goes back to the assistant by itself."""

    owner: str  # bot | officer
    officer_id: int | None
    until: datetime | None


async def holding(db: Connection, person_id: int) -> Holding | None:
    """Who speaks with a person now."""
    columns = (conversation.c.owner, conversation.c.officer_id, conversation.c.owned_until)
    row = (await db.execute(select(*columns).where(conversation.c.person_id == person_id))).one_or_none()
    return None if row is None else Holding(row.owner, row.officer_id, row.owned_until)


@dataclass(frozen=True)
class Look:
    """A conversation for looking only; `reachable`: there is an address that is not blocked or gone."""

    person: Person
    talk: Talk
    holding: Holding
    reachable: bool


LOOK = (
    select(
        conversation,
        person.c.id,
        person.c.name,
        person.c.phone,
        person.c.alert,
        person.c.no_events,
        person.c.no_offers,
        address.c.state.label("where_state"),
    )
    .join(person, person.c.id == conversation.c.person_id)
    .outerjoin(address, address.c.id == conversation.c.address_id)
    .where(conversation.c.person_id == bindparam("whose"))
)


async def look(db: Connection, person_id: int) -> Look | None:
    """With whom, how the talk stands, who speaks, whether words can reach the person."""
    row = (await db.execute(LOOK, {"whose": person_id})).one_or_none()
    if row is None:
        return None
    who = Person(row.id, row.name, row.phone, Alert(row.alert), row.no_events, row.no_offers)
    holding = Holding(row.owner, row.officer_id, row.owned_until)
    return Look(who, Talk.load(row.data or {}), holding, row.where_state == AddressState.ACTIVE.value)


async def take(db: Connection, person_id: int, officer_id: int, until: datetime) -> bool:
    """Makes an officer the one who speaks, in one statement; False when another officer does."""
    free = or_(conversation.c.owner == "bot", conversation.c.officer_id == officer_id)
    values = {"owner": "officer", "officer_id": officer_id, "owned_until": until}
    taken = update(conversation).where(conversation.c.person_id == person_id, free).values(**values)
    return (await db.execute(taken.returning(conversation.c.person_id))).first() is not None


async def extend(db: Connection, person_id: int, officer_id: int, until: datetime) -> bool:
    """Moves the end of an officer's holding; False when the officer does not hold."""
    mine = (conversation.c.person_id == person_id, conversation.c.owner == "officer")
    longer = update(conversation).where(*mine, conversation.c.officer_id == officer_id).values(owned_until=until)
    return (await db.execute(longer.returning(conversation.c.person_id))).first() is not None


async def release(db: Connection, person_id: int, officer_id: int, by: datetime | None = None) -> bool:
    """Gives the word back to the assistant; with `by` only when the holding ended by then."""
    mine = (conversation.c.person_id == person_id, conversation.c.owner == "officer")
    query = update(conversation).where(*mine, conversation.c.officer_id == officer_id)
    if by is not None:
        query = query.where(conversation.c.owned_until <= by)
    freed = query.values(owner="bot", officer_id=None, owned_until=None).returning(conversation.c.person_id)
    return (await db.execute(freed)).first() is not None


async def expire(db: Connection, officer_id: int, now: datetime) -> list[int]:
    """Lets all that an officer holds end now; the people of these talks."""
    held = (conversation.c.owner == "officer", conversation.c.officer_id == officer_id)
    ended = update(conversation).where(*held).values(owned_until=now).returning(conversation.c.person_id)
    return list((await db.execute(ended)).scalars())


async def keep(db: Connection, held: Held, address_id: int, quick: bool, now: datetime) -> None:
    """Writes the talk back after a turn."""
    await db.execute(
        update(conversation)
        .where(conversation.c.person_id == held.person_id)
        .values(data=held.talk.dump(), version=held.version + 1, address_id=address_id, quick=quick, updated_at=now)
    )


async def keep_talk(db: Connection, held: Held, now: datetime) -> None:
    """Writes the talk back without a turn: where replies go stays as it was."""
    await db.execute(
        update(conversation)
        .where(conversation.c.person_id == held.person_id)
        .values(data=held.talk.dump(), version=held.version + 1, updated_at=now)
    )
