"""What waits to be said: one ledger for replies, notices and broadcasts."""

import math
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Text, and_, bindparam, case, cast, func, literal, or_, select, update

from conversation.reply import Choice, Enclosure, Gathering, Reply, Wants
from domain.notice import Kind, OutboxState
from storage.database import Connection, among, insert_into, made_once
from storage.tables import message, outbox
from storage.types import Instant, Json

WAITS = "waits until the person writes again"
WORTH_WAITING = ("reply:", "officer:", "answered:", "introduced:", "called:", "lapse:")  # still true days later
OWN_BUSINESS = (
    "lapse:", "nudge:", "expired:", "remind:", "seat:", "file:", "linked:", "answered:", "desk:",
    "supply:", "published:", "still:", "silent:", "ladder:", "offer_nudge:", "offer_end:",  # a supplier's own offers
    "introduced:", "called:", "uncalled:", "withdrawn:", "one-out:", "nobody:", "unserved:",  # an owner's introductions
)  # fmt: skip
AT_ANY_HOUR = (
    "desk:",
    "file:",
    "linked:",
)  # officers' own chats; what follows at once from what a person has just sent


@dataclass(frozen=True)
class Allowance:
    """How many more messages the platform lets us send to an address, as it last told; None where it did not tell."""

    kind: str
    remain: int | None
    total: int | None


@dataclass(frozen=True)
class Outgoing:
    """One claimed row, ready to be sent; `at` is the business instant of its claim."""

    id: int
    kind: Kind
    person_id: int
    address_id: int
    channel: str
    external_id: str
    text: str
    choices: tuple[dict[str, Any], ...]
    attempt: int
    key: str = ""
    wants: Wants | None = None
    gathering: Gathering | None = None
    files: tuple[Enclosure, ...] = ()
    reachable: bool = True  # as far as we know, the person did not block us there
    broadcast_id: int | None = None
    must_deliver: bool = False  # of a broadcast: what may have been lost is sent once more
    deadline: float = math.inf  # by the monotonic clock: later on, somebody else may have taken it over
    platform_id: str | None = None  # of what is to be taken back
    at: datetime | None = None
    created_at: datetime | None = None
    seen_at: datetime | None = None  # when the person last did something at this address
    allowance: Allowance | None = None  # None: a new one began with what the person did last

    @property
    def worth_waiting(self) -> bool:
        """Whether it may be told days later, when the person lets us: an answer, not a reminder."""
        return self.kind is Kind.REPLY or self.key.startswith(WORTH_WAITING)

    @property
    def about_self(self) -> bool:
        """Whether it concerns what the person did here (a ticket, a draft, a booked seat), not news."""
        return self.key.startswith(OWN_BUSINESS)

    @property
    def at_any_hour(self) -> bool:
        """Whether it may ring at night."""
        return self.key.startswith(AT_ANY_HOUR)


async def was_put(db: Connection, dedupe_key: str) -> bool:
    """Whether a row with this key exists, whatever became of it."""
    return (await db.execute(select(outbox.c.id).where(outbox.c.dedupe_key == dedupe_key))).first() is not None


async def put(
    db: Connection,
    kind: Kind,
    person_id: int,
    reply: Reply,
    dedupe_key: str,
    run_at: datetime,
    now: datetime,
    address_id: int | None = None,
    mark: str = "",
) -> bool:
    """Adds a row; False when a row with this key exists (nothing is said twice). `mark`: the form as it stood."""
    row = insert_into(db, outbox).values(
        kind=kind.value,
        person_id=person_id,
        address_id=address_id,
        dedupe_key=dedupe_key,
        text=reply.text,
        choices=[
            {"label": c.label, "action": c.action, "also": list(c.also), "mark": mark or c.mark} for c in reply.choices
        ],
        quotes=list(reply.quotes),
        extras=extras_of(reply),
        run_at=run_at,
        created_at=now,
    )
    row = row.on_conflict_do_nothing(index_elements=["dedupe_key"]).returning(outbox.c.id)
    return (await db.execute(row)).scalar_one_or_none() is not None


