"""Answers what a supplier says of a technology that was sent before: how far it is, another price, sold out."""

import re
from datetime import datetime, timedelta

from conversation.offer_form import Part, from_message, price, price_readings, stated_money
from conversation.repairs import says_wrong
from conversation.reply import Choice, Reply
from domain.offer import Offer, OfferState
from domain.text import fold
from domain.worktime import say_time
from handlers import behalf, offering, supply
from handlers.turn import Turn
from handlers.words import ASK_OFFICER, price_words, trimmed
from storage import catalogue, changes, notes, offered, pairs

FRESH = timedelta(hours=24)
MOST_SHOWN = 5
ANSWERED_WITHIN = timedelta(days=14)  # so long the next plain message answers an officer's question
OTHER_BUSINESS = behalf.OTHER_BUSINESS - {"offer_technology"} | {*offering.SHOWS, "thank", "cancel"}
STATE_WORDS = {
    OfferState.SUBMITTED: "đã gửi, cán bộ đang xem",
    OfferState.VERIFIED: "đã duyệt, đang giới thiệu tới người cần",
    OfferState.PAUSED: "đang tạm dừng",
    OfferState.EXPIRED: "đang tạm ẩn vì lâu chưa xác nhận",
    OfferState.WITHDRAWN: "đã rút",
}
CODE = re.compile(r"\bgp\W{0,2}(\d{1,6})\b")
MINE = (
    r"(?:ban chao|gp\W{0,2}\d{1,6}|chao hang|"
    r"(?:may|cong nghe|giai phap|quy trinh|thiet bi|hang)\s+(?:\w+\s+){0,5}(?:chao|dang|gui))"
)
STATUS = re.compile(
    r"\b(?:da |co )+ai (?:hoi|quan tam|lien he)(?: mua)?\b.{0,12}\b(?:chua|khong|ko|k)\b|"
    r"\b(?:may|hang|cong nghe) (?:cua )?(?:toi|em|minh|anh|chi|ben \w+)\b.*\b(?:khach|ai mua|ai hoi|den dau|duyet)\b|"
    rf"\b{MINE}\b.*\b(?:duyet|den dau|sao roi|the nao|xong|ai (?:hoi|quan tam|can|mua)|toi dau|chua)\b|"
    r"\b(?:co )?ai (?:hoi|quan tam|mua|can) (?:mua )?(?:may|hang|den may|cong nghe) (?:cua )?(?:toi|"
    r"em|minh|ben|chua|anh|chi)\b"
)
SOON = re.compile(  # of what was sent within a day, whatever it is called
    r"^\W*(?:\w+\s+){0,4}?(?:(?:bao gio|khi nao|chung nao|bao lau)\b.{0,25}\b(?:dang|duyet|len|xong|tra loi|nguoi ta|hien)\b|"
    r"(?:da |co )*ai (?:hoi|quan tam|mua|xem|lien he|can)\b.{0,15}\b(?:chua|khong|ko|k)\b)"
)
ENDS = re.compile(
    r"\btam (?:dung|ngung|an|nghi)\s+(?:dang|ban|cung cap|gioi thieu|chao|nhan don)\b|"
    r"\ban (?:may|tin|bai)\b(?= (?:di|giup|ho|nhe|cho))|"
    r"\b(?:rut|go|xoa|ngung ban)\s+(?:lai\s+)?(?:cai\s+)?(?:may|hang|giai phap|cong nghe|thiet bi)\s+"
    r"(?:do|ay|nay|cua (?:toi|em|minh|anh|chi|ben))\b|"
    rf"\b(?:rut|go|xoa|huy|ngung|ngung cung cap|dung)\s+(?:lai\s+)?(?:\w+\s+)?{MINE}\b|\b{MINE}\s+(?:roi|do)\s+(?:rut|bo)|"
    r"\b(?:ban het|het hang|khong ban nua|ko ban nua|khong con ban|thoi khong ban|khong cung cap nua|ngung cung cap|"
    r"ngung ban|khong san xuat nua|ban (?:mat )?roi)\b"
)
ANOTHER = re.compile(
    r"\b(?:them|con) (?:mot |1 |cai |con )?(?:may|cong nghe|san pham|loai|thiet bi) (?:nua|khac)\b|"
    r"\bchao (?:them|tiep)\b"
)
MOVES = re.compile(
    r"\b(?:sua|doi|cap nhat|tang|giam|len|xuong)\b.*\bgia\b|\bgia\b.*\b(?:sua|doi|tang|giam|len|"
    r"xuong|moi)\b|\b(?:sua|doi)\b.*\bchao\b"
)
CANCELS = re.compile(r"^\W*(?:(?:thoi|a|em|da|doi y)\W+)*(?:huy|rut)(?:\s+(?:di|giup|nhe|em|lai|a|bo))*\W*$")
PRICES = re.compile(
    r"\b(?:gia (?:moi|gio|bay gio|nay|con|len|xuong|thanh|ban)|sua gia|doi gia|tang gia|giam gia|gia|cap nhat gia)\b"
)


