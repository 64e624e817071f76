"""What officers do in a scenario: set the table, change programmes, write and approve answers, pull and give back."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from bot.chat import Talk
from bot.wiring import System
from conversation.message import MessageKind
from domain.event import Event
from domain.need import NeedState
from domain.officer import Officer, Role
from domain.person import Alert, Purpose
from domain.segment import EVERYBODY, Is, Trait
from domain.text import fold
from handlers import arrivals, events
from handlers import broadcasts as making
from knowledge.library import ShippedOffer
from storage import broadcasts, catalogue, editions, needs, officers, people, pulls, rules, seats
from storage.database import Connection
from storage.seed import offer_from
from storage.tables import address, broadcast, event, need, offer, officer, outbox, programme, ticket
from tests.journeys import pages

OFFICERS = (("Lan", "officer"), ("Hùng", "approver"), ("Trang", "admin"))
WHY = "theo kịch bản"


async def set_table(system: System, given: Mapping[str, Any], now: datetime) -> None:
    """Officers, new programmes, changed programmes and changed answers of a scenario's `given`."""
    async with system.database.write() as db:
        for name, role in OFFICERS:
            await db.execute(officer.insert().values(name=name, role=role, created_at=now))
        for row in given.get("programmes", ()):
            await db.execute(programme.insert().values(**_programme(row)))
        for row in given.get("catalogue", ()):
            await catalogue.write_offer(
                db, offer_from(ShippedOffer.model_validate({"state": "verified", **row})), "nhipcau"
            )
        await _like_needs(db, given.get("needs", ()), now)
        for id_, changes in (given.get("changes") or {}).items():
            await rules.change_programme(db, id_, changes, "Hùng", WHY, now)
        for id_, fields in (given.get("answers") or {}).items():
            await _renew(db, id_, fields, now)
        for number in range(int(given.get("crowd", 0))):  # people who take news at a channel that is silent here
            who = await people.arrive(db, "sms", "", f"k{number}", now)
            await people.give_consent(db, who.person_id, Purpose.NEWS, WHY, now)
            await people.choose_alert(db, who.person_id, Alert.NOW)
        for row in given.get("gatherings", ()):
            await _gather(db, row, now)


async def _gather(db: Connection, row: Mapping[str, Any], now: datetime) -> None:
    """A published event with `taken` seats booked by somebody called Đức, one booking for one seat at last."""
    start = datetime.fromisoformat(str(row["start"]))
    more = {key: row[key] for key in ("summary", "place", "travel", "seats", "free") if key in row}
    made = Event(str(row["id"]), str(row["title"]), start, start + timedelta(hours=3), **more)
    await catalogue.write_event(db, made, "nhipcau")
    for name, heads in (("khach-moi", int(row.get("taken", 0)) - 1), ("duc", 1)):
        who = await people.arrive(db, "terminal", "", name, now)
        if heads > 0:
            await seats.register(db, made.id, who.person_id, heads, now)


def _programme(row: Mapping[str, Any]) -> dict[str, Any]:
    base = {
        "summary": "Chương trình mẫu để thử, không có thật.",
        "state_note": "",
        "confidence": "high",
        "verified_on": "2026-11-23",
        "aliases": [],
        "document": {"number": "VB-MẪU-01"},
    }
    data = {**base, "kind": "provincial", "state": "in_force", **row}
    columns = {key: data.get(key) for key in ("id", "name", "short_name", "kind", "state")}
    return {
        **columns,
        "effective_from": data.get("effective_from"),
        "effective_to": data.get("effective_to"),
        "data": data,
    }


async def _renew(db: Connection, answer_id: str, fields: Mapping[str, Any], now: datetime) -> None:
    """A new approved version of an answer, as Lan writes it and Hùng approves it."""
    version = await editions.draft(db, answer_id, _dated(fields), "Lan", WHY, now)
    await editions.submit(db, version, "Lan", WHY, now)
    await editions.approve(db, version, "Hùng", WHY, now)


