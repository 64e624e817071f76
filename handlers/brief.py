"""What waits today: the officers' first page, told at 07:30 in their own chats."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from conversation.reply import shorten
from domain.event import Event
from domain.officer import Officer, Permission
from domain.worktime import local
from handlers import workshops
from handlers.reminders import tell_chats
from handlers.turn import Office
from handlers.words import CHANNELS, event_time
from storage import catalogue, dues, officers, outages, work
from storage.database import Connection
from storage.dues import Due
from storage.outages import Outage
from storage.work import Counted, Figures

BEGINS = timedelta(hours=7, minutes=30)


@dataclass(frozen=True)
class Brief:
    """One officer's day: figures, kinds of need that many ask for, events of today and tomorrow."""

    figures: Figures
    clusters: list[Counted] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    away: tuple[Outage, ...] = ()  # channels that cannot be reached
    trouble: tuple[str, ...] = ()  # all that stands still, in words


async def gather(db: Connection, officer: Officer, now: datetime, health: Mapping[str, Any]) -> Brief:
    """Collects the day of one officer; `health` is what Office.health tells."""
    tomorrow = local(now).date() + timedelta(days=1)
    coming = await catalogue.coming_events(db, now - timedelta(hours=12))
    near = [event for event in coming if local(event.start).date() <= tomorrow]
    trouble = [f"kênh {name} đang dừng ({why})" for name, why in (health.get("stopped") or {}).items()]
    if health.get("late"):
        trouble.append(f"phần chưa chạy: {', '.join(health['late'])}")
    away = tuple((await outages.current(db)).values())
    for held in away:
        name = CHANNELS.get(held.channel, held.channel)
        trouble.append(f"{name} không gửi được từ {local(held.since):%H:%M %d/%m}")
    figures = await work.figures(db, officer.id, now)
    if figures.unread:
        trouble.append(f"{figures.unread} tin chưa đọc được")
    return Brief(figures, await work.alike(db, now), near, away, tuple(trouble))


async def alike(db: Connection, now: datetime) -> str:
    """The largest cluster of like needs in a line with what an officer can do about it; empty when there is none."""
    found = await workshops.clusters(db, now)
    return f"{found[0].words}; soạn hội thảo? Gõ /hoithao {found[0].name}." if found else ""


def say(brief: Brief, officer: Officer, now: datetime, cluster: str = "") -> str:
    """The brief in words, under 600 characters; `cluster` is the line of `alike`."""
    found = brief.figures
    parts = [
        (found.late, "quá hẹn"),
        (found.waiting - found.late, "đang chờ trả lời"),
        (found.new_needs, "phiếu mới"),
        (found.mine, "phiếu giao cho anh/chị"),
        (found.to_approve if officer.may(Permission.APPROVE) else 0, "câu trả lời chờ duyệt"),
    ]
    told = ", ".join(f"{count} {words}" for count, words in parts if count)
    lines = [f"{local(now):%d/%m}: {told}." if told else f"{local(now):%d/%m}: không có việc nào đang chờ."]
    for event in brief.events[:2]:
        seats = f", {event.taken}/{event.seats} chỗ" if event.seats else ""
        lines.append(f"{event.title}: {event_time(event)}{seats}.")
    if cluster:
        lines.append(cluster[:1].upper() + cluster[1:])
    if brief.trouble:
        lines.append(shorten(f"Cần xem máy: {'; '.join(brief.trouble)}.", 160))
    lines.append(_suggestion(brief))
    return "\n".join(line for line in lines if line)


def _suggestion(brief: Brief) -> str:
    if brief.figures.late:
        return "Nên làm trước: mở Hộp thư, trả lời các việc quá hẹn."
    if brief.figures.new_needs:
        return "Nên làm trước: duyệt phiếu mới ở mục Nhu cầu."
    return ""


def next_at(office: Office, now: datetime) -> datetime:
    """07:30 of the next working day."""
    day = local(now).date()
    if not office.worktime.works_on(day) or local(now).time() >= office.worktime.spans[0][0]:
        day = office.worktime.next_working_day(day)
    start = datetime.combine(day, office.worktime.spans[0][0], local(now).tzinfo)
    return start.astimezone(now.tzinfo)


async def plan(office: Office, db: Connection, officer_id: int, now: datetime) -> None:
    """Plans an officer's next brief."""
    at = next_at(office, now)
    await dues.plan(db, "brief", f"brief:{officer_id}:{local(at):%Y%m%d}", at, None, {"officer": officer_id})


async def tell(office: Office, db: Connection, due: Due, now: datetime) -> str:
    """Tells an officer the day, in every chat of theirs; without an open account or a chat nothing more is planned."""
    officer_id = int(due.payload["officer"])
    chats = await officers.chats(db, officer_id)
    if not chats:
        return "no chat"
    await plan(office, db, officer_id, now)
    day = await gather(db, chats[0].officer, now, office.health())
    text = say(day, chats[0].officer, now, await alike(db, now))
    return f"told in {await tell_chats(db, chats, text, due.key, now)} chats"
