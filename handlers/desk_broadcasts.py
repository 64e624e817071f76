"""An officer writes to many from their own chat: compose, look, approve, stop, take back, correct."""

import re
from collections.abc import Awaitable, Callable
from datetime import date, datetime, time, timedelta

from conversation.reply import Choice, Reply, shorten
from domain import calendar
from domain.broadcast import STATE_WORDS, UNDECIDED, Broadcast, BroadcastState, faults_of, filled
from domain.officer import Officer, Permission
from domain.segment import EVERYBODY, Is, Trait
from domain.text import fold
from domain.worktime import ZONE, say_time
from handlers import audiences, outages
from handlers import broadcasts as making
from handlers.broadcasts import Impossible
from handlers.turn import Turn
from handlers.words import CHANNELS, number
from storage import audit, broadcasts, officers, segments
from storage.segments import Kept

CODE = re.compile(r"\s*(?:TB\W{0,2})?0*(\d{1,7})\b[\s:,]*", re.IGNORECASE)
HOW = re.compile(r"(?P<count>[\d.,\s]*)(?:\s*l[úu]c\s+(?P<at>[^k]+?))?(?:\s*kh[ẩa]n\W+(?P<why>.+))?\s*", re.IGNORECASE)
WHEN = re.compile(
    r"(?P<hour>\d{1,2})(?:\s*(?::|h|gio)\s*(?P<minute>\d{2})?)"
    r"(?:\s*(?:ngay\s+)?(?P<day>\d{1,2})[/-](?P<month>\d{1,2})(?:[/-](?P<year>\d{4}))?|\s*(?P<word>hom nay|mai|ngay mai))?"
)
NO = Choice("Thôi", "desk:no", ("khong", "thoi", "huy"))
Command = Callable[[Turn, Officer, str], Awaitable[Reply]]
Effect = Callable[[Turn, Officer, dict[str, str]], Awaitable[Reply]]


async def _named(turn: Turn, rest: str) -> tuple[Broadcast | None, str]:
    """The broadcast a command names with the rest of its words."""
    found = CODE.match(rest)
    if found is None:
        return None, rest
    return await broadcasts.find(turn.db, int(found[1])), rest[found.end() :].strip()


def _button(label: str, command: str, held: Broadcast, *also: str) -> Choice:
    """A command with its code at one tap."""
    return Choice(label, f"do:{command}/{held.id}", also)


async def _aimed(turn: Turn, rest: str) -> tuple[Kept | None, str]:
    """What "nhóm: nội dung" says: the kept segment when there is one of this name, and the words."""
    head, colon, tail = rest.partition(":")
    kept = await segments.named(turn.db, head.strip()) if colon else None
    return kept, (tail if kept else rest).strip()


async def _compose(turn: Turn, officer: Officer, rest: str) -> Reply:
    kept, text = await _aimed(turn, rest)
    faults = faults_of("tin", text)
    if faults:
        return Reply(f"{faults[0]} Cách dùng: /soantin Tên nhóm: nội dung. Không ghi nhóm là gửi tất cả.")
    audience = Is(Trait.SAVED, (str(kept.id),)) if kept else EVERYBODY
    title = shorten(filled(text, {"ten": "anh/chị", "co_so": "cơ sở", "xa": "xã"}), 60)
    held = await broadcasts.compose(turn.db, title, text, audience, officer.name, turn.now)
    await audit.note(turn.db, officer.name, "draft", "broadcast", held.code, turn.now, "qua chat")
    return await ahead(turn, held, kept.name if kept else "tất cả")