def _dated(fields: Mapping[str, Any]) -> dict[str, Any]:
    days = ("valid_from", "valid_to", "verified_on")
    return {**fields, **{key: date.fromisoformat(str(fields[key])) for key in days if fields.get(key)}}


async def act(system: System, step: Mapping[str, Any], now: datetime) -> None:
    """One act of an officer in the middle of a scenario, at the console ({page: …}, see pages.py), or of another person at
    a terminal (`other`)."""
    if "page" in step:
        await pages.act(system, step["page"], now)
        return
    if "other" in step:
        return await _other(system, step["other"], now)
    async with system.database.write() as db:
        for verb, of in step.items():
            if verb == "pull":
                assert await pulls.pull_back(db, *_named(of), "Hùng", WHY, now)
            elif verb == "give back":
                await pulls.ask_back(db, *_named(of), "Lan", WHY, now)
                await pulls.give_back(db, *_named(of), "Hùng", WHY, now)
            elif verb == "verify":
                await db.execute(need.update().where(need.c.code == of).values(state=NeedState.OPEN.value))
            elif verb == "publish":
                await db.execute(offer.update().where(offer.c.id == of).values(state="verified"))
            elif verb == "desk":
                await _link_newest(db, of, now)
            elif verb == "only drafts":
                await _only_drafts(db)
            elif verb == "draft":
                for id_, fields in of.items():
                    await editions.draft(db, id_, _dated(fields), "Lan", WHY, now)
            elif verb in ("writes to many", "stops", "corrects", "writes to the chosen"):
                await _to_many(system, db, verb, of, now)
            elif verb == "counts":  # (state, how many) of the broadcast with this number
                found = await broadcasts.ledger(db, int(of["of"]), now)
                assert found.states == of["states"], found.states
            elif verb == "taken":  # so many seats of an event are
                held = await catalogue.find_event(db, str(of["of"]))
                assert held is not None and held.taken == of["is"], held
            elif verb == "receives":  # somebody at the door is let in by name
                await _let_in(db, str(of), now)
            elif verb == "gives back":  # Đức calls the office: his seat is free
                who = await people.arrive(db, "terminal", "", "duc", now)
                assert await seats.unregister(db, str(of), who.person_id, now) == 1
                event = await catalogue.find_event(db, str(of))
                assert event is not None
                await events.pass_on(system.office, db, event, now)
            elif verb == "approve":
                for id_, fields in of.items():
                    await _answer(db, id_, fields, now)
            else:
                raise AssertionError(f"no act {verb}")


async def _other(system: System, step: Mapping[str, Any], now: datetime) -> None:
    """Somebody else speaks or hears: {who, say: […] | press: label, holds, lacks}; what was said last must hold."""
    talk = Talk(system, step["who"], now)
    await talk.begin()
    heard = await talk.advance(timedelta(0))
    for text in step.get("say", ()):
        heard = await talk.say([text])
    if "press" in step:
        heard = await talk.say([step["press"]], MessageKind.BUTTON)
    text = "\n".join(item.text for item in heard)
    for part in step.get("holds", ()):
        assert fold(part) in fold(text), f"{step}: “{part}” missing in:\n{text}"
    for part in step.get("lacks", ()):
        assert fold(part) not in fold(text), f"{step}: “{part}” stands in:\n{text}"


async def _link_newest(db: Connection, name: str, now: datetime) -> None:
    """The person's chat becomes an officer's own."""
    newest = (await db.execute(address.select().order_by(address.c.id.desc()).limit(1))).one()
    row = (await db.execute(officer.select().where(officer.c.name == name))).one()
    await officers.link_chat(db, row.id, newest.id, now)
    await db.execute(officer.update().where(officer.c.id == row.id).values(state="open"))


