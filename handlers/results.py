"""Keeps what came of an introduction in its owner's words: a trial, a contract with its value, nothing."""

import re
from typing import Any

from conversation.reply import Choice, Reply
from domain.need import NeedState
from domain.pairing import Introduction, MatchState
from handlers import introductions
from handlers.turn import Turn
from handlers.words import trimmed
from storage import catalogue, changes, needs, pairs

TRIAL = re.compile(
    r"\b(?:dang|se|da|moi|cho)?\s*(?:thu may|chay thu|thu nghiem|lap thu|thu me|dung thu|thu (?:roi|xem))\b"
)
CONTRACT = re.compile(
    r"\b(?:(?:da |moi )?ky (?:hop dong|hd|roi|xong|voi)|chot (?:roi|mua|xong|voi)|dat coc|da mua cua|"
    r"lap (?:xong|may) roi|nhan may roi)\b"
)
NOTHING = re.compile(
    r"\b(?:khong thoa thuan duoc|khong thanh|khong ky|khong mua nua|thoi khong lay|khong hop tac|"
    r"khong di den dau|huy keo|khong hop nen)\b"
)
BANDS = {"1": "Dưới 100 triệu", "2": "100-500 triệu", "3": "Trên 500 triệu", "0": "Không nói"}


def named(folded: str) -> str | None:
    """What came of it by the words: trial, contract, nothing; None when they tell no result."""
    for name, pattern in (("nothing", NOTHING), ("contract", CONTRACT), ("trial", TRIAL)):
        if pattern.search(folded):
            return name
    return None


async def tell(turn: Turn, result: str) -> Reply | None:
    """Notes the result of the person's only open introduction, asks which of several; None without one."""
    mine = [
        one
        for one in await pairs.introductions_of(turn.db, turn.person.id)
        if one.open and one.owner_id == turn.person.id
    ]
    if not mine:
        return None
    if len(mine) == 1:
        return await _note(turn, mine[0], result)
    choices = []
    for one in mine[:5]:
        offer = await catalogue.find_offer(turn.db, one.offer_id)
        choices.append(Choice(trimmed(f"{one.code} {offer.title if offer else ''}"), f"result:{one.code}/{result}"))
    return Reply("Anh/chị nói về bên nào ạ?", tuple(choices), quick=True)


async def choose(turn: Turn, argument: str) -> Reply:
    """A pressed result, or the value of a contract: "GT-0001/contract", "GT-0001/value1"."""
    code, _, word = argument.partition("/")
    found = await pairs.introduction_by_code(turn.db, code)
    if found is None or found.owner_id != turn.person.id or not found.open:
        return Reply("Việc giới thiệu này không còn mở ạ.")
    if not word.startswith("value"):
        return await _note(turn, found, word)
    band = BANDS.get(word.removeprefix("value"))
    if band is None:
        return Reply("Nút này cũ rồi ạ.")
    await pairs.set_value(turn.db, found.need_id, found.offer_id, None if band == BANDS["0"] else band)
    said = "" if band == BANDS["0"] else f" giá trị {band[:1].lower()}{band[1:]}"
    return Reply(f"Em ghi rồi{':' if said else ''}{said}. Chúc anh/chị làm ăn thuận lợi; cần gì thêm cứ nhắn em.")


def band_of(money: dict[str, Any]) -> str:
    """The key of the band in which an amount in VND lies."""
    amount = money.get("max") or money.get("min") or 0
    return "1" if amount < 100_000_000 else "2" if amount <= 500_000_000 else "3"


async def supplier_called(turn: Turn) -> Reply | None:
    """A supplier says that the owner has been called; None for anybody else."""
    mine = [one for one in await pairs.introductions_of(turn.db, turn.person.id) if one.open]
    called = [one for one in mine if one.supplier_id == turn.person.id]
    if not called:
        return None
    for one in called if len(called) == 1 else ():
        if await pairs.state_of(turn.db, one.need_id, one.offer_id) is MatchState.INTRODUCED:
            await pairs.move(turn.db, one.need_id, one.offer_id, MatchState.TALKING, turn.now)
    return Reply("Dạ, em ghi là bên anh/chị đã gọi. Cảm ơn anh/chị.")


async def _note(turn: Turn, found: Introduction, result: str) -> Reply:
    need = await needs.find(turn.db, found.need_id)
    code = need.code if need is not None else found.code
    if result == "nothing":
        await pairs.move(turn.db, found.need_id, found.offer_id, MatchState.DECLINED, turn.now)
        await changes.ask_review(turn.db, "introduction", found.code, "nothing came of it", turn.now)
        others = [one for one in await pairs.standing(turn.db, found.need_id) if one.open and one.id != found.id]
        if need is not None and need.state is NeedState.INTRODUCED and not others:
            await needs.set_state(turn.db, need.id, NeedState.OPEN, None, turn.now)
        asked = await introductions.unfit(turn, f"{found.need_id}/{found.offer_id}")
        return Reply(f"Dạ, em ghi mã {found.code} không thành. {asked.text}", asked.choices, quick=True)
    if result == "trial":
        await pairs.move(turn.db, found.need_id, found.offer_id, MatchState.TRIAL, turn.now)
        return Reply(f"Em ghi vào phiếu {code}: đang thử. Thử xong thế nào, anh/chị nhắn em một câu nhé.")
    await pairs.move(turn.db, found.need_id, found.offer_id, MatchState.CONTRACT, turn.now)
    await needs.set_state(turn.db, found.need_id, NeedState.IN_TRANSFER, None, turn.now)
    await changes.ask_review(turn.db, "introduction", found.code, "its owner tells of a contract", turn.now)
    choices = tuple(Choice(label, f"result:{found.code}/value{band}") for band, label in BANDS.items())
    return Reply(f"Chúc mừng anh/chị! Em ghi vào phiếu {code}: đã ký. Giá trị khoảng nào ạ?", choices, quick=True)
