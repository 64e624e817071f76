"""The papers a programme asks for, ticked off in chat; reminders before a deadline, when the time is come."""

import re
from datetime import date, datetime, time, timedelta

from conversation.reply import Choice, Reply, Sentences, shorten
from domain.enterprise import Facts
from domain.finder import Finding, assess, met_from, read_rule
from domain.notice import Kind
from domain.programme import Programme, ended, in_force
from domain.text import fold
from domain.worktime import ZONE, say_day
from handlers.turn import Office, Turn
from handlers.words import ASK_OFFICER, trimmed
from storage import dues, knowledge, outbox, pulls
from storage.database import Connection
from storage.dues import Due

OPEN = "papers"  # the name under which a list of papers stays open
DAYS_BEFORE = (14, 7, 2)
REMIND = re.compile(r"\bnhac\b.*\b(?:han|nop|deadline|den ngay|truoc ngay)\b")
NO_MORE = re.compile(
    r"^(?:(?:em|anh|chi|toi|minh|da)\s+)*(?:thoi|dung|khong|ko|k|khoi|huy|bo|tat)\b[^.,;!?]{0,20}\bnhac\b(?!.*\bnhac\b)"
    r".*\b(?:han|nop|ho so|chuong trinh)\b"
)
AT = time(8)
FIGURES = r"(?:\d{1,2}\s*(?:,|va|\s)?\s*)+"
TICKS = re.compile(
    rf"\b(?:xong|co|du|roi|da co|da xong|chuan bi xong)\b[^\d]{{0,12}}({FIGURES})|^({FIGURES})(?:xong|roi|co roi|du roi)"
)


def listed(programme: Programme) -> list[str]:
    """The papers a programme asks for."""
    return [str(paper) for paper in (programme.data.get("apply") or {}).get("documents") or ()]


def show(turn: Turn, programme: Programme, tail: str) -> Reply:
    """The list of papers with what is ticked off."""
    names = listed(programme)
    if not names:
        where = (programme.data.get("apply") or {}).get("where")
        ask = f" Anh/chị hỏi {where}." if where else " Anh/chị để cán bộ chỉ giúp nhé."
        return Reply(
            f"Em chưa có danh mục giấy tờ đã kiểm tra cho {programme.short_name}.{ask}\n{tail}", (ASK_OFFICER,)
        )
    done = set(turn.talk.papers.get(programme.id, ()))
    _keep_open(turn, programme)
    lines = Sentences(max(turn.room - len(tail) - 90, 220))
    lines.add(f"Giấy tờ cho {programme.short_name} (đã có {len(done)}/{len(names)}):")
    for at, name in enumerate(names, 1):
        lines.add(f"{at}. [{'x' if at in done else ' '}] {shorten(name, 70)}")
    hint = "Có giấy nào rồi, anh/chị nhắn “xong 1, 3”." if len(done) < len(names) else "Giấy tờ đã đủ theo danh mục."
    choices: list[Choice] = []
    if programme.deadline is not None and programme.deadline > turn.today:
        choices.append(Choice("Nhắc trước hạn", f"before:{programme.id}", ("nhac", "nhac truoc han", "nhac em")))
    return Reply(f"{lines}\n{hint}\n{tail}", (*choices, ASK_OFFICER), quotes=(programme.id,))


def _keep_open(turn: Turn, programme: Programme) -> None:
    """The next message may tick papers of this programme off."""
    turn.talk.open = OPEN
    turn.talk.listed["papers"] = [programme.id]


def ticks(turn: Turn) -> list[int]:
    """The numbers of papers that a message says are ready, when a list of papers was the last thing shown."""
    if turn.opened != OPEN or len(turn.text) > 60:
        return []
    found = TICKS.search(fold(turn.text))
    return [] if found is None else [int(word) for word in re.findall(r"\d{1,2}", found[1] or found[2])]


async def tick(turn: Turn) -> Reply:
    """Ticks papers off and shows what is left."""
    programme = await knowledge.find_programme(turn.db, turn.talk.listed["papers"][0])
    if programme is None:
        return Reply("Em không còn thấy danh mục giấy tờ này ạ.")
    names = listed(programme)
    done = {*turn.talk.papers.get(programme.id, ()), *(at for at in ticks(turn) if 1 <= at <= len(names))}
    turn.talk.papers[programme.id] = sorted(done)
    _keep_open(turn, programme)
    left = [f"{at}. {name}" for at, name in enumerate(names, 1) if at not in done]
    if not left:
        return Reply(
            f"Em đánh dấu xong. Giấy tờ cho {programme.short_name} đã đủ {len(names)}/{len(names)} theo danh mục."
        )
    text = f"Em đánh dấu {len(done)}/{len(names)}. Còn thiếu:\n" + "\n".join(shorten(row, 80) for row in left[:6])
    return Reply(text, (ASK_OFFICER,), quotes=(programme.id,))


