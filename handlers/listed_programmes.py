"""What a message asks of the programmes just listed: one of them by its place, all of them side by side, or "nó"."""

import re

from conversation.ordinals import listed_place
from conversation.reply import Choice, Reply, Sentences, shorten
from domain.programme import Programme, ProgrammeState
from domain.text import fold
from handlers import aspects, finding, programmes
from handlers.aspects import read_aspect
from handlers.sources import force_notes
from handlers.turn import Turn
from handlers.words import ASK_OFFICER, number, trimmed
from storage import knowledge, pulls

LONGEST, FEW = 90, 60  # characters of a message that is about the list
SIDE_BY_SIDE = 3  # programmes
MOST_EXPECTED = 9  # of a list that was not shown yet
IT = re.compile(
    r"^\W*(?:(?:the|vay|con|ma|thi)\s+)*(?:no|ben do|(?:cai|chuong trinh) (?:do|nay|ay|kia)|may cai (?:do|nay))\s"
)
WHICH_ONE = re.compile(r"\b(?:cai|chuong trinh|ctrinh|ct|quy|khoan|nguon|cho|ben)\s+(?:nao|gi)\b")
OWN_SHARE = re.compile(r"\b(?:doi ung|von tu co|tu bo|bo von|bo tien|phan con lai|toan bo|100\s?%|tram phan tram)")
EASIEST = re.compile(r"\b(?:de|nhanh|don gian|chac|kha thi|phu hop|hop|tot|loi|duoc nhieu)\s+(?:\w+\s+)?nhat\b")


def _ids(turn: Turn) -> list[str]:
    """The programmes listed last, when nothing else was listed since and they are still talked about."""
    if turn.talk.last_listed != "programmes" or turn.talk.recall_programme(turn.now) is None:
        return []
    return turn.talk.listed.get("programmes") or []


def refers(turn: Turn) -> bool:
    """Whether a message speaks of a list, shown or expected: "cái đầu tiên cần giấy tờ gì", "cái nào không cần đối ứng"."""
    folded = fold(turn.text)
    if len(turn.text) > LONGEST or turn.said.programme is not None:
        return False
    one = listed_place(turn.text, MOST_EXPECTED) is not None and (turn.said.asks or read_aspect(turn.text) is not None)
    some = WHICH_ONE.search(folded) is not None and bool(OWN_SHARE.search(folded) or EASIEST.search(folded))
    return one or some


async def answer(turn: Turn) -> Reply:
    """The answer to what `refers`; where no list was shown yet, the list as far as it is known."""
    if asks_of_one(turn):
        return await tell_one(turn)
    return await compare(turn) if asks_of_all(turn) else await programmes.tell_now(turn)


def asks_of_one(turn: Turn) -> bool:
    """Whether a message means one of the list by its place: "cái thứ hai nộp ở đâu"."""
    return _place(turn) is not None


def _place(turn: Turn) -> int | None:
    ids = _ids(turn)
    if not ids or len(turn.text) > LONGEST or turn.said.programme is not None:
        return None
    return listed_place(turn.text, len(ids))


async def tell_one(turn: Turn) -> Reply:
    """What is asked of the one that is meant, or what it is."""
    place = _place(turn)
    programme = await knowledge.find_programme(turn.db, _ids(turn)[place]) if place is not None else None
    if programme is None:
        return Reply("Em không còn thấy chương trình này trong danh sách ạ.")
    if programmes.WHY_NOT.search(fold(turn.text)) is not None:
        return await programmes.show_why(turn, programme.id)
    aspect = read_aspect(turn.text)
    if aspect is not None:
        return await aspects.say(turn, programme, aspect)
    return await programmes.say_programme(turn, programme)


def asks_of_all(turn: Turn) -> bool:
    """Whether a message asks which of the list asks for no money of one's own, ends when, is the easiest."""
    folded = fold(turn.text)
    if not _ids(turn) or len(turn.text) > LONGEST or turn.said.programme is not None:
        return False
    if WHICH_ONE.search(folded) is None:
        return False
    return bool(OWN_SHARE.search(folded) or EASIEST.search(folded) or read_aspect(turn.text))


