"""Follows the talk about gatherings: which one, how many come, what was asked about it, what was booked."""

import re

from conversation.attendance import LEADS, heads, only_heads, picks
from conversation.reply import Choice, Reply
from domain.event import Event
from domain.text import fold
from handlers import events, privacy
from handlers.events import TOPIC
from handlers.turn import Turn
from handlers.words import ASK_OFFICER, event_time, seats_words, trimmed
from nlu.understanding import Understanding
from storage import catalogue, seats

MOST_WORDS, MOST_ASKED = 12, 18
ONE_OF = re.compile(r"\b(?:cai|buoi|lop)\s+(?:dau|sau|truoc|thu|so|kia|cuoi|nhat|hai|ba|[1-9])\b")
REMIND = re.compile(
    r"\b(?:nhac)\b(?!.*\b(?:han|nop|ho so|phieu|chuong trinh)\b).*\b(?:truoc|hom|ngay|gio|lich|buoi|hoi thao|lop|nhe|giup)\b"
)
LATER_ONES = re.compile(
    r"\b(?:khi nao|sau(?: nay)?|lan sau|dot sau|dip sau|bao gio|con|neu)\s+(?:\w+\s+){0,2}?(?:co\s+)?"
    r"(?:lop|buoi|hoi thao|khoa|tap huan|cai)\b(?:\s+\w+){0,4}?\s+(?:bao|goi|nhan|thong bao|nho bao|nhac)\b|"
    r"\bco (?:gi|lop gi|hoi thao gi) (?:moi )?(?:thi )?(?:nho )?bao\b"
)
GATHERING = re.compile(r"\b(?:hop|hoi thao|buoi|lop|tap huan|su kien|khoa hoc|cho da giu)\b")
BOOKS = re.compile(
    r"\b(?:dang ky|dk|tham gia|tham du|giu cho|ghi ten|di cai|di buoi|lay|"
    r"(?:cho )?(?:toi|em|anh|chi|minh) (?:di|du))\b"
)
SIGNS_UP = re.compile(
    r"\b(?:dang ky|dk|ghi ten|giu cho|giu)\b(?: \w+){0,5} (?:lop|buoi|hoi thao|tap huan|su kien|khoa hoc)\b"
)
SIGNS_UP_BARELY = re.compile(
    r"^\W*(?:(?:ok|u|uh|da|vang|the|vay|thi|cho|em|anh|chi|toi|minh)\W+)*(?:dang ky|dk|tham gia|giu cho|di)"
    r"(?:\s+(?:luon|di|nhe|em|a|giup|cho|toi|anh|chi|minh|voi|ngay))*\W*$"
)
MINE = re.compile(
    r"\b(?:toi|em|anh|chi|minh)\s+con\s+(?:buoi|cho|lich)\s+nao\b|"
    r"\b(?:toi|em|anh|chi|minh|nha|ben \w+)\s+(?:da\s+)?(?:dang ky|dk)\b.*\b(?:nao|gi|chua|roi|may|duoc chua)\b|"
    r"\b(?:da|duoc) (?:dang ky|dk|giu cho)\b.*\b(?:chua|roi|nao)\b|\bxem (?:lai )?(?:dang ky|cho da giu)\b"
)
NO_EVENT = re.compile(  # other things that are registered
    r"\b(?:nhan hieu|sang che|giai phap|kieu dang|ban quyen|ma vach|ma so|ma qr|kinh doanh|doanh nghiep|de tai|nhiem vu|"
    r"ho tro|chuong trinh|ocop|chung nhan|chi dan|vay|nhu cau|phieu)\b"
)
GIVES_UP = re.compile(
    r"^\W*(?:(?:thoi|a|ma|em|anh|chi|toi|minh|da|nha|hom do|hom ay|oi|co le)\W+)*"
    r"(?:(?:ban|vuong|trung lich|met)\b.*|"
    r"(?:khong|ko|k|chang|chua)\s+(?:di|du|toi|tham gia|dang ky|dk)(?:\s+(?:nua|duoc|dc|dau|roi|a|em|nhe))*\W*|"
    r"(?:huy|bo)(?:\s+(?:giup|di|cho|nhe|em|a|ho|luon|dang ky))*\W*)$"
)
ASKS = (
    (re.compile(r"\b(?:may gio|luc nao|khi nao|ngay nao|bao gio|gio nao|thu may|hom nao|may h)\b"), "time"),
    (re.compile(r"\b(?:o dau|cho nao|dia diem|dia chi|tai dau)\b"), "place"),
    (re.compile(r"\b(?:phi|le phi|nop tien|ton kem|mat tien|tra tien|dong tien|mien phi|bao nhieu tien|ton tien)\b"), "fee"),
    (re.compile(r"\b(?:con cho|het cho|con suat|may cho|bao nhieu cho)\b"), "seats"),
    (re.compile(r"\b(?:ai to chuc|don vi nao|ben nao to chuc)\b"), "organiser"),
    (re.compile(r"\b(?:noi dung|noi ve|day gi|hoc gi|ve cai gi|ban ve|gom gi|lam gi)\b"), "summary"),
    (
        re.compile(
            r"\b(?:ai day|ai noi|dien gia|giang vien|gui xe|do xe|dau xe|cho do|an trua|com trua|cho gui|cho de|xe dua|mang theo|"
                r"mang gi|giay moi|tai lieu|"
            r"chung nhan)\b"
        ),
        "",
    ),
)  # fmt: skip


