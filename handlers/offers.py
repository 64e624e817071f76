"""Shows technologies on offer: a list that fits what was said, one in detail."""

import re
from collections.abc import Iterable
from datetime import datetime

from conversation.ordinals import listed_place
from conversation.reply import Choice, Reply, shorten
from domain.need import STANDING, Field, Need
from domain.offer import OfferState
from domain.pairing import MatchState
from domain.text import fold
from domain.worktime import say_time
from handlers.turn import Turn
from handlers.words import ASK_OFFICER, offer_card, offer_line, pair_choices, reasons, trimmed, wanted
from matching.taste import to_taste
from matching.wanted import Match, Wanted
from storage import catalogue, needs, pairs

SHOWN = 4
MOST_LOOKED_AT = 40
TELL_NEED = Choice("Ghi nhu cầu này", "need:start", ("ghi nhu cau", "ghi phieu", "dat may"))


def _many(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    return tuple(str(item) for item in value) if isinstance(value, (list, tuple)) else ()


async def browse(turn: Turn) -> Reply:
    """Lists offers for what the message names; without a name, those found for the person's needs, else the newest."""
    await turn.office.refresh(turn.now)
    products, processes = _many(turn.entities.get("product")), _many(turn.entities.get("process"))
    if turn.talk.form is None:
        turn.talk.pending.pop("seen", None)
        if products:
            turn.talk.pending["seen"] = turn.text[:500]
    if products or processes:
        want = Wanted(
            text=turn.text[:500],
            products=products,
            processes=processes,
            capacity=dict(turn.entities.get("capacity") or {}),
            budget=dict(turn.entities.get("budget") or {}),
        )
        found = turn.office.matcher.search(want, 10 if products else MOST_LOOKED_AT).matches
        matches = await _to_taste(turn, found)
        if not products:
            return await _of_process(turn, matches, processes)
        ids = [match.offer for match in matches if match.shown][:SHOWN]
        if not ids:
            near = [match.offer for match in matches[:SHOWN] if match.score > 0.15]
            return await _list(turn, near, "Em chưa thấy đúng loại anh/chị cần; gần nhất có:") if near else _none(turn)
        return await _list(turn, ids, "Trong kho có:")
    form = {key: row for key, row in (turn.talk.form or {}).items() if key in set(Field)}
    if Field.PRODUCT in form or (form.get(Field.WISH) or {}).get("value"):
        found = turn.office.matcher.search(wanted(" ".join(turn.talk.own_words), form)).matches
        ids = [match.offer for match in await _to_taste(turn, found) if match.shown][:SHOWN]
        return await _list(turn, ids, "Hợp với nhu cầu đang ghi, trong kho có:") if ids else _none(turn)
    waiting = await needs.unshown(turn.db, turn.person.id)
    if waiting:
        for need, offer_id, _, _ in waiting[:SHOWN]:
            await needs.mark_shown(turn.db, need.id, [offer_id], turn.now)
        return await _list(turn, [row[1] for row in waiting[:SHOWN]], "Hợp với phiếu của anh/chị có:")
    mine = [need for need in await needs.of_person(turn.db, turn.person.id) if need.state in STANDING]
    if mine and not turn.talk.listed.get("offers"):
        return await _for_sent(turn, mine[0])
    ids = turn.talk.listed.get("offers") or [offer.id for offer in await catalogue.offers(turn.db, turn.now)][:SHOWN]
    return await _list(turn, ids[:SHOWN], "Trong kho đang có, chẳng hạn:") if ids else _none(turn)


async def _for_sent(turn: Turn, need: Need) -> Reply:
    """What fits a need that stands; the truth when nothing does."""
    found = turn.office.matcher.search(wanted(need.text, need.fields)).matches
    ids = [match.offer for match in await _to_taste(turn, found) if match.shown][:SHOWN]
    if ids:
        return await _list(turn, ids, f"Hợp với phiếu {need.code}, trong kho có:")
    return Reply(f"Với phiếu {need.code}, trong kho chưa có giải pháp hợp; có là em báo anh/chị.", (ASK_OFFICER,))


async def others(turn: Turn, need: Need, but: str, cheaper: bool) -> Reply:
    """What else fits a need than the solution shown; only what costs less when that was asked."""
    await turn.office.refresh(turn.now)
    shown = await catalogue.find_offer(turn.db, but)
    most = (shown.price_million_vnd.get("min") if shown is not None else None) if cheaper else None
    found = []
    for match in await _to_taste(
        turn, turn.office.matcher.search(wanted(need.text, need.fields), MOST_LOOKED_AT).matches
    ):
        offer = await catalogue.find_offer(turn.db, match.offer) if match.shown and match.offer != but else None
        price = offer.price_million_vnd.get("min") if offer is not None else None
        if offer is not None and (most is None or (price is not None and price < most)):
            found.append(offer.id)
    if not found:
        kind = "rẻ hơn" if cheaper else "khác"
        return Reply(
            f"Hiện trong kho chưa có loại nào {kind} hợp với phiếu {need.code}. Có là em báo anh/chị.",
            (ASK_OFFICER,),
        )
    for offer_id in found[:SHOWN]:
        if await pairs.state_of(turn.db, need.id, offer_id) in (None, MatchState.SUGGESTED):
            await pairs.move(turn.db, need.id, offer_id, MatchState.SHOWN, turn.now)
    return await _list(turn, found[:SHOWN], f"{'Rẻ hơn' if cheaper else 'Ngoài ra'}, hợp với phiếu {need.code} có:")


async def _of_process(turn: Turn, matches: list[Match], processes: tuple[str, ...]) -> Reply:
    """What does this work for whatever product, since none was named."""
    wanted = [f" {fold(name)} " for name in processes]
    held = [await catalogue.find_offer(turn.db, match.offer) for match in matches]
    done = [(offer.id, f" {fold(' ; '.join(offer.processes))} ") for offer in held if offer is not None]
    found = [offer_id for offer_id, names in done if any(name in names for name in wanted)]
    return await _list(turn, found[:SHOWN], "Trong kho có, chẳng hạn:") if found else _none(turn)


async def _to_taste(turn: Turn, matches: Iterable[Match]) -> list[Match]:
    """The matches as they are worth to this person, best first, without what the person has declined."""
    opinions = await pairs.opinions(turn.db, turn.person.id)
    if not opinions:
        return list(matches)
    found = []
    for match in matches:
        offer = await catalogue.find_offer(turn.db, match.offer)
        tasted = to_taste(match, offer, opinions) if offer is not None else None
        if tasted is not None:
            found.append(tasted)
    return sorted(found, key=lambda match: (not match.shown, -match.score))


def _none(turn: Turn) -> Reply:
    if turn.talk.form is not None:
        return Reply("Trong kho chưa có loại này. Anh/chị cứ gửi phiếu, có là em báo ngay.")
    text = "Trong kho chưa có loại này. Anh/chị để lại nhu cầu, có là em báo ngay nhé?"
    return Reply(text, (TELL_NEED, ASK_OFFICER), quick=True)


async def _list(turn: Turn, ids: list[str], opening: str) -> Reply:
    found = [offer for offer in [await catalogue.find_offer(turn.db, key) for key in ids] if offer is not None]
    if asks_cheapest(turn):
        found.sort(key=lambda offer: offer.price_million_vnd.get("min") or 1e9)
    turn.talk.show_list("offers", [offer.id for offer in found])
    room = max((turn.room - len(opening) - 60) // max(len(found), 1), 50)
    lines = [f"{index}. {trimmed(offer_line(offer), room - 4)}" for index, offer in enumerate(found, 1)]
    choices = tuple(Choice(trimmed(offer.title), f"offer:{offer.id}") for offer in found)
    text = f"{opening}\n" + "\n".join(lines) + "\nAnh/chị muốn xem số mấy ạ?"
    return Reply(text, (*choices, TELL_NEED))


async def show(turn: Turn, offer_id: str) -> Reply:
    """Shows one offer in detail."""
    offer = await catalogue.find_offer(turn.db, offer_id)
    if offer is None or offer.state is not OfferState.VERIFIED:
        return Reply("Giải pháp này hiện không còn trong kho ạ.")
    need = await for_need(turn, offer_id)
    if need is None:
        return Reply(offer_card(offer), (TELL_NEED, ASK_OFFICER), long=True)
    choices = [choice for choice in pair_choices(need.id, offer) if not choice.action.startswith(("offer:", "topic:"))]
    return Reply(f"{offer_card(offer)}\n{await _why(turn, need, offer_id)}".strip(), (*choices, ASK_OFFICER), long=True)


async def for_need(turn: Turn, offer_id: str) -> Need | None:
    """The person's standing need that this offer was found for, the newest first."""
    for need in await needs.of_person(turn.db, turn.person.id):
        if need.state in STANDING and await pairs.state_of(turn.db, need.id, offer_id) is not None:
            return need
    return None


async def _why(turn: Turn, need: Need, offer_id: str) -> str:
    because, doubts = await pairs.why(turn.db, need.id, offer_id)
    return reasons(Match(offer_id, 0.0, True, False, tuple(because), tuple(doubts)), 400)


async def tell_listed(turn: Turn) -> Reply | None:
    """Shows the one of the listed offers that a message means by its place; None when it means none."""
    listed = turn.talk.listed.get("offers", ()) if turn.talk.last_listed in ("offers", "") else ()
    place = listed_place(turn.text, len(listed)) if MACHINE.search(fold(turn.text)) else None
    return await show(turn, listed[place]) if place is not None else None


async def narrow(turn: Turn) -> Reply | None:
    """What a message says next of the offers shown: the dearest there may be, or who sells; None when neither."""
    shown = any(choice.action.startswith("offer:") for choice in (turn.offered[0] if turn.offered else ()))
    ids = turn.talk.listed.get("offers") or []
    if not shown or not ids or len(turn.text.split()) > MOST_BESIDE or {"product", "process"} & set(turn.entities):
        return None
    most = (turn.entities.get("budget") or {}).get("max")
    if most and not turn.said.asks:
        held = [offer for offer in [await catalogue.find_offer(turn.db, key) for key in ids] if offer is not None]
        fitting = [offer.id for offer in held if (offer.price_million_vnd.get("min") or 0) * 1e6 <= most]
        if fitting:
            return await _list(turn, fitting, "Trong tầm tiền đó có:")
        words = "Mấy loại vừa xem đều cao hơn tầm tiền đó. Anh/chị ghi nhu cầu, có loại vừa tiền là em báo ngay nhé?"
        return Reply(words, (TELL_NEED, ASK_OFFICER), quick=True)
    if turn.said.asks and (SELLER.search(fold(turn.text)) or COSTS.match(fold(turn.text))):
        return (
            await show(turn, ids[0])
            if len(ids) == 1
            else await _list(turn, ids, "Anh/chị hỏi loại nào trong số này ạ?")
        )
    return None


MOST_BESIDE = 9  # words
COSTS = re.compile(r"^\W*(?:\w+\s+){0,3}(?:gia|bao nhieu|bn)(?:\s+\w+){0,2}\W*$")
SELLER = re.compile(
    r"\b(?:ben ban|nguoi ban|nha cung cap|noi ban|hang nao|don vi nao|ben nao|ai ban|cua ai|bao hanh|lap dat)\b|"
    r"\b(?:o tinh|noi|o dau) nao\b"
)
MACHINE = re.compile(r"^(?:\w+\s+){0,3}(?:may|cai|loai|thiet bi|giai phap|so|dong)\b")
THAT = re.compile(
    r"\b(?:may|cai|con|loai|thiet bi|giai phap|he thong|day chuyen|bo)\s+(?:do|ay|kia|vua roi|vua nay|hom truoc)\b"
)


CHEAPEST = re.compile(r"^\W*(?:\w+\s+){0,3}(?:may|cai|loai|con|bo|giai phap)\s+(?:nao\s+)?re (?:nhat|hon)\b")


def asks_cheapest(turn: Turn) -> bool:
    """Whether the cheapest of what there is is asked for in a few words."""
    return len(turn.text.split()) <= 7 and CHEAPEST.search(fold(turn.text)) is not None


async def tell_that(turn: Turn) -> Reply | None:
    """Answers "that machine" with what was last shown or what an officer said of it; None when nothing was."""
    if THAT.search(fold(turn.text)) is None or not turn.talk.officer_said:
        return None
    for offer_id in turn.talk.listed.get("offers", ())[:1]:
        offer = await catalogue.find_offer(turn.db, offer_id)
        if offer is not None and offer.state is OfferState.VERIFIED:
            return Reply(offer_card(offer), (TELL_NEED, ASK_OFFICER), long=True)
    last = turn.talk.officer_said[-1]
    said = say_time(datetime.fromisoformat(last["at"]))
    text = f"Cán bộ {last['by']} đã nói lúc {said}: “{shorten(last['text'], 300)}”. Cần rõ hơn, anh/chị bấm Gặp cán bộ nhé."
    return Reply(text, (ASK_OFFICER,))
