"""Shows coming events, books seats, gives them back."""

import re
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

from conversation.ordinals import listed_place
from conversation.reply import Choice, Gathering, Reply
from domain.event import Event, EventState
from domain.notice import Kind
from domain.text import fold
from domain.worktime import ZONE, local
from handlers import badge
from handlers.turn import Office, Turn
from handlers.words import ASK_OFFICER, event_card, event_line, event_time, trimmed
from storage import catalogue, dues, outbox, seats
from storage.database import Connection
from storage.dues import Due
from storage.seats import Place

SHOWN = 4
MOST_HEADS = 20
BOOKS = re.compile(r"\b(?:dang ky|dk|tham gia|tham du|giu cho|ghi ten)\b")
HEADS = re.compile(r"\b(\d{1,3})\s*(?:nguoi|ng|suat|cho)\b")
DAY_ENDS, FORENOON_ENDS, LATE = time(17), time(11, 30), time(15)


async def browse(turn: Turn) -> Reply:
    """Lists coming events, those that fit what was named first."""
    coming = await catalogue.coming_events(turn.db, turn.now)
    if not coming:
        return Reply("Hiện chưa có hội thảo nào sắp tới. Có là em báo anh/chị.")
    named = {fold(term) for key in ("product", "process") for term in _many(turn.entities.get(key))}
    coming.sort(key=lambda event: not (named & _topics(event)))
    found = coming[:SHOWN]
    turn.talk.listed["events"] = [event.id for event in found]
    room = max((turn.room - 80) // len(found), 70)
    lines = [f"{index}. {trimmed(event_line(event), room - 4)}" for index, event in enumerate(found, 1)]
    choices = tuple(Choice(trimmed(event.title), f"event:{event.id}") for event in found)
    return Reply("Sắp tới có:\n" + "\n".join(lines) + "\nAnh/chị muốn xem số mấy ạ?", choices)


def _many(value: Any) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value or ())


def _topics(event: Event) -> set[str]:
    return {fold(term) for terms in event.topics.values() for term in terms}


async def show(turn: Turn, event_id: str) -> Reply:
    """Shows one event in detail."""
    event = await catalogue.find_event(turn.db, event_id)
    if event is None or event.state is EventState.SUBMITTED:
        return Reply("Sự kiện này hiện không còn ạ.")
    if event.state is EventState.CANCELLED:
        return Reply(f"{event.title}: ban tổ chức đã huỷ. Mong anh/chị thông cảm.")
    turn.talk.listed["event"] = [event_id]
    choices = (Choice("Đăng ký tham dự", f"register:{event_id}", ("dang ky", "tham gia", "di")), ASK_OFFICER)
    return Reply(event_card(event), choices, long=True)


async def _meant(turn: Turn) -> Event | None:
    """The event a message means: the one shown last, the only one listed, or the one whose title it names."""
    coming = {event.id: event for event in await catalogue.coming_events(turn.db, turn.now)}
    listed = [key for key in turn.talk.listed.get("events", ()) if key in coming]
    if (place := listed_place(turn.text, len(listed))) is not None:
        return coming[listed[place]]
    shown = turn.talk.listed.get("event") or []
    if shown and shown[0] in coming:
        return coming[shown[0]]
    if len(coming) == 1:
        return next(iter(coming.values()))
    words = set(fold(turn.text).split())
    scored = [(len(words & set(fold(event.title).split())), event.id) for event in coming.values()]
    best = max(scored, default=(0, ""))
    return coming[best[1]] if best[0] >= 3 else None


async def take_listed(turn: Turn) -> Reply | None:
    """Books the one of the listed events that a message means by its place; None when it means none."""
    listed = turn.talk.listed.get("events", ())
    books = BOOKS.search(fold(turn.text)) is not None and not turn.said.asks
    return await register(turn) if books and listed_place(turn.text, len(listed)) is not None else None


