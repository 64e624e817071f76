"""Tells about a named support programme, finds those that look fitting, says why one does not."""

import re

from conversation.reply import Choice, Reply, shorten
from domain.finder import Finding, Question, Rule, assess, distance, next_question
from domain.finder import find as find_all
from domain.programme import Programme, ProgrammeState, ended
from domain.text import fold
from domain.worktime import say_time
from handlers import aspects, finding
from handlers.aspects import read_aspect
from handlers.choices import plain
from handlers.sources import force_notes
from handlers.turn import Turn
from handlers.words import ASK_OFFICER, standing_words
from nlu.values import FORM_NAMES
from storage import dues, knowledge, pulls, tickets
from storage.tickets import TicketKind

FLOW = "find_programme"  # the name under which the finder's question stays open
TOLD = "programmes_told"  # open after a result: the next message may add what was not known
MOST_QUESTIONS = 4
MOST_OF_A_NOD = 4  # words of a yes, a no, a "chưa biết" to a question that asks for something else
BEGIN = "Để tìm đúng chương trình, em hỏi vài ý (nhiều nhất 4 câu). "
WHY_NOT = re.compile(r"\b(?:vi sao|tai sao|sao|ly do|vi dau|vi li do gi)\b.*\b(?:khong|ko|k|chua|truot|loai)\b")
OUT_OF = re.compile(r"\b(?:duoc|dc|hop|thuoc|dat|du|vao|co)\b")
AM_I = re.compile(
    r"\b(?:co duoc|co hop|hop voi|phu hop|co thuoc|co xin duoc|xin duoc|du dieu kien|co du|duoc huong|dang ky duoc|lam duoc)\b"
    r"|\bduoc (?:khong|ko|k)\b"
)
SELF = re.compile(r"\b(?:em|anh|chi|toi|minh|chung toi|ben|nha|htx|hop tac xa|cong ty|ho kinh doanh|xuong)\b")
WHICH = re.compile(
    r"\b(?:chuong trinh|ctrinh|ct|chinh sach|quy|goi|nguon|khoan|che do|uu dai|ho tro)(?: (?:ho tro|vay|von|uu dai|nha nuoc))?"
    r" (?:nao|gi|j|ji)\b"
)
FITTING = re.compile(
    r"\b(?:chuong trinh|ctrinh|ct|chinh sach|goi)(?: ho tro)? (?:nao|gi|j)\b.{0,12}\b(?:hop|ho tro|danh cho)\b"
)
FOR_US = re.compile(r"\b(?:duoc|dc)(?: nha nuoc)?(?: (?:ho tro|huong|uu dai|giup|vay))+ (?:gi|nhung gi|nao|j)\b")
WHO = frozenset(
    "legal_form employees revenue_vnd capital_vnd founded province rural already_bought energy_saving patent".split()
)
NAMES = re.compile(r"\b(?:chuong trinh|quy|de an|ke hoach|goi|du an)\b\s+(.{3,80})")
PROPER = re.compile(r"^[“\"'«]|^(?:[A-ZĐÀ-Ỹ]\S*\s+){1,}[A-ZĐÀ-Ỹ0-9]")  # a name of its own: quoted, or two capitals
PLACES = re.compile(r"\b(?:lang son|viet nam|cao bang|bac giang|ha noi)\b")  # part of no programme's own name
DONT_KNOW = Choice("Chưa biết", "found:-", ("chua biet", "khong biet", "ko biet", "chua ro", "khong ro", "bo qua"))
HEADS = re.compile(
    r"^(?:(?:ben|nha|co|khoang|tam|hon|gan|em|anh|chi|toi|minh|xuong|duoc)\s+)*(\d{1,4})\s*(?:nguoi|tho)\b(?:\s+(?:lam|a|em))*\W*$"
)
YES = ("dung", "dung roi", "phai", "co a", "vang", "u", "uh", "roi", "da roi")
NO = ("khong phai", "chua", "ko", "chua co", "khong co")


