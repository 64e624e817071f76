"""People, their addresses, consents and enterprise."""

from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, null, or_, select, update
from sqlalchemy import func as sql

from domain.person import Address, AddressState, Alert, Person, Purpose
from domain.text import plain
from storage import attachments, broadcasts, evidence, leases, seats
from storage.database import Connection, forget_values, insert_into
from storage.outbox import Allowance
from storage.tables import (
    address,
    allowance,
    answer_shown,
    audit,
    consent,
    conversation,
    due,
    echo,
    enterprise,
    inbox,
    link_code,
    message,
    need,
    need_version,
    note,
    opinion,
    outbox,
    person,
    person_tag,
    registration,
    supplier,
    ticket,
)


async def arrive(db: Connection, channel: str, account: str, external_id: str, now: datetime) -> Address:
    """The address this came from; makes the person with an empty conversation at first contact."""
    where = (address.c.channel == channel, address.c.account == account, address.c.external_id == external_id)
    row = (await db.execute(select(address).where(*where))).one_or_none()
    if row is None:
        person_id = (await db.execute(person.insert().values(created_at=now).returning(person.c.id))).scalar_one()
        made = insert_into(db, address).values(
            person_id=person_id, channel=channel, account=account, external_id=external_id, seen_at=now
        )
        made = made.on_conflict_do_nothing(index_elements=["channel", "account", "external_id"])
        await db.execute(made)
        row = (await db.execute(select(address).where(*where))).one()
        if row.person_id != person_id:  # another process was first
            await db.execute(delete(person).where(person.c.id == person_id))
        else:
            await db.execute(
                conversation.insert().values(person_id=person_id, address_id=row.id, data={}, updated_at=now)
            )
    else:
        seen = {"seen_at": now, "state": AddressState.ACTIVE.value}
        await db.execute(update(address).where(address.c.id == row.id).values(**seen))
    return Address(row.id, row.person_id, row.channel, row.account, row.external_id)


async def mark_address(db: Connection, channel: str, account: str, external_id: str, state: AddressState) -> None:
    """Notes whether messages can reach an address; an unknown address is left alone."""
    where = (address.c.channel == channel, address.c.account == account, address.c.external_id == external_id)
    marked = update(address).where(*where).values(state=state.value).returning(address.c.person_id)
    for person_id in (await db.execute(marked)).scalars().all():
        await _end_news_if_unreachable(db, person_id)


async def set_address_state(db: Connection, address_id: int, state: AddressState) -> None:
    """Notes what a send taught about an address."""
    marked = update(address).where(address.c.id == address_id).values(state=state.value).returning(address.c.person_id)
    for person_id in (await db.execute(marked)).scalars().all():
        await _end_news_if_unreachable(db, person_id)


async def _end_news_if_unreachable(db: Connection, person_id: int) -> None:
    """Whoever blocked us everywhere gets no news when they write again, until they say that they want it."""
    mine = (address.c.person_id == person_id, address.c.state == AddressState.ACTIVE.value)
    if (await db.execute(select(address.c.id).where(*mine).limit(1))).first() is None:
        await choose_alert(db, person_id, Alert.OFF)


async def keep_allowance(db: Connection, address_id: int, held: Allowance, now: datetime) -> None:
    """Notes how many more messages the platform lets us send to an address."""
    values = {"kind": held.kind, "remain": held.remain, "total": held.total, "at": now}
    row = insert_into(db, allowance).values(address_id=address_id, **values)
    await db.execute(row.on_conflict_do_update(index_elements=["address_id"], set_=values))


async def rename_address(db: Connection, channel: str, account: str, old: str, new: str) -> None:
    """The platform gave a chat another id; nothing changes when that id is known already."""
    where = (address.c.channel == channel, address.c.account == account)
    taken = (await db.execute(select(address.c.id).where(*where, address.c.external_id == new))).first()
    if taken is None:
        await db.execute(update(address).where(*where, address.c.external_id == old).values(external_id=new))


async def move_address(db: Connection, address_id: int, external_id: str) -> None:
    """The platform gave the chat another id."""
    old = (await db.execute(select(address).where(address.c.id == address_id))).one()
    await rename_address(db, old.channel, old.account, old.external_id, external_id)


