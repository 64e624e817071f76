"""Lets an officer speak in place of the assistant: one of both at any instant, given back when left alone."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from conversation.reply import Choice, Reply, shorten
from domain.notice import Kind
from domain.officer import Officer, Permission
from domain.worktime import say_time
from handlers.turn import Office
from nlu.understanding import Context
from storage import audit, catalogue, conversations, dues, officers, outbox, tickets
from storage.database import Connection
from storage.dues import Due
from storage.tickets import PROMISE, TicketKind

IDLE = timedelta(hours=4)  # of working time
LONGEST = 2000  # characters an officer may say at once


@dataclass(frozen=True)
class Promise:
    """What an officer promised to do, by when (UTC)."""

    what: str
    due_at: datetime


async def take_over(office: Office, db: Connection, officer: Officer, person_id: int, now: datetime) -> bool:
    """Makes the officer the one who speaks; False when another officer already does."""
    held = await conversations.holding(db, person_id)
    if not await conversations.take(db, person_id, officer.id, office.worktime.after(now, IDLE)):
        return False
    if held is not None and held.owner == "bot":
        await outbox.hush(db, person_id, now)
        await audit.note(db, officer.name, "take_over", "person", str(person_id), now)
    await tickets.take_all(db, person_id, officer.id)
    await _plan_return(office, db, officer, person_id, now)
    return True


async def _plan_return(office: Office, db: Connection, officer: Officer, person_id: int, now: datetime) -> None:
    key = f"idle:{person_id}:{now:%Y%m%d%H%M%S%f}"
    at = office.worktime.after(now, IDLE)
    await dues.plan(db, "idle", key, at, person_id, {"officer": officer.id})


async def speak(
    office: Office, db: Connection, officer: Officer, person_id: int, words: str, once: str, now: datetime
) -> bool:
    """Says an officer's words to a person; False when the officer does not hold the talk. `once` guards a second press."""
    if not await conversations.extend(db, person_id, officer.id, office.worktime.after(now, IDLE)):
        return False
    key = f"officer:{officer.id}:{once}"
    if not await outbox.put(db, Kind.REPLY, person_id, Reply(words[:LONGEST], long=True), key, now, now):
        return True
    ended = ", ".join(await tickets.answered(db, person_id, now))
    after = {"việc đã khép": ended} if ended else None
    await audit.note(db, officer.name, "say", "person", str(person_id), now, after=after)
    await _plan_return(office, db, officer, person_id, now)
    await _remember(office, db, officer, person_id, words, now)
    return True


async def _remember(
    office: Office, db: Connection, officer: Officer, person_id: int, words: str, now: datetime
) -> None:
    """What the officer speaks of is what the talk is about from now on."""
    held = await conversations.hold(db, person_id)
    if held is None:
        return
    held.talk.hear_officer(officer.name, words, now)
    said = office.mind.understand(words, Context(programme=held.talk.recall_programme(now)), now)
    if said.programme:
        held.talk.speak_of(said.programme, now)
    named = await catalogue.named_in(db, words, now)
    if named:
        held.talk.show_list("offers", named)
    await conversations.keep_talk(db, held, now)


async def hand_back(
    office: Office, db: Connection, officer: Officer, person_id: int, promise: Promise | None, now: datetime
) -> bool:
    """Gives the word back to the assistant, which says so; a promise becomes a ticket with its own due time."""
    if not await conversations.release(db, person_id, officer.id):
        return False
    told = ""
    if promise is not None:
        ticket = await tickets.open_ticket(
            db, TicketKind.OFFICER, person_id, promise.what, now, promise.due_at, about=PROMISE
        )
        await dues.plan(db, "ticket", f"ticket:{ticket.code}", ticket.due_at, person_id, {"code": ticket.code})
        told = f" Cán bộ {officer.name} hẹn {promise.what} trước {say_time(promise.due_at)}, mã {ticket.code}."
    text = f"Em là trợ lý, em trở lại rồi ạ.{told} Anh/chị cần gì cứ nhắn em."
    await _say_back(db, person_id, text, f"back:{person_id}:{now:%Y%m%d%H%M%S%f}", Kind.REPLY, now)
    await audit.note(db, officer.name, "hand_back", "person", str(person_id), now, reason=told.strip() or None)
    return True


async def _say_back(db: Connection, person_id: int, text: str, key: str, kind: Kind, now: datetime) -> None:
    held = await conversations.hold(db, person_id)
    going_on = held is not None and held.talk.form is not None
    choices = (Choice("Tiếp tục phiếu", "resume", ("tiep", "tiep tuc")),) if going_on else ()
    await outbox.put(db, kind, person_id, Reply(text, choices), key, now, now)


async def leave(db: Connection, officer_id: int, now: datetime) -> None:
    """Whoever may speak no more holds nothing: their talks go back to the assistant within the minute."""
    for person_id in await conversations.expire(db, officer_id, now):
        key = f"idle:{person_id}:{now:%Y%m%d%H%M%S%f}:left"
        await dues.plan(db, "idle", key, now, person_id, {"officer": officer_id})


async def return_idle(office: Office, db: Connection, due: Due, now: datetime) -> str:
    """After four working hours without an officer's word the talk goes back to the assistant and the queue."""
    person_id, officer_id = due.person_id or 0, int(due.payload["officer"])
    if not await conversations.release(db, person_id, officer_id, by=now):
        return "still held or handed back"
    who = await officers.find(db, officer_id)
    name = who.name if who else "phụ trách"
    due_at = office.worktime.promise(now)
    words = shorten(f"Cán bộ {name} dừng giữa chừng, cuộc trò chuyện trở lại hàng chờ.", 200)
    ticket = await tickets.open_ticket(db, TicketKind.OFFICER, person_id, words, now, due_at)
    await dues.plan(db, "ticket", f"ticket:{ticket.code}", ticket.due_at, person_id, {"code": ticket.code})
    text = (
        f"Cán bộ {name} bận việc chưa trả lời tiếp được nên em quay lại với anh/chị. Việc đã vào lại hàng chờ, mã "
        f"{ticket.code}; cán bộ trả lời trước {say_time(ticket.due_at)}. Trong lúc chờ, anh/chị cứ hỏi em."
    )
    await _say_back(db, person_id, text, f"lapse:{due.key}", Kind.NOTICE, now)
    speaks = who is not None and who.may(Permission.TALK)
    why = "quá 4 giờ làm việc không trả lời" if speaks else "không còn quyền trả lời người dân"
    await audit.note(db, name, "hand_back", "person", str(person_id), now, reason=why)
    return "returned"