# --- one named programme ----------------------------------------------------------------------------------------
async def tell(turn: Turn) -> Reply:
    """Answers about the programme that was named, or the one the talk is about."""
    programme_id = turn.said.programme or turn.talk.recall_programme(turn.now)
    programme = await knowledge.find_programme(turn.db, programme_id) if programme_id else None
    if programme is None or (turn.said.programme is None and _names_another(turn.text)):
        return await tell_unknown(turn)
    if AM_I.search(fold(turn.text)) and SELF.search(fold(turn.text)):
        return await check(turn, programme.id)
    return await say_programme(turn, programme)


async def by_id(turn: Turn, programme_id: str) -> Reply:
    """Answers about a programme chosen from a list."""
    programme = await knowledge.find_programme(turn.db, programme_id)
    if programme is None:
        return Reply("Em không còn thấy chương trình này trong danh sách ạ.")
    return await say_programme(turn, programme)


async def say_programme(turn: Turn, programme: Programme) -> Reply:
    """Says what a programme is, whether it holds now, what holds instead and why."""
    spoken_aloud = "" if turn.just_named(programme.id) else f"(Về {programme.short_name}) "
    turn.talk.speak_of(programme.id, turn.now)
    turn.talk.aspect = None
    if await pulls.stops(turn.db, (programme.id,)):
        return Reply(f"{spoken_aloud}Chương trình này đang được rà soát. {await _passed_on(turn, programme)}")
    documents = await knowledge.documents(turn.db)
    tail = [standing_words(programme, turn.today)]
    if ended(programme, turn.today.isoformat()):
        tail += await _successor(turn, programme)
    elif programme.state is ProgrammeState.UNSURE:
        tail.append(await _passed_on(turn, programme))
    source = finding.sources([programme], documents, turn.today)
    tail += [force_notes("\n".join((programme.summary, *tail)), documents, turn.today, source), source]
    end = "\n".join(line for line in tail if line)
    body = shorten(f"{spoken_aloud}{programme.name}: {programme.summary}", max(turn.room - len(end) - 1, 100))
    return Reply(f"{body}\n{end}", (*aspects.choices(programme, turn.today), ASK_OFFICER), quotes=(programme.id,))


async def _successor(turn: Turn, programme: Programme) -> list[str]:
    """What holds now in place of an ended programme, and why it ended."""
    lines = [shorten(programme.state_note, 130)] if len(programme.state_note) > 30 else []
    if programme.superseded_by:
        following = await knowledge.find_programme(turn.db, programme.superseded_by)
        if following is not None and ended(following, turn.today.isoformat()):
            lines.append(f"Phần nối tiếp ({following.short_name}) cũng đã hết giai đoạn.")
        elif following is not None:
            held = standing_words(following, turn.today).rstrip(".")
            lines.append(f"Nay xem: {following.short_name} ({held[:1].lower()}{held[1:]}).")
    elif programme.superseded_note:
        lines.append(shorten(programme.superseded_note, 160))
    return lines


async def _passed_on(turn: Turn, programme: Programme) -> str:
    ticket = await tickets.open_ticket(
        turn.db,
        TicketKind.ANSWER,
        turn.person.id,
        turn.text[:1000],
        turn.now,
        turn.office.worktime.promise(turn.now),
        about=f"programme:{programme.id}",
    )
    await dues.plan(turn.db, "ticket", f"ticket:{ticket.code}", ticket.due_at, turn.person.id, {"code": ticket.code})
    return f"Em đã chuyển cán bộ xác nhận, mã {ticket.code}, trả lời trước {say_time(ticket.due_at)}."


def _names_another(text: str) -> bool:
    """Whether a message names a programme by a name of its own, which nobody here knows."""
    found = NAMES.search(fold(text))
    return found is not None and len(aspects.telling(found[1])) >= 2


async def names_unknown(turn: Turn) -> bool:
    """Whether a message asks about a programme by a name of its own that is not known here."""
    if turn.said.programme is not None or len(turn.text) > 200:
        return False
    found = NAMES.search(fold(turn.text))
    if found is None or PROPER.search(turn.text[found.start(1) : found.end(1)]) is None:
        return False
    name = PLACES.sub(" ", fold(_own_name(turn.text[found.start() : found.end()])))
    near = await aspects.near_names(turn, name, most=1)
    return bool(aspects.telling(name)) and (not near or aspects.share_of(name, near[0]) < 0.5)


