"""The inbox: who waits for a human, one talk with what is known beside it, taking over and handing back."""

import re
import secrets
from datetime import datetime
from typing import Annotated, Any

from fastapi import Form, HTTPException, Response

from console.doors import Doors, Here, Refused, Visit
from conversation.need_form import from_entities
from conversation.talk import Talk
from domain.need import Field, Need
from domain.officer import Permission
from domain.worktime import ZONE, local
from handlers import takeover
from handlers.takeover import Promise
from nlu.understanding import Context, Understanding
from storage import audit, conversations, dues, knowledge, needs, notes, officers, talks, tickets
from storage.conversations import Look
from storage.database import Connection

doors = Doors()
TABS = (("cho", "Đang chờ"), ("toi", "Tôi đang giữ"), ("giu", "Đang có người giữ"), ("tat-ca", "Tất cả"))
READ = 3  # newest messages of the person whose entities are shown
AT_HAND = 3  # approved answers offered beside the composer
ONCE = re.compile(r"[A-Za-z0-9_-]{8,40}")


@doors.see("/hop-thu", Permission.LOOK)
async def show_list(visit: Here, muc: str = "cho", sau: str = "") -> Response:
    """Who waits, by due time; whom officers speak with; all talks."""
    async with visit.desk.database.read() as db:
        counts = await talks.counts(db, visit.officer.id, visit.now)
        if muc == "toi":
            rows = await talks.held_by(db, visit.officer.id, sau)
        elif muc == "giu":
            rows = await talks.held_by(db, None, sau)
        elif muc == "tat-ca":
            rows = await talks.recent(db, sau)
        else:
            muc, rows = "cho", await talks.waiting(db, sau)
        names = await officers.names(db)
    shown = {"cho": counts["waiting"], "toi": counts["mine"], "giu": counts["held"]}
    older = rows[-1].cursor if len(rows) == talks.PAGE else None
    values: dict[str, Any] = {"rows": rows, "names": names, "tabs": TABS, "tab": muc, "counts": shown, "older": older}
    return visit.page("inbox_list.html" if visit.partial else "inbox.html", **values)


# --- one talk ---------------------------------------------------------------------------------------------------
@doors.see("/hop-thu/{person_id}", Permission.LOOK)
async def show_talk(visit: Here, person_id: int, truoc: int | None = None, tim: str = "") -> Response:
    """One talk with what is known beside it."""
    piece = {"talk": "talk_lines.html", "owner": "talk_owner.html"}.get(visit.request.headers.get("hx-target", ""))
    if visit.partial and piece:  # asked for each time somebody says something: no more than is shown
        async with visit.desk.database.read() as db:
            return visit.page(piece, **(await _lines(visit, db, await _look(db, person_id), truoc)))
    return visit.page("talk.html", **(await _talk(visit, person_id, truoc, tim)))


async def _look(db: Connection, person_id: int) -> Look:
    found = await conversations.look(db, person_id)
    if found is None:
        raise HTTPException(404)
    return found


async def _lines(visit: Visit, db: Connection, held: Look, before: int | None) -> dict[str, Any]:
    """Who speaks and what was said: the pieces of a talk that follow it live."""
    said, names = await talks.lines(db, held.person.id, before), await officers.names(db)
    by_officer = held.holding.owner == "officer"
    mine = by_officer and held.holding.officer_id == visit.officer.id
    other = names.get(held.holding.officer_id or 0) if by_officer and not mine else None
    values: dict[str, Any] = {"who": held.person, "holding": held.holding, "reachable": held.reachable}
    return {**values, "said": said, "names": names, "mine": mine, "other": other}


async def _talk(visit: Visit, person_id: int, before: int | None, search: str) -> dict[str, Any]:
    async with visit.desk.database.read() as db:
        held = await _look(db, person_id)
        values = await _lines(visit, db, held, before)
        values |= {
            "promises": await tickets.of_person(db, person_id),
            "needs": await needs.of_person(db, person_id, 3),
            "notes": (await notes.of(db, "person", str(person_id)))[:3],
        }
    said = values["said"]  # from here on outside the transaction: to read what was said takes longest
    newest = [line for line in said if line.by == "person"][-READ:]
    about = Context(programme=held.talk.recall_programme(visit.now))
    read = [visit.desk.office.mind.understand(line.text[:1000], about, line.at) for line in newest]
    values |= {
        "before": before,
        "older": said[0].id if len(said) >= 40 and said[0].id else None,
        "facts": _facts(held.talk, read, values["needs"]),
        "at_hand": await _at_hand(visit, read, search) if visit.may("talk") else [],
        "search": search,
        "once": secrets.token_urlsafe(12),
    }
    return {**values, "words": "", "wrong": ""}