async def compare(turn: Turn) -> Reply:
    """The list side by side under the one question that was asked."""
    folded, held = fold(turn.text), await knowledge.programmes(turn.db)
    stopped = await pulls.stopped(turn.db)
    rows = [held[id_] for id_ in _ids(turn) if id_ in held and id_ not in stopped][:SIDE_BY_SIDE]
    documents = await knowledge.documents(turn.db)
    aspect = read_aspect(turn.text)
    if OWN_SHARE.search(folded):
        head, told = "Phần tiền anh/chị tự lo:", [own_share(row) for row in rows]
    elif aspect is None:
        first = f"{rows[0].short_name} đạt nhiều điều kiện hơn" if rows else ""
        return Reply(f"Khó hay dễ em không dám nói trước. Theo lời anh/chị, {first}.", (ASK_OFFICER, *_choices(rows)))
    else:
        head, told = "Trong mấy chương trình vừa nêu:", [aspects.words(row, aspect, turn.today) for row in rows]
    tail = finding.sources(rows, documents, turn.today)
    lines = Sentences(max(turn.room - len(tail) - 1, 200))
    lines.add(head)
    for at, (row, words) in enumerate(zip(rows, told, strict=True), 1):
        lines.add(f"{at}. {row.short_name}: {shorten(words.replace(chr(10), ' '), 130)}")
    body = str(lines)
    if note := force_notes(body, documents, turn.today, tail):
        tail = f"{note}\n{tail}"
    return Reply(f"{body}\n{tail}", (*_choices(rows), ASK_OFFICER), quotes=tuple(row.id for row in rows))


def own_share(programme: Programme) -> str:
    """What an enterprise pays itself, as far as the programme's confirmed figures say."""
    rows = [row for row in programme.data.get("supports") or () if not row.get("unverified")]
    if programme.state is not ProgrammeState.IN_FORCE or programme.confidence == "low" or not rows:
        return "em chưa có mức đã xác nhận."
    shares = [row["max_percent"] for row in rows if isinstance(row.get("max_percent"), int | float)]
    if not shares:
        return "văn bản không đặt tỷ lệ, xem thông báo của đợt."
    if min(shares) >= 100:
        return "có thể được hỗ trợ tới 100%."
    least, most = number(min(shares)), number(max(shares))
    share = f"tối đa {most}%" if least == most else f"tối đa {least}-{most}% tuỳ khoản"
    return f"được hỗ trợ {share}, phần còn lại anh/chị tự lo."


def _choices(rows: list[Programme]) -> tuple[Choice, ...]:
    return tuple(Choice(trimmed(row.short_name), f"programme:{row.id}") for row in rows)


def asks_it(turn: Turn) -> bool:
    """Whether a short message asks if one fits, when several programmes were just named and none is meant alone."""
    folded = fold(turn.text)
    if len(folded) > FEW or not turn.talk.listed.get("programmes"):
        return False
    offered = [
        row for row in (turn.offered[0] if turn.offered else ()) if row.action.startswith(("programme:", "fit:"))
    ]
    if turn.said.asks and IT.match(folded) and len(offered) > 1:
        return True  # "nó hỗ trợ tối đa bao nhiêu"
    if turn.said.programme:
        return False
    mine = programmes.AM_I.search(folded) is not None and programmes.SELF.search(folded) is not None
    apart = turn.talk.recall_programme(turn.now) is None
    return mine and apart and not aspects.telling(programmes.SELF.sub(" ", folded))


async def ask_which(turn: Turn) -> Reply:
    """Asks which of the programmes just named is meant."""
    held = await knowledge.programmes(turn.db)
    known = [held[id_] for id_ in turn.talk.listed["programmes"] if id_ in held][:SIDE_BY_SIDE]
    aspect = read_aspect(turn.text)
    verb = f"aspect:{aspect}=" if aspect else "programme:" if IT.match(fold(turn.text)) else "check:"
    choices = tuple(Choice(trimmed(programme.short_name), f"{verb}{programme.id}") for programme in known)
    return Reply("Anh/chị hỏi chương trình nào ạ?", (*choices, ASK_OFFICER), quick=True)
