"""What comes of introductions: silent suppliers reminded, outcomes asked, the truth told when nobody helps."""

from datetime import datetime, timedelta

from conversation.reply import Choice, Reply
from domain.need import Need, NeedState
from domain.notice import Kind
from domain.offer import Offer
from domain.officer import Permission
from domain.pairing import Introduction, MatchState
from domain.worktime import WorkTime
from handlers.reminders import tell_chats
from handlers.turn import Office, Turn
from handlers.words import ASK_OFFICER, trimmed
from storage import board, catalogue, changes, dues, needs, officers, outbox, pairs
from storage.database import Connection
from storage.dues import Due

CALLED_AFTER = timedelta(days=7)
UNSERVED_AFTER = timedelta(days=30)
LADDER = (("remind", 3), ("press", 7), ("warn", 14), ("end", 30))  # steps with days; the first counts working days
GONE = Reply("Phiếu này không còn nên em không ghi thêm được ạ.")


async def say(office: Office, db: Connection, person_id: int, reply: Reply, key: str, now: datetime) -> bool:
    """Tells somebody on our own account, once per key, in allowed hours."""
    return await outbox.put(db, Kind.NOTICE, person_id, reply, key, office.worktime.next_push(now), now)


def supplier_question(need: Need, offer: Offer, item: Introduction) -> Reply:
    """The need as a supplier sees it: what is needed, in which province; no name, no number, no commune."""
    text = (
        f"Có nhu cầu hợp với “{trimmed(offer.title, 80)}” (mã {item.code}): {trimmed(need_without_contact(need), 260)}. "
        "Người cần đã đồng ý để anh/chị liên hệ. Anh/chị nhận thì hai bên được chuyển tên, số điện thoại cho nhau, "
        "chỉ để trao đổi việc này. Anh/chị nhận chứ ạ?"
    )
    choices = (
        Choice("Đồng ý nhận", f"accept:{item.code}", ("nhan", "dong y", "co")),
        Choice("Không nhận", f"pass:{item.code}", ("khong", "thoi", "ban")),
    )
    return Reply(text, choices, quick=True)


SHOWN_FIELDS = (("wish", "mong muốn"), ("product", "sản phẩm"), ("problem", "khó khăn"), ("scale", "quy mô"),
                ("budget", "kinh phí"), ("deadline", "khi nào cần"))  # fmt: skip


def need_without_contact(need: Need) -> str:
    """What is needed, in the owner's words, nothing that tells who it is."""
    held = ((label, need.fields.get(name) or {}) for name, label in SHOWN_FIELDS)
    rows = ((label, row.get("words")) for label, row in held if not row.get("unknown"))
    place = ((need.fields.get("place") or {}).get("value") or {}).get("province") or "Lạng Sơn"
    return "; ".join([f"{label}: {words}" for label, words in rows if words] + [f"tỉnh {place}"])


# --- what comes of it -------------------------------------------------------------------------------------------
async def ask_called(office: Office, db: Connection, due: Due, now: datetime) -> str:
    """A week after the introduction: has anybody called?"""
    found = await pairs.introduction_by_code(db, due.payload["code"])
    if found is None or not found.open:
        return "withdrawn"
    offer = await catalogue.find_offer(db, found.offer_id)
    name = (offer.owner if offer else "") or "nơi cung cấp"
    text = f"Một tuần trước em giới thiệu {name} (mã {found.code}). Đã có ai gọi anh/chị chưa ạ?"
    choices = (
        Choice("Có rồi", f"called:{found.code}/yes", ("co", "roi", "da goi")),
        Choice("Chưa", f"called:{found.code}/no", ("chua", "khong")),
    )
    await say(office, db, found.owner_id, Reply(text, choices, quick=True), due.key, now)
    return "asked"


async def say_called(turn: Turn, argument: str) -> Reply:
    """The owner's answer; a silent supplier is reminded and the officers see it."""
    code, _, word = argument.partition("/")
    found = await pairs.introduction_by_code(turn.db, code)
    if found is None or found.owner_id != turn.person.id:
        return GONE
    if word == "yes":
        await pairs.move(turn.db, found.need_id, found.offer_id, MatchState.TALKING, turn.now)
        return Reply(
            "Tốt quá ạ. Có kết quả gì (thử, ký, hay không hợp), anh/chị nhắn em một câu để em ghi vào phiếu nhé."
        )
    await changes.ask_review(turn.db, "introduction", found.code, "nobody called within a week", turn.now)
    if found.supplier_id is not None:
        text = f"Người có nhu cầu mã {found.code} chưa nhận được cuộc gọi nào. Anh/chị gọi giúp trong tuần này nhé."
        await say(turn.office, turn.db, found.supplier_id, Reply(text), f"uncalled:{found.code}", turn.now)
    return Reply("Em xin lỗi anh/chị. Em đã nhắc bên cung cấp và báo cán bộ theo dõi việc này.", (ASK_OFFICER,))


async def plan_ladder(worktime: WorkTime, db: Connection, item: Introduction, now: datetime) -> None:
    for step, _ in LADDER:
        at = ladder_at(worktime, step, now)
        await dues.plan(db, "ladder", f"ladder:{item.code}:{step}", at, None, {"code": item.code, "step": step})


async def drop_ladder(db: Connection, item: Introduction) -> None:
    """The supplier has answered: no step of the ladder is needed."""
    for step, _ in LADDER:
        await dues.drop(db, f"ladder:{item.code}:{step}")


def ladder_at(worktime: WorkTime, step: str, since: datetime) -> datetime:
    """When a step of the ladder is due for a supplier who was asked then."""
    days = dict(LADDER)[step]
    return _working_days(worktime, since, days) if step == LADDER[0][0] else since + timedelta(days=days)