def stops_reminders(turn: Turn) -> bool:
    """Whether a message wants no more reminders of deadlines."""
    return len(turn.text) < 80 and NO_MORE.search(fold(turn.text)) is not None


async def stop_all(turn: Turn) -> Reply:
    """Takes back the reminders of every deadline."""
    return await stop_reminding(turn, "")


async def stop_reminding(turn: Turn, programme_id: str) -> Reply:
    """Takes back the reminders of one programme's deadline, of all of them without an id."""
    beginning = f"deadline:{programme_id}:" if programme_id else "deadline:"
    gone = await dues.forget(turn.db, turn.person.id, ("deadline",), beginning)
    await outbox.drop_news(turn.db, turn.person.id, turn.now, f"remind:{beginning}")
    if not gone:
        return Reply("Em không còn lịch nhắc hạn nộp nào cho anh/chị ạ.")
    return Reply("Dạ, em thôi nhắc hạn nộp này. Cần nhắc lại, anh/chị nhắn “nhắc trước hạn”.")


def asks_reminder(turn: Turn) -> bool:
    """Whether a message asks to be reminded of a programme's deadline."""
    folded = fold(turn.text)
    return len(folded) < 80 and REMIND.search(folded) is not None and "?" not in turn.text


async def remind(turn: Turn) -> Reply:
    """Plans the reminders of the programme talked about; asks which where none was."""
    programme_id = turn.said.programme or turn.talk.recall_programme(turn.now)
    if programme_id is not None:
        return await remind_before(turn, programme_id)
    held = await knowledge.programmes(turn.db)
    known = [held[id_] for id_ in turn.talk.listed.get("programmes", ()) if id_ in held][:3]
    choices = tuple(Choice(trimmed(programme.short_name), f"remind:{programme.id}") for programme in known)
    return Reply("Anh/chị cần em nhắc hạn của chương trình nào ạ?", choices, quick=bool(choices))


# --- reminders --------------------------------------------------------------------------------------------------
def _morning(day: date) -> datetime:
    return datetime.combine(day, AT, ZONE)


async def remind_before(turn: Turn, programme_id: str) -> Reply:
    """Plans reminders 14, 7 and 2 days before a deadline."""
    programme = await knowledge.find_programme(turn.db, programme_id)
    if programme is None or programme.deadline is None or programme.deadline <= turn.today:
        name = programme.short_name if programme is not None else "Chương trình này"
        return Reply(f"{name} chưa có ngày hết hạn cụ thể nên em chưa đặt nhắc được ạ.", (ASK_OFFICER,))
    planned = await _plan_before(turn.db, turn.person.id, programme, programme.deadline, turn.now)
    if not planned:
        return Reply(f"Hạn {say_day(programme.deadline)} đã rất gần, anh/chị nộp sớm giúp em nhé.", (ASK_OFFICER,))
    listed_days = ", ".join(f"{days} ngày" for days in planned)
    return Reply(
        f"Em sẽ nhắc anh/chị trước hạn {say_day(programme.deadline)}: {listed_days}.",
        (_no_more(programme),),
        quotes=(programme.id,),
    )


def _no_more(programme: Programme) -> Choice:
    return Choice(
        "Thôi nhắc", f"unremind:{programme.id}", ("thoi khong nhac", "dung nhac", "dung nhac nua", "khong can nhac")
    )


async def _plan_before(
    db: Connection, person_id: int, programme: Programme, deadline: date, now: datetime
) -> list[int]:
    """Plans the reminders of a deadline that are still ahead; how many days before it each of them comes."""
    planned = []
    for days in DAYS_BEFORE:
        at = _morning(deadline - timedelta(days=days))
        if at > now:
            key = f"deadline:{programme.id}:{person_id}:{deadline}:{days}"
            payload = {"programme": programme.id, "deadline": deadline.isoformat(), "days": days}
            await dues.drop(db, key)
            await dues.plan(db, "deadline", key, at, person_id, payload)
            planned.append(days)
    return planned