async def _change(turn: Turn, officer: Officer, rest: str) -> Reply:
    """Other words, or another segment, for a draft; for a stopped one a draft that goes to the rest."""
    held, said = await _named(turn, rest)
    kept, text = await _aimed(turn, said)
    if held is None or not (kept or text):
        return Reply("Cách dùng: /suatin TB-0001 nội dung mới, hoặc /suatin TB-0001 Tên nhóm: nội dung mới.")
    faults = faults_of(held.title, text or held.text, held.buttons)
    if faults:
        return Reply(" ".join(faults))
    audience = Is(Trait.SAVED, (str(kept.id),)) if kept else None
    try:
        if held.state not in UNDECIDED:
            made = await making.rewrite(turn.db, held, officer, text, audience, turn.now)
            return await ahead(
                turn, made, await audiences.told(turn.db, made.audience) if kept else f"người chưa nhận {held.code}"
            )
        changes = {"text": text or held.text} | ({"audience": audience} if audience else {})
        if not await broadcasts.revise(turn.db, held.id, officer.name, **changes):
            raise Impossible("Tin này vừa được người khác chuyển bước.")
    except Impossible as error:
        return Reply(str(error))
    before, after = {"nội dung": held.text}, {"nội dung": text or held.text}
    await audit.note(turn.db, officer.name, "edit", "broadcast", held.code, turn.now, "qua chat", before, after)
    fresh = await broadcasts.find(turn.db, held.id) or held
    return await ahead(turn, fresh, await audiences.told(turn.db, fresh.audience))


async def ahead(turn: Turn, held: Broadcast, whom: str) -> Reply:
    """What would happen, then the whole text: nobody sends what they have not read to its end."""
    found = await making.outlook(turn.office, turn.db, held, turn.now)
    lines = [f"{held.code} gửi {whom}: {making.count_words(found.count, CHANNELS)}.", *_warnings(found), *found.faults]
    ready, text = not found.faults and found.count.reached > 0, f"Xem thử:\n{making.shown(held, 'anh/chị').text}"
    look = _button("Xem như người nhận", "thutin", held, "xem nhu nguoi nhan")
    if ready and found.second:
        lines.append(f"Để gửi duyệt, gõ lệnh này với đúng số người: /guitin {held.code} số-người")
    elif ready:
        send = _button(f"Gửi {number(found.count.reached)} người", "guitin", held, "gui", "gui di")
        return Reply("\n".join([*lines, text]), (send, look), long=True)
    return Reply("\n".join([*lines, text]), (look,), long=True)


def _warnings(found: making.Outlook) -> list[str]:
    """What an officer must know before saying yes."""
    lines = list(found.frames)
    if found.had:
        lines.append(f"Trong nhóm này, {number(found.had)} người đã nhận bản trước.")
    if found.times:
        now, usual = number(found.count.reached), number(found.usual)
        lines.append(f"Đông bất thường: các lần trước khoảng {usual} người, nay {now}.")
    if found.count.third_this_week:
        lines.append(f"{number(found.count.third_this_week)} người sẽ nhận tin thứ 3 trong tuần.")
    return lines


async def _try_out(turn: Turn, officer: Officer, rest: str) -> Reply:
    """The message itself, here, as a reader gets it."""
    held, _ = await _named(turn, rest)
    chats = [one for one in await officers.chats(turn.db, officer.id) if one.address_id == turn.address_id]
    if held is None or not chats:
        return Reply("Em không thấy tin này. Cách dùng: /thutin TB-0001.")
    await making.try_out(turn.office, turn.db, held, officer, chats, turn.now)
    return Reply(f"Em gửi {held.code} xuống đây như người nhận thấy; nút trong đó là nút thật.")


async def _look(turn: Turn, officer: Officer, rest: str) -> Reply:
    held, _ = await _named(turn, rest)
    if held is None:
        return Reply("Em không thấy tin này. Cách dùng: /xemtin TB-0001.")
    if held.state is BroadcastState.DRAFT:
        return await ahead(turn, held, await audiences.told(turn.db, held.audience))
    if held.state is BroadcastState.WAITING:
        return await _to_decide(turn, officer, held)
    return await _standing(turn, held)