def _facts(talk: Talk, read: list[Understanding], stated: list[Need]) -> list[tuple[str, str]]:
    """What the person has told: the open form, then what the newest messages state, then the newest need."""
    found: dict[str, str] = {}
    form = talk.form or {}
    for field in Field:
        if field.value in form and field is not Field.CONTACT:
            found[field.short] = form[field.value]["words"]
    for said in read:
        for field, row in from_entities(said.entities, "").items():
            if field is not Field.CONTACT:
                found.setdefault(field.short, row["words"])
    for field in Field:
        told = stated[0].fields.get(field.value) if stated else None
        if told and not told.get("unknown") and field is not Field.CONTACT:
            found.setdefault(field.short, told["words"])
    return list(found.items())


async def _at_hand(visit: Visit, read: list[Understanding], search: str) -> list[tuple[str, str, str]]:
    """Approved answers that fit what was asked last, or what the officer looks for: (id, question, words)."""
    asked: list[Understanding] = list(reversed(read))
    if search.strip():
        asked = [visit.desk.office.mind.understand(search[:300], Context(), visit.now)]
    ids: list[str] = []
    for said in asked:
        ids += [key for key in (said.answer, *(guess.answer for guess in said.alternatives)) if key]
    async with visit.desk.database.read() as db:
        found = await knowledge.sayable(db, ids, local(visit.now).date())
    return [(one.answer_id, one.question, one.short) for one in found[:AT_HAND]]


# --- deeds ------------------------------------------------------------------------------------------------------
@doors.do("/hop-thu/{person_id}/tiep-quan", Permission.TALK)
async def take_over(visit: Here, person_id: int) -> Response:
    """Makes this officer the one who speaks."""
    async with visit.desk.database.write() as db:
        holding = await conversations.holding(db, person_id)
        if holding is None:
            raise HTTPException(404)
        done = await takeover.take_over(visit.desk.office, db, visit.officer, person_id, visit.now)
        names = await officers.names(db)
    if not done:
        return visit.go(f"/hop-thu/{person_id}", f"held:{names.get(holding.officer_id or 0, 'Người khác')}")
    return visit.go(f"/hop-thu/{person_id}", "taken")


@doors.do("/hop-thu/{person_id}/noi", Permission.TALK)
async def speak(
    visit: Here,
    person_id: int,
    words: Annotated[str, Form(max_length=takeover.LONGEST)] = "",
    once: Annotated[str, Form()] = "",
) -> Response:
    """Says the officer's words to the person."""
    words = words.strip()
    if not words or not ONCE.fullmatch(once):
        return visit.go(f"/hop-thu/{person_id}")
    async with visit.desk.database.write() as db:
        done = await takeover.speak(visit.desk.office, db, visit.officer, person_id, words, once, visit.now)
    if not done:
        values = await _talk(visit, person_id, None, "")
        wrong = "Anh/chị không còn giữ cuộc trò chuyện này nên tin chưa gửi. Bấm Tiếp quản rồi gửi lại."
        return visit.page("talk.html", 409, **{**values, "words": words, "wrong": wrong})
    visit.desk.wake()
    return visit.go(f"/hop-thu/{person_id}")


@doors.do("/hop-thu/{person_id}/tra-lai", Permission.TALK)
async def hand_back(
    visit: Here,
    person_id: int,
    promise: Annotated[str, Form(max_length=200)] = "",
    by: Annotated[str, Form(max_length=20)] = "",
) -> Response:
    """Gives the word back to the assistant, with a promise or without."""
    kept = None
    if promise.strip():
        kept = Promise(
            promise.strip().rstrip("."), _instant(by, visit.now) or visit.desk.office.worktime.promise(visit.now)
        )
    async with visit.desk.database.write() as db:
        done = await takeover.hand_back(visit.desk.office, db, visit.officer, person_id, kept, visit.now)
    visit.desk.wake()
    return visit.go(f"/hop-thu/{person_id}", "handed-back" if done else "")


def _instant(text: str, now: datetime) -> datetime | None:
    """The instant of a date-and-time field (clock of Việt Nam), if it lies ahead."""
    try:
        at = datetime.fromisoformat(text).replace(tzinfo=ZONE)
    except ValueError:
        return None
    return at if at > now else None


@doors.do("/viec/{code}/xong", Permission.TALK)
async def end_ticket(visit: Here, code: str, reason: Annotated[str, Form(max_length=500)] = "") -> Response:
    """Ends a promise that was kept some other way; the reason says how."""
    if not reason.strip():
        raise Refused("Anh/chị ghi một câu: việc này đã xong thế nào.")
    async with visit.desk.database.write() as db:
        held = await tickets.find_ticket(db, code)
        if held is None:
            raise HTTPException(404)
        if held.kind is tickets.TicketKind.ERASURE:
            raise Refused("Việc xoá dữ liệu tự chạy, không khép bằng tay.")
        await tickets.end_ticket(db, code, "done", visit.now)
        await dues.drop(db, f"ticket:{code}")
        states = ({"trạng thái": held.state}, {"trạng thái": "done"})
        await audit.note(db, visit.officer.name, "close_ticket", "ticket", code, visit.now, reason, *states)
    return visit.go(f"/hop-thu/{held.person_id}" if held.person_id else "/hop-thu", f"ticket-done:{code}")
