"""Judges words that were passed on: the Department's own, altered, or unknown and passed to an officer."""

from dataclasses import dataclass

from conversation.reply import Choice, Reply
from conversation.truth import demands_money, doubts_truth
from domain.event import Event, EventState
from domain.likeness import days_named, numbers_added, share
from domain.text import plain
from domain.worktime import local, say_time
from handlers.turn import Turn
from handlers.words import event_card, event_time
from storage import broadcasts, catalogue, dues, tickets
from storage import evidence as kept
from storage.tickets import TicketKind

SAME = 0.7  # share of a text of ours that stands in what was passed on
TITLED = 0.8  # share of the words of an event's title, in their order
OF_THEIR_OWN = frozenset(
    (
        "register_event",
        "cancel_registration",
        "declare_need",
        "ask_policy",
        "ask_programme",
        "find_programme",
        "see_offers",
        "talk_to_officer",
        "stop_news",
        "see_my_data",
        "erase_my_data",
        "ask_need_status",
        "cancel",
        "continue_need",
        "correct",
        "dont_know",
    )
)  # words under a passed-on text that ask for something else than whether it is true
WARNING = (
    "Sở không thu phí hồ sơ qua tin nhắn, không hỏi mật khẩu hay mã OTP. Em không thấy nội dung này trong tin Sở đã đăng; "
    "anh/chị đừng chuyển tiền."
)


@dataclass(frozen=True)
class Known:
    """What a passed-on text was recognised as: an event, or a message of ours of that moment."""

    source: str
    event: Event | None = None
    at: str = ""


# --- what the words under it ask --------------------------------------------------------------------------------
def asks_truth(turn: Turn) -> bool:
    """Whether something passed on is to be judged: it came alone, or with the question whether it is true."""
    doubts = doubts_truth(turn.text) or (turn.said.act == "check_message" and turn.said.sure)
    if not turn.forwarded:
        return doubts and bool(turn.pieces)
    if doubts or not turn.text.strip() or turn.said.act == "check_message":
        return True
    if turn.said.sure and turn.said.act in OF_THEIR_OWN:
        return False
    return turn.talk.form is None or turn.said.asks


async def note_topic(turn: Turn) -> bool:
    """Lets the words under a passed-on invitation mean that very event; tells whether they want a seat there."""
    known = await _recognise(turn, turn.forwarded) if turn.forwarded else None
    if known is None or known.event is None:
        return False
    turn.talk.listed["event"] = [known.event.id]
    return turn.said.act == "register_event" and turn.said.sure


# --- the judgement ----------------------------------------------------------------------------------------------
async def check(turn: Turn) -> Reply:
    """Judges a text that was typed or pasted, or the one passed on last."""
    last = turn.talk.listed.get("forward") or []
    pasted = len(turn.text.split()) > 14
    return await _judged(turn, turn.text if pasted or not last else last[0], turn.text)


async def judge(turn: Turn) -> Reply:
    """Judges what was passed on in this burst."""
    if turn.forwarded:
        turn.talk.listed["forward"] = [turn.forwarded[:1000]]
    return await _judged(turn, turn.forwarded, turn.text)


async def _judged(turn: Turn, words: str, question: str) -> Reply:
    known = await _recognise(turn, words or turn.forwarded)
    if known is None:
        return await _pass_on(turn, words or question, WARNING)
    asks_money = demands_money(words) and not demands_money(known.source)
    if asks_money:
        named = known.event.title if known.event is not None else "tin"
        told = (
            f"Sở có “{named}” thật, nhưng phần đòi tiền trong tin này không có trong tin Sở đã đăng. Sở không thu phí "
            "qua tin nhắn, anh/chị đừng chuyển tiền."
        )
        return await _pass_on(turn, words, told)
    return _confirm_event(turn, known, words) if known.event is not None else _confirm_message(known, words)


