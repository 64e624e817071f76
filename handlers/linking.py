"""Links a person's channels by a code of six figures, with consent; parts them again."""

import hmac
import re
import secrets
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from hashlib import sha256
from typing import Any

from conversation.need_form import count_answered
from conversation.reply import Choice, Reply
from conversation.talk import Talk
from domain.notice import Kind
from domain.person import Purpose
from domain.text import fold
from domain.worktime import say_time
from handlers.draft import ask
from handlers.turn import Turn
from handlers.words import CHANNELS
from storage import conversations, dues, links, outbox, people

LIVES = timedelta(minutes=15)
MOST_CODES = 5  # an hour
MOST_TRIES = 5
LOCKED = timedelta(hours=1)
MOST_TRIES_OF_ALL = 40  # while a code lives: nobody tries them all through many new faces
CODE = re.compile(r"(?:^|[\s/])(?:lien ket|ket noi|lienket)\D{0,15}((?:\d[ .-]?){5}\d)(?!\d)")
LEAD = r"(?:em oi |cho |toi |minh |muon |can |xin |lay |ma )*"
KINDS = r"(?: (?:kenh|tai khoan|voi|sang|zalo|telegram|web|trang|khac|nay|ma))"
LINK = re.compile(f"{LEAD}(?:lien ket{KINDS}*|ket noi{KINDS}+)")
PART = re.compile(f"{LEAD}(?:bo|huy|go|ngat|tach|thoi|dung)(?: bo)? (?:lien ket{KINDS}*|ket noi{KINDS}+)")
LINK_WORDING = "lien-ket-1"  # the words below that the person agreed to
Handler = Callable[[Turn], Awaitable[Reply]]


def control(turn: Turn) -> Handler | None:
    """What a message about linking asks for; None when it is about something else."""
    bare = " ".join(re.findall(r"\w+", fold(turn.text)))
    if CODE.search(fold(turn.text)) and len(bare) <= 60:
        return link
    if PART.fullmatch(bare):
        return ask_part
    return link if LINK.fullmatch(bare) else None


async def link(turn: Turn) -> Reply:
    """Gives a code, or takes one that was typed."""
    found = CODE.search(fold(turn.text))
    return await _enter(turn, re.sub(r"\D", "", found.group(1))) if found else await _give(turn)


# --- the code ---------------------------------------------------------------------------------------------------
def _digest(turn: Turn, code: str) -> str:
    return hmac.new(turn.office.secret, f"link:{code}".encode(), sha256).hexdigest()


async def _give(turn: Turn) -> Reply:
    if await links.given_since(turn.db, turn.person.id, turn.now - LOCKED) >= MOST_CODES:
        return await ask(turn, "Anh/chị đã lấy 5 mã trong một giờ. Một giờ nữa anh/chị thử lại giúp em nhé.")
    while True:
        code = f"{secrets.randbelow(1_000_000):06d}"
        if await links.find(turn.db, turn.now, digest=_digest(turn, code)) is None:
            break
    until = turn.now + LIVES
    await links.give(turn.db, turn.person.id, _digest(turn, code), turn.now, until)
    await dues.plan(turn.db, "link", f"link:{turn.person.id}:{until:%Y%m%d%H%M%S}", until, turn.person.id)
    return await ask(
        turn,
        f"{links.SHOWN} {code}, dùng trong 15 phút. Ở kênh kia (Zalo, Telegram hay trang web) anh/chị nhắn "
        f"“liên kết {code}”. Mã này như chìa khoá, anh/chị đừng đưa cho người khác.",
    )


async def _enter(turn: Turn, code: str) -> Reply:
    until = await _locked(turn)
    if until:
        told = f"Mã sai nhiều lần nên em tạm khoá việc liên kết ở đây đến {until}. Các việc khác vẫn bình thường ạ."
        return await ask(turn, told)
    found = await links.find(turn.db, turn.now, digest=_digest(turn, code))
    if found is None:
        await links.note_try(turn.db, turn.person.id, turn.now)
        told = "Mã này không đúng hoặc đã quá 15 phút. Ở kênh kia anh/chị nhắn “liên kết” để lấy mã mới rồi gõ lại ở đây nhé."
        return await ask(turn, told)
    if found.person_id == turn.person.id:
        return await ask(turn, "Mã này để nhắn ở kênh kia ạ; ở đây thì anh/chị đã vào sẵn rồi.")
    choices = (
        Choice("Đồng ý liên kết", f"link:{found.id}", ("dong y", "co", "lien ket", "dung", "ok")),
        Choice("Không", "link:no", ("khong", "thoi", "khong dong y")),
    )
    return Reply(
        f"Liên kết với {_named(found.channel)} thì hai kênh là một: phiếu, đăng ký, tin nhắn và lựa chọn nhận tin dùng "
        "chung; kênh này hỏng thì em nhắn sang kênh kia. Muốn tách ra thì nhắn “bỏ liên kết”. Anh/chị đồng ý chứ ạ?",
        choices,
        quick=True,
    )


async def _locked(turn: Turn) -> str:
    """Until when this person may try no code; empty when they may."""
    wrong = await links.tries(turn.db, turn.person.id, turn.now - 2 * LOCKED)
    if len(wrong) >= MOST_TRIES and wrong[0] - wrong[MOST_TRIES - 1] <= LOCKED and turn.now < wrong[0] + LOCKED:
        return say_time(wrong[0] + LOCKED)
    if await links.all_tries(turn.db, turn.now - LIVES) >= MOST_TRIES_OF_ALL:
        return say_time(turn.now + LIVES)
    return ""