async def _only_drafts(db: Connection) -> None:
    """A workshop is drafted: one event that nobody published, one broadcast that nobody sent, no invitation waits."""
    assert (await db.execute(event.select().with_only_columns(event.c.state))).scalars().all() == ["submitted"]
    assert (await db.execute(broadcast.select().with_only_columns(broadcast.c.state))).scalars().all() == ["draft"]
    rows = (await db.execute(outbox.select().where(outbox.c.kind != "reply"))).all()
    assert not [row.text for row in rows if "hội thảo giải pháp" in row.text]


async def _like_needs(db: Connection, rows: Any, now: datetime) -> None:
    """Standing needs of invented owners: {product, wish, place, days, news, served} each."""
    for number, row in enumerate(rows):
        who = await people.arrive(db, "terminal", "", f"owner{number}", now)
        if row.get("news", True):
            await people.give_consent(db, who.person_id, Purpose.NEWS, "tin", now)
        fields = {
            "product": {"value": [row["product"]], "words": row["product"]},
            "wish": {"value": [row["wish"]], "words": row["wish"]},
            "place": {"value": {"province": "Lạng Sơn", "unit": row["place"]}, "words": row["place"]},
            "budget": {"value": {"min": None, "max": 300_000_000}, "words": "300 triệu"},
        }
        at = now - timedelta(days=row["days"])
        text = f"{row['wish']} {row['product']}"
        made = await needs.submit(db, who.person_id, text, "", fields, "terminal", at, at)
        await db.execute(need.update().where(need.c.id == made.id).values(state=NeedState.OPEN.value))
        if row.get("served"):
            await needs.keep_match(db, made.id, row["served"], 0.9, True, [], [], now, False)


LAN, HUNG = Officer(1, "Lan", "", Role.OFFICER), Officer(2, "Hùng", "", Role.APPROVER)


async def _to_many(system: System, db: Connection, verb: str, of: Any, now: datetime) -> None:
    """Lan writes to many, Hùng approves where it takes two; Lan stops it, corrects it, writes to fewer."""
    if verb == "stops":
        held = await broadcasts.find(db, int(of))
        assert held is not None
        await making.stop(db, held, LAN, WHY, now)
        return
    if verb == "corrects":
        wrong = await broadcasts.find(db, int(of["of"]))
        assert wrong is not None
        made = await making.correct(db, wrong, LAN, of["text"], now)
    elif verb == "writes to the chosen":
        wrong = await broadcasts.find(db, int(of["instead of"]))
        assert wrong is not None
        chosen = Is(Trait.NEED, ("any",))
        made = await making.rewrite(db, wrong, LAN, of["text"], chosen, now)
    else:
        made = await broadcasts.compose(db, "Tin", str(of), EVERYBODY, LAN.name, now)
    ahead = await making.outlook(system.office, db, made, now)
    if await making.submit(system.office, db, made, LAN, ahead.count.reached, now) == "waiting":
        waiting = await broadcasts.find(db, made.id)
        assert waiting is not None
        await making.approve(system.office, db, waiting, HUNG, now)


async def _let_in(db: Connection, event_id: str, now: datetime) -> None:
    event = await catalogue.find_event(db, event_id)
    assert event is not None
    for person_id, place in await seats.everybody(db, event_id):
        if place.heads == 1:
            assert await arrivals.welcome(db, event, person_id, now)


def _named(of: str) -> tuple[str, str]:
    noun, _, noun_id = of.partition(":")
    return noun, noun_id


async def _answer(db: Connection, answer_id: str, fields: Mapping[str, Any], now: datetime) -> None:
    """A new answer for all promised questions, or a new version of one."""
    if fields.get("topic"):
        codes = list((await db.execute(ticket.select().with_only_columns(ticket.c.code))).scalars())
        await editions.link_questions(db, [code for code in codes if code.startswith("CH-")], answer_id, "Lan", now)
    await _renew(db, answer_id, fields, now)