async def take(turn: Turn) -> Reply | None:
    """What a message means in the talk about gatherings; None when it means nothing there."""
    folded = fold(turn.text)
    if MINE.search(folded) and NO_EVENT.search(folded) is None:
        return await _tell_mine(turn)
    near = turn.topic == TOPIC or (bool(turn.talk.listed.get("event")) and THAT.search(folded) is not None)
    count = _count(turn)
    if signs_up(turn):
        return await events.register(turn)
    if (noted := await _of_mine(turn, folded)) is not None:
        return noted
    if not near:
        return await _change_heads(turn, count) if count is not None and only_heads(turn.text) else None
    if turn.said.act in ("stop_news", "talk_to_officer", "erase_my_data") and turn.said.sure:
        return None
    if GIVES_UP.match(folded):
        mine = await seats.of_person(turn.db, turn.person.id, turn.now)
        return (
            await events.cancel(turn)
            if mine
            else Reply("Dạ, em không ghi chỗ ạ. Khi nào đi được, anh/chị nhắn em nhé.")
        )
    if (asked := _asked(turn, folded)) is not None:
        return await _answer(turn, asked)
    if len(folded.split()) > MOST_WORDS:
        return None
    return await _pick(turn, folded, count)


THAT = re.compile(r"\b(?:buoi|lop|hoi thao|su kien|tap huan|khoa) (?:do|ay|nay|day|kia|hoc do|hoc ay)\b")
BARE = re.compile(r"^\W*(?:(?:a|di|len|xuong|thanh|khoang|la|nham|thoi)\s+)*(\d{1,2})(?:\s+(?:thoi|em|nhe|a|di))*\W*$")


async def _of_mine(turn: Turn, folded: str) -> Reply | None:
    """What is asked of gatherings with a seat booked, whenever that was: when, where, a reminder; news of later ones."""
    if turn.said.act == "stop_news" or len(folded.split()) > MOST_ASKED:
        return None
    if LATER_ONES.search(folded) and not turn.said.asks:
        return await privacy.later_ones(turn)
    asked = _asked(turn, folded) if GATHERING.search(folded) else None
    near = turn.topic == TOPIC or GATHERING.search(folded) is not None
    reminds = REMIND.search(folded) is not None and not turn.said.asks
    if not (asked or reminds):
        return None
    mine = await seats.of_person(turn.db, turn.person.id, turn.now)
    if reminds:
        turn.talk.topic = TOPIC if mine or near else turn.talk.topic
        if not mine and not near:
            return None
        if not mine:
            return Reply("Anh/chị giữ chỗ buổi nào thì buổi đó em nhắc trước một ngày và trước 2 giờ ạ.")
        titles = ", ".join(f"“{trimmed(place.event.title, 80)}”" for place in mine[:2])
        return Reply(f"Dạ, em nhắc anh/chị trước một ngày và trước 2 giờ: {titles}.")
    named = picks(turn.text, [place.event for place in mine], turn.today)
    if turn.topic == TOPIC or not (len(mine) == 1 or len(named) == 1):
        return None
    turn.talk.listed["event"] = [mine[named[0] if named else 0].event.id]
    return await _answer(turn, asked or "")