def extras_of(reply: Reply) -> dict[str, Any]:
    """What of a message only some channels can show, as it is stored."""
    held: dict[str, Any] = {"wants": reply.wants.value} if reply.wants else {}
    if reply.gathering is not None:
        made = asdict(reply.gathering)
        times = {key: made[key].isoformat() for key in ("start", "end") if made[key] is not None}
        held["gathering"] = {**made, **times}
    if reply.files:
        held["files"] = [asdict(file) for file in reply.files]
    return held


def files_from(held: dict[str, Any] | None) -> tuple[Enclosure, ...]:
    """What goes with a message, from its extras."""
    return tuple(Enclosure(**file) for file in (held or {}).get("files", ()))


def gathering_from(held: dict[str, Any] | None) -> Gathering | None:
    if not held:
        return None
    times = {key: datetime.fromisoformat(held[key]) for key in ("start", "end") if held.get(key)}
    return Gathering(**{**held, **times})


@dataclass(frozen=True)
class Quoting:
    """A waiting row with the ids of the answers and programmes it quotes."""

    id: int
    kind: Kind
    person_id: int
    quotes: tuple[str, ...]


async def waiting_that_quote(db: Connection, ids: frozenset[str]) -> list[Quoting]:
    """The rows that wait to be sent and quote any of these answers or programmes."""
    open_states = (OutboxState.WAITING.value, OutboxState.RETRY_AT.value)
    query = select(outbox.c.id, outbox.c.kind, outbox.c.person_id, outbox.c.quotes).where(
        outbox.c.state.in_(open_states)
    )
    rows = (await db.execute(query.order_by(outbox.c.id))).all()
    return [
        Quoting(row.id, Kind(row.kind), row.person_id, tuple(row.quotes)) for row in rows if ids & set(row.quotes or ())
    ]


async def reword(db: Connection, row_id: int, reply: Reply) -> None:
    """Puts other words into a row that still waits."""
    values = {"text": reply.text, "choices": [], "quotes": list(reply.quotes), "extras": extras_of(reply)}
    await db.execute(update(outbox).where(outbox.c.id == row_id).values(**values))


async def skip(db: Connection, row_id: int, reason: str, now: datetime) -> None:
    """Ends a row that still waits; it is never sent."""
    values = {"state": OutboxState.SKIPPED.value, "reason": reason[:500], "ended_at": now}
    await db.execute(update(outbox).where(outbox.c.id == row_id).values(**values))


async def asked_before(db: Connection, row_id: int) -> str:
    """The person's words that a waiting reply answers; empty when they are no longer here."""
    key = (await db.execute(select(outbox.c.dedupe_key).where(outbox.c.id == row_id))).scalar_one()
    number = key.partition(":")[2]
    if not key.startswith("reply:") or not number.isdigit():
        return ""
    found = await db.execute(select(message.c.text).where(message.c.inbox_id == int(number)))
    return found.scalar_one_or_none() or ""


def _mine(item: Outgoing, who: str) -> Any:
    fence = (outbox.c.worker == who, outbox.c.attempt == item.attempt, outbox.c.state == OutboxState.SENDING.value)
    return and_(outbox.c.id == item.id, *fence)


async def sent(db: Connection, item: Outgoing, who: str, platform_id: str | None, now: datetime) -> bool:
    """Ends a row as sent and writes it into the visible talk; False when the row was taken away meanwhile."""
    ended = {
        "state": OutboxState.SENT.value,
        "platform_id": platform_id,
        "ended_at": now,
        "address_id": item.address_id,
        "channel": item.channel,
    }
    done = await db.execute(update(outbox).where(_mine(item, who)).values(**ended).returning(outbox.c.person_id))
    row = done.first()
    if row is None:
        return False
    shown = insert_into(db, message).values(
        person_id=row.person_id,  # another one than when it was claimed, if channels were linked meanwhile
        address_id=item.address_id,
        direction="out",
        text=item.text,
        choices=[choice["label"] for choice in item.choices],
        at=now,
        outbox_id=item.id,
    )
    await db.execute(shown.on_conflict_do_nothing(index_elements=["outbox_id"]))
    return True


