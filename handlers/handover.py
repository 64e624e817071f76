"""Brings in a human: a ticket with a due time, honest about who is there."""

import re

from conversation.need_form import local_phone
from conversation.reply import Reply
from domain.text import fold
from domain.worktime import say_time
from handlers.turn import Turn
from storage import dues, officers, tickets
from storage.tickets import TicketKind


async def ask_officer(turn: Turn, text: str | None = None) -> Reply:
    """Opens a ticket for an officer."""
    due_at = turn.office.worktime.promise(turn.now)
    said = (text or turn.text)[:1000]
    ticket = await tickets.open_ticket(turn.db, TicketKind.OFFICER, turn.person.id, said, turn.now, due_at)
    await dues.plan(turn.db, "ticket", f"ticket:{ticket.code}", ticket.due_at, turn.person.id, {"code": ticket.code})
    hours = "Giờ làm việc 07:30-11:30, 13:30-17:00, thứ Hai đến thứ Sáu."
    if await officers.anybody(turn.db):
        return Reply(
            f"Em đã ghi phiếu {ticket.code}. Cán bộ trả lời anh/chị ngay tại đây trước {say_time(ticket.due_at)}. {hours}"
        )
    return Reply(
        f"Em đã ghi phiếu {ticket.code}, hẹn trước {say_time(ticket.due_at)}. Nói thật với anh/chị: hiện chưa có cán bộ nào "
        f"mở tài khoản trực trên hệ thống này, nên phiếu đang chờ; em sẽ báo anh/chị nếu quá hẹn. {hours}"
    )


MOST_BESIDE = 14  # words beside a number


WHEN_TO_CALL = re.compile(
    r"\b(?:hen|goi|gap|den|qua|nghe may)\b.{0,40}\b(?:sang|trua|chieu|toi|thu [2-7]|thu (?:hai|ba|tu|nam|sau|bay)|t[2-7]|"
    r"\d{1,2}\s*(?:h|gio|g)|mai|mot|cuoi tuan|sau \d)"
)
MOST_OF_A_TIME = 16  # words


async def take_time(turn: Turn) -> Reply | None:
    """When to call, told while a human is waited for: it goes to the ticket, nothing is promised; None when nothing is owed."""
    if (
        turn.entities.get("phone")
        or len(turn.text.split()) > MOST_OF_A_TIME
        or not WHEN_TO_CALL.search(fold(turn.text))
    ):
        return None
    owed = [ticket for ticket in await tickets.of_person(turn.db, turn.person.id) if ticket.kind is TicketKind.OFFICER]
    if not owed or turn.said.act in ("register_event", "declare_need"):
        return None
    await tickets.add_words(turn.db, owed[-1].code, turn.text)
    return Reply(
        f"Em đã ghi giờ anh/chị tiện vào phiếu {owed[-1].code}. Em không hẹn thay cán bộ được; "
        f"cán bộ xem trước {say_time(owed[-1].due_at)}."
    )


async def take_number(turn: Turn) -> Reply | None:
    """A telephone number told while a human is waited for goes to what the person waits for; None when nothing is owed."""
    phone = turn.entities.get("phone")
    if not phone or turn.said.asks or len(turn.text.split()) > MOST_BESIDE:
        return None
    owed = [ticket for ticket in await tickets.of_person(turn.db, turn.person.id) if ticket.kind is TicketKind.OFFICER]
    if not owed:
        return None
    await tickets.add_words(turn.db, owed[-1].code, turn.text)
    due = say_time(owed[-1].due_at)
    return Reply(f"Em đã ghi số {local_phone(phone)} vào phiếu {owed[-1].code}; cán bộ xem trước {due}.")


async def take_feedback(turn: Turn) -> Reply:
    """Keeps praise, complaint or an obstacle for the officers."""
    due_at = turn.office.worktime.promise(turn.now)
    ticket = await tickets.open_ticket(
        turn.db, TicketKind.OFFICER, turn.person.id, turn.text[:1000], turn.now, due_at, about="feedback"
    )
    await dues.plan(turn.db, "ticket", f"ticket:{ticket.code}", ticket.due_at, turn.person.id, {"code": ticket.code})
    return Reply(
        f"Cảm ơn anh/chị đã nói thật. Em đã chuyển góp ý này đến cán bộ, mã {ticket.code}; "
        f"cán bộ phản hồi trước {say_time(ticket.due_at)}."
    )
