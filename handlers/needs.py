"""Sends a stated need, shows what fits it, tells how far it is."""

import re
from typing import Any

from conversation.kinds import asks_machine
from conversation.need_form import CONSENT, EVENT, count_answered, summary
from conversation.reply import Choice, Reply, shorten
from domain.evidence import counted
from domain.kinds import KIND_WORDS, Kind
from domain.need import STANDING, STATE_WORDS, Field, called
from domain.person import Alert, Purpose
from domain.text import fold
from domain.worktime import say_time
from handlers.draft import ask, kinds, open_question, put_aside
from handlers.firms import firm_of
from handlers.progress import how_far
from handlers.sent import ask_which
from handlers.turn import Turn
from handlers.words import offer_line, reasons, trimmed, wanted
from matching.taste import to_taste
from matching.wanted import MOST_KEPT, Match, Wanted
from storage import catalogue, dues, evidence, knowledge, pairs, people
from storage import needs as kept

SHOWN_OFFERS = 3


# --- the end of the form ----------------------------------------------------------------------------------------
async def decide(turn: Turn, what: str) -> Reply:
    """Sends, puts off or drops the form."""
    if turn.talk.form is None:
        return Reply(
            "Phiếu này đã gửi hoặc đã bỏ rồi ạ. Muốn ghi nhu cầu mới, anh/chị nhắn một câu về việc cần giúp nhé."
        )
    if what == "send":
        return await send(turn) if open_question(turn) is None else await ask(turn, "Phiếu còn thiếu một ý ạ.")
    if what == "later":
        return Reply("Dạ, em giữ bản ghi này 30 ngày. Khi muốn gửi, anh/chị nhắn PHIẾU nhé.")
    return await drop(turn)


async def drop(turn: Turn) -> Reply:
    """Drops the open form; it can be taken up again for 30 days."""
    if turn.talk.form is None:
        mine = [need for need in await kept.of_person(turn.db, turn.person.id) if need.state in STANDING]
        if mine:
            return ask_which(mine)
        return Reply("Hiện không có việc gì đang dở để bỏ ạ. Anh/chị cần gì cứ nhắn em.")
    turn.talk.pending = {"dropped": put_aside(turn)}
    await dues.drop(turn.db, f"nudge:{turn.talk.form_id}")
    turn.talk.form = None
    return Reply("Em đã bỏ phiếu đang ghi; bản ghi tự xoá sau 30 ngày. Khi cần ghi tiếp, anh/chị nhắn PHIẾU.")


async def send(turn: Turn) -> Reply:
    """Records the confirmed need, matches it, tells code, promise and first offers."""
    form = turn.talk.form
    assert form is not None
    contact = (form.get("contact") or {}).get("value") or {}
    due_at = turn.office.worktime.promise(turn.now)
    fields = {key: row for key, row in form.items() if key in set(Field)}
    own = "\n".join(turn.talk.own_words)
    wished = kinds(turn)
    need = await kept.submit(
        turn.db, turn.person.id, own, summary(form), fields, turn.channel, turn.now, due_at, wished,
        event_id=(form.get(EVENT) or {}).get("value"),
    )  # fmt: skip
    hung = await evidence.hang_on_need(turn.db, turn.talk.form_id, need.id)
    await people.keep_contact(turn.db, turn.person.id, contact.get("name"), contact.get("phone"))
    await people.keep_enterprise(turn.db, turn.person.id, firm_of(turn.office, own, fields, turn.today))
    await dues.drop(turn.db, f"nudge:{turn.talk.form_id}")
    await dues.drop(turn.db, f"draft:{turn.talk.form_id}")
    second = turn.talk.pending.get("second")
    following = {"second": {**second, "sent": _shared(form)}} if second else {}
    turn.talk.form, turn.talk.form_id, turn.talk.own_words, turn.talk.pending = None, None, [], following
    if asks_machine(wished):
        matched, ids = await _match(turn, need.id, wanted(own, fields))
    else:
        matched, ids = await _no_machine(turn, wished), []
    with_things = f" kèm {counted(piece.kind for piece in hung)}" if hung else ""
    head = f"Em đã gửi phiếu {need.code}{with_things}. Cán bộ phụ trách phản hồi anh/chị trước {say_time(due_at)}."
    tail = f"\nÝ thứ hai ({second['wish']['words']}): anh/chị nhắn PHIẾU để em ghi tiếp." if second else ""
    turn.talk.show_list("offers", ids)
    return await _ask_news(turn, f"{head}\n{matched}{tail}")


