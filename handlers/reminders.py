"""What happens when a planned time comes: nudges, ends of drafts, reminders, lapsed promises."""

from datetime import datetime

from conversation.need_form import NEED_FORM, Form, count_answered
from conversation.reply import Choice, Reply, shorten
from domain.event import EventState
from domain.need import Field, NeedState
from domain.notice import Kind
from domain.officer import Permission
from domain.person import Alert
from domain.worktime import local
from handlers import badge
from handlers.turn import Office
from handlers.words import ASK_OFFICER, event_time, there
from storage import catalogue, conversations, evidence, links, needs, officers, outbox, people, seats, tickets
from storage.database import Connection
from storage.dues import Due


async def nudge(office: Office, db: Connection, due: Due, now: datetime) -> str:
    """One kind word about a draft left alone for three days; never a second one."""
    held = await conversations.hold(db, due.person_id or 0)
    if held is None or held.talk.form is None or held.talk.form_id != due.payload.get("form"):
        return "no draft"
    form = held.talk.form
    question = NEED_FORM.next(form)
    words = question.words(Form(count_answered(form)), form) if question else "Anh/chị xem lại rồi gửi nhé?"
    about = (form.get("wish") or form.get("product") or form.get("problem") or {}).get("words", "")
    named = f" ({shorten(about, 60)})" if about else ""
    text = f"Phiếu nhu cầu{named} của anh/chị đang ở {count_answered(form)}/9. Mình ghi tiếp nhé ạ? {words}"
    choices = (
        Choice("Tiếp tục", "resume", ("tiep", "co", "ghi tiep")),
        Choice("Nhờ cán bộ gọi", "officer", ("goi", "can bo")),
        Choice("Bỏ phiếu", "need:drop", ("bo", "bo di", "thoi")),
    )
    reply = Reply(text, choices)
    await outbox.put(db, Kind.NOTICE, held.person_id, reply, due.key, office.worktime.next_push(now), now)
    return "nudged"


async def end_draft(office: Office, db: Connection, due: Due, now: datetime) -> str:
    """Forgets a draft whose time is over."""
    held = await conversations.hold(db, due.person_id or 0)
    if held is None:
        return "no talk"
    form_id = due.payload.get("form")
    dropped = held.talk.pending.get("dropped") or {}
    if held.talk.form_id == form_id and held.talk.form is not None:
        told = shorten(", ".join(row["words"] for key, row in held.talk.form.items() if key in set(Field)), 120)
        held.talk.form, held.talk.form_id, held.talk.own_words, held.talk.pending = None, None, [], {}
        text = f"Phiếu ghi dở ({told}) để quá 30 ngày nên em đã xoá như đã hẹn. Khi cần, anh/chị nhắn PHIẾU để ghi lại."
        at = office.worktime.next_push(now)
        await outbox.put(db, Kind.NOTICE, held.person_id, Reply(text), f"expired:{form_id}", at, now)
    elif dropped.get("id") == form_id:
        held.talk.pending.pop("dropped", None)
        held.talk.form_id, held.talk.own_words = None, []
    else:
        return "no draft"
    await evidence.forget_form(db, str(form_id))
    await conversations.keep_talk(db, held, now)
    return "draft forgotten"


async def remind_event(office: Office, db: Connection, due: Due, now: datetime) -> str:
    """Reminds somebody who is coming."""
    event = await catalogue.find_event(db, due.payload["event"])
    if event is None or event.state is not EventState.PUBLISHED or due.person_id is None:
        return "no event"
    mine = await seats.place(db, event.id, due.person_id)
    if mine is None or not mine.heads:
        return "not coming"
    at = office.worktime.next_push(now)
    if event.start <= at:
        return "over"
    days = (local(event.start).date() - local(at).date()).days
    if days > 1:
        return "moved to a later day"  # the reminder of that day comes with the change
    day = "Ngày mai" if days else "Hôm nay"
    where = f" tại {event.place}" if event.place else ""
    where += f" (bản đồ: {event.map_address})" if event.map_address else ""
    code = f" Mã vào cửa: {badge.spoken(mine.code)}." if mine.code else ""
    text = (
        f"{day} có {event.title}: {event_time(event)}{where}.{there(event)} Em giữ {mine.heads} chỗ cho anh/chị.{code}"
    )
    choices = (Choice("Huỷ đăng ký", f"unregister:{event.id}", ("huy", "khong di duoc")),)
    key = f"{due.key}:{event.start:%Y%m%d%H%M}"
    await outbox.put(db, Kind.NOTICE, due.person_id, Reply(text, choices), key, at, now)
    return "reminded"