async def register(turn: Turn, event_id: str | None = None) -> Reply:
    """Books seats for the person and those who come along."""
    event = await catalogue.find_event(turn.db, event_id) if event_id else await _meant(turn)
    if event is None:
        return await browse(turn)
    if event.state is not EventState.PUBLISHED or event.start <= turn.now:
        return Reply(f"{event.title}: đã qua hoặc đã huỷ nên em không ghi chỗ được ạ.")
    said = HEADS.search(fold(turn.text))
    heads = turn.entities.get("head_count") or (int(said[1]) if said else 1)
    if not isinstance(heads, int) or not 1 <= heads <= MOST_HEADS:
        return Reply(f"Em ghi được từ 1 đến {MOST_HEADS} người một lần. Anh/chị đi mấy người ạ?")
    had = await seats.place(turn.db, event.id, turn.person.id)
    place = await seats.register(turn.db, event.id, turn.person.id, heads, turn.now)
    turn.talk.listed["event"] = [event.id]
    if had is not None and place.heads + place.offered < had.heads + had.offered:
        await pass_on(turn.office, turn.db, event, turn.now)
    return await _booked(turn, place)


async def _booked(turn: Turn, place: Place) -> Reply:
    if place.heads:
        await _plan_reminders(turn, place.event)
    if not place.heads:
        return Reply(_booked_words(place))
    entry = replace(calendar_entry(place.event), url=badge.address(turn.office, f"lich/{place.number}", ".ics"))
    return Reply(_booked_words(place), gathering=entry, files=(badge.picture(turn.office, place),))


def calendar_entry(event: Event) -> Gathering:
    """The event as a calendar takes it."""
    return Gathering(
        uid=f"{event.id}@nhipcau",
        title=event.title,
        start=event.start,
        end=event.end,
        place=event.place,
        organiser=event.organiser,
        sequence=event.revision,
        latitude=event.latitude,
        longitude=event.longitude,
    )


def _booked_words(place: Place) -> str:
    event, waiting = place.event, place.waiting
    where = f" tại {event.place}" if event.place else ""
    when = f"{event_time(event)}{where}"
    line = f"{waiting} người vào danh sách chờ (thứ {place.turn})"
    door = f"Đến cửa, anh/chị đưa mã QR hoặc đọc mã {badge.spoken(place.code)}. "
    if place.heads and waiting:
        return (
            f"Hội thảo còn 0 chỗ trống: em giữ {place.heads} chỗ, {line}. {event.title}, {when}. {door}"
            "Có chỗ trống em báo ngay theo thứ tự."
        )
    if waiting:
        return f"Đã hết chỗ, em ghi {line}: {event.title}, {when}. Có chỗ em báo ngay theo thứ tự."
    free = " Miễn phí." if event.free else ""
    return (
        f"Em đã giữ {place.heads} chỗ: {event.title}, {when}.{free} {door}"
        "Đi nhiều người thì nhắn “đi 2 người”; không đi được thì nhắn “huỷ đăng ký”."
    )


async def _plan_reminders(turn: Turn, event: Event) -> None:
    eve = datetime.combine(local(event.start).date() - timedelta(days=1), time(8), ZONE)
    for name, at in (("eve", eve), ("soon", event.start - timedelta(hours=2))):
        quiet = name == "soon" and not turn.office.worktime.may_push(at)
        if at > turn.now and not quiet:
            key = f"remind:{event.id}:{turn.person.id}:{name}"
            await dues.plan(turn.db, "remind", key, at, turn.person.id, {"event": event.id})


async def cancel(turn: Turn) -> Reply:
    """Gives the seats back."""
    mine = await seats.of_person(turn.db, turn.person.id, turn.now)
    if not mine:
        return Reply("Anh/chị chưa đăng ký sự kiện nào sắp tới ạ.")
    shown = turn.talk.listed.get("event") or []
    chosen = [place for place in mine if place.event.id in shown] or mine
    if len(chosen) > 1:
        titles = [place.event for place in chosen[:SHOWN]]
        choices = tuple(Choice(trimmed(event.title), f"unregister:{event.id}") for event in titles)
        return Reply("Anh/chị muốn huỷ đăng ký sự kiện nào ạ?", choices)
    return await give_back(turn, chosen[0].event.id)


async def give_back(turn: Turn, event_id: str) -> Reply:
    """Gives the seats at one event back; the next in the line is asked."""
    event = await catalogue.find_event(turn.db, event_id)
    if event is None:
        return Reply("Sự kiện này hiện không còn ạ.")
    freed = await seats.unregister(turn.db, event_id, turn.person.id, turn.now)
    for name in ("eve", "soon"):
        await dues.drop(turn.db, f"remind:{event_id}:{turn.person.id}:{name}")
    await pass_on(turn.office, turn.db, event, turn.now)
    given = f" Em trả lại {freed} chỗ cho người khác." if freed else ""
    return Reply(f"Em đã huỷ đăng ký: {event.title}.{given} Cảm ơn anh/chị đã báo.")