async def sent_to_many(db: Connection, items: list[tuple[Outgoing, str | None]], who: str, now: datetime) -> None:
    """Ends rows of broadcasts as sent (each with the platform's id), two statements for those alike."""
    alike: dict[tuple[int | None, int, str], list[tuple[Outgoing, str | None]]] = {}
    for item, named in items:
        alike.setdefault((item.broadcast_id, item.attempt, item.channel), []).append((item, named))
    for (_, attempt, channel), some in alike.items():
        ids = [item.id for item, _ in some]
        names = {str(item.id): named for item, named in some}
        given = {"rows": ids, "by": who, "tries": attempt, "at_": now, "way": channel, "names": names}
        await db.execute(_ending(db), given)
        labels = [choice["label"] for choice in some[0][0].choices]
        await db.execute(_telling(db), {"rows": ids, "by": who, "labels": labels})


@made_once
def _ending(db: Connection) -> Any:
    fence = (outbox.c.attempt == bindparam("tries"), outbox.c.state == OutboxState.SENDING.value)
    mine = (among(db, outbox.c.id, "rows"), outbox.c.worker == bindparam("by"))
    return (
        update(outbox)
        .where(*mine, *fence)
        .values(
            state=OutboxState.SENT.value,
            ended_at=bindparam("at_", type_=Instant()),
            address_id=outbox.c.tried_id,
            channel=bindparam("way"),
            platform_id=_named(db, bindparam("names", type_=Json())),
        )
    )


@made_once
def _telling(db: Connection) -> Any:
    mine = (among(db, outbox.c.id, "rows"), outbox.c.worker == bindparam("by"))
    labels, place = bindparam("labels", type_=Json()), outbox.c.address_id
    columns = (outbox.c.person_id, place, literal("out"), outbox.c.text, labels, outbox.c.ended_at, outbox.c.id)
    said = select(*columns).where(*mine, outbox.c.state == OutboxState.SENT.value)
    into = ["person_id", "address_id", "direction", "text", "choices", "at", "outbox_id"]
    shown = insert_into(db, message).from_select(into, said)
    return shown.on_conflict_do_nothing(index_elements=["outbox_id"])


def _named(db: Connection, names: ColumnElement[Any]) -> ColumnElement[str]:
    """The value under the id of a row in a JSON object."""
    number = cast(outbox.c.id, Text)
    if db.dialect.name == "postgresql":
        return names.op("->>")(number)
    return func.json_extract(names, literal('$."').concat(number).concat('"'))


async def person_of(db: Connection, item: Outgoing) -> int:
    """Whose row it is now: channels may have been linked since it was claimed."""
    found = await db.execute(select(outbox.c.person_id).where(outbox.c.id == item.id))
    return int(found.scalar_one())


def unsent(state: OutboxState) -> ColumnElement[str]:
    """The ending of a row that is not sent: this one, but `unknown` for a message to many of which an earlier try may
    have arrived. Of these a try counts only if that is so."""
    under_way = case((outbox.c.state == OutboxState.SENDING.value, 1), else_=0)
    perhaps_there = and_(outbox.c.broadcast_id.is_not(None), outbox.c.attempt > under_way)
    return case((perhaps_there, OutboxState.UNKNOWN.value), else_=state.value)


async def ended(db: Connection, item: Outgoing, who: str, state: OutboxState, reason: str, now: datetime) -> None:
    """Ends a row that was not sent, with the reason."""
    values = {"state": unsent(state), "reason": reason[:500], "ended_at": now}
    await db.execute(update(outbox).where(_mine(item, who)).values(**values, lease_until=None))


