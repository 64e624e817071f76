"""Segments as SQL: who fits, how many on each channel, which rules are kept under a name."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Exists,
    Text,
    and_,
    bindparam,
    case,
    delete,
    exists,
    false,
    func,
    literal,
    not_,
    or_,
    select,
    true,
)

from domain.broadcast import NO_PUSH, Count
from domain.event import RegistrationState
from domain.frames import Frame, Terms, Way
from domain.need import STANDING
from domain.notice import Kind, OutboxState
from domain.person import AddressState, Alert, Purpose
from domain.segment import All, BadSegment, Either, Is, Not, Segment, Trait, read, write
from domain.text import plain
from knowledge.library import load
from storage import frames
from storage.database import Connection, insert_into
from storage.tables import (
    address,
    allowance,
    consent,
    conversation,
    enterprise,
    finding,
    need,
    outbox,
    person,
    person_tag,
    registration,
    segment,
)

MOST_SAVED_DEEP = 5  # kept segments that name kept segments
WEEK = timedelta(days=7)
TOO_MANY = 2  # messages on our own account that a person has had within a week
REACHED = (OutboxState.SENT.value, OutboxState.SENDING.value, OutboxState.UNKNOWN.value)
UNREACHABLE = "the address cannot be reached"
UNINVITED = "the person wants no invitations"
REASONS = ("the person wants no news", UNREACHABLE, "no chat")


@dataclass(frozen=True)
class Kept:
    """A segment under its name."""

    id: int
    name: str
    rule: Segment
    author: str
    created_at: datetime


# --- places -----------------------------------------------------------------------------------------------------
@cache
def _units() -> Mapping[str, tuple[str, ...]]:
    """Names of communes and of former districts, without diacritics, each with the communes meant."""
    found: dict[str, dict[str, None]] = {}
    for row in load().places["units"]:
        for district in {former["district"] for former in row["formed_from"]}:
            for name in (plain(district), plain(district).split(" ", 1)[-1]):
                found.setdefault(f"district {name}", {})[row["name"]] = None
        for name in (plain(row["name"]), plain(row["name"]).split(" ", 1)[-1]):
            found.setdefault(f"unit {name}", {})[row["name"]] = None
    return {name: tuple(units) for name, units in found.items()}


def _spellings(values: tuple[str, ...], kind: str) -> list[str]:
    """Every way in which the communes named may stand in a row: "Xã Chi Lăng", "xã Chi Lăng", "Chi Lăng"."""
    found: dict[str, None] = {}
    for value in values:
        known = _units().get(f"{kind} {plain(value)}", () if kind == "district" else (value,))
        for name in known:
            bare = name.split(" ", 1)[-1] if plain(name).split(" ")[0] in ("xa", "phuong") else name
            found |= dict.fromkeys((name, bare, *(f"{word} {bare}" for word in ("xã", "phường", "Xã", "Phường"))))
    return list(found)


# --- conditions -------------------------------------------------------------------------------------------------
def _of(table: Any, *where: Any) -> Exists:
    return exists().where(table.c.person_id == person.c.id, *where).correlate(person)


def _has_word(column: Any, value: str) -> ColumnElement[bool]:
    """Whether a column without diacritics holds the words, whole."""
    padded = literal(" ").concat(func.coalesce(column, "")).concat(" ")
    return padded.contains(f" {plain(value)} ", autoescape=True)


def _in_profile(value: str) -> ColumnElement[bool]:
    """Whether the profile lists this value; JSON is compared as text, which both databases can."""
    return func.lower(enterprise.c.profile.cast(Text)).contains(f'"{value.lower()}"', autoescape=True)


def _told(now: datetime) -> Any:
    """How many messages on our own account a person has had within the week before `now`."""
    told = (outbox.c.kind != Kind.REPLY.value, outbox.c.state == OutboxState.SENT.value)
    query = select(func.count()).select_from(outbox).where(outbox.c.person_id == person.c.id, *told)
    return query.where(outbox.c.ended_at > now - WEEK).scalar_subquery()


def _condition(condition: Is, now: datetime) -> ColumnElement[bool]:
    values = condition.values
    standing = need.c.state.in_(STANDING)
    match condition.trait:
        case Trait.UNIT | Trait.DISTRICT:
            names = _spellings(values, condition.trait.value)
            return or_(_of(enterprise, enterprise.c.unit.in_(names)), _of(need, standing, need.c.unit.in_(names)))
        case Trait.SECTOR:
            return _of(enterprise, or_(*(_in_profile(value) for value in values)))
        case Trait.PRODUCT:
            return _of(need, standing, or_(*(_has_word(need.c.folded, value) for value in values)))
        case Trait.FORM:
            return _of(enterprise, func.lower(enterprise.c.org_form).in_([value.lower() for value in values]))
        case Trait.STAFF_LEAST:
            return _of(enterprise, enterprise.c.employees >= min(map(int, values)))
        case Trait.STAFF_MOST:
            return _of(enterprise, enterprise.c.employees <= max(map(int, values)))
        case Trait.NEED:
            return _of(need, standing) if "any" in values else _of(need, need.c.state.in_(values))
        case Trait.PROGRAMME:
            return _of(finding, finding.c.programme_id.in_(values), finding.c.fit.in_(("fits", "near")))
        case Trait.ATTENDED:
            came = registration.c.state == RegistrationState.CAME.value
            return _of(registration, registration.c.event_id.in_(values), came)
        case Trait.REGISTERED:
            gone = registration.c.state == RegistrationState.CANCELLED.value
            return _of(registration, registration.c.event_id.in_(values), ~gone)
        case Trait.CHANNEL:
            home = (conversation.c.person_id == person.c.id, conversation.c.address_id == address.c.id)
            return exists().where(*home, address.c.channel.in_(values)).correlate(person)
        case Trait.TAG:
            return _of(person_tag, person_tag.c.tag.in_([tag(value) for value in values]))
        case Trait.REACHED:
            return _of(outbox, outbox.c.broadcast_id.in_([int(value) for value in values]), outbox.c.state.in_(REACHED))
        case Trait.RECENT:
            least: ColumnElement[bool] = _told(now) >= min(map(int, values))
            return least
        case Trait.PERSON:
            return person.c.id.in_([int(value) for value in values])
        case Trait.SAVED:
            raise BadSegment("a kept segment must be put in before")


def fits(rule: Segment, now: datetime) -> ColumnElement[bool]:
    """The rule as a condition on `person`."""
    match rule:
        case Is():
            return _condition(rule, now)
        case Not(part):
            return not_(fits(part, now))
        case All(parts):
            return and_(true(), *(fits(part, now) for part in parts))
        case Either(parts):
            return or_(false(), *(fits(part, now) for part in parts))


async def unfold(db: Connection, rule: Segment, deep: int = 0) -> Segment:
    """The rule with the segments that it names put in; raises BadSegment when one is gone or they go in circles."""
    match rule:
        case Not(part):
            return Not(await unfold(db, part, deep))
        case All(parts):
            return All(tuple([await unfold(db, part, deep) for part in parts]))
        case Either(parts):
            return Either(tuple([await unfold(db, part, deep) for part in parts]))
        case Is(Trait.SAVED, values):
            if deep >= MOST_SAVED_DEEP:
                raise BadSegment("kept segments name one another in circles")
            held = [await find(db, int(value)) for value in values]
            if None in held:
                raise BadSegment("a kept segment is gone")
            return Either(tuple([await unfold(db, one.rule, deep + 1) for one in held if one is not None]))
    return rule


# --- who gets it ------------------------------------------------------------------------------------------------
def takes_news() -> ColumnElement[bool]:
    """Whether a person wants messages on our own account."""
    standing = (consent.c.purpose == Purpose.NEWS.value, consent.c.withdrawn_at.is_(None))
    return and_(person.c.alert != Alert.OFF.value, _of(consent, *standing))


def left_out(invites: bool = False) -> Any:
    """Why a person is not written to; the empty text when they are. `invites`: to an event."""
    uninvited = ((person.c.no_events, UNINVITED),) if invites else ()
    return case(
        (address.c.id.is_(None), REASONS[2]),
        (address.c.state != AddressState.ACTIVE.value, REASONS[1]),
        (~takes_news(), REASONS[0]),
        *uninvited,
        else_="",
    )


def joined() -> Any:
    """People with their talk, the address they talk from, their enterprise."""
    return (
        person.join(conversation, conversation.c.person_id == person.c.id)
        .outerjoin(address, address.c.id == conversation.c.address_id)
        .outerjoin(enterprise, enterprise.c.id == _first_enterprise())
    )


def _first_enterprise() -> Any:
    mine = enterprise.alias("mine")
    return select(func.min(mine.c.id)).where(mine.c.person_id == person.c.id).scalar_subquery()


def _with_allowance() -> Any:
    return joined().outerjoin(allowance, allowance.c.address_id == address.c.id)


async def count(
    db: Connection, rule: Segment, now: datetime, terms: Terms | None = None, invites: bool = False
) -> Count:
    """How many people fit, by channel and by the reason why they are left out, as it would be if it left now."""
    terms = terms or Terms()
    which, why, stands = fits(await unfold(db, rule), now), left_out(invites), frames.frame(now, terms)
    named = (address.c.channel, why.label("why"), stands.label("frame"))
    query = select(*named, func.count().label("n")).select_from(_with_allowance()).where(which).group_by(*named)
    by_channel: dict[str, int] = {}
    out: dict[str, int] = {}
    framed: dict[tuple[str, Frame], int] = {}
    for row in (await db.execute(query)).all():
        stand = Frame(row.frame)
        reason = row.why or ("" if terms.way(stand) else NO_PUSH)
        held, key = (out, reason) if reason else (by_channel, row.channel)
        held[key] = held.get(key, 0) + row.n
        if not row.why and stand is not Frame.OPEN:
            framed[row.channel, stand] = row.n
    goes = (why == "", _goes(now, terms))
    third = select(func.count()).select_from(_with_allowance()).where(which, *goes, _told(now) >= TOO_MANY)
    return Count(by_channel, out, int((await db.execute(third)).scalar_one()), framed)


def _goes(now: datetime, terms: Terms) -> ColumnElement[bool]:
    return frames.frame(now, terms).in_([stand.value for stand in Frame if terms.way(stand) is not Way.NONE])


async def sample(
    db: Connection, rule: Segment, now: datetime, terms: Terms | None = None, limit: int = 8, invites: bool = False
) -> list[tuple[int, str]]:
    """Some of those who get it, with their names, spread over the whole."""
    spread = (person.c.id * 7919) % 1009
    query = select(person.c.id, func.coalesce(person.c.name, "").label("name"))
    goes = (fits(await unfold(db, rule), now), left_out(invites) == "", _goes(now, terms or Terms()))
    query = query.select_from(_with_allowance()).where(*goes).order_by(spread, person.c.id).limit(limit)
    return [(row.id, row.name) for row in (await db.execute(query)).all()]


# --- kept under a name ------------------------------------------------------------------------------------------
def _kept(row: Any) -> Kept:
    try:
        rule = read(row.rule)
    except BadSegment:
        rule = Either()  # what cannot be read reaches nobody
    return Kept(row.id, row.name, rule, row.author, row.created_at)


async def keep(db: Connection, name: str, rule: Segment, author: str, now: datetime) -> int:
    """Keeps a rule under a name, in the place of an earlier one of this name; its id. Raises BadSegment."""
    row = insert_into(db, segment).values(name=name.strip()[:100], rule=write(rule), author=author, created_at=now)
    changed = {"rule": row.excluded.rule, "author": row.excluded.author}
    row = row.on_conflict_do_update(index_elements=["name"], set_=changed).returning(segment.c.id)
    made = int((await db.execute(row)).scalar_one())
    await unfold(db, Is(Trait.SAVED, (str(made),)))
    return made


async def find(db: Connection, segment_id: int) -> Kept | None:
    """The segment with this id."""
    row = (await db.execute(select(segment).where(segment.c.id == segment_id))).one_or_none()
    return None if row is None else _kept(row)


async def named(db: Connection, name: str) -> Kept | None:
    """The segment with this name, written with or without diacritics."""
    return next((one for one in await all_kept(db) if plain(one.name) == plain(name)), None)


async def all_kept(db: Connection) -> list[Kept]:
    """All segments by name."""
    return [_kept(row) for row in (await db.execute(select(segment).order_by(segment.c.name))).all()]


async def forget(db: Connection, segment_id: int) -> None:
    """Drops a segment; what was sent to it stays."""
    await db.execute(delete(segment).where(segment.c.id == segment_id))


# --- tags -------------------------------------------------------------------------------------------------------
def tag(text: str) -> str:
    """A tag as it is kept: small letters, one blank between words."""
    return " ".join(text.lower().split())[:40]


async def set_tags(db: Connection, person_id: int, tags: list[str]) -> None:
    """Puts these tags on a person in the place of the earlier ones."""
    await db.execute(delete(person_tag).where(person_tag.c.person_id == person_id))
    for one in dict.fromkeys(tag(text) for text in tags if tag(text)):
        await db.execute(person_tag.insert().values(person_id=person_id, tag=one))


TAGS = select(person_tag.c.tag).where(person_tag.c.person_id == bindparam("whose")).order_by(person_tag.c.tag)


async def tags_of(db: Connection, person_id: int) -> list[str]:
    """A person's tags."""
    return list((await db.execute(TAGS, {"whose": person_id})).scalars())


async def values_of(db: Connection) -> dict[Trait, list[str]]:
    """What can be chosen where the database knows the values."""
    queries = {
        Trait.TAG: select(person_tag.c.tag).distinct().order_by(person_tag.c.tag),
        Trait.FORM: select(enterprise.c.org_form).where(enterprise.c.org_form.is_not(None)).distinct(),
        Trait.CHANNEL: select(address.c.channel).distinct(),
    }
    return {trait: list((await db.execute(query)).scalars()) for trait, query in queries.items()}
