"""Brings a need's owner and a supplier together: contacts only after both said yes, what comes of it asked later."""

import re
from datetime import datetime

from conversation.need_form import local_phone
from conversation.reply import Choice, Reply
from domain.need import Need, NeedState, Outcome
from domain.notice import Kind
from domain.offer import Offer
from domain.pairing import REASON_WORDS, Introduction, MatchState, Reason
from domain.person import Person
from domain.text import fold
from domain.worktime import say_time
from handlers.outcomes import CALLED_AFTER, UNSERVED_AFTER, drop_ladder, end, plan_ladder, say, supplier_question
from handlers.turn import Office, Turn
from handlers.words import ASK_OFFICER, trimmed
from storage import catalogue, changes, dues, needs, outbox, pairs, people
from storage.database import Connection

GONE = Reply("Phiếu này không còn nên em không chuyển gì nữa ạ.")


# --- the owner --------------------------------------------------------------------------------------------------
async def want(turn: Turn, pair: str) -> Reply:
    """The owner wants an offer: notes it, asks whether this one supplier may have the contact."""
    need, offer = await _own(turn, pair)
    if need is None or offer is None:
        return GONE
    held = await pairs.introduced(turn.db, need.id, offer.id)
    if held is not None and held.withdrawn_at is None:
        return Reply(f"Anh/chị đã đồng ý rồi ạ (mã {held.code}). {_standing(held)}")
    if await pairs.state_of(turn.db, need.id, offer.id) in (
        None,
        MatchState.SUGGESTED,
        MatchState.SHOWN,
        MatchState.DECLINED,
    ):
        await pairs.move(turn.db, need.id, offer.id, MatchState.WANTED, turn.now)
    choices = (
        Choice("Đồng ý chuyển liên hệ", f"agree:{pair}", ("dong y", "co", "duoc", "ok")),
        Choice("Không chuyển", f"refuse:{pair}", ("khong", "thoi", "de sau")),
    )
    return Reply(f"{owner_wording(need, offer)} phải không ạ?", choices, quick=True)


def owner_wording(need: Need, offer: Offer) -> str:
    """What the owner agrees to, word for word as it is kept."""
    return (
        f"Anh/chị đồng ý chuyển tên, số điện thoại cho {offer.owner or 'nơi cung cấp'} để liên hệ về phiếu {need.code} "
        f"({trimmed(offer.title, 60)}), chỉ khi bên ấy cũng nhận,"
    )


async def agree(turn: Turn, pair: str) -> Reply:
    """The owner says yes; the supplier is asked, without any contact."""
    need, offer = await _own(turn, pair)
    if need is None or offer is None:
        return GONE
    who = await people.find(turn.db, turn.person.id)
    if not who.phone:
        return Reply(
            "Em chưa có số điện thoại của anh/chị để chuyển. Anh/chị nhắn tên và số rồi bấm Quan tâm lại giúp em nhé."
        )
    made = await pairs.owner_agrees(turn.db, need.id, offer.id, owner_wording(need, offer), turn.now)
    await pairs.move(turn.db, need.id, offer.id, MatchState.WANTED, turn.now)
    if need.state is NeedState.SUBMITTED:
        return Reply(
            f"Em ghi nhận (mã {made.code}). Cán bộ duyệt phiếu xong là em hỏi {offer.owner or 'nơi cung cấp'} ngay."
        )
    await ask_supplier(turn.office, turn.db, made, turn.now)
    return Reply(
        f"Em đã hỏi {offer.owner or 'nơi cung cấp'} (mã {made.code}), chưa đưa tên và số của anh/chị. "
        "Bên ấy nhận thì hai bên mới có số của nhau. Muốn rút lại, anh/chị nhắn RÚT " + made.code + "."
    )


async def refuse(turn: Turn, pair: str) -> Reply:
    """The owner keeps the contact back."""
    need, _ = await _own(turn, pair)
    return Reply("Dạ, em không chuyển gì cho bên ấy. Đổi ý thì anh/chị nhắn QUAN TÂM nhé." if need else GONE.text)


