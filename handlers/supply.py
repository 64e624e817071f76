"""Hands a technology offered by chat to the officers, asks twice a year whether it still stands."""

import re
from datetime import datetime, timedelta
from typing import Any

from conversation.offer_form import WORDING, price_readings, stated_money
from conversation.reply import Choice, Reply, shorten
from domain.amounts import Money, Quantity, money_words, quantity_words
from domain.notice import Kind
from domain.offer import Offer, OfferState
from domain.pairing import MatchState
from domain.person import Purpose
from domain.text import fold
from domain.worktime import say_time
from handlers import outcomes
from handlers.turn import Office, Turn
from handlers.words import ASK_OFFICER, price_words, trimmed
from storage import catalogue, changes, dues, outbox, pairs, people, reviews, tickets
from storage.codes import next_code
from storage.database import Connection
from storage.dues import Due
from storage.offered import ABOUT
from storage.tickets import Ticket, TicketKind

OFFERED, CHANGED = "offered by chat", "changed by its supplier"  # why officers are asked to look
PRICE_OF = "price_of"  # the offer whose new price is asked, in the talk
ASK_AFTER = timedelta(days=182)
SILENT_FOR = timedelta(days=14)
OFFERS = re.compile(
    r"\b(?:muon|xin|nho|de|can)\s+(?:duoc\s+)?(?:gioi thieu|chao (?:hang|ban|cong nghe)|dang (?:ban|len|ky ban)|rao|ban cho|"
    r"chuyen giao (?:cho|lai)|cung cap cho)|"
    r"\b(?:muon|xin|can)\s+(?:duoc\s+)?chao\b(?!\s+(?:em|anh|chi|hoi|cac|moi|ca))|"
    r"^\W*(?:(?:em|toi|chung toi|cong ty|nha|xuong|ben|minh|can|muon|dang)\s+)*(?:\w+\s+)?thanh ly\b(?! hop dong)|"
    r"\b(?:may|thiet bi|day chuyen|lo|noi)\b.{0,40}\b(?:muon|can|dinh|dang)\s+(?:ban lai|thanh ly|nhuong lai|sang nhuong)\b|"
    r"\bai (?:can|co nhu cau|quan tam) (?:thi )?lien he|\bnhan (?:lap dat|cung cap|chuyen giao)\b"
)


def names_technology(text: str) -> bool:
    """Whether the words name a machine, a technology, a way of making."""
    return THING.search(fold(text)) is not None


THING = re.compile(
    r"\b(?:may|cong nghe|quy trinh|thiet bi|day chuyen|giai phap|he thong|bi quyet|phan mem|lo|kho|giong|(?<!ha )noi|"
    r"bo|tu|buong|ham)\b"
)


def plainly(turn: Turn) -> bool:
    """Whether a message that asks nothing plainly offers a machine or a technology, whatever term of it was recognised."""
    folded = fold(turn.text)
    if turn.said.asks or OFFERS.search(folded) is None or THING.search(folded) is None:
        return False
    return not turn.said.sure or turn.said.act in ("offer_technology", "declare_need", "ask_policy", "out_of_scope")


OWN = re.compile(
    r"\b(?:ben (?:em|minh|toi|chi|anh)|xuong(?: \w+){0,2}|cong ty(?: \w+){0,3}|toi|em|nha(?: \w+)?)\s+"
    r"(?:co |chuyen |dang )?(?:ban|tu dong|tu che|dong|che tao|che|lam ra|san xuat|cung cap|phan phoi)\s+"
    r"(?:\w+\s+){0,2}?(?:may|thiet bi|lo|noi|tu|day chuyen|he thong|phan mem)\b"
)
SHOWS = re.compile(
    r"\b(?:muon|xin|nho|can|dinh)\s+(?:duoc\s+)?"
    r"(?:gioi thieu|dua (?:len|vao)|dang (?:len|ban|tin)|chao|rao|quang ba|ban (?:cho|tren))\b"
)


def sells(turn: Turn) -> bool:
    """Whether somebody tells what machine of their own they wish to show here, also where they ask how."""
    folded = fold(turn.text)
    return OWN.search(folded) is not None and SHOWS.search(folded) is not None