async def forget_loose(office: Office, db: Connection, due: Due, now: datetime) -> str:
    """Forgets what was sent and never came to belong to a form, a need or a ticket."""
    return f"{await evidence.forget_loose(db, int(due.payload['turn']))} forgotten"


async def hide_code(office: Office, db: Connection, due: Due, now: datetime) -> str:
    """A code that has ended need not stand anywhere in clear."""
    return f"{await links.hide(db, due.person_id or 0)} lines"


async def lapse_ticket(office: Office, db: Connection, due: Due, now: datetime) -> str:
    """Tells the truth when a promise was not kept, with a new date."""
    ticket = await tickets.find_ticket(db, due.payload["code"])
    if ticket is None or ticket.person_id is None or ticket.state not in ("waiting", "taken"):
        return "answered"
    text = (
        f"Đến hẹn mà cán bộ chưa trả lời phiếu {ticket.code}, em xin lỗi anh/chị. Phiếu vẫn còn trong hàng chờ và em đã "
        "đánh dấu quá hẹn để người phụ trách thấy."
    )
    await tickets.mark_lapsed(db, ticket.code)
    await alarm(
        db, f"Quá hẹn {ticket.code}, người dân đã được báo. Nội dung: {shorten(ticket.text, 200)}", due.key, now
    )
    await outbox.put(db, Kind.NOTICE, ticket.person_id, Reply(text, (ASK_OFFICER,)), f"lapse:{ticket.code}", now, now)
    return "lapse told"


async def lapse_need(office: Office, db: Connection, due: Due, now: datetime) -> str:
    """The day came by which an officer was to look at a need: the owner hears the truth, the approvers are alarmed."""
    need = await needs.find(db, int(due.payload["need"]))
    if need is None or need.state is not NeedState.SUBMITTED or need.due_at is None or need.due_at > now:
        return "looked at"
    text = (
        f"Đến hẹn mà cán bộ chưa xem xong phiếu {need.code}, em xin lỗi anh/chị. Phiếu vẫn trong hàng chờ và em đã báo "
        "người phụ trách."
    )
    await alarm(db, f"Quá hẹn xem phiếu {need.code}, chủ nhu cầu đã được báo.", due.key, now)
    await outbox.put(db, Kind.NOTICE, need.person_id, Reply(text, (ASK_OFFICER,)), f"lapse:{need.code}", now, now)
    return "lapse told"


async def alarm(db: Connection, text: str, key: str, now: datetime) -> int:
    """Tells those who answer for the office in their own chats; how many were told."""
    return await tell_chats(db, await officers.chats(db, permission=Permission.APPROVE), text, key, now)


async def tell_chats(db: Connection, chats: list[officers.Chat], text: str, key: str, now: datetime) -> int:
    """Says something in officers' own chats, once per key and chat; how many were told."""
    told = 0
    for chat in chats:
        mark = f"desk:{key}:{chat.address_id}"
        told += await outbox.put(db, Kind.NOTICE, chat.person_id, Reply(text), mark, now, now, chat.address_id)
    return told


async def plan_next_digest(office: Office, db: Connection, due: Due, now: datetime) -> bool:
    """Whether a digest is still wanted."""
    if due.person_id is None:
        return False
    return (await people.find(db, due.person_id)).alert is Alert.WEEKLY