def _confirm_event(turn: Turn, known: Known, words: str) -> Reply:
    event = known.event
    assert event is not None
    turn.talk.listed["event"] = [event.id]
    place = f", {event.place}" if event.place else ""
    line = f"{event.title}, {event_time(event)}{place}"
    if event.state is EventState.CANCELLED:
        return Reply(f"Đúng là sự kiện Sở đã đăng nhưng đã huỷ: {line}. Mong anh/chị thông cảm.")
    if event.state is EventState.OVER or event.start <= turn.now:
        return Reply(f"Đúng là sự kiện Sở đã đăng nhưng đã qua: {line}.")
    days = days_named(words)
    here = local(event.start)
    moved = bool(days) and (here.day, here.month) not in days
    notes = []
    if moved:
        notes.append("Ngày trong tin này khác ngày Sở đăng, anh/chị theo ngày ở trên.")
    if numbers_added(words, known.source):
        notes.append("Số điện thoại, đường dẫn trong tin em không kiểm được; anh/chị đăng ký ngay ở đây cho chắc.")
    choices = (
        Choice("Đăng ký tham dự", f"register:{event.id}", ("dang ky", "tham gia", "di")),
        Choice("Hỏi thêm", f"event:{event.id}", ("hoi them", "xem", "chi tiet")),
    )
    told = " ".join([f"Đúng rồi ạ, tin này khớp sự kiện Sở đã đăng: {line}.", *notes])
    return Reply(f"{told} Anh/chị muốn đăng ký hay hỏi thêm ạ?", choices)


def _confirm_message(known: Known, words: str) -> Reply:
    told = f"Đúng rồi ạ, đây là tin của Sở gửi qua em lúc {known.at}."
    if numbers_added(words, known.source):
        told += " Nhưng số điện thoại hay đường dẫn thêm vào thì không phải của tin gốc, anh/chị đừng theo."
    return Reply(told)


async def _pass_on(turn: Turn, words: str, told: str) -> Reply:
    """Hands it to an officer, whole, under a code with a time; the same words again keep their code."""
    due_at = turn.office.worktime.promise(turn.now)
    text = words[:2000] or "(ảnh hoặc tệp, cần xem)"
    ticket = await tickets.open_ticket(
        turn.db, TicketKind.OFFICER, turn.person.id, text, turn.now, due_at, about="fraud"
    )
    await dues.plan(turn.db, "ticket", f"ticket:{ticket.code}", ticket.due_at, turn.person.id, {"code": ticket.code})
    await kept.hang_on_ticket(turn.db, [piece.id for piece in turn.pieces], ticket.code)
    return Reply(f"{told} Em đã chuyển cán bộ xem, mã {ticket.code}, trả lời trước {say_time(ticket.due_at)}.")


# --- recognising ------------------------------------------------------------------------------------------------
async def _recognise(turn: Turn, words: str) -> Known | None:
    """The event or the message of ours that the words are a copy of; None when there is none."""
    if len(plain(words).split()) < 3:
        return None
    event = await _recognise_event(turn, words)
    if event is not None:
        return Known(f"{event_card(event)} {event.id}", event)
    best: tuple[float, Known] | None = None
    for text, at in await broadcasts.told(turn.db, turn.person.id):
        likeness = share(text, words, 3)
        if likeness >= SAME and (best is None or likeness > best[0]):
            best = (likeness, Known(text, None, say_time(at)))
    return best[1] if best else None


async def _recognise_event(turn: Turn, words: str) -> Event | None:
    """The event whose code or title the words name; of several the one whose day they name, then the best."""
    bare = f" {plain(words)} "
    days = days_named(words)
    found: list[tuple[bool, float, Event]] = []
    for event in await catalogue.shown_events(turn.db):
        code = plain(event.id)
        named = len(code) >= 3 and any(sign.isdigit() for sign in code) and f" {code} " in bare
        likeness = 1.0 if named else _titled(event.title, words)
        if likeness >= TITLED:
            here = local(event.start)
            found.append(((here.day, here.month) in days, likeness, event))
    return max(found, key=lambda row: (row[0], row[1], row[2].start), default=(False, 0.0, None))[2]


def _titled(title: str, words: str) -> float:
    """How much of a title stands in the words; a title of one or two words is too little to go by."""
    return share(title, words) if len(plain(title).split()) >= 3 else 0.0
