"""Takes a technology that somebody offers by chat, asks twice a year whether it still stands."""

import re
from datetime import datetime, timedelta
from typing import Any

from conversation.reply import Choice, Reply
from domain.amounts import Money, Quantity, money_words, quantity_words
from domain.money import find_money
from domain.notice import Kind
from domain.offer import Offer, OfferState
from domain.text import clean, fold
from domain.worktime import say_time
from handlers.turn import Office, Turn
from handlers.words import ASK_OFFICER, price_words, trimmed
from storage import catalogue, changes, dues, outbox, pairs, people, tickets
from storage.codes import next_code
from storage.database import Connection
from storage.dues import Due
from storage.tickets import TicketKind

FLOW = "offer_technology"
KEPT = "supply"  # what is told so far, in the talk
PRICE_OF = "price_of"
ASK_AFTER = timedelta(days=182)
SILENT_FOR = timedelta(days=14)
LIST = ("what", "size", "price", "contact")
OFFERS = re.compile(
    r"\b(?:muon|xin|nho|de|can)\s+(?:duoc\s+)?(?:gioi thieu|chao (?:hang|ban|cong nghe)|dang (?:ban|len|ky ban)|rao|ban cho|"
    r"chuyen giao (?:cho|lai)|cung cap cho)|"
    r"\bai (?:can|co nhu cau|quan tam) (?:thi )?lien he|\bnhan (?:lap dat|cung cap|chuyen giao)\b"
)


def names_technology(text: str) -> bool:
    """Whether the words name a machine, a technology, a way of making."""
    return THING.search(fold(text)) is not None


THING = re.compile(
    r"\b(?:may|cong nghe|quy trinh|thiet bi|day chuyen|giai phap|he thong|bi quyet|phan mem|lo|kho|giong|noi|bo|tu|buong|ham)\b"
)
QUESTIONS = {
    "what": "Công nghệ, thiết bị ấy làm việc gì, cho sản phẩm nào ạ (ví dụ “máy sấy lạnh cho hồng, mận”)?",
    "size": "Công suất khoảng bao nhiêu ạ (ví dụ “300-500 kg/mẻ”, chưa rõ thì nhắn “chưa biết”)?",
    "price": "Giá khoảng bao nhiêu ạ (ví dụ “280-450 triệu”, chưa tiện nói thì nhắn “thỏa thuận”)?",
    "contact": "Anh/chị cho em tên và số điện thoại để cán bộ và người mua liên hệ khi cả hai bên đồng ý ạ?",
}


def plainly(turn: Turn) -> bool:
    """Whether a message that asks nothing plainly offers a machine or a technology, whatever term of it was recognised."""
    folded = fold(turn.text)
    if turn.said.asks or OFFERS.search(folded) is None or THING.search(folded) is None:
        return False
    return not turn.said.sure or turn.said.act in ("offer_technology", "declare_need", "ask_policy", "out_of_scope")


async def offer_technology(turn: Turn) -> Reply:
    """Takes what is told of an offer, asks for the next thing; when all is told, hands it to the officers."""
    if (changed := turn.talk.pending.get(PRICE_OF)) is not None:
        return await _take_price(turn, str(changed))
    told: dict[str, Any] = dict(turn.talk.pending.get(KEPT) or {})
    asked = next((name for name in LIST if name not in told), None) if told else None
    _read(turn, told, asked)
    who = await people.find(turn.db, turn.person.id)
    if who.phone and "contact" not in told:
        told["contact"] = True
    missing = next((name for name in LIST if name not in told), None)
    if missing is not None:
        turn.talk.pending[KEPT] = told
        turn.talk.open = FLOW
        began = "Cảm ơn anh/chị muốn giới thiệu công nghệ. " if asked is None else ""
        return Reply(f"{began}{QUESTIONS[missing]}", quick=True)
    turn.talk.pending.pop(KEPT, None)
    return await _hand_over(turn, told)


def reads(turn: Turn) -> bool:
    """Whether a message answers the flow's open question, so that it is not taken for anything else."""
    told = turn.talk.pending.get(KEPT) or {}
    asked = "price" if PRICE_OF in turn.talk.pending else next((name for name in LIST if name not in told), None)
    if turn.text.rstrip().endswith("?"):
        return False
    return {
        "size": bool(turn.entities.get("capacity")),
        "price": bool(find_money(turn.text)),
        "contact": bool(turn.entities.get("phone")),
    }.get(asked or "", False)


def _read(turn: Turn, told: dict[str, Any], asked: str | None) -> None:
    entities = turn.entities
    text = clean(turn.text, 300)
    goods, steps = _listed(entities.get("product")), _listed(entities.get("process"))
    if ("what" not in told and (goods or steps) and len(text.split()) > 2) or asked == "what":
        told.update(what=text, products=goods, processes=steps)
    if capacity := entities.get("capacity"):
        told["size"] = capacity
    elif asked == "size" and not find_money(turn.text):
        told["size"] = {}
    if money := find_money(turn.text):
        told["price"] = {"min": money[0].value.min, "max": money[0].value.max}
    elif asked == "price":
        told["price"] = {}
    if phone := entities.get("phone"):
        told["contact"] = {"phone": phone, "name": entities.get("contact_name")}


def _listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else [str(item) for item in value or ()]


