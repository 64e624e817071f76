"""A channel that cannot be reached: officers are told once, what waits may go elsewhere, late answers apologise."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from conversation.reply import Reply
from domain.broadcast import Broadcast, BroadcastState
from domain.frames import Terms
from domain.notice import Kind
from domain.officer import Officer, Permission
from domain.worktime import local
from handlers.turn import Office
from handlers.words import CHANNELS, number
from storage import audit, broadcasts, dues, officers, outages, outbox
from storage.database import Connection
from storage.dues import Due
from storage.outages import Elsewhere, Outage

OFFER_AFTER = timedelta(minutes=30)  # then officers are asked, and answers go to the other channel
LATE = timedelta(hours=24)
SORRY = "Em xin lỗi đã trả lời muộn vì kênh nhắn tin bị gián đoạn.\n"
BY_ITSELF = "Không mất tin nào; kênh chạy lại thì em tự gửi tiếp."
NOTHING = "không có tin nào phải chờ"


def named(channel: str) -> str:
    """A channel at the beginning of a sentence."""
    words = CHANNELS.get(channel, channel)
    return words[:1].upper() + words[1:]


def since_words(since: datetime, now: datetime) -> str:
    """Since when: 09:12 today, else with the day."""
    at = local(since)
    return f"{at:%H:%M}" if at.date() == local(now).date() else f"{at:%H:%M} ngày {at:%d/%m}"


def span_words(span: timedelta) -> str:
    """How long: minutes, from two hours on in hours."""
    minutes = max(round(span.total_seconds() / 60), 1)
    return f"{number(minutes)} phút" if minutes < 120 else f"{number(round(minutes / 60))} giờ"


def late_words(text: str, asked_at: datetime | None, now: datetime) -> str:
    """An answer as it is said now: after a day it begins with an apology."""
    return SORRY + text if asked_at is not None and now - asked_at > LATE else text


def running_channels(health: Mapping[str, Any]) -> list[str] | None:
    """The channels this system speaks on; None when that is not known."""
    found = health.get("channels")
    return None if found is None else list(found)


# --- telling officers -------------------------------------------------------------------------------------------
async def _tell(db: Connection, text: str, key: str, now: datetime, names: Iterable[str] = ()) -> int:
    """Tells officers who may send (only those named, when any are), each in one chat on a channel that works."""
    down, wanted = await outages.current(db), set(names)
    chosen: dict[int, officers.Chat] = {}
    for chat in await officers.chats(db, permission=Permission.SEND):
        if chat.channel not in down and (not wanted or chat.officer.name in wanted):
            chosen.setdefault(chat.officer.id, chat)
    for chat in chosen.values():
        mark = f"desk:{key}:{chat.address_id}"
        await outbox.put(db, Kind.NOTICE, chat.person_id, Reply(text), mark, now, now, chat.address_id)
    return len(chosen)


async def scope(db: Connection, held: Outage) -> str:
    """What waits because of an outage, in words."""
    found = await outages.waiting(db, held.channel)
    parts = ((found.replies, "câu trả lời"), (found.notices, "tin báo"), (found.many, "tin gửi nhiều người"))
    told = ", ".join(f"{number(count)} {words}" for count, words in parts if count)
    return f"{told} đang chờ" if told else NOTHING


async def tell_begun(db: Connection, held: Outage, now: datetime, remedy: str = "") -> None:
    """The one alarm, with time and scope, and what somebody must do where the channel cannot come back by itself; the
    question about other channels is planned."""
    then = f"{remedy} Không mất tin nào; xong việc đó em tự gửi tiếp." if remedy else BY_ITSELF
    text = (
        f"{named(held.channel)} không gửi được tin từ {since_words(held.since, now)}: {await scope(db, held)}. "
        f"{then} Các kênh khác vẫn bình thường."
    )
    await _tell(db, text, f"outage:{held.id}", now)
    await dues.plan(db, "outage", f"outage:{held.id}", held.since + OFFER_AFTER, None, {"id": held.id})


async def tell_over(db: Connection, held: Outage, now: datetime) -> None:
    """The channel is back: news that is too late is dropped and counted, the rest leaves by itself."""
    await outages.drop_stale(db, held.channel, now)
    dropped = await outages.dropped_since(db, held.channel, held.since)
    left = await scope(db, held)
    if not await outages.end(db, held.id, now, dropped):
        return
    await dues.drop(db, f"outage:{held.id}")
    text = f"{named(held.channel)} chạy lại lúc {local(now):%H:%M} sau {span_words(now - held.since)}: {left}"
    text += "." if left == NOTHING else ", em đang gửi."
    if dropped:
        text += f" Bỏ {number(dropped)} tin vì sự kiện đã qua."
    await _tell(db, text, f"back:{held.id}", now)


# --- elsewhere --------------------------------------------------------------------------------------------------
def elsewhere_words(held: Broadcast, channel: str, found: Elsewhere) -> str:
    """The question to officers."""
    ways = ", ".join(f"{number(count)} có {CHANNELS.get(name, name)}" for name, count in sorted(found.others.items()))
    return (
        f"{held.code} “{held.title}” đang chờ {CHANNELS.get(channel, channel)}: {number(found.only)} người chỉ có kênh đó; "
        f"{ways} đã liên kết. Gửi kênh kia thay? Gõ /kenhkhac {held.code}"
    )


async def offer(office: Office, db: Connection, due: Due, now: datetime) -> str:
    """Half an hour on: answers go to the people's other channel; the author of what waits for many is asked."""
    held = await outages.find(db, int(due.payload["id"]))
    if held is None or held.ended_at is not None:
        return "it is over"
    down, running = list(await outages.current(db)), running_channels(office.health())
    opening = f"({named(held.channel)} đang trục trặc nên em trả lời ở đây ạ.)\n"
    moved = await outages.answer_elsewhere(db, held.channel, down, opening, now, office.terms, running)
    for broadcast_id in await outages.held_broadcasts(db, held.channel):
        many = await broadcasts.find(db, broadcast_id)
        found = await outages.elsewhere(db, broadcast_id, down, now, office.terms, running)
        if many is not None and found.count:
            who = [name for name in (many.author, many.approved_by) if name]
            key = f"elsewhere:{held.id}:{broadcast_id}"
            await _tell(db, elsewhere_words(many, held.channel, found), key, now, who)
    return f"{moved} answers moved"


async def send_elsewhere(
    db: Connection, held: Broadcast, officer: Officer, now: datetime, terms: Terms, running: Iterable[str] | None
) -> int:
    """An officer says yes: what waits for channels that stand still goes to the people's other one; when all has been
    sent, what was refused goes there, where a person blocked us on one of their channels; how many."""
    names = None if running is None else list(running)
    if held.state is BroadcastState.FINISHED:
        moved = await outages.send_refused(db, held.id, now, terms, names)
        if moved:
            await broadcasts.go_on(db, held.id)
    else:
        down = list(await outages.current(db))
        if held.state is not BroadcastState.RUNNING or not down:
            return 0
        moved = await outages.send_elsewhere(db, held.id, down, now, terms, names)
    if moved:
        after = {"gửi kênh khác": str(moved)}
        await audit.note(db, officer.name, "send_elsewhere", "broadcast", held.code, now, after=after)
    return moved