def _own_name(words: str) -> str:
    """The head noun with the capitalised words after it, without the question around them."""
    kept: list[str] = []
    for word in words.strip(" ?.!“”\"'").split():
        bare = word.strip("“”\"',?.!")
        if len(kept) > 2 and not (bare[:1].isupper() or bare[:1].isdigit()):
            break
        kept.append(bare)
    return " ".join(kept)


async def tell_unknown(turn: Turn) -> Reply:
    """Says that a named programme is not known here, with near names; asks which one when none was named."""
    said = NAMES.search(fold(turn.text))
    near = await aspects.near_names(turn, turn.text, most=3)
    choices = tuple(Choice(f"{programme.short_name}", f"programme:{programme.id}") for programme in near)
    if said is None or len(aspects.telling(said[1])) < 2:
        return Reply("Anh/chị hỏi chương trình nào ạ? Ví dụ “Quỹ NATIF” hoặc “Nghị định 80”.", choices)
    named = shorten(_own_name(turn.text[said.start() : said.end()]), 70)
    text = f"Em không thấy “{named}” trong danh mục chương trình, văn bản đang có, nên không dám nói là có."
    if near:
        return Reply(f"{text} Tên gần giống:\n{aspects.listed(near)}\nAnh/chị hỏi cái nào ạ?", (*choices, ASK_OFFICER))
    return Reply(f"{text} Anh/chị cho em số văn bản, hoặc để cán bộ kiểm tra giúp ạ.", (ASK_OFFICER,))


def asks_for_own(turn: Turn) -> bool:
    """Whether a message tells who the enterprise is, in two things at least, and asks what there is for it."""
    folded = fold(turn.text)
    named = turn.said.act == "ask_programme" and turn.said.programme is not None
    if named or not (WHICH.search(folded) or FOR_US.search(folded)):
        return False
    told = turn.office.profiles.from_text(turn.text, turn.entities, turn.today)
    return "legal_form" in told and len(set(told) & WHO) >= 2


def asks_which(turn: Turn) -> bool:
    """Whether a message that was not surely read asks in plain words which programme there is."""
    folded = fold(turn.text)
    if turn.said.act == "find_programme":
        return WHICH.search(folded) is not None
    return not turn.said.sure and turn.said.programme is None and FITTING.search(folded) is not None


# --- which one fits ---------------------------------------------------------------------------------------------
async def find(turn: Turn) -> Reply:
    """Finds the programmes that look fitting: asks only what separates them, at most four questions, then tells."""
    if turn.opened == FLOW:
        return await take(turn)
    again = finding.fresh(turn)
    held = turn.talk.finder
    turn.talk.finder = {"facts": held.get("facts") or {}, "kinds": [], "asked": held.get("asked", []) if again else []}
    raw, kinds = await finding.gather(turn)
    turn.talk.finder |= {
        "facts": raw,
        "kinds": list(kinds),
        "at": turn.now.isoformat(),
        "count": 0,
        "said": turn.text[:300],
    }
    return await _go_on(turn)


async def take(turn: Turn, value: object = None) -> Reply:
    """Takes the answer to the finder's open question, with whatever else the message states."""
    held = turn.talk.finder
    question = _open_question(turn)
    if question is None:
        turn.opened = None
        return await find(turn)
    passed = plain(turn.text) in DONT_KNOW.also
    given = value if value is not None else "-" if passed else _answer(turn, question)
    added = _added(turn) if value is None else {}
    held["facts"] = {**held.get("facts", {}), **added}
    nodded = turn.said.act in ("dont_know", "deny", "affirm") and len(turn.text.split()) <= MOST_OF_A_NOD
    unread = given is None and not nodded and value is None
    if unread and added:  # something else was told: the question that is best now, which may be the same, is asked
        held["asked"] = [key for key in held.get("asked", []) if key != question.key]
        held["count"] = max(held.get("count", 1) - 1, 0)
        return await _go_on(turn, "Em ghi thêm rồi ạ. ")
    if unread and not held.get("tried"):
        held["tried"] = True
        return _ask(turn, question, "Em chưa rõ ý này. ")
    if given is not None and given != "-":
        held["facts"][question.key] = given
    held["tried"] = False
    return await _go_on(turn)