def _shared(form: dict[str, Any]) -> dict[str, Any]:
    """What a second need of the same owner has in common with the first."""
    return {key: form[key] for key in ("product", "place", "contact", CONSENT) if key in form}


async def _no_machine(turn: Turn, wished: tuple[str, ...]) -> str:
    """A market, a trade mark or a loan is not answered with a machine, but with who and what helps."""
    named = " và ".join(KIND_WORDS[Kind(kind)] for kind in wished[:2])
    found = (await knowledge.serving(turn.db, wished, turn.today))[:2]
    text = f"Đây là việc {named}, không phải mua máy, nên em chuyển đúng cán bộ phụ trách."
    if not found:
        return text
    lines = "\n".join(f"- {p.short_name}: {shorten(p.summary, 100)}" for p in found)
    return f"{text} Chương trình có vẻ liên quan (cơ quan phụ trách quyết định):\n{lines}"


async def _match(turn: Turn, need_id: int, want: Wanted) -> tuple[str, list[str]]:
    """Finds offers for a new need: the words about them, the ids shown."""
    await turn.office.refresh(turn.now)
    fitting = await _fitting(turn, want)
    if not fitting:
        return "Trong kho chưa có giải pháp hợp; có là em báo anh/chị.", []
    lines = []
    for match in fitting[:SHOWN_OFFERS]:
        offer = await catalogue.find_offer(turn.db, match.offer)
        if offer is not None:
            lines.append(f"- {trimmed(offer_line(offer), 110)}. {reasons(match, 110)}")
    for index, match in enumerate(fitting):
        shown = index < SHOWN_OFFERS
        row = (match.offer, match.score, match.strong, list(match.because), list(match.doubts))
        await kept.keep_match(turn.db, need_id, *row, turn.now, shown)
    count = "1 giải pháp" if len(fitting) == 1 else f"{len(fitting)} giải pháp"
    return f"Trong kho có {count} có vẻ hợp:\n" + "\n".join(lines), [m.offer for m in fitting[:SHOWN_OFFERS]]


async def _fitting(turn: Turn, want: Wanted) -> list[Match]:
    """The offers that fit, as they are worth to this person after what was said against earlier ones."""
    opinions = await pairs.opinions(turn.db, turn.person.id)
    fitting = []
    for match in turn.office.matcher.search(want, MOST_KEPT).matches:
        offer = await catalogue.find_offer(turn.db, match.offer) if match.shown and opinions else None
        tasted = to_taste(match, offer, opinions) if offer is not None else match
        if match.shown and tasted is not None:
            fitting.append(tasted)
    return sorted(fitting, key=lambda match: -match.score)


async def _ask_news(turn: Turn, before: str) -> Reply:
    """Asks, once, whether news may be sent; a consent of its own."""
    if turn.person.alert is not Alert.OFF or await people.has_consent(turn.db, turn.person.id, Purpose.NEWS):
        return Reply(before)
    choices = (
        Choice(
            "Đồng ý nhận tin mỗi tuần",
            "news:weekly",
            ("co", "dong y", "moi tuan", "hang tuan", "nhan tin moi tuan"),
        ),
        Choice("Đồng ý, báo ngay khi có", "news:now", ("bao ngay", "ngay", "bao ngay khi co")),
        Choice("Không nhận tin", "news:off", ("khong", "khong can", "thoi")),
    )
    return Reply(f"{before}\nCó công nghệ mới hay hội thảo hợp, em nhắn cho anh/chị nhé?", choices, quick=True)


