"""The officers' accounts with the chats they use."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update

from domain.officer import GRANTS, Officer, OfficerState, Permission, Role
from storage.database import Connection, insert_into
from storage.tables import address, officer, officer_chat, once, session


@dataclass(frozen=True)
class Account:
    """An account with what proves it: an argon2id hash, the encrypted TOTP secret, the last TOTP step used."""

    officer: Officer
    password: str | None
    totp: str | None
    totp_step: int


@dataclass(frozen=True)
class Chat:
    """A chat an officer uses; `person_id` is whom the channel knows there."""

    officer: Officer
    address_id: int
    person_id: int
    channel: str
    linked_at: datetime


def _officer(row: Any) -> Officer:
    return Officer(row.id, row.name, row.login or "", Role(row.role), OfficerState(row.state))


APPROVERS = ("approver", "admin")
NAMES = select(officer.c.id, officer.c.name)
EVERYBODY = select(officer).order_by(officer.c.name)


class NotAllowed(Exception):
    """The officer may not do this; the message says why."""


async def anybody(db: Connection) -> bool:
    """Whether any officer has an open account."""
    return (await db.execute(select(officer.c.id).where(officer.c.state == "open").limit(1))).first() is not None


async def find(db: Connection, officer_id: int) -> Officer | None:
    """The officer with this id."""
    row = (await db.execute(select(officer).where(officer.c.id == officer_id))).one_or_none()
    return None if row is None else _officer(row)


async def everybody(db: Connection) -> list[Officer]:
    """All accounts by name."""
    return [_officer(row) for row in (await db.execute(EVERYBODY)).all()]


async def names(db: Connection) -> dict[int, str]:
    """The officers' names by id, closed accounts too."""
    return {row.id: row.name for row in (await db.execute(NAMES)).all()}


async def account(db: Connection, login: str) -> Account | None:
    """The account with this login (compared in lower case)."""
    return await _account(db, officer.c.login == login.strip().lower())


async def account_of(db: Connection, officer_id: int) -> Account | None:
    """The account with this id."""
    return await _account(db, officer.c.id == officer_id)


async def _account(db: Connection, where: Any) -> Account | None:
    row = (await db.execute(select(officer).where(where))).one_or_none()
    return None if row is None else Account(_officer(row), row.password, row.totp, row.totp_step)


async def invite(db: Connection, name: str, login: str, role: Role, now: datetime) -> Officer | None:
    """A new account without a password; None when the name or the login is taken."""
    values = {"name": name, "login": login.strip().lower(), "role": role.value, "state": "invited", "created_at": now}
    row = insert_into(db, officer).values(**values).on_conflict_do_nothing().returning(officer)
    made = (await db.execute(row)).one_or_none()
    return None if made is None else _officer(made)


async def set_password(db: Connection, officer_id: int, password: str) -> None:
    """Keeps a new hash; an invited account opens by it."""
    await db.execute(update(officer).where(officer.c.id == officer_id).values(password=password))
    invited = (officer.c.id == officer_id, officer.c.state == OfficerState.INVITED.value)
    await db.execute(update(officer).where(*invited).values(state=OfficerState.OPEN.value))


async def set_totp(db: Connection, officer_id: int, secret: str | None) -> None:
    """Keeps or drops the encrypted secret of the second factor."""
    await db.execute(update(officer).where(officer.c.id == officer_id).values(totp=secret, totp_step=0))


async def use_step(db: Connection, officer_id: int, step: int) -> bool:
    """Marks a TOTP step as used; False when it, or a later one, was used before."""
    unused = (officer.c.id == officer_id, officer.c.totp_step < step)
    done = await db.execute(update(officer).where(*unused).values(totp_step=step).returning(officer.c.id))
    return done.first() is not None


async def set_role(db: Connection, officer_id: int, role: Role) -> None:
    """Gives an account another role; it counts from the next request on."""
    await db.execute(update(officer).where(officer.c.id == officer_id).values(role=role.value))


async def close(db: Connection, officer_id: int) -> None:
    """Closes an account: its sessions, links and chats end with it."""
    await db.execute(update(officer).where(officer.c.id == officer_id).values(state=OfficerState.CLOSED.value))
    for table in (session, officer_chat, once):
        await db.execute(delete(table).where(table.c.officer_id == officer_id))


async def reopen(db: Connection, officer_id: int) -> None:
    """Lets a closed account be opened anew by a link; its old password and second factor are gone."""
    values = {"state": OfficerState.INVITED.value, "password": None, "totp": None, "totp_step": 0}
    await db.execute(update(officer).where(officer.c.id == officer_id).values(**values))


async def open_admins(db: Connection) -> int:
    """How many administrators can sign in: the last one is not closed."""
    where = (officer.c.state == OfficerState.OPEN.value, officer.c.role == Role.ADMIN.value)
    return len((await db.execute(select(officer.c.id).where(*where))).all())


# --- chats ------------------------------------------------------------------------------------------------------
async def link_chat(db: Connection, officer_id: int, address_id: int, now: datetime) -> None:
    """Makes a chat an officer's own; a chat has one officer at most."""
    row = insert_into(db, officer_chat).values(address_id=address_id, officer_id=officer_id, linked_at=now)
    changed = {"officer_id": officer_id, "linked_at": now}
    await db.execute(row.on_conflict_do_update(index_elements=["address_id"], set_=changed))


async def unlink_chat(db: Connection, officer_id: int, address_id: int) -> None:
    """Ends the link of a chat."""
    mine = (officer_chat.c.officer_id == officer_id, officer_chat.c.address_id == address_id)
    await db.execute(delete(officer_chat).where(*mine))


async def at_address(db: Connection, address_id: int) -> Officer | None:
    """The officer with an open account who uses this chat."""
    query = select(officer).join(officer_chat, officer_chat.c.officer_id == officer.c.id)
    where = (officer_chat.c.address_id == address_id, officer.c.state == OfficerState.OPEN.value)
    row = (await db.execute(query.where(*where))).one_or_none()
    return None if row is None else _officer(row)


async def chats(db: Connection, officer_id: int | None = None, permission: Permission | None = None) -> list[Chat]:
    """The chats of one officer, or of all with an open account who may do a thing."""
    query = (
        select(officer, address.c.id.label("address_id"), address.c.person_id, address.c.channel)
        .add_columns(officer_chat.c.linked_at)
        .join(officer_chat, officer_chat.c.officer_id == officer.c.id)
        .join(address, address.c.id == officer_chat.c.address_id)
        .where(officer.c.state == OfficerState.OPEN.value)
        .order_by(officer.c.id, officer_chat.c.linked_at)
    )
    if officer_id is not None:
        query = query.where(officer.c.id == officer_id)
    if permission is not None:
        query = query.where(officer.c.role.in_([role.value for role, may in GRANTS.items() if permission in may]))
    rows = (await db.execute(query)).all()
    return [Chat(_officer(row), row.address_id, row.person_id, row.channel, row.linked_at) for row in rows]


async def must_approve(db: Connection, name: str, other_than: str | None = None) -> None:
    """Raises NotAllowed unless this is an open account that may approve, and not the one who asked for it."""
    query = select(officer.c.role).where(officer.c.name == name, officer.c.state == "open")
    role = (await db.execute(query)).scalar_one_or_none()
    if role not in APPROVERS:
        raise NotAllowed(f"{name} may not approve")
    if name == other_than:
        raise NotAllowed("the author may not approve")
