"""Short questions about one programme (deadline, days left, where, papers, how much), names that come near one."""

import re
from collections.abc import Iterable
from datetime import date

from conversation.reply import Choice, Reply, shorten
from domain.programme import Programme, ProgrammeState, ended
from domain.text import fold
from domain.worktime import say_day
from handlers import finding, papers
from handlers.sources import force_notes
from handlers.turn import Turn
from handlers.words import ASK_OFFICER, number, standing_words, trimmed
from nlu.understanding import Context
from storage import knowledge, pulls

DEADLINE, DAYS, WHERE, PAPERS, AMOUNT = "deadline", "days", "where", "papers", "amount"
WHEN = r"(?:khi nao|bao gio|luc nao|chung nao|ngay nao)"
ASPECTS = {
    DAYS: r"con (?:may|bao nhieu|bn|duoc may) (?:ngay|hom|bua)|con bao lau|may ngay nua",
    DEADLINE: rf"\bhan (?:nop|chot|cuoi|dang ky|nhan|la|den|khi|bao)|\b{WHEN} (?:thi )?(?:het han|chot|dong)|"
    rf"(?:nop|nhan ho so) den {WHEN}|het han (?:chua|{WHEN})|deadline|con han",
    WHERE: r"nop (?:o dau|tai dau|dau|cho ai|ho so (?:o|tai) dau)|nop cho (?:co quan|cho) nao|"
    r"cho nao nhan ho so|gui (?:o|di|ve) dau",
    PAPERS: r"ho so (?:gom|can|nhung|co|la) |giay to (?:gi|nao|gom|can)|"
    r"can (?:nhung )?(?:giay|ho so) (?:to )?gi|chuan bi (?:giay|ho so|nhung) ",
    AMOUNT: r"(?:duoc )?ho tro (?:duoc )?(?:bao nhieu|may|toi da)|muc ho tro|duoc (?:bao nhieu|may) (?:tien|phan tram)|"
    r"toi da bao nhieu|bao nhieu tien",
}
PATTERNS = {name: re.compile(pattern) for name, pattern in ASPECTS.items()}
OTHER = re.compile(
    r"^(?:(?:a|uh|u|roi|ma)\s+)*(?:(?:the|vay)\s+(?:the\s+)?con|con\s+(?=cai|chuong trinh|quy|khoan|goi|de an))\s+"
    r"(?:(?:cai|chuong trinh|quy|khoan|phan|ben|goi|vu|de an)\s+)*(.{3,60}?)\s*(?:thi sao|the nao|a|nhi|em)?[?. ]*$"
)
FILLING = frozenset(
    "the vay con cai chuong trinh quy thi sao em oi a nhe cho hoi minh la gi bao gio khi nao han nop ho so o dau may ngay "
    "nua duoc khong ko co can nhung giay to gom muc tro bao nhieu tien toi da cua nay do kia den chot cuoi dang ky nhan "
    "het luc hom bua lau tai ai gui di ve chi anh ben nha de va ma roi chuan bi phan tram hon dc k bn vi mot ad u uh "
    "nhi chung".split()
)
TELLING_NOT = FILLING | frozenset(
    "quoc gia tinh ho tro doanh nghiep phat trien nam giai doan quyet dinh nghi thong tu ke hoach so".split()
)
COMMON = ("natif-tai-tro-nhiem-vu-dmcn", "khuyen-cong-2026-2030", "nd80-cong-nghe")  # suggested when none is known


def read_aspect(text: str) -> str | None:
    """Which of the short questions a message asks, if any."""
    folded = fold(text)
    return next((name for name, pattern in PATTERNS.items() if pattern.search(folded)), None)


def telling(text: str) -> list[str]:
    """The words of a text that could name a programme."""
    return [word for word in re.findall(r"\w+", fold(text)) if word not in TELLING_NOT and len(word) > 1]


def follows_up(turn: Turn) -> bool:
    """Whether a message asks something short that only the talk's programme makes clear."""
    if len(turn.text) > 90 or "\n" in turn.text:
        return False
    folded = fold(turn.text)
    other = OTHER.match(folded.strip())
    if other is not None and read_aspect(turn.text) is None and "nao" not in other[1].split():
        elsewhere = turn.said.sure and turn.said.act not in (
            "ask_policy",
            "ask_programme",
            "find_programme",
            "out_of_scope",
        )
        return bool(turn.talk.recall_programme(turn.now)) and not elsewhere
    if read_aspect(turn.text) is None:
        return False
    bare = not [word for word in re.findall(r"\w+", folded) if word not in FILLING]
    if bare:
        return turn.talk.form is None or bool(turn.talk.recall_programme(turn.now))
    return turn.said.programme is not None and turn.said.act == "ask_programme" and turn.said.sure