async def tell_gone(turn: Turn, form_id: str) -> Reply:
    """Says what became of a form whose button was pressed after it had ended."""
    dropped = turn.talk.pending.get("dropped") or {}
    if dropped.get("id") == form_id:
        return Reply("Phiếu này anh/chị đã bỏ. Muốn ghi tiếp, anh/chị nhắn PHIẾU nhé.")
    begun = form_id.rpartition("-")[2]
    later = [
        need
        for need in await kept.of_person(turn.db, turn.person.id)
        if need.submitted_at and f"{need.submitted_at:%Y%m%d%H%M%S}" >= begun
    ]
    if not later:
        return Reply("Phiếu này đã hết hạn ghi dở. Muốn ghi nhu cầu mới, anh/chị nhắn một câu về việc cần giúp nhé.")
    need = later[-1]
    return Reply(f"Phiếu này đã gửi rồi, mã {need.code}: {STATE_WORDS[need.state]}.")


LONGEST_COMPLAINT = 12  # words
WHEN = re.compile(
    r"\b(?:bao gio|khi nao|bao lau|may ngay|luc nao|hom nao)\b.{0,30}\b(?:co ket qua|ket qua|tra loi|phan hoi|goi|lien he|"
    r"xong|duyet|bao lai|giai quyet)\b|"
    r"\b(?:tra loi|phan hoi|goi|lien he|bao lai) (?:em|chi|anh|toi|minh|bac)?.{0,12}\b(?:bao gio|khi nao|luc nao|hom nao|chua)\b|"
    r"\b(?:khong|ko|k|chua|chang|cha)(?: thay| co)? (?:ai|nguoi nao|can bo nao)(?: \w+)? (?:goi|lien he|tra loi|hoi|den|nhan)\b"
)


CODE = re.compile(r"\bnc\W{0,2}(\d{1,6})\b")
MOST_BESIDE_A_CODE = 5  # words
OTHER_DEEDS = frozenset(("cancel", "correct", "talk_to_officer", "give_feedback", "erase_my_data", "offer_technology"))


async def asks_when(turn: Turn) -> bool:
    """Whether a need is asked for by its code, or somebody with a standing need asks in a few words when it is answered:
    "NC-0003, xem đi", "bao giờ thì có kết quả?"."""
    if len(turn.text.split()) <= MOST_BESIDE_A_CODE and CODE.search(fold(turn.text)) and turn.talk.form is None:
        return turn.said.act not in OTHER_DEEDS
    if (
        len(turn.text.split()) > LONGEST_COMPLAINT
        or not WHEN.search(fold(turn.text))
        or {"product", "process"} & set(turn.entities)
    ):
        return False
    if turn.talk.form is not None or turn.talk.recall_programme(turn.now):
        return False
    return any(need.state in STANDING for need in await kept.of_person(turn.db, turn.person.id))


async def tell_status(turn: Turn) -> Reply:
    """Says how far a person's needs are."""
    code = CODE.search(fold(turn.text))
    mine = await kept.of_person(turn.db, turn.person.id)
    if code:
        wanted_code = f"NC-{int(code.group(1)):04d}"
        mine = [need for need in mine if need.code == wanted_code]
        if not mine:
            return Reply(f"Em không thấy phiếu {wanted_code} của anh/chị ở đây. Anh/chị xem lại mã giúp em nhé.")
    if not mine:
        if turn.talk.form is not None:
            return Reply(
                f"Phiếu của anh/chị đang ghi dở {count_answered(turn.talk.form)}/9 ý, chưa gửi nên chưa có mã ạ."
            )
        return Reply("Anh/chị chưa có phiếu nào ạ. Nhắn một câu về khó khăn đang gặp, em ghi ngay.")
    lines = []
    for need in mine[:3]:
        words = called(need.fields)
        lines.append(f"{need.code} ({words}): {await how_far(turn.office.worktime, turn.db, need, turn.now)}.")
    return Reply("\n".join(lines))
