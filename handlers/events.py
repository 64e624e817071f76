"""Shows coming events, books seats, gives them back."""

import re
from datetime import datetime, time, timedelta
from typing import Any

from conversation.ordinals import listed_place
from conversation.reply import Choice, Gathering, Reply
from domain.event import Event, EventState, RegistrationState
from domain.text import fold
from domain.worktime import ZONE, local
from handlers.turn import Turn
from handlers.words import ASK_OFFICER, event_card, event_line, event_time, trimmed
from storage import catalogue, dues

SHOWN = 4
MOST_HEADS = 20
HEADS = re.compile(r"\b(\d{1,3})\s*(?:nguoi|ng|suat|cho)\b")


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
    booked, waiting = await catalogue.register(turn.db, event.id, turn.person.id, heads, turn.now)
    turn.talk.listed["event"] = [event.id]
    await _plan_reminders(turn, event)
    return Reply(_booked_words(event, booked, waiting), gathering=calendar_entry(event) if booked else None)


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


def _booked_words(event: Event, booked: int, waiting: int) -> str:
    where = f" tại {event.place}" if event.place else ""
    when = f"{event_time(event)}{where}"
    if booked and waiting:
        return f"Em đã giữ {booked} chỗ, còn {waiting} người vào danh sách chờ: {event.title}, {when}."
    if waiting:
        return f"Đã hết chỗ, em ghi {waiting} người vào danh sách chờ: {event.title}. Có chỗ em báo ngay."
    free = " Miễn phí." if event.free else ""
    return (
        f"Em đã giữ {booked} chỗ: {event.title}, {when}.{free} "
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
    mine = await catalogue.registered(turn.db, turn.person.id, turn.now)
    if not mine:
        return Reply("Anh/chị chưa đăng ký sự kiện nào sắp tới ạ.")
    shown = turn.talk.listed.get("event") or []
    chosen = [row for row in mine if row[0].id in shown] or mine
    if len(chosen) > 1:
        choices = tuple(Choice(trimmed(event.title), f"unregister:{event.id}") for event, _, _ in chosen[:SHOWN])
        return Reply("Anh/chị muốn huỷ đăng ký sự kiện nào ạ?", choices)
    return await give_back(turn, chosen[0][0].id)


async def give_back(turn: Turn, event_id: str) -> Reply:
    """Gives the seats at one event back."""
    event = await catalogue.find_event(turn.db, event_id)
    if event is None:
        return Reply("Sự kiện này hiện không còn ạ.")
    freed = await catalogue.unregister(turn.db, event_id, turn.person.id)
    for name in ("eve", "soon"):
        await dues.drop(turn.db, f"remind:{event_id}:{turn.person.id}:{name}")
    seats = f" Em trả lại {freed} chỗ cho người khác." if freed else ""
    return Reply(f"Em đã huỷ đăng ký: {event.title}.{seats} Cảm ơn anh/chị đã báo.")


def place_words(state: RegistrationState) -> str:
    """A person's place at an event in words."""
    return "đang chờ chỗ" if state is RegistrationState.WAITLISTED else "đã giữ chỗ"