async def follow_up(turn: Turn) -> Reply:
    """Answers a short question about the programme it means, said aloud; asks which one when none is fresh."""
    aspect = read_aspect(turn.text)
    other = OTHER.match(fold(turn.text).strip()) if aspect is None else None
    if other is not None:
        return await _switch(turn, turn.text.strip()[other.start(1) : other.end(1)])
    aspect = aspect or DEADLINE
    programme_id = turn.said.programme or turn.talk.recall_programme(turn.now)
    programme = await knowledge.find_programme(turn.db, programme_id) if programme_id else None
    if programme is None:
        return await _which(turn, aspect)
    return await say(turn, programme, aspect)


async def _switch(turn: Turn, named: str) -> Reply:
    """Another programme under the question that was asked of the last one."""
    found = turn.office.mind.understand(named, Context(), turn.now).programme
    programme = await knowledge.find_programme(turn.db, found) if found else None
    if programme is None:
        near = await near_names(turn, named, most=1)
        programme = near[0] if near else None
    if programme is None:
        return await _which(
            turn, turn.talk.aspect or DEADLINE, f"Em chưa rõ “{shorten(named, 50)}” là chương trình nào. "
        )
    return await say(turn, programme, turn.talk.aspect or DEADLINE)


async def choose(turn: Turn, argument: str) -> Reply:
    """The short question about a programme chosen from a list: "aspect=programme"."""
    aspect, _, programme_id = argument.partition("=")
    programme = await knowledge.find_programme(turn.db, programme_id)
    if programme is None or aspect not in ASPECTS:
        return Reply("Em không còn thấy chương trình này trong danh sách ạ.")
    return await say(turn, programme, aspect)


async def _which(turn: Turn, aspect: str, before: str = "") -> Reply:
    """Asks which programme is meant, with at most three suggestions."""
    held = await knowledge.programmes(turn.db)
    stopped = await pulls.stopped(turn.db)
    ids = [turn.talk.programme, *turn.talk.listed.get("programmes", ()), *COMMON]
    known = [held[id_] for id_ in dict.fromkeys(ids) if id_ in held and id_ not in stopped][:3]
    choices = tuple(Choice(trimmed(p.short_name), f"aspect:{aspect}={p.id}") for p in known)
    return Reply(f"{before}Anh/chị hỏi chương trình nào ạ?", choices, quick=True)


async def say(turn: Turn, programme: Programme, aspect: str) -> Reply:
    """One short question about one programme, with its source line."""
    aloud = "" if turn.just_named(programme.id) else f"(Về {programme.short_name}) "
    turn.talk.speak_of(programme.id, turn.now)
    turn.talk.aspect = aspect
    if await pulls.stops(turn.db, (programme.id,)):
        return Reply(f"{aloud}Chương trình này đang được rà soát, anh/chị hỏi cán bộ giúp em nhé.", (ASK_OFFICER,))
    documents = await knowledge.documents(turn.db)
    tail = finding.sources([programme], documents, turn.today)
    if ended(programme, turn.today.isoformat()) or programme.state is ProgrammeState.DRAFT:
        standing = standing_words(programme, turn.today)
        note = shorten(programme.state_note, 160)
        return Reply(f"{aloud}{standing} {note}\n{tail}", (ASK_OFFICER,), quotes=(programme.id,))
    named = words(programme, aspect, turn.today)
    if note := force_notes(named, documents, turn.today, tail):
        tail = f"{note}\n{tail}"
    if aspect == PAPERS:
        return papers.show(turn, programme, tail)
    doubt = f"\n{standing_words(programme, turn.today)}" if programme.state is ProgrammeState.UNSURE else ""
    body = shorten(f"{aloud}{named}{doubt}", max(turn.room - len(tail) - 1, 120))
    return Reply(f"{body}\n{tail}", (*choices(programme, turn.today, but=aspect), ASK_OFFICER), quotes=(programme.id,))


def words(programme: Programme, aspect: str, today: date) -> str:
    """What is known of one short question about one programme."""
    if aspect == PAPERS:
        return "\n".join(papers.listed(programme)) or "em chưa có danh mục giấy tờ."
    return {DEADLINE: _deadline, DAYS: _days, WHERE: _where, AMOUNT: _amount}.get(aspect, _deadline)(programme, today)


def choices(programme: Programme, today: date, but: str = "") -> tuple[Choice, ...]:
    """What can be asked next of a programme that holds."""
    if ended(programme, today.isoformat()) or programme.state is not ProgrammeState.IN_FORCE:
        return ()
    made = []
    if programme.data.get("conditions") is not None:
        made.append(Choice("Bên tôi có hợp không?", f"check:{programme.id}", ("co hop khong", "hop khong")))
    if (programme.data.get("apply") or {}).get("documents") and but != PAPERS:
        made.append(Choice("Giấy tờ cần có", f"aspect:{PAPERS}={programme.id}", ("giay to", "ho so")))
    return tuple(made)