# --- the line ---------------------------------------------------------------------------------------------------
def kept_until(office: Office, event: Event, now: datetime) -> datetime:
    """How long a freed seat is kept for whoever is next: to 17:00, later in the day to the next forenoon; UTC."""
    start = local(office.worktime.next_push(now))
    until = datetime.combine(start.date(), DAY_ENDS, ZONE)
    if start.time() >= LATE:
        until = datetime.combine(start.date() + timedelta(days=1), FORENOON_ENDS, ZONE)
    return min(until, local(event.start) - timedelta(hours=1)).astimezone(UTC)


async def pass_on(office: Office, db: Connection, event: Event, now: datetime) -> int:
    """Offers free seats to those who wait, in order, each for a time; how many were asked."""
    until = kept_until(office, event, now)
    if until <= now:
        return 0
    freed = await seats.offer_freed(db, event.id, until)
    for one in freed:
        text = (
            f"{event.title} vừa có {one.seats} chỗ trống, em giữ cho anh/chị đến {local(until):%H:%M} ngày "
            f"{local(until):%d/%m}. Anh/chị lấy không ạ?"
        )
        choices = (
            Choice("Lấy", f"seat:{event.id}/take", ("lay", "co", "dong y", "nhan")),
            Choice("Bỏ", f"seat:{event.id}/leave", ("bo", "khong", "thoi", "khong di")),
        )
        key = f"seat:{event.id}:{one.person_id}:{until:%Y%m%d%H%M}:{now:%Y%m%d%H%M%S%f}"
        at = office.worktime.next_push(now)
        await outbox.put(db, Kind.NOTICE, one.person_id, Reply(text, choices), key, at, now)
        held = {"event": event.id, "until": until.isoformat()}
        await dues.plan(db, "seat", f"lapse-{key}", until, one.person_id, held)
    return len(freed)


async def answer_offer(turn: Turn, argument: str) -> Reply:
    """Takes or leaves seats that were kept."""
    event_id, _, word = argument.rpartition("/")
    event = await catalogue.find_event(turn.db, event_id)
    if event is None or event.state is not EventState.PUBLISHED:
        return Reply("Sự kiện này hiện không còn ạ.")
    if word == "take":
        place = await seats.accept(turn.db, event_id, turn.person.id, turn.now)
        if place is None:
            return Reply("Chỗ này đã quá giờ giữ nên em nhường người sau. Anh/chị muốn chờ tiếp thì nhắn “đăng ký”.")
        turn.talk.listed["event"] = [event_id]
        return await _booked(turn, place)
    given = await seats.decline(turn.db, event_id, turn.person.id, turn.now)
    await pass_on(turn.office, turn.db, event, turn.now)
    return Reply("Dạ, em nhường chỗ cho người sau." if given else "Dạ, em đã ghi.")


async def lapse_offer(office: Office, db: Connection, due: Due, now: datetime) -> str:
    """Nobody answered in time: the seat goes to the next."""
    event = await catalogue.find_event(db, due.payload["event"])
    until = datetime.fromisoformat(due.payload["until"])
    if event is None or due.person_id is None or not await seats.decline(db, event.id, due.person_id, now, until):
        return "answered"
    text = f"Quá giờ giữ chỗ nên em nhường chỗ ở {event.title} cho người sau. Anh/chị muốn chờ tiếp thì nhắn “đăng ký”."
    at = office.worktime.next_push(now)
    await outbox.put(db, Kind.NOTICE, due.person_id, Reply(text), f"seat:over:{due.key}", at, now)
    return f"passed on to {await pass_on(office, db, event, now)}"


async def tell_cancelled(office: Office, db: Connection, event: Event, now: datetime) -> int:
    """The event will not be: whoever has a place is told; how many."""
    told = 0
    for person_id, _ in await seats.everybody(db, event.id):
        text = f"Ban tổ chức đã huỷ {event.title} ({event_time(event)}). Mong anh/chị thông cảm."
        at = office.worktime.next_push(now)
        told += await outbox.put(
            db, Kind.NOTICE, person_id, Reply(text), f"seat:cancelled:{event.id}:{person_id}", at, now
        )
    return told
