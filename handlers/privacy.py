"""Shows a person what is kept about them, erases it on their word, keeps their choice about news."""

from datetime import timedelta

from conversation.reply import Choice, Reply
from conversation.talk import Talk
from domain.need import STATE_WORDS, NeedState
from domain.person import Alert, Purpose
from domain.text import fold
from domain.worktime import local, say_time
from handlers.turn import Turn
from storage import catalogue, dues, outbox, people, tickets
from storage.tickets import TicketKind

NEWS_WORDING = "Nhận tin về công nghệ và hội thảo hợp với nhu cầu đã gửi."
CONSENT_NAMES = {Purpose.NEED.value: "lưu phiếu nhu cầu", Purpose.NEWS.value: "nhận tin"}
ALERT_NAMES = {Alert.OFF: "không nhận", Alert.WEEKLY: "mỗi tuần một lần", Alert.NOW: "báo ngay khi có"}
ERASE_WITHIN = timedelta(days=15)


async def show_data(turn: Turn) -> Reply:
    """Lists what is kept, by group."""
    known = await people.known_about(turn.db, turn.person.id)
    person = known["person"]
    lines = ["Em đang giữ về anh/chị:"]
    lines.append(f"- Tên: {person.name or 'chưa có'}; điện thoại: {person.phone or 'chưa có'}.")
    for code, state in known["needs"][:8]:
        lines.append(f"- Phiếu {code}: {STATE_WORDS[NeedState(state)]}.")
    if turn.talk.form is not None:
        lines.append("- Một phiếu đang ghi dở.")
    for event, heads, _ in (await catalogue.registered(turn.db, turn.person.id, turn.now))[:5]:
        lines.append(f"- Đăng ký {heads} chỗ: {event.title}.")
    for purpose, given_at, withdrawn_at in known["consents"]:
        ended = f", đã rút ngày {local(withdrawn_at):%d/%m/%Y}" if withdrawn_at else ""
        lines.append(f"- Đồng ý {CONSENT_NAMES.get(purpose, purpose)} ngày {local(given_at):%d/%m/%Y}{ended}.")
    lines.append(f"- Tin tức: {ALERT_NAMES[person.alert]}.")
    lines.append("- Nội dung tin nhắn: giữ 12 tháng; phiếu: 5 năm.")
    choices = (
        Choice("Rút đồng ý nhận tin", "news:off", ("dung nhan tin",)),
        Choice("Xoá dữ liệu của tôi", "erase", ("xoa het", "xoa du lieu", "xoa")),
    )
    return Reply("\n".join(lines), choices, long=True)


async def ask_erase(turn: Turn) -> Reply:
    """Says what erasing means, asks for one exact word."""
    turn.talk.open = "erase"
    return Reply(
        "Xoá thì mất tên, số điện thoại, các phiếu và nội dung trò chuyện; phiếu đang tìm nơi cung cấp sẽ dừng, "
        "không lấy lại được. Anh/chị gõ XOÁ để chắc chắn nhé?",
        (Choice("Không xoá", "erase:no", ("khong", "thoi", "giu lai")),),
        quick=True,
    )


def confirms_erase(turn: Turn) -> bool:
    """Whether the exact word came."""
    return turn.talk.open == "erase" and fold(turn.text).strip(" .!") in ("xoa", "xoa het", "xoa di")


async def erase(turn: Turn) -> Reply:
    """Erases at once what hangs on the person; a receipt stays that names nobody."""
    due_at = turn.now + ERASE_WITHIN
    ticket = await tickets.open_ticket(turn.db, TicketKind.ERASURE, turn.person.id, "", turn.now, due_at)
    await tickets.detach(turn.db, ticket.code)
    await people.empty(turn.db, turn.person.id)
    for name in Talk.__dataclass_fields__:
        setattr(turn.talk, name, getattr(Talk(), name))
    return Reply(
        f"Em đã nhận lúc {say_time(turn.now)}, mã {ticket.code}. Tên, số điện thoại, phiếu và tin nhắn đã xoá khỏi "
        "hệ thống; bản sao lưu tự hết trong 15 ngày. Anh/chị nhắn lại lúc nào em cũng đón như người mới."
    )