async def _to_decide(turn: Turn, officer: Officer, held: Broadcast) -> Reply:
    """What an approver reads: whom it is for, what is strange, every word, the files."""
    found = await making.outlook(turn.office, turn.db, held, turn.now)
    count = making.count_words(found.count, CHANNELS)
    lines = [
        f"{held.code} do {held.author} soạn, gửi {await audiences.told(turn.db, held.audience)}: {count}.",
        *_warnings(found),
    ]
    if held.send_at is not None:
        lines.append(f"Hẹn {say_time(held.send_at)}.")
    if held.urgent:
        lines.append(f"Gửi khẩn ngoài giờ vì: {held.urgent}.")
    files = [file.name for file in await making.files_of(turn.office, turn.db, held)]
    lines += [f"Kèm: {', '.join(files)}."] if files else []
    choices = [_button("Xem như người nhận", "thutin", held, "xem nhu nguoi nhan")]
    if officer.may(Permission.APPROVE) and officer.name != held.author:
        choices.insert(0, _button("Duyệt…", "duyettin", held, "duyet"))
        lines.append(f"Trả lại người soạn: /tralaitin {held.code} cần sửa gì")
    lines.append(f"“{making.shown(held, 'anh/chị').text}”")
    return Reply("\n".join(lines), tuple(choices), long=True)


async def _standing(turn: Turn, held: Broadcast) -> Reply:
    found = await broadcasts.ledger(turn.db, held.id, turn.now)
    why = "; ".join(f"{making.why_words(reason)} {number(n)}" for reason, n in list(found.reasons.items())[:4])
    lines = [f"{held.code} {STATE_WORDS[held.state].lower()}: {making.ledger_words(found)}."]
    if why:
        lines.append(f"Lý do: {why}.")
    again = _button("Xem lại", "xemtin", held, "xem lai")
    if held.state in (BroadcastState.SCHEDULED, BroadcastState.RUNNING):
        return Reply("\n".join(lines), (_stop_button(held), again), long=True)
    choices = [_button(f"Gỡ {number(found.recallable)} tin", "gotin", held, "go tin")] if found.recallable else []
    if found.reached:
        left = found.reached - found.recallable
        lines.append(f"Gỡ được {number(found.recallable)}, không gỡ được {number(left)}.")
        lines.append(f"Đính chính cho người còn giữ tin: /dinhchinh {held.code} lời đính chính")
    if held.state in (BroadcastState.STOPPED, BroadcastState.PAUSED):
        lines.append(f"Sửa rồi gửi cho người chưa nhận: /suatin {held.code} nội dung mới")
        lines.append(f"Gửi tiếp như cũ: /tieptin {held.code} lý do")
    return Reply("\n".join(lines), (*choices, again), long=True)


def _stop_button(held: Broadcast) -> Choice:
    """One tap, no question: each second counts, and nothing is lost by it."""
    return _button("DỪNG GỬI", "dungtin", held, "dung gui", "dung gui ngay")


async def _submit(turn: Turn, officer: Officer, rest: str) -> Reply:
    held, typed = await _named(turn, rest)
    if held is None:
        return Reply("Em không thấy tin này. Cách dùng: /guitin TB-0001, thêm số người khi em hỏi.")
    found = HOW.fullmatch(typed)
    if found is None:
        return Reply(f"Cách dùng: /guitin {held.code} số-người, thêm “lúc 08:00 15/12” để hẹn, “khẩn: lý do” nếu gấp.")
    counted = "".join(sign for sign in found["count"] or "" if sign.isdigit())
    try:
        at = read_instant(found["at"], turn.today) if found["at"] else None
        said = await making.submit(
            turn.office, turn.db, held, officer, int(counted) if counted else None, turn.now, at, found["why"] or ""
        )
    except (Impossible, ValueError) as error:
        return Reply(str(error))
    if said == "waiting":
        return Reply(f"Đã gửi {held.code} cho người duyệt. Duyệt xong tin mới đi.")
    fresh = await broadcasts.find(turn.db, held.id) or held
    return Reply(
        f"{held.code} {_when(turn, fresh)}.", (_stop_button(held), _button("Xem lại", "xemtin", held, "xem lai"))
    )