async def _hand_over(turn: Turn, told: dict[str, Any]) -> Reply:
    contact = told["contact"]
    if isinstance(contact, dict):
        await people.keep_contact(turn.db, turn.person.id, contact.get("name"), contact.get("phone"))
    price = {key: value / 1e6 for key, value in told["price"].items() if value is not None}
    size = told["size"]
    span = {"min": size.get("value", size.get("min")), "max": size.get("value", size.get("max"))}
    unit = "/".join(part for part in (size.get("unit"), size.get("per")) if part)
    who = await people.find(turn.db, turn.person.id)
    offer = Offer(
        id=await next_code(turn.db, "GP"), title=trimmed(told["what"][:1].upper() + told["what"][1:], 120),
        summary=told["what"], products=tuple(told["products"]), processes=tuple(told["processes"]),
        price_million_vnd=price, capacity={**{k: v for k, v in span.items() if v is not None}, "unit": unit} if unit else {},
        owner=who.name or "", state=OfferState.SUBMITTED,
    )  # fmt: skip
    await catalogue.write_offer(turn.db, offer, "nhipcau")
    await pairs.set_supplier(turn.db, offer.id, turn.person.id, turn.now)
    await changes.ask_review(turn.db, "offer", offer.id, "offered by chat", turn.now)
    due_at = turn.office.worktime.promise(turn.now)
    ticket = await tickets.open_ticket(
        turn.db,
        TicketKind.OFFICER,
        turn.person.id,
        f"{offer.id}: {offer.title}",
        turn.now,
        due_at,
        about=f"supply:{offer.id}",
    )
    await dues.plan(turn.db, "ticket", f"ticket:{ticket.code}", ticket.due_at, turn.person.id, {"code": ticket.code})
    return Reply(
        f"Em đã ghi {offer.id}: {offer.title}{_facts(offer)}. Cán bộ xem và trả lời trước {say_time(due_at)} "
        f"(phiếu {ticket.code}); duyệt xong mới giới thiệu tới người cần."
    )


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
    """When officers have published an offer made by chat, its supplier is told, and asked again half a year later."""
    person_id = await pairs.supplied_by(db, offer_id)
    offer = await catalogue.find_offer(db, offer_id)
    if person_id is None or offer is None or offer.state is not OfferState.VERIFIED:
        return ""
    for ticket in await tickets.waiting_about(db, [f"supply:{offer.id}"], TicketKind.OFFICER):
        await tickets.end_ticket(db, ticket.code, "done", now)
        await dues.drop(db, f"ticket:{ticket.code}")
    text = f"“{trimmed(offer.title, 80)}” (mã {offer.id}) đã được duyệt, đang giới thiệu tới người cần. Có ai quan tâm là em báo."
    told = await outbox.put(
        db,
        Kind.NOTICE,
        person_id,
        Reply(text),
        f"published:{offer.id}:{person_id}",
        office.worktime.next_push(now),
        now,
    )
    at = (await pairs.confirmed_at(db, offer.id) or now) + ASK_AFTER
    await dues.plan(db, "still", f"still:{offer.id}:{at:%Y%m%d}", at, person_id, {"offer": offer.id})
    return "told" if told else "known"


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
        await catalogue.set_offer_state(turn.db, offer_id, OfferState.WITHDRAWN)
        return Reply(f"Em đã rút “{trimmed(offer.title, 80)}” khỏi kho. Cảm ơn anh/chị đã báo.", (ASK_OFFICER,))
    await pairs.confirm_supply(turn.db, offer_id, turn.now)
    if word == "price":
        turn.talk.pending[PRICE_OF] = offer_id
        turn.talk.open = FLOW
        return Reply(
            f"Giá mới của “{trimmed(offer.title, 80)}” là bao nhiêu ạ (ví dụ “300 triệu” hoặc “280-450 triệu”)?",
            quick=True,
        )
    return await _stands(turn, offer)


async def _stands(turn: Turn, offer: Offer) -> Reply:
    if offer.state is OfferState.EXPIRED:  # it was verified before and only fell silent
        await catalogue.set_offer_state(turn.db, offer.id, OfferState.VERIFIED)
    at = turn.now + ASK_AFTER
    await dues.plan(turn.db, "still", f"still:{offer.id}:{at:%Y%m%d}", at, turn.person.id, {"offer": offer.id})
    return Reply(f"Dạ, “{trimmed(offer.title, 80)}” vẫn ở trong kho. Sáu tháng nữa em hỏi lại.")


async def _take_price(turn: Turn, offer_id: str) -> Reply:
    money = find_money(turn.text)
    offer = await catalogue.find_offer(turn.db, offer_id)
    if offer is None:
        turn.talk.pending.pop(PRICE_OF, None)
        return Reply("Giải pháp này không còn trong kho ạ.")
    if not money:
        turn.talk.open = FLOW
        return Reply("Em chưa đọc được giá. Anh/chị gõ giúp kèm đơn vị, ví dụ “300 triệu” hoặc “1,2 tỷ” ạ?", quick=True)
    turn.talk.pending.pop(PRICE_OF, None)
    value = money[0].value
    least, most = (None if end is None else end / 1e6 for end in (value.min, value.max))
    await catalogue.set_price(turn.db, offer_id, least, most)
    return Reply(f"Em đã sửa giá “{trimmed(offer.title, 80)}” thành {money_words(value)}.")