HOW_TO_OFFER = "office-nha-cung-cap"  # the answer for suppliers who ask how it is done
HOW = re.compile(
    r"\b(?:o dau|cho nao|the nao|lam sao|kieu gi|mat phi|mat tien|ton phi|thu phi|phi khong|"
    r"dieu kien|thu tuc|can gi|giay to|ho so|duoc khong|dc ko|lien he ai)\b"
)


def asks_how(turn: Turn) -> bool:
    """Whether a supplier asks how or where to offer something, telling nothing of it yet: "bán máy sấy thì đăng ký ở đâu"."""
    told = {"capacity", "budget", "phone"} & set(turn.entities)
    return (
        turn.said.act == "offer_technology" and turn.said.asks and not told and HOW.search(fold(turn.text)) is not None
    )


async def hand_over(turn: Turn, told: dict[str, Any], own: list[str]) -> tuple[str, Reply]:
    """Records what was told and confirmed as an offer that waits for an officer: its code, the reply.

    `told` holds the parts of conversation/offer_form.py, `own` the supplier's own sentences.
    """
    contact, what, size = told["contact"]["value"], told["what"], told["size"]["value"] or {}
    await people.keep_contact(turn.db, turn.person.id, contact["name"], contact["phone"])
    await people.give_consent(turn.db, turn.person.id, Purpose.OFFER, WORDING, turn.now)
    unread = [f"{label}: {told[part]['words']}" for part, label in (("size", "công suất"), ("price", "giá"))
              if told[part]["value"] is None and not told[part].get("unknown")]  # fmt: skip
    offer = Offer(
        id=await next_code(turn.db, "GP"), title=without_numbers(trimmed(what["words"], 120)),
        summary=without_numbers(shorten(". ".join(dict.fromkeys([*own, *unread])) or what["words"], 600)),
        products=tuple(what["value"]["products"]), processes=tuple(what["value"]["processes"]),
        price_million_vnd=in_millions(told["price"]["value"] or {}), capacity=kept_capacity(size),
        owner=contact["name"], state=OfferState.SUBMITTED,
    )  # fmt: skip
    await catalogue.write_offer(turn.db, offer, "nhipcau")
    await pairs.set_supplier(turn.db, offer.id, turn.person.id, turn.now)
    await changes.ask_review(turn.db, "offer", offer.id, OFFERED, turn.now)
    ticket = await promise(turn, offer)
    return offer.id, Reply(
        f"Em đã gửi bản chào {offer.id}: {offer.title}{_facts(offer)}. Cán bộ xem và trả lời trước {say_time(ticket.due_at)} "
        f"(phiếu {ticket.code}); duyệt xong mới giới thiệu tới người cần. Cần sửa hay rút, anh/chị nhắn em một câu."
    )


async def promise(turn: Turn, offer: Offer) -> Ticket:
    """The promise that an officer looks at an offer and answers."""
    due_at = turn.office.worktime.promise(turn.now)
    words, about = f"{offer.id}: {offer.title}", f"{ABOUT}{offer.id}"
    ticket = await tickets.open_ticket(
        turn.db, TicketKind.OFFICER, turn.person.id, words, turn.now, due_at, about=about
    )
    await dues.plan(turn.db, "ticket", f"ticket:{ticket.code}", ticket.due_at, turn.person.id, {"code": ticket.code})
    return ticket


PHONES = re.compile(
    r"(?:\b(?:lh|lien he|liên hệ|sdt|sđt|zalo|gọi|goi)\W*)?(?<!\d)(?:\+?84|0)(?:[\s.\-]?\d){8,10}(?!\d)", re.IGNORECASE
)


def without_numbers(text: str) -> str:
    """The words without phone numbers, which nobody sees before both sides agreed."""
    return " ".join(PHONES.sub("", text).split()).strip(" ,;")


def in_millions(value: dict[str, Any]) -> dict[str, Any]:
    """A price of the form, in VND, as an offer keeps it."""
    return {end: amount / 1e6 for end, amount in value.items() if amount is not None}


def kept_capacity(size: dict[str, Any]) -> dict[str, Any]:
    """A capacity of the form as an offer keeps it."""
    unit = "/".join(part for part in (size.get("unit"), size.get("per")) if part)
    span = {"min": size.get("min", size.get("value")), "max": size.get("max", size.get("value"))}
    return {**{end: value for end, value in span.items() if value is not None}, "unit": unit} if unit else {}


