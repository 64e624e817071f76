"""What officers are told of the channels that count the time since a person's last word: who is reached, at what cost."""

from collections.abc import Mapping
from datetime import datetime

from domain.broadcast import Count
from domain.frames import Frame, Terms, Way
from domain.worktime import local
from handlers.words import CHANNELS, number
from storage import frames
from storage.database import Connection
from storage.frames import Reach

COSTLY = (Way.PAID, Way.TEMPLATE)

OUTSIDE = {
    Frame.SPENT: "đã hết lượt miễn phí",
    Frame.PAID: "im hơn 48 giờ",
    Frame.SHUT: "im hơn 7 ngày",
}


def costs(count: int, frame: Frame, terms: Terms) -> str:
    """How news reaches so many people of one frame, and for how much."""
    way = terms.way(frame)
    if way is Way.NONE:
        return "không nhận được tin này"
    how = "gửi theo tin mẫu" if way is Way.TEMPLATE else "gửi mất phí"
    price = count * terms.cost(frame)
    return f"{how}, khoảng {number(price)} đồng chưa thuế" if price else f"{how}, theo bảng giá của kênh"


def ahead(count: Count, terms: Terms) -> list[str]:
    """Before a message to many: of each channel with frames how many are free, and what becomes of the others."""
    found = []
    for channel in sorted({name for name, _ in count.frames}):
        held = {frame: n for (name, frame), n in count.frames.items() if name == channel}
        told = [f"{number(held[Frame.FREE])} người nhận miễn phí"] if Frame.FREE in held else []
        for one in (one for one in OUTSIDE if one in held):
            told.append(f"{number(held[one])} người {OUTSIDE[one]}: {costs(held[one], one, terms)}")
        found.append(f"{CHANNELS.get(channel, channel)}: {'; '.join(told)}.")
    total = sum(n * terms.cost(frame) for (_, frame), n in count.frames.items())
    paid = {frame for _, frame in count.frames if terms.cost(frame)}
    return [*found, f"Tổng phí khoảng {number(total)} đồng chưa thuế."] if len(paid) > 1 else found


async def told(db: Connection, count: Count, now: datetime, terms: Terms) -> list[str]:
    """The same with what the platforms said is left of what is paid for; nothing where no channel has frames."""
    if not count.frames:
        return []
    found = ahead(count, terms)
    for channel, held in (await frames.reach(db, now, terms)).items():
        mine = {frame: n for (name, frame), n in count.frames.items() if name == channel}
        if not mine or held.package is None or held.package.remain is None:
            continue
        left, wanted = held.package.remain, sum(n for frame, n in mine.items() if terms.way(frame) in COSTLY)
        short = f"; tin này cần {number(wanted)}, thiếu {number(wanted - left)}" if wanted > left else ""
        found.append(f"Gói trả phí của {CHANNELS.get(channel, channel)} còn {number(left)} tin{short}.")
    return found


def today(reached: Mapping[str, Reach]) -> list[str]:
    """Of each channel with frames: how many people may be written to now, and what was said of the messages left."""
    found = []
    for channel, held in reached.items():
        free = held.people.get(Frame.FREE, 0)
        told = [f"{number(free)} người nhắn được miễn phí"]
        told += [f"{number(held.people[one])} người {words}" for one, words in OUTSIDE.items() if one in held.people]
        lines = [f"{CHANNELS.get(channel, channel)}: {', '.join(told)}."]
        if held.left is not None:
            lines.append(f"Còn {number(held.left)} lượt miễn phí với những người đã biết lượt.")
        if held.package is not None and held.package.remain is not None:
            lines.append(f"Gói trả phí còn {number(held.package.remain)} tin.")
        if held.told_at is not None:
            lines.append(f"Số lượt do kênh báo, gần nhất {local(held.told_at):%H:%M %d/%m}.")
        found.append(" ".join(lines))
    return found
