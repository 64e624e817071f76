"""An officer looks after events, segments and what was sent from their own chat."""

from collections.abc import Awaitable, Callable

from conversation.reply import Choice, Reply
from domain.broadcast import STATE_WORDS
from domain.event import EventState
from domain.officer import Officer, Permission
from handlers import audiences, desk_broadcasts, inviting
from handlers.broadcasts import Impossible
from handlers.turn import Turn
from handlers.words import event_time, number, trimmed
from storage import broadcasts, catalogue, gatherings, seats, segments

SHOWN = 5
Command = Callable[[Turn, Officer, str], Awaitable[Reply]]


async def _sent(turn: Turn, officer: Officer, rest: str) -> Reply:
    """The newest messages to many, each one tap away."""
    rows = await broadcasts.listed(turn.db, limit=SHOWN)
    if not rows:
        return Reply("Chưa có tin nào. Soạn tin: /soantin Tên nhóm: nội dung")
    lines = []
    for row in rows:
        found = await broadcasts.ledger(turn.db, row.id, turn.now)
        sent = f", đã gửi {number(found.reached)}/{number(found.total)}" if found.total else ""
        lines.append(f"{row.code} {trimmed(row.title, 60)}: {STATE_WORDS[row.state].lower()}{sent}.")
    return Reply("\n".join(lines), tuple(Choice(row.code, f"do:xemtin/{row.id}") for row in rows), long=True)


async def _segments(turn: Turn, officer: Officer, rest: str) -> Reply:
    """The kept segments with how many get a message now."""
    lines = []
    for one in await segments.all_kept(turn.db):
        count = await segments.count(turn.db, one.rule, turn.now, turn.office.terms)
        lines.append(
            f"{one.name}: {number(count.reached)} người ({trimmed(await audiences.told(turn.db, one.rule), 80)})"
        )
    if not lines:
        return Reply("Chưa có nhóm nào; lập nhóm ở trang Nhóm người nhận.")
    return Reply("\n".join([*lines[:12], "Gửi cho một nhóm: /soantin Tên nhóm: nội dung"]), long=True)


async def _events(turn: Turn, officer: Officer, rest: str) -> Reply:
    """The events to come, or one of them with what came of it."""
    held = await catalogue.find_event(turn.db, rest.strip()) if rest else None
    if held is None:
        coming = (await catalogue.coming_events(turn.db, turn.now))[:SHOWN]
        if not coming:
            return Reply("Chưa có sự kiện nào sắp tới; lập sự kiện ở trang Sự kiện.")
        lines = []
        for event in coming:
            found = await seats.figures(turn.db, event.id)
            limit = f"/{number(event.seats)}" if event.seats else ""
            waits = f", {number(found.waiting)} chờ" if found.waiting else ""
            lines.append(f"{event.title}: {event_time(event)}, giữ {number(found.booked)}{limit} chỗ{waits}.")
        return Reply(
            "\n".join(lines), tuple(Choice(trimmed(e.title, 40), f"do:sukien/{e.id}") for e in coming), long=True
        )
    found, report = await seats.figures(turn.db, held.id), await gatherings.report(turn.db, held.id, held.over_at)
    came = report.came + report.walked
    lines = [
        f"{held.title}: {event_time(held)}.",
        f"Được mời {number(report.invited)}, tin tới {number(report.reached)}, đăng ký {number(report.registered)}, "
        f"giữ {number(found.booked)} chỗ, chờ {number(found.waiting)}, đã đến {number(came)}.",
    ]
    if held.over_at <= turn.now:
        useful = f"{number(report.useful)}/{number(report.rated)} người thấy hữu ích"
        lines.append(f"Sau buổi: {useful}, {number(report.needs)} nhu cầu mới.")
    invites = held.state is EventState.PUBLISHED and held.start > turn.now and officer.may(Permission.SEND)
    choices = (Choice("Soạn thư mời", f"do:moi/{held.id}", ("soan thu moi", "moi")),) if invites else ()
    return Reply("\n".join(lines), choices, long=True)


async def _invite(turn: Turn, officer: Officer, rest: str) -> Reply:
    held = await catalogue.find_event(turn.db, rest.strip())
    if held is None:
        return Reply("Em không thấy sự kiện này. Gõ /sukien để chọn.")
    try:
        made = await inviting.invite(turn.db, held, officer, turn.now)
    except Impossible as error:
        return Reply(str(error))
    return await desk_broadcasts.ahead(turn, made, await audiences.told(turn.db, made.audience))


COMMANDS: dict[str, tuple[Permission, Command]] = {
    "tin": (Permission.LOOK, _sent),
    "nhom": (Permission.LOOK, _segments),
    "sukien": (Permission.LOOK, _events),
    "moi": (Permission.SEND, _invite),
}
HELP = (
    (Permission.LOOK, "/tin: các tin gần đây"),
    (Permission.LOOK, "/nhom: các nhóm người nhận"),
    (Permission.LOOK, "/sukien: sự kiện, số người đăng ký; soạn thư mời"),
)