def _facts(offer: Offer) -> str:
    size, price = offer.capacity, offer.price_million_vnd
    parts = []
    if size.get("unit"):
        parts.append(quantity_words(Quantity(size.get("min"), size.get("max"), size["unit"])))
    if price:
        least, most = (None if price.get(end) is None else price[end] * 1e6 for end in ("min", "max"))
        parts.append(money_words(Money(least, most)))
    return f" ({', '.join(parts)})" if parts else ""


# --- what becomes of it -----------------------------------------------------------------------------------------
async def offer_changed(office: Office, db: Connection, offer_id: str, now: datetime) -> str:
    """Follows an offer made by chat along its road.

    Published: its supplier is told, and asked again half a year later. Withdrawn: those who wait for its supplier hear
    that it is gone.
    """
    person_id = await pairs.supplied_by(db, offer_id)
    offer = await catalogue.find_offer(db, offer_id)
    if offer is not None and offer.state is OfferState.WITHDRAWN:
        await _settle(db, offer.id, now, OFFERED)
        return f"ended {await _end_introductions(office, db, offer.id, now)}"
    if person_id is None or offer is None or offer.state is not OfferState.VERIFIED:
        return ""
    await _settle(db, offer.id, now, OFFERED)
    text = f"“{trimmed(offer.title, 80)}” (mã {offer.id}) đã được duyệt, đang giới thiệu tới người cần. Có ai quan tâm là em báo."
    key = f"published:{offer.id}:{person_id}"
    told = await outbox.put(db, Kind.NOTICE, person_id, Reply(text), key, office.worktime.next_push(now), now)
    at = (await pairs.confirmed_at(db, offer.id) or now) + ASK_AFTER
    await dues.plan(db, "still", f"still:{offer.id}:{at:%Y%m%d}", at, person_id, {"offer": offer.id})
    return "told" if told else "known"


async def _settle(db: Connection, offer_id: str, now: datetime, *whys: str) -> None:
    """Ends what was owed for an offer: the promise to its supplier, the officers' reviews for these reasons."""
    for ticket in await tickets.waiting_about(db, [f"{ABOUT}{offer_id}"], TicketKind.OFFICER):
        await tickets.end_ticket(db, ticket.code, "done", now)
        await dues.drop(db, f"ticket:{ticket.code}")
    await reviews.settle(db, "offer", offer_id, whys, now)


async def decided(db: Connection, offer: Offer, words: str, mark: str, now: datetime) -> bool:
    """An officer has decided about an offer: nothing of it waits any more; True when its supplier is told `words`.

    An approval has no words here: `offer_changed` tells of it, whoever wrote it.
    """
    await _settle(db, offer.id, now, OFFERED, CHANGED)
    person_id = await pairs.supplied_by(db, offer.id)
    if person_id is None or not words:
        return False
    return await outbox.put(db, Kind.REPLY, person_id, Reply(words), f"offer:{offer.id}:{mark}", now, now)


def ask_words(officer: str, offer: Offer, wish: str) -> str:
    """An officer's wish before an offer can be approved, as its supplier reads it."""
    return (
        f"Cảm ơn anh/chị đã chào “{trimmed(offer.title, 60)}” (mã {offer.id}). Cán bộ {officer} đã xem, nhờ anh/chị giúp "
        f"thêm một ý để duyệt: {wish}\nAnh/chị trả lời ngay tại đây, em ghi vào bản chào."
    )


def pause_words(offer: Offer, reason: str) -> str:
    """What a supplier reads when an officer pauses an offer."""
    return (
        f"Em tạm dừng giới thiệu “{trimmed(offer.title, 60)}” (mã {offer.id}): {reason}\n"
        "Có gì chưa đúng, anh/chị nhắn em một câu, cán bộ xem lại ngay ạ."
    )


def resume_words(offer: Offer) -> str:
    """What a supplier reads when a paused or hidden offer is shown again."""
    return f"“{trimmed(offer.title, 60)}” (mã {offer.id}) đang được giới thiệu trở lại. Có ai quan tâm là em báo."


def withdraw_words(offer: Offer, reason: str) -> str:
    """What a supplier reads when an officer takes an offer out."""
    return (
        f"Cán bộ đã rút “{trimmed(offer.title, 60)}” (mã {offer.id}) khỏi kho: {reason}\n"
        "Cảm ơn anh/chị đã chào. Muốn chào lại, anh/chị nhắn BẢN CHÀO nhé."
    )