async def tell_now(turn: Turn) -> Reply:
    """What came out so far, for one who speaks of a list that was not shown yet."""
    turn.talk.finder["count"] = MOST_QUESTIONS
    return await _go_on(turn)


def reads(turn: Turn) -> bool:
    """Whether a message answers the finder's open question, so that it is not taken for anything else."""
    question = _open_question(turn)
    if question is None or asks_why(turn) or (turn.said.asks and turn.text.rstrip().endswith("?")):
        return False
    if _answer(turn, question) is not None or plain(turn.text) in DONT_KNOW.also:
        return True
    told = {**turn.office.profiles.from_text(turn.text, turn.entities, turn.today), **_added(turn)}
    return not turn.said.asks and len(turn.text) <= 80 and bool(set(told) - {"sector", "need_kind"})


async def choose(turn: Turn, argument: str) -> Reply:
    """Takes a pressed answer: "key=index", or "-" for not known."""
    question = _open_question(turn)
    key, _, index = argument.partition("=")
    if argument == "-" or question is None:
        return await take(turn, "-") if question is not None else await find(turn)
    if key != question.key:
        return ask_again(turn) or await find(turn)
    return await take(turn, _said(question, int(index)))


def _said(question: Question, index: int) -> object:
    """What a label means, as its key takes it."""
    value = question.choices[index][1]
    if question.reads == "form":
        return next(name for name, form in FORM_NAMES.items() if form == value)
    return value


def _open_question(turn: Turn) -> Question | None:
    asked = turn.talk.finder.get("asked") or []
    return next((row for row in turn.office.questions if asked and row.key == asked[-1]), None)


def _answer(turn: Turn, question: Question) -> object:
    """What a message answers to a question; a figure that tells something else of the enterprise is no answer."""
    if question.reads in ("number", "money") and (WHO & set(_added(turn))) - {question.key}:
        return None
    return turn.office.profiles.answer(question, turn.text, turn.entities, turn.today)


async def _go_on(turn: Turn, before: str = "") -> Reply:
    """Asks the next question after `before`, or tells what came out."""
    held = turn.talk.finder
    facts = turn.office.profiles.facts(held["facts"], turn.today)
    kinds = tuple(held["kinds"])
    rules = await finding.open_rules(turn)
    focus = [rule for rule in rules if rule.id == held.get("focus")]
    count = held.get("count", 0)
    if turn.talk.form is None and count < MOST_QUESTIONS:
        scope, wanted = (focus, ()) if focus else (rules, kinds)
        question = next_question(scope, facts, turn.office.questions, wanted, held["asked"], few=True)
        if question is not None:
            held["asked"] = [*held["asked"], question.key]
            held["count"] = count + 1
            return _ask(turn, question, before or ("" if count or focus else BEGIN))
    held.pop("focus", None)
    if focus:
        return await _table(turn, focus[0])
    found = find_all(rules, facts, kinds)
    reply, shown = finding.result(turn, found, kinds, facts, await knowledge.documents(turn.db))
    await finding.told(turn, shown, held["facts"])
    turn.talk.show_list("programmes", [row.programme.id for row in shown])
    turn.talk.open = TOLD if turn.talk.form is None else None
    if shown:
        turn.talk.speak_of(shown[0].programme.id, turn.now)
    return reply


def _ask(turn: Turn, question: Question, before: str = "") -> Reply:
    turn.talk.open = FLOW
    choices = [
        Choice(label, f"found:{question.key}={n}", YES if value is True else NO if value is False else ())
        for n, (label, value) in enumerate(question.choices)
    ]
    hint = "" if choices else "Ý nào chưa rõ, anh/chị nhắn “chưa biết”. "
    return Reply(f"{before}{hint}{question.words}", (*choices, DONT_KNOW) if choices else (), quick=True)


def adds_facts(turn: Turn) -> bool:
    """Whether a message right after a result states what was not known, and nothing else."""
    if turn.opened != TOLD or turn.said.asks or len(turn.text) > 160 or not finding.fresh(turn):
        return False
    if turn.said.sure and turn.said.act not in ("find_programme", "ask_policy", "declare_need", "correct"):
        return False
    return bool(_added(turn)) and read_aspect(turn.text) is None