def _named(channel: str | None) -> str:
    return CHANNELS.get(channel or "", "kênh kia")


# --- becoming one -----------------------------------------------------------------------------------------------
async def settle(turn: Turn, choice: str) -> Reply:
    """Links as agreed: both channels belong to the one known longer, the open form goes on here."""
    if choice == "no" or not choice.isdigit():
        return await ask(turn, "Dạ, em không liên kết, mọi thứ giữ nguyên.")
    code = await links.find(turn.db, turn.now, code_id=int(choice))
    if code is None or code.person_id == turn.person.id:
        return await ask(turn, "Mã đã quá 15 phút hoặc đã dùng rồi. Anh/chị lấy mã mới ở kênh kia giúp em nhé.")
    other = await conversations.hold(turn.db, code.person_id)
    if other is None:
        return await ask(turn, "Kênh kia đang có tin chưa xong, một phút nữa anh/chị bấm lại giúp em nhé.")
    await links.use(turn.db, code.id, turn.now)
    await people.give_consent(turn.db, turn.person.id, Purpose.LINK, LINK_WORDING, turn.now)
    told = await _join_forms(turn, other.talk)
    stays, goes = await links.older(turn.db, turn.person.id, code.person_id)
    turn.afterwards.append(partial(links.join, turn.db, stays, goes, turn.person.id, turn.talk))
    here = f"Kênh này vừa liên kết với {_named(turn.channel)} lúc {say_time(turn.now)}."
    notice = Reply(f"{here} Nếu không phải anh/chị làm, nhắn “bỏ liên kết” ở đây ngay giúp em.")
    await outbox.put(
        turn.db, Kind.NOTICE, code.person_id, notice, f"linked:{code.id}", turn.now, turn.now, code.address_id
    )
    return await ask(turn, f"Đã liên kết với {_named(code.channel)}: từ nay hai kênh là một.{told}")


async def _join_forms(turn: Turn, other: Talk) -> str:
    """The talk goes on here with the form that has more answers; the other waits as a second one."""
    mine = turn.talk
    if other.form is None:
        if mine.form is None and "dropped" not in mine.pending and "second" not in mine.pending:
            mine.pending |= {key: other.pending[key] for key in ("dropped", "second") if key in other.pending}
        return ""
    if mine.form is None:
        _take_form(mine, other)
        return f" Phiếu đang ghi dở ở kênh kia ({count_answered(other.form)}/9), mình ghi tiếp ở đây."
    spare: dict[str, Any] = {"form": mine.form, "id": mine.form_id, "own_words": mine.own_words}
    if count_answered(other.form) > count_answered(mine.form):
        _take_form(mine, other)
    else:
        spare = {"form": other.form, "id": other.form_id, "own_words": other.own_words}
    about = next((spare["form"][f]["words"] for f in ("wish", "product", "problem") if f in spare["form"]), "phiếu kia")
    mine.pending["second"] = {**spare, "wish": {"words": about, "said": about}}
    for name in ("nudge", "draft"):
        await dues.drop(turn.db, f"{name}:{spare['id']}")
    return f" Hai kênh có hai phiếu dở: mình ghi nốt phiếu nhiều ý hơn, gửi xong em mở phiếu kia ({about})."


def _take_form(mine: Talk, other: Talk) -> None:
    mine.form, mine.form_id, mine.own_words = other.form, other.form_id, other.own_words
    mine.revision = max(mine.revision, other.revision) + 1
    mine.pending = dict(other.pending)


# --- parting ----------------------------------------------------------------------------------------------------
async def ask_part(turn: Turn) -> Reply:
    """Says what parting means, asks once."""
    known = await links.channels(turn.db, turn.person.id)
    if len(known) < 2:
        return await ask(turn, "Kênh này chưa liên kết với kênh nào ạ. Muốn liên kết, anh/chị nhắn “liên kết”.")
    rest = list(known)
    rest.remove(turn.channel)
    others = " và ".join(dict.fromkeys(_named(channel) for channel in rest))
    choices = (
        Choice("Đồng ý tách", "part:yes", ("dong y", "co", "tach", "bo")),
        Choice("Không", "part:no", ("khong", "thoi", "giu nguyen")),
    )
    return Reply(
        f"Tách ra thì phiếu, đăng ký và lựa chọn nhận tin ở lại với {others}; ở đây mình như mới quen. Anh/chị đồng ý chứ ạ?",
        choices,
        quick=True,
    )


async def settle_part(turn: Turn, choice: str) -> Reply:
    """Parts this channel from the others as agreed."""
    if choice != "yes":
        return await ask(turn, "Dạ, em giữ nguyên liên kết.")
    count = len(await links.channels(turn.db, turn.person.id))
    if count < 2:
        return await ask(turn, "Kênh này đã tách rồi ạ.")
    if count == 2:
        await people.withdraw_consent(turn.db, turn.person.id, Purpose.LINK, turn.now)
    turn.afterwards.append(partial(links.part, turn.db, turn.person.id, turn.address_id, turn.now))
    return Reply(
        "Đã tách kênh này. Phiếu và dữ liệu ở lại với kênh kia; ở đây mình bắt đầu lại, anh/chị cần gì cứ nhắn em nhé."
    )