def _when(turn: Turn, held: Broadcast) -> str:
    """When what has been let go leaves: now, at its hour, or when messages to many may leave again."""
    if held.send_at is not None and held.send_at > turn.now:
        return f"sẽ gửi lúc {say_time(held.send_at)}"
    worktime = turn.office.worktime
    if held.urgent or worktime.may_broadcast(turn.now):
        return "đang gửi"
    return f"đang ngoài giờ gửi tin nên sẽ tự gửi từ {say_time(worktime.next_broadcast(turn.now))}"


def read_instant(text: str, today: date) -> datetime:
    """ "08:00", "8h30 mai", "14:00 15/12", "9h 2/1/2027" by the clock of Việt Nam; the nearest such day. Raises
    ValueError with words for the officer."""
    found = WHEN.fullmatch(fold(text).strip())
    if found is None or int(found["hour"]) > 23 or int(found["minute"] or 0) > 59:
        raise ValueError("Giờ hẹn chưa đọc được. Ví dụ: lúc 08:00 15/12, hoặc lúc 8h30 mai.")
    days = (today, today)
    if found["day"]:
        year = int(found["year"]) if found["year"] else None
        known = calendar.day(today, int(found["day"]), int(found["month"]), year)
        if known is None:
            raise ValueError("Không có ngày này trong lịch.")
        days = known
    elif found["word"] in ("mai", "ngay mai"):
        days = (today + timedelta(days=1),) * 2
    return datetime.combine(days[0], time(int(found["hour"]), int(found["minute"] or 0)), ZONE)


async def _approve(turn: Turn, officer: Officer, rest: str) -> Reply:
    held, _ = await _named(turn, rest)
    if held is None or held.state is not BroadcastState.WAITING:
        return Reply("Không có tin nào chờ duyệt mang mã này. Cách dùng: /duyettin TB-0001.")
    if held.author == officer.name:
        return Reply("Anh/chị là người soạn nên cần người khác duyệt.")
    turn.talk.pending["desk"] = {"do": "approve", "code": str(held.id)}
    found = await making.outlook(turn.office, turn.db, held, turn.now)
    ask = (
        f"Duyệt {held.code}, gửi {number(found.count.reached)} người ({await audiences.told(turn.db, held.audience)})?"
    )
    lines = [ask, *_warnings(found), f"“{making.shown(held, 'anh/chị').text}”"]
    return Reply(
        "\n".join(lines), (Choice("Duyệt, gửi", "desk:yes", ("co", "dung", "duyet")), NO), quick=True, long=True
    )


async def _do_approve(turn: Turn, officer: Officer, asked: dict[str, str]) -> Reply:
    held = await broadcasts.find(turn.db, int(asked["code"]))
    if held is None:
        return Reply("Em không thấy tin này.")
    try:
        count = await making.approve(turn.office, turn.db, held, officer, turn.now)
    except Impossible as error:
        return Reply(str(error))
    said = f"Đã duyệt {held.code} cho {number(count)} người, {_when(turn, held)}."
    return Reply(said, (_stop_button(held), _button("Xem lại", "xemtin", held, "xem lai")))


async def _send_back(turn: Turn, officer: Officer, rest: str) -> Reply:
    held, reason = await _named(turn, rest)
    if held is None or not reason:
        return Reply("Cách dùng: /tralaitin TB-0001 cần sửa gì.")
    try:
        await making.send_back(turn.db, held, officer, reason, turn.now)
    except Impossible as error:
        return Reply(str(error))
    return Reply(f"Đã trả {held.code} lại người soạn.")


async def _go_on(turn: Turn, officer: Officer, rest: str) -> Reply:
    held, reason = await _named(turn, rest)
    if held is None:
        return Reply("Cách dùng: /tieptin TB-0001 lý do.")
    try:
        await making.go_on(turn.db, held, officer, reason, turn.now)
    except Impossible as error:
        return Reply(str(error))
    return Reply(f"{held.code} gửi tiếp cho người chưa nhận.", (_stop_button(held),))


async def _stop(turn: Turn, officer: Officer, rest: str) -> Reply:
    """Not asked once more: each second counts, and nothing is lost by it."""
    held, reason = await _named(turn, rest)
    if held is None:
        return Reply("Em không thấy tin này. Cách dùng: /dungtin TB-0001.")
    try:
        await making.stop(turn.db, held, officer, reason, turn.now)
    except Impossible as error:
        return Reply(str(error))
    fresh = await broadcasts.find(turn.db, held.id)
    return await _standing(turn, fresh or held)