async def unfit(turn: Turn, pair: str) -> Reply:
    """The owner declines an offer: asks which of the eight reasons."""
    need, offer = await _own(turn, pair)
    if need is None or offer is None:
        return GONE
    choices = tuple(
        Choice(
            f"Vì {words}",
            f"because:{pair}/{reason.value}",
            (fold(words), *(("dat",) if reason is Reason.PRICE else ())),
        )
        for reason, words in REASON_WORDS.items()
    )
    return Reply(
        f"“{trimmed(offer.title, 80)}” chưa hợp ở điểm nào ạ? Em nhớ để lần sau chọn sát hơn.", choices, quick=True
    )


async def because(turn: Turn, argument: str) -> Reply:
    """Keeps why an offer was declined."""
    pair, _, word = argument.rpartition("/")
    need, offer = await _own(turn, pair)
    if need is None or offer is None or word not in set(Reason):
        return GONE
    reason = Reason(word)
    await pairs.keep_opinion(turn.db, turn.person.id, offer.id, reason, turn.now)
    await pairs.move(turn.db, need.id, offer.id, MatchState.DECLINED, turn.now, reason)
    if reason is Reason.PRICE:
        follows = "Em sẽ xếp loại rẻ hơn lên trước và nói rõ lý do."
    elif reason in (Reason.BOUGHT, Reason.NO_NEED):
        return Reply(
            f"Em ghi nhận. Anh/chị có muốn đóng phiếu {need.code} luôn không ạ?",
            (
                Choice("Đóng phiếu", f"close:{need.id}", ("dong", "co")),
                Choice("Để phiếu mở", "status", ("khong", "de do")),
            ),
            quick=True,
        )
    else:
        follows = "Loại giống vậy em xếp xuống dưới và nói rõ lý do."
    return Reply(f"Em nhớ rồi: không hợp vì {REASON_WORDS[reason]}. {follows}")


async def close(turn: Turn, number: str) -> Reply:
    """The owner has no need any more."""
    need = await needs.find(turn.db, int(number)) if number.isdigit() else None
    if need is None or need.person_id != turn.person.id:
        return GONE
    outcome = Outcome.DONE_WITHOUT_CONTRACT
    await needs.set_state(turn.db, need.id, NeedState.CLOSED, outcome, turn.now)
    return Reply(f"Em đã đóng phiếu {need.code}. Cảm ơn anh/chị đã báo.")


TAKE_BACK = re.compile(r"(?:rut|rut lai|toi rut|em rut)\s+(?:dong y\s+)?(?:ma\s+)?gt\W*(\d{1,6})")


def takes_back(turn: Turn) -> str | None:
    """The code of an introduction that the message takes back: "rút GT-0003"."""
    found = TAKE_BACK.fullmatch(fold(turn.text).strip(" .!"))
    return None if found is None else f"GT-{int(found[1]):04d}"


async def take_back(turn: Turn, code: str) -> Reply:
    """Either side withdraws; the other side is told, with a request to delete what it got."""
    found = await pairs.introduction_by_code(turn.db, code)
    if found is None or turn.person.id not in (found.owner_id, found.supplier_id):
        return Reply(f"Em không thấy mã {code.upper()} của anh/chị. Anh/chị xem lại giúp em nhé.")
    if found.withdrawn_at is not None:
        return Reply(f"Mã {found.code} đã rút trước đó rồi ạ.")
    side = "owner" if turn.person.id == found.owner_id else "supplier"
    await pairs.withdraw(turn.db, found.id, side, turn.now)
    need = await needs.find(turn.db, found.need_id)
    if need is not None and need.state is NeedState.INTRODUCED and not await pairs.takers(turn.db, need.id):
        await needs.set_state(turn.db, need.id, NeedState.OPEN, None, turn.now)
    await tell_withdrawn(turn.office, turn.db, found, side, turn.now)
    return Reply(
        f"Em đã rút đồng ý ở mã {found.code}, ghi lại lúc {say_time(turn.now)}, và báo bên kia xoá thông tin đã nhận."
    )


