"""What people sent: stored before anything else, handled once, in order."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, case, delete, func, or_, select, update

from conversation.message import Message, MessageKind
from domain.evidence import KIND_WORDS
from domain.notice import InboxState
from storage import outbox, people
from storage.database import Connection, insert_into
from storage.tables import address, conversation, inbox, message

SETTLE = timedelta(seconds=1.5)  # after the last message of a burst
PATIENCE = timedelta(seconds=10)  # after its first
MOST_ATTEMPTS = 3
SHOWN_LIMIT = 4096


@dataclass(frozen=True)
class Waiting:
    """One stored message that waits for its turn."""

    id: int
    address_id: int
    channel: str
    message: Message


def _pack(item: Message) -> str:
    held = {"text": item.text, "extra": item.extra, "order": item.order, "edits": item.edits, "count": item.count}
    return json.dumps(held, ensure_ascii=True)


def storable(text: str) -> str:
    """The text as every database can hold it: no NUL, no lone surrogates, at most SHOWN_LIMIT characters."""
    return text[:SHOWN_LIMIT].replace("\x00", "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def line_of(item: Message) -> str:
    """A message as a line of the talk: its words, or what came instead."""
    known = {kind.value: f"({words})" for kind, words in KIND_WORDS.items()}
    return item.text or known.get(str(item.extra.get("kind")), "")


async def put(db: Connection, item: Message, now: datetime) -> int | None:
    """Stores a message; its inbox id, or None when this update was stored before."""
    place = await people.arrive(db, item.channel, item.account, item.address, now)
    quick_now = select(conversation.c.quick).where(conversation.c.person_id == place.person_id).scalar_subquery()
    hurried = item.kind is MessageKind.BUTTON or item.text.startswith("/")
    unhurried = item.kind is MessageKind.OTHER or item.extra.get("forwarded")  # more of it, or a word on it, follows
    row = insert_into(db, inbox).values(
        person_id=place.person_id,
        address_id=place.id,
        channel=item.channel,
        account=item.account,
        update_id=item.update_id,
        kind=item.kind.value,
        payload=_pack(item),
        sent_at=item.sent_at,
        received_at=now,
        quick=True if hurried else False if unhurried else quick_now,
    )
    row = row.on_conflict_do_nothing(index_elements=["channel", "account", "update_id"]).returning(inbox.c.id)
    stored = (await db.execute(row)).scalar_one_or_none()
    if stored is not None:
        shown = message.insert().values(
            person_id=place.person_id,
            address_id=place.id,
            direction="in",
            text=storable(line_of(item)),
            choices=[],
            at=now,
            inbox_id=stored,
        )
        await db.execute(shown)
        await outbox.wake(db, place.person_id, now)
    return stored


async def ready(db: Connection, now: datetime, limit: int = 20) -> list[int]:
    """The people whose burst is over, longest waiting first."""
    hurried = func.max(case((inbox.c.quick, 1), else_=0))
    query = (
        select(inbox.c.person_id)
        .where(inbox.c.state == InboxState.WAITING.value)
        .group_by(inbox.c.person_id)
        .having(
            or_(
                hurried == 1,
                func.max(inbox.c.received_at) <= now - SETTLE,
                func.min(inbox.c.received_at) <= now - PATIENCE,
            )
        )
        .order_by(func.min(inbox.c.id))
        .limit(limit)
    )
    return list((await db.execute(query)).scalars())


async def anybody_waits(db: Connection) -> bool:
    """Whether any message waits for its turn."""
    query = select(inbox.c.id).where(inbox.c.state == InboxState.WAITING.value).limit(1)
    return (await db.execute(query)).first() is not None


async def waiting_for(db: Connection, person_id: int, limit: int = 200) -> list[Waiting]:
    """A person's waiting messages in the order in which they were written."""
    query = (
        select(inbox, address.c.external_id)
        .join(address, address.c.id == inbox.c.address_id)
        .where(and_(inbox.c.person_id == person_id, inbox.c.state == InboxState.WAITING.value))
        .order_by(inbox.c.sent_at, inbox.c.id)
        .limit(limit)
    )
    found = []
    for row in (await db.execute(query)).all():
        packed = json.loads(row.payload)
        item = Message(
            channel=row.channel,
            account=row.account,
            update_id=row.update_id,
            address=row.external_id,
            text=packed["text"],
            sent_at=row.sent_at,
            kind=MessageKind(row.kind),
            order=packed.get("order", 0),
            edits=packed.get("edits"),
            extra=packed["extra"],
            count=packed.get("count"),
        )
        found.append(Waiting(row.id, row.address_id, row.channel, item))
    return in_order(found)


def in_order(rows: list[Waiting]) -> list[Waiting]:
    """Messages as they were written, by their times; those that their platform has counted stand by its count."""
    found = sorted(rows, key=lambda row: (row.message.sent_at, row.message.order, row.id))
    for channel in {row.channel for row in found}:
        places = [at for at, row in enumerate(found) if row.channel == channel and row.message.count is not None]
        counted = sorted((found[at] for at in places), key=lambda row: (row.message.count, row.id))
        for at, row in zip(places, counted, strict=True):
            found[at] = row
    return found


async def mark_handled(db: Connection, ids: list[int], now: datetime) -> None:
    """Ends these messages: their turn is part of the same transaction."""
    done = {"state": InboxState.HANDLED.value, "handled_at": now}
    await db.execute(update(inbox).where(inbox.c.id.in_(ids)).values(**done))


async def set_aside(db: Connection, ids: list[int], reason: str, now: datetime) -> None:
    """Keeps these messages for a human: their turn is over, nothing waits behind them."""
    if ids:
        aside = {"state": InboxState.QUARANTINED.value, "handled_at": now, "reason": reason}
        await db.execute(update(inbox).where(inbox.c.id.in_(ids)).values(**aside))


async def count_failure(db: Connection, ids: list[int], reason: str, now: datetime) -> bool:
    """Counts a failed turn; after the third the messages go to quarantine. Tells whether they did."""
    await db.execute(
        update(inbox).where(inbox.c.id.in_(ids)).values(attempts=inbox.c.attempts + 1, reason=reason[:500])
    )
    tried = (await db.execute(select(func.max(inbox.c.attempts)).where(inbox.c.id.in_(ids)))).scalar_one()
    if tried < MOST_ATTEMPTS:
        return False
    aside = {"state": InboxState.QUARANTINED.value, "handled_at": now}
    await db.execute(update(inbox).where(inbox.c.id.in_(ids)).values(**aside))
    return True


async def forget_marks(db: Connection, before: datetime) -> None:
    """Drops handled messages older than this; quarantined ones stay for a human."""
    gone = and_(inbox.c.state == InboxState.HANDLED.value, inbox.c.handled_at < before)
    await db.execute(delete(inbox).where(gone))