async def take(turn: Turn) -> Reply | None:
    """What a supplier says of something sent before; None when it is not about that, or nothing was sent."""
    folded = fold(turn.text)
    code = CODE.search(folded)
    fresh = _fresh(turn)
    ends, status = (
        ENDS.search(folded) is not None or (fresh is not None and CANCELS.match(folded) is not None),
        STATUS.search(folded) is not None or (fresh is not None and SOON.match(folded) is not None),
    )
    puts_right = _puts_right(turn, fresh is not None or code is not None)
    nods = fresh is not None and offering.SENDS.match(folded) is not None
    if fresh is not None and ANOTHER.search(folded) and not (ends or code):
        return await offering.begin(turn)
    if not (code or ends or status or puts_right or nods):
        return None
    mine = [
        offer
        for offer in [
            await catalogue.find_offer(turn.db, key) for key in await pairs.offered_by(turn.db, turn.person.id)
        ]
        if offer
    ]
    if code is not None:
        mine = [offer for offer in mine if offer.id == f"GP-{int(code[1]):04d}"]
        if not mine:
            return Reply(
                f"Em không thấy mã GP-{int(code[1]):04d} trong những gì anh/chị đã chào. Anh/chị xem lại mã giúp em nhé."
            )
    standing = [offer for offer in mine if offer.state is not OfferState.WITHDRAWN]
    if nods and not (ends or puts_right) and fresh in [offer.id for offer in mine]:
        return Reply(f"Dạ, bản chào {fresh} em đã gửi cán bộ rồi, anh/chị không cần làm gì thêm. Duyệt xong em báo.")
    if not standing:
        return _tell(mine) if mine and (status or code) else None
    chosen = next((offer for offer in standing if offer.id == fresh), standing[0] if len(standing) == 1 else None)
    if ends and not turn.said.asks:
        return _ask_end([chosen] if chosen else standing, "tam" in folded.split())
    if puts_right:
        return await put_right(turn, chosen) if chosen else _ask_which(standing)
    asked = await _asked_of(turn)
    plain = chosen and not status and not turn.said.asks and len(turn.text.split()) > 2
    if asked and plain and chosen and asked[0] == chosen.id:
        return await _keep_answer(turn, chosen)
    return _tell(mine, asked)


async def answer(turn: Turn) -> Reply | None:
    """The next plain message after an officer has asked about an offer; None when nobody asked, or it is something else."""
    other = (turn.said.act in OTHER_BUSINESS and turn.said.sure) or supply.plainly(turn)
    if turn.said.asks or other or not turn.text.strip():
        return None
    asked = await _asked_of(turn)
    offer = await catalogue.find_offer(turn.db, asked[0]) if asked else None
    return await _keep_answer(turn, offer) if offer else None


async def _asked_of(turn: Turn) -> tuple[str, str] | None:
    """(offer, question) of what an officer waits to hear."""
    return await offered.asked_of(turn.db, turn.person.id, turn.now - ANSWERED_WITHIN)


async def _keep_answer(turn: Turn, offer: Offer) -> Reply:
    await _note(turn, offer, turn.text)
    ticket = await supply.promise(turn, offer)
    return Reply(
        f"Cảm ơn anh/chị, em đã ghi vào bản chào {offer.id}. Cán bộ xem và trả lời trước {say_time(ticket.due_at)} ạ."
    )


async def _note(turn: Turn, offer: Offer, text: str) -> None:
    """Keeps what a supplier adds; an officer is asked to look."""
    await notes.add(turn.db, "offer", offer.id, turn.person.id, text[:1000], offered.SUPPLIER, turn.now)
    await changes.ask_review_again(turn.db, "offer", offer.id, supply.CHANGED, turn.now)


def _fresh(turn: Turn) -> str | None:
    """The code of what was sent within the last day."""
    sent = turn.talk.offer or {}
    if "sent" not in sent or turn.now - datetime.fromisoformat(sent["at"]) > FRESH:
        return None
    return str(sent["sent"])