async def find(db: Connection, person_id: int) -> Person:
    """The person with this id."""
    row = (await db.execute(select(person).where(person.c.id == person_id))).one()
    return Person(row.id, row.name, row.phone, Alert(row.alert), row.no_events, row.no_offers)


async def keep_contact(db: Connection, person_id: int, name: str | None, phone: str | None) -> None:
    """Keeps the name and the phone number a person gave with consent."""
    values = {key: value for key, value in (("name", name), ("phone", phone)) if value}
    if values:
        await db.execute(update(person).where(person.c.id == person_id).values(**values))
        await fold_name(db, person_id)


async def fold_name(db: Connection, person_id: int) -> None:
    """Brings up to date what search looks at: the name, the number as people write it, the enterprise."""
    who = (await db.execute(select(person.c.name, person.c.phone).where(person.c.id == person_id))).one()
    firm = (await db.execute(select(enterprise.c.name).where(enterprise.c.person_id == person_id))).scalars().first()
    number = f"0{who.phone[3:]}" if (who.phone or "").startswith("+84") else who.phone
    words = plain(" ".join(part for part in (who.name, number, firm) if part))
    await db.execute(update(person).where(person.c.id == person_id).values(folded=words))


async def forget_contact(db: Connection, person_id: int) -> None:
    """Drops name and phone number, in the person's needs as well, and what the enterprise is called."""
    await db.execute(update(person).where(person.c.id == person_id).values(name=None, phone=None, folded=""))
    await db.execute(update(enterprise).where(enterprise.c.person_id == person_id).values(name=None, tax_code=None))
    for row in (await db.execute(select(need.c.id, need.c.fields).where(need.c.person_id == person_id))).all():
        left = {key: value for key, value in (row.fields or {}).items() if key != "contact"}
        await db.execute(update(need).where(need.c.id == row.id).values(fields=left))
        versions = select(need_version.c.id, need_version.c.fields).where(need_version.c.need_id == row.id)
        for version in (await db.execute(versions)).all():
            kept = {key: value for key, value in (version.fields or {}).items() if key != "contact"}
            await db.execute(update(need_version).where(need_version.c.id == version.id).values(fields=kept))


async def refuse(db: Connection, person_id: int, **kinds: bool) -> None:
    """Keeps which kinds of news a person refuses: `no_events`, `no_offers`. What is about to leave is looked at anew."""
    await leases.let_nothing_leave(db)
    await db.execute(update(person).where(person.c.id == person_id).values(**kinds))


async def choose_alert(db: Connection, person_id: int, alert: Alert) -> None:
    """Sets how a person wants to hear news."""
    await db.execute(update(person).where(person.c.id == person_id).values(alert=alert.value))


async def give_consent(db: Connection, person_id: int, purpose: Purpose, wording: str, now: datetime) -> None:
    """Notes a consent with the wording it was given to; one standing consent per purpose."""
    if not await has_consent(db, person_id, purpose):
        await db.execute(
            consent.insert().values(person_id=person_id, purpose=purpose.value, wording=wording, given_at=now)
        )


async def withdraw_consent(db: Connection, person_id: int, purpose: Purpose, now: datetime) -> None:
    """Ends the standing consent for one purpose; once that for news has ended, nothing for many leaves for them."""
    if purpose is Purpose.NEWS:
        await leases.let_nothing_leave(db)
    standing = (consent.c.person_id == person_id, consent.c.purpose == purpose.value, consent.c.withdrawn_at.is_(None))
    await db.execute(update(consent).where(*standing).values(withdrawn_at=now))


async def has_consent(db: Connection, person_id: int, purpose: Purpose) -> bool:
    """Whether a consent for this purpose stands."""
    standing = (consent.c.person_id == person_id, consent.c.purpose == purpose.value, consent.c.withdrawn_at.is_(None))
    return (await db.execute(select(consent.c.id).where(*standing).limit(1))).first() is not None


