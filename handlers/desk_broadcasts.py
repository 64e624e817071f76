"""An officer writes to many from their own chat: compose, look, approve, stop, take back, correct."""

import re
from collections.abc import Awaitable, Callable

from conversation.reply import Choice, Reply, shorten
from domain.broadcast import STATE_WORDS, UNDECIDED, Broadcast, BroadcastState, faults_of
from domain.officer import Officer, Permission
from domain.segment import EVERYBODY, Is, Trait, words
from handlers import broadcasts as making
from handlers import outages
from handlers.broadcasts import Impossible
from handlers.turn import Turn
from handlers.words import CHANNELS, number
from storage import audit, broadcasts, segments

CODE = re.compile(r"\s*(?:TB\W{0,2})?0*(\d{1,7})\b[\s:,]*", re.IGNORECASE)
NO = Choice("Thôi", "desk:no", ("khong", "thoi", "huy"))
Command = Callable[[Turn, Officer, str], Awaitable[Reply]]
Effect = Callable[[Turn, Officer, dict[str, str]], Awaitable[Reply]]


async def _named(turn: Turn, rest: str) -> tuple[Broadcast | None, str]:
    """The broadcast a command names with the rest of its words."""
    found = CODE.match(rest)
    if found is None:
        return None, rest
    return await broadcasts.find(turn.db, int(found[1])), rest[found.end() :].strip()


async def _compose(turn: Turn, officer: Officer, rest: str) -> Reply:
    head, colon, tail = rest.partition(":")
    kept = await segments.named(turn.db, head.strip()) if colon else None
    text = tail.strip() if kept else rest.strip()
    faults = faults_of("tin", text)
    if faults:
        return Reply(f"{faults[0]} Cách dùng: /soantin Tên nhóm: nội dung. Không ghi nhóm là gửi tất cả.")
    audience = Is(Trait.SAVED, (str(kept.id),)) if kept else EVERYBODY
    held = await broadcasts.compose(turn.db, shorten(text, 60), text, audience, officer.name, turn.now)
    await audit.note(turn.db, officer.name, "draft", "broadcast", held.code, turn.now, "qua chat")
    return await _ahead(turn, held, kept.name if kept else "tất cả")


async def _ahead(turn: Turn, held: Broadcast, whom: str) -> Reply:
    found = await making.outlook(turn.office, turn.db, held, turn.now)
    lines = [f"{held.code} gửi {whom}: {making.count_words(found.count, CHANNELS)}."]
    lines += found.frames
    if found.times:
        lines.append(f"Đông bất thường: các lần trước khoảng {number(found.usual)} người.")
    if found.count.third_this_week:
        lines.append(f"{number(found.count.third_this_week)} người sẽ nhận tin thứ 3 trong tuần.")
    lines += [*found.faults, f"Xem thử:\n{shorten(making.shown(held, 'anh/chị').text, 300)}"]
    count = f" {found.count.reached}" if found.second else ""
    ask = "gửi duyệt (gõ đúng số người)" if found.second else "gửi"
    lines.append(f"Để {ask}: /guitin {held.code}{' số-người' if count else ''}")
    return Reply("\n".join(lines), long=True)


async def _look(turn: Turn, officer: Officer, rest: str) -> Reply:
    held, _ = await _named(turn, rest)
    if held is None:
        return Reply("Em không thấy tin này. Cách dùng: /xemtin TB-0001.")
    if held.state is BroadcastState.DRAFT:
        return await _ahead(turn, held, words(held.audience))
    if held.state is BroadcastState.WAITING:
        found = await making.outlook(turn.office, turn.db, held, turn.now)
        unusual = f" Đông bất thường, các lần trước khoảng {number(found.usual)}." if found.times else ""
        head = (
            f"{held.code} do {held.author} soạn, gửi {words(held.audience)}: "
            f"{making.count_words(found.count, CHANNELS)}.{unusual}"
        )
        lines = [head, *found.frames, shorten(held.text, 300), f"Duyệt: /duyettin {held.code}"]
        return Reply("\n".join(lines), long=True)
    return Reply(await _standing(turn, held), long=True)


async def _standing(turn: Turn, held: Broadcast) -> str:
    found = await broadcasts.ledger(turn.db, held.id, turn.now)
    why = "; ".join(f"{making.why_words(reason)} {number(n)}" for reason, n in list(found.reasons.items())[:4])
    lines = [f"{held.code} {STATE_WORDS[held.state].lower()}: {making.ledger_words(found)}."]
    if why:
        lines.append(f"Lý do: {why}.")
    if held.state in (BroadcastState.SCHEDULED, BroadcastState.RUNNING):
        lines.append(f"Dừng ngay: /dungtin {held.code}")
    elif found.reached:
        left = found.reached - found.recallable
        lines.append(f"Gỡ được {number(found.recallable)}, không gỡ được {number(left)}: /gotin {held.code}")
        lines.append(f"Đính chính cho người còn giữ tin: /dinhchinh {held.code} lời đính chính")
    return "\n".join(lines)


async def _submit(turn: Turn, officer: Officer, rest: str) -> Reply:
    held, typed = await _named(turn, rest)
    if held is None:
        return Reply("Em không thấy tin này. Cách dùng: /guitin TB-0001, thêm số người khi em hỏi.")
    digits = "".join(sign for sign in typed if sign.isdigit())
    try:
        said = await making.submit(turn.office, turn.db, held, officer, int(digits) if digits else None, turn.now)
    except Impossible as error:
        return Reply(str(error))
    if said == "waiting":
        return Reply(f"Đã gửi {held.code} cho người duyệt. Duyệt xong tin mới đi.")
    return Reply(f"{held.code} đang gửi. Xem: /xemtin {held.code}. Dừng ngay: /dungtin {held.code}")


async def _approve(turn: Turn, officer: Officer, rest: str) -> Reply:
    held, _ = await _named(turn, rest)
    if held is None or held.state is not BroadcastState.WAITING:
        return Reply("Không có tin nào chờ duyệt mang mã này. Cách dùng: /duyettin TB-0001.")
    if held.author == officer.name:
        return Reply("Anh/chị là người soạn nên cần người khác duyệt.")
    turn.talk.pending["desk"] = {"do": "approve", "code": str(held.id)}
    found = await making.outlook(turn.office, turn.db, held, turn.now)
    ask = f"Duyệt {held.code}, gửi {number(found.count.reached)} người?\n“{shorten(held.text, 300)}”"
    return Reply(ask, (Choice("Duyệt, gửi", "desk:yes", ("co", "dung", "duyet")), NO), quick=True)


async def _do_approve(turn: Turn, officer: Officer, asked: dict[str, str]) -> Reply:
    held = await broadcasts.find(turn.db, int(asked["code"]))
    try:
        count = await making.approve(turn.office, turn.db, held, officer, turn.now) if held else 0
    except Impossible as error:
        return Reply(str(error))
    code = held.code if held else ""
    return Reply(f"Đã duyệt {code}, đang gửi {number(count)} người. Dừng ngay: /dungtin {code}")


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
    return Reply(await _standing(turn, fresh or held), long=True)


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
    return await _ahead(turn, made, f"người còn giữ tin {held.code}")


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
    "guitin": (Permission.SEND, _submit),
    "duyettin": (Permission.APPROVE, _approve),
    "dungtin": (Permission.SEND, _stop),
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
    (Permission.SEND, "/guitin TB-0001: gửi hoặc xin duyệt"),
    (Permission.APPROVE, "/duyettin TB-0001: duyệt tin"),
    (Permission.SEND, "/dungtin TB-0001: dừng ngay"),
)
