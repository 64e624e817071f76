"""An event that was moved or cancelled: whoever has a place hears it once, reminders follow its day."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from conversation.reply import Choice, Reply
from domain.event import Event, EventState
from domain.notice import Kind
from domain.person import Alert
from handlers import badge, events
from handlers.turn import Office
from handlers.words import event_time
from storage import catalogue, dues, outbox, people, seats
from storage.database import Connection
from storage.dues import Standing
from storage.seats import Place


async def follow(office: Office, db: Connection, event_id: str, now: datetime) -> int:
    """What a change of an event, whoever wrote it, means for those who have a place; how many were told."""
    event = await catalogue.find_event(db, event_id)
    if event is None or event.start <= now:
        return 0
    if event.state is EventState.CANCELLED:
        return await events.tell_cancelled(office, db, event, now)
    if event.state is not EventState.PUBLISHED:
        return 0
    planned = await dues.standing(db, "remind", f"remind:{event.id}:")
    moved = {one.person_id for one in planned if one.payload.get("told", "") not in ("", events.told_of(event))}
    return await tell_moved(office, db, event, now, moved) if moved else 0


async def tell_moved(
    office: Office, db: Connection, event: Event, now: datetime, whom: Collection[int | None] | None = None
) -> int:
    """Another hour or place: those with a place (all, or those of `whom`) get it with a new calendar entry; how many."""
    told = 0
    for person_id, place in await seats.everybody(db, event.id):
        if whom is not None and person_id not in whom:
            continue
        if place.heads and await _wants_reminders(db, event, person_id):
            await events.plan_reminders(office, db, event, person_id, now)
        said = {"event": event.id, "told": events.told_of(event)}
        await dues.note(db, "remind", f"remind:{event.id}:{person_id}:", said)
        at = office.worktime.next_push(now)
        at = now if at >= event.start else at
        key = f"seat:moved:{event.id}:{person_id}:{event.revision}:{event.start:%Y%m%d%H%M}"
        told += await outbox.put(db, Kind.NOTICE, person_id, _moved(office, place), key, at, now)
    return told


def _moved(office: Office, place: Place) -> Reply:
    event = place.event
    where = f" tại {event.place}" if event.place else ""
    kept = f"Em vẫn giữ {place.heads} chỗ cho anh/chị." if place.heads else "Anh/chị vẫn trong danh sách chờ."
    text = f"{event.title} có thay đổi, nay là {event_time(event)}{where}. {kept} Không đi được thì anh/chị bấm Huỷ."
    choices = (Choice("Huỷ đăng ký", f"unregister:{event.id}", ("huy", "khong di duoc")),)
    if not place.heads:
        return Reply(text, choices)
    entry = replace(events.calendar_entry(event), url=badge.address(office, f"lich/{place.number}", ".ics"))
    return Reply(text, choices, gathering=entry)


async def _wants_reminders(db: Connection, event: Event, person_id: int) -> bool:
    """Whether they are to be reminded: a reminder stands, or one has been sent and they have not left since."""
    rows = await dues.standing(db, "remind", f"remind:{event.id}:{person_id}:")
    return any(map(_ahead, rows)) or (bool(rows) and (await people.find(db, person_id)).alert is not Alert.OFF)


def _ahead(row: Standing) -> bool:
    return row.open or row.outcome == dues.PAUSED