def _puts_right(turn: Turn, near: bool) -> bool:
    """Whether a figure of something sent is put right: "à giá 200 thôi", "sửa giá GP-0001 thành 300 triệu"."""
    if turn.said.asks or len(turn.text.split()) > 14:
        return False
    folded = fold(turn.text)
    names = PRICES.search(folded) is not None or "cong suat" in folded
    figure = bool(stated_money(turn.text) or turn.entities.get("capacity") or price_readings(turn.text, turn.entities))
    if near:
        return (figure and (names or says_wrong(turn.text))) or (names and "sua" in folded)
    return (
        names
        and figure
        and re.search(r"\b(?:sua|doi|cap nhat|tang|giam)\b.*\b(?:chao|dang|ban chao)\b", folded) is not None
    )


def _tell(mine: list[Offer], asked: tuple[str, str] | None = None) -> Reply:
    lines = [f"{offer.id} ({trimmed(offer.title, 80)}): {STATE_WORDS[offer.state]}." for offer in mine[:MOST_SHOWN]]
    if asked and asked[0] in [offer.id for offer in mine]:
        lines.append(f"Về {asked[0]}, cán bộ đang chờ anh/chị trả lời: {asked[1]}")
    return Reply("\n".join(lines))


def _ask_end(offers: list[Offer], for_a_while: bool) -> Reply:
    """Asks once before something is taken back."""
    if len(offers) == 1:
        (offer,) = offers
        if for_a_while:
            pause = (
                Choice("Tạm ẩn", f"still:{offer.id}/pause", ("tam an", "tam", "co", "dung", "ok", "u")),
                Choice("Rút hẳn", f"still:{offer.id}/no", ("rut", "rut han")),
                Choice("Giữ lại", f"still:{offer.id}/keep", ("giu", "khong", "thoi")),
            )
            return Reply(
                f"Anh/chị tạm ẩn “{trimmed(offer.title, 80)}” (mã {offer.id}) phải không ạ?", pause, quick=True
            )
        sure = (
            Choice("Rút khỏi kho", f"still:{offer.id}/no", ("rut", "co", "dung", "ok", "u", "rut di")),
            Choice("Giữ lại", f"still:{offer.id}/keep", ("giu", "khong", "thoi", "de do")),
        )
        return Reply(
            f"Anh/chị rút “{trimmed(offer.title, 80)}” (mã {offer.id}) khỏi kho phải không ạ?", sure, quick=True
        )
    choices = tuple(
        Choice(trimmed(f"{offer.id} {offer.title}"), f"still:{offer.id}/no") for offer in offers[:MOST_SHOWN]
    )
    return Reply("Anh/chị rút cái nào ạ?", choices, quick=True)


def _ask_which(offers: list[Offer]) -> Reply:
    choices = tuple(
        Choice(trimmed(f"{offer.id} {offer.title}"), f"still:{offer.id}/price") for offer in offers[:MOST_SHOWN]
    )
    return Reply("Anh/chị sửa giá của cái nào ạ?", choices, quick=True)


async def put_right(turn: Turn, offer: Offer) -> Reply:
    """Another price, another capacity: written at once, an officer sees it."""
    found = from_message(turn.text, turn.entities)
    rows = price_readings(turn.text, turn.entities)
    if Part.PRICE not in found and (money := stated_money(turn.text) or (rows[0]["value"] if len(rows) == 1 else None)):
        found[Part.PRICE] = price(money, turn.text)
    told = []
    if row := found.get(Part.PRICE):
        millions = supply.in_millions(row["value"])
        await catalogue.set_price(turn.db, offer.id, millions.get("min"), millions.get("max"))
        told.append(f"giá: {row['words']}" + (f" (trước: {price_words(offer)})" if price_words(offer) else ""))
    if row := found.get(Part.SIZE):
        await catalogue.set_capacity(turn.db, offer.id, supply.kept_capacity(row["value"]))
        told.append(f"công suất: {row['words']}")
    if not told:
        return await supply.say_still(turn, f"{offer.id}/price")
    await _note(turn, offer, "; ".join(told))
    if offer.state is OfferState.SUBMITTED:
        await supply.promise(turn, offer)
    return Reply(
        f"Em đã sửa {offer.id} ({trimmed(offer.title, 60)}): {'; '.join(told)}. Cán bộ sẽ thấy bản mới.", (ASK_OFFICER,)
    )
