"""The events: publish, invite, cancel, who comes, who waits, what came of it."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any

from fastapi import Form, Response

from console.doors import Doors, Here, Refused, event_deed, found_event
from console.papers import report_lines
from domain.event import Event, EventState, point_in
from domain.officer import Permission
from domain.text import plain
from domain.worktime import ZONE, local
from handlers import arrivals, events, inviting, moving
from handlers.broadcasts import Impossible
from handlers.words import event_line, event_time
from storage import attachments, audit, catalogue, gatherings, seats

doors = Doors()
MOST_SEATS = 10_000


@doors.see("/su-kien", Permission.LOOK)
async def show_list(visit: Here) -> Response:
    """All events, those to come first."""
    async with visit.desk.database.read() as db:
        rows = await gatherings.listed(db, visit.now)
    return visit.page("events.html", rows=rows, told={}, wrong="")


@doors.do("/su-kien", Permission.SEND)
async def make(visit: Here) -> Response:
    """A new event, not shown to anybody yet."""
    form = await visit.request.form()
    told = {name: str(form.get(name, "")).strip() for name in FIELDS}
    try:
        made = _read(told, visit.now)
    except ValueError as error:
        async with visit.desk.database.read() as db:
            rows = await gatherings.listed(db, visit.now)
        return visit.page("events.html", 422, rows=rows, told=told, wrong=str(error))
    async with visit.desk.database.write() as db:
        if await catalogue.find_event(db, made.id) is not None:
            raise Refused("Đã có sự kiện cùng tên trong tháng này.")
        await catalogue.write_event(db, made, "nhipcau")
        await audit.note(db, visit.officer.name, "draft", "event", made.id, visit.now, after={"tên": made.title})
    return visit.go(f"/su-kien/{made.id}", "saved")


FIELDS = (
    "title", "summary", "start", "end", "place", "travel", "map", "seats", "organiser", "partners", "speakers", "agenda",
    "products", "free",
)  # fmt: skip


def _read(told: dict[str, str], now: datetime, held: Event | None = None) -> Event:
    """The event that a form describes; raises ValueError with what is wrong."""
    if not told["title"]:
        raise ValueError("Sự kiện cần một tên.")
    try:
        start = datetime.fromisoformat(told["start"]).replace(tzinfo=ZONE)
        end = datetime.fromisoformat(told["end"]).replace(tzinfo=ZONE) if told["end"] else None
    except ValueError as error:
        raise ValueError("Giờ bắt đầu chưa đọc được.") from error
    if start <= now or (end is not None and end <= start):
        raise ValueError("Giờ bắt đầu đã qua, hoặc giờ kết thúc trước giờ bắt đầu.")
    if told["seats"] and not (told["seats"].isdigit() and 0 < int(told["seats"]) <= MOST_SEATS):
        raise ValueError("Số chỗ là một số từ 1.")
    seats_ = int(told["seats"]) if told["seats"] else None
    if held is not None and seats_ is not None and seats_ < held.taken:
        raise ValueError(f"Đã giữ {held.taken} chỗ nên không bớt xuống {seats_} được.")
    point = point_in(told["map"])
    if told["map"] and point is None:
        raise ValueError("Vị trí bản đồ chưa đọc được. Ví dụ: 21.85361, 106.76101")
    goods = tuple(part.strip() for part in told["products"].split(",") if part.strip())
    name = f"HT-{plain(told['title']).replace(' ', '-')[:40]}-{local(start):%Y%m}"
    if goods != (held.topics.get("products", ()) if held else ()):
        topics = {**(held.topics if held else {}), "products": goods}
    else:
        topics = dict(held.topics) if held else {}
    known = held or Event(name, told["title"], start, state=EventState.SUBMITTED)
    return replace(  # what the form does not show stays as it is: programmes, other topics, that it is a sample
        known,
        title=told["title"][:200],
        summary=told["summary"][:1000],
        start=start,
        end=end,
        place=told["place"][:200],
        travel=told["travel"][:160],
        latitude=point[0] if point else None,
        longitude=point[1] if point else None,
        seats=seats_,
        free=bool(told["free"]),
        organiser=told["organiser"][:200],
        partners=told["partners"][:300],
        speakers=told["speakers"][:300],
        agenda=told["agenda"][:800],
        topics={key: words for key, words in topics.items() if words},
    )


@doors.see("/su-kien/{event_id}", Permission.LOOK)
async def show(visit: Here, event_id: str) -> Response:
    """One event: who comes, who waits, what came of it."""
    async with visit.desk.database.read() as db:
        held = await found_event(db, event_id)
        values: dict[str, Any] = {
            "held": held,
            "figures": await seats.figures(db, event_id),
            "places": await gatherings.places(db, event_id),
            "report": await gatherings.report(db, event_id, held.over_at),
            "attached": await attachments.of(db, "event", event_id),
            "log": await audit.of(db, "event", event_id),
        }
    lines = report_lines(values["report"], values["figures"])
    began, ended = held.start <= visit.now, held.over_at <= visit.now
    return visit.page("event.html", **values, when=event_time(held), lines=lines, began=began, ended=ended)


@doors.do("/su-kien/{event_id}/cong-bo", Permission.SEND)
async def publish(visit: Here, event_id: str) -> Response:
    """Shows it to everybody; those whose needs fit are invited by themselves, up to the limit."""
    async with event_deed(visit, event_id, "publish") as (db, held, _):
        if held.state is not EventState.SUBMITTED or held.start <= visit.now or not held.place:
            raise Refused("Chỉ công bố được sự kiện mới, chưa qua và đã có địa điểm.")
        await gatherings.set_state(db, event_id, EventState.PUBLISHED)
    visit.desk.wake()
    return visit.go(f"/su-kien/{event_id}", "published")


@doors.do("/su-kien/{event_id}/sua", Permission.SEND)
async def edit(visit: Here, event_id: str) -> Response:
    """Changes what is said of it; more seats go to those who wait."""
    form = await visit.request.form()
    told = {name: str(form.get(name, "")).strip() for name in FIELDS}
    async with visit.desk.database.write() as db:
        held = await found_event(db, event_id)
        try:
            changed = _read(told, visit.now, held)
        except ValueError as error:
            raise Refused(str(error)) from error
        await catalogue.write_event(db, changed, "nhipcau")
        await events.pass_on(visit.desk.office, db, changed, visit.now)
        told_people = 0
        if events.told_of(held) != events.told_of(changed) and held.state is EventState.PUBLISHED:
            fresh = await found_event(db, event_id)
            told_people = await moving.tell_moved(visit.desk.office, db, fresh, visit.now)
        before, after = ({"nội dung": event_line(one)} for one in (held, changed))
        after |= {"đã báo đổi": str(told_people)} if told_people else {}
        await audit.note(db, visit.officer.name, "edit", "event", event_id, visit.now, None, before, after)
    visit.desk.wake()
    return visit.go(f"/su-kien/{event_id}", "saved")


@doors.do("/su-kien/{event_id}/huy", Permission.SEND)
async def cancel(visit: Here, event_id: str, reason: Annotated[str, Form(max_length=500)] = "") -> Response:
    """It will not be: what is on its way stops by itself, whoever has a place is told."""
    if not reason.strip():
        raise Refused("Huỷ sự kiện cần một lý do.")
    async with visit.desk.database.write() as db:
        held = await found_event(db, event_id)
        if held.state is not EventState.PUBLISHED:
            raise Refused("Chỉ huỷ được sự kiện đã công bố.")
        await gatherings.set_state(db, event_id, EventState.CANCELLED)
        told = await events.tell_cancelled(visit.desk.office, db, held, visit.now)
        after = {"đã báo": str(told)}
        await audit.note(db, visit.officer.name, "cancel", "event", event_id, visit.now, reason, after=after)
    visit.desk.wake()
    return visit.go(f"/su-kien/{event_id}", "cancelled")


@doors.do("/su-kien/{event_id}/moi", Permission.SEND)
async def invite(visit: Here, event_id: str) -> Response:
    """A draft invitation for an officer to aim and send."""
    async with visit.desk.database.write() as db:
        held = await found_event(db, event_id)
        try:
            made = await inviting.invite(db, held, visit.officer, visit.now)
        except Impossible as error:
            raise Refused(str(error)) from error
    return visit.go(f"/tin/{made.id}", f"drafted:{made.code}")


@doors.do("/su-kien/{event_id}/den", Permission.SEND)
async def check_in(visit: Here, event_id: str, person: Annotated[int, Form()]) -> Response:
    """Somebody stands at the door; the earliest time is kept."""
    async with event_deed(visit, event_id, "check_in") as (db, held, _):
        if not await arrivals.welcome(db, held, person, visit.now):
            raise Refused("Người này không có tên trong danh sách.")
    return visit.go(f"/su-kien/{event_id}", "checked-in")