async def take_back_one(turn: Turn) -> Reply | None:
    """Takes back what stands when no code is named: the only one at once, one of several after asking; None without any."""
    mine = [one for one in await pairs.introductions_of(turn.db, turn.person.id) if one.withdrawn_at is None]
    agreed = [one for one in mine if turn.person.id == one.owner_id or one.supplier_agreed_at is not None]
    if len(agreed) == 1:
        return await take_back(turn, agreed[0].code)
    if not agreed:
        over = await pairs.introductions_of(turn.db, turn.person.id) and "dong y" not in fold(turn.text)
        return Reply("Các lần giới thiệu của anh/chị đã xong, không còn gì để rút ạ.") if over else None
    choices = tuple(Choice(f"Rút {one.code}", f"withdraw:{one.code}", (fold(one.code),)) for one in agreed[:5])
    return Reply("Anh/chị rút đồng ý ở mã nào ạ?", choices, quick=True)


async def tell_withdrawn(office: Office, db: Connection, found: Introduction, side: str, now: datetime) -> None:
    """Tells the other side, if it has got anything, to delete it; without a chat an officer does."""
    if found.supplier_agreed_at is None and side == "owner" and found.supplier_id is None:
        return
    other = found.supplier_id if side == "owner" else found.owner_id
    released = found.released_at is not None
    text = f"Bên kia đã rút đồng ý ở mã {found.code}."
    text += (
        " Nhờ anh/chị xoá tên và số điện thoại đã nhận, không liên hệ nữa ạ."
        if released
        else " Việc giới thiệu dừng ở đây."
    )
    if other is None:
        await changes.ask_review(db, "introduction", found.code, "withdrawn, tell the supplier to delete", now)
        return
    key = f"withdrawn:{found.code}:{other}"
    await outbox.put(db, Kind.NOTICE, other, Reply(text), key, office.worktime.next_push(now), now)


# --- the supplier -----------------------------------------------------------------------------------------------
async def need_changed(office: Office, db: Connection, need_id: int, now: datetime) -> None:
    """Follows a need along its road.

    Sent: the day is planned on which its owner hears the truth. Verified by an officer: the suppliers its owner agreed
    to are asked. Withdrawn: those who got its contact are told to delete it.
    """
    need = await needs.find(db, need_id)
    if need is None:
        return
    if need.state is NeedState.SUBMITTED and need.submitted_at is not None:
        at = need.submitted_at + UNSERVED_AFTER
        await dues.plan(db, "unserved", f"unserved:{need.id}", at, need.person_id, {"need": need.id})
        if need.due_at is not None:
            key = f"need:{need.id}:{need.due_at:%Y%m%d%H%M}"
            await dues.plan(db, "need", key, need.due_at, need.person_id, {"need": need.id})
    if need.state is NeedState.OPEN:
        for item in await pairs.waiting_for_supplier(db, need_id):
            await ask_supplier(office, db, item, now)
    if need.state is NeedState.CLOSED and need.outcome is Outcome.WITHDRAWN:
        for item in await pairs.standing(db, need_id):
            await pairs.withdraw(db, item.id, "owner", now)
            await tell_withdrawn(office, db, item, "owner", now)


async def ask_supplier(office: Office, db: Connection, item: Introduction, now: datetime) -> None:
    """Shows a supplier the need without contact; a supplier without a chat is asked by an officer."""
    need = await needs.find(db, item.need_id)
    offer = await catalogue.find_offer(db, item.offer_id)
    if need is None or offer is None:
        return
    await pairs.supplier_asked(db, item.id, now)
    await pairs.move(db, item.need_id, item.offer_id, MatchState.OFFERED_TO_SUPPLIER, now)
    await plan_ladder(office.worktime, db, item, now)
    if item.supplier_id is None:
        await changes.ask_review(db, "introduction", item.code, "ask the supplier by phone", now)
        return
    await say(office, db, item.supplier_id, supplier_question(need, offer, item), f"supply:{item.code}", now)