def may_book(part: Understanding) -> bool:
    """Whether a part of a message may be acted on: a seat is booked only where one is asked for in so many words."""
    return part.act != "register_event" or BOOKS.search(fold(part.text)) is not None


def signs_up(turn: Turn) -> bool:
    """Whether the message plainly wants a seat, whatever was talked of before: "đăng ký hội thảo …", "đăng ký 2 người"."""
    folded = fold(turn.text)
    if turn.said.asks or turn.text.rstrip().endswith("?"):
        return False
    people = (
        re.search(r"\b(?:dang ky|dk)\b", folded) is not None and heads(turn.text) is not None and only_heads(turn.text)
    )
    return people or SIGNS_UP.search(folded) is not None


def _count(turn: Turn) -> int | None:
    """How many come by the message; a bare figure counts where nothing is chosen from."""
    if turn.said.asks:
        return None
    bare = BARE.match(fold(turn.text)) if turn.topic == TOPIC and not any(turn.offered[:1]) else None
    return int(bare[1]) if bare else heads(turn.text, 1)


async def _change_heads(turn: Turn, count: int | None) -> Reply | None:
    """Another number of people for what was booked last; None when nothing is booked."""
    mine = await seats.of_person(turn.db, turn.person.id, turn.now)
    shown = turn.talk.listed.get("event") or []
    meant = [place for place in mine if place.event.id in shown] or (mine if len(mine) == 1 else [])
    by_figure = count if heads(turn.text, 1) is None else None  # "thêm 1 người" counts from what was booked
    return await events.book(turn, meant[0].event.id, by_figure) if meant else None


async def _pick(turn: Turn, folded: str, count: int | None) -> Reply | None:
    """The listed event that is named is booked when that was asked or wished, else shown; a number of people is kept."""
    listed = await events.coming_listed(turn)
    places = picks(turn.text, listed, turn.today)
    asked = [
        choice.action for choice in (turn.offered[0] if turn.offered else ()) if choice.action.startswith("register:")
    ]
    booking = (
        bool(asked)
        and asked[0].partition(":")[2].partition("/")[0] in [event.id for event in listed]
        and len(asked) > 1
    )
    wishes = booking or count is not None or BOOKS.search(folded) is not None
    if not places and SIGNS_UP_BARELY.match(folded):
        return await events.register(turn)
    signs = ONE_OF.search(folded) is not None or re.search(r"\b(?:dang ky|dk|giu cho|ghi ten)\b", folded) is not None
    if not places and BOOKS.search(folded) and signs and not turn.said.asks and NO_EVENT.search(folded) is None:
        return await events.ask_which(turn, listed, count)  # "chị đi cái sau"
    if places and count is not None and len(ONE_OF.findall(folded)) > 1:
        return Reply("Anh/chị nhắn từng buổi giúp em: số mấy, đi mấy người, ví dụ “buổi số 2, đi 2 người”.")
    if not places:
        return (
            await _people_only(turn, listed, count, booking) if count is not None and only_heads(turn.text, 2) else None
        )
    if turn.said.asks and not booking and not LEADS.search(folded):
        return None
    if len(places) > 1:
        kept = count if count is not None else _kept(asked)
        return (
            await events.ask_which(turn, [listed[at] for at in places], kept)
            if wishes
            else _ask_which(turn, [listed[at] for at in places])
        )
    event = listed[places[0]]
    if wishes and not (turn.said.asks and not BOOKS.search(folded)):
        return await events.book(turn, event.id, count if count is not None else _kept(asked) if booking else None)
    return await events.show(turn, event.id)