async def keep_data(turn: Turn) -> Reply:
    """Leaves everything as it is."""
    turn.talk.open = None
    return Reply("Dạ, em giữ nguyên, không xoá gì.")


async def choose_news(turn: Turn, wish: str) -> Reply:
    """Keeps how the person wants to hear news."""
    alert = {"weekly": Alert.WEEKLY, "now": Alert.NOW}.get(wish, Alert.OFF)
    if alert is Alert.OFF:
        return await stop_news(turn)
    await people.give_consent(turn.db, turn.person.id, Purpose.NEWS, NEWS_WORDING, turn.now)
    await people.choose_alert(turn.db, turn.person.id, alert)
    if alert is Alert.NOW:
        return Reply("Dạ, có giải pháp thật hợp là em báo ngay (07:30-20:00). Muốn thôi, anh/chị nhắn DỪNG.")
    await plan_digest(turn)
    return Reply("Dạ, có tin hợp em gửi một lần vào 09:00 thứ Ba hằng tuần. Muốn thôi, anh/chị nhắn DỪNG.")


async def plan_digest(turn: Turn) -> None:
    """Plans the next Tuesday 09:00 for this person."""
    here = local(turn.now)
    days = (1 - here.weekday()) % 7
    at = here.replace(hour=9, minute=0, second=0, microsecond=0) + timedelta(days=days)
    at = at if at > here else at + timedelta(days=7)
    key = f"digest:{turn.person.id}:{at:%Y%m%d}"
    await dues.plan(turn.db, "digest", key, at, turn.person.id)


async def stop_news(turn: Turn) -> Reply:
    """Stops all news; answers to the person's own needs go on."""
    await people.withdraw_consent(turn.db, turn.person.id, Purpose.NEWS, turn.now)
    await people.choose_alert(turn.db, turn.person.id, Alert.OFF)
    await outbox.drop_news(turn.db, turn.person.id, turn.now)
    booked = await catalogue.registered(turn.db, turn.person.id, turn.now)
    text = "Em đã ngừng mọi thông báo. Phiếu của anh/chị vẫn được trả lời; bật lại thì nhắn BẬT TIN."
    if not booked:
        return Reply(text)
    choices = (
        Choice("Vẫn nhắc", "reminders:on", ("co", "vang", "van nhac", "nhac")),
        Choice("Không nhắc", "reminders:off", ("khong", "thoi", "khong can")),
    )
    title = booked[0][0].title
    return Reply(f"{text} Anh/chị vẫn giữ chỗ “{title}”; em vẫn nhắc lịch hội thảo này chứ ạ?", choices, quick=True)


async def choose_reminders(turn: Turn, wish: str) -> Reply:
    """Keeps or drops the reminders of events the person registered for."""
    if wish == "on":
        return Reply("Dạ, em chỉ nhắc lịch hội thảo đã đăng ký.")
    for event, _, _ in await catalogue.registered(turn.db, turn.person.id, turn.now):
        for name in ("eve", "soon"):
            await dues.drop(turn.db, f"remind:{event.id}:{turn.person.id}:{name}")
    return Reply("Dạ, em không nhắc nữa; chỗ của anh/chị vẫn giữ.")


async def resume_news(turn: Turn) -> Reply:
    """Turns news on again; asks how often."""
    choices = (
        Choice("Đồng ý nhận tin mỗi tuần", "news:weekly", ("moi tuan", "hang tuan", "co", "dong y")),
        Choice("Đồng ý, báo ngay khi có", "news:now", ("bao ngay", "ngay")),
        Choice("Không nhận tin", "news:off", ("khong", "thoi")),
    )
    return Reply("Anh/chị muốn nhận tin công nghệ, hội thảo thế nào ạ?", choices, quick=True)