def _working_days(worktime: WorkTime, now: datetime, days: int) -> datetime:
    at = now
    for _ in range(days):
        at = worktime.promise(at)
    return at


async def climb(office: Office, db: Connection, due: Due, now: datetime) -> str:
    """One step of the ladder while a supplier says nothing: remind, press, warn the officers, end with the truth."""
    found = await pairs.introduction_by_code(db, due.payload["code"])
    if found is None or found.withdrawn_at is not None or found.supplier_agreed_at is not None:
        return "answered"
    step = due.payload["step"]
    if step == "end":
        await pairs.withdraw(db, found.id, "officer", now)
        await end(office, db, found, MatchState.UNREACHABLE, now)
        return "ended"
    if step != "remind":
        why = "supplier silent for a week" if step == "press" else "supplier silent for two weeks"
        await changes.ask_review(db, "introduction", found.code, why, now)
        await _tell_office(db, found, step, due.key, now)
    if found.supplier_id is None or step == "warn":
        return "officers told"
    need, offer = await needs.find(db, found.need_id), await catalogue.find_offer(db, found.offer_id)
    if need is None or offer is None:
        return "gone"
    question = supplier_question(need, offer, found)
    words = Reply(f"Em nhắc lại giúp người cần: {question.text}", question.choices, quick=True)
    await say(office, db, found.supplier_id, words, due.key, now)
    return "reminded"


async def _tell_office(db: Connection, found: Introduction, step: str, key: str, now: datetime) -> None:
    """After a week whoever looks after the need hears of the silence in their own chat, after two those who approve."""
    need = await needs.find(db, found.need_id)
    sheet = await board.sheet(db, need.code) if need else None
    if sheet is None:
        return
    days = "7 ngày" if step == "press" else "14 ngày"
    text = f"{sheet.need.code}: nơi cung cấp (mã {found.code}) im lặng {days}. Anh/chị gọi giúp một cuộc nhé."
    if step == "press":
        chats = await officers.chats(db, sheet.officer_id, Permission.NEEDS)
    else:
        chats = await officers.chats(db, permission=Permission.APPROVE)
    await tell_chats(db, chats, text, key, now)


async def end(
    office: Office, db: Connection, found: Introduction, state: MatchState, now: datetime, said: str = ""
) -> None:
    """One supplier falls out; when nobody else is left the owner hears the truth with three ways on."""
    await pairs.move(db, found.need_id, found.offer_id, state, now)
    need = await needs.find(db, found.need_id)
    if need is None or need.state is NeedState.CLOSED:
        return
    left = await pairs.live_pairs(db, found.need_id)
    said = said or ("đã trả lời là chưa nhận được" if state is MatchState.NO_HELP else "không trả lời sau 30 ngày")
    if left:
        text = f"Một nơi cung cấp (mã {found.code}) {said}. Phiếu {need.code} vẫn còn {len(left)} nơi đang chờ trả lời."
        await say(office, db, found.owner_id, Reply(text), f"one-out:{found.code}", now)
        return
    await say(office, db, found.owner_id, nobody(need, f"nơi cung cấp {said}"), f"nobody:{found.code}", now)


def nobody(need: Need, said: str) -> Reply:
    """The truth, with three ways on."""
    text = (
        f"Về phiếu {need.code}, em nói thật: {said}, hiện chưa có đơn vị nào nhận nhu cầu này. Phiếu vẫn mở. Anh/chị "
        "chọn một hướng nhé: nới điều kiện (kinh phí, thời gian, quy mô); tới hội thảo sắp tới; gặp cán bộ bàn cách khác; "
        "hoặc đưa vào danh sách nhu cầu gửi Bộ và các sàn."
    )
    choices = (
        Choice("Nới điều kiện", f"way:{need.id}/loosen", ("noi", "noi ra")),
        Choice("Hội thảo sắp tới", "events", ("hoi thao", "xem hoi thao")),
        ASK_OFFICER,
        Choice("Gửi lên danh sách quốc gia", f"way:{need.id}/list", ("gui bo", "gui len")),
    )
    return Reply(text, choices)


def _as_stated(need: Need) -> str:
    words = [(need.fields.get(name) or {}).get("words") for name in ("wish", "product")]
    return " ".join(word for word in words if word) or "máy sấy hoa hồi"


async def choose_way(turn: Turn, argument: str) -> Reply:
    """What to do with a need that nobody takes."""
    number, _, way = argument.partition("/")
    need = await needs.find(turn.db, int(number)) if number.isdigit() else None
    if need is None or need.person_id != turn.person.id:
        return GONE
    if way == "loosen":
        return Reply(
            f"Anh/chị nhắn lại nhu cầu trong một câu kèm điều kiện mới, ví dụ “{_as_stated(need)}, kinh phí đến 500 triệu”; "
            f"em bổ sung vào phiếu {need.code} và tìm lại ngay."
        )
    if way == "list":
        await changes.ask_review(turn.db, "need", need.code, "for the national list", turn.now)
        return Reply(
            f"Em đã đề nghị cán bộ đưa phiếu {need.code} vào danh sách gửi đi, không kèm tên và số điện thoại."
        )
    return Reply(f"Dạ, phiếu {need.code} vẫn mở; có nguồn mới là em báo.")


async def tell_unserved(office: Office, db: Connection, due: Due, now: datetime) -> str:
    """A month after a need was sent without anybody taking it: the truth with three ways on."""
    need = await needs.find(db, due.payload["need"])
    if need is None or need.state not in (NeedState.SUBMITTED, NeedState.OPEN) or await pairs.takers(db, need.id):
        return "served"
    if await pairs.live_pairs(db, need.id):
        return "under way"
    await say(office, db, need.person_id, nobody(need, "đã 30 ngày"), due.key, now)
    return "told"