async def _end_introductions(office: Office, db: Connection, offer_id: str, now: datetime) -> int:
    """Whoever agreed to this supplier and has no contact yet hears that the offer is gone; how many."""
    waiting = [item for item in await pairs.standing_of_offer(db, offer_id) if item.released_at is None]
    for item in waiting:
        await pairs.withdraw(db, item.id, "supplier", now)
        await outcomes.drop_ladder(db, item)
        await outcomes.end(office, db, item, MatchState.NO_HELP, now, "vừa ngừng cung cấp loại này")
    return len(waiting)


async def ask_still(office: Office, db: Connection, due: Due, now: datetime) -> str:
    """Twice a year: is it still for sale?"""
    offer = await catalogue.find_offer(db, due.payload["offer"])
    person_id = await pairs.supplied_by(db, due.payload["offer"])
    if offer is None or person_id is None or offer.state is not OfferState.VERIFIED:
        return "no longer offered"
    price = price_words(offer)
    text = (
        f"Anh/chị còn cung cấp “{trimmed(offer.title, 80)}” (mã {offer.id}{', giá ' + price if price else ''}) không ạ?"
    )
    choices = (
        Choice("Còn", f"still:{offer.id}/yes", ("con", "van con", "co")),
        Choice("Hết", f"still:{offer.id}/no", ("het", "khong con", "khong")),
        Choice("Sửa giá", f"still:{offer.id}/price", ("sua gia", "doi gia")),
    )
    await outbox.put(
        db, Kind.NOTICE, person_id, Reply(text, choices, quick=True), due.key, office.worktime.next_push(now), now
    )
    await dues.plan(
        db, "silent", f"silent:{due.key}", now + SILENT_FOR, person_id, {"offer": offer.id, "asked": now.isoformat()}
    )
    return "asked"


async def end_silent(office: Office, db: Connection, due: Due, now: datetime) -> str:
    """An offer whose supplier says nothing expires, and the supplier is told how to bring it back."""
    offer = await catalogue.find_offer(db, due.payload["offer"])
    said = await pairs.confirmed_at(db, due.payload["offer"])
    asked = datetime.fromisoformat(due.payload["asked"])
    if offer is None or offer.state is not OfferState.VERIFIED or (said is not None and said >= asked):
        return "answered"
    await catalogue.set_offer_state(db, offer.id, OfferState.EXPIRED)
    text = f"Em tạm ẩn “{trimmed(offer.title, 80)}” (mã {offer.id}) vì chưa thấy anh/chị trả lời. Còn thì bấm nút dưới nhé."
    choices = (Choice("Còn, mở lại", f"still:{offer.id}/yes", ("con", "mo lai")),)
    await outbox.put(
        db, Kind.NOTICE, due.person_id or 0, Reply(text, choices), due.key, office.worktime.next_push(now), now
    )
    return "expired"


async def say_still(turn: Turn, argument: str) -> Reply:
    """The supplier's answer: it stands, it is gone, it costs something else."""
    offer_id, _, word = argument.partition("/")
    offer = await catalogue.find_offer(turn.db, offer_id)
    if offer is None or await pairs.supplied_by(turn.db, offer_id) != turn.person.id:
        return Reply("Em không thấy giải pháp này trong danh sách của anh/chị ạ.")
    if word == "no":
        if offer.state is OfferState.WITHDRAWN:
            return Reply(f"“{trimmed(offer.title, 80)}” đã rút trước đó rồi ạ.")
        await catalogue.set_offer_state(turn.db, offer_id, OfferState.WITHDRAWN)
        mine = await catalogue.some_offers(turn.db, await pairs.offered_by(turn.db, turn.person.id))
        if all(one.state is OfferState.WITHDRAWN for one in mine):
            await people.withdraw_consent(turn.db, turn.person.id, Purpose.OFFER, turn.now)
        return Reply(f"Em đã rút “{trimmed(offer.title, 80)}” khỏi kho. Cảm ơn anh/chị đã báo.", (ASK_OFFICER,))
    if word == "pause":
        await catalogue.set_offer_state(turn.db, offer_id, OfferState.EXPIRED)
        again = (Choice("Mở lại", f"still:{offer_id}/yes", ("mo lai", "con", "ban lai")),)
        return Reply(
            f"Em tạm ẩn “{trimmed(offer.title, 80)}”. Khi bán lại, anh/chị bấm nút dưới hoặc nhắn “mở lại”.", again
        )
    if word == "keep":
        return Reply(f"Dạ, em giữ “{trimmed(offer.title, 80)}” như cũ.")
    if offer.state is OfferState.WITHDRAWN:
        return Reply(
            f"“{trimmed(offer.title, 80)}” anh/chị đã rút rồi ạ. Muốn chào lại, anh/chị nhắn BẢN CHÀO nhé.",
            (ASK_OFFICER,),
        )
    await pairs.confirm_supply(turn.db, offer_id, turn.now)
    if word == "price":
        turn.talk.pending[PRICE_OF] = offer_id
        return ask_price(turn, offer)
    return await _stands(turn, offer)