async def again(db: Connection, item: Outgoing, who: str, run_at: datetime, reason: str, counts: bool = True) -> None:
    """Puts a row back for later; `counts` is false when the try was no fault of the row (the platform asked to wait)."""
    values: dict[str, Any] = {"state": OutboxState.RETRY_AT.value, "run_at": run_at, "reason": reason[:500]}
    values |= {"lease_until": None, "attempt": item.attempt - (0 if counts else 1)}
    await db.execute(update(outbox).where(_mine(item, who)).values(**values))


async def wake(db: Connection, person_id: int, now: datetime) -> None:
    """The person wrote: what waited for that may go now."""
    waits = (outbox.c.state == OutboxState.RETRY_AT.value, outbox.c.reason == WAITS)
    await db.execute(update(outbox).where(outbox.c.person_id == person_id, *waits).values(run_at=now))


async def next_run(db: Connection) -> datetime | None:
    """When the next waiting row falls due."""
    open_states = (OutboxState.WAITING.value, OutboxState.RETRY_AT.value)
    found = await db.execute(select(func.min(outbox.c.run_at)).where(outbox.c.state.in_(open_states)))
    value = found.scalar_one_or_none()
    return value if value is None or isinstance(value, datetime) else datetime.fromisoformat(str(value))


async def drop_news(db: Connection, person_id: int, now: datetime, beginning: str = "") -> None:
    """Takes back the waiting news of a person who wants none (only what has a key that begins so)."""
    waiting = outbox.c.state.in_((OutboxState.WAITING.value, OutboxState.RETRY_AT.value))
    news = and_(outbox.c.person_id == person_id, waiting, outbox.c.kind != Kind.REPLY.value)
    news = and_(news, outbox.c.dedupe_key.startswith(beginning, autoescape=True))
    values = {"state": unsent(OutboxState.SKIPPED), "reason": "the person wants no news", "ended_at": now}
    await db.execute(update(outbox).where(news).values(**values))


async def hush(db: Connection, person_id: int, now: datetime) -> None:
    """Takes back the assistant's replies that are still waiting: an officer speaks now."""
    waiting = outbox.c.state.in_((OutboxState.WAITING.value, OutboxState.RETRY_AT.value))
    ours = and_(outbox.c.person_id == person_id, waiting, outbox.c.kind == Kind.REPLY.value)
    values = {"state": OutboxState.SKIPPED.value, "reason": "an officer took over", "ended_at": now}
    await db.execute(update(outbox).where(ours, ~outbox.c.dedupe_key.like("officer:%")).values(**values))


async def recent_choices(db: Connection, person_id: int, limit: int = 8) -> list[tuple[Choice, ...]]:
    """What could be pressed in the last messages to a person, newest first; empty tuples where nothing could."""
    said = or_(
        outbox.c.state.in_((OutboxState.SENDING.value, OutboxState.SENT.value, OutboxState.UNKNOWN.value)),
        and_(outbox.c.kind == Kind.REPLY.value, outbox.c.state == OutboxState.WAITING.value),
    )
    query = select(outbox.c.choices).where(outbox.c.person_id == person_id, said)
    newest = func.coalesce(outbox.c.ended_at, outbox.c.created_at).desc()
    rows = (await db.execute(query.order_by(newest, outbox.c.id.desc()).limit(limit))).scalars()
    return [tuple(_choice(row) for row in made or ()) for made in rows]


def _choice(row: dict[str, Any]) -> Choice:
    return Choice(row["label"], row["action"], tuple(row["also"]), row.get("mark", ""))


async def choice_at(db: Connection, person_id: int, row_id: int, index: int) -> Choice | None:
    """The choice with this index of a message to this person; None when there is none."""
    query = select(outbox.c.choices).where(outbox.c.id == row_id, outbox.c.person_id == person_id)
    made = (await db.execute(query)).scalar_one_or_none() or []
    return _choice(made[index]) if 0 <= index < len(made) else None