async def _recall(turn: Turn, officer: Officer, rest: str) -> Reply:
    held, _ = await _named(turn, rest)
    if held is None or held.state in UNDECIDED:
        return Reply("Em không thấy tin này. Cách dùng: /gotin TB-0001.")
    found = await broadcasts.ledger(turn.db, held.id, turn.now)
    turn.talk.pending["desk"] = {"do": "recall", "code": str(held.id)}
    ask = f"Gỡ {number(found.recallable)} tin {held.code} khỏi máy người nhận?"
    return Reply(ask, (Choice("Gỡ", "desk:yes", ("co", "dung", "go")), NO), quick=True)


async def _do_recall(turn: Turn, officer: Officer, asked: dict[str, str]) -> Reply:
    held = await broadcasts.find(turn.db, int(asked["code"]))
    if held is None:
        return Reply("Em không thấy tin này.")
    try:
        gone, left = await making.recall(turn.db, held, officer, turn.now)
    except Impossible as error:
        return Reply(str(error))
    return Reply(f"Đang gỡ {number(gone)} tin; {number(left)} tin không gỡ được. Xem: /xemtin {held.code}")


async def _correct(turn: Turn, officer: Officer, rest: str) -> Reply:
    held, text = await _named(turn, rest)
    if held is None or not text or held.state in UNDECIDED:
        return Reply("Cách dùng: /dinhchinh TB-0001 lời đính chính.")
    made = await making.correct(turn.db, held, officer, text, turn.now)
    return await ahead(turn, made, f"người còn giữ tin {held.code}")


async def _elsewhere(turn: Turn, officer: Officer, rest: str) -> Reply:
    held, _ = await _named(turn, rest)
    if held is None:
        return Reply("Em không thấy tin này. Cách dùng: /kenhkhac TB-0001.")
    running = outages.running_channels(turn.office.health())
    moved = await outages.send_elsewhere(turn.db, held, officer, turn.now, turn.office.terms, running)
    if not moved:
        return Reply(f"{held.code} không có ai đang chờ mà gửi được qua kênh khác.")
    return Reply(f"Đang gửi {held.code} cho {number(moved)} người qua kênh kia; họ không nhận thêm ở kênh cũ.")


COMMANDS: dict[str, tuple[Permission, Command]] = {
    "soantin": (Permission.SEND, _compose),
    "xemtin": (Permission.LOOK, _look),
    "suatin": (Permission.SEND, _change),
    "thutin": (Permission.SEND, _try_out),
    "guitin": (Permission.SEND, _submit),
    "duyettin": (Permission.APPROVE, _approve),
    "tralaitin": (Permission.APPROVE, _send_back),
    "dungtin": (Permission.SEND, _stop),
    "tieptin": (Permission.SEND, _go_on),
    "gotin": (Permission.SEND, _recall),
    "dinhchinh": (Permission.SEND, _correct),
    "kenhkhac": (Permission.SEND, _elsewhere),
}
EFFECTS: dict[str, tuple[Permission, Effect]] = {
    "approve": (Permission.APPROVE, _do_approve),
    "recall": (Permission.SEND, _do_recall),
}
HELP = (
    (Permission.SEND, "/soantin nhóm: nội dung: soạn tin gửi nhiều người"),
    (Permission.SEND, "/guitin TB-0001: gửi hoặc xin duyệt; thêm “lúc 08:00 15/12” để hẹn giờ"),
    (Permission.LOOK, "/xemtin TB-0001: tin đã tới đâu"),
    (Permission.SEND, "/suatin TB-0001 nội dung mới: sửa bản nháp, hoặc gửi bản sửa cho người chưa nhận"),
    (Permission.APPROVE, "/duyettin TB-0001: duyệt tin"),
    (Permission.SEND, "/dungtin TB-0001: dừng ngay"),
)