async def _people_only(turn: Turn, listed: list[Event], count: int | None, booking: bool) -> Reply | None:
    changed = None if booking else await _change_heads(turn, count)
    if changed is not None:
        return changed
    shown = turn.talk.listed.get("event") or []
    if not booking and shown:
        return await events.book(turn, shown[0], count)
    return await events.ask_which(turn, listed, count)


def _kept(asked: list[str]) -> int | None:
    """The number of people in the choices of the question which event is to be booked."""
    said = asked[0].rpartition("/")[2] if asked else ""
    return int(said) if said.isdigit() else None


def _ask_which(turn: Turn, found: list[Event]) -> Reply:
    turn.talk.topic = TOPIC
    choices = tuple(Choice(trimmed(event.title), f"event:{event.id}") for event in found)
    return Reply(
        f"Anh/chị hỏi buổi nào ạ: {' hay '.join(f'“{trimmed(event.title)}”' for event in found)}?", choices, quick=True
    )


# --- what is asked of one ---------------------------------------------------------------------------------------
def _asked(turn: Turn, folded: str) -> str | None:
    if not (turn.said.asks or turn.text.rstrip().endswith("?")) or len(folded.split()) > MOST_ASKED:
        return None
    return next((name for pattern, name in ASKS if pattern.search(folded)), None)


async def _answer(turn: Turn, asked: str) -> Reply | None:
    """One fact of the event shown, booked or named last; what its announcement does not say is not made up."""
    listed = await events.coming_listed(turn)
    named = [listed[at] for at in picks(turn.text, listed, turn.today)]
    shown = turn.talk.listed.get("event") or []
    found = named[:1] or [event for event in await catalogue.coming_events(turn.db, turn.now) if event.id in shown]
    if not found:
        return _ask_which(turn, listed[: events.SHOWN]) if listed else None
    event = found[0]
    turn.talk.listed["event"], turn.talk.topic = [event.id], TOPIC
    words = {
        "time": f"{event_time(event)}",
        "place": event.place,
        "fee": {True: "không mất phí", False: "có thu phí, anh/chị hỏi cán bộ mức thu"}.get(event.free)
        if event.free is not None
        else "",
        "seats": seats_words(event),
        "organiser": event.organiser,
        "summary": event.summary,
    }.get(asked, "")
    if not words:
        return Reply(
            f"Thông báo của buổi “{trimmed(event.title)}” chưa ghi việc này. Anh/chị hỏi cán bộ giúp em nhé.",
            (ASK_OFFICER,),
        )
    had = await seats.place(turn.db, event.id, turn.person.id)
    book = (
        () if had is not None and had.heads else (Choice("Đăng ký tham dự", f"register:{event.id}", ("dang ky", "di")),)
    )
    return Reply(f"“{trimmed(event.title)}”: {words.rstrip('.')}.", book)


async def _tell_mine(turn: Turn) -> Reply:
    """What the person has booked."""
    mine = await seats.of_person(turn.db, turn.person.id, turn.now)
    turn.talk.topic = TOPIC
    if not mine:
        return Reply(
            "Anh/chị chưa đăng ký buổi nào sắp tới ạ.",
            (Choice("Xem hội thảo, sự kiện", "events", ("xem", "hoi thao")),),
        )
    if len(mine) == 1:
        turn.talk.listed["event"] = [mine[0].event.id]
    lines = [
        f"- {trimmed(place.event.title, 80)}, {event_time(place.event)}: "
        + (f"{place.heads} chỗ" if place.heads else f"{place.waiting} người trong danh sách chờ (thứ {place.turn})")
        for place in mine[: events.SHOWN]
    ]
    return Reply("Anh/chị đang có:\n" + "\n".join(lines))