async def keep_enterprise(db: Connection, person_id: int, values: dict[str, Any]) -> None:
    """Keeps what is known of a person's enterprise, one row per person; new facts replace old ones, what is None
    leaves them."""
    known = {k: v for k, v in values.items() if k in enterprise.c and v is not None}
    query = select(enterprise.c.id, enterprise.c.profile).where(enterprise.c.person_id == person_id)
    row = (await db.execute(query)).first()
    if row is None:
        await db.execute(enterprise.insert().values(person_id=person_id, **{"profile": {}, **known}))
    elif known:
        known["profile"] = {**(row.profile or {}), **known.get("profile", {})}
        await db.execute(update(enterprise).where(enterprise.c.id == row.id).values(**known))
    if "name" in known:
        await fold_name(db, person_id)


async def known_about(db: Connection, person_id: int) -> dict[str, Any]:
    """What is kept about a person, for the person: contact, consents, needs, enterprise."""
    who = await find(db, person_id)
    consents = (await db.execute(select(consent).where(consent.c.person_id == person_id))).all()
    needs = (await db.execute(select(need.c.code, need.c.state).where(need.c.person_id == person_id))).all()
    firm = (await db.execute(select(enterprise).where(enterprise.c.person_id == person_id))).first()
    addresses = (
        await db.execute(select(address.c.channel, address.c.seen_at).where(address.c.person_id == person_id))
    ).all()
    messages = select(sql.count()).select_from(message).where(message.c.person_id == person_id)
    return {
        "addresses": [(row.channel, row.seen_at) for row in addresses],
        "messages": (await db.execute(messages)).scalar_one(),
        "person": who,
        "consents": [(row.purpose, row.given_at, row.withdrawn_at) for row in consents],
        "needs": [(row.code, row.state) for row in needs],
        "enterprise": dict(firm._mapping) if firm else None,
    }


def _audit_of(person_id: int) -> Any:
    return and_(audit.c.noun == "person", audit.c.noun_id == str(person_id))


async def empty(db: Connection, person_id: int) -> None:
    """Destroys what is kept about a person; the bare row with its address stays so that the receipt can be said."""
    await leases.let_nothing_leave(db)
    await evidence.forget_person(db, person_id)
    await attachments.forget_person(db, person_id)
    await seats.leave_all(db, person_id)
    codes = list((await db.execute(select(need.c.code).where(need.c.person_id == person_id))).scalars())
    about = or_(and_(audit.c.noun == "need", audit.c.noun_id.in_(codes)), _audit_of(person_id))
    await db.execute(update(audit).where(about).values(before=null(), after=null(), reason=None))
    mine = (
        note,
        need,
        enterprise,
        consent,
        registration,
        message,
        due,
        answer_shown,
        link_code,
        opinion,
        supplier,
        person_tag,
    )
    for table in mine:
        await db.execute(delete(table).where(table.c.person_id == person_id))
    await db.execute(update(ticket).where(ticket.c.person_id == person_id).values(person_id=None, text="", about=None))
    blank = {"payload": '{"text": "", "extra": {}}'}
    await db.execute(update(inbox).where(inbox.c.person_id == person_id).values(**blank))
    places = select(address.c.external_id).where(address.c.person_id == person_id)
    await db.execute(delete(echo).where(echo.c.external_id.in_(places)))
    await broadcasts.erase(db, person_id)
    await db.execute(delete(outbox).where(outbox.c.person_id == person_id, outbox.c.kind != "reply"))
    await db.execute(
        update(outbox).where(outbox.c.person_id == person_id).values(text="", choices=[], quotes=[], extras={})
    )
    nobody = {
        "name": None,
        "phone": None,
        "alert": Alert.OFF.value,
        "folded": "",
        "no_events": False,
        "no_offers": False,
    }
    await db.execute(update(person).where(person.c.id == person_id).values(**nobody))
    forget_values(db.engine)


async def name_behind(db: Connection, message_id: int) -> str | None:
    """The name of the person in whose talk a line stands."""
    query = select(person.c.name).join(message, message.c.person_id == person.c.id).where(message.c.id == message_id)
    name: str | None = (await db.execute(query)).scalar_one_or_none()
    return name