async def accept(turn: Turn, code: str) -> Reply:
    """The supplier says yes: now both have, so each gets the other's contact."""
    found = await pairs.introduction_by_code(turn.db, code)
    if found is None or found.supplier_id != turn.person.id:
        return Reply("Em không thấy lời mời này ạ.")
    if found.withdrawn_at is not None:
        return await _ended(turn, found)
    if found.released_at is not None:
        return Reply(f"Anh/chị đã nhận mã {found.code} rồi ạ.")
    me, owner = await people.find(turn.db, turn.person.id), await people.find(turn.db, found.owner_id)
    if not me.phone:
        return Reply("Anh/chị nhắn giúp em tên và số điện thoại để chuyển cho bên kia, rồi bấm Đồng ý nhận lại nhé.")
    wording = f"Nhận mã {found.code}: đồng ý chuyển tên, số điện thoại cho người có nhu cầu, chỉ để trao đổi việc này."
    if not await pairs.supplier_agrees(turn.db, found.id, wording, turn.now):
        return Reply("Bên kia đã rút đồng ý, việc này dừng ở đây ạ.")
    await _release(turn.office, turn.db, found, me, turn.now)
    return Reply(
        f"Cảm ơn anh/chị. Liên hệ về mã {found.code}: {_contact(owner)}. Chỉ dùng để trao đổi việc này; "
        f"muốn rút lại, anh/chị nhắn RÚT {found.code}."
    )


async def _ended(turn: Turn, found: Introduction) -> Reply:
    """Why an invitation is answered no more, told to its supplier."""
    state = await pairs.state_of(turn.db, found.need_id, found.offer_id)
    if state is MatchState.UNREACHABLE:
        said = f"Lời mời mã {found.code} đã hết hạn vì quá 30 ngày chưa có trả lời"
    elif state is MatchState.NO_HELP:
        said = f"Mã {found.code} anh/chị đã báo không nhận, em đã nói lại với người cần"
    else:
        return Reply("Bên kia đã rút đồng ý, việc này dừng ở đây ạ.")
    return Reply(f"{said}. Nếu giờ nhận được, anh/chị nhắn cán bộ để hỏi lại người cần nhé.", (ASK_OFFICER,))


async def _release(office: Office, db: Connection, found: Introduction, supplier: Person, now: datetime) -> None:
    offer = await catalogue.find_offer(db, found.offer_id)
    name = (offer.owner if offer else "") or "Nơi cung cấp"
    await pairs.move(db, found.need_id, found.offer_id, MatchState.INTRODUCED, now)
    await needs.set_state(db, found.need_id, NeedState.INTRODUCED, None, now)
    await drop_ladder(db, found)
    text = f"{name} đã nhận phiếu của anh/chị (mã {found.code}). Liên hệ: {_contact(supplier)}; bên ấy cũng có số của anh/chị."
    await say(office, db, found.owner_id, Reply(text), f"introduced:{found.code}", now)
    await dues.plan(db, "called", f"called:{found.code}", now + CALLED_AFTER, found.owner_id, {"code": found.code})


def _contact(who: Person) -> str:
    return ", ".join(part for part in (who.name, local_phone(who.phone or "")) if part)


async def decline(turn: Turn, code: str) -> Reply:
    """The supplier says no; the owner is told kindly."""
    found = await pairs.introduction_by_code(turn.db, code)
    if found is None or found.supplier_id != turn.person.id:
        return Reply("Em không thấy lời mời này ạ.")
    if found.withdrawn_at is not None:
        return await _ended(turn, found)
    await pairs.withdraw(turn.db, found.id, "supplier", turn.now)
    await end(turn.office, turn.db, found, MatchState.NO_HELP, turn.now)
    return Reply("Dạ, em báo lại bên kia. Cảm ơn anh/chị đã trả lời.")


# --- shared -----------------------------------------------------------------------------------------------------
async def _own(turn: Turn, pair: str) -> tuple[Need | None, Offer | None]:
    number, _, offer_id = pair.partition("/")
    need = await needs.find(turn.db, int(number)) if number.isdigit() else None
    if need is None or need.person_id != turn.person.id or need.state is NeedState.CLOSED:
        return None, None
    return need, await catalogue.find_offer(turn.db, offer_id)


def _standing(item: Introduction) -> str:
    if item.released_at is not None:
        return "Hai bên đã có số của nhau."
    return "Em đang chờ bên ấy trả lời." if item.asked_at else "Cán bộ duyệt phiếu xong là em hỏi bên ấy."
