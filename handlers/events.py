"""Shows coming events, books seats, gives them back."""

import re
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

from conversation.attendance import heads, picks
from conversation.reply import Choice, Gathering, Reply
from domain.event import Event, EventState, RegistrationState
from domain.notice import Kind
from domain.text import fold, nfc
from domain.worktime import ZONE, local
from handlers import badge
from handlers.turn import Office, Turn
from handlers.words import ASK_OFFICER, event_card, event_line, event_time, there, trimmed
from storage import catalogue, dues, outbox, seats
from storage.database import Connection
from storage.dues import Due
from storage.seats import Place

SHOWN = 4
MOST_HEADS = 20
TOPIC = "event"
DAY_ENDS, FORENOON_ENDS, LATE = time(17), time(11, 30), time(15)


async def browse(turn: Turn) -> Reply:
    """Lists coming events, those that fit what was named first."""
    coming = await catalogue.coming_events(turn.db, turn.now)
    if not coming:
        return Reply(
            "Hiện chưa có hội thảo nào sắp tới. Anh/chị cần buổi về việc gì, nhắn em một câu để cán bộ biết nhé."
        )
    named = {fold(term) for key in ("product", "process") for term in _many(turn.entities.get(key))}
    coming.sort(key=lambda event: not (named & _topics(event)))
    found = coming[:SHOWN]
    turn.talk.show_list("events", [event.id for event in found])
    fitting = [event.id for event in found if named & _topics(event)]
    turn.talk.listed["event"] = (
        fitting if len(fitting) == 1 else []
    )  # "buổi đó" is the one asked for, never an older one
    turn.talk.topic = TOPIC
    lead = _none_about(turn, found) if not named & {term for event in coming for term in _topics(event)} else ""
    room = max((turn.room - 80 - len(lead)) // len(found), 70)
    lines = [f"{index}. {trimmed(event_line(event), room - 4)}" for index, event in enumerate(found, 1)]
    choices = tuple(Choice(trimmed(event.title), f"event:{event.id}") for event in found)
    return Reply(f"{lead}Sắp tới có:\n" + "\n".join(lines) + "\nAnh/chị muốn xem số mấy ạ?", choices)


ABOUT = re.compile(r"\b(?:ve|chu de)\s+(.{2,40}?)(?:\s+(?:khong|ko|k|nao|em|a|vay|the|chua|nhi|sap toi))*\W*$")


def _none_about(turn: Turn, found: list[Event]) -> str:
    """The truth where a topic was asked for that no coming event has; empty otherwise."""
    asked = ABOUT.search(fold(turn.text))
    if asked is None or picks(turn.text, found, turn.today):
        return ""
    return f"Em chưa thấy buổi nào về “{nfc(turn.text)[asked.start(1) : asked.end(1)]}”. "


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
    turn.talk.listed["event"], turn.talk.topic = [event_id], TOPIC
    choices = (Choice("Đăng ký tham dự", f"register:{event_id}", ("dang ky", "tham gia", "di")), ASK_OFFICER)
    return Reply(event_card(event), choices, long=True)


async def coming_listed(turn: Turn) -> list[Event]:
    """The events listed last that are still to come, in their order; all to come when none were listed."""
    coming = {event.id: event for event in await catalogue.coming_events(turn.db, turn.now)}
    listed = [coming[key] for key in turn.talk.listed.get("events", ()) if key in coming]
    return listed or list(coming.values())


async def meant(turn: Turn) -> list[Event]:
    """The events a message may mean: those it names, else the one shown last, else the only one."""
    listed = await coming_listed(turn)
    found = [listed[at] for at in picks(turn.text, listed, turn.today)]
    if not found:
        every = await catalogue.coming_events(turn.db, turn.now)
        found = [every[at] for at in picks(turn.text, every, turn.today)]
        shown = turn.talk.listed.get("event") or []
        found = found or [event for event in every if event.id in shown] or (every if len(every) == 1 else [])
    return found


async def ask_which(turn: Turn, events: list[Event], count: int | None, lead: str = "") -> Reply:
    """Asks which event is to be booked; the number of people said before is kept in the choices."""
    found = events[:SHOWN]
    turn.talk.listed["events"], turn.talk.listed["event"] = [event.id for event in found], []
    turn.talk.topic = TOPIC
    lines = [f"{index}. {trimmed(event_line(event), 110)}" for index, event in enumerate(found, 1)]
    whom = f"/{count}" if count else ""
    choices = tuple(Choice(trimmed(event.title), f"register:{event.id}{whom}") for event in found)
    for_whom = f" cho {count} người" if count else ""
    return Reply(
        f"{lead or f'Dạ, đăng ký{for_whom}. Có các buổi:'}\n" + "\n".join(lines) + "\nAnh/chị đi buổi nào ạ?",
        choices,
        quick=True,
    )


async def register(turn: Turn, wanted: str | None = None) -> Reply:
    """Books seats for the person and those who come along; `wanted` is an event, or an event with heads: "E001/2"."""
    key, _, said = (wanted or "").partition("/")
    if not key:
        found = await meant(turn)
        if len(found) != 1:
            coming = found or await catalogue.coming_events(turn.db, turn.now)
            names = not found and {"product", "process"} & set(turn.entities)
            lead = "Em chưa thấy đúng buổi ấy trong lịch sắp tới. Đang có:" if names else ""
            return await (ask_which(turn, coming, heads_said(turn), lead) if coming else browse(turn))
        key = found[0].id
    return await book(turn, key, int(said) if said.isdigit() else None)


def heads_said(turn: Turn, had: int | None = None) -> int | None:
    """How many people come by the message, None when it does not say."""
    said = heads(turn.text, had) if turn.pressed is None else None
    told = turn.entities.get("head_count") if said is None and turn.pressed is None else None
    return said if said is not None else told if isinstance(told, int) else None


async def book(turn: Turn, event_id: str, count: int | None) -> Reply:
    """Books one event; without a count what was booked before stays, else one seat is taken."""
    event = await catalogue.find_event(turn.db, event_id)
    if event is None:
        return await browse(turn)
    if event.state is not EventState.PUBLISHED or event.start <= turn.now:
        return Reply(f"{event.title}: đã qua hoặc đã huỷ nên em không ghi chỗ được ạ.")
    had = await seats.place(turn.db, event.id, turn.person.id)
    before = (
        had.heads + had.waiting + had.offered if had is not None and had.state is not RegistrationState.CANCELLED else 0
    )
    count = count if count is not None else heads_said(turn, before or None)
    count = before or 1 if count is None else count
    if before and count == 0:
        return await give_back(turn, event.id)
    if not 1 <= count <= MOST_HEADS:
        turn.talk.listed["event"], turn.talk.topic = [event.id], TOPIC
        return Reply(f"Em ghi được từ 1 đến {MOST_HEADS} người một lần. Anh/chị đi mấy người ạ?")
    place = await seats.register(turn.db, event.id, turn.person.id, count, turn.now)
    turn.talk.listed["event"], turn.talk.topic = [event.id], TOPIC
    if had is not None and place.heads + place.offered < had.heads + had.offered:
        await pass_on(turn.office, turn.db, event, turn.now)
    return await _booked(turn, place, before)


async def _booked(turn: Turn, place: Place, before: int = 0) -> Reply:
    if place.heads:
        await plan_reminders(turn.office, turn.db, place.event, turn.person.id, turn.now)
    if not place.heads:
        return Reply(_booked_words(place, before))
    entry = replace(calendar_entry(place.event), url=badge.address(turn.office, f"lich/{place.number}", ".ics"))
    return Reply(_booked_words(place, before), gathering=entry, files=(badge.picture(turn.office, place),))


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


def _booked_words(place: Place, before: int) -> str:
    event, waiting = place.event, place.waiting
    where = f" tại {event.place}" if event.place else ""
    when = f"{event_time(event)}{where}"
    line = f"{waiting} người vào danh sách chờ (thứ {place.turn})"
    door = f"Đến cửa, anh/chị đưa mã QR hoặc đọc mã {badge.spoken(place.code)}. "
    if place.heads and waiting:
        return (
            f"Em giữ {place.heads} chỗ, {line}, giờ còn 0 chỗ trống: {event.title}, {when}.{there(event)} {door}"
            "Có chỗ trống em báo ngay theo thứ tự."
        )
    if waiting:
        return f"Đã hết chỗ, em ghi {line}: {event.title}, {when}. Có chỗ trống em báo ngay theo thứ tự."
    free = " Miễn phí." if event.free else ""
    same = before == place.heads
    was = f" (trước là {before} chỗ)" if before and not same else ""
    return (
        f"{'Anh/chị đã có' if same else 'Em đã giữ'} {place.heads} chỗ{was}: {event.title}, {when}.{there(event)}{free} {door}"
        f"{'' if before else 'Đi nhiều người thì nhắn “đi 2 người”; '}"
        f"{'Không' if before else 'không'} đi được thì nhắn “huỷ đăng ký”."
    )


def told_of(event: Event) -> str:
    """When and where an event is, as it was told to whoever booked; a change of it is news to them."""
    return f"{event.start.astimezone(UTC):%Y%m%d%H%M} {event.place}"


async def plan_reminders(office: Office, db: Connection, event: Event, person_id: int, now: datetime) -> None:
    """The day before at 08:00 and two hours before; what was planned for another day of the event moves with it."""
    eve = datetime.combine(local(event.start).date() - timedelta(days=1), time(8), ZONE)
    payload = {"event": event.id, "told": told_of(event)}
    for name, at in (("eve", eve), ("soon", event.start - timedelta(hours=2))):
        key = f"remind:{event.id}:{person_id}:{name}"
        if at <= now or (name == "soon" and not office.worktime.may_push(at)):
            await dues.drop(db, key)
        elif not await dues.move(db, key, at, payload):
            await dues.again(db, "remind", key, at, person_id, payload)


async def cancel(turn: Turn) -> Reply:
    """Gives the seats back, or some of them: "huỷ 2 suất"."""
    mine = await seats.of_person(turn.db, turn.person.id, turn.now)
    if not mine:
        return Reply("Anh/chị chưa đăng ký sự kiện nào sắp tới ạ.")
    shown = turn.talk.listed.get("event") or []
    named = [mine[at] for at in picks(turn.text, [place.event for place in mine], turn.today)] if len(mine) > 1 else []
    chosen = named or [place for place in mine if place.event.id in shown] or mine
    if len(chosen) > 1:
        titles = [place.event for place in chosen[:SHOWN]]
        choices = tuple(Choice(trimmed(event.title), f"unregister:{event.id}") for event in titles)
        return Reply("Anh/chị muốn huỷ đăng ký sự kiện nào ạ?", choices)
    (place,) = chosen
    had = place.heads + place.waiting + place.offered
    left = heads(turn.text, had) if re.search(r"\b(?:huy|bot|rut|tru|giam)\s+(?:di\s+)?\d", fold(turn.text)) else 0
    return await (book(turn, place.event.id, left) if left and left < had else give_back(turn, place.event.id))


async def give_back(turn: Turn, event_id: str) -> Reply:
    """Gives the seats at one event back; the next in the line is asked."""
    event = await catalogue.find_event(turn.db, event_id)
    if event is None:
        return Reply("Sự kiện này hiện không còn ạ.")
    freed = await seats.unregister(turn.db, event_id, turn.person.id, turn.now)
    for name in ("eve", "soon"):
        await dues.drop(turn.db, f"remind:{event_id}:{turn.person.id}:{name}")
    await pass_on(turn.office, turn.db, event, turn.now)
    turn.talk.topic = TOPIC
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
        turn.talk.listed["event"], turn.talk.topic = [event_id], TOPIC
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