def _added(turn: Turn) -> dict[str, object]:
    """What a message states that was not known."""
    known = turn.talk.finder.get("facts") or {}
    said = turn.office.profiles.from_text(turn.text, turn.entities, turn.today)
    if "legal_form" in known and turn.talk.finder.get("asked", [""])[-1:] != ["legal_form"]:
        said.pop("legal_form", None)  # "chưa hợp tác viện nào" makes no institute of a company
    if "employees" not in said:
        bare = HEADS.match(fold(turn.text))
        if heads := turn.entities.get("head_count") or (int(bare[1]) if bare else None):
            said["employees"] = heads
    return {key: value for key, value in said.items() if key != "need_kind" and known.get(key) != value}


async def tell_again(turn: Turn) -> Reply:
    """The result anew with what was added."""
    held = turn.talk.finder
    held["facts"] = {**(held.get("facts") or {}), **_added(turn)}
    held["count"] = MOST_QUESTIONS
    return await _go_on(turn)


def ask_again(turn: Turn) -> Reply | None:
    """The finder's open question once more, after something else was answered; None when none is open."""
    question = _open_question(turn)
    return None if question is None or turn.talk.form is not None else _ask(turn, question)


# --- why not ----------------------------------------------------------------------------------------------------
def asks_why(turn: Turn) -> bool:
    """Whether a message asks why a programme does not fit."""
    folded = fold(turn.text)
    named = turn.said.programme or turn.talk.recall_programme(turn.now)
    if len(folded) >= 160 or WHY_NOT.search(folded) is None or not turn.talk.finder.get("facts"):
        return False
    return bool(named) or (turn.opened == FLOW and OUT_OF.search(folded) is not None)


async def why(turn: Turn) -> Reply:
    """The table of the programme that a message asks about."""
    known = await aspects.near_names(turn, turn.text, most=1, among=turn.talk.listed.get("programmes"))
    found = known or await aspects.near_names(turn, turn.text, most=9)
    wanted = set(turn.talk.finder.get("kinds") or ())
    found.sort(key=lambda programme: distance(programme, wanted))
    named = turn.said.programme or (found[0].id if found else turn.talk.recall_programme(turn.now))
    return await show_why(turn, named) if named else await tell_unknown(turn)


async def show_why(turn: Turn, programme_id: str) -> Reply:
    """One programme condition by condition, with the law behind each."""
    rule = next((rule for rule in await finding.open_rules(turn) if rule.id == programme_id), None)
    if rule is None or not rule.programme.data.get("conditions"):
        return await by_id(turn, programme_id)
    return await _table(turn, rule)


async def check(turn: Turn, programme_id: str) -> Reply:
    """Whether one named programme fits: asks what it hangs on, then shows the table."""
    rule = next((rule for rule in await finding.open_rules(turn) if rule.id == programme_id), None)
    if rule is None or rule.programme.state is not ProgrammeState.IN_FORCE or not rule.programme.data.get("conditions"):
        return await by_id(turn, programme_id)
    raw, kinds = await finding.gather(turn)
    asked = turn.talk.finder.get("asked", []) if finding.fresh(turn) else []
    kept = {"facts": raw, "kinds": list(kinds), "asked": asked, "at": turn.now.isoformat(), "count": 0}
    turn.talk.finder = {**kept, "focus": programme_id}
    return await _go_on(turn)


async def _table(turn: Turn, rule: Rule) -> Reply:
    raw, kinds = await finding.gather(turn)
    facts = turn.office.profiles.facts(raw, turn.today)
    found: Finding = assess(rule, facts, frozenset(kinds))
    turn.talk.speak_of(rule.id, turn.now)
    turn.talk.finder = {**turn.talk.finder, "facts": raw, "kinds": list(kinds), "at": turn.now.isoformat()}
    turn.talk.finder.setdefault("asked", [])
    await finding.told(turn, [found], raw)
    return finding.table(found, facts, await knowledge.documents(turn.db))