def ask_price(turn: Turn, offer: Offer, before: str = "") -> Reply:
    """Asks the new price, in the floor of its own."""
    turn.talk.open = PRICE_OF
    now = price_words(offer)
    was = f" (đang ghi {now})" if now else ""
    choices = (Choice("Giữ giá cũ", f"still:{offer.id}/yes", ("giu gia cu", "gia cu", "nhu cu", "van gia cu", "thoi")),)
    text = f"Giá mới của “{trimmed(offer.title, 80)}”{was} là bao nhiêu ạ, ví dụ “300 triệu” hoặc “280-450 triệu”?"
    return Reply(f"{before} {text}".strip(), choices, quick=True)


async def _stands(turn: Turn, offer: Offer) -> Reply:
    if offer.state is OfferState.EXPIRED:  # it was verified before and only fell silent
        await catalogue.set_offer_state(turn.db, offer.id, OfferState.VERIFIED)
    turn.talk.pending.pop(PRICE_OF, None)
    at = turn.now + ASK_AFTER
    await dues.plan(turn.db, "still", f"still:{offer.id}:{at:%Y%m%d}", at, turn.person.id, {"offer": offer.id})
    if offer.state is OfferState.PAUSED:  # an officer has paused it, an officer shows it again
        await changes.ask_review_again(turn.db, "offer", offer.id, CHANGED, turn.now)
        return Reply(
            f"Dạ, em đã báo cán bộ là anh/chị vẫn cung cấp “{trimmed(offer.title, 80)}”. Mở lại là em báo ngay."
        )
    return Reply(f"Dạ, “{trimmed(offer.title, 80)}” vẫn ở trong kho. Sáu tháng nữa em hỏi lại.")


async def price_asked_again(turn: Turn) -> Reply | None:
    """The open question of the price once more, after something else was answered."""
    offer = await catalogue.find_offer(turn.db, str(turn.talk.pending.get(PRICE_OF, "")))
    return ask_price(turn, offer) if offer is not None else None


async def take_price(turn: Turn) -> Reply:
    """Takes a message as the new price; "thoả thuận" leaves it open."""
    offer = await catalogue.find_offer(turn.db, str(turn.talk.pending.get(PRICE_OF, "")))
    if offer is None:
        turn.talk.pending.pop(PRICE_OF, None)
        return Reply("Giải pháp này không còn trong kho ạ.")
    money, rows = stated_money(turn.text), price_readings(turn.text, turn.entities)
    if money is None and len(rows) == 1:
        money = rows[0]["value"]
    by_talk = re.search(r"\b(?:thoa thuan|thuong luong|lien he)\b", fold(turn.text)) is not None
    if money is None and not by_talk:
        meant = " hay ".join(row["label"] for row in rows)
        return ask_price(turn, offer, f"Ý anh/chị là {meant} ạ?" if meant else "Em chưa đọc được giá.")
    turn.talk.pending.pop(PRICE_OF, None)
    millions = in_millions(money or {})
    await catalogue.set_price(turn.db, offer.id, millions.get("min"), millions.get("max"))
    await _stands(turn, offer)
    words = money_words(Money(money["min"], money["max"])) if money else "thoả thuận"
    was = price_words(offer)
    return Reply(f"Em đã sửa giá “{trimmed(offer.title, 80)}” thành {words}" + (f" (trước: {was})." if was else "."))