async def tell_deadline(office: Office, db: Connection, due: Due, now: datetime) -> str:
    """Reminds of a deadline; one that was moved meanwhile is told with its new day."""
    programme = await knowledge.find_programme(db, due.payload["programme"])
    if programme is None or due.person_id is None or programme.deadline is None:
        return "no deadline any more"
    if await pulls.stops(db, (programme.id,)) or ended(programme, now.date().isoformat()):
        return "not in force"
    at = office.worktime.next_push(now)
    left = (programme.deadline - at.astimezone(ZONE).date()).days
    if left < 0:
        return "over"
    moved = "" if programme.deadline.isoformat() == due.payload["deadline"] else " (ngày mới)"
    if moved:  # what was planned before the old day is of no use any more
        beginning = f"deadline:{programme.id}:{due.person_id}:{due.payload['deadline']}:"
        await dues.forget(db, due.person_id, ("deadline",), beginning)
        await _plan_before(db, due.person_id, programme, programme.deadline, now)
    text = f"Còn {left} ngày đến hạn nộp {programme.short_name}: {say_day(programme.deadline)}{moved}."
    names = listed(programme)
    if names:
        text += f" Giấy tờ có {len(names)} loại, anh/chị xem đã đủ chưa nhé."
    choices = (
        Choice("Xem giấy tờ", f"aspect:papers={programme.id}", ("giay to", "xem")),
        _no_more(programme),
        ASK_OFFICER,
    )
    reply = Reply(text, choices, quotes=(programme.id,))
    await outbox.put(db, Kind.NOTICE, due.person_id, reply, f"remind:{due.key}", at, now)
    return "reminded"


async def remind_ripe(turn: Turn, programme_id: str) -> Reply:
    """Plans to tell on the day from which the condition of time is met."""
    programme = await knowledge.find_programme(turn.db, programme_id)
    found = _finding(turn.office, programme, turn.talk.finder.get("facts") or {}, turn.today)
    ripe = met_from(*found) if found else None
    if programme is None or ripe is None:
        return Reply("Chương trình này không thiếu điều kiện thời gian nào để em nhắc ạ.", (ASK_OFFICER,))
    key = f"ripe:{programme.id}:{turn.person.id}"
    payload = {"programme": programme.id, "facts": turn.talk.finder.get("facts") or {}}
    await dues.drop(turn.db, key)
    await dues.plan(turn.db, "ripe", key, _morning(ripe[1]), turn.person.id, payload)
    return Reply(
        f"Em ghi nhớ: ngày {say_day(ripe[1])} em nhắn anh/chị về {programme.short_name}.", quotes=(programme.id,)
    )


def _finding(
    office: Office, programme: Programme | None, raw: dict[str, object], day: date
) -> tuple[Finding, Facts] | None:
    rule = read_rule(programme) if programme is not None else None
    if rule is None:
        return None
    facts = office.profiles.facts(raw, day)
    return assess(rule, facts), facts


async def tell_ripe(office: Office, db: Connection, due: Due, now: datetime) -> str:
    """Tells that the time has come, with the deadline if there is one; a programme that ended meanwhile is told so."""
    programme = await knowledge.find_programme(db, due.payload["programme"])
    if programme is None or due.person_id is None or await pulls.stops(db, (programme.id,)):
        return "not to be told"
    day = now.astimezone(ZONE).date()
    if not in_force(programme, day.isoformat()):
        text = f"Hôm nay bên anh/chị đã qua mốc thời gian của {programme.short_name}, nhưng chương trình nay không còn hiệu lực."
        reply = Reply(text, (Choice("Tìm chương trình khác", "programmes", ("tim", "co")), ASK_OFFICER))
    else:
        until = f" Hạn nộp {say_day(programme.deadline)}." if programme.deadline and programme.deadline >= day else ""
        text = (
            f"Như đã hẹn: hôm nay bên anh/chị đã đạt điều kiện thời gian của {programme.short_name}.{until} "
            "Các điều kiện khác do cơ quan có thẩm quyền xem. Anh/chị xem lại chứ ạ?"
        )
        reply = Reply(
            text, (Choice("Xem lại", f"fit:{programme.id}", ("xem", "co", "u")), ASK_OFFICER), quotes=(programme.id,)
        )
    await outbox.put(db, Kind.NOTICE, due.person_id, reply, f"remind:{due.key}", office.worktime.next_push(now), now)
    return "told"