def _deadline(programme: Programme, today: date) -> str:
    day = programme.deadline
    if day is not None:
        left = (day - today).days
        return f"Hạn nộp {say_day(day)}" + (f", còn {left} ngày." if left >= 0 else ", đã qua hạn.")
    words = (programme.data.get("apply") or {}).get("deadline")
    if words:
        return f"Hạn nộp: {words[:1].lower()}{words[1:]}. Hiện em chưa có ngày cụ thể của đợt nào."
    return "Em chưa thấy hạn nộp nào được công bố; anh/chị hỏi nơi nhận hồ sơ trước khi làm giấy tờ."


def _days(programme: Programme, today: date) -> str:
    day = programme.deadline
    if day is None:
        return f"Chưa có ngày hết hạn cụ thể nên em chưa tính được số ngày. {_deadline(programme, today)}"
    left = (day - today).days
    if left < 0:
        return f"Đã qua hạn nộp {say_day(day)} được {-left} ngày."
    return f"Còn {left} ngày, tính từ hôm nay {say_day(today)} đến hạn {say_day(day)}."


def _where(programme: Programme, today: date) -> str:
    where = (programme.data.get("apply") or {}).get("where")
    body = programme.data.get("managing_body")
    if where:
        return f"Nơi nhận: {where}."
    return f"Cơ quan phụ trách: {body}." if body else "Em chưa có nơi nhận cụ thể; anh/chị để cán bộ chỉ giúp nhé."


def _amount(programme: Programme, today: date) -> str:
    """The supports with their figures; unconfirmed figures never, nor any of a programme in doubt."""
    rows = programme.data.get("supports") or ()
    if programme.state is not ProgrammeState.IN_FORCE or programme.confidence == "low":
        return "Mức hỗ trợ cần cơ quan phụ trách xác nhận mức hiện hành, nên em chưa nêu số."
    lines = [line for row in rows if not row.get("unverified") and (line := _support(row))]
    if not lines:
        hidden = any(row.get("unverified") for row in rows)
        return (
            "Mức hỗ trợ cần cơ quan phụ trách xác nhận mức hiện hành, nên em chưa nêu số."
            if hidden
            else "Văn bản không đặt mức tiền cụ thể; mức theo thông báo hoặc cơ quan phụ trách."
        )
    more = f"\n… và {len(lines) - 4} khoản khác." if len(lines) > 4 else ""
    return "Hỗ trợ:\n" + "\n".join(f"- {shorten(line, 95)}" for line in lines[:4]) + more


def _support(row: dict[str, object]) -> str:
    share, cap, unit = row.get("max_percent"), row.get("cap_vnd"), row.get("cap_unit")
    parts = []
    if isinstance(share, int | float):
        parts.append(f"tối đa {number(share)}%")
    if isinstance(cap, int | float):
        parts.append(f"không quá {number(cap)} {unit or 'đồng'}")
    elif unit:
        parts.append(str(unit))
    return f"{row.get('item')}: {', '.join(parts)}" if parts else str(row.get("item") or "")


async def near_names(turn: Turn, text: str, most: int, among: Iterable[str] | None = None) -> list[Programme]:
    """The programmes whose names share the telling words of a text, those in force first."""
    words = set(telling(text))
    if not words:
        return []
    said = fold(text).strip(" ?.!")
    stopped = await pulls.stopped(turn.db)
    held = await knowledge.programmes(turn.db)
    wanted = held if among is None else {id_: held[id_] for id_ in among if id_ in held}
    ranked = []
    for programme in wanted.values():
        if programme.id in stopped:
            continue
        share = share_of(text, programme)
        if share >= 0.5 or (among is not None and share > 0):
            open_now = programme.state is ProgrammeState.IN_FORCE and not ended(programme, turn.today.isoformat())
            asked_for = programme.data.get("kind") not in ("law", "decree", "strategy")
            served = [fold(need) for need in programme.needs].index(said) if said in map(fold, programme.needs) else 9
            ranked.append(((share, -served if asked_for else -9, open_now, asked_for, -len(programme.name)), programme))
    ranked.sort(key=lambda row: row[0], reverse=True)
    return [programme for _, programme in ranked[:most]]


def share_of(text: str, programme: Programme) -> float:
    """How many of a text's telling words stand in one of a programme's names, from 0 to 1."""
    words = set(telling(text))
    names = (programme.name, programme.short_name, *programme.aliases, *programme.needs)
    return max(len(words & set(telling(name))) / len(words) for name in names) if words else 0.0


def listed(programmes: Iterable[Programme]) -> str:
    """Names, one a line."""
    return "\n".join(f"- {programme.short_name}" for programme in programmes)
